"""Decide every word of the Safe Places on paper, from a public release alone."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

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
from geo_service.workflows.place_entries import (
    NEVER,
    Place,
    entry,
    is_always,
    is_unchecked,
    metres_from,
    places_in,
    places_of,
    short_hours,
    short_warning,
    text,
    town_of,
    warning,
    where_is,
)
from geo_service.workflows.sheets import written

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection

    from geo_service.model.release import PublicRelease

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
_NOTES: Final = (
    "Opening times can be different on bank holidays and at Christmas: check before you go.",
    "If this paper is more than a year old, ask for a new one.",
)


def towns(release: PublicRelease) -> dict[str, int]:
    """Return the towns with a directory of their own and how many places each has; `` for places without a town."""
    counted: dict[str, int] = {}
    for place in places_in(release):
        counted[town_of(place.row)] = counted.get(town_of(place.row), 0) + 1
    return dict(sorted(counted.items(), key=lambda item: (not item[0], item[0])))


def never_checked(release: PublicRelease, named: Collection[str]) -> int:
    """Count the places of some towns that nobody has checked."""
    return sum(is_unchecked(place) for place in places_in(release) if town_of(place.row) in named)


def directory(release: PublicRelease, town: str, today: dt.date, *, large_print: bool) -> PlaceDirectory:
    """Decide the directory of a town: places that are open day and night first, then by name."""
    chosen = places_of(release, town)
    always = sum(is_always(place) for place in chosen)
    intro = f"If you feel frightened, bullied or lost, go into any of these places and ask for help. Say: “{SAY}.”"
    if 0 < always < len(chosen):
        intro += f" {'The first is' if always == 1 else f'The first {always} are'} open day and night."
    entries = [entry(place, release, today) for place in chosen]
    unknown, entries = _said_once(entries)
    return PlaceDirectory(
        title=_title(release, town),
        intro=intro,
        warning=warning(chosen),
        unknown=unknown,
        emergency=EMERGENCY,
        places=tuple(entries),
        notes=_NOTES,
        issued=_issued(release, today, count=len(chosen)),
        licences=release.all_licences,
        demonstration=_demonstration(release),
        large_print=large_print,
        keywords=_keywords(release),
    )


def wallet_cards(release: PublicRelease, town: str, today: dt.date) -> WalletCards:
    """Decide the cards of a town: the nearest places to its middle first."""
    chosen = _from_the_middle(release, town, places_of(release, town))
    unknown = bool(chosen) and not any(text(place.row, "opening_hours") for place in chosen)
    hours = "Hours are not known." if unknown else "Hours can differ on bank holidays."
    return WalletCards(
        title=SAY,
        please="Please let me come in and wait. Please help me to call somebody.",
        call="Call for me:",
        emergency=SHORT_EMERGENCY,
        back_title=_title(release, town),
        warning=" ".join(filter(None, (hours, short_warning(chosen)))),
        places=tuple(
            CardLine(text(place.row, "name") or text(place.row, "id"), _rest(place, release, hours=not unknown))
            for place in chosen
        ),
        issued=_briefly_issued(release, today),
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
        issued=_briefly_issued(release, today),
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
        trace=(
            "Is somebody watching your phone? It may remember this visit.",
            "Every page has a button to leave quickly.",
        ),
        emergency=EMERGENCY,
        warning=warning(places_of(release, town) if town else places_in(release)),
        issued=_issued(release, today),
        licences=release.all_licences,
        demonstration=_demonstration(release),
        large_print=large_print,
        keywords=_keywords(release),
    )


def _said_once(entries: list[PlaceEntry]) -> tuple[str, list[PlaceEntry]]:
    """Take out of the entries what is not known of any of them, and the day of a list that none was checked since."""
    if len(entries) > 1 and len({each.checked for each in entries}) == 1 and entries[0].checked.startswith(NEVER):
        entries = [replace(each, checked=NEVER) for each in entries]
    unknown = {each.unknown for each in entries}
    if len(entries) < 2 or len(unknown) > 1:  # noqa: PLR2004 - one place has nobody to share with
        return "", entries
    return unknown.pop(), [replace(each, unknown="") for each in entries]


def _issued(release: PublicRelease, today: dt.date, *, count: int = 0) -> str:
    made = "" if release.made is None else f" of {written(release.made.astimezone(LONDON).date())}"
    places = "" if not count else f"{count} place{'' if count == 1 else 's'}. "
    return f"{places}Printed on {written(today)} from release {release.number}{made}."


def _briefly_issued(release: PublicRelease, today: dt.date) -> str:
    return f"Release {release.number}, printed on {written(today)}."


def _title(release: PublicRelease, town: str) -> str:
    where = _where(release, town)
    return f"Safe Places in {where}" if where else "Safe Places"


def _where(release: PublicRelease, town: str) -> str:
    return town or release.area


def _keywords(release: PublicRelease) -> tuple[str, ...]:
    return (release.places.provenance.marking, f"release {release.number}")


def _demonstration(release: PublicRelease) -> bool:
    return release.places.provenance.demonstration


def _from_the_middle(release: PublicRelease, town: str, chosen: list[Place]) -> list[Place]:
    """Order places by how far they are from the middle of their town; those without a position last."""
    known = release.gazetteer.towns
    middle = known.filter(known["name"] == town).head(1)
    if middle.is_empty():
        return chosen

    def far(place: Place) -> float:
        return float("inf") if place.lon_lat is None else round(float(metres_from(middle, place.lon_lat)[0]), 1)

    return sorted(chosen, key=far)


def _rest(place: Place, release: PublicRelease, *, hours: bool) -> str:
    where = text(place.row, "address") or where_is(place, release) or "Address not known"
    return ". ".join(filter(None, (where, short_hours(place) if hours else "", text(place.row, "phone"))))
