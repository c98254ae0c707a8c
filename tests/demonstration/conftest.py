"""One demonstration borough for all tests of the room."""

from __future__ import annotations

import tomllib
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from geo_service import demonstration
from geo_service.demonstration import ground

DATA = Path(__file__).parents[2] / "data"


@pytest.fixture(scope="session")
def offences() -> pl.DataFrame:
    """Return the product's own harm table, as the registry hands it over."""
    rows = tomllib.loads((DATA / "harm" / "starting-points.toml").read_text("utf-8"))["row"]
    return pl.DataFrame(
        [{"offence_code": row["code"] or None, "offence": row["offence"], "days": float(row["days"])} for row in rows]
    )


@pytest.fixture(scope="session")
def borough(offences: pl.DataFrame) -> demonstration.Demonstration:
    """Return the borough of seed 1."""
    return demonstration.build(1, offences)


@pytest.fixture(scope="session")
def land() -> ground.Ground:
    """Return the land of the borough of seed 1, in metres."""
    return ground.make(np.random.default_rng(1))


@pytest.fixture(scope="session")
def events(borough: demonstration.Demonstration) -> pl.DataFrame:
    """Return the sound rows of the export with their values read."""
    sound = borough.incidents.with_row_index("line", offset=2).join(borough.bad_rows, on="line", how="anti")
    east, north = (pl.col(name).cast(pl.Int64, strict=False) for name in ("easting", "northing"))
    moment = "%d/%m/%Y %H:%M"
    return sound.with_columns(
        pl.col("committed_from").str.to_datetime(moment),
        pl.when(pl.col("committed_to") != "").then("committed_to").str.to_datetime(moment),
        pl.col("recorded").str.to_date("%d/%m/%Y"),
        easting=pl.when(east > 0).then(east),
        northing=pl.when(north > 0).then(north),
    )
