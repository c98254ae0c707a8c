"""Say of an answer what it would be if each incident may have happened anywhere in its anchor's catchment."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl
import shapely

from geo_service import overlay, spatial
from geo_service.errors import QueryError
from geo_service.hotspots import choose
from geo_service.model.access import CONSULTATION
from geo_service.workflows import tables, words
from geo_service.workflows.finding import hotspots
from geo_service.workflows.finding.points import points_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from geo_service.model.cells import Floats, Ints
    from geo_service.model.hotspots import HotspotQuery, HotspotSurface
    from geo_service.model.layers import FeatureTable
    from geo_service.model.surfaces import Observed
    from geo_service.workflows.finding.hotspots import Question
    from geo_service.workflows.services import Services

NOTE: Final = (
    "Spread: each incident may have happened anywhere in the area that is nearer to its anchor than to another; the "
    "90 % intervals take every incident to fall for itself, so incidents of one address make them too narrow."
)
_DECIMETRES: Final = 1


@dataclass(frozen=True, slots=True)
class SpreadAnswer:
    """Hold an answer with what its cells hold once incidents are spread over catchments."""

    surface: HotspotSurface
    spread: overlay.Spread
    snapped: Floats
    """Measure of each cell with every incident at its anchor (n)."""
    anchors: int
    """Anchors of the data in the area, those without an incident of the question among them."""
    held: overlay.Together
    """What the chosen cells hold together."""
    same: int
    """Chosen cells that would be chosen by their spread measure too."""

    @property
    def shares(self) -> Mapping[str, float]:
        """Return the share of the measure that the chosen cells hold: `mean`, `low`, `high` (90 %), `least`, `most`."""
        whole = float(self.spread.expected.sum()) or float("nan")
        off = overlay.Z_90 * self.held.deviation
        found = {
            "mean": self.held.mean,
            "low": max(self.held.mean - off, self.held.certain),
            "high": min(self.held.mean + off, self.held.possible),
            "least": self.held.certain,
            "most": self.held.possible,
        }
        return {name: amount / whole for name, amount in found.items()}

    @property
    def sentence(self) -> str:
        """Return in one sentence what spreading changes."""
        held = {name: f"{100 * share:.1f}" for name, share in self.shares.items()}
        snapped = 100 * float(self.snapped[self.surface.chosen].sum()) / (float(self.snapped.sum()) or float("nan"))
        return (
            f"Spread over the catchments of {self.anchors:,} anchors, the best cells hold {held['mean']} % of the "
            f"measure (90 % interval {held['low']} to {held['high']}; at least {held['least']}, at most {held['most']})"
            f" and not {snapped:.1f} %; by their spread measure {self.same} of the {int(self.surface.chosen.sum())} "
            "would be chosen again."
        )


def spread_answer(services: Services, query: HotspotQuery, *, looked: bool = True) -> SpreadAnswer:
    """Answer a question, and spread its incidents over the catchments of the anchors seen in all loaded months.

    looked: whether somebody looks at it and takes nothing along, which is recorded here. Raises QueryError (field
    `spread`) where no data of data.police.uk is loaded, and as `hotspots.ask`.
    """
    question = hotspots.look_up(services, query)
    if words.POLICE_UK not in question.snapshot.sources():
        raise QueryError(
            "Only points of data.police.uk are anchors; those of a force's own export are where it happened",
            found=", ".join(question.snapshot.sources()),
            do="Leave --spread out",
            field="spread",
        )
    surface, observed = hotspots.answer(services, question)
    if looked:
        services.store.record(
            f"{CONSULTATION}: hotspots", "the best cells, spread", dict(surface.provenance.parameters)
        )
    area = spatial.project_geometry(overlay.area_geometry(question.area), "grid")
    anchors = _anchors(question)
    at, value = _incidents(question, observed, anchors)
    amount, squares = (
        np.bincount(at, weights=each, minlength=len(anchors)).astype(np.float64) for each in (value, value**2)
    )
    outlines = spatial.project_geometry(spatial.cell_polygons(surface.table.cells), "grid")
    shared = overlay.shares(overlay.catchments(anchors, area), outlines)
    found = overlay.spread(amount, squares, shared, whole_numbers=surface.query.measure == "count")
    snapped = surface.harm if surface.query.measure == "harm" and surface.harm is not None else surface.events
    again = _best(surface, found.expected)
    return SpreadAnswer(
        surface=replace(surface, notes=(*surface.notes, NOTE)),
        spread=found,
        snapped=snapped,
        anchors=len(anchors),
        held=overlay.held_by(amount, squares, shared, surface.chosen.astype(np.float64)),
        same=int((again & surface.chosen).sum()),
    )


def _anchors(question: Question) -> Floats:
    """Return the distinct anchors of all loaded months in the area, EPSG:27700 (a, 2).

    Inside is told in degrees, as when incidents are assigned: a long straight border bends where it is projected.
    """
    seen = question.snapshot.incidents(["lon", "lat"]).drop_nulls().unique()
    lon, lat = (seen[axis].cast(pl.Float64).to_numpy() for axis in ("lon", "lat"))
    clip = shapely.from_wkb(shapely.to_wkb(overlay.area_geometry(question.area)))
    shapely.prepare(clip)
    inside = shapely.intersects_xy(clip, lon, lat)
    at = np.column_stack(spatial.to_grid(lon[inside], lat[inside]))
    anchors: Floats = np.unique(np.round(at[~np.isnan(at).any(axis=1)], _DECIMETRES), axis=0)
    return anchors


def _incidents(question: Question, observed: Observed, anchors: Floats) -> tuple[Ints, Floats]:
    """Return (anchor, measure) of each incident of the question in the area."""
    points = points_of(question, observed)
    at = np.round(points.east_north_m, _DECIMETRES)
    known = {anchor: number for number, anchor in enumerate(map(tuple, anchors.tolist()))}
    distinct, back = np.unique(at, axis=0, return_inverse=True)
    number = np.array([known.get(place, -1) for place in map(tuple, distinct.tolist())], dtype=np.int64)[back.ravel()]
    return number[number >= 0], points.value[number >= 0]


def _best(surface: HotspotSurface, score: Floats) -> NDArray[np.bool_]:
    table = surface.table
    best: NDArray[np.bool_] = choose(score, score, table.covered_m2, table.cells, surface.query.area_share)
    return best


def spread_table(services: Services, answer: SpreadAnswer) -> FeatureTable:
    """Return the best cells with their spread measure: `spread`, its 90 % interval, and `cells_meant`."""
    surface, found = answer.surface, answer.spread
    table = tables.hotspot_table(services, surface)
    position = {word: at for at, word in enumerate(spatial.cell_words(surface.table.cells))}
    at = np.array([position[word] for word in table.rows["id"]], dtype=np.int64)
    columns = {
        "snapped": answer.snapped[at],
        "spread": found.expected[at].round(2),
        "spread_low": found.low[at].round(2),
        "spread_high": found.high[at].round(2),
        "at_least": found.certain[at].round(2),
        "at_most": found.possible[at].round(2),
        "cells_meant": found.cells_meant[at].round(1),
    }
    return replace(
        table,
        rows=table.rows.with_columns(**{name: pl.Series(values) for name, values in columns.items()}),
        notes=(answer.sentence, *table.notes),
    )
