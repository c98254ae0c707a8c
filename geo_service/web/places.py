"""Safe Places as a page shows them: every fact in words, gaps named."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from geo_service.safe_places.opening import Opening, opening
from geo_service.safe_places.review import needs_review
from geo_service.safe_places.words import hours_words
from geo_service.web.pages import day_words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from geo_service.model.layers import FeatureTable

POSTCODE_CENTRE = "postcode centre"
_YES_NO = (
    ("step_free", "step-free entrance"),
    ("toilet", "toilet"),
    ("quiet_space", "quiet space"),
    ("hearing_loop", "hearing loop"),
)
_ORDER = {"open": 0, "unknown": 1, "closed": 2}
_ELSEWHERE = "Elsewhere"


@dataclass(frozen=True, slots=True)
class Place:
    """Hold what is said of one place; pages and map show the same."""

    id: str
    number: int
    name: str
    kind: str
    town: str
    address: str
    opening: Opening
    hours: tuple[str, ...]
    """Opening hours written out."""
    phone: str
    facts: tuple[tuple[str, str], ...]
    """Further facts that are known, as (label, words)."""
    unknown: tuple[str, ...]
    """Labels of the facts that are not known."""
    verified: str
    position: str
    """What must be said of the position; empty where the pin is exact."""
    lon_lat: tuple[float, float] | None

    @property
    def telephone(self) -> str:
        """Return the number as a `tel:` address takes it."""
        return "".join(sign for sign in self.phone if sign.isdigit() or sign == "+")


def read_places(table: FeatureTable, now: dt.datetime) -> list[Place]:
    """Return the places numbered in the order of the page: by town, open ones first, then by name."""
    geometry = table.geometry
    rows = [(row, geometry[position]) for position, row in enumerate(table.rows.iter_rows(named=True))]
    found = [_place(row, shape, now) for row, shape in rows]
    found.sort(key=lambda place: (place.town == _ELSEWHERE, place.town, _ORDER[place.opening.state], place.name))
    return [_numbered(place, number) for number, place in enumerate(found, start=1)]


def by_town(places: Sequence[Place]) -> list[tuple[str, list[Place]]]:
    """Group places that are in the order of the page."""
    return [(town, list(group)) for town, group in groupby(places, key=lambda place: place.town)]


def pins(places: Sequence[Place]) -> list[dict[str, object]]:
    """Return one pin for each position, because places of one postcode share its centre.

    A pin is open where one of its places is open, unknown where none is open and one is unknown.
    """
    located = sorted((place for place in places if place.lon_lat), key=lambda place: place.lon_lat or (0, 0))
    grouped = [list(group) for _, group in groupby(located, key=lambda place: place.lon_lat)]
    grouped.sort(key=lambda group: group[0].number)
    return [_pin(sorted(group, key=lambda place: place.number)) for group in grouped]


def _pin(group: list[Place]) -> dict[str, object]:
    first = group[0]
    return {
        "lon_lat": first.lon_lat,
        "state": min((place.opening.state for place in group), key=_ORDER.__getitem__),
        "text": str(first.number) if len(group) == 1 else "+",
        "name": first.name if len(group) == 1 else f"{len(group)} places: {_runs([place.number for place in group])}",
        "places": [place.id for place in group],
    }


def _runs(numbers: list[int]) -> str:
    """Write ascending numbers briefly: `3`, `3-9`, `3, 5` or `3 …`."""
    if len(numbers) == 1:
        return str(numbers[0])
    if numbers[-1] - numbers[0] == len(numbers) - 1:
        return f"{numbers[0]}-{numbers[-1]}"
    return f"{numbers[0]}, {numbers[1]}" if len(numbers) == 2 else f"{numbers[0]} …"  # noqa: PLR2004


def _numbered(place: Place, number: int) -> Place:
    values = {name: getattr(place, name) for name in Place.__slots__}
    return Place(**values | {"number": number})


def _place(row: Mapping[str, object], shape: object, now: dt.datetime) -> Place:
    hours, phone = _text(row, "opening_hours"), _text(row, "phone")
    facts = [
        (title, ", ".join(label for name, label in _YES_NO if row.get(name) is there).capitalize())
        for title, there in (("Has", True), ("Does not have", False))
        if any(row.get(name) is there for name, _ in _YES_NO)
    ]
    facts += [
        (label, _text(row, name))
        for name, label in (("languages", "Languages"), ("for_whom", "Who it is for"), ("web", "Web page"))
        if _text(row, name)
    ]
    asked = (("category", "kind of place"), ("phone", "telephone"), *_YES_NO, ("languages", "languages"))
    unknown = [label for name, label in asked if row.get(name) in (None, "")]
    lon_lat = (float(shape.x), float(shape.y)) if getattr(shape, "geom_type", "") == "Point" else None  # type: ignore[attr-defined]
    return Place(
        id=_text(row, "id"),
        number=0,
        name=_text(row, "name") or _text(row, "id"),
        kind=_text(row, "category"),
        town=_text(row, "town") or _ELSEWHERE,
        address=", ".join(filter(None, (_text(row, "address"), _text(row, "town"), _unbroken(_text(row, "postcode"))))),
        opening=opening(hours, now, phone=bool(phone)),
        hours=hours_words(hours),
        phone=phone,
        facts=tuple(facts),
        unknown=tuple(unknown),
        verified=_verified(row, now.date()),
        position=_position(row, located=lon_lat is not None),
        lon_lat=lon_lat,
    )


def listing_words(listed: str) -> str:
    """Write the day of a listing as `1 November 2023`; what is no date stays as it is."""
    try:
        return day_words(dt.date.fromisoformat(listed))
    except ValueError:
        return listed


def _text(row: Mapping[str, object], name: str) -> str:
    value = row.get(name)
    return "" if value is None else str(value).strip()


def _unbroken(postcode: str) -> str:
    return postcode.replace(" ", "\N{NO-BREAK SPACE}")


def _verified(row: Mapping[str, object], today: dt.date) -> str:
    verified = row.get("last_verified")
    listed = _text(row, "as_listed")
    if _text(row, "status") == "unverified" or not isinstance(verified, dt.date):
        return f"Never verified, as listed {listing_words(listed)}." if listed else "Never verified."
    said = f"Last verified {day_words(verified)}."
    return f"{said} That is more than a year ago: check before you go." if needs_review(verified, today) else said


def _position(row: Mapping[str, object], *, located: bool) -> str:
    if not located:
        return "Not on the map: its position is not known yet."
    if _text(row, "position_source").casefold() == POSTCODE_CENTRE:
        return "Its place on the map is the postcode centre, which can be some way off the door."
    return ""
