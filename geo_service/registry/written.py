"""Read a directory of places as it was written, and the names that an area knows to be right."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Final

import shapely

from geo_service.errors import InputError
from geo_service.model.safe_places import WrittenRows
from geo_service.registry.reading import read_data

if TYPE_CHECKING:
    from pathlib import Path

NAMES: Final = "place-names.csv"
_POINT: Final = 0
_DECIMALS: Final = 7


def written_rows(name: str, data: bytes) -> WrittenRows:
    """Read the bytes of a CSV or GeoJSON file; raise InputError where it cannot be read at all."""
    raw = read_data(data, name)
    rows = raw.row.to_list()
    cells = [{column: text for column, text in row.items() if text} for row in raw.cells.iter_rows(named=True)]
    unread = {row: said for row, said in zip(rows, raw.problem.to_list(), strict=True) if said}
    for at, shape in enumerate([] if raw.geometry is None else raw.geometry):
        if shape is None or shape.is_empty:
            continue
        if shapely.get_type_id(shape) != _POINT:
            unread.setdefault(rows[at], f"the geometry is a {shape.geom_type}, not a point")
        else:
            cells[at] |= {"lon": str(round(shape.x, _DECIMALS)), "lat": str(round(shape.y, _DECIMALS))}
    return WrittenRows(tuple(rows), tuple(cells), unread)


def place_names(shipped: Path, own: Path | None) -> tuple[str, ...]:
    """Return the names of buildings, streets and towns that are right: those that ship, and those of the area.

    Files have the column `name`. Raises InputError where one cannot be read.
    """
    return tuple(name for path in (shipped, own) if path is not None and path.is_file() for name in _names(path))


def _names(path: Path) -> list[str]:
    try:
        rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"))))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(
            f"{path.name} cannot be read", found=str(error), do="Save it as CSV UTF-8", field=path.name
        ) from None
    if rows and "name" not in rows[0]:
        raise InputError(f"{path.name} has no column name", found=", ".join(rows[0]), do="Add it", field="name")
    return [row["name"].strip() for row in rows if (row["name"] or "").strip()]
