"""Decide every word of the Safe Places on paper, from a public release alone."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from geo_service.model.place_sheets import (
    CardLine,
    DirectoryWords,
    PlaceDirectory,
    PlacePoster,
    WalletCards,
    WindowStickers,
)
from geo_service.workflows.handouts.place_help import emergency, short_emergency
from geo_service.workflows.handouts.place_hours import short_hours
from geo_service.workflows.places.entries import (
    Place,
    entry,
    is_always,
    is_unchecked,
    metres_from,
    name_of,
    places_in,
    places_of,
    short_warning,
    text,
    town_of,
    unknown_of,
    warning,
    where_is,
)

if TYPE_CHECKING:
    from collections.abc import Collection

    from geo_service.model.place_sheets import PlaceEntry
    from geo_service.model.release import PublicRelease
    from geo_service.workflows.handouts.place_edition import Edition
    from geo_service.workflows.handouts.place_words import PaperWords

SAY: Final = "I need a Safe Place"
"""What people in England are asked: English on every paper."""
PLEASE: Final = "Please let me come in and wait. Please help me to call somebody."


def towns(release: PublicRelease) -> dict[str, int]:
    """Return the towns with a directory of their own and how many places each has; `` for places without a town."""
    counted: dict[str, int] = {}
    for place in places_in(release):
        counted[town_of(place.row)] = counted.get(town_of(place.row), 0) + 1
    return dict(sorted(counted.items(), key=lambda item: (not item[0], item[0])))


def never_checked(release: PublicRelease, named: Collection[str]) -> int:
    """Count the places of some towns that nobody has checked."""
    return sum(is_unchecked(place) for place in places_in(release) if town_of(place.row) in named)


def directory(edition: Edition, town: str, *, large_print: bool) -> PlaceDirectory:
    """Decide the directory of a town: places that are open day and night first, then by name."""
    words = edition.words()
    chosen = places_of(edition.release, town)
    unknown, entries = _said_once(chosen, [entry(place, edition, words) for place in chosen], words)
    made = PlaceDirectory(
        title=edition.title(town, words),
        intro=_intro(chosen, words),
        warning=warning(chosen, words),
        unknown=unknown,
        emergency=emergency(words),
        places=tuple(entries),
        notes=(
            words.safety("Opening times can be different on bank holidays and at Christmas: check before you go."),
            words.say("If this paper is more than a year old, ask for a new one."),
        ),
        issued=edition.issued(words, count=len(chosen)),
        licences=edition.release.all_licences,
        demonstration=edition.demonstration,
        large_print=large_print,
        words=_directory_words(words),
        keywords=edition.keywords,
    )
    return replace(made, language=words.paper())


def wallet_cards(edition: Edition, town: str) -> WalletCards:
    """Decide the cards of a town: the nearest places to its middle first."""
    words = edition.words()
    say, safety = words.say, words.safety
    chosen = _from_the_middle(edition.release, town, places_of(edition.release, town))
    unknown = bool(chosen) and not any(text(place.row, "opening_hours") for place in chosen)
    hours = say("Hours are not known.") if unknown else say("Hours can differ on bank holidays.")
    means = (
        safety("I need a Safe Place"),
        safety("Please let me come in and wait. Please help me to call somebody."),
    )
    made = WalletCards(
        title=words.english(SAY),
        please=words.english(PLEASE),
        call=say("Call for me:"),
        means=(words.without_mark(means[0]), means[1]) if words.translated else (),
        emergency=short_emergency(words),
        back_title=edition.title(town, words),
        warning=words.together(hours, short_warning(chosen, words)),
        places=tuple(_card_line(place, edition.release, words, hours=not unknown) for place in chosen),
        more=tuple(_more(left_out, words) for left_out in range(len(chosen) + 1)),
        issued=edition.briefly_issued(words),
        demonstration=edition.demonstration,
        keywords=edition.keywords,
    )
    return replace(made, language=words.paper())


def stickers(edition: Edition, town: str) -> WindowStickers:
    """Decide the stickers for the windows of places."""
    words = edition.words()
    say, safety = words.say, words.safety
    made = WindowStickers(
        title=words.english("Safe Place"),
        means=say("Safe Place") if words.translated else "",
        invitation=words.without_mark(safety("Come in and ask for help.")),
        say=safety("Say: I need a Safe Place."),
        where=words.english(edition.where(town)),
        issued=edition.briefly_issued(words),
        caution=say(
            "Only for a place that is in the list and has agreed to take part. Take the sticker down when it stops. "
            "Cut along the lines."
        ),
        picture=say("An open door, and somebody who comes in"),
        demonstration=edition.demonstration,
        keywords=edition.keywords,
    )
    return replace(made, language=words.paper())


def poster(edition: Edition, town: str, *, url: str, large_print: bool) -> PlacePoster:
    """Decide the poster; `url` is the address of the public site, checked; its code leads to pages in the language."""
    words = edition.words()
    say, safety = words.say, words.safety
    address = f"{url.rstrip('/')}/{edition.language.code}/" if words.translated else url
    made = PlacePoster(
        title=words.without_mark(safety("Frightened, bullied or lost?")),
        lines=(safety("You can go into a Safe Place and ask for help."), safety("Say: I need a Safe Place.")),
        scan=_scan(words.english(edition.where(town)), words),
        address=address,
        shown_address=address.partition("://")[2].rstrip("/"),
        picture=say("QR code that leads to %(address)s", address=words.english(address)),
        trace=(
            words.without_mark(safety("Is somebody watching your phone? It may remember this visit.")),
            safety("Every page has a button to leave quickly."),
        ),
        emergency=emergency(words),
        warning=warning(places_of(edition.release, town) if town else places_in(edition.release), words),
        issued=edition.issued(words),
        licences=edition.release.all_licences,
        demonstration=edition.demonstration,
        large_print=large_print,
        keywords=edition.keywords,
    )
    return replace(made, language=words.paper())


def _scan(where: str, words: PaperWords) -> str:
    if not where:
        return words.say("Find the nearest Safe Place:")
    return words.say("Find the nearest Safe Place in %(town)s:", town=where)


def _intro(chosen: list[Place], words: PaperWords) -> str:
    always = sum(is_always(place) for place in chosen)
    first = ""
    if 0 < always < len(chosen):
        first = words.ngettext("The first is open day and night.", "The first %(num)s are open day and night.", always)
    return words.together(
        words.safety("Frightened, bullied, ill or lost? You can go into one of these places and ask for help."),
        words.safety("Say: I need a Safe Place."),
        first,
    )


def _directory_words(words: PaperWords) -> DirectoryWords:
    say, blanks = words.say, {"page": "{page}", "pages": "{pages}"}
    return DirectoryWords(
        phone=say("Phone"),
        continued=say("continued"),
        last_page=say("Page %(page)s of %(pages)s.", **blanks),
        page=say("Page %(page)s of %(pages)s: go on to page %(next)s.", next="{next}", **blanks),
    )


def _said_once(chosen: list[Place], entries: list[PlaceEntry], words: PaperWords) -> tuple[str, list[PlaceEntry]]:
    """Take out of the entries what is not known of any of them, and the day of a list that none was checked since."""
    if len(entries) < 2:  # noqa: PLR2004 - one place has nobody to share with
        return "", entries
    if all(map(is_unchecked, chosen)) and len({each.checked for each in entries}) == 1:
        entries = [replace(each, checked=words.say("Never checked.")) for each in entries]
    unknown = {unknown_of(place, words) for place in chosen}
    if len(unknown) > 1 or not any(unknown):
        return "", entries
    things = unknown.pop()
    return words.say("Not known of any of them: %(things)s.", things=things), [
        replace(each, unknown="") for each in entries
    ]


def _from_the_middle(release: PublicRelease, town: str, chosen: list[Place]) -> list[Place]:
    """Order places by how far they are from the middle of their town; those without a position last."""
    known = release.gazetteer.towns
    middle = known.filter(known["name"] == town).head(1)
    if middle.is_empty():
        return chosen

    def far(place: Place) -> float:
        return float("inf") if place.lon_lat is None else round(float(metres_from(middle, place.lon_lat)[0]), 1)

    return sorted(chosen, key=far)


def _card_line(place: Place, release: PublicRelease, words: PaperWords, *, hours: bool) -> CardLine:
    address = words.english(text(place.row, "address"))
    return CardLine(
        name=words.english(name_of(place)),
        where=address or where_is(place, release, words) or words.say("Address not known."),
        hours=short_hours(text(place.row, "opening_hours"), place.building, words) if hours else "",
        phone=text(place.row, "phone"),
    )


def _more(left_out: int, words: PaperWords) -> str:
    if not left_out:
        return ""
    return words.ngettext(
        "And %(num)s more place: ask for the list.", "And %(num)s more places: ask for the list.", left_out
    )
