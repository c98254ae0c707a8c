"""Read tables of numbers by area or by offence."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Final

from geo_service.errors import InputError
from geo_service.ingest.sheets import read_table

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_NUMBER: Final = re.compile(r"\d{1,3}(,\d{3})+(\.\d+)?|\d+(\.\d+)?([eE][+-]?\d+)?")
_NONE: Final = frozenset({"", "-", "..", ":", "n/a", "na", "*", "null"})
"""What statistical offices write where they give no number."""


class Numbers:
    """Read them from CSV or a workbook (port `NumberFiles`)."""

    def denominator(self, path: Path, *, code: str, value: str, sheet: str = "") -> tuple[Mapping[str, float], int]:
        """Return code -> number, and how many rows have none.

        A row without a code is a title or a footnote and is passed over. Raises InputError for a number that is none or
        below 0, for a code that comes twice, and where no row has a number.
        """
        table = read_table(path, (code, value), sheet)
        found: dict[str, float] = {}
        without = 0
        for row, area, text in zip(table.rows, table.columns[code], table.columns[value], strict=True):
            if not area or not text:
                without += bool(area)
                continue
            number = number_of(text)
            if number is None:
                without += 1
                continue
            if math.isnan(number):
                raise InputError(
                    f"Row {row} of {table.where}: {value} is no number of at least 0", found=text, field=value
                )
            if area in found:
                raise InputError(
                    f"Row {row} of {table.where}: the code came before",
                    found=area,
                    do="Give a file with one row for each area",
                    field=code,
                )
            found[area] = number
        if not found:
            raise InputError(f"{table.where} has no number", found=f"{without:,} rows without one", field=value)
        return found, without


def number_of(text: str) -> float | None:
    """Return a number of at least 0, None for a sign that there is none, nan for anything else."""
    if text.casefold() in _NONE:
        return None
    return float(text.replace(",", "")) if _NUMBER.fullmatch(text) else math.nan
