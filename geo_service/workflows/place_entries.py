"""Say on paper what is known of one Safe Place, and what must be said of several."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from geo_service.model.place_sheets import PlaceEntry
from geo_service.model.sheets import SheetRow
from geo_service.safe_places.nearness import read_directory
from geo_service.safe_places.review import needs_review
from geo_service.safe_places.schedules import weekly
from geo_service.safe_places.words import hours_words
from geo_service.workflows.sheets import written

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import polars as pl

    from geo_service.model.release import PublicRelease

FEATURES: Final = {
    "step_free": "Step-free entrance",
    "toilet": "Toilet",
    "quiet_space": "Quiet space",
    "hearing_loop": "Hearing loop",
}
NEVER: Final = "Never checked."
_ALWAYS: Final = "24/7"
_DAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_TO: Final = "\N{EN DASH}"
_SHORT_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_VERIFIED: Final = "verified"
_POSTCODE_CENTRE: Final = "postcode centre"
_NEAR_M: Final = 150.0
"""Farthest middle of a street that says where a place without an address is."""
_LONGEST_SHORT: Final = 60
_METRES_PER_DEGREE: Final = 111_195.0


class Place(NamedTuple):
    """Hold one place of a release."""

    row: Mapping[str, Any]
    lon_lat: tuple[float, float] | None
    building: tuple[str, ...] = ()
    """Opening hours of each building around it, OSM syntax; empty for hours that nobody knows."""


def places_in(release: PublicRelease) -> list[Place]:
    """Return the places of a release."""
    rows, shapes = release.places.rows, release.places.geometry
    hours = read_directory(rows, shapes).hours
    return [
        Place(row, (float(shape.x), float(shape.y)) if getattr(shape, "geom_type", "") == "Point" else None, every[1:])
        for row, shape, every in zip(rows.iter_rows(named=True), shapes, hours, strict=True)
    ]


def places_of(release: PublicRelease, town: str) -> list[Place]:
    """Return the places of a town, those that are open day and night first, then by name."""
    chosen = [place for place in places_in(release) if town_of(place.row) == town]
    return sorted(chosen, key=lambda place: (not is_always(place), text(place.row, "name"), text(place.row, "id")))


def entry(place: Place, release: PublicRelease, today: dt.date) -> PlaceEntry:
    """Return what the directory says of a place."""
    row = place.row
    asked = {"phone": "phone number", **FEATURES, "languages": "languages"}
    more = [SheetRow(label, text(row, name)) for name, label in (("languages", "Languages"), ("for_whom", "For"))]
    checked, doubtful = _checked(row, today)
    return PlaceEntry(
        name=text(row, "name") or text(row, "id"),
        kind=text(row, "category"),
        where=where_is(place, release) or "Address not known.",
        hours=_hours(place),
        unsure=is_unsure(place),
        phone=text(row, "phone"),
        has=tuple((name, words) for name, words in FEATURES.items() if row.get(name) is True),
        lacks=_listed([words.lower() for name, words in FEATURES.items() if row.get(name) is False]),
        unknown=_listed([words.lower() for name, words in asked.items() if row.get(name) in (None, "")]),
        more=tuple(line for line in more if line.text),
        checked=checked,
        doubtful=doubtful,
    )


def _hours(place: Place) -> str:
    """Return the opening times in words, those of the building too; unknown ones never look known."""
    hours = text(place.row, "opening_hours")
    advice = "phone first" if text(place.row, "phone") else "check before you go"
    said = [_sentence(hours) if hours else "Hours not known"]
    said += [
        f"The building: {_inside(_sentence(each))}" if each else "The building's hours are not known"
        for each in place.building
    ]
    every = (hours, *place.building)
    if any(each and weekly(each) is None for each in every):
        said[-1] += "; hours not clear"
    if is_unsure(place):
        said[-1] += f", {advice}"
    return f"{'. '.join(said)}."


def _sentence(hours: str) -> str:
    return "; ".join(line if n == 0 else _inside(line) for n, line in enumerate(hours_words(hours)))


def _inside(line: str) -> str:
    """Return a line as it stands inside a sentence: names of days keep their capital."""
    return f"{line[0].lower()}{line[1:]}" if line.startswith(("Bank", "Every", "Hours", "Day and")) else line


def _checked(row: Mapping[str, Any], today: dt.date) -> tuple[str, bool]:
    verified, listed = _verified_on(row), text(row, "as_listed")
    if verified is None:
        return (f"{NEVER} As listed on {_day(listed)}." if listed else NEVER), True
    said = f"Last checked {written(verified)}."
    if needs_review(verified, today):
        return f"{said} That is more than a year ago: check before you go.", True
    return said, False


def where_is(place: Place, release: PublicRelease) -> str:
    """Return the address with its postcode, or the street that it is near where the address is not known."""
    address = text(place.row, "address") or _near(place, release)
    return ", ".join(filter(None, (address, text(place.row, "postcode").replace(" ", "\N{NO-BREAK SPACE}"))))


def _near(place: Place, release: PublicRelease) -> str:
    streets = release.gazetteer.streets
    exact = text(place.row, "position_source").casefold() != _POSTCODE_CENTRE
    if place.lon_lat is None or not exact or streets.is_empty():
        return ""
    metres = metres_from(streets, place.lon_lat)
    nearest = int(metres.argmin())
    return f"Near {streets['name'][nearest]}" if metres[nearest] <= _NEAR_M else ""


def metres_from(frame: pl.DataFrame, lon_lat: tuple[float, float]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return how far the points of a frame are, on a plane that touches the earth there: enough within a town."""
    east = (frame["lon"].to_numpy() - lon_lat[0]) * np.cos(np.radians(lon_lat[1]))
    north = frame["lat"].to_numpy() - lon_lat[1]
    return np.asarray(np.hypot(east, north) * _METRES_PER_DEGREE)


def short_hours(place: Place) -> str:
    """Return weekly opening times as briefly as a card has room for; hours that are not weekly never look known."""
    hours = text(place.row, "opening_hours")
    if is_always(place):
        return "Day and night"
    found = weekly(hours)
    if found is None or is_unsure(place):
        return "Hours not clear" if hours else "Hours not known"
    first = sorted(found, key=lambda times: (_DAYS.index(times.days[0]), times.opens_at))
    said = ", ".join(f"{_days(times.days)} {times.opens_at}{_TO}{times.closes_at}" for times in first)
    # Half of the hours would be worse than none.
    return said if len(said) <= _LONGEST_SHORT and not place.building else "Hours: ask for the list"


def _days(days: Sequence[str]) -> str:
    """Write days that follow each other by the first and the last, others one by one."""
    at = [_DAYS.index(day) for day in days]
    names = [_SHORT_DAYS[n] for n in at]
    if len(at) == len(_DAYS):
        return "Every day"
    if len(at) > 2 and at[-1] - at[0] == len(at) - 1:  # noqa: PLR2004 - two days are named
        return f"{names[0]}{_TO}{names[-1]}"
    return " ".join(names)


def warning(chosen: Sequence[Place]) -> str:
    """Return what must be said of places that nobody has checked; empty where each was checked."""
    doubtful = [place.row for place in chosen if is_unchecked(place)]
    if not doubtful:
        return ""
    listed = sorted({text(row, "as_listed") for row in doubtful} - {""})
    since = f" They are shown as listed on {_listed([_day(day) for day in listed])}." if listed else ""
    if len(doubtful) == len(chosen):
        return f"Nobody has checked these places.{since} Check before you go."
    have = "has" if len(doubtful) == 1 else "have"
    return f"{len(doubtful)} of these {len(chosen)} places {have} never been checked. Check before you go."


def short_warning(chosen: Sequence[Place]) -> str:
    """Return the same for a card."""
    doubtful = sum(map(is_unchecked, chosen))
    if not doubtful:
        return ""
    return (
        "Not checked by anybody: check before you go."
        if doubtful == len(chosen)
        else f"{doubtful} of {len(chosen)} never checked."
    )


def is_unchecked(place: Place) -> bool:
    """Tell whether nobody has checked a place."""
    return _verified_on(place.row) is None


def _verified_on(row: Mapping[str, Any]) -> dt.date | None:
    """Return the day on which somebody checked a place; None for one that counts as unverified."""
    day = row.get("last_verified")
    return day if text(row, "status") == _VERIFIED and isinstance(day, dt.date) else None


def is_always(place: Place) -> bool:
    """Tell whether a place is open day and night."""
    return all(hours == _ALWAYS for hours in (text(place.row, "opening_hours"), *place.building))


def is_unsure(place: Place) -> bool:
    """Tell whether the hours of a place, or of a building around it, are not known or not clear."""
    return any(weekly(hours) is None for hours in (text(place.row, "opening_hours"), *place.building))


def town_of(row: Mapping[str, Any]) -> str:
    """Return the town of a place, `` where it has none."""
    return text(row, "town")


def text(row: Mapping[str, Any], name: str) -> str:
    """Return a value as text, `` where there is none."""
    value = row.get(name)
    return "" if value is None else str(value).strip()


def _day(text: str) -> str:
    """Write a day as `1 November 2023`; what is none stays as it is."""
    try:
        return written(dt.date.fromisoformat(text))
    except ValueError:
        return text


def _listed(parts: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(parts[:-1]), *parts[-1:])))
