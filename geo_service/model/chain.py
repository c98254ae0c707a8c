"""Hashes over rows of the ledger, each over the one before it, so that none can change unnoticed."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

GENESIS: Final = "0" * 64
"""What the first link of a chain names as the one before it."""


class Link(NamedTuple):
    """Name one row of a chain; 0 and GENESIS stand before the first."""

    number: int
    sha256: str


START: Final = Link(0, GENESIS)


def seal(previous: str, content: Sequence[object]) -> str:
    """Return the SHA-256 of a row: of the row before it and of its own values, as compact JSON in UTF-8."""
    # `repr` lets a value of a type that no sound row has become a hash that does not match.
    said = json.dumps([previous, *content], ensure_ascii=False, separators=(",", ":"), default=repr)
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()
