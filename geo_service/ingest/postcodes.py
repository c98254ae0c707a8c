"""Read postcode centres in the layout of Ordnance Survey's Code-Point Open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import polars as pl

from geo_service import spatial
from geo_service.errors import InputError
from geo_service.ingest.cleaning import Checks, tidy
from geo_service.ingest.containers import DiskFile, Source, ZipMember, is_zip, zip_members
from geo_service.ingest.records import Layout, read_records
from geo_service.ingest.text import inspect

if TYPE_CHECKING:
    from pathlib import Path

COLUMNS: Final = ("PC", "PQ", "EA", "NO", "CY", "RH", "LH", "CC", "DC", "WC")
"""The columns of Code-Point Open, whose files have no header."""
_READ: Final = {"PC": 0, "PQ": 1, "EA": 2, "NO": 3, "DC": 8, "WC": 9}
_SCHEMA: Final = pl.Schema(
    {
        "postcode": pl.String,
        "lon": pl.Float64,
        "lat": pl.Float64,
        "quality": pl.Int32,
        "district": pl.String,
        "ward": pl.String,
    }
)
_POSTCODE: Final = r"^([A-Z]{1,2}[0-9][A-Z0-9]?) ?([0-9][A-Z]{2})$"
_NO_POSITION_QUALITY: Final = 90
_HOW: Final = "Give Code-Point Open as it was downloaded: its zip, its folder Data/CSV, or one of those CSVs"


@dataclass(frozen=True, slots=True)
class PostcodeCounts:
    """Hold what was read of a file of postcodes."""

    frame: pl.DataFrame
    """`postcode`, `lon`, `lat` (EPSG:4326), `quality`, `district`, `ward`; located rows, sorted, each postcode once."""
    read: int
    """Rows read."""
    left_out: int
    """Rows without a position (quality 90, or coordinates of zero)."""
    repeated: int
    """Rows whose postcode came before."""


class CodePointOpen:
    """Read postcode centres (port `PostcodeFiles`)."""

    def read(self, path: Path) -> pl.DataFrame:
        """Read located rows: `postcode` (as `B97 4HJ`), `lon`, `lat`, `quality`, `district`, `ward`.

        path: a CSV with or without header, a folder of them, or the official zip. Raises InputError for any other
        layout, naming row and field.
        """
        return self.read_counted(path).frame

    def read_counted(self, path: Path) -> PostcodeCounts:
        """Read as `read` does, and count what was left out."""
        parts = [_read_file(source) for source in _sources(path)]
        rows = pl.concat([part for part, _ in parts])
        read = sum(count for _, count in parts)
        unique = rows.unique("postcode", keep="first", maintain_order=True).sort("postcode")
        if read and unique.is_empty():
            raise InputError(f"{path.name} has no postcode with a position", found=f"{read:,} rows", do=_HOW)
        return PostcodeCounts(unique, read, read - rows.height, rows.height - unique.height)


def normalise_postcode(text: str) -> str | None:
    """Return a full postcode in capitals with one blank, None where the text is none."""
    found = normalise_postcodes(pl.Series([text]))[0]
    return None if found is None else str(found)


def normalise_postcodes(texts: pl.Series) -> pl.Series:
    """Return n postcodes in capitals with one blank, null where a text is none."""
    frame = texts.cast(pl.String).to_frame("text")
    return frame.select(_normalised(pl.col("text")).alias(texts.name)).to_series()


def _normalised(text: pl.Expr) -> pl.Expr:
    bare = text.str.to_uppercase().str.replace_all(r"\s+", "")
    return pl.format("{} {}", bare.str.extract(_POSTCODE, 1), bare.str.extract(_POSTCODE, 2))


def _sources(path: Path) -> list[Source]:
    if path.is_dir():
        files: list[Source] = [DiskFile(found) for found in sorted(path.rglob("*.csv")) if _is_data(found.name)]
    elif not path.is_file():
        raise InputError(f"There is no file or folder {path.name or path}", found=path, do="Check the path")
    elif is_zip(path):
        members = [name for name in zip_members(path) if name.lower().endswith(".csv")]
        files = [ZipMember(path, name) for name in members if _is_data(name.rsplit("/", 1)[-1])]
    else:
        files = [DiskFile(path)]
    if not files:
        raise InputError(f"{path.name} holds no CSV of postcodes", do=_HOW)
    return files


def _is_data(name: str) -> bool:
    plain = name.lower().replace("-", "_")
    return not name.startswith((".", "__MACOSX")) and "column_headers" not in plain


def _read_file(source: Source) -> tuple[pl.DataFrame, int]:
    """Return the located rows of one file and how many it has."""
    text = inspect(source)
    first = text.header()
    has_header = bool(first) and first[0].upper() in {"PC", "POSTCODE"}
    if len(first) != len(COLUMNS):
        raise InputError(
            f"{source.where} is not laid out as Code-Point Open, whose ten columns are {', '.join(COLUMNS)}",
            found=f"{len(first)} columns",
            do=_HOW,
        )
    parts: list[pl.DataFrame] = []
    read = 0
    for batch in read_records(source, text, Layout(len(COLUMNS), _READ, has_header=has_header)):
        if batch.malformed.height:
            bad = batch.malformed.row(0, named=True)
            raise InputError(f"Row {bad['row']} of {source.where}: {bad['reason']}", found=bad["text"], do=_HOW)
        parts.append(_clean(source.where, batch.rows))
        read += batch.read
    return pl.concat([_SCHEMA.to_frame(), *parts]), read


def _clean(where: str, rows: pl.DataFrame) -> pl.DataFrame:
    facts = rows.with_columns(
        _postcode=_normalised(pl.col("PC")),
        _quality=tidy("PQ").cast(pl.Int32, strict=False),
        _east=tidy("EA").cast(pl.Float64, strict=False),
        _north=tidy("NO").cast(pl.Float64, strict=False),
    )
    checks = Checks()
    checks.refuse(pl.col("_postcode").is_null(), "PC", "PC", "not a postcode")
    checks.refuse(pl.col("_quality").is_null(), "PQ", "PQ", "not a quality from 10 to 90")
    for name, column, limit in zip(("EA", "NO"), ("_east", "_north"), spatial.GRID_SIZE_M, strict=True):
        off_grid = ~pl.col(column).is_between(0, limit).fill_null(value=False)
        checks.refuse(off_grid, name, name, "not metres on the British National Grid")
    good, bad = checks.split(facts)
    if bad.height:
        worst = bad.sort("row").row(0, named=True)
        raise InputError(
            f"Row {worst['row']} of {where}: {worst['field']} is {worst['reason']}",
            found=worst["value"],
            do=_HOW,
            field=worst["field"],
        )
    located = good.filter((pl.col("_quality") != _NO_POSITION_QUALITY) & (pl.col("_east") > 0) & (pl.col("_north") > 0))
    lon, lat = spatial.to_lonlat(located["_east"].to_numpy(), located["_north"].to_numpy())
    return located.select(
        postcode="_postcode",
        lon=pl.Series(lon, dtype=pl.Float64),
        lat=pl.Series(lat, dtype=pl.Float64),
        quality="_quality",
        district=tidy("DC"),
        ward=tidy("WC"),
    )
