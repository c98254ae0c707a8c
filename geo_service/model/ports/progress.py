"""How far a long job is."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Tell somebody how far a long job is."""

    def __call__(self, done: int, total: int, what: str) -> None:
        """Report `done` of `total` units."""
