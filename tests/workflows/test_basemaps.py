"""A map extract fills two layers as one version."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl
import shapely

from geo_service.app import open_area
from geo_service.model.access import Audience
from geo_service.model.basemaps import Basemap
from geo_service.workflows.basemaps import import_basemap

if TYPE_CHECKING:
    from pathlib import Path


class Extract:
    """Be a file that holds what it is told."""

    def read(self, path: Path) -> Basemap:
        """Return two streets and a prison."""
        line = shapely.to_wkb(shapely.LineString([(-2, 52), (-1.99, 52)]))
        spot = shapely.to_wkb(shapely.Point(-2, 52))
        streets = {"id": ["a", "b"], "name": ["A", None], "class": ["trunk"] * 2, "licence": ["ODbL"] * 2}
        place = {"id": ["p"], "name": [None], "kind": ["prison"], "radius_m": [50.0], "licence": ["ODbL"]}
        return Basemap(
            pl.DataFrame({**streets, "wkb": [line] * 2}), pl.DataFrame({**place, "wkb": [spot]}), {"gone": 3}, "ODbL"
        )


def test_both_layers_are_one_version_and_show_the_licence(tmp_path: Path) -> None:
    services = replace(open_area(tmp_path / "data"), basemap_files=Extract())
    done = import_basemap(services, tmp_path / "town.osm")
    assert (done.streets, done.places, done.skipped) == ({"trunk": 2}, {"prison": 1}, {"gone": 3})
    assert [version.act for version in services.store.versions()] == ["import basemap"]
    snapshot = services.store.snapshot()
    for layer, rows in (("streets", 2), ("excluded-places", 1)):
        table = services.registry.features(layer, Audience.FORCE, snapshot)
        assert (table.rows.height, table.licences) == (rows, ("ODbL",))
    assert import_basemap(services, tmp_path / "town.osm").version is None
    services.close()
