"""Which of a team's zones a loop from its parade station reaches: the next take the place of those that none does."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from geo_service import patrol
from geo_service.workflows.planning.plan_ground import known_station, streets_between
from geo_service.workflows.planning.plan_windows import place_of
from geo_service.workflows.planning.plan_words import BY

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from geo_service.model.hotspots import PatrolZone
    from geo_service.model.patrol import PlanRequest
    from geo_service.model.places import EastNorth
    from geo_service.workflows.planning.plan_zones import TeamZones
    from geo_service.workflows.services import Services


OUT_OF_REACH: Final = "No loop of "
"""How the note begins that names the zones left out."""
MOST_TRIED: Final = 40
"""Further zones that are looked at."""


def within_reach(
    services: Services, request: PlanRequest, found: TeamZones, version: int
) -> tuple[TeamZones, tuple[str, ...]]:
    """Replace zones that no loop reaches by the next that one does, highest expected harm first, and say which.

    All stay where no other is within reach, or where the station is not known: it is then the middle of the zones. A
    zone that the request names stays too.
    """
    station = known_station(services, request, found.area, found.members).station
    most = request.rules.loop_min
    if station is None or not found.further:
        return found, ()
    named = {key.strip() for key, _ in (*request.windows, *request.caps)}
    named |= {bound.zone for bound in request.commitments if bound.zone is not None}
    takes = _loop_minutes(services, request, station.at, found.zones, version)
    far = [zone for zone in found.zones if takes[zone.id] > most and not named & {zone.id, str(zone.number)}]
    if not far:
        return found, ()
    others = _as_the_crow_flies(request, station.at, found.further)
    beyond = _loop_minutes(services, request, station.at, others, version)
    instead = [zone for zone in others if beyond[zone.id] <= most][: len(far)]
    if not instead:
        return found, ()
    said = (
        f"{OUT_OF_REACH}{most} minutes {BY[request.rules.mode]} reaches {_listed(far)}; {_listed(instead)} "
        f"{'takes its' if len(far) == 1 else 'takes their' if len(instead) == 1 else 'take their'} place."
    )
    return replace(found, zones=(*(zone for zone in found.zones if zone not in far), *instead)), (said,)


def _as_the_crow_flies(request: PlanRequest, station: EastNorth, zones: Sequence[PatrolZone]) -> list[PatrolZone]:
    """Return zones that a loop could reach in a straight line: the streets of a force need not be looked at."""
    rules = request.rules
    most_m = rules.speed_m_per_min * (rules.loop_min - rules.visit_min) / 2
    near = [zone for zone in zones if math.dist(place_of(zone), station) <= most_m]
    return near[:MOST_TRIED]


def _loop_minutes(
    services: Services, request: PlanRequest, station: EastNorth, zones: Sequence[PatrolZone], version: int
) -> Mapping[str, int]:
    """Return the minutes of a loop from the station that visits a zone alone, in whole minutes each way."""
    if not zones:
        return {}
    places = [station, *(place_of(zone) for zone in zones)]
    streets = streets_between(services, places, request.rules, version)
    legs = patrol.whole_minutes(patrol.travel(places, streets.graph, request.rules))
    both = legs[0, 1:] + legs[1:, 0] + request.rules.visit_min
    return {zone.id: int(minutes) for zone, minutes in zip(zones, both, strict=True)}


def _listed(zones: Sequence[PatrolZone]) -> str:
    numbers = [str(zone.number) for zone in zones]
    if len(numbers) == 1:
        return f"zone {numbers[0]}"
    return f"zones {', '.join(numbers[:-1])} and {numbers[-1]}"
