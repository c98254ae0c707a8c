"""When a visit to each zone does most in a shift: by the hours of the incidents, or as the sergeant says."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from geo_service import spatial
from geo_service.errors import QueryError
from geo_service.hotspots.week import moments, profiles, windows
from geo_service.model.incidents import CELL_COLUMNS
from geo_service.model.patrol import PlanZone
from geo_service.model.places import EastNorth
from geo_service.model.windows import DAY_MIN, STEP_MIN, WEEK_MIN
from geo_service.workflows.hotspots import look_up
from geo_service.workflows.plan_zones import measure_of
from geo_service.workflows.rows import WEIGHT, refuse_month_only, rows_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from geo_service.model.cells import Floats
    from geo_service.model.hotspots import PatrolZone, ZoneRun
    from geo_service.model.patrol import PlanRequest, Shift
    from geo_service.workflows.plan_zones import TeamZones
    from geo_service.workflows.services import Services

CHOSEN: Final = "Times chosen by the sergeant, not from data"
_SHORTEST_MIN: Final = 60
"""Least length of a window that is found in data."""
_BRIDGED_MIN: Final = 30
"""Two windows that are no further apart are one."""
_MOST: Final = 2
"""Windows of a zone that are found in data."""
_FLAT: Final = 1.2
"""How many times the least of the shift its best hour must be, for the hours of a zone to matter."""
_STEPS_H: Final = 60 // STEP_MIN
_HOURS_OF_WEEK: Final = 168


@dataclass(frozen=True, slots=True)
class Timed:
    """Hold what zones are expected to have in an hour of each step of a shift."""

    per_h: Floats
    """(zones, steps of a quarter of an hour of the shift)."""
    known: bool
    """Whether the data says hours at all."""
    note: str


def plan_zones(services: Services, request: PlanRequest, found: TeamZones) -> tuple[tuple[PlanZone, ...], str]:
    """Return the zones with their windows, highest expected harm an hour first, and what must be said of the hours.

    Raises QueryError for a window or cap that no zone or shift has, naming it.
    """
    timed = _timed(services, request.shift, found)
    typed = _typed(request, found.zones)
    caps = {_zone_of(key, found.zones, "cap").id: _cap(most) for key, most in request.caps}
    zones = [
        _plan_zone(request, found, zone, timed, at, typed.get(zone.id, ()), caps.get(zone.id))
        for at, zone in enumerate(found.zones)
    ]
    return tuple(sorted(zones, key=lambda zone: (-zone.harm_per_h, zone.number))), timed.note


def _plan_zone(  # noqa: PLR0913, PLR0917 - the parts of one zone
    request: PlanRequest,
    found: TeamZones,
    zone: PatrolZone,
    timed: Timed,
    at: int,
    typed: Sequence[tuple[int, int]],
    cap: int | None,
) -> PlanZone:
    shift, per_h = request.shift, timed.per_h[at]
    spans: Sequence[tuple[int, int]] = typed or ([(0, shift.minutes)] if not timed.known else best_spans(shift, per_h))
    whence: Literal["data", "sergeant", "shift"] = "sergeant" if typed else "data" if timed.known else "shift"
    steps = np.concatenate([np.arange(start // STEP_MIN, max(-(-end // STEP_MIN), 1)) for start, end in spans])
    return PlanZone(
        id=zone.id,
        number=zone.number,
        name=zone.name,
        at=_middle(zone),
        harm_per_h=round(float(per_h[np.minimum(steps, len(per_h) - 1)].mean()), 6),
        windows=tuple(spans),
        whence=whence,
        below_bar=found.run.below_bar,
        cap=cap,
        words=_words(shift, spans, whence),
    )


def _words(shift: Shift, spans: Sequence[tuple[int, int]], whence: str) -> str:
    clock = ", ".join(f"{shift.at(start):%a} {shift.clock(start)} to {shift.clock(end)}" for start, end in spans)
    chosen = {
        "data": "the hours of this shift with most incidents here",
        "sergeant": CHOSEN[0].lower() + CHOSEN[1:],
        "shift": "the whole shift: hours are not known from the data, and none were chosen",
    }
    return f"{clock} ({chosen[whence]})"


def _middle(zone: PatrolZone) -> EastNorth:
    """Return the centre of the cell of a zone that is nearest the middle of its incidents: a place inside it."""
    east_m, north_m = spatial.to_grid(*spatial.cell_centres(zone.cells))
    at = spatial.parse_grid_reference(zone.grid_reference)
    nearest = int(np.argmin(np.hypot(east_m - at.east_m - _HALF_SQUARE_M, north_m - at.north_m - _HALF_SQUARE_M)))
    return EastNorth(round(float(east_m[nearest]), 1), round(float(north_m[nearest]), 1))


_HALF_SQUARE_M: Final = 50.0
"""From the corner that six figures name to the middle of their square."""


# --- what the sergeant typed ----------------------------------------------------------------------


def _typed(request: PlanRequest, zones: Sequence[PatrolZone]) -> Mapping[str, tuple[tuple[int, int], ...]]:
    """Read the windows of each zone, in minutes of the shift; one for every zone gives way to a zone's own."""
    own: dict[str, list[tuple[int, int]]] = defaultdict(list)
    every: list[tuple[int, int]] = []
    for key, text in request.windows:
        span = request.shift.span(text, field="window")
        if span is None or span[1] - span[0] < request.rules.visit_min:
            raise QueryError(
                "No visit fits into that window of the shift",
                found=f"{text}, shift {request.shift.clock(0)} to {request.shift.clock(request.shift.minutes)}",
                do=f"Give a window of at least {request.rules.visit_min} minutes within the shift",
                field="window",
            )
        (own[_zone_of(key, zones, "window").id] if key else every).append(span)
    return {zone.id: _merged(own.get(zone.id, every)) for zone in zones}


def _merged(spans: Sequence[tuple[int, int]], apart_min: int = 0) -> tuple[tuple[int, int], ...]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1] + apart_min:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return tuple(merged)


def _zone_of(key: str, zones: Sequence[PatrolZone], field: str) -> PatrolZone:
    for zone in zones:
        if key.strip() in (zone.id, str(zone.number)):
            return zone
    raise QueryError(
        "The plan has no such zone",
        found=key,
        do=f"It has {', '.join(f'{zone.number} ({zone.name})' for zone in sorted(zones, key=lambda at: at.number))}",
        field=field,
    )


def _cap(most: int) -> int:
    if most < 1:
        raise QueryError("A zone is capped at one visit at least", found=most, do="Give 1 or more", field="cap")
    return most


# --- what the incidents say -----------------------------------------------------------------------


def _timed(services: Services, shift: Shift, found: TeamZones) -> Timed:
    """Return what each zone is expected to have in an hour of each step of the shift."""
    run = found.run
    weeks = _weeks(services, run)
    weekly = np.array([measure_of(zone) for zone in found.zones]) / weeks
    steps = -(-shift.minutes // STEP_MIN)
    try:
        shares = _shares(services, run, found.zones)
    except QueryError as problem:
        if problem.field != "source":
            raise
        even = np.repeat((weekly / _HOURS_OF_WEEK)[:, None], steps, axis=1)
        return Timed(even, known=False, note=_MONTHS_ONLY)
    clock = [shift.at(step * STEP_MIN) for step in range(steps)]
    of_week = np.array([at.weekday() * DAY_MIN + at.hour * 60 + at.minute for at in clock]) // STEP_MIN
    return Timed(weekly[:, None] * shares[:, of_week] * _STEPS_H, known=True, note=_HOURS)


_MONTHS_ONLY: Final = (
    "The data has months only, so it says nothing of hours: what is expected of a zone is the same in every hour, and "
    "its times are those that the sergeant chose, or the whole shift."
)
_HOURS: Final = (
    "Windows are the hours of the shift in which a zone expects more than the mean of the shift, by the hours of its "
    "incidents (aoristic), steadied by those of the whole area of the run as 240 incidents."
)


def _shares(services: Services, run: ZoneRun, zones: Sequence[PatrolZone]) -> Floats:
    """Return the share of the week's measure that each zone has in each quarter of an hour (zones, 672).

    Raises QueryError (field `source`) where the data has months only.
    """
    question = look_up(services, run.query)
    refuse_month_only(question, "Hours of the day")
    if question.weights is not None:
        question = replace(question, query=replace(question.query, measure="harm"))
    column = CELL_COLUMNS[run.query.resolution]
    rows = rows_of(question, ["committed_from", "committed_to", column])
    refuse_month_only(question, "Hours of the day", rows)
    defaults = moments.find_defaults(rows["committed_from"], rows["committed_to"])
    spans = moments.read_spans(rows["committed_from"], rows["committed_to"], defaults=defaults)
    weight, cell = rows[WEIGHT].to_numpy(), rows[column].to_numpy()
    group = np.full(len(weight), -1, dtype=np.int64)
    for number, zone in enumerate(zones):
        group[np.isin(cell, zone.cells)] = number
    own = profiles.spread(spans, weight, group=group, groups=len(zones), step_min=STEP_MIN).mass
    area = profiles.spread(spans, weight, step_min=STEP_MIN).mass[0]
    even = np.full(WEEK_MIN // STEP_MIN, STEP_MIN / WEEK_MIN)
    around = area / area.sum() if area.sum() else even
    known = own.sum(axis=1, keepdims=True)
    mine = np.divide(own, known, out=np.repeat(around[None, :], len(zones), axis=0), where=known > 0)
    worth = windows.effective(spans, weight, group=group, groups=len(zones))[:, None]
    shares: Floats = (worth * mine + windows.PRIOR * around) / (worth + windows.PRIOR)
    return shares


def _weeks(services: Services, run: ZoneRun) -> float:
    """Return the weeks of the months of a run that were loaded."""
    loaded = set(services.store.snapshot(run.query.as_of).months())
    days = [(month.last_day - month.first_day).days + 1 for month in run.query.period if month in loaded]
    return max(sum(days), 1) / 7


def best_spans(shift: Shift, per_h: Floats) -> tuple[tuple[int, int], ...]:
    """Return the stretches of a shift in which more than its mean is expected, at most two, the whole where all alike.

    per_h: expected in an hour of each quarter of an hour (steps). Minutes of the shift, ascending; each stretch lasts
    an hour at least.
    """
    whole = ((0, shift.minutes),)
    hour = np.convolve(np.pad(per_h, (_STEPS_H // 2, _STEPS_H - _STEPS_H // 2 - 1), "edge"), np.ones(_STEPS_H), "valid")
    if len(per_h) < 2 * _STEPS_H or hour.max() <= _FLAT * max(hour.min(), 1e-12):
        return whole
    busy = np.flatnonzero(hour >= hour.mean())
    steps = [(int(at) * STEP_MIN, min((int(at) + 1) * STEP_MIN, shift.minutes)) for at in busy]
    found = [span for span in _merged(steps, _BRIDGED_MIN) if span[1] - span[0] >= _SHORTEST_MIN]
    worth = {span: float(per_h[span[0] // STEP_MIN : -(-span[1] // STEP_MIN)].sum()) for span in found}
    best = sorted(found, key=lambda span: (-worth[span], span))[:_MOST]
    return tuple(sorted(best)) or whole
