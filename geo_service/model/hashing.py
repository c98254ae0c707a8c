"""Hash text in bulk, the same on every machine and in every release: where a crime number is kept depends on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import polars as pl

Hashes: TypeAlias = NDArray[np.uint64]

_OFFSET: Final = np.uint64(0xCBF29CE484222325)
_PRIME: Final = np.uint64(0x00000100000001B3)


def fnv1a64(texts: pl.Series) -> Hashes:
    """Hash n texts with 64-bit FNV-1a over their UTF-8 bytes; a null hashes as the empty text.

    One pass for each byte position, so the cost grows with the longest text. Source: Fowler, Noll, Vo;
    IETF draft-eastlake-fnv, which has the test vectors.
    """
    hashes = np.full(len(texts), _OFFSET)
    if not len(texts):
        return hashes
    filled = texts.fill_null("")
    data = np.frombuffer(filled.str.join("").item().encode(), np.uint8)
    lengths = filled.str.len_bytes().cast(int).to_numpy()
    starts = np.cumsum(lengths) - lengths
    alive = np.flatnonzero(lengths)
    position = 0
    while len(alive):
        byte = data[starts[alive] + position].astype(np.uint64)
        hashes[alive] = (hashes[alive] ^ byte) * _PRIME
        position += 1
        alive = alive[lengths[alive] > position]
    return hashes


def folded(hashes: Hashes) -> Hashes:
    """Mix both halves of each hash into its low bits, which FNV leaves less well spread than the high ones."""
    mixed: Hashes = hashes ^ (hashes >> np.uint64(32)) ^ (hashes >> np.uint64(60))
    return mixed
