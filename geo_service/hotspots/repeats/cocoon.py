"""Lay a super-cocoon around each new offence: the place itself, then what is nearest, for a chosen number of days."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

from geo_service.errors import QueryError

if TYPE_CHECKING:
    from geo_service.model.boundaries import Geometries
    from geo_service.model.cells import Floats, Ints

RADII_M: Final = (10.0, 1_000.0)
"""Least and most metres of a cocoon."""
MOST_DAYS: Final = 90
OWN_PLACE_M: Final = 1.0
"""Metres within which an address is that of the offence itself."""


@dataclass(frozen=True, slots=True)
class CocoonRules:
    """Say how far and how long a cocoon reaches."""

    radius_m: float = 200.0
    days: int = 21
    """Days after the offence on which the last visit falls."""
    most: int = 40
    """Places around one offence, the nearest first."""

    def __post_init__(self) -> None:
        """Refuse what is no cocoon."""
        if not RADII_M[0] <= self.radius_m <= RADII_M[1]:
            raise QueryError(
                "A cocoon cannot have that radius",
                found=f"{self.radius_m:g} m",
                do=f"Give {RADII_M[0]:g} to {RADII_M[1]:,g} m",
                field="radius",
            )
        if not 1 <= self.days <= MOST_DAYS:
            raise QueryError(
                "A cocoon cannot last for that time",
                found=f"{self.days} days",
                do=f"Give 1 to {MOST_DAYS} days; the risk is raised for some three to six weeks",
                field="days",
            )


@dataclass(frozen=True, slots=True)
class Cocoons:
    """Hold the visits of all live cocoons, m in order: newest offence first, then by distance."""

    incident: Ints
    """Offence that the visit is for."""
    place: Ints
    """Place to visit; -1 for the offence's own, which comes first, as a follow-up."""
    order: Ints
    """0 for the follow-up, then 1, 2, 3 … by distance."""
    distance_m: Floats
    last_day: Ints
    """Last day of the visits."""


def cocoons(  # noqa: PLR0913 - an offence and a place have these parts
    east_north_m: Floats,
    day: Ints,
    places: Geometries,
    *,
    on: int,
    known_day: Ints | None = None,
    rules: CocoonRules | None = None,
) -> Cocoons:
    """Return the visits that are due on a day, closest first.

    east_north_m: offences, metres of a plane (k, 2). day: whole days since any day, on which each happened (k).
    places: what can be visited, such as homes (points), street segments (lines) or cells (polygons), in the same
    plane (n). known_day: on which each was recorded, by default the day it happened (k). A cocoon is live from then
    until `rules.days` after the offence, for the risk fades from there: what is recorded later than that has none. A
    place at the offence's own place is left out, for the follow-up goes there; equally near places come in the order
    given. A place may be in more than one cocoon. Sources: Johnson, S.D. et al. (2007), "Space-time patterns of risk",
    Journal of Quantitative Criminology 23; Fielding, M. and Jones, V. (2012), "Disrupting the optimal forager",
    International Journal of Police Science & Management 14.
    """
    rules = rules or CocoonRules()
    live = np.flatnonzero(((day if known_day is None else known_day) <= on) & (on <= day + rules.days))
    live = live[np.lexsort((live, -day[live]))]
    at = shapely.points(east_north_m[live])
    who, place = shapely.STRtree(places).query(at, predicate="dwithin", distance=rules.radius_m)
    distance = shapely.distance(at[who], places[place])
    # A polygon or street that the offence lies on is beside it, a point is the place itself.
    apart = (distance >= OWN_PLACE_M) | (shapely.get_dimensions(places[place]) > 0)
    who, place, distance = who[apart], place[apart], distance[apart]
    ranked = np.lexsort((place, distance, who))
    who, place, distance = who[ranked], place[ranked], distance[ranked]
    order = np.arange(len(who)) - np.searchsorted(who, who) + 1
    kept = order <= rules.most
    own = np.arange(len(live))
    incident = np.concatenate([own, who[kept]])
    number = np.concatenate([np.zeros(len(live), dtype=np.int64), order[kept]])
    rank = np.lexsort((number, incident))
    where = np.concatenate([np.full(len(live), -1), place[kept]])
    apart_m = np.concatenate([np.zeros(len(live)), distance[kept]])
    at_row = live[incident[rank]]
    return Cocoons(at_row, where[rank], number[rank], apart_m[rank], (day[at_row] + rules.days).astype(np.int64))
