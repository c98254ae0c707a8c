"""From a question to how much a small part of the places holds, against what chance alone would give."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from geo_service import hotspots
from geo_service.hotspots.concentration import ALPHA, concentration, curve_at, stability
from geo_service.model.access import CONSULTATION
from geo_service.model.layers import Provenance
from geo_service.model.periods import Period
from geo_service.workflows import streets, views, words
from geo_service.workflows.finding.hotspots import look_up

if TYPE_CHECKING:
    from geo_service.hotspots.concentration import Concentration
    from geo_service.model.cells import CellTable, Cube, Floats, Ints
    from geo_service.model.hotspots import HotspotQuery
    from geo_service.model.offences import Weights
    from geo_service.workflows.finding.hotspots import Question
    from geo_service.workflows.services import Services

_YEAR: Final = 12
_MOST_YEARS: Final = 6
_NOTES: Final = (
    "Chance is a world in which each incident falls anywhere in the area alike: a cell gets its share by its ground. "
    f"`More than chance` is said where fewer than {ALPHA:.0%} of such worlds are as uneven.".replace("%", " %"),
    "Intervals (95 %) are for another period like this one.",
    (
        "Gini: 0 as even as so many incidents can lie, 1 all in one place (generalised where incidents are fewer than "
        "places, Bernasco and Steenbeek 2017)."
    ),
)
_ANCHORS: Final = (
    "data.police.uk moves each incident to the nearest of its anchors, so a part of this concentration is theirs."
)


@dataclass(frozen=True, slots=True)
class Measured:
    """Hold how concentrated one measure is over one kind of place."""

    measure: str
    """`incidents`, or what the harm is called."""
    places: str
    """`cells` or `street segments`."""
    found: Concentration

    @property
    def sentence(self) -> str:
        """Say it in a sentence, the verdict first."""
        found, half = self.found, self.found.held[1]
        if not found.total:
            return f"No {self.measure} in any of {found.places:,} {self.places}."
        return (
            f"{self.measure.capitalize()}: {found.verdict}. {half.places:.1%} of the {found.places:,} {self.places} "
            f"hold half ({half.low:.1%} to {half.high:.1%}; by chance {half.by_chance:.1%}); Gini {found.gini:.2f} "
            f"({found.gini_low:.2f} to {found.gini_high:.2f}; by chance {found.gini_by_chance:.2f}, p {found.p:.3f})."
        ).replace("%", " %")


@dataclass(frozen=True, slots=True)
class Years:
    """Say how alike two years are."""

    earlier: str
    later: str
    rank_correlation: float
    jaccard: float

    @property
    def sentence(self) -> str:
        """Say it in a sentence."""
        return (
            f"{self.earlier} and {self.later}: of the cells that hold half in either year {self.jaccard:.0%} do in "
            f"both; rank correlation {self.rank_correlation:.2f}."
        ).replace("%", " %")


@dataclass(frozen=True, slots=True)
class ConcentrationReport:
    """Hold the answer, with all that must be said with it."""

    query: HotspotQuery
    area_name: str
    measured: tuple[Measured, ...]
    years: tuple[Years, ...]
    provenance: Provenance
    licences: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def sentences(self) -> tuple[str, ...]:
        """Return what there is to say, most important first."""
        return (*(each.sentence for each in self.measured), *(each.sentence for each in self.years))

    def to_json(self) -> dict[str, Any]:
        """Return all of it as JSON can hold it."""
        return {
            "sentences": self.sentences,
            "measured": [
                {"measure": each.measure, "places": each.places, "verdict": each.found.verdict} | _plain(each.found)
                for each in self.measured
            ],
            "curve_at": curve_at().tolist(),
            "years": [_plain(each) for each in self.years],
            "notes": self.notes,
            "licences": self.licences,
            "provenance": asdict(self.provenance),
        }


def _plain(value: Any) -> dict[str, Any]:  # noqa: ANN401 - of any of the dataclasses above
    def plain(each: object) -> object:
        if isinstance(each, np.ndarray):
            return each.tolist()
        return None if isinstance(each, float) and not np.isfinite(each) else each

    return {name: plain(each) for name, each in asdict(value).items()}


def look(services: Services, query: HotspotQuery) -> ConcentrationReport:
    """Answer for somebody who looks at it and takes nothing along; record that (raises as `ask` does)."""
    report = ask(services, query)
    services.store.record(f"{CONSULTATION}: concentration", "how concentrated", dict(report.provenance.parameters))
    return report


def ask(services: Services, query: HotspotQuery) -> ConcentrationReport:
    """Measure how concentrated incidents are over the cells of an area, and their harm where it is weighed.

    Raises QueryError for a parameter that cannot be answered, NotFoundError for an unknown boundary or set.
    """
    question = look_up(services, query)
    table = views.lay(question)
    weights, seed, by = question.weights, query.tuning.seed, streets.along(services, question, table)
    measured = []
    for measure, weighed in (("incidents", None), *([] if weights is None else [(weights.label, weights)])):
        found = concentration(*kinds(question, table, weighed), table.covered_m2, seed=seed)
        measured.append(Measured(measure, "cells", found))
        if by is not None:
            found = concentration(*by.kinds(question, weighed), by.length_m, seed=seed)
            measured.append(Measured(measure, "street segments", found))
    period = query.period
    loaded = set(question.cube.months_loaded(period))
    missing = tuple(month for month in period if month not in loaded)
    said = words.notes_of(services, question.snapshot, question.area, question.offence_set, weights, 0, missing,
                          question.cube.lacking(period))  # fmt: skip
    asked = {name: value for name, value in query.parameters().items() if name not in ("statistic", "area share")}
    return ConcentrationReport(
        query=question.query,
        area_name=question.area.name,
        measured=tuple(measured),
        years=_years(question, table),
        provenance=Provenance(
            data_version=question.snapshot.version,
            data_to=str(question.snapshot.months()[-1]),
            parameters=asked | ({} if weights is None else {"harm table": weights.table}),
            seed=query.tuning.seed,
            demonstration=services.demonstration,
        ),
        licences=words.licences_of(services, question.snapshot, question.area) + (() if by is None else by.licences),
        notes=(*_NOTES, *_anchors(question), _along(by), *(note for note in said if not note.startswith("In-sample"))),
    )


def _anchors(question: Question) -> tuple[str, ...]:
    of_police_uk = words.POLICE_UK in question.snapshot.sources()
    return (_ANCHORS,) if of_police_uk else ()


def _along(by: streets.Along | None) -> str:
    if by is None:
        return "Street segments are not measured: no streets are loaded there (`geo-service import basemap`)."
    lies = (
        f"{by.beyond:,} incidents lie farther from every street and are left out"
        if by.beyond
        else "no incident lies farther"
    )
    return (
        f"A street segment is a street between two junctions; an incident belongs to the nearest within "
        f"{streets.WITHIN_M:g} m ({lies}); chance gives each its share by length."
    )


def kinds(question: Question, table: CellTable, weights: Weights | None) -> tuple[Ints, Floats]:
    """Count the incidents of each worth by cell of the area: (k, n), and the worth of one (k)."""
    days = np.ones(question.cube.groups.height) if weights is None else np.asarray(weights.days)
    worth = np.unique(days[question.groups])
    if not len(worth):
        return np.zeros((1, len(table.cells)), dtype=np.int64), np.ones(1)
    counts = [
        _tally(question.cube, table, question.query.period, question.groups & (days == each), question)
        for each in worth
    ]
    return np.stack(counts), worth


def _tally(cube: Cube, table: CellTable, period: Period, groups: Any, question: Question) -> Ints:  # noqa: ANN401 - flags
    counted = hotspots.tally(cube, table.cells, period, groups, members=question.area.members)
    return np.rint(counted).astype(np.int64)


def _years(question: Question, table: CellTable) -> tuple[Years, ...]:
    """Compare the last twelve months of the period with the twelve before, and so on while they are loaded."""
    last, cube = question.query.period.last, question.cube
    years = [Period(last - (_YEAR * (back + 1) - 1), last - _YEAR * back) for back in range(_MOST_YEARS)]
    whole = [year for year in years if all(cube.is_held_alike(month, question.query.period) for month in year)]
    kept = years[: next((at for at, year in enumerate(years) if year not in whole), len(years))]
    if len(kept) < 2:  # noqa: PLR2004 - two to compare
        return ()
    counts = [_tally(cube, table, year, question.groups, question).astype(np.float64) for year in kept]
    found = []
    for at in range(len(kept) - 1):
        alike = stability(counts[at + 1], counts[at])
        found.append(Years(str(kept[at + 1]), str(kept[at]), alike.rank_correlation, alike.jaccard))
    return tuple(found)
