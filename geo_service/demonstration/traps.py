"""Spoil the export as real ones are spoilt, in ways and numbers that are written down here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from numpy.random import Generator
    from numpy.typing import NDArray

DEFAULT_TIMES: Final = 0.04
"""Share whose hour nobody knew and the form filled in: midnight for two of three, noon for the third."""
UNPLACED: Final = 0.02
"""Share without a position: half of them blank, half at 0, 0."""
AT_THE_STATION: Final = 0.004
"""Share that carries the police station's own position."""

BAD_ROWS: Final = {
    "easting of thirty digits": 1,
    "easting and northing swapped": 2,
    "committed_to before committed_from": 2,
    "unreadable date": 2,
    "no crime number": 1,
    "crime number used twice": 1,
}
"""Rows of every export that hold a slip, by kind. The swapped ones lie within Great Britain's grid, far from the
borough; of the crime number used twice the later row is counted."""
_DAY_MIN: Final = 1_440
_UNREADABLE: Final = ("31/02/2026 25:00", "not known")


def default_times(events: pl.DataFrame, rng: Generator) -> pl.DataFrame:
    """Replace some times by midnight or noon of their day, without an end."""
    start, end = events["start"].to_numpy(), events["end"].to_numpy()
    drawn = rng.random(start.size)
    day = start // _DAY_MIN * _DAY_MIN
    new_start = np.select([drawn < DEFAULT_TIMES * 2 / 3, drawn < DEFAULT_TIMES], [day, day + _DAY_MIN // 2], start)
    return events.with_columns(start=pl.Series(new_start), end=pl.Series(np.where(drawn < DEFAULT_TIMES, -1, end)))


def police_station(address: NDArray[np.int64], station: int, rng: Generator) -> NDArray[np.int64]:
    """Put some incidents at the police station."""
    return np.where(rng.random(address.size) < AT_THE_STATION, station, address)


def positions(at: NDArray[np.int64], rng: Generator) -> tuple[pl.Series, pl.Series, NDArray[np.bool_]]:
    """Write eastings and northings (n, 2), some blank or zero; say which rows were left without a position."""
    drawn = rng.random(len(at))
    blank, zero = drawn < UNPLACED / 2, (drawn >= UNPLACED / 2) & (drawn < UNPLACED)
    east, north = (
        pl.Series(np.select([blank, zero], ["", "0"], at[:, axis].astype(np.str_)).astype(object), dtype=pl.String)
        for axis in (0, 1)
    )
    return east, north, blank | zero


def spoil(export: pl.DataFrame, rng: Generator) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Put the slips of BAD_ROWS into an export; return it and what was done (`line`, `crime_number`, `defect`).

    line: of the CSV, the header being line 1.
    """
    sound = np.flatnonzero(
        export.select((pl.col("easting").str.len_chars() == 6) & (pl.col("committed_to") != ""))  # noqa: PLR2004
        .to_series()
        .to_numpy()
    )
    # Not the first rows: the crime number used twice must have been used before.
    rows = rng.choice(sound[sound > 100], size=sum(BAD_ROWS.values()), replace=False)  # noqa: PLR2004
    defects = [defect for defect, count in BAD_ROWS.items() for _ in range(count)]
    columns = {name: export[name].to_list() for name in export.columns}
    for nth, (row, defect) in enumerate(zip(rows.tolist(), defects, strict=True)):
        _damage(columns, row, defect, nth)
    bad = pl.DataFrame(
        {"line": rows + 2, "crime_number": [columns["crime_number"][row] for row in rows], "defect": defects}
    )
    return pl.DataFrame(columns, schema=dict.fromkeys(export.columns, pl.String)), bad.sort("line")


def _damage(columns: dict[str, list[str]], row: int, defect: str, nth: int) -> None:
    """Put one slip into one row."""
    match defect:
        case "easting of thirty digits":
            columns["easting"][row] = columns["easting"][row] * 5
        case "easting and northing swapped":
            columns["easting"][row], columns["northing"][row] = columns["northing"][row], columns["easting"][row]
        case "committed_to before committed_from":
            columns["committed_to"][row] = "01/01/2020 09:00"
        case "unreadable date":
            columns["committed_from"][row] = _UNREADABLE[nth % 2]
        case "no crime number":
            columns["crime_number"][row] = ""
        case _:
            columns["crime_number"][row] = columns["crime_number"][row - 50]
