"""Words that are one or two letters away from a name that is known."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_WORD: Final = re.compile(r"[^\W\d_][^\W\d_'\u2019]{3,}")
_SHORTEST: Final = 5
_TWO_FROM: Final = 9
"""Letters from which two of them may be wrong: in shorter words that gives other words."""
_OFTEN: Final = 3
"""Times that a word must stand in other rows before it is believed against one that stands there more rarely."""


class Speller:
    """Know the words of names that are right, and find those that something was meant for."""

    def __init__(self, names: Iterable[str], rows: Iterable[str] = ()) -> None:
        """Take names of towns, streets and buildings that are right, and the texts of the rows themselves.

        A word that stands in several rows is believed against one that stands in few (symmetric deletes, W. Garbe).
        """
        self._right = {word.casefold(): word for name in names for word in words(name)}
        self._rows = Counter(word.casefold() for text in rows for word in words(text))
        shown = {word.casefold(): word for text in rows for word in words(text)}
        self._written = shown | self._right
        self._by_key: dict[str, set[str]] = {}
        often = {word for word, count in self._rows.items() if count >= _OFTEN}
        for word in {*self._right, *often}:
            for key in _keys(word):
                self._by_key.setdefault(key, set()).add(word)

    def meant(self, text: str) -> Iterator[tuple[str, str]]:
        """Yield (word, what may have been meant) for each word that is likely misspelt."""
        for word in dict.fromkeys(words(text)):
            low = word.casefold()
            if low in self._right:
                continue
            found = {known for key in _keys(low) for known in self._by_key.get(key, ())} - {low}
            near = [known for known in found if _near(low, known) and self._believed(known, low)]
            if near:
                best = min(near, key=lambda known: (_distance(low, known), known))
                yield word, self._written[best].capitalize() if word[0].isupper() else self._written[best]

    def _believed(self, known: str, word: str) -> bool:
        return known in self._right or self._rows[known] >= _OFTEN * self._rows[word]


def words(text: str) -> list[str]:
    """Return the words of a text that are long enough to be told apart."""
    found = (match.rstrip("'\u2019").removesuffix("'s").removesuffix("\u2019s") for match in _WORD.findall(text))
    return [word for word in found if len(word) >= _SHORTEST]


def _keys(word: str) -> set[str]:
    """Return a word with up to two letters left out."""
    once = {word[:at] + word[at + 1 :] for at in range(len(word))}
    twice = once if len(word) >= _TWO_FROM else ()
    return {word, *once, *(left[:at] + left[at + 1 :] for left in twice for at in range(len(left)))}


def _near(word: str, known: str) -> bool:
    if {word, known} <= {known.rstrip("s"), f"{known.rstrip('s')}s"}:  # one and several are both words
        return False
    return _distance(word, known) <= (2 if min(len(word), len(known)) >= _TWO_FROM else 1)


def _distance(one: str, other: str) -> int:
    """Count the letters to insert, delete, replace or swap with their neighbour (optimal string alignment)."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for at, sign in enumerate(one, 1):
        following = [at]
        for to, wanted in enumerate(other, 1):
            cost = min(row[to] + 1, following[to - 1] + 1, row[to - 1] + (sign != wanted))
            if at > 1 and to > 1 and sign == other[to - 2] and one[at - 2] == wanted:
                cost = min(cost, before[to - 2] + 1)
            following.append(cost)
        before, row = row, following
    return row[-1]
