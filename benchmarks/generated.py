"""Write a force export of any number of rows: realistic in what repeats, and never held in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from pathlib import Path

SEED: Final = 50
MONTHS: Final = 60
FIRST_DAY: Final = np.datetime64("2020-01-01")
ANCHORS: Final = 2_000_000
"""Distinct positions, the busiest holding thousands of incidents as town centres do."""
REPUBLISHED: Final = 0.02
"""Share of the rows whose crime number comes again further down."""
UNLOCATED: Final = 0.04
"""Share of the rows without a position."""
_CHUNK: Final = 1_000_000
_OFFENCES: Final = tuple(f"{number:03d}/{part:02d}" for number in range(1, 11) for part in range(1, 5))
_MARKERS: Final = {
    "victim_under_25": 0.1,
    "suspect_under_25": 0.08,
    "knife": 0.02,
    "domestic_abuse": 0.15,
    "hate": 0.01,
    "found_by_police": 0.05,
}


def force_export(path: Path, rows: int) -> None:
    """Write `rows` rows for the mapping `demonstration`: 60 months, 40 offences, six markers.

    Positions are drawn from ANCHORS points around 400 towns, by a law that favours a few as real anchors do.
    """
    rng = np.random.default_rng(SEED)
    towns = rng.uniform((320_000, 120_000), (600_000, 480_000), (400, 2))
    anchors = np.round(towns[rng.integers(0, 400, ANCHORS)] + rng.normal(0, 4_000, (ANCHORS, 2)))
    with path.open("wb") as file:
        for start in range(0, rows, _CHUNK):
            chunk = _rows(rng, anchors, start, min(_CHUNK, rows - start))
            chunk.write_csv(file, include_header=start == 0)


def _rows(rng: np.random.Generator, anchors: np.ndarray, start: int, rows: int) -> pl.DataFrame:
    number = start + np.arange(rows)
    # A republished row takes the number of an earlier one, wherever in the file that stood.
    again = rng.random(rows) < REPUBLISHED
    number[again] = rng.integers(0, start + rows, int(again.sum()))
    at = (ANCHORS * rng.random(rows) ** 3).astype(np.int64)
    day = rng.integers(0, MONTHS * 30, rows)
    begun = (FIRST_DAY.astype("datetime64[m]") + day * 1440 + rng.integers(0, 1440, rows)).astype("datetime64[us]")
    nowhere = rng.random(rows) < UNLOCATED
    offence = rng.choice(len(_OFFENCES), rows, p=_falling(len(_OFFENCES)))
    frame = pl.DataFrame(
        {
            "number": number,
            "offence_code": pl.Series(_OFFENCES).gather(offence),
            "begun": begun,
            "ended": begun + rng.integers(0, 600, rows) * np.timedelta64(60_000_000, "us"),
            "recorded_on": (FIRST_DAY + day + 1).astype("datetime64[us]"),
            "easting": anchors[at, 0].astype(np.int64),
            "northing": anchors[at, 1].astype(np.int64),
            "at": at,
            "nowhere": nowhere,
            **{name: rng.random(rows) < share for name, share in _MARKERS.items()},
        }
    )
    located = ~pl.col("nowhere")
    return frame.select(
        crime_number=pl.format("22GEN/{}", "number"),
        offence_code="offence_code",
        offence=pl.format("Offence of class {}", "offence_code"),
        recorded=pl.col("recorded_on").dt.strftime("%d/%m/%Y"),
        committed_from=pl.col("begun").dt.strftime("%d/%m/%Y %H:%M"),
        committed_to=pl.col("ended").dt.strftime("%d/%m/%Y %H:%M"),
        easting=pl.when(located).then("easting"),
        northing=pl.when(located).then("northing"),
        location=pl.when(located).then(pl.format("On or near Street {}", pl.col("at") // 20)),
        **{name: pl.when(pl.col(name)).then(pl.lit("Y")).otherwise(pl.lit("N")) for name in _MARKERS},
    )


def _falling(kinds: int) -> np.ndarray:
    share = 1 / np.arange(1, kinds + 1)
    return share / share.sum()
