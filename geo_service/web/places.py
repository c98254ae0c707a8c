"""Safe Places as a page shows them: facts in fields, gaps named; the words around them are the templates'."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from geo_service.model.language import ENGLISH
from geo_service.safe_places.nearness import read_directory
from geo_service.safe_places.opening import openings
from geo_service.safe_places.review import needs_review
from geo_service.safe_places.schedules import weekly_within
from geo_service.safe_places.words import hours_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from geo_service.model.language import Language
    from geo_service.model.layers import FeatureTable
    from geo_service.safe_places.nearness import Directory
    from geo_service.safe_places.opening import Opening
    from geo_service.safe_places.schedules import Weekly

POSTCODE_CENTRE = "postcode centre"
FEATURES = ("step_free", "toilet", "quiet_space", "hearing_loop")
"""What somebody may need of a place, in the order in which it is said."""
SHAPES = ("circle", "square", "triangle", "diamond", "cross", "pentagon", "star", "hexagon", "slant", "dome")
"""Shapes of pins, one for each kind of place; more kinds than shapes share the last."""
_ORDER = {"open": 0, "unknown": 1, "closed": 2}
_LISTED_LAST = "\uffff"
_DOUBLED_ZERO = re.compile(r"^(\+44|0044)0+")
Position: TypeAlias = Literal["", "postcode", "unknown"]


@dataclass(frozen=True, slots=True)
class Place:
    """Hold what is said of one place; pages and map show the same."""

    id: str
    number: int
    name: str
    kind: str
    town: str
    """Empty where it is not known."""
    address: str
    postcode: str
    opening: Opening
    hours: tuple[str, ...]
    """Opening hours written out."""
    raw_hours: str
    """Opening hours as the list has them."""
    building_hours: tuple[str, ...]
    """Those of each building that it is in, within which its own hold; an empty text is not known."""
    phone: str
    has: tuple[str, ...]
    """Which of FEATURES it has."""
    lacks: tuple[str, ...]
    """Which of FEATURES it is known not to have."""
    languages: str
    for_whom: str
    web: str
    unknown: tuple[str, ...]
    """Columns whose value is not known, of those that people ask for."""
    verified: dt.date | None
    overdue: bool
    """Whether it was not verified within the last year."""
    listed: str
    """Day of the list that it was taken from, ISO 8601 or other words; empty where it was verified or none is known."""
    position: Position
    """What must be said of the pin; empty where it is exact."""
    lon_lat: tuple[float, float] | None

    @property
    def telephone(self) -> str:
        """Return the number as a `tel:` address takes it."""
        # The 0 of `+44 (0)1632` is dialled only without the 44.
        return _DOUBLED_ZERO.sub(r"\1", "".join(sign for sign in self.phone if sign.isdigit() or sign == "+"))

    @property
    def listed_on(self) -> dt.date | None:
        """Return the day of the list, None where what it says is no date."""
        try:
            return dt.date.fromisoformat(self.listed)
        except ValueError:
            return None

    @property
    def week(self) -> tuple[Weekly, ...]:
        """Return its times of a week, within those of its buildings; none where they cannot be said so."""
        return weekly_within((self.raw_hours, *self.building_hours)) or ()

    @property
    def where(self) -> tuple[str, ...]:
        """Return the lines of the whole address."""
        return tuple(filter(None, (self.address, self.town, self.postcode.replace(" ", "\N{NO-BREAK SPACE}"))))


def read_places(
    table: FeatureTable, now: dt.datetime, language: Language = ENGLISH, directory: Directory | None = None
) -> list[Place]:
    """Return the places numbered in the order of the page: by town, open ones first, then by name.

    directory: what was read of the same table, where it was.
    """
    known = read_directory(table.rows, table.geometry) if directory is None else directory
    said = openings(known.hours, now, known.phone, language)
    rows = zip(table.rows.iter_rows(named=True), table.geometry, said, known.hours, strict=True)
    found = [_place(row, shape, now.date(), language, opening, hours[1:]) for row, shape, opening, hours in rows]
    found.sort(key=lambda place: (place.town or _LISTED_LAST, _ORDER[place.opening.state], place.name))
    return [replace(place, number=number) for number, place in enumerate(found, start=1)]


def by_town(places: Sequence[Place]) -> list[tuple[str, list[Place]]]:
    """Group places that are in the order of the page."""
    return [(town, list(group)) for town, group in groupby(places, key=lambda place: place.town)]


def kinds(places: Iterable[Place]) -> dict[str, str]:
    """Return the shape of each kind of place, kinds in order of their names; '' is the kind that is not known."""
    names = sorted({place.kind for place in places})
    return {name: SHAPES[min(position, len(SHAPES) - 1)] for position, name in enumerate(names)}


def pins(places: Sequence[Place]) -> list[dict[str, object]]:
    """Return one pin for each position, because places of one postcode share its centre.

    A pin is open where one of its places is open, unknown where none is open and one is unknown. What the pin says is
    read in the list, so it holds ids alone.
    """
    shapes = kinds(places)
    located = sorted((place for place in places if place.lon_lat), key=lambda place: place.lon_lat or (0, 0))
    grouped = [list(group) for _, group in groupby(located, key=lambda place: place.lon_lat)]
    grouped.sort(key=lambda group: group[0].number)
    return [
        {
            "lon_lat": group[0].lon_lat,
            "state": min((place.opening.state for place in group), key=_ORDER.__getitem__),
            "shape": shapes[group[0].kind] if len({place.kind for place in group}) == 1 else "several",
            "places": [place.id for place in sorted(group, key=lambda place: place.number)],
        }
        for group in grouped
    ]


def _place(  # noqa: PLR0913, PLR0917 - what is read of one row
    row: Mapping[str, Any],
    shape: Any,  # noqa: ANN401 - a shape, or None
    today: dt.date,
    language: Language,
    opening: Opening,
    building: tuple[str, ...],
) -> Place:
    hours, phone = text_of(row, "opening_hours"), text_of(row, "phone")
    verified = row.get("last_verified")
    checked = verified if text_of(row, "status") != "unverified" and isinstance(verified, dt.date) else None
    lon_lat = (float(shape.x), float(shape.y)) if getattr(shape, "geom_type", "") == "Point" else None
    at_postcode = text_of(row, "position_source").casefold() == POSTCODE_CENTRE
    asked = ("category", "phone", *FEATURES, "languages")
    return Place(
        id=text_of(row, "id"),
        number=0,
        name=text_of(row, "name") or text_of(row, "id"),
        kind=text_of(row, "category"),
        town=text_of(row, "town"),
        address=text_of(row, "address"),
        postcode=text_of(row, "postcode"),
        opening=opening,
        hours=hours_words(hours, language),
        raw_hours=hours,
        building_hours=tuple(building),
        phone=phone,
        has=tuple(name for name in FEATURES if row.get(name) is True),
        lacks=tuple(name for name in FEATURES if row.get(name) is False),
        languages=text_of(row, "languages"),
        for_whom=text_of(row, "for_whom"),
        web=text_of(row, "web"),
        unknown=tuple(name for name in asked if row.get(name) in (None, "")),
        verified=checked,
        overdue=checked is not None and needs_review(checked, today),
        listed="" if checked is not None else text_of(row, "as_listed"),
        position="unknown" if lon_lat is None else "postcode" if at_postcode else "",
        lon_lat=lon_lat,
    )


def text_of(row: Mapping[str, Any], name: str) -> str:
    """Return the value of a column as text, empty where there is none."""
    value = row.get(name)
    return "" if value is None else str(value).strip()
