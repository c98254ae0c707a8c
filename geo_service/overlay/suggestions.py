"""Words for people who mistyped an area."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from geo_service.model.boundaries import BoundaryDescriptor, BoundarySet

_LONGEST_COMPARED: Final = 60
_MOST_LISTED: Final = 12
_ALIKE: Final = str.maketrans({"&": " and ", "'": None, "\N{RIGHT SINGLE QUOTATION MARK}": None, ".": None})


def plain(words: str) -> str:
    """Reduce a name to what its spellings share: case, blanks, `&` for `and`, apostrophes and stops do not matter."""
    return " ".join(words.translate(_ALIKE).split()).casefold()


def close_to(
    wanted: str, sets: Iterable[BoundarySet], lists: Iterable[BoundaryDescriptor], most: int = 3
) -> Sequence[str]:
    """Return the names and codes that look most like what was asked for, best first."""
    known: dict[str, str] = {}
    for members in sets:
        for word in (*members.names, *members.parent_names, *members.codes, *members.parent_codes, members.id):
            known.setdefault(plain(word), word)
    for described in lists:
        for policing in described.areas:
            known.setdefault(plain(policing.name), policing.name)
            known.setdefault(plain(policing.code), policing.code)
    known.pop("", None)
    # Cut, because comparing takes time that grows with the length and the words may be anybody's.
    asked = plain(wanted)[:_LONGEST_COMPARED]
    return [known[word] for word in difflib.get_close_matches(asked, known, n=most)]


def listed(words: Iterable[str], last: str = "and") -> str:
    """Write words as `a, b and c`; a long list is cut and says so."""
    every = list(words)
    if len(every) > _MOST_LISTED:
        every = [*every[: _MOST_LISTED - 1], f"{len(every) - _MOST_LISTED + 1} more"]
    if len(every) <= 1:
        return every[0] if every else "none"
    return f"{', '.join(every[:-1])} {last} {every[-1]}"
