"""What is known of patrol zones beside their place: trend, near repeats, hours, what to do; many zones at once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from geo_service.errors import InputError
from geo_service.hotspots.week import moments, profiles, windows
from geo_service.model.incidents import CELL_COLUMNS, GROUP_COLUMNS
from geo_service.model.periods import Month, Period
from geo_service.model.windows import STEP_MIN
from geo_service.model.zone_facts import BUSY, WeekSpan, ZoneFacts
from geo_service.workflows.finding.hotspots import look_up
from geo_service.workflows.planning import zone_fact_words as said
from geo_service.workflows.planning.prompts import prompts_for
from geo_service.workflows.planning.zone_repeats import near_repeats
from geo_service.workflows.rows import WEIGHT, rows_of
from geo_service.workflows.sheets import NEVER_ON_PAPER

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl
    from numpy.typing import NDArray

    from geo_service.model.cells import Cells, Floats, Ints
    from geo_service.model.hotspots import PatrolZone, ZoneRun
    from geo_service.model.ports import Snapshot
    from geo_service.workflows.finding.hotspots import Question
    from geo_service.workflows.services import Services

RECENT: Final = 3
"""Months that a trend sets against the earlier ones of the period."""
_TIMES: Final = ("committed_from", "committed_to")
_WEEK_H: Final = 168
_SMOOTH_H: Final = (-1, 0, 1)


def zone_facts(services: Services, run: ZoneRun, zone: PatrolZone, snapshot: Snapshot) -> ZoneFacts:
    """Return what is known of one zone; see `facts_of`, which reads the incidents once for many."""
    return facts_of(services, run, [zone], snapshot)[0]


def facts_of(
    services: Services, run: ZoneRun, zones: Sequence[PatrolZone], snapshot: Snapshot
) -> tuple[ZoneFacts, ...]:
    """Return what is known of some zones of a run, in the order given.

    snapshot: the data that it is taken from. Trend and hours are of the months, offences and area of the run, so they
    agree with the counts that the run gives; near repeats are of the last weeks of the data. Words rest on incidents
    that a sheet may speak of, give no count, and round shares to 5 %. Raises what looking up the run's question raises.
    """
    if not zones:
        return ()
    question = _weighed(look_up(services, replace(run.query, as_of=snapshot.version)))
    column = CELL_COLUMNS[run.query.resolution]
    rows = rows_of(question, ["month", *_TIMES, column, *GROUP_COLUMNS])
    read = _Read(question, rows, _owner(rows[column].to_numpy(), [zone.cells for zone in zones]), len(zones))
    trends, week = _trends(read), _week_of(read)
    repeats = near_repeats(services, snapshot, [zone.cells for zone in zones])
    prompts = _prompts(services, [zone.mix for zone in zones])
    return tuple(
        ZoneFacts(
            zone=zone.id,
            trend=trends[at],
            near_repeats=repeats[at],
            hours=said.no_hours() if week is None else week.words(at),
            windows=None if week is None else _busy(week.expected[at]),
            per_h=float(read.a_week[at]) / _WEEK_H,
            week=np.full(_WEEK_H, read.a_week[at] / _WEEK_H) if week is None else week.expected[at],
            measure="incidents" if question.weights is None else question.weights.label,
            prompts=prompts[at],
            notes=said.METHOD if week is None else (*said.METHOD, said.HOURS_METHOD),
        )
        for at, zone in enumerate(zones)
    )


def _prompts(services: Services, mixes: Sequence[Sequence[tuple[str, int]]]) -> list[tuple[str, ...]]:
    """Return the prompts of each zone; a file that cannot be read costs its box alone, where the fault is said."""
    try:
        kinds = services.registry.prompts()
    except InputError as problem:
        return [(f"No prompts: {problem.message}",)] * len(mixes)
    return [prompts_for(mix, kinds) for mix in mixes]


def _weighed(question: Question) -> Question:
    """Let incidents count by their harm wherever any is known, as zones are ranked."""
    if question.weights is None:
        return replace(question, query=replace(question.query, measure="count"))
    return replace(question, query=replace(question.query, measure="harm"))


def _owner(cell: Cells, zones: Sequence[Cells]) -> Ints:
    """Return the zone of each cell, -1 where it is in none; zones of a run share no cell."""
    cells = np.concatenate(zones)
    zone = np.repeat(np.arange(len(zones)), [len(each) for each in zones])
    order = np.argsort(cells)
    at = np.minimum(np.searchsorted(cells, cell, sorter=order), len(cells) - 1)
    owner: Ints = np.where(cells[order[at]] == cell, zone[order[at]], -1)
    return owner


@dataclass(frozen=True, slots=True)
class _Read:
    """Hold the incidents of a run's question, and in which zone each is."""

    question: Question
    rows: pl.DataFrame
    owner: Ints
    count: int
    """Zones."""

    @property
    def months(self) -> tuple[Month, ...]:
        """Return the months of the period that are loaded."""
        return self.question.cube.months_loaded(self.question.query.period)

    @property
    def a_week(self) -> Floats:
        """Return the measure that each zone has in a week of them."""
        inside = self.owner >= 0
        total = np.bincount(self.owner[inside], self.rows[WEIGHT].to_numpy()[inside], self.count)
        days = sum((month.last_day - month.first_day).days + 1 for month in self.months)
        weekly: Floats = total / max(days, 1) * 7
        return weekly

    def on_paper(self) -> NDArray[np.bool_]:
        """Tell which incidents a sheet may speak of."""
        named = self.rows["offence"].fill_null("")
        hidden = [offence for offence in named.unique().to_list() if NEVER_ON_PAPER.search(offence)]
        taken: NDArray[np.bool_] = (
            ~(named.is_in(hidden) | self.rows["domestic_abuse"].fill_null(value=False))
        ).to_numpy()
        return taken


def _trends(read: _Read) -> list[str]:
    """Set the last months of the period against those before, for each zone beside the whole area."""
    if len(read.months) < 2 * RECENT:
        return [said.TOO_FEW_MONTHS] * read.count
    recent = Period(read.months[-RECENT], read.months[-1])
    paper = read.on_paper()
    late = (read.rows["month"] >= recent.first.ordinal).to_numpy()

    def counts(of: NDArray[np.bool_]) -> Ints:
        return np.bincount(read.owner[of & (read.owner >= 0)], minlength=read.count)

    after, before = counts(paper & late), counts(paper & ~late)
    whole = (float((paper & late).sum()), float((paper & ~late).sum()))
    return [said.trend(int(one), int(two), whole, recent) for one, two in zip(after, before, strict=True)]


@dataclass(frozen=True, slots=True)
class _Week:
    """Hold how what is expected of zones lies over the week."""

    expected: Floats
    """In each hour of the week (zones, 168)."""
    worth: Floats
    """Incidents with a known time of each zone."""

    def words(self, at: int) -> tuple[str, ...]:
        """Return the hours of one zone."""
        return said.hours(self.expected[at], float(self.worth[at]))


def _week_of(read: _Read) -> _Week | None:
    """Return the steadied hours of the week of each zone; None where the data has months only."""
    rows = read.rows
    if rows["committed_from"].null_count() == rows.height:
        return None
    defaults = moments.find_defaults(rows["committed_from"], rows["committed_to"])
    spans = moments.read_spans(rows["committed_from"], rows["committed_to"], defaults=defaults)
    own = profiles.spread(spans, group=read.owner, groups=read.count, step_min=STEP_MIN)
    area = profiles.spread(spans, step_min=STEP_MIN).mass[0]
    worth = own.known  # each counts once, for harm lies on too few to say when
    shares = windows.steadied(own, worth, area).reshape(read.count, _WEEK_H, -1).sum(axis=2)
    return _Week(shares * read.a_week[:, None], worth)


def _busy(week: Floats) -> tuple[WeekSpan, ...]:
    """Return the stretches of the week in which much more than its mean is expected, ascending.

    An hour is judged with the ones beside it; a stretch may run on from Sunday into Monday.
    """
    smooth = np.mean([np.roll(week, by) for by in _SMOOTH_H], axis=0)
    busy = smooth >= BUSY * week.mean() if week.any() else np.zeros(_WEEK_H, dtype=np.bool_)
    if busy.all() or not busy.any():
        return ()
    first = np.flatnonzero(busy & ~np.roll(busy, 1))
    last = np.flatnonzero(busy & ~np.roll(busy, -1))
    if last[0] < first[0]:  # the stretch that runs over the end of the week
        last = np.roll(last, -1)
    lengths = (last - first) % _WEEK_H + 1
    return tuple(
        WeekSpan(int(at) * 60, int(long) * 60, float(week[(at + np.arange(long)) % _WEEK_H].mean()))
        for at, long in zip(first, lengths, strict=True)
    )
