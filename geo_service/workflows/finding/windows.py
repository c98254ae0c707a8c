"""Flow B for hours: when in the week an area and its zones have most of their measure, and did it hold."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from geo_service.errors import QueryError
from geo_service.hotspots.week import moments, profiles, windows
from geo_service.model.access import CONSULTATION
from geo_service.model.incidents import CELL_COLUMNS
from geo_service.model.layers import Provenance
from geo_service.model.windows import STEP_MIN, Place, WindowsAnswer
from geo_service.workflows import words
from geo_service.workflows.finding import runs
from geo_service.workflows.finding.hotspots import look_up
from geo_service.workflows.finding.zones import zone_of
from geo_service.workflows.rows import WEIGHT, refuse_month_only, rows_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from geo_service.hotspots.week.moments import Defaults, Spans
    from geo_service.model.cells import Cells, Floats, Ints
    from geo_service.model.hotspots import PatrolZone, ZoneRun
    from geo_service.model.offences import Weights
    from geo_service.model.periods import Period
    from geo_service.model.windows import WindowsQuery
    from geo_service.workflows.finding.hotspots import Question
    from geo_service.workflows.services import Services

ROUNDS: Final = 499
_MANY: Final = 50_000
_FEWER_ROUNDS: Final = 99
"""Rounds of chance where there are many incidents."""
_TIMES: Final = ("committed_from", "committed_to")


def look(services: Services, asked: WindowsQuery) -> WindowsAnswer:
    """Answer for somebody who looks and takes nothing along; record that (raises as `ask` does)."""
    found = ask(services, asked)
    services.store.record(f"{CONSULTATION}: windows", "hours of the week", dict(found.provenance.parameters))
    return found


def ask(services: Services, asked: WindowsQuery) -> WindowsAnswer:
    """Find the best windows of an area and of the zones of a run.

    Raises QueryError where the data has months only, naming the source, and for a parameter that cannot be answered;
    NotFoundError for an unknown area, run or zone.
    """
    question = look_up(services, asked.query)
    refuse_month_only(question, "Hours of the day")
    run = None if asked.run is None else runs.find(services.store, asked.run)
    zones = _zones(asked, run)
    if run is not None:
        _refuse_other_area(services, question, run)
    column = CELL_COLUMNS[asked.query.resolution if run is None else run.query.resolution]
    rows = rows_of(question, [*_TIMES, column])
    refuse_month_only(question, "Hours of the day", rows)
    defaults = moments.find_defaults(rows["committed_from"], rows["committed_to"])
    spans = moments.read_spans(rows["committed_from"], rows["committed_to"], defaults=defaults)
    measured = _Measured(spans, rows[WEIGHT].to_numpy(), rows[column].to_numpy())
    area = _places(asked, measured, [None])
    found = _places(asked, measured, zones, prior=_steps(measured))
    if asked.check is not None:
        later = _later(question, asked.check, column)
        area, found = _checked(area, later), _checked(found, later)
    return WindowsAnswer(
        asked=replace(asked, query=question.query),
        area_name=question.area.name,
        vintage=question.area.vintage,
        run=None if run is None else run.id,
        measure="incidents" if asked.query.measure == "count" or question.weights is None else question.weights.label,
        area=replace(area[0], name=question.area.name),
        zones=tuple(found),
        provenance=_provenance(services, question, asked, run),
        licences=words.licences_of(services, question.snapshot, question.area),
        notes=_notes(services, question, spans, defaults),
    )


@dataclass(frozen=True, slots=True)
class _Measured:
    """Hold the incidents of one period."""

    spans: Spans
    weight: Floats
    cell: Cells

    def group(self, places: Sequence[PatrolZone | Place | None]) -> Ints:
        """Return the place of each incident, -1 for none; None and a place without cells are the whole area."""
        group = np.full(len(self.weight), -1, dtype=np.int64)
        for number, place in enumerate(places):
            cells = None if place is None else place.cells
            group[self._within(cells)] = number
        return group

    def _within(self, cells: Cells | None) -> NDArray[np.bool_]:
        return np.ones(len(self.weight), dtype=np.bool_) if cells is None else np.isin(self.cell, cells)


def _steps(measured: _Measured) -> Floats:
    steps: Floats = profiles.spread(measured.spans, measured.weight, step_min=STEP_MIN).mass[0]
    return steps


def _zones(asked: WindowsQuery, run: ZoneRun | None) -> Sequence[PatrolZone]:
    if run is None:
        return ()
    return [zone_of(run, zone) for zone in asked.zones] if asked.zones else run.zones


def _refuse_other_area(services: Services, question: Question, run: ZoneRun) -> None:
    query = run.query
    of_run = services.store.snapshot(question.query.as_of).area(
        query.boundary, boundary_set=query.boundary_set, on=query.period.last.last_day
    )
    alike = of_run.boundary_set.id == question.area.boundary_set.id
    if not alike or not np.isin(of_run.members, question.area.members).all():
        raise QueryError(
            "The run is of another area",
            found=f"{run.area_name}, and {question.area.name} is asked about",
            do="Name the area of the run, or a larger one, or find zones in this one first",
            field="run",
        )


def _places(
    asked: WindowsQuery, measured: _Measured, places: Sequence[PatrolZone | None], prior: Floats | None = None
) -> list[Place]:
    """Return the profile and best windows of the area (None) or of zones."""
    if not places:
        return []
    spans, weight, group, count = measured.spans, measured.weight, measured.group(places), len(places)
    found = profiles.spread(spans, weight, group=group, groups=count, step_min=STEP_MIN)
    worth = windows.effective(spans, weight, group=group, groups=count)
    best = windows.best_windows(found, worth, length_min=asked.length_min, prior=prior, most=asked.most)
    by_chance = windows.chance_of_best(
        spans,
        weight,
        group=group,
        groups=count,
        length_min=asked.length_min,
        rounds=ROUNDS if len(weight) <= _MANY else _FEWER_ROUNDS,
        seed=asked.query.tuning.seed,
    )
    sure = [
        [
            replace(window, p=float(p))
            for window, p in zip(
                own, windows.p_of(np.array([each.share for each in own]) * total, by_chance[:, at]), strict=True
            )
        ]
        for at, (own, total) in enumerate(zip(best, found.known.tolist(), strict=True))
    ]
    q = windows.adjusted(np.array([own[0].p if own else np.nan for own in sure]))
    inside = group >= 0
    known = np.bincount(group[inside], (1 - spans.unknown)[inside], count)
    rows = np.bincount(group[inside], minlength=count)
    return [
        Place(
            id="area" if place is None else place.id,
            name="" if place is None else place.name,
            number=None if place is None else place.number,
            cells=None if place is None else place.cells,
            incidents=int(rows[at]),
            known=float(known[at]),
            measure=float(found.known[at] + found.unknown[at]),
            hours=found.hours[at],
            windows=tuple(sure[at]),
            q=float(q[at]),
        )
        for at, place in enumerate(places)
    ]


def _later(question: Question, check: Period, column: str) -> _Measured:
    """Read the incidents of the months of the check; raise QueryError where they have no times."""
    question.cube.window(check)  # raises where none of the months is loaded
    rows = rows_of(question, [*_TIMES, column], check)
    refuse_month_only(question, "Hours of the day", rows)
    defaults = moments.find_defaults(rows["committed_from"], rows["committed_to"])
    spans = moments.read_spans(rows["committed_from"], rows["committed_to"], defaults=defaults)
    return _Measured(spans, rows[WEIGHT].to_numpy(), rows[column].to_numpy())


def _checked(places: list[Place], later: _Measured) -> list[Place]:
    """Add what the same windows held in later months."""
    if not places:
        return []
    group, count = later.group(places), len(places)
    found = profiles.spread(later.spans, later.weight, group=group, groups=count, step_min=STEP_MIN)
    inside = group >= 0
    known = np.bincount(group[inside], (1 - later.spans.unknown)[inside], count)
    return [
        replace(
            place,
            held=tuple(window.held(found.mass[at]) for window in place.windows),
            checked=float(known[at]),
            checked_measure=float(found.known[at]),
        )
        for at, place in enumerate(places)
    ]


def _provenance(services: Services, question: Question, asked: WindowsQuery, run: ZoneRun | None) -> Provenance:
    left_out = ("statistic", "resolution", "area share")
    said = {name: value for name, value in question.query.parameters().items() if name not in left_out}
    said |= {"window": f"{asked.length_min} minutes", "zones of run": "none" if run is None else run.id}
    said |= {"check": "none" if asked.check is None else str(asked.check)}
    if question.weights is not None and asked.query.measure == "harm":
        said |= {"harm table": question.weights.table}
    return Provenance(
        data_version=question.snapshot.version,
        data_to=str(question.snapshot.months()[-1]),
        parameters=said,
        seed=asked.query.tuning.seed,
        demonstration=services.demonstration,
    )


_METHOD: Final = (
    (
        "An incident known only from when to when is spread over the hours between in proportion (aoristic); a span of "
        "more than a week, and an incident without a time, is unknown and in no hour. Local clock time; where the "
        "clocks change, by the time that really passed."
    ),
    (
        "The best window was chosen among 672 of the week on the same months, so expect less afterwards: `expected` is "
        "what is left when a zone's few incidents are steadied by the profile of the whole area. p is against the best "
        "window of as many incidents spread evenly, each for itself: several offences of one event make it too small."
    ),
)


def _notes(services: Services, question: Question, spans: Spans, defaults: Defaults) -> tuple[str, ...]:
    period, cube = question.query.period, question.cube
    loaded = set(cube.months_loaded(period))
    missing = tuple(month for month in period if month not in loaded)
    unknown = float(spans.unknown.sum())
    said = words.notes_of(
        services, question.snapshot, question.area, question.offence_set, _weights(question), 0, missing,
        cube.lacking(period),
    )  # fmt: skip
    # The note on the choice of cells is about another choice.
    kept = tuple(note for note in said if not note.startswith("In-sample: the cells"))
    share = unknown / len(spans.unknown) if len(spans.unknown) else 0.0
    hours = f"{unknown:,.0f} of {len(spans.unknown):,} incidents ({share:.0%}) have no known time."
    return (*kept, hours.replace("%", " %"), defaults.words, *_METHOD)


def _weights(question: Question) -> Weights | None:
    return question.weights if question.query.measure == "harm" else None
