"""Read street-level crime as data.police.uk publishes it: twelve columns, months, anchor points.

Source of the layout: https://data.police.uk/about/#columns
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from geo_service.ingest.cleaning import EARLIEST_YEAR, LATEST_YEAR, Checks, finish, rejects, tidy
from geo_service.ingest.hashing import FirstRows
from geo_service.ingest.readers import NO_OPTIONS, Options

if TYPE_CHECKING:
    from geo_service.ingest.readers import Table
    from geo_service.ingest.records import RawBatch
    from geo_service.model.incidents import CleanBatch

NAME: Final = "police_uk"
DELIMITED_BY_MAPPING: Final = False
COLUMNS: Final = (
    "Crime ID",
    "Month",
    "Reported by",
    "Falls within",
    "Longitude",
    "Latitude",
    "Location",
    "LSOA code",
    "LSOA name",
    "Crime type",
    "Last outcome category",
    "Context",
)
CRIME_TYPES: Final = (
    "Anti-social behaviour",
    "Bicycle theft",
    "Burglary",
    "Criminal damage and arson",
    "Drugs",
    "Other crime",
    "Other theft",
    "Possession of weapons",
    "Public order",
    "Robbery",
    "Shoplifting",
    "Theft from the person",
    "Vehicle crime",
    "Violence and sexual offences",
)
_WEST, _EAST, _SOUTH, _NORTH = -9.0, 3.0, 49.0, 61.5
"""A box around the United Kingdom, in degrees."""
_LONGEST_SLUG: Final = 60
_OWN_SLUGS: Final = {
    "british-transport-police": "btp",
    "police-service-of-northern-ireland": "northern-ireland",
}
"""Forces whose slug in the archive is not their name without its last word."""


def columns(options: Options = NO_OPTIONS) -> tuple[str, ...]:  # noqa: ARG001 - every reader has it
    """Return the twelve columns."""
    return COLUMNS


def lacks(header: tuple[str, ...], options: Options = NO_OPTIONS) -> tuple[str, ...]:  # noqa: ARG001 - every reader has it
    """Return the columns that a header misses; order and case do not matter."""
    there = {name.casefold() for name in header}
    return tuple(name for name in COLUMNS if name.casefold() not in there)


def takes(header: tuple[str, ...], options: Options = NO_OPTIONS) -> bool:
    """Tell whether the header has all twelve columns."""
    return not lacks(header, options)


def layout(options: Options) -> str:  # noqa: ARG001 - every reader has it
    """Describe the layout."""
    return "A street-level file of data.police.uk has its twelve columns: import it as it was downloaded"


def force_slug(name: pl.Expr) -> pl.Expr:
    """Return the slug of a force from its name: `West Mercia Police` -> `west-mercia`, as in the archive."""
    slug = (
        name.str.to_lowercase()
        .str.replace_all("&", " and ", literal=True)
        .str.replace_all(r"[^a-z0-9]+", "-")
        .str.strip_chars("-")
    )
    short = slug.str.replace(r"-(police|constabulary|police-service)$", "")
    return slug.replace_strict(_OWN_SLUGS, default=short)


class _Cleaner:
    """Clean one file; remember its crime IDs for rows that are repeated."""

    def __init__(self, table: Table) -> None:
        position = {name.casefold(): at for at, name in reversed(list(enumerate(table.header)))}
        self.wanted = {name: position[name.casefold()] for name in COLUMNS}
        self._file = table.name
        self._first_rows = FirstRows()

    def clean(self, batch: RawBatch) -> CleanBatch:
        """Turn text into incidents and rejected rows."""
        good, refused = _checks().split(_read(batch.rows))
        kept, repeats = self._drop_repeats(good)
        accepted = kept.select(
            "row",
            crime_id="_id",
            month="_month",
            offence="_type",
            lon="_lon",
            lat="_lat",
            place="_place",
            partition=pl.format("incidents/police_uk/{}/{}", "_force", "Month"),
        )
        return finish(self._file, batch, accepted, [refused, repeats], show_text=True)

    def _drop_repeats(self, frame: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Refuse a row that has a crime ID and equals an earlier one in every column.

        Equal rows without a crime ID are separate incidents: anti-social behaviour carries none.
        """
        named = frame.filter(pl.col("_id").is_not_null())
        earlier = self._first_rows.earlier(
            named.select(COLUMNS).hash_rows().to_numpy().astype(np.uint64), named["row"].to_numpy()
        )
        repeated = named.with_columns(_earlier=pl.Series(earlier, dtype=pl.Int64)).filter(pl.col("_earlier") > 0)
        said = rejects(repeated, "Crime ID", "_id", pl.format("repeats row {} exactly", "_earlier"))
        return frame.join(repeated, on="row", how="anti", maintain_order="left"), said


def _read(rows: pl.DataFrame) -> pl.DataFrame:
    """Add the facts, with a leading underscore, beside the text that they came from."""
    canonical = {name.lower(): name for name in CRIME_TYPES}
    return rows.with_columns(
        pl.col("Month").str.strip_chars(),
        _id=tidy("Crime ID"),
        _force=force_slug(tidy("Falls within")),
        _type=tidy("Crime type").str.to_lowercase().replace_strict(canonical, default=None),
        _place=tidy("Location"),
        _lon_text=tidy("Longitude"),
        _lat_text=tidy("Latitude"),
        _position=pl.format("{}, {}", "Longitude", "Latitude"),
    ).with_columns(
        _month=pl.when(pl.col("Month").str.contains(r"^[0-9]{4}-(0[1-9]|1[0-2])$")).then(
            pl.col("Month").str.slice(0, 4).cast(pl.Int32, strict=False) * 12
            + pl.col("Month").str.slice(5, 2).cast(pl.Int32, strict=False)
            - 1
        ),
        _lon=pl.col("_lon_text").cast(pl.Float64, strict=False),
        _lat=pl.col("_lat_text").cast(pl.Float64, strict=False),
    )


def _checks() -> Checks:
    lon, lat, lon_text, lat_text = (pl.col(name) for name in ("_lon", "_lat", "_lon_text", "_lat_text"))
    checks = Checks()
    checks.refuse(lon_text.is_null() & lat_text.is_not_null(), "Longitude", "Longitude", "latitude without longitude")
    checks.refuse(lat_text.is_null() & lon_text.is_not_null(), "Latitude", "Latitude", "longitude without latitude")
    for name, number, text in (("Longitude", lon, lon_text), ("Latitude", lat, lat_text)):
        not_a_number = text.is_not_null() & ~number.is_finite().fill_null(value=False)
        checks.refuse(not_a_number, name, name, "not a number of degrees")
    in_box = lon.is_between(_WEST, _EAST) & lat.is_between(_SOUTH, _NORTH)
    swapped = lat.is_between(_WEST, _EAST) & lon.is_between(_SOUTH, _NORTH)
    checks.refuse(swapped, "Longitude, Latitude", "_position", "latitude and longitude look swapped")
    checks.refuse(~lon.is_between(-180, 180), "Longitude", "Longitude", "not between -180 and 180 degrees")
    checks.refuse(~lat.is_between(-90, 90), "Latitude", "Latitude", "not between -90 and 90 degrees")
    checks.refuse(~in_box, "Longitude, Latitude", "_position", "not in the United Kingdom")
    month = pl.col("_month")
    possible = month.is_between(EARLIEST_YEAR * 12, LATEST_YEAR * 12 + 11)
    checks.refuse(month.is_null() | ~possible, "Month", "Month", "not a month written YYYY-MM")
    force = pl.col("_force")
    no_force = force.is_null() | (force == "") | (force.str.len_bytes() > _LONGEST_SLUG)
    checks.refuse(no_force, "Falls within", "Falls within", "not the name of a force")
    checks.refuse(pl.col("_type").is_null(), "Crime type", "Crime type", "unknown crime type")
    return checks


def cleaner(table: Table) -> _Cleaner:
    """Begin one file."""
    return _Cleaner(table)
