"""Bulk cells are the cells that h3 gives one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import h3
import numpy as np
import polars as pl
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo_service.errors import InputError, QueryError
from geo_service.model.cells import UNLOCATED
from geo_service.model.incidents import CELL_COLUMNS, RESOLUTIONS
from geo_service.spatial import (
    cell_areas_m2,
    cell_centres,
    cell_polygons,
    cell_words,
    cells_from_words,
    index_all,
    index_cells,
    parents,
)

if TYPE_CHECKING:
    from pathlib import Path

    from geo_service.model.cells import Cells, Floats

BIRMINGHAM, NEWCASTLE, LANDS_END = (-1.9027, 52.4797), (-1.6178, 54.9783), (-5.7132, 50.0657)

places = st.lists(st.tuples(st.floats(-180, 180), st.floats(-90, 90)), min_size=1, max_size=20)
away_from_the_poles = st.lists(st.tuples(st.floats(-180, 180), st.floats(-85, 85)), min_size=1, max_size=5)


def one_by_one(lon: Floats, lat: Floats, resolution: int) -> Cells:
    return np.array(
        [h3.str_to_int(h3.latlng_to_cell(y, x, resolution)) for x, y in zip(lon, lat, strict=True)], dtype=np.uint64
    )


@given(places=places, resolution=st.integers(0, 15))
def test_cells_anywhere_on_earth_are_those_of_h3(places: list[tuple[float, float]], resolution: int) -> None:
    lon, lat = np.array(places).T
    np.testing.assert_array_equal(index_cells(lon, lat, resolution), one_by_one(lon, lat, resolution))


@pytest.mark.shared
@pytest.mark.parametrize("resolution", RESOLUTIONS)
def test_cells_of_100_000_real_rows_are_those_of_h3(shared: Path, resolution: int) -> None:
    months = sorted((shared / "police-uk" / "west-mercia").glob("*/*-street.csv"))
    rows = pl.concat([pl.read_csv(month, columns=["Longitude", "Latitude"]) for month in months])
    rows = rows.drop_nulls().head(100_000).rename({"Longitude": "lon", "Latitude": "lat"})
    assert rows.height == 100_000
    lon, lat = rows["lon"].to_numpy(), rows["lat"].to_numpy()
    expected = one_by_one(lon, lat, resolution)
    np.testing.assert_array_equal(index_cells(lon, lat, resolution), expected)
    np.testing.assert_array_equal(index_all(rows)[CELL_COLUMNS[resolution]].to_numpy(), expected)


def test_every_resolution_is_indexed_directly_and_rows_keep_their_order() -> None:
    rng = np.random.default_rng(11)
    anchors = np.column_stack([rng.uniform(-3, 0, 300), rng.uniform(51, 54, 300)])
    lon, lat = anchors[rng.integers(0, 300, 2000)].T
    frame = index_all(pl.DataFrame({"row": np.arange(2000), "lon": lon, "lat": lat}))
    assert frame["row"].to_list() == list(range(2000))
    for resolution, name in CELL_COLUMNS.items():
        assert frame[name].dtype == pl.UInt64
        np.testing.assert_array_equal(frame[name].to_numpy(), one_by_one(lon, lat, resolution))
    finest, coarsest = frame[CELL_COLUMNS[12]].to_numpy(), frame[CELL_COLUMNS[8]].to_numpy()
    assert (parents(finest, 8) != coarsest).any(), "were every cell a parent, this test would prove nothing"


def test_rows_without_a_position_are_unlocated() -> None:
    frame = pl.DataFrame({"lon": [None, -1.9, float("nan"), -1.9], "lat": [52.3, None, 52.3, 52.3]})
    cell = index_all(frame)["cell_10"].to_list()
    assert cell[:3] == [UNLOCATED] * 3
    assert cell[3] == h3.str_to_int(h3.latlng_to_cell(52.3, -1.9, 10))
    assert index_cells([np.nan, -1.9], [52.3, np.nan], 10).tolist() == [UNLOCATED] * 2


def test_a_frame_without_rows_gets_its_columns() -> None:
    empty = index_all(pl.DataFrame(schema={"lon": pl.Float64, "lat": pl.Float64}))
    assert empty.columns == ["lon", "lat", *CELL_COLUMNS.values()]


def test_indexing_twice_changes_nothing() -> None:
    once = index_all(pl.DataFrame({"lon": [-1.9], "lat": [52.3]}))
    assert index_all(once).equals(once)


@pytest.mark.parametrize(
    ("lon", "lat", "said"),
    [
        ([0.0, 0.0], [52.0, 91.0], r"Latitude is off the globe at position 1\. Found: lon 0, lat 91"),
        ([404500.0], [267700.0], "Latitude is off the globe at position 0"),
        ([-181.0], [0.0], "Longitude is off the globe at position 0"),
        ([0.0], [float("inf")], "Latitude is off the globe at position 0"),
        ([float("-inf")], [0.0], "Longitude is off the globe at position 0"),
        ([float("nan")], [91.0], r"Latitude is off the globe at position 0\. Found: 91\.0"),
    ],
)
def test_positions_off_the_globe_are_refused_by_place(lon: list[float], lat: list[float], said: str) -> None:
    with pytest.raises(InputError, match=said):
        index_cells(lon, lat, 10)


# DOMAIN figures for H3: cells are not equal in area.
@pytest.mark.parametrize(("place", "area_m2"), [(BIRMINGHAM, 13_565), (NEWCASTLE, 12_995), (LANDS_END, 14_628)])
def test_areas_are_the_known_ones(place: tuple[float, float], area_m2: float) -> None:
    cell = index_cells([place[0]], [place[1]], 10)
    assert cell_areas_m2(cell)[0] == pytest.approx(area_m2, rel=1e-3)
    assert cell_areas_m2(cell)[0] == pytest.approx(h3.cell_area(h3.int_to_str(int(cell[0])), "m^2"), rel=1e-6)


@given(places=away_from_the_poles, resolution=st.integers(0, 15))
def test_outlines_and_centres_are_those_of_h3(places: list[tuple[float, float]], resolution: int) -> None:
    cells = index_cells(*np.array(places).T, resolution)
    lon, lat = cell_centres(cells)
    for shape, x, y, cell in zip(cell_polygons(cells), lon, lat, cells.tolist(), strict=True):
        word = h3.int_to_str(cell)
        corners = np.array(h3.cell_to_boundary(word))[:, ::-1]
        np.testing.assert_allclose(shapely.get_coordinates(shape)[:-1], corners, atol=1e-9)
        assert (y, x) == pytest.approx(h3.cell_to_latlng(word), abs=1e-9)


def test_a_pentagon_keeps_its_own_number_of_corners() -> None:
    pentagon = cells_from_words([h3.get_pentagons(9)[3]])
    beside = index_cells([-1.9], [52.4], 9)
    first, second = cell_polygons(np.concatenate([pentagon, beside]))
    assert shapely.get_num_coordinates([first, second]).tolist() == [
        len(h3.cell_to_boundary(h3.get_pentagons(9)[3])) + 1,
        7,
    ]


@given(places=places, fine=st.integers(0, 15), coarse=st.integers(0, 15))
def test_parents_are_those_of_h3(places: list[tuple[float, float]], fine: int, coarse: int) -> None:
    cells = index_cells(*np.array(places).T, fine)
    if coarse > fine:
        with pytest.raises(QueryError, match="A parent must be coarser"):
            parents(cells, coarse)
        return
    expected = [h3.str_to_int(h3.cell_to_parent(h3.int_to_str(cell), coarse)) for cell in cells.tolist()]
    assert parents(cells, coarse).tolist() == expected


@given(places=places, resolution=st.integers(0, 15))
def test_words_are_those_of_h3_and_come_back(places: list[tuple[float, float]], resolution: int) -> None:
    cells = index_cells(*np.array(places).T, resolution)
    words = cell_words(cells)
    assert words == [h3.int_to_str(cell) for cell in cells.tolist()]
    assert cells_from_words(word.upper() for word in words).tolist() == cells.tolist()


@pytest.mark.parametrize(
    "word", ["rubbish", "", "8a195da4a4afff", "0", "8a195da4a4affff0", "f" * 400, "8a195da4a4affff\n1"]
)
def test_rubbish_is_no_cell(word: str) -> None:
    with pytest.raises(QueryError, match="Not an H3 cell"):
        cells_from_words(["8a195da4a4affff", word])


def test_what_is_no_cell_has_neither_area_nor_outline() -> None:
    for measure in (cell_areas_m2, cell_polygons, cell_centres):
        with pytest.raises(QueryError, match=r"Not an H3 cell\. Found: 0x0"):
            measure(np.array([UNLOCATED], dtype=np.uint64))


def test_no_cells_give_nothing() -> None:
    none = np.zeros(0, dtype=np.uint64)
    assert [
        len(part) for part in (cell_polygons(none), cell_areas_m2(none), *cell_centres(none), parents(none, 3))
    ] == [0] * 5
    assert cell_words(none) == []
    assert cells_from_words([]).tolist() == []
