"""A directory as it was written, whatever saved it, and the names that are right."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from geo_service.errors import InputError
from geo_service.registry import open_registry
from geo_service.registry.written import NAMES, written_rows

CHECKOUT = Path(__file__).parents[2]
TEXT = "Name,Post code\nCafé Rouge,ZZ9 0AL\n\n,\nHall,\n"
EXPECTED = ({"name": "Café Rouge", "post_code": "ZZ9 0AL"}, {"name": "Hall"})


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode(),
        TEXT.encode("utf-8-sig"),
        TEXT.encode("utf-16"),
        TEXT.encode("cp1252"),
        TEXT.replace(",", ";").encode(),
        TEXT.replace("\n", "\r\n").encode(),
    ],
    ids=["utf-8", "bom", "utf-16", "windows", "semicolons", "crlf"],
)
def test_rows_come_with_their_lines_however_they_were_saved(data: bytes) -> None:
    found = written_rows("list.csv", data)
    assert found.cells == EXPECTED
    assert found.rows == (2, 5)
    assert found.unread == {}


def test_points_become_coordinates_and_other_shapes_cannot_be_read() -> None:
    shapes = [{"type": "Point", "coordinates": [-1.5, 52.5]}, {"type": "LineString", "coordinates": [[0, 0], [1, 1]]}]
    features = [{"type": "Feature", "geometry": shape, "properties": {"name": "Hall"}} for shape in shapes]
    found = written_rows("d.geojson", json.dumps({"type": "FeatureCollection", "features": features}).encode())
    assert found.cells[0] == {"name": "Hall", "lon": "-1.5", "lat": "52.5"}
    assert found.unread == {2: "the geometry is a LineString, not a point"}


def test_names_of_the_area_stand_beside_those_that_ship(tmp_path: Path) -> None:
    (tmp_path / NAMES).write_text("name\nTansy Arcade\n")
    names = open_registry(CHECKOUT, own=tmp_path).place_names()
    assert {"Kingfisher Shopping Centre", "Tansy Arcade"} <= set(names)
    (tmp_path / NAMES).write_text("title\nTansy Arcade\n")
    with pytest.raises(InputError, match="no column name"):
        open_registry(CHECKOUT, own=tmp_path).place_names()
