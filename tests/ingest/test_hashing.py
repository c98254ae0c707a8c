"""Hashes are the published ones, and rows are remembered as a dictionary would."""

from __future__ import annotations

import errno
import io

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_service.errors import FaultError
from geo_service.ingest import hashing
from geo_service.ingest.hashing import FirstRows, LastRows, buckets
from geo_service.model.hashing import fnv1a64


def test_hashes_are_those_of_the_published_vectors() -> None:
    # IETF draft-eastlake-fnv, test vectors of 64-bit FNV-1a.
    published = {"": 0xCBF29CE484222325, "a": 0xAF63DC4C8601EC8C, "foobar": 0x85944171F73967E8}
    assert fnv1a64(pl.Series([*published])).tolist() == [*published.values()]


@given(st.lists(st.text(max_size=20) | st.none(), max_size=20))
def test_bulk_hashes_equal_hashing_byte_by_byte(texts: list[str | None]) -> None:
    def one(text: str) -> int:
        value = 0xCBF29CE484222325
        for byte in text.encode():
            value = ((value ^ byte) * 0x100000001B3) % 2**64
        return value

    assert fnv1a64(pl.Series(texts, dtype=pl.String)).tolist() == [one(text or "") for text in texts]


def test_a_slice_of_a_column_hashes_like_a_column_of_its_own() -> None:
    column = pl.Series(["one", "two", "three", "four"])
    assert fnv1a64(column[2:]).tolist() == fnv1a64(pl.Series(["three", "four"])).tolist()


def test_running_crime_numbers_fill_sixteen_buckets_evenly() -> None:
    spread = buckets(fnv1a64(pl.Series([f"22DN/{number}X/25" for number in range(16_000)])), 16)
    counts = np.bincount(spread, minlength=16)
    assert len(counts) == 16
    # Sixteen Poisson counts of mean 1,000 stay within 5 standard deviations.
    assert abs(counts - 1000).max() < 5 * 1000**0.5


@given(st.lists(st.lists(st.integers(0, 8), max_size=12), max_size=12))
def test_first_rows_are_those_of_a_dictionary(batches: list[list[int]]) -> None:
    remembered, first = FirstRows(), dict[int, int]()
    row = 1
    for batch in batches:
        rows = np.arange(row, row + len(batch), dtype=np.int64)
        row += len(batch)
        expected = []
        for value, at in zip(batch, rows.tolist(), strict=True):
            expected.append(first.get(value, 0))
            first.setdefault(value, at)
        assert remembered.earlier(np.array(batch, dtype=np.uint64), rows).tolist() == expected


@given(st.lists(st.lists(st.integers(0, 8), max_size=12), max_size=12))
def test_last_rows_are_those_of_a_dictionary(batches: list[list[int]]) -> None:
    parts, row, last = [], 1, dict[int, int]()
    for batch in batches:
        rows = np.arange(row, row + len(batch), dtype=np.int64)
        row += len(batch)
        parts.append((np.array(batch, dtype=np.uint64), rows))
        last |= dict(zip(batch, rows.tolist(), strict=True))
    known = LastRows.of(parts)
    for hashes, rows in parts:
        expected = [
            0 if last[value] == at else last[value] for value, at in zip(hashes.tolist(), rows.tolist(), strict=True)
        ]
        assert known.later(hashes, rows).tolist() == expected


def test_last_rows_are_the_same_when_they_wait_on_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(4)
    hashes = fnv1a64(pl.Series([f"22X/{number}" for number in rng.integers(0, 3_000, 5_000)]))
    rows = np.arange(1, 5_001)
    in_memory = LastRows.of([(hashes, rows)])
    monkeypatch.setattr(hashing, "_HELD_BYTES", 100)
    on_disk = LastRows.of((hashes[at : at + 700], rows[at : at + 700]) for at in range(0, 5_000, 700))
    assert np.array_equal(on_disk.hashes, in_memory.hashes)
    assert np.array_equal(on_disk.rows, in_memory.rows)
    assert (np.diff(on_disk.hashes.astype(object)) > 0).all()


def test_a_full_temporary_folder_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    class Full(io.BytesIO):
        def write(self, _: object) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(hashing, "SpooledTemporaryFile", lambda **_: Full())
    with pytest.raises(FaultError, match=r"temporary folder.*TMPDIR"):
        LastRows.of([(np.array([7], dtype=np.uint64), np.array([1]))])
