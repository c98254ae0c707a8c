"""Keep the last answers to questions, so that the pages of one are not worked out again each time.

An answer is kept under all that it hangs on: the question with its data version and boundary set filled in, the members
that the asker may see of its area, their areas and their roles. It is looked up only after the question was looked up
for whoever asks, which refuses what they may not ask.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Hashable

    from geo_service.model.access import Principal
    from geo_service.model.boundaries import Area
    from geo_service.model.hotspots import HotspotQuery, HotspotSurface

MOST: Final = 8
"""Answers that are kept."""
MOST_BYTES: Final = 64 * 2**20
"""Bytes of their arrays together; a larger answer is not kept.

An answer has 50 to 75 bytes a cell, so this is about a million cells.
"""

Key: TypeAlias = "Hashable"


def key_of(query: HotspotQuery, area: Area, principal: Principal) -> Key:
    """Return what an answer hangs on; query: with `as_of` and `boundary_set` filled in."""
    codes = tuple(area.boundary_set.codes[at] for at in area.members.tolist())
    return query, area.code, area.name, codes, principal.areas, principal.roles


class Answers:
    """Hold the last answers that were used, at most MOST and MOST_BYTES of them; safe across threads."""

    def __init__(self) -> None:
        """Begin with none."""
        self._kept: OrderedDict[Key, tuple[HotspotSurface, int]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Key) -> HotspotSurface | None:
        """Return an answer that is kept, None where there is none."""
        with self._lock:
            found = self._kept.get(key)
            if found is None:
                return None
            self._kept.move_to_end(key)
            return found[0]

    def keep(self, key: Key, answer: HotspotSurface) -> None:
        """Keep an answer; the one that was not used for longest makes room."""
        size = _bytes(answer.table) + _bytes(answer.surface) + _bytes(answer)
        if size > MOST_BYTES:
            return
        with self._lock:
            self._kept[key] = answer, size
            self._kept.move_to_end(key)
            while len(self._kept) > MOST or sum(each for _, each in self._kept.values()) > MOST_BYTES:
                self._kept.popitem(last=False)


def _bytes(value: object) -> int:
    """Return the bytes of the arrays that a value holds."""
    assert is_dataclass(value)  # noqa: S101 - answers are made of dataclasses
    held = (getattr(value, field.name) for field in fields(value))
    return sum(array.nbytes for array in held if isinstance(array, np.ndarray))
