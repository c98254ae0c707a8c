"""Name a patrol zone from the places of its incidents."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

GENERIC = frozenset(
    {
        "airport/airfield",
        "bus/coach station",
        "conference/exhibition centre",
        "ferry terminal",
        "football ground",
        "further/higher educational building",
        "hospital",
        "motorway service area",
        "nightclub",
        "park/open space",
        "parking area",
        "pedestrian subway",
        "petrol station",
        "police station",
        "prison",
        "race track",
        "school",
        "shopping area",
        "sports/recreation area",
        "supermarket",
        "theatre/concert hall",
        "theme/adventure park",
        "train station",
    }
)
"""What data.police.uk writes in place of a street: true of many places, so the name of none."""

NOWHERE = frozenset({"", "no location", "not known", "unknown"})
"""What a source writes where it has no place at all."""

_NEAR = re.compile(r"^\s*(?:on or near|on|near)\s+", re.IGNORECASE)
_NEXT_AT_LEAST = 0.5
"""A further place joins the name where it has at least this share of the first one's incidents."""
_MOST_PLACES, _MOST_STREETS = 2, 3


def name_zone(  # noqa: PLR0913 - what a name is made of
    places: Sequence[tuple[str, int]],
    member_name: str,
    grid_reference: str,
    *,
    streets: Sequence[tuple[str, int]] = (),
    incidents: int = 0,
    taken: Collection[str] = (),
) -> str:
    """Name a zone after the streets that its incidents are on, or the places that they are said to be on or near.

    places: words of the source with their counts. streets: named streets of a map with the incidents nearest to them;
    where half of all `incidents` or more lie on one, the one to three with most give the name, otherwise one or two
    places. member_name: the member of the boundary set that holds the zone, used with the grid reference where no place
    is named. A hospital or a car park names no place, but where most incidents are there the name says so. taken: names
    already given in the same run; a name that is among them gets the grid reference added.
    """
    if streets and 2 * sum(count for _, count in streets) >= incidents:
        name = _joined(_counted(streets), _MOST_STREETS)
    else:
        name = _by_places(_counted(places), member_name, grid_reference)
    return f"{name} ({grid_reference})" if name in taken else name


def _by_places(counted: Sequence[tuple[str, int]], member_name: str, grid_reference: str) -> str:
    if not counted:
        return f"{member_name} {grid_reference}"
    first, most = counted[0]
    streets = [place for place in counted if place[0].lower() not in GENERIC]
    if not streets:
        # `Supermarket` alone could be anywhere, so the member says where.
        return f"{first}, {member_name}"
    if first.lower() in GENERIC and most > sum(count for _, count in counted) / 2:
        return f"{first} near {streets[0][0]}"
    return _joined(streets, _MOST_PLACES)


def _plain(said: str) -> str:
    return " ".join(_NEAR.sub("", said).split())


def _counted(places: Sequence[tuple[str, int]]) -> list[tuple[str, int]]:
    """Add up the counts of places that are the same but for `On or near`, case and spacing; most first."""
    totals: dict[str, int] = {}
    written: dict[str, str] = {}
    for said, count in places:
        plain = _plain(said)
        if plain.strip("-. ").lower() not in NOWHERE:
            key = written.setdefault(plain.lower(), plain)
            totals[key] = totals.get(key, 0) + count
    return sorted(totals.items(), key=lambda item: (-item[1], item[0]))


def _joined(streets: Sequence[tuple[str, int]], most: int) -> str:
    """Return the first names, as far as their counts come near the first one's: `A`, `A and B`, `A, B and C`."""
    named = [name for name, count in streets[:most] if count >= streets[0][1] * _NEXT_AT_LEAST]
    return " and ".join([", ".join(named[:-1]), named[-1]] if named[1:] else named)
