"""Incidents of data.police.uk spread over what their anchors may stand for."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest

from geo_service import spatial
from geo_service.app import open_area
from geo_service.errors import QueryError
from geo_service.model.hotspots import HotspotQuery
from geo_service.model.periods import Period
from geo_service.workflows.finding.spreading import spread_answer, spread_table
from geo_service.workflows.importing import imports

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from geo_service.workflows.services import Services

HEAD = (
    "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,Crime type,"
    "Last outcome category,Context"
)
WEST, SOUTH, SIDE = -1.95, 52.30, 0.01
ANCHORS = {(-1.9475, 52.305): 60, (-1.9425, 52.305): 20, (-1.9300, 52.305): 5}
"""Incidents at each anchor in January; the last lies outside the area. In February one at a fourth anchor."""


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    folder = tmp_path_factory.mktemp("spread")
    square = [[WEST, SOUTH], [WEST + SIDE, SOUTH], [WEST + SIDE, SOUTH + SIDE], [WEST, SOUTH + SIDE], [WEST, SOUTH]]
    ward = {
        "type": "Feature",
        "properties": {"code": "W1", "name": "Square"},
        "geometry": {"type": "Polygon", "coordinates": [square]},
    }
    (folder / "wards.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [ward]}))
    spots = [(at, "2025-01") for at, count in ANCHORS.items() for _ in range(count)] + [((-1.9450, 52.302), "2025-02")]
    for month in ("2025-01", "2025-02"):
        rows = [
            f"{n:064x},{of},X,X,{lon},{lat},On or near,,,Robbery,,"
            for n, ((lon, lat), of) in enumerate(spots)
            if of == month
        ]
        place = folder / month
        place.mkdir()
        (place / f"{month}-x-street.csv").write_text("\n".join([HEAD, *rows]))
    opened = open_area(folder / "data")
    imports.import_boundaries(opened, folder / "wards.geojson", "wards", code_field="code", name_field="name")
    imports.import_incidents(opened, [folder / "2025-01", folder / "2025-02"])
    yield opened
    opened.close()


def query(**given: object) -> HotspotQuery:
    asked = {"offence_set": "robbery", "area_share": 0.1} | given
    return HotspotQuery("Square", Period.parse("2025-01", "2025-01"), **asked)  # type: ignore[arg-type]


def test_nothing_is_lost_and_every_anchor_of_any_month_counts(services: Services) -> None:
    found = spread_answer(services, query())
    assert found.anchors == 3
    assert found.spread.expected.sum() == pytest.approx(80)
    assert found.snapped.sum() == 80
    at_anchors = spatial.index_cells([-1.9475, -1.9425], [52.305, 52.305], 10)
    hot = np.isin(found.surface.table.cells, at_anchors)
    assert found.snapped[hot].sum() == 80
    assert 0 < found.spread.expected[hot].sum() < 40
    assert (found.spread.cells_meant[found.spread.expected > 0] > 2).all()


def test_the_sentence_and_the_table_say_what_spreading_changes(services: Services) -> None:
    found = spread_answer(services, query())
    shares = found.shares
    assert shares["least"] <= shares["low"] <= shares["mean"] <= shares["high"] <= shares["most"] <= 1
    assert f"catchments of 3 anchors, the best cells hold {100 * shares['mean']:.1f} % of the measure" in found.sentence
    assert "and not 100.0 %" in found.sentence
    table = spread_table(services, found)
    assert table.notes[0] == found.sentence
    assert any("not an address" in note for note in table.notes)
    best = table.rows.row(0, named=True)
    assert (best["rank"], best["snapped"]) == (1, 60)
    assert best["at_least"] <= best["spread_low"] <= best["spread"] <= best["spread_high"] <= best["at_most"]


def test_harm_is_spread_too(services: Services) -> None:
    count, harm = spread_answer(services, query()), spread_answer(services, query(measure="harm", proxy="high"))
    each = harm.snapped.sum() / 80
    np.testing.assert_allclose(harm.spread.expected, count.spread.expected * each)


def test_points_of_a_force_are_no_anchors(demonstration_dir: Path) -> None:
    services = open_area(demonstration_dir)
    asked = HotspotQuery("Quillholt", Period.parse("2025-08", "2026-07"))
    with pytest.raises(QueryError, match=r"Only points of data.police.uk are anchors") as caught:
        spread_answer(services, asked)
    assert caught.value.field == "spread"
    services.close()


def test_a_long_border_that_bends_on_the_grid_loses_and_adds_no_incident(tmp_path: Path) -> None:
    # A strip of one degree: projected, its middle lies some 100 m to the side of the line between its corners.
    west, east, south, north = -2.5, -1.5, 52.300, 52.304
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    ward = {
        "type": "Feature",
        "properties": {"code": "W1", "name": "Strip"},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }
    (tmp_path / "wards.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [ward]}))
    spots = [(-2.0, lat) for lat in (52.2998, 52.3002, 52.3038)]
    rows = [f"{n:064x},2025-01,X,X,{lon},{lat},On or near,,,Robbery,," for n, (lon, lat) in enumerate(spots)]
    place = tmp_path / "2025-01"
    place.mkdir()
    (place / "2025-01-x-street.csv").write_text("\n".join([HEAD, *rows]))
    services = open_area(tmp_path / "data")
    imports.import_boundaries(services, tmp_path / "wards.geojson", "wards", code_field="code", name_field="name")
    imports.import_incidents(services, [place])
    asked = HotspotQuery("W1", Period.parse("2025-01", "2025-01"), offence_set="robbery", resolution=9)
    found = spread_answer(services, asked)
    services.close()
    assert (found.surface.located, found.anchors) == (2, 2)
    assert found.spread.expected.sum() == pytest.approx(2)
