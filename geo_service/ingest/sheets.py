"""Read rows of cells from CSV or from a sheet of a workbook, and find the header among them."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import python_calamine

from geo_service.errors import InputError
from geo_service.ingest.containers import DiskFile, zip_members
from geo_service.ingest.text import inspect

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

LARGEST_BYTES: Final = 64 * 2**20
_WORKBOOKS: Final = (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods")
_ZIPPED: Final = (".xlsx", ".xlsm", ".xlsb", ".ods")
_PREAMBLE_ROWS: Final = 40
"""Rows of titles that may stand above the header."""
_MOST_NAMED: Final = 12


@dataclass(frozen=True, slots=True)
class Table:
    """Hold the columns that were asked for, as texts without outer blanks."""

    where: str
    """The file, with its sheet."""
    columns: dict[str, list[str]]
    rows: list[int]
    """Row number of each entry in the file, from 1."""


def read_table(path: Path, wanted: Sequence[str], sheet: str = "") -> Table:
    """Read the columns of these names; case, blanks and line breaks of a name do not matter.

    The header may stand below some rows of titles; rows without any of the columns are left out. sheet: of a
    workbook; the only one that has the columns where none is named. Raises InputError where the file cannot be read, a
    sheet or column is not there, or two columns have the name.
    """
    sheets = _sheets(path, sheet)
    found = [(name, rows, header) for name, rows in sheets for header in [_header(rows, wanted)] if header is not None]
    if len(found) != 1:
        raise _lacking(path, sheets, wanted) if not found else _several(path, [name for name, *_ in found])
    name, rows, header = found[0]
    at = [_places(rows[header], column) for column in wanted]
    where = f"{path.name}, sheet {name}" if name else path.name
    for column, places in zip(wanted, at, strict=True):
        if len(places) > 1:
            raise InputError(f"{where} has two columns of one name", found=column, do="Rename one", field=column)
    cells = [[row[place[0]] if place[0] < len(row) else "" for place in at] for row in rows[header + 1 :]]
    kept = [number for number, row in enumerate(cells) if any(row)]
    columns = {column: [cells[number][n] for number in kept] for n, column in enumerate(wanted)}
    return Table(where, columns, [header + 2 + number for number in kept])


def _sheets(path: Path, sheet: str) -> list[tuple[str, list[list[str]]]]:
    """Return (name, rows) of each sheet; the name is empty for CSV."""
    if not path.is_file():
        raise InputError(f"There is no file {path.name}", found=path, do="Check the path", field="file")
    if path.stat().st_size > LARGEST_BYTES:
        raise InputError(f"{path.name} is too large for a table", found=f"{path.stat().st_size:,} bytes", field="file")
    if path.suffix.lower() in _WORKBOOKS:
        return _workbook(path, sheet)
    if sheet:
        raise InputError(f"{path.name} is no workbook, so it has no sheets", found=sheet, do="Leave --sheet out")
    text = inspect(DiskFile(path))
    written = path.read_bytes().decode(text.encoding, errors="replace").lstrip("\ufeff")
    first = written.lstrip().partition("\n")[0]
    rows = csv.reader(io.StringIO(written, newline=""), delimiter=max(",;\t", key=first.count))
    try:
        return [("", [[_text(cell) for cell in row] for row in rows])]
    except csv.Error as problem:
        raise InputError(f"{path.name} is not a CSV file", found=problem, do="Save it as CSV UTF-8") from None


def _workbook(path: Path, sheet: str) -> list[tuple[str, list[list[str]]]]:
    if path.suffix.lower() in _ZIPPED:
        zip_members(path)  # what unpacks to far more than a workbook is refused first
    try:
        book = python_calamine.CalamineWorkbook.from_path(path)
        names = [name for name in book.sheet_names if sheet in ("", name)]
        if names:
            return [(name, _cells(book.get_sheet_by_name(name))) for name in names]
    except (python_calamine.CalamineError, OSError) as problem:
        raise InputError(f"{path.name} cannot be read as a workbook", found=problem, do="Save it as .xlsx") from None
    raise InputError(
        f"{path.name} has no such sheet", found=sheet, do=f"It has: {', '.join(book.sheet_names)}", field="sheet"
    )


def _cells(sheet: python_calamine.CalamineSheet) -> list[list[str]]:
    return [[_text(cell) for cell in row] for row in sheet.to_python(skip_empty_area=False)]


def _text(cell: object) -> str:
    """Return a cell as text; a workbook writes the whole number 5475 as 5475.0."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()


def _plain(name: str) -> str:
    return " ".join(name.casefold().split())


def _places(header: Sequence[str], column: str) -> list[int]:
    return [place for place, name in enumerate(header) if _plain(name) == _plain(column)]


def _header(rows: list[list[str]], wanted: Sequence[str]) -> int | None:
    """Return the first row that has every column."""
    near = enumerate(rows[:_PREAMBLE_ROWS])
    return next((number for number, row in near if all(_places(row, column) for column in wanted)), None)


def _lacking(path: Path, sheets: list[tuple[str, list[list[str]]]], wanted: Sequence[str]) -> InputError:
    """Name what the likeliest header holds: the widest of the first rows."""
    near = [row for _, rows in sheets for row in rows[:_PREAMBLE_ROWS]]
    widest = max(near, key=lambda row: sum(map(bool, row)), default=[])
    named = [name for name in widest if name]
    missing = [column for column in wanted if not _places(widest, column)]
    more = f" and {len(named) - _MOST_NAMED} more" if len(named) > _MOST_NAMED else ""
    return InputError(
        f"{path.name} has no column {' and no column '.join(missing or wanted)}",
        found=(", ".join(named[:_MOST_NAMED]) + more) or "no header",
        do="Name the column as the file writes it",
        field=(missing or list(wanted))[0],
    )


def _several(path: Path, names: list[str]) -> InputError:
    return InputError(
        f"Several sheets of {path.name} have the columns",
        found=", ".join(names),
        do="Name one with --sheet",
        field="sheet",
    )
