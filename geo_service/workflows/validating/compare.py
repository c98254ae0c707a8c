"""The same question by several measures or offence sets, side by side: how far they choose the same places."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Final, cast

import numpy as np

from geo_service import spatial
from geo_service.errors import QueryError
from geo_service.hotspots.agreement import agree, lead
from geo_service.hotspots.zones.budget import ZoneFiller
from geo_service.model.access import CONSULTATION
from geo_service.model.offences import PROXY_LEVELS
from geo_service.model.surfaces import one_of
from geo_service.workflows.finding.hotspots import answer, look_up

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from geo_service.model.cells import Floats, Ints
    from geo_service.model.hotspots import HotspotQuery, HotspotSurface
    from geo_service.model.layers import Provenance
    from geo_service.model.offences import ProxyLevel
    from geo_service.workflows.services import Services

    Flags = NDArray[np.bool_]

MOST: Final = 6
"""Sides that are held beside each other."""
PROXY: Final = "proxy-"
NOTES: Final = (
    "Agreement of cells and zones is Jaccard's: what both chose over what either chose.",
    (
        "Rank-biased overlap compares the order of the cells, the best ones counting most: 1 the same, 0 nothing in "
        "common (Webber, Moffat and Zobel 2010); the cells within the area share carry about 85 % of its weight."
    ),
    "A zone is led by one side where more than half of its cells are among the best cells of that side alone.",
)


@dataclass(frozen=True, slots=True)
class Side:
    """Hold one of the choices."""

    label: str
    """`public-place by count`, `public-place by harm (proxy, middle)` …"""
    query: HotspotQuery
    sentence: str
    chosen: Flags
    """Best cells of the area (n)."""
    zones: tuple[Ints, ...]
    """Positions of the cells of each zone."""
    ranked: Ints
    """Cells that hold anything, best first."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Say how far two sides agree."""

    first: str
    second: str
    cells: float
    zone_cells: float
    zones_in_both: int
    zones: int
    rank_biased_overlap: float

    @property
    def sentence(self) -> str:
        """Say it in a sentence."""
        return (
            f"{self.first} and {self.second}: {self.cells:.0%} of the best cells and {self.zone_cells:.0%} of the "
            f"cells of zones are the same; {self.zones_in_both} of {self.zones} zones are in both; rank-biased overlap "
            f"{self.rank_biased_overlap:.2f}."
        ).replace("%", " %")


@dataclass(frozen=True, slots=True)
class ComparedZone:
    """Hold a zone of one of the sides and what each side makes of it."""

    id: str
    side: str
    grid_reference: str
    area_ha: float
    shares: tuple[float, ...]
    """Share of the zone's cells that are among the best of each side."""
    led_by: str
    """`both`, or the one side whose best cells make most of it."""
    cells: Ints


@dataclass(frozen=True, slots=True)
class Comparison:
    """Hold the answer, with all that must be said with it."""

    area_name: str
    sides: tuple[Side, ...]
    pairs: tuple[Pair, ...]
    zones: tuple[ComparedZone, ...]
    table_cells: Any
    """Cell numbers of the area, which positions refer to."""
    provenance: Provenance
    licences: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def sentences(self) -> tuple[str, ...]:
        """Return what there is to say."""
        led = [f"{side.label}: {len(side.zones)} zones, {self._led_by(side)} led by it alone" for side in self.sides]
        return (*(pair.sentence for pair in self.pairs), f"{'; '.join(led)}.")

    def _led_by(self, side: Side) -> int:
        return sum(zone.led_by == zone.side == side.label for zone in self.zones)

    def to_json(self) -> dict[str, Any]:
        """Return all of it as JSON can hold it."""
        return {
            "sentences": self.sentences,
            "sides": [
                {
                    "label": side.label,
                    "sentence": side.sentence,
                    "cells": spatial.cell_words(self.table_cells[side.chosen]),
                    "zones": len(side.zones),
                }
                for side in self.sides
            ],
            "pairs": [asdict(pair) for pair in self.pairs],
            "zones": [
                {name: value for name, value in asdict(zone).items() if name != "cells"}
                | {"cells": spatial.cell_words(self.table_cells[zone.cells])}
                for zone in self.zones
            ],
            "notes": self.notes,
            "licences": self.licences,
            "provenance": asdict(self.provenance),
        }


def sides_of(
    query: HotspotQuery, measures: Sequence[str], offence_sets: Sequence[str], *, proactive_too: bool
) -> tuple[HotspotQuery, ...]:
    """Return the question of each side: every measure of every offence set, with police finds left out and put in.

    measures: `count`, `harm` (by the one table), `harm:TABLE` or `harm:proxy-LEVEL`. Raises QueryError for a word that
    is none of these, and where there are fewer than two sides or more than MOST.
    """
    found = [
        replace(_measured(query, measure), offence_set=offences, proactive=proactive)
        for offences in offence_sets or (query.offence_set,)
        for measure in measures or ("count",)
        for proactive in ((False, True) if proactive_too else (query.proactive,))
    ]
    if not 2 <= len(found) <= MOST or len(set(found)) < len(found):  # noqa: PLR2004 - two to compare
        raise QueryError(
            f"Two to {MOST} different sides can be compared",
            found=len(set(found)),
            do="Name several measures (--measures count,harm:proxy-middle) or offence sets (--sets all,violence), or "
            "give --proactive-too",
            field="measures",
        )
    return tuple(found)


def _measured(query: HotspotQuery, word: str) -> HotspotQuery:
    measure, _, by = word.partition(":")
    if measure not in ("count", "harm"):
        raise QueryError(
            "Unknown measure",
            found=word,
            do="Use count, harm, harm:TABLE or harm:proxy-LEVEL (low, middle or high)",
            field="measures",
        )
    if measure == "count":
        if by:
            raise QueryError("A count is weighed by nothing", found=word, do="Write count", field="measures")
        return replace(query, measure="count", proxy=None)
    if by.startswith(PROXY):
        level = by.removeprefix(PROXY)
        one_of("measures", level, PROXY_LEVELS)
        return replace(query, measure="harm", proxy=cast("ProxyLevel", level))
    return replace(query, measure="harm", proxy=None, harm_table=by or query.harm_table)


def look(services: Services, questions: Sequence[HotspotQuery]) -> Comparison:
    """Answer for somebody who looks at it and takes nothing along; record that (raises as `ask` does)."""
    found = ask(services, questions)
    services.store.record(f"{CONSULTATION}: compare", "measures side by side", dict(found.provenance.parameters))
    return found


def ask(services: Services, questions: Sequence[HotspotQuery]) -> Comparison:
    """Answer each question and hold the answers side by side.

    questions: of one area, period, resolution and data version. Raises QueryError or NotFoundError as `hotspots` does.
    """
    first = look_up(services, questions[0])
    asked = [replace(query, as_of=first.snapshot.version) for query in questions]
    answers = [answer(services, look_up(services, query)) for query in asked]
    surfaces = [surface for surface, _ in answers]
    table = surfaces[0].table
    indptr, indices = spatial.neighbours(table.cells, 1)
    filler = ZoneFiller(table.area_m2 / 1e4, indptr, indices)
    labels = _labels(surfaces)
    sides = []
    for label, (surface, observed) in zip(labels, answers, strict=True):
        ranked = _ranked(surface)
        best = ranked[: int(surface.chosen.sum())]
        zones = filler.zones(observed, surface.surface, best, surface.query.area_share)
        sides.append(Side(label, surface.query, surface.sentence, surface.chosen, tuple(zones), ranked))
    head = surfaces[0]
    shared = [note for note in head.notes if all(note in surface.notes for surface in surfaces)]
    own = [f"{label}: {note}" for label, surface in zip(labels, surfaces, strict=True)
           for note in surface.notes if note not in shared]  # fmt: skip
    parameters = {name: value for name, value in head.provenance.parameters.items() if name not in _OF_ONE}
    return Comparison(
        area_name=head.area.name,
        sides=tuple(sides),
        pairs=tuple(_pair(one, other) for at, one in enumerate(sides) for other in sides[at + 1 :]),
        zones=tuple(zone for side in sides for zone in _zones(side, sides, head)),
        table_cells=table.cells,
        provenance=replace(head.provenance, parameters=parameters | {"sides": "; ".join(labels)}),
        licences=tuple(dict.fromkeys(line for surface in surfaces for line in surface.licences)),
        notes=(*NOTES, *shared, *own),
    )


_OF_ONE: Final = ("measure", "offence set", "harm table", "proactive")


def _labels(surfaces: Sequence[HotspotSurface]) -> list[str]:
    """Name each side by what sets it apart."""
    several = len({surface.query.offence_set for surface in surfaces}) > 1
    named = []
    for surface in surfaces:
        query = surface.query
        word = "count" if query.measure == "count" else surface.harm_label or "harm"
        word = f"{query.offence_set} by {word}" if several else word
        named.append(f"{word}, police finds put in" if query.proactive else word)
    return named


def _ranked(surface: HotspotSurface) -> Ints:
    """Return the cells that hold anything, in the order that they are chosen in."""
    order = np.lexsort((surface.table.cells, -surface.events, -surface.surface.score))
    ranked: Ints = order[surface.events[order] > 0].astype(np.int64)
    return ranked


def _pair(one: Side, other: Side) -> Pair:
    # The ranks that were chosen carry some 85 % of the weight where p is 1 - 1 / their number.
    depth = max(int(one.chosen.sum()), int(other.chosen.sum()), 2)
    found = agree(
        (one.chosen, other.chosen), (list(one.zones), list(other.zones)), (one.ranked, other.ranked), 1 - 1 / depth
    )
    return Pair(
        one.label, other.label, found.cells, found.zone_cells, found.zones_in_both, len(one.zones),
        found.rank_biased_overlap,
    )  # fmt: skip


def _zones(side: Side, sides: Sequence[Side], head: HotspotSurface) -> list[ComparedZone]:
    centres: list[Floats] = [np.column_stack(spatial.cell_centres(head.table.cells[zone])) for zone in side.zones]
    found = []
    for number, (zone, centre) in enumerate(zip(side.zones, centres, strict=True), start=1):
        lon, lat = centre.mean(axis=0)
        east_m, north_m = spatial.to_grid([lon], [lat])
        leads = {lead(zone, side.chosen, other.chosen) for other in sides if other is not side}
        found.append(
            ComparedZone(
                id=f"{side.label}/{number}",
                side=side.label,
                grid_reference=spatial.grid_reference(float(east_m[0]), float(north_m[0])),
                area_ha=float(head.table.area_m2[zone].sum() / 1e4),
                shares=tuple(float(other.chosen[zone].mean()) for other in sides),
                led_by=side.label if leads == {"first"} else "both",
                cells=zone,
            )
        )
    return found
