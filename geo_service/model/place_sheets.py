"""Safe Places on paper as words, all decided before they are set: directory, wallet cards, stickers, poster.

Within another language, what is English stands between ENGLISH_STARTS and ENGLISH_ENDS.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from geo_service.model.sheets import SheetRow


ENGLISH_STARTS: Final = "\u2066"
"""Left-to-right isolate (Unicode 6.3): readers of the text keep the order of an address within Urdu too."""
ENGLISH_ENDS: Final = "\u2069"
"""Pop directional isolate."""


@dataclass(frozen=True, slots=True)
class PaperLanguage:
    """Hold the language of a paper, and what is said of it."""

    lang: str = "en-GB"
    direction: str = "ltr"
    invented: str = "DEMONSTRATION: invented place, invented data."
    """What a paper of the demonstration says."""
    stop: str = "."
    """Ends a sentence."""
    draft: str = ""
    """Mark behind each text about somebody's safety that nobody has approved; empty where none is such."""
    brief: str = ""
    """The same without its brackets."""
    notes: tuple[str, ...] = ()
    """What the mark means, in the language and in English."""


@dataclass(frozen=True, slots=True)
class PlaceEntry:
    """Hold what the directory says of one place; what is empty is not known and is not printed."""

    name: str
    kind: str
    where: str
    """Address, or what it is near."""
    hours: str
    """Opening times in words, or that they are not known."""
    unsure: bool
    """Whether they are not known, or not clear, which must stand out."""
    phone: str
    has: tuple[tuple[str, str], ...]
    """Feature, for its sign (`step_free`, `toilet`, `quiet_space`, `hearing_loop`), and its words."""
    lacks: str
    """What it does not have, as a sentence."""
    unknown: str
    """What nobody knows of it, as a sentence."""
    more: tuple[str, ...]
    """Languages, and who it is for, as sentences."""
    checked: str
    """When somebody checked it last, and what to do where that is long ago or never was."""
    doubtful: bool
    """Whether that must stand out."""


@dataclass(frozen=True, slots=True)
class DirectoryWords:
    """Hold what a directory says beside its facts."""

    phone: str = "Phone"
    continued: str = "continued"
    """The title of each page but the first."""
    last_page: str = "Page {page} of {pages}."
    page: str = "Page {page} of {pages}: go on to page {next}."


@dataclass(frozen=True, slots=True)
class PlaceDirectory:
    """Hold the directory of one town; a town of many places takes smaller letters, then a second page."""

    title: str
    intro: str
    warning: str
    """What must be said of places that nobody has checked; empty where each was checked."""
    unknown: str
    """What nobody knows of any of them, as a sentence, said once; empty where that differs."""
    emergency: tuple[SheetRow, ...]
    places: tuple[PlaceEntry, ...]
    notes: tuple[str, ...]
    issued: str
    """Day and release, in one line."""
    licences: tuple[str, ...]
    demonstration: bool
    large_print: bool
    words: DirectoryWords = DirectoryWords()
    keywords: tuple[str, ...] = ()
    language: PaperLanguage = PaperLanguage()


@dataclass(frozen=True, slots=True)
class CardLine:
    """Hold one place on a wallet card."""

    name: str
    where: str
    hours: str
    phone: str


@dataclass(frozen=True, slots=True)
class WalletCards:
    """Hold the cards for a wallet, all alike: to show on the front, the places of a town on the back."""

    title: str
    """What the card says, in English, for whoever shows it."""
    please: str
    """What it asks, in English, of who reads it."""
    call: str
    """Before the line on which somebody writes whom to call."""
    means: tuple[str, ...]
    """The title and what it asks, for whoever shows it; empty in English."""
    emergency: tuple[SheetRow, ...]
    back_title: str
    warning: str
    places: tuple[CardLine, ...]
    """The nearest to the middle of the town first; what has no room is counted on the card."""
    more: tuple[str, ...]
    """What to say of the places that have no room, by how many they are; the first is of none, and empty."""
    issued: str
    demonstration: bool
    keywords: tuple[str, ...] = ()
    language: PaperLanguage = PaperLanguage()


@dataclass(frozen=True, slots=True)
class WindowStickers:
    """Hold the stickers for windows, all alike."""

    title: str
    """In English."""
    means: str
    """The title in another language; empty in English."""
    invitation: str
    say: str
    where: str
    issued: str
    caution: str
    """What whoever puts them up must know; stands beside the stickers."""
    picture: str
    """What is drawn on them, for who does not see it."""
    demonstration: bool
    keywords: tuple[str, ...] = ()
    language: PaperLanguage = PaperLanguage()


@dataclass(frozen=True, slots=True)
class PlacePoster:
    """Hold a poster whose code leads to the public site."""

    title: str
    lines: tuple[str, ...]
    scan: str
    """What to do with the code."""
    address: str
    """Address of the public site, which the code holds."""
    shown_address: str
    """The same as it is typed."""
    picture: str
    """What the code is, for who does not see it."""
    trace: tuple[str, ...]
    """What a phone may remember."""
    emergency: tuple[SheetRow, ...]
    warning: str
    issued: str
    licences: tuple[str, ...]
    demonstration: bool
    large_print: bool
    keywords: tuple[str, ...] = ()
    language: PaperLanguage = PaperLanguage()


PlaceSheet: TypeAlias = PlaceDirectory | WalletCards | WindowStickers | PlacePoster
