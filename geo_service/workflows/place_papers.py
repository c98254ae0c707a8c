"""Decide every word of the Safe Places on paper, from a public release alone."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from geo_service.model.place_sheets import (
    CardLine,
    PlaceDirectory,
    PlaceEntry,
    PlacePoster,
    WalletCards,
    WindowStickers,
)
from geo_service.model.sheets import SheetRow
from geo_service.safe_places.opening import LONDON
from geo_service.safe_places.review import needs_review
from geo_service.safe_places.schedules import weekly
from geo_service.safe_places.words import hours_words
from geo_service.workflows.sheets import written

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    import polars as pl

    from geo_service.model.release import PublicRelease

FEATURES: Final = {
    "step_free": "Step-free entrance",
    "toilet": "Toilet",
    "quiet_space": "Quiet space",
    "hearing_loop": "Hearing loop",
}
SAY: Final = "I need a Safe Place"
EMERGENCY: Final = (
    SheetRow(
        "In danger now: call 999.", "Cannot speak? On a mobile, call 999, listen, and press 55 when you are asked to."
    ),
    SheetRow("Not an emergency: call 101.", ""),
    SheetRow("Text 999", "works only if the phone was registered before. To register, text the word register to 999."),
    SheetRow("British Sign Language:", "use the 999 BSL app or 999bsl.co.uk."),
)
SHORT_EMERGENCY: Final = (
    SheetRow("In danger now: call 999.", "Cannot speak? On a mobile, call 999, listen, press 55 when asked."),
    SheetRow("Not an emergency: call 101.", "Text 999 only if registered before."),
)
_ALWAYS: Final = "24/7"
_VERIFIED: Final = "verified"
_POSTCODE_CENTRE: Final = "postcode centre"
_NEAR_M: Final = 150.0
"""Farthest middle of a street that says where a place without an address is."""
_METRES_PER_DEGREE: Final = 111_195.0
_NOTES: Final = (
    "Opening times can be different on bank holidays and at Christmas: phone first.",
    "If this paper is more than a year old, ask for a new one.",
)


class _Place(NamedTuple):
    row: Mapping[str, Any]
    lon_lat: tuple[float, float] | None


def towns(release: PublicRelease) -> dict[str, int]:
    """Return the towns with a directory of their own and how many places each has; `` for places without a town."""
    counted: dict[str, int] = {}
    for place in _places(release):
        counted[_town(place.row)] = counted.get(_town(place.row), 0) + 1
    return dict(sorted(counted.items(), key=lambda item: (not item[0], item[0])))


def never_checked(release: PublicRelease, named: Collection[str]) -> int:
    """Count the places of some towns that nobody has checked."""
    return sum(_unchecked(place) for place in _places(release) if _town(place.row) in named)


def directory(release: PublicRelease, town: str, today: dt.date, *, large_print: bool) -> PlaceDirectory:
    """Decide the directory of a town: places that are open day and night first, then by name."""
    chosen = _places_of(release, town)
    always = sum(_is_always(place.row) for place in chosen)
    intro = f"If you feel frightened, bullied or lost, go into any of these places and ask for help. Say: “{SAY}.”"
    if 0 < always < len(chosen):
        intro += f" {'The first is' if always == 1 else f'The first {always} are'} open day and night."
    return PlaceDirectory(
        title=_title(release, town),
        intro=intro,
        warning=_warning(chosen),
        emergency=EMERGENCY,
        places=tuple(_entry(place, release, today) for place in chosen),
        notes=_NOTES,
        issued=_issued(release, today, count=len(chosen)),
        licences=release.all_licences,
        demonstration=_demonstration(release),
        large_print=large_print,
        keywords=_keywords(release),
    )


def wallet_cards(release: PublicRelease, town: str, today: dt.date) -> WalletCards:
    """Decide the cards of a town: the nearest places to its middle first."""
    chosen = _from_the_middle(release, town, _places_of(release, town))
    return WalletCards(
        title=SAY,
        please="Please let me come in and wait. Please help me to call somebody.",
        call="Call for me:",
        emergency=SHORT_EMERGENCY,
        back_title=_title(release, town),
        warning=_short_warning(chosen),
        places=tuple(
            CardLine(_text(place.row, "name") or _text(place.row, "id"), _rest(place, release)) for place in chosen
        ),
        issued=_issued(release, today),
        demonstration=_demonstration(release),
        keywords=_keywords(release),
    )


def stickers(release: PublicRelease, town: str, today: dt.date) -> WindowStickers:
    """Decide the stickers for the windows of places."""
    return WindowStickers(
        title="Safe Place",
        invitation="Come in and ask for help.",
        say=f"Say: “{SAY}.”",
        where=town or release.area,
        issued=_issued(release, today),
        caution=(
            "Only for a place that is in the list and has agreed to take part. Take the sticker down when it stops. "
            "Cut along the lines."
        ),
        demonstration=_demonstration(release),
        keywords=_keywords(release),
    )


def poster(release: PublicRelease, town: str, today: dt.date, *, url: str, large_print: bool) -> PlacePoster:
    """Decide the poster; `url` is the address of the public site, checked."""
    return PlacePoster(
        title="Frightened, bullied or lost?",
        lines=("You can go into a Safe Place and ask for help.", f"Say: “{SAY}.”"),
        scan=f"Find the nearest Safe Place{f' in {_where(release, town)}' if _where(release, town) else ''}:",
        address=url,
        shown_address=url.partition("://")[2].rstrip("/"),
        trace="Is somebody watching your phone? It may remember this visit. The page has a button to leave quickly.",
        emergency=EMERGENCY,
        warning=_warning(_places_of(release, town) if town else _places(release)),
        issued=_issued(release, today),
        licences=release.all_licences,
        demonstration=_demonstration(release),
        large_print=large_print,
        keywords=_keywords(release),
    )


def _places(release: PublicRelease) -> list[_Place]:
    shapes = release.places.geometry
    return [
        _Place(row, (float(shape.x), float(shape.y)) if getattr(shape, "geom_type", "") == "Point" else None)
        for row, shape in zip(release.places.rows.iter_rows(named=True), shapes, strict=True)
    ]


def _places_of(release: PublicRelease, town: str) -> list[_Place]:
    chosen = [place for place in _places(release) if _town(place.row) == town]
    return sorted(
        chosen, key=lambda place: (not _is_always(place.row), _text(place.row, "name"), _text(place.row, "id"))
    )


def _entry(place: _Place, release: PublicRelease, today: dt.date) -> PlaceEntry:
    row = place.row
    asked = {"phone": "phone number", **FEATURES, "languages": "languages"}
    more = [SheetRow(label, _text(row, name)) for name, label in (("languages", "Languages"), ("for_whom", "For"))]
    checked, doubtful = _checked(row, today)
    return PlaceEntry(
        name=_text(row, "name") or _text(row, "id"),
        kind=_text(row, "category"),
        where=_where_is(place, release) or "Address not known.",
        hours=_hours(row),
        phone=_text(row, "phone"),
        has=tuple((name, words) for name, words in FEATURES.items() if row.get(name) is True),
        lacks=_listed([words.lower() for name, words in FEATURES.items() if row.get(name) is False]),
        unknown=_listed([words.lower() for name, words in asked.items() if row.get(name) in (None, "")]),
        more=tuple(line for line in more if line.text),
        checked=checked,
        doubtful=doubtful,
    )


def _hours(row: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the opening times in words; unknown ones never look known."""
    hours = _text(row, "opening_hours")
    advice = "phone first" if _text(row, "phone") else "check before you go"
    if not hours:
        return (f"Hours not known, {advice}",)
    return hours_words(hours) if weekly(hours) is not None else (*hours_words(hours), f"Hours not clear, {advice}")


def _checked(row: Mapping[str, Any], today: dt.date) -> tuple[str, bool]:
    verified, listed = _verified_on(row), _text(row, "as_listed")
    if verified is None:
        return (f"Never checked. As listed on {_day(listed)}." if listed else "Never checked."), True
    said = f"Last checked {written(verified)}."
    if needs_review(verified, today):
        return f"{said} That is more than a year ago: check before you go.", True
    return said, False


def _where_is(place: _Place, release: PublicRelease) -> str:
    """Return the address with its postcode, or the street that it is near where the address is not known."""
    address = _text(place.row, "address") or _near(place, release)
    return ", ".join(filter(None, (address, _text(place.row, "postcode").replace(" ", "\N{NO-BREAK SPACE}"))))


def _near(place: _Place, release: PublicRelease) -> str:
    streets = release.gazetteer.streets
    exact = _text(place.row, "position_source").casefold() != _POSTCODE_CENTRE
    if place.lon_lat is None or not exact or streets.is_empty():
        return ""
    metres = _metres(streets, place.lon_lat)
    nearest = int(metres.argmin())
    return f"Near {streets['name'][nearest]}" if metres[nearest] <= _NEAR_M else ""


def _from_the_middle(release: PublicRelease, town: str, chosen: list[_Place]) -> list[_Place]:
    """Order places by how far they are from the middle of their town; those without a position last."""
    known = release.gazetteer.towns
    middle = known.filter(known["name"] == town).head(1)
    if middle.is_empty():
        return chosen

    def far(place: _Place) -> float:
        return float("inf") if place.lon_lat is None else round(float(_metres(middle, place.lon_lat)[0]), 1)

    return sorted(chosen, key=far)


def _metres(frame: pl.DataFrame, lon_lat: tuple[float, float]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return how far the points of a frame are, on a plane that touches the earth there: enough within a town."""
    east = (frame["lon"].to_numpy() - lon_lat[0]) * np.cos(np.radians(lon_lat[1]))
    north = frame["lat"].to_numpy() - lon_lat[1]
    return np.asarray(np.hypot(east, north) * _METRES_PER_DEGREE)


def _rest(place: _Place, release: PublicRelease) -> str:
    where = _where_is(place, release) or "address not known"
    said = [
        where,
        "; ".join(line[0].lower() + line[1:] if line.startswith("Hours") else line for line in _hours(place.row)),
    ]
    return ". ".join([*said, *filter(None, [_text(place.row, "phone")])])


def _warning(chosen: Sequence[_Place]) -> str:
    doubtful = [place.row for place in chosen if _unchecked(place)]
    if not doubtful:
        return ""
    listed = sorted({_text(row, "as_listed") for row in doubtful} - {""})
    since = f" They are shown as listed on {_listed([_day(day) for day in listed])}." if listed else ""
    if len(doubtful) == len(chosen):
        return f"Nobody has checked these places.{since} Check before you go."
    have = "has" if len(doubtful) == 1 else "have"
    return f"{len(doubtful)} of these {len(chosen)} places {have} never been checked. Check before you go."


def _short_warning(chosen: Sequence[_Place]) -> str:
    doubtful = sum(map(_unchecked, chosen))
    if not doubtful:
        return ""
    return (
        "Not checked by anybody: check before you go."
        if doubtful == len(chosen)
        else f"{doubtful} of {len(chosen)} never checked."
    )


def _unchecked(place: _Place) -> bool:
    return _verified_on(place.row) is None


def _verified_on(row: Mapping[str, Any]) -> dt.date | None:
    """Return the day on which somebody checked a place; None for one that counts as unverified."""
    day = row.get("last_verified")
    return day if _text(row, "status") == _VERIFIED and isinstance(day, dt.date) else None


def _issued(release: PublicRelease, today: dt.date, *, count: int = 0) -> str:
    made = "" if release.made is None else f" of {written(release.made.astimezone(LONDON).date())}"
    places = "" if not count else f"{count} place{'' if count == 1 else 's'}. "
    return f"{places}Printed on {written(today)} from release {release.number}{made}."


def _title(release: PublicRelease, town: str) -> str:
    where = _where(release, town)
    return f"Safe Places in {where}" if where else "Safe Places"


def _where(release: PublicRelease, town: str) -> str:
    return town or release.area


def _keywords(release: PublicRelease) -> tuple[str, ...]:
    return (release.places.provenance.marking, f"release {release.number}")


def _demonstration(release: PublicRelease) -> bool:
    return release.places.provenance.demonstration


def _is_always(row: Mapping[str, Any]) -> bool:
    return _text(row, "opening_hours") == _ALWAYS


def _town(row: Mapping[str, Any]) -> str:
    return _text(row, "town")


def _text(row: Mapping[str, Any], name: str) -> str:
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
