"""Find a town or a street by what somebody typed."""

from __future__ import annotations

import re
import unicodedata
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

ALIKE: Final = 0.8
"""Of two names that count as the same with a slip of the finger, the least ratio (difflib): a convention."""
_SHORTEST: Final = 4
"""Letters of a name that a slip is forgiven in, and of the beginning of one that is completed."""
_MOST_COMPARED: Final = 60
_TOWN_WORDS: Final = 4
_LONG: Final = 10
_KINDS: Final = {
    "ave": "avenue", "av": "avenue", "cl": "close", "clo": "close", "cres": "crescent", "cresc": "crescent",
    "ct": "court", "crt": "court", "dr": "drive", "drv": "drive", "gdns": "gardens", "gdn": "gardens", "gr": "grove",
    "gro": "grove", "la": "lane", "ln": "lane", "pde": "parade", "pk": "park", "pl": "place", "rd": "road",
    "sq": "square", "st": "street", "str": "street", "ter": "terrace", "terr": "terrace", "wk": "walk", "wy": "way",
}  # fmt: skip
"""How people shorten the last word of a street."""
_KIND_WORDS: Final = frozenset(
    {*_KINDS.values(), "green", "hill", "mews", "rise", "row", "bank", "croft", "end", "fold", "view", "highway"}
)
_NUMBER: Final = re.compile(r"^(?:(?:(?:flat|unit|apartment|apt|no|number)\s+)?\d+[a-z]?\s+)+")
"""House and flat, folded: `flat 3 12a `."""
_SIGNS: Final = {"&": " and ", "'": "", "\N{RIGHT SINGLE QUOTATION MARK}": "", "\N{MODIFIER LETTER APOSTROPHE}": ""}
_ALPHABET: Final = "abcdefghijklmnopqrstuvwxyz0123456789 "


class Named(NamedTuple):
    """Hold one town or street."""

    name: str
    town: str
    """Of a street; empty for a town, and where none is near."""
    label: str
    """Tells it from every other."""
    lon_lat: tuple[float, float]
    precision_m: float


def folded(text: str) -> str:
    """Return a name as it is compared: small letters without accents and signs, shortened words written out."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    for sign, instead in _SIGNS.items():
        plain = plain.replace(sign, instead)
    plain = "".join(sign for sign in plain if not unicodedata.combining(sign))
    parts = [_part(part) for part in plain.split(",")]
    return " ".join(part for part in parts if part)


def _part(part: str) -> str:
    words = re.sub(r"[^\w]+", " ", part).split()
    if not words:
        return ""
    if len(words) > 1:
        words = ["saint" if words[0] == "st" else words[0], *words[1:-1], _KINDS.get(words[-1], words[-1])]
    return " ".join(words)


class NameIndex:
    """Look towns and streets up; every name is compared at once."""

    def __init__(self, entries: Sequence[Named]) -> None:
        self.entries = tuple(entries)
        self.names = [folded(entry.name) for entry in entries]
        self.towns = sorted({folded(entry.town) for entry in entries if entry.town}, key=len, reverse=True)
        self.by_label = {folded(entry.label): entry for entry in entries}
        self.by_name: dict[str, list[int]] = {}
        for number, name in enumerate(self.names):
            self.by_name.setdefault(name, []).append(number)
        self.distinct = list(self.by_name)
        self.letters = _letters(self.distinct)

    def find(self, said: str) -> tuple[tuple[Named, ...], bool]:
        """Return what a name fits, and whether it was guessed: best first, then by label.

        First the whole label, then the name, then the name without its house number, then a name that begins so, then
        one that is alike. A town after a street leaves the streets of that town, where there are any.
        """
        typed = folded(said)
        if not typed:
            return (), False
        for name in dict.fromkeys((typed, _NUMBER.sub("", typed))):
            if name in self.by_label and len(self.by_name.get(name, ())) <= 1:
                return (self.by_label[name],), False
            for exact, town, slip in self._readings(name):
                if found := self._of_town(self.by_name.get(exact, ()), town):
                    return found, slip
        typed = _NUMBER.sub("", typed)
        for choose in (self._beginning, self._alike):
            for name, town, _ in self._readings(typed):
                numbers = [number for likely in choose(name) for number in self.by_name[likely]]
                if found := self._of_town(numbers, town):
                    return found, True
        return (), False

    def _readings(self, typed: str) -> Iterable[tuple[str, str, bool]]:
        """Yield the ways to read words as a name and a town, and whether a slip in the town was forgiven.

        First the whole as a name, then with each town at the end, then with a town that is alike at the end.
        """
        yield typed, "", False
        for town in self.towns:
            if typed.endswith(f" {town}"):
                # `High St Redditch`: what is at the end of the street is shortened too.
                yield _part(typed.removesuffix(f" {town}")), town, False
        words = typed.split()
        for cut in range(len(words) - 1, max(0, len(words) - 1 - _TOWN_WORDS), -1):
            if near_town := self._nearest_town(" ".join(words[cut:])):
                yield _part(" ".join(words[:cut])), near_town, True

    def _nearest_town(self, words: str) -> str:
        """Return the town that words are like, empty where they are like none or are one already."""
        if len(words) < _SHORTEST or words in self.towns:
            return ""
        scored = [(_ratio(words, town), town) for town in self.towns]
        best, town = max(scored, default=(0.0, ""))
        return town if best >= ALIKE else ""

    def _of_town(self, numbers: Iterable[int], town: str) -> tuple[Named, ...]:
        found = [self.entries[number] for number in dict.fromkeys(numbers)]
        if town:
            found = [entry for entry in found if folded(entry.town) == town]
        return tuple(found)

    def _beginning(self, typed: str) -> list[str]:
        """Return the names that begin with the words, at a word's end first."""
        if len(typed) < _SHORTEST or typed in _KIND_WORDS:
            return []
        whole = [name for name in self.distinct if name.startswith(f"{typed} ")]
        return whole or [name for name in self.distinct if name.startswith(typed)]

    def _alike(self, typed: str) -> list[str]:
        """Return the names that differ by a slip, the likeliest only, or several that are as likely."""
        if len(typed) < _SHORTEST or not self.distinct:
            return []
        # difflib's quick ratio for all names at once: it is never below the ratio, so nothing is lost.
        letters = _letters([typed])[0]
        shared = np.minimum(self.letters, letters).sum(axis=1)
        quick = 2 * shared / (self.letters.sum(axis=1) + letters.sum())
        likely = np.argsort(-quick, kind="stable")[:_MOST_COMPARED]
        scored = [(_likeness(typed, self.distinct[n]), self.distinct[n]) for n in likely.tolist() if quick[n] >= ALIKE]
        best = max((score for score, _ in scored), default=0.0)
        return [name for score, name in scored if score >= max(ALIKE, best - 0.02)]


def _likeness(typed: str, name: str) -> float:
    """Return how alike two names are; Oak Street and Ash Street have nothing in common but their last word."""
    head, _, last = name.rpartition(" ")
    typed_head, _, typed_last = typed.rpartition(" ")
    if head and last in _KIND_WORDS and typed_head and _ratio(typed_last, last) >= ALIKE:
        return min(_ratio(typed, name), _ratio(typed_head, head))
    return _ratio(typed, name)


def _ratio(one: str, other: str) -> float:
    """Return difflib's ratio; two neighbours that changed places count as one slip."""
    wrong = [at for at, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]]
    if len(one) == len(other) and len(wrong) == 2 and wrong[1] == wrong[0] + 1:  # noqa: PLR2004 - two neighbours
        first, second = wrong
        if one[first] == other[second] and one[second] == other[first]:
            return 1 - 1 / max(len(one), _LONG)
    return SequenceMatcher(None, one, other, autojunk=False).ratio()


def _letters(names: Sequence[str]) -> NDArray[np.int64]:
    """Count the letters of each name (n, letters); all that are not of the alphabet count as one."""
    counts = np.zeros((len(names), len(_ALPHABET) + 1), dtype=np.int64)
    for row, name in enumerate(names):
        for sign in name:
            counts[row, _ALPHABET.find(sign)] += 1
    return counts
