"""A small release to keep."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
import shapely

from geo_service.model.access import Audience
from geo_service.model.layers import FeatureTable, LayerStyle, Provenance
from geo_service.model.release import Gazetteer, NewRelease, PublicRelease, Ways

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MADE = dt.datetime(2026, 3, 1, 12, 30, tzinfo=dt.UTC)


def places(names: tuple[str, ...]) -> FeatureTable:
    rows = pl.DataFrame(
        {
            "id": [f"p{number}" for number in range(len(names))],
            "name": list(names),
            "step_free": [True, None, False][: len(names)],
            "last_verified": [dt.date(2026, 1, 2), None, None][: len(names)],
            "status": ["verified"] * len(names),
        },
        schema_overrides={"step_free": pl.Boolean, "last_verified": pl.Date},
    )
    geometry = np.array([shapely.Point(-1.0, 55.0), None, shapely.Point(-1.1, 55.1)][: len(names)], dtype=object)
    return FeatureTable(
        "safe-places",
        "Safe Places",
        rows,
        geometry,
        Provenance(7, "2026-01", {"asked": "all"}, marking="PUBLIC", demonstration=True),
        licences=("Invented for tests.",),
        notes=("Ask first.",),
        audience=Audience.PUBLIC,
        style=LayerStyle("circle", "#00703c", "S"),
    )


@pytest.fixture
def made() -> dt.datetime:
    return MADE


@pytest.fixture
def new_release(tmp_path: Path) -> Callable[..., NewRelease]:
    def make(*names: str) -> NewRelease:
        basemap = tmp_path / "map.pmtiles"
        basemap.write_bytes(b"PMTiles of nothing")
        lines = np.array([shapely.LineString([(0, 0), (0, 10)])], dtype=object)
        release = PublicRelease(
            area="Northmere",
            places=places(names or ("Library", "Café", "Shop")),
            show_unverified=False,
            gazetteer=Gazetteer(postcodes=pl.DataFrame({"postcode": ["ZZ1 1AA"], "lon": [-1.0], "lat": [55.0]})),
            ways=Ways(lines, ("residential",), ("Quay Street",)),
            basemap=basemap,
            licences=("Postcodes invented for tests.",),
        )
        return NewRelease(
            release,
            data_version=7,
            pictures={"p0.jpg": b"a door"},
            open_data=lambda number: {"safe-places.csv": f"release\n{number}\n".encode()},
        )

    return make
