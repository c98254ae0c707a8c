"""Flow B for impact areas: rolling sums, changes and statuses, kept as they were published."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from geo_service import harm
from geo_service.errors import QueryError
from geo_service.evaluation import gaps, impact
from geo_service.model.access import CONSULTATION
from geo_service.model.cells import OUTSIDE
from geo_service.model.impact import SHOWN, ImpactArea, ImpactReport
from geo_service.model.layers import Provenance
from geo_service.model.periods import Month, Period, month_words
from geo_service.workflows import words
from geo_service.workflows.evaluating import impact_areas, impact_words
from geo_service.workflows.finding import runs
from geo_service.workflows.importing.harm_tables import harm_tables

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from geo_service.model.cells import Cube, Floats
    from geo_service.model.impact import ImpactQuery, Known
    from geo_service.model.offences import OffenceSet, Weights
    from geo_service.model.ports import Snapshot
    from geo_service.workflows.evaluating.impact_areas import Chosen
    from geo_service.workflows.services import Services

KIND = "impact"
_RESOLUTION = 10
_LEAST_FUNNEL = 3  # areas that can be set beside each other


def report(services: Services, query: ImpactQuery) -> ImpactReport:
    """Answer a question about impact areas and keep the report.

    The same question of the same data version gives back the report that was kept, as it was published. Raises
    QueryError for a parameter that cannot be answered, NotFoundError for an unknown area or set.
    """
    asked = _look_up(services, query)
    kept = [said for said in runs.analyses(services.store, KIND) if said["question"] == asked.question]
    again = next((said for said in kept if said["id"] == asked.id), None)
    made = ImpactReport.from_json(again) if again is not None else _answer(services, asked, kept)
    payload = {name: value for name, value in made.to_json().items() if name != "id"}
    runs.save_analysis(services.store, KIND, made.id, payload, made.provenance.data_version, asked.chosen.whole)
    return made


def replay(services: Services, report_id: str) -> ImpactReport:
    """Return a kept report as it was published, or the newest for `latest`; raise NotFoundError."""
    found = ImpactReport.from_json(runs.find_analysis(services.store, KIND, report_id))
    services.store.record(f"{CONSULTATION}: impact", f"the report {found.id}", {})
    return found


@dataclass(frozen=True, slots=True)
class _Asked:
    """Hold a question with everything that it names looked up."""

    query: ImpactQuery
    snapshot: Snapshot
    chosen: Chosen
    offence_set: OffenceSet
    cube: Cube
    groups: NDArray[np.bool_]
    weights: Weights | None
    question: str
    id: str


def _look_up(services: Services, query: ImpactQuery) -> _Asked:
    snapshot = services.store.snapshot(query.as_of)
    loaded = snapshot.months()
    if query.to not in loaded:
        raise QueryError(
            "The last month is not loaded",
            found=query.to,
            do=f"The data has {month_words(loaded) or 'no months yet'} (see `geo-service versions`)",
            field="to",
        )
    sets = services.registry.offence_sets()
    if query.offence_set not in sets:
        raise QueryError("Unknown offence set", found=query.offence_set, do=f"Use one of {', '.join(sets)}",
                         field="offences")  # fmt: skip
    chosen = impact_areas.choose(services, snapshot, query)
    cube = snapshot.cube(_RESOLUTION, chosen.whole.boundary_set.id)
    groups = harm.select(cube.groups, sets[query.offence_set])
    weights = harm.choose_weights(
        cube.groups,
        measure=query.measure,
        proxy=query.proxy,
        harm_table=query.harm_table,
        tables=harm_tables(services, snapshot),
        proxies=services.registry.proxies(),
        selected=groups,
    )
    areas = [(area.code, area.name, chosen.codes_of(area)) for area in chosen.areas]
    weighed = None if weights is None else [*zip(_names(cube), weights.days, strict=True)]
    question = _digest(query.measure, query.offence_set, query.proxy, query.harm_table, query.year_from, query.earlier
                       if query.against else "", chosen.whole.boundary_set.id, areas)  # fmt: skip
    taken = [name for name, is_taken in zip(_names(cube), groups.tolist(), strict=True) if is_taken]
    report_id = _digest(question, str(query.to), snapshot.version, taken, weighed, services.principal.areas)
    return _Asked(query, snapshot, chosen, sets[query.offence_set], cube, groups, weights, question, report_id)


def _names(cube: Cube) -> list[str]:
    return [json.dumps(row, default=str) for row in cube.groups.iter_rows()]


def _digest(*parts: object) -> str:
    return hashlib.sha256(json.dumps(parts, default=str).encode()).hexdigest()[:8]


@dataclass(frozen=True, slots=True)
class _Sums:
    """Hold sums by area and month, (areas, months) each."""

    months: list[Month]
    known: NDArray[np.bool_]
    counts: Floats
    harms: Floats | None
    squares: Floats
    """Squares of the measure of each incident, which are the variances of its sums."""


def _sums(asked: _Asked) -> _Sums:
    """Add up by area and month, from far enough back for every comparison."""
    query, cube, chosen = asked.query, asked.cube, asked.chosen
    years = [query.year - year for year in query.earlier]
    first = min(query.to - (SHOWN + 2 * impact.WINDOW), query.first - 12 * max(years))
    period = Period(first, query.to)
    month, row, amount = cube.entries(period)
    member = cube.member[row]
    taken = asked.groups[cube.group[row]] & (member != OUTSIDE)
    month, row, amount, member = month[taken], row[taken], amount[taken].astype(np.float64), member[taken]
    size = (len(chosen.whole.boundary_set), len(period))
    at = member.astype(np.int64) * size[1] + (month - first.ordinal)
    days = None if asked.weights is None else np.asarray(asked.weights.days)[cube.group[row]]

    def added(weights: Floats) -> Floats:
        by_member = np.bincount(at, weights=weights, minlength=size[0] * size[1]).reshape(size)
        return np.stack([by_member[area.members].sum(axis=0) for area in chosen.areas])

    counts = added(amount)
    harms = None if days is None else added(amount * days)
    by_harm = query.measure == "harm" and days is not None
    squares = added(amount * days**2) if by_harm and days is not None else counts
    months = list(period)
    known = np.array([cube.is_held_alike(each, period) for each in months], dtype=np.bool_)
    return _Sums(months, known, counts, harms, squares)


def _answer(services: Services, asked: _Asked, kept: Sequence[Any]) -> ImpactReport:
    query, chosen = asked.query, asked.chosen
    sums = _sums(asked)
    has_anchors = words.POLICE_UK in asked.snapshot.sources() and asked.snapshot.months()[0] < gaps.ANCHORS
    breaks = [gaps.ANCHORS] if has_anchors else []
    areas = _areas(asked, sums, breaks)
    parameters = impact_words.parameters(query, asked.weights, chosen.whole.boundary_set.id)
    made = ImpactReport(
        id=asked.id,
        question=asked.question,
        title=f"Impact areas, twelve months to {query.to}",
        headline=impact_words.headline(areas, query.to),
        measure=impact_words.measure(query, asked.weights),
        months=tuple(str(month) for month in sums.months[-SHOWN:]),
        areas=areas,
        to_date_label=str(Period(query.first, query.to)),
        earlier_labels=tuple(str(_earlier(query, year)) for year in query.earlier),
        late=impact_words.late(areas, sums.months[-SHOWN:], _published(kept, asked.snapshot.version)),
        notes=_notes(services, asked, sums, breaks),
        licences=words.licences_of(services, asked.snapshot, chosen.whole),
        provenance=Provenance(
            data_version=asked.snapshot.version,
            data_to=str(asked.snapshot.months()[-1]),
            parameters=parameters,
            demonstration=services.demonstration,
        ),
    )
    return replace(made, text="\n".join(impact_words.lines(made)))


def _published(kept: Sequence[Any], version: int) -> Iterator[ImpactReport]:
    """Yield the kept reports of the same question on older data versions, newest first."""
    older = [said for said in kept if said["provenance"]["data_version"] < version]
    older.sort(key=lambda said: (said["provenance"]["data_version"], said["months"][-1]), reverse=True)
    return (ImpactReport.from_json(said) for said in older)


def _earlier(query: ImpactQuery, year: int) -> Period:
    back = 12 * (query.year - year)
    return Period(query.first - back, query.to - back)


def _areas(asked: _Asked, sums: _Sums, breaks: Sequence[Month]) -> tuple[ImpactArea, ...]:
    query, months = asked.query, sums.months
    values = sums.harms if query.measure == "harm" and sums.harms is not None else sums.counts
    known = {month for month, is_known in zip(months, sums.known, strict=True) if is_known}
    whole = gaps.whole_windows(months, known, breaks, impact.WINDOW)

    def rolled_of(amounts: Floats) -> Floats:
        return np.where(whole, impact.rolling(amounts, sums.known), np.nan)

    rolled, rolled_counts, squares = rolled_of(values), rolled_of(sums.counts), rolled_of(sums.squares)
    across = [gaps.is_parted(month - (2 * impact.WINDOW - 1), month, breaks) for month in months]
    on_year = np.where(across, np.nan, impact.changes(rolled, impact.WINDOW))
    on_month, moved = impact.changes(rolled), impact.directions(rolled)
    limits, verdicts = _funnel(rolled, squares, parted=across[-1])
    to_date = _to_date(query, values, months, known, breaks)
    shown = slice(-SHOWN, None)
    return tuple(
        ImpactArea(
            code=area.code,
            name=area.name,
            members=asked.chosen.codes_of(area),
            counts=_known(np.where(sums.known, sums.counts[at], np.nan)[shown]),
            harms=None if sums.harms is None else _known(np.where(sums.known, sums.harms[at], np.nan)[shown]),
            rolling=_known(rolled[at, shown]),
            rolling_counts=_known(rolled_counts[at, shown]),
            on_month=_known(on_month[at, shown]),
            on_year=_known(on_year[at, shown]),
            **_standing(moved[at]),
            to_date=_known(to_date[0][[at]])[0],
            to_date_earlier=_known(np.array([each[at] for each in to_date[1:]])),
            limits=_known(limits[at]),
            verdict=verdicts[at],
        )
        for at, area in enumerate(asked.chosen.areas)
    )


def _standing(moved: Floats) -> dict[str, tuple[Any, ...]]:
    """Return the statuses and arrows of one area at each month that a report shows."""
    ways = moved.tolist()
    ends = range(len(ways) - SHOWN + 1, len(ways) + 1)
    return {
        "statuses": tuple(impact.status(ways[:end]) for end in ends),
        "arrows": tuple(impact.arrow(ways[:end]) for end in ends),
    }


def _funnel(rolled: Floats, squares: Floats, *, parted: bool) -> tuple[Floats, list[str]]:
    """Return for each area its ratio on the year and the limits that chance sets, and where it stands."""
    then, now = rolled[:, -1 - impact.WINDOW], rolled[:, -1]
    if parted or len(rolled) < _LEAST_FUNNEL or np.isnan(then).any() or np.isnan(now).any():
        return np.full((len(rolled), 5), np.nan), ["not known"] * len(rolled)
    found = impact.funnel(then, now, squares[:, -1 - impact.WINDOW], squares[:, -1])
    limits = np.column_stack([found.ratio, found.low_95, found.high_95, found.low_998, found.high_998])
    return limits, [found.verdict(at) for at in range(len(rolled))]


def _to_date(
    query: ImpactQuery, values: Floats, months: Sequence[Month], known: set[Month], breaks: Sequence[Month]
) -> list[Floats]:
    """Return the sums of the year to date, and of the same months of each earlier year (areas each)."""
    found = []
    for year in (query.year, *query.earlier):
        period = _earlier(query, year)
        at = slice(period.first.ordinal - months[0].ordinal, period.last.ordinal - months[0].ordinal + 1)
        is_there = all(month in known for month in period) and not gaps.is_parted(period.first, query.to, breaks)
        found.append(values[:, at].sum(axis=1) if is_there else np.full(len(values), np.nan))
    return found


def _known(values: Floats) -> Known:
    return tuple(None if np.isnan(value) else float(value) for value in values)


def _notes(services: Services, asked: _Asked, sums: _Sums, breaks: Sequence[Month]) -> tuple[str, ...]:
    query, whole = asked.query, asked.chosen.whole
    needed = Period(query.to - (impact.WINDOW + 3), query.to)
    unknown = [month for month, known in zip(sums.months, sums.known, strict=True) if not known]
    periods = (Period(query.to - (2 * impact.WINDOW - 1), query.to), *(_earlier(query, year) for year in query.earlier))
    compared = {month for period in periods for month in period}
    said = list(impact_words.gap_notes(unknown, needed, compared, query.to, breaks))
    lacking = asked.cube.lacking(Period(sums.months[0], query.to))
    if lacking:
        said.append(words.lacking_words(lacking))
    shared = asked.chosen.shared
    if shared:
        said.append(f"In more than one area, so counted in each: {', '.join(shared)}.")
    said += asked.chosen.notes
    outside = words.notes_of(
        services, asked.snapshot, whole, asked.offence_set, asked.weights, _unplaced(asked, sums), (), {}
    )
    # Nothing was chosen on the months that it is measured on.
    return (*said, *(note for note in outside if not note.startswith("In-sample")))


def _unplaced(asked: _Asked, sums: _Sums) -> int:
    """Count the incidents of the set and the last twelve months, of the whole data, without a position."""
    cube = asked.cube
    period = Period(max(sums.months[0], asked.query.to - (impact.WINDOW - 1)), asked.query.to)
    return int(cube.window(period)[asked.groups[cube.group] & (cube.cell == 0)].sum())
