"""Safe Places on paper as words, all decided before they are set: directory, wallet cards, stickers, poster."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from geo_service.model.sheets import SheetRow


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
    """What it does not have, in words."""
    unknown: str
    """What nobody knows of it, in words."""
    more: tuple[SheetRow, ...]
    """Languages, and who it is for."""
    checked: str
    """When somebody checked it last, and what to do where that is long ago or never was."""
    doubtful: bool
    """Whether that must stand out."""


@dataclass(frozen=True, slots=True)
class PlaceDirectory:
    """Hold the directory of one town; a town of many places takes smaller letters, then a second page."""

    title: str
    intro: str
    warning: str
    """What must be said of places that nobody has checked; empty where each was checked."""
    unknown: str
    """What nobody knows of any of them, in words, said once; empty where that differs."""
    emergency: tuple[SheetRow, ...]
    places: tuple[PlaceEntry, ...]
    notes: tuple[str, ...]
    issued: str
    """Day and release, in one line."""
    licences: tuple[str, ...]
    demonstration: bool
    large_print: bool
    keywords: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CardLine:
    """Hold one place on a wallet card."""

    name: str
    rest: str
    """Where it is, when it is open, its telephone, in one line."""


@dataclass(frozen=True, slots=True)
class WalletCards:
    """Hold the cards for a wallet, all alike: to show on the front, the places of a town on the back."""

    title: str
    """What the card says for whoever shows it."""
    please: str
    """What it asks of who reads it."""
    call: str
    """Before the line on which somebody writes whom to call."""
    emergency: tuple[SheetRow, ...]
    back_title: str
    warning: str
    places: tuple[CardLine, ...]
    """The nearest to the middle of the town first; what has no room is counted on the card."""
    issued: str
    demonstration: bool
    keywords: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WindowStickers:
    """Hold the stickers for windows, all alike."""

    title: str
    invitation: str
    say: str
    where: str
    issued: str
    caution: str
    """What whoever puts them up must know; stands beside the stickers."""
    demonstration: bool
    keywords: tuple[str, ...] = ()


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
    trace: tuple[str, ...]
    """What a phone may remember."""
    emergency: tuple[SheetRow, ...]
    warning: str
    issued: str
    licences: tuple[str, ...]
    demonstration: bool
    large_print: bool
    keywords: tuple[str, ...] = ()


PlaceSheet: TypeAlias = PlaceDirectory | WalletCards | WindowStickers | PlacePoster
