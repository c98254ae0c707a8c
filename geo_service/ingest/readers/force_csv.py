"""Read a force's own export: a CSV whose columns a small TOML maps; no other column is ever looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from geo_service import spatial
from geo_service.errors import InputError
from geo_service.ingest.cleaning import EARLIEST_YEAR, LATEST_YEAR, Checks, finish, month_ordinal, rejects, tidy
from geo_service.ingest.hashing import LastRows, buckets
from geo_service.ingest.mapping import ColumnMapping, built_in, check_force
from geo_service.ingest.readers import NO_OPTIONS, Options
from geo_service.model.hashing import Hashes, fnv1a64

if TYPE_CHECKING:
    from geo_service.ingest.readers import Table
    from geo_service.ingest.records import RawBatch
    from geo_service.model.incidents import CleanBatch

NAME: Final = "force_csv"
DELIMITED_BY_MAPPING: Final = True
BUCKETS: Final = 16
"""Parts that the rows of a force are kept in, so that a republished crime number rewrites a sixteenth."""
_LONGEST_NUMBER: Final = 100
"""Characters of a crime number."""
_TIMES: Final = ("committed_from", "committed_to")


def columns(options: Options = NO_OPTIONS) -> tuple[str, ...]:
    """Return the columns that the mapping names, or those needed without one."""
    return options.mapping.source_columns if options.mapping else built_in(())[1]


def lacks(header: tuple[str, ...], options: Options = NO_OPTIONS) -> tuple[str, ...]:
    """Return the columns that a header misses."""
    if options.mapping is None:
        return built_in(header)[1]
    return tuple(name for name in options.mapping.source_columns if name not in header)


def takes(header: tuple[str, ...], options: Options = NO_OPTIONS) -> bool:
    """Tell whether the header has every mapped column, or names that are understood without a mapping."""
    return not lacks(header, options)


def layout(options: Options) -> str:
    """Describe the layout."""
    if options.mapping:
        return "The mapping names these columns: write them there exactly as the header does"
    return (
        "For a force export, write a mapping of its columns (data/mappings/demonstration.toml explains how) "
        "and give it with --mapping"
    )


class _Cleaner:
    """Clean one file; know from a first pass over the crime numbers which rows are replaced by later ones."""

    def __init__(self, table: Table) -> None:
        self._file = table.name
        self._mapping = table.options.mapping or built_in(table.header)[0]
        self._force = _force(table)
        position = {name: at for at, name in reversed(list(enumerate(table.header)))}
        self.wanted = {name: position[name] for name in self._mapping.source_columns}
        number_columns = {name: position[name] for name in self._mapping.columns["crime_number"]}
        self._last_rows = LastRows.of(
            (_hash_numbers(batch.rows, self._mapping), batch.rows["row"].to_numpy())
            for batch in table.scan(number_columns)
        )

    def clean(self, batch: RawBatch) -> CleanBatch:
        """Turn text into incidents and rejected rows."""
        current, superseded = self._drop_superseded(_texts(batch.rows, self._mapping))
        good, refused = _checks(self._mapping).split(_facts(current, self._mapping))
        located, unprojected = _located(good, self._mapping)
        accepted = located.select(
            "row",
            crime_id="crime_number",
            month="_month",
            offence_code="offence_code",
            offence=pl.coalesce("offence", "offence_code"),
            committed_from="_committed_from",
            committed_to="_committed_to",
            recorded="_recorded",
            lon="_lon",
            lat="_lat",
            place="place",
            partition=pl.format("incidents/force_csv/{}/{}", pl.lit(self._force), "_bucket"),
            **{marker: f"_{marker}" for marker in self._mapping.markers},
        )
        return finish(self._file, batch, accepted, [superseded, refused, unprojected], show_text=False)

    def _drop_superseded(self, frame: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Refuse a row whose crime number comes again further down: the last row wins."""
        hashes = fnv1a64(frame["crime_number"])
        later = self._last_rows.later(hashes, frame["row"].to_numpy())
        judged = frame.with_columns(
            _later=pl.when(pl.col("crime_number").is_not_null()).then(pl.Series(later, dtype=pl.Int64)).otherwise(0),
            _bucket=_bucket_names(hashes),
        )
        gone = judged.filter(pl.col("_later") > 0)
        number = _said(self._mapping, "crime_number")
        said = rejects(gone, number, "crime_number", pl.format("superseded by row {}", "_later"))
        return judged.filter(pl.col("_later") == 0), said


def _force(table: Table) -> str:
    slug = table.options.force or (table.options.mapping.force if table.options.mapping else "")
    if not slug:
        raise InputError(
            f"{table.name} does not say which force it is from",
            do="Name it with --force, for example --force west-mercia, or write `force` in the mapping",
            field="force",
        )
    return check_force(slug, "--force")


def _bucket_names(hashes: Hashes) -> pl.Series:
    return pl.Series(buckets(hashes, BUCKETS)).cast(pl.String).str.zfill(2)


def _hash_numbers(rows: pl.DataFrame, mapping: ColumnMapping) -> Hashes:
    return fnv1a64(rows.select(_joined(mapping.columns["crime_number"])).to_series())


def _joined(names: tuple[str, ...]) -> pl.Expr:
    text = pl.concat_str([tidy(name) for name in names], separator=" ", ignore_nulls=True)
    return pl.when(text != "").then(text)


def _said(mapping: ColumnMapping, field_name: str) -> str:
    return ", ".join(mapping.columns[field_name])


def _texts(rows: pl.DataFrame, mapping: ColumnMapping) -> pl.DataFrame:
    """Return the mapped columns as tidy text under our names; null where blank or not mapped."""
    optional = ("offence_code", "offence", "recorded", *_TIMES, "place")
    return rows.select(
        "row",
        *(_joined(names).alias(ours) for ours, names in mapping.columns.items()),
        *(pl.lit(None, pl.String).alias(ours) for ours in optional if ours not in mapping.columns),
        *(tidy(theirs).alias(marker) for marker, theirs in mapping.markers.items()),
    )


def _facts(texts: pl.DataFrame, mapping: ColumnMapping) -> pl.DataFrame:
    """Add the facts, with a leading underscore, beside the text that they came from."""
    words = dict.fromkeys(mapping.false_words, False) | dict.fromkeys(mapping.true_words, True)
    return texts.with_columns(
        *(_time(column, mapping).alias(f"_{column}") for column in _TIMES),
        *(pl.col(axis).cast(pl.Float64, strict=False).alias(f"_{axis}") for axis in ("easting", "northing")),
        *(
            pl.col(marker)
            .str.to_lowercase()
            .replace_strict(words, default=None, return_dtype=pl.Boolean)
            .alias(f"_{marker}")
            for marker in mapping.markers
        ),
        _recorded=_time("recorded", mapping).dt.date(),
        _position=pl.format("{}, {}", "easting", "northing"),
    ).with_columns(_month=month_ordinal(pl.coalesce("_committed_from", "_recorded", "_committed_to")))


def _time(column: str, mapping: ColumnMapping) -> pl.Expr:
    """Read a time, or a day as its midnight, in the first format that fits."""
    text = pl.col(column)
    return pl.coalesce(
        *(text.str.to_datetime(form, strict=False, time_unit="us") for form in mapping.time_formats),
        *(text.str.to_date(form, strict=False).cast(pl.Datetime("us")) for form in mapping.date_formats),
    )


def _checks(mapping: ColumnMapping) -> Checks:
    checks = Checks()
    number = pl.col("crime_number")
    checks.refuse(number.is_null(), _said(mapping, "crime_number"), "crime_number", "no crime number")
    too_long = number.str.len_chars() > _LONGEST_NUMBER
    checks.refuse(too_long, _said(mapping, "crime_number"), "crime_number", "too long for a crime number")
    _check_dates(checks, mapping)
    no_offence = pl.col("offence").is_null() & pl.col("offence_code").is_null()
    offence = _said(mapping, "offence" if "offence" in mapping.columns else "offence_code")
    checks.refuse(no_offence, offence, "offence", "no offence")
    _check_position(checks, mapping)
    for marker, theirs in mapping.markers.items():
        unknown = pl.col(marker).is_not_null() & pl.col(f"_{marker}").is_null()
        checks.refuse(unknown, theirs, marker, "neither a word for yes nor one for no")
    return checks


def _check_dates(checks: Checks, mapping: ColumnMapping) -> None:
    for column in ("committed_from", "committed_to", "recorded"):
        if column in mapping.columns:
            unread = pl.col(column).is_not_null() & pl.col(f"_{column}").is_null()
            checks.refuse(unread, _said(mapping, column), column, "not a date in a format of the mapping")
            year = pl.col(f"_{column}").dt.year()
            impossible = ~year.is_between(EARLIEST_YEAR, LATEST_YEAR)
            checks.refuse(impossible, _said(mapping, column), column, "not in a year that can be meant")
    first = "committed_from" if "committed_from" in mapping.columns else "recorded"
    checks.refuse(pl.col("_month").is_null(), _said(mapping, first), first, "no date at all")
    if {"committed_from", "recorded"} <= set(mapping.columns):
        # Nothing is recorded before it happens: one of the two is mistyped, and the month hangs on it.
        early = pl.col("_recorded") < pl.col("_committed_from").dt.date()
        checks.refuse(early, _said(mapping, "committed_from"), "committed_from", "committed after it was recorded")
    if set(_TIMES) <= set(mapping.columns):
        backwards = pl.col("_committed_to") < pl.col("_committed_from")
        checks.refuse(backwards, _said(mapping, "committed_to"), "committed_to", "ends before it begins")


def _check_position(checks: Checks, mapping: ColumnMapping) -> None:
    east_m, north_m = pl.col("_easting"), pl.col("_northing")
    easting, northing = _said(mapping, "easting"), _said(mapping, "northing")
    checks.refuse(pl.col("easting").is_null() & pl.col("northing").is_not_null(), easting, "easting", "no easting")
    checks.refuse(pl.col("northing").is_null() & pl.col("easting").is_not_null(), northing, "northing", "no northing")
    for name, text, number in ((easting, "easting", east_m), (northing, "northing", north_m)):
        unread = pl.col(text).is_not_null() & ~number.is_finite().fill_null(value=False)
        checks.refuse(unread, name, text, "not a number of metres")
    both = f"{easting}, {northing}"
    width_m, height_m = spatial.GRID_SIZE_M
    on_grid = east_m.is_between(0, width_m) & north_m.is_between(0, height_m)
    swapped = ~on_grid & north_m.is_between(0, width_m) & east_m.is_between(0, height_m)
    degrees = (east_m.is_between(-9, 3) & north_m.is_between(49, 61.5)) | (
        north_m.is_between(-9, 3) & east_m.is_between(49, 61.5)
    )
    checks.refuse(degrees, both, "_position", "looks like degrees, not metres of the British National Grid")
    checks.refuse(swapped, both, "_position", "easting and northing look swapped")
    checks.refuse(~on_grid, both, "_position", "not on the British National Grid")
    one_zero = (east_m == 0) != (north_m == 0)
    checks.refuse(one_zero, both, "_position", "one of easting and northing is 0")


def _located(frame: pl.DataFrame, mapping: ColumnMapping) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Project to degrees; (0, 0) is what systems write where no position was known."""
    nowhere = pl.col("_easting").is_null() | ((pl.col("_easting") == 0) & (pl.col("_northing") == 0))
    metres = frame.select(
        pl.when(~nowhere).then(pl.col(axis)).fill_null(float("nan")).alias(axis) for axis in ("_easting", "_northing")
    )
    lon, lat = spatial.to_lonlat(metres["_easting"].to_numpy(), metres["_northing"].to_numpy())
    projected = frame.with_columns(
        pl.Series("_lon", lon).fill_nan(None), pl.Series("_lat", lat).fill_nan(None), _nowhere=nowhere
    )
    lost = ~pl.col("_nowhere") & pl.col("_lon").is_null()
    both = f"{_said(mapping, 'easting')}, {_said(mapping, 'northing')}"
    said = rejects(projected.filter(lost), both, "_position", pl.lit("cannot be projected to degrees"))
    return projected.filter(~lost), said


def cleaner(table: Table) -> _Cleaner:
    """Begin one file."""
    return _Cleaner(table)
