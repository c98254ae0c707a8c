"""When a visit to each zone does most in a shift: by the hours of the incidents, or as the sergeant says."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from geo_service import spatial
from geo_service.errors import QueryError
from geo_service.model.patrol import PlanZone
from geo_service.model.places import EastNorth
from geo_service.workflows.planning.zone_facts import facts_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from geo_service.model.hotspots import PatrolZone
    from geo_service.model.patrol import Commitment, PlanRequest, Shift
    from geo_service.model.zone_facts import ZoneFacts
    from geo_service.workflows.planning.plan_zones import TeamZones
    from geo_service.workflows.services import Services

CHOSEN: Final = "Times chosen by the sergeant, not from data"
_HALF_SQUARE_M: Final = 50.0
"""From the corner that six figures name to the middle of their square."""
_WORDS: Final = {
    "usual": "the hours of this shift that are among the busiest of its week",
    "best": "the best hours of a shift in which it has less than usual",
    "sergeant": CHOSEN[0].lower() + CHOSEN[1:],
    "shift": "the whole shift: hours are not known from the data, and none were chosen",
}
_MONTHS_ONLY: Final = (
    "The data has months only, so it says nothing of hours: what is expected of a zone is the same in every hour, and "
    "its times are those that the sergeant chose, or the whole shift."
)
_HOURS: Final = (
    "Windows are the hours of the shift in which most is expected of a zone, by the hours of its incidents (aoristic), "
    "steadied by those of the whole area of the run."
)


def plan_zones(services: Services, request: PlanRequest, found: TeamZones) -> tuple[tuple[PlanZone, ...], str]:
    """Return the zones with their windows, highest expected harm an hour first, and what must be said of the hours.

    Raises QueryError for a window or cap that no zone or shift has, naming it.
    """
    typed = _typed(request, found.zones)
    caps = {_zone_of(key, found.zones, "cap").id: most for key, most in request.caps}
    facts = facts_of(services, found.run, found.zones, services.store.snapshot(found.run.query.as_of))
    zones = [
        _plan_zone(request.shift, zone, each, typed.get(zone.id, ()), caps.get(zone.id), below_bar=found.run.below_bar)
        for zone, each in zip(found.zones, facts, strict=True)
    ]
    note = _MONTHS_ONLY if any(each.windows is None for each in facts) else _HOURS
    return tuple(sorted(zones, key=lambda zone: (-zone.harm_per_h, zone.number))), note


def _plan_zone(  # noqa: PLR0913 - the parts of one zone
    shift: Shift,
    zone: PatrolZone,
    facts: ZoneFacts,
    typed: tuple[tuple[int, int], ...],
    cap: int | None,
    *,
    below_bar: bool,
) -> PlanZone:
    hours = facts.in_shift(shift)
    spans = typed or hours.windows
    whence: Literal["data", "sergeant", "shift"] = "sergeant" if typed else "shift" if facts.windows is None else "data"
    how = ("usual" if hours.usual else "best") if whence == "data" else whence
    clock = ", ".join(f"{shift.at(start):%a} {shift.clock(start)} to {shift.clock(end)}" for start, end in spans)
    return PlanZone(
        id=zone.id,
        number=zone.number,
        name=zone.name,
        at=place_of(zone),
        harm_per_h=round(facts.expected(shift, spans), 6),
        windows=spans,
        whence=whence,
        below_bar=below_bar,
        cap=cap,
        words=f"{clock} ({_WORDS[how]})",
    )


def place_of(zone: PatrolZone) -> EastNorth:
    """Return the centre of the cell of a zone that is nearest the middle of its incidents: a place inside it."""
    east_m, north_m = spatial.to_grid(*spatial.cell_centres(zone.cells))
    at = spatial.parse_grid_reference(zone.grid_reference)
    nearest = int(np.argmin(np.hypot(east_m - at.east_m - _HALF_SQUARE_M, north_m - at.north_m - _HALF_SQUARE_M)))
    return EastNorth(round(float(east_m[nearest]), 1), round(float(north_m[nearest]), 1))


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


def _merged(spans: Sequence[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return tuple(merged)


def bound_zones(commitments: Sequence[Commitment], zones: Sequence[PatrolZone]) -> tuple[Commitment, ...]:
    """Return commitments with the id of each zone that was typed, by its number or id; raise QueryError for no such."""
    return tuple(
        bound if bound.zone is None else replace(bound, zone=_zone_of(bound.zone, zones, "commitment").id)
        for bound in commitments
    )


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
