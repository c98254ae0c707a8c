"""Say on paper what is known of one Safe Place, and what must be said of several."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from geo_service.model.place_sheets import PlaceEntry
from geo_service.safe_places.nearness import read_directory
from geo_service.safe_places.review import needs_review
from geo_service.workflows.handouts.place_hours import ALWAYS, hours_sentences, is_known

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import polars as pl

    from geo_service.model.release import PublicRelease
    from geo_service.workflows.handouts.place_edition import Edition
    from geo_service.workflows.handouts.place_words import PaperWords

_VERIFIED: Final = "verified"
_POSTCODE_CENTRE: Final = "postcode centre"
_NEAR_M: Final = 150.0
"""Farthest middle of a street that says where a place without an address is."""
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


def entry(place: Place, edition: Edition, words: PaperWords) -> PlaceEntry:
    """Return what the directory says of a place."""
    row, say, names = place.row, words.say, _features(words)
    more = [(say("Languages"), text(row, "languages")), (say("Who it is for"), text(row, "for_whom"))]
    has = tuple((name, *both) for name, both in names.items() if row.get(name) is True)
    lacks = words.listed([inside for name, (_, inside) in names.items() if row.get(name) is False])
    checked, doubtful = _checked(row, edition.today, words)
    return PlaceEntry(
        name=words.english(name_of(place)),
        kind=words.english(text(row, "category")),
        where=where_is(place, edition.release, words) or say("Address not known."),
        hours=hours_sentences(text(row, "opening_hours"), place.building, words, phone=bool(text(row, "phone"))),
        unsure=is_unsure(place),
        phone=text(row, "phone"),
        has=tuple((name, alone) for name, alone, _ in has),
        lacks=say("Does not have: %(things)s.", things=lacks) if lacks else "",
        unknown=_unknown_sentence(unknown_of(place, words), words),
        more=tuple(words.sentence(f"{label}: {words.english(said)}") for label, said in more if said),
        checked=checked,
        doubtful=doubtful,
    )


def _features(words: PaperWords) -> dict[str, tuple[str, str]]:
    """Return what a place may have, alone and within a sentence."""
    say = words.say
    return {
        "step_free": (say("Step-free entrance"), say("step-free entrance")),
        "toilet": (say("Toilet"), say("toilet")),
        "quiet_space": (say("Quiet space"), say("quiet space")),
        "hearing_loop": (say("Hearing loop"), say("hearing loop")),
    }


def unknown_of(place: Place, words: PaperWords) -> str:
    """Return what nobody knows of a place, as a list in words."""
    say = words.say
    features = {name: inside for name, (_, inside) in _features(words).items()}
    asked = {"phone": say("phone number"), **features, "languages": say("languages")}
    return words.listed([said for name, said in asked.items() if place.row.get(name) in (None, "")])


def _unknown_sentence(things: str, words: PaperWords) -> str:
    return words.say("Not known: %(things)s.", things=things) if things else ""


def _checked(row: Mapping[str, Any], today: dt.date, words: PaperWords) -> tuple[str, bool]:
    verified, listed, say = _verified_on(row), text(row, "as_listed"), words.say
    if verified is None:
        never = say("Never checked.")
        return (say("Never checked. As listed on %(day)s.", day=_day(listed, words)) if listed else never), True
    said = say("Last checked %(day)s.", day=words.date(verified))
    if needs_review(verified, today):
        return words.together(said, words.safety("That is more than a year ago: check before you go.")), True
    return said, False


def name_of(place: Place) -> str:
    """Return the name of a place."""
    return text(place.row, "name") or text(place.row, "id")


def where_is(place: Place, release: PublicRelease, words: PaperWords) -> str:
    """Return the address with its postcode, or the street that it is near where the address is not known."""
    postcode = text(place.row, "postcode").replace(" ", "\N{NO-BREAK SPACE}")
    address = text(place.row, "address")
    street = "" if address else _street_near(place, release)
    near = words.say("Near %(street)s", street=words.english(street)) if street else ""
    if near:
        return ", ".join(filter(None, (near, words.english(postcode))))
    return words.english(", ".join(filter(None, (address, postcode))))


def _street_near(place: Place, release: PublicRelease) -> str:
    streets = release.gazetteer.streets
    exact = text(place.row, "position_source").casefold() != _POSTCODE_CENTRE
    if place.lon_lat is None or not exact or streets.is_empty():
        return ""
    metres = metres_from(streets, place.lon_lat)
    nearest = int(metres.argmin())
    return str(streets["name"][nearest]) if metres[nearest] <= _NEAR_M else ""


def metres_from(frame: pl.DataFrame, lon_lat: tuple[float, float]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return how far the points of a frame are, on a plane that touches the earth there: enough within a town."""
    east = (frame["lon"].to_numpy() - lon_lat[0]) * np.cos(np.radians(lon_lat[1]))
    north = frame["lat"].to_numpy() - lon_lat[1]
    return np.asarray(np.hypot(east, north) * _METRES_PER_DEGREE)


def warning(chosen: Sequence[Place], words: PaperWords) -> str:
    """Return what must be said of places that nobody has checked; empty where each was checked."""
    doubtful = [place.row for place in chosen if is_unchecked(place)]
    if not doubtful:
        return ""
    check = words.safety("Check before you go.")
    if len(doubtful) < len(chosen):
        return words.together(_some_unchecked(len(doubtful), len(chosen), words), check)
    listed = sorted({text(row, "as_listed") for row in doubtful} - {""})
    days = words.listed([_day(day, words) for day in listed])
    since = words.safety("They are shown as listed on %(days)s.", days=days) if listed else ""
    return words.together(words.safety("Nobody has checked these places yet."), since, check)


def _some_unchecked(count: int, of: int, words: PaperWords) -> str:
    said = words.ngettext(
        "%(num)s of these %(all)s places has never been checked.",
        "%(num)s of these %(all)s places have never been checked.",
        count,
        all=of,
    )
    return words.marked(said, "%(num)s of these %(all)s places has never been checked.")


def short_warning(chosen: Sequence[Place], words: PaperWords) -> str:
    """Return the same for a card."""
    doubtful = sum(map(is_unchecked, chosen))
    if not doubtful:
        return ""
    if doubtful == len(chosen):
        return words.safety("Not checked by anybody: check before you go.")
    return _some_unchecked(doubtful, len(chosen), words)


def is_unchecked(place: Place) -> bool:
    """Tell whether nobody has checked a place."""
    return _verified_on(place.row) is None


def _verified_on(row: Mapping[str, Any]) -> dt.date | None:
    """Return the day on which somebody checked a place; None for one that counts as unverified."""
    day = row.get("last_verified")
    return day if text(row, "status") == _VERIFIED and isinstance(day, dt.date) else None


def is_always(place: Place) -> bool:
    """Tell whether a place is open day and night."""
    return all(hours == ALWAYS for hours in (text(place.row, "opening_hours"), *place.building))


def is_unsure(place: Place) -> bool:
    """Tell whether the hours of a place, or of a building around it, are not known or not clear."""
    return not all(map(is_known, (text(place.row, "opening_hours"), *place.building)))


def town_of(row: Mapping[str, Any]) -> str:
    """Return the town of a place, `` where it has none."""
    return text(row, "town")


def text(row: Mapping[str, Any], name: str) -> str:
    """Return a value as text, `` where there is none."""
    value = row.get(name)
    return "" if value is None else str(value).strip()


def _day(text: str, words: PaperWords) -> str:
    """Write a day as `1 November 2023`; what is none stays as it is."""
    try:
        return words.date(dt.date.fromisoformat(text))
    except ValueError:
        return words.english(text)
