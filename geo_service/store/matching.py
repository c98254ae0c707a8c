"""Telling the rows that are to be erased from those that stay; nothing is read or written here."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

import polars as pl

from geo_service.model.incidents import REJECT_SCHEMA
from geo_service.model.retention import REJECTS
from geo_service.store import slots

if TYPE_CHECKING:
    from geo_service.model.retention import Reach, Wanted
    from geo_service.store.erasures import ErasedNumbers
    from geo_service.store.state import FileRecord

TEXTS: Final = ("offence_code", "offence", "place")
"""Columns of incidents that hold words of the source, which may name another row's crime number."""
DECIDING: Final = ("crime_id", "month", *TEXTS)
"""Columns of incidents that decide what goes."""
GONE: Final = "(erased)"
SHORTEST_WITHIN: Final = 5
"""A shorter crime number is sought as a whole value only: it would be found within too much else."""


class Matcher:
    """Know the rows of an erasure."""

    def __init__(self, wanted: Wanted, earlier: ErasedNumbers) -> None:
        """Look for what is wanted; earlier: the numbers of `wanted.hashes`, which are known by hash only."""
        self._wanted = wanted
        self._earlier = earlier
        self._numbers = sorted(wanted.numbers)
        self._within = [number for number in self._numbers if len(number) >= SHORTEST_WITHIN]
        self.met: set[str] = set()
        """Crime numbers that were found."""

    def may_hold(self, slot: str, record: FileRecord) -> bool:
        """Tell from the ledger alone whether an incident file may hold such rows."""
        if (self._numbers or len(self._earlier)) and record.rows:
            return True
        forces = {"", slots.force_name(slot)}
        return self.all_of(slot, record) or any(
            reach.force in forces and _meet(reach, record.first_month, record.last_month)
            for reach in self._wanted.reaches
        )

    def all_of(self, slot: str, record: FileRecord) -> bool:
        """Tell whether a slot is to be emptied: it is of a month that goes, or of a force and nothing is left."""
        month = slots.month_of(slot)
        ends = (month.ordinal, month.ordinal) if month is not None else (record.first_month, record.last_month)
        forces = {"", slots.force_name(slot)}
        return any(reach.force in forces and _within(reach, *ends) for reach in self._wanted.reaches)

    def incidents(self, slot: str, frame: pl.DataFrame) -> pl.Series:
        """Tell which incidents of a slot go (Boolean, in row order)."""
        number = pl.col("crime_id").str.strip_chars().str.to_lowercase()
        gone = pl.repeat(value=False, n=pl.len())
        if self._numbers:
            gone |= number.is_in(self._numbers).fill_null(value=False)
            found = frame.select(number.filter(number.is_in(self._numbers)).unique())
            self.met |= set(found.to_series().to_list())
        for reach in self._wanted.reaches:
            if reach.force in {"", slots.force_name(slot)}:
                gone |= pl.col("month").is_between(reach.first, reach.last)
        told = frame.select(gone.alias("gone"))["gone"]
        return told | self._earlier.days(frame["crime_id"]).is_not_null()

    def naming(self, frame: pl.DataFrame) -> pl.Series:
        """Tell which incidents name a crime number in their words (Boolean, in row order)."""
        if not self._within:
            return pl.repeat(value=False, n=frame.height, eager=True)
        named = [pl.col(name).str.contains_any(self._within, ascii_case_insensitive=True) for name in TEXTS]
        return frame.select(pl.any_horizontal(named).fill_null(value=False).alias("named"))["named"]

    def silenced(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return incidents without the crime numbers that their words name."""
        if not self._within:
            return frame
        return frame.with_columns(
            pl.col(name).str.replace_many(self._within, [GONE] * len(self._within), ascii_case_insensitive=True)
            for name in TEXTS
        )

    def rejects(self, frame: pl.DataFrame, put_at: str) -> pl.Series:
        """Tell which rejected rows go (Boolean): by age, or because one of their fields names a crime number.

        put_at: when they were imported, as ISO 8601. Where a number is known by its hash only, all of them go: it
        cannot be sought within their text.
        """
        before = self._wanted.moment(REJECTS)
        too_old = before is not None and dt.datetime.fromisoformat(put_at) < before
        if too_old or len(self._earlier):
            return pl.repeat(value=True, n=frame.height, eager=True)
        texts = [pl.col(name).str.to_lowercase() for name, kind in REJECT_SCHEMA.items() if kind == pl.String]
        named = [text.str.strip_chars().is_in(self._numbers) for text in texts if self._numbers]
        named += [text.str.contains_any(self._within) for text in texts if self._within]
        if not named:
            return pl.repeat(value=False, n=frame.height, eager=True)
        gone = frame.select(pl.any_horizontal(named).fill_null(value=False).alias("gone"))["gone"]
        if gone.any():
            text = "\n".join(map(str, frame.filter(gone).rows())).lower()
            self.met |= {number for number in self._numbers if number in text}
        return gone


def _within(reach: Reach, first: int | None, last: int | None) -> bool:
    return first is not None and last is not None and reach.first <= first and last <= reach.last


def _meet(reach: Reach, first: int | None, last: int | None) -> bool:
    return first is not None and last is not None and first <= reach.last and last >= reach.first
