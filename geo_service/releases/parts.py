"""What releases share: read once, and the same object in each of them, so that what is made of it is made once too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

_Part = TypeVar("_Part")
_KINDS = 2
"""Of parts that a release has: the gazetteer, the streets."""


class Parts:
    """Keep the parts of the last releases by the SHA-256 of the files that they were read from."""

    def __init__(self, releases: int) -> None:
        """Keep those of some releases; of none: read every time."""
        self._most = _KINDS * releases
        self._kept: dict[tuple[str, ...], Any] = {}

    def of(self, files: tuple[str, ...], read: Callable[[], _Part]) -> _Part:
        """Return what was read from some files, by their SHA-256; read it where it is not kept."""
        part: _Part = self._kept.pop(files) if files in self._kept else read()
        if self._most:
            self._kept[files] = part
            while len(self._kept) > self._most:
                del self._kept[next(iter(self._kept))]
        return part
