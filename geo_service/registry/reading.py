"""Read a CSV or GeoJSON file as text cells and geometry, before anything is checked.

Files arrive as councils save them: UTF-8 with or without a byte order mark, the Windows code page, or UTF-16.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import orjson
import polars as pl
import shapely

from geo_service.errors import InputError
from geo_service.model.layers import FORMULA

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from geo_service.model.boundaries import Geometries

_LARGEST_BYTES: Final = 64 * 2**20
_LON_LAT: Final = re.compile(r"CRS84$|EPSG:{1,2}4326$", re.IGNORECASE)
_NEUTRALISED: Final = rf"^'({FORMULA})"
"""What a CSV export writes so that a spreadsheet does not take a text for a formula."""


@dataclass(frozen=True, slots=True)
class RawFeatures:
    """Hold a file's features as they were written."""

    row: pl.Series
    """Line of a CSV file (its header being line 1), or number of a GeoJSON feature (from 1)."""
    cells: pl.DataFrame
    """One text column for each column or property; null where the cell is empty."""
    geometry: Geometries | None
    """Geometry as written, None in the array where there is none; None as a whole for a CSV file."""
    problem: pl.Series
    """Why a row cannot be read at all; null where it can."""


def read_raw(path: Path) -> RawFeatures:
    """Read by what the file is called; raise InputError where it is empty, too large or of another format."""
    if _reader(path.name) is None:
        raise InputError(
            f"{path.name} is neither CSV nor GeoJSON",
            found="a folder" if path.is_dir() else path.suffix or "a name without an ending",
            do="Save it as .csv or .geojson",
            field=path.name,
        )
    try:
        size = path.stat().st_size
        data = path.read_bytes() if size <= _LARGEST_BYTES else b""
    except OSError as error:
        raise InputError(
            f"{path.name} cannot be read", found=error.strerror, do="Check the path", field=path.name
        ) from None
    if size > _LARGEST_BYTES:
        raise InputError(
            f"{path.name} is too large for a layer", found=f"{size:,} bytes", do="Split it", field=path.name
        )
    return read_data(data, path.name)


def read_data(data: bytes, name: str) -> RawFeatures:
    """Read the bytes of a file by what it is called; raises as `read_raw` does."""
    reader = _reader(name)
    if reader is None:
        raise InputError(
            f"{name} is neither CSV nor GeoJSON",
            found=f".{name.rpartition('.')[2]}" if "." in name else "a name without an ending",
            do="Save it as .csv or .geojson",
            field=name,
        )
    if len(data) > _LARGEST_BYTES:
        raise InputError(f"{name} is too large for a layer", found=f"{len(data):,} bytes", do="Split it", field=name)
    if not data.strip():
        raise InputError(f"{name} is empty", do="Give a file with features", field=name)
    return reader(_decode(data, name), name)


_WORKBOOKS: Final = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
"""How files of spreadsheets begin: .xlsx and .ods, .xls."""


def _reader(name: str) -> Callable[[str, str], RawFeatures] | None:
    readers = {"csv": _read_csv, "geojson": _read_geojson, "json": _read_geojson}
    return readers.get(name.lower().rpartition(".")[2])


def _decode(data: bytes, name: str) -> str:
    if data.startswith(_WORKBOOKS):
        do = "Open it in the spreadsheet and save it as CSV UTF-8"
        raise InputError(f"{name} is a spreadsheet's own file, whatever it is called", do=do, field=name)
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    else:
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            encoding = "cp1252"
        else:
            encoding = ""
    if encoding:
        text = data.decode(encoding, errors="replace")
    if "\0" in text:
        raise InputError(f"{name} is not a text file", found="NUL bytes", do="Save it as CSV UTF-8", field=name)
    return text


def _read_csv(text: str, name: str) -> RawFeatures:
    lines, rows = _csv_rows(text, name)
    header, *rows = rows
    columns = [column_name(cell) for cell in header]
    _refuse_headers(header, columns, name)
    width = len(columns)
    frame = pl.DataFrame(
        [[*row[:width], *[""] * (width - len(row))] for row in rows],
        schema=dict.fromkeys(columns, pl.String),
        orient="row",
    )
    problem = pl.Series(
        ["the row has more cells than the header" if any(row[width:]) else None for row in rows], dtype=pl.String
    )
    cells = frame.select(pl.all().str.strip_chars().str.replace(_NEUTRALISED, "$1").replace("", None))
    kept = cells.select(pl.any_horizontal(pl.all().is_not_null())).to_series()  # a spreadsheet leaves rows of commas
    return RawFeatures(
        row=pl.Series(lines[1:], dtype=pl.Int64).filter(kept),
        cells=cells.filter(kept),
        geometry=None,
        problem=problem.filter(kept),
    )


def _csv_rows(text: str, name: str) -> tuple[list[int], list[list[str]]]:
    """Return the rows that are not empty, the header first, and the line that each begins on."""
    first = text.lstrip().splitlines()[0]
    lines, rows, line = [], [], 1
    limit = csv.field_size_limit(_LARGEST_BYTES)  # the outline of a large area is one long cell
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=first.count), strict=True)
        for row in reader:
            if row:
                lines.append(line)
                rows.append(row)
            line = reader.line_num + 1
    except csv.Error as error:
        raise InputError(
            f"{name} is not a CSV file from line {line} on",
            found=str(error),
            do="Save it as CSV UTF-8 again",
            field=name,
        ) from None
    finally:
        csv.field_size_limit(limit)
    return lines, rows


def column_name(header: str) -> str:
    """Return a heading as the schema writes it: `Opening hours` is `opening_hours`."""
    name = "_".join(header.strip().lower().replace("-", " ").split())
    return {"longitude": "lon", "latitude": "lat"}.get(name, name)


def _refuse_headers(header: list[str], columns: list[str], name: str) -> None:
    for heading, column in zip(header, columns, strict=True):
        if not column:
            do = "Name it or delete it; where a title stands above the names of the columns, delete that row"
            raise InputError(f"{name} has a column without a name", do=do, field=name)
        if columns.count(column) > 1:
            raise InputError(f"{name} has two columns of one name", found=heading, do="Keep one of them", field=column)


def _read_geojson(text: str, name: str) -> RawFeatures:
    features = _features(text, name)
    problems = [_problem(feature) for feature in features]
    sound = [feature if not problem else {} for feature, problem in zip(features, problems, strict=True)]
    properties = [_properties(feature) for feature in sound]
    columns = sorted({column for cells in properties for column in cells})
    written = [orjson.dumps(feature["geometry"]).decode() if feature.get("geometry") else None for feature in sound]
    geometry = shapely.from_geojson(np.array(written, dtype=object), on_invalid="ignore")
    unread = np.array([text is not None for text in written], dtype=bool) & (geometry == None)  # noqa: E711
    return RawFeatures(
        row=pl.Series(range(1, len(features) + 1), dtype=pl.Int64),
        cells=pl.DataFrame(
            {column: pl.Series([cells.get(column) for cells in properties], dtype=pl.String) for column in columns}
        ),
        geometry=np.atleast_1d(geometry),
        problem=pl.Series(
            [
                said or ("the geometry cannot be read" if bad else None)
                for said, bad in zip(problems, unread, strict=True)
            ],
            dtype=pl.String,
        ),
    )


def _features(text: str, name: str) -> list[Any]:
    try:
        document = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise InputError(f"{name} is not JSON", found=str(error), do="Export it again", field=name) from None
    if not isinstance(document, dict) or document.get("type") != "FeatureCollection":
        found = document.get("type") if isinstance(document, dict) else type(document).__name__
        raise InputError(f"{name} is no FeatureCollection", found=found, do="Export it as GeoJSON", field="type")
    crs = document.get("crs")
    named = crs.get("properties", {}).get("name", crs) if isinstance(crs, dict) else crs
    if crs is not None and not _LON_LAT.search(str(named)):
        raise InputError(
            f"{name} is not in longitude and latitude", found=named, do="Export it in EPSG:4326", field="crs"
        )
    features = document.get("features")
    if not isinstance(features, list):
        raise InputError(f"{name} has no list of features", do="Export it as GeoJSON", field="features")
    return features


def _problem(feature: object) -> str | None:
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        return "not a GeoJSON feature"
    properties = feature.get("properties")
    if not isinstance(properties, dict | None):
        return "the properties are no object"
    for name, value in (properties or {}).items():
        if isinstance(value, dict | list):
            return f"the property {name} is no single value"
    return None


def _properties(feature: dict[str, Any]) -> dict[str, str | None]:
    cells = {column_name(name): _text(value) for name, value in (feature.get("properties") or {}).items()}
    if "id" not in cells and feature.get("id") is not None:
        cells["id"] = _text(feature["id"])
    return cells


def _text(value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip() or None
