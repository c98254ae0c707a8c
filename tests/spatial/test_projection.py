"""Degrees and National Grid metres agree with Ordnance Survey's published points, on every machine alike."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from geopandas import GeoSeries
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod, Transformer

from geo_service.errors import InputError
from geo_service.spatial import in_grid, metres_between, project_geometry, reproject, to_grid, to_lonlat

# Ordnance Survey, OSTN15 developer pack, OSTN15_OSGM15_TestInput/TestOutput_ETRStoOSGB: lat, lon, east, north.
OS_TEST_POINTS = np.array(
    [
        (49.96006137820, -5.20304609998, 170370.718, 11572.405),
        (50.43885825610, -4.10864563561, 250359.811, 62016.569),
        (50.57563665000, -1.29782277240, 449816.371, 75335.861),
        (51.37447025550, 1.44454730409, 639821.835, 169565.858),
        (51.42754743020, -2.54407618349, 362269.991, 169978.690),
        (51.48936564950, -0.11992557180, 530624.974, 178388.464),
        (51.85890896400, -4.30852476960, 241124.584, 220332.641),
        (52.25529381630, -2.15458614387, 389544.190, 261912.153),
    ]
)

BRITISH = {"lon": st.floats(-6, 2), "lat": st.floats(50, 60)}

ESRI_GRID = (
    'PROJCS["British_National_Grid",GEOGCS["GCS_OSGB_1936",DATUM["D_OSGB_1936",SPHEROID["Airy_1830",6377563.396,'
    '299.3249646]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],PROJECTION["Transverse_Mercator"],'
    'PARAMETER["False_Easting",400000.0],PARAMETER["False_Northing",-100000.0],PARAMETER["Central_Meridian",-2.0],'
    'PARAMETER["Scale_Factor",0.9996012717],PARAMETER["Latitude_Of_Origin",49.0],UNIT["Meter",1.0]]'
)


def test_published_points_are_met_within_five_metres() -> None:
    lat, lon, east, north = OS_TEST_POINTS.T
    east_m, north_m = to_grid(lon, lat)
    assert np.hypot(east_m - east, north_m - north).max() < 5


def test_published_points_come_back_to_their_degrees() -> None:
    lat, lon, east, north = OS_TEST_POINTS.T
    there = to_lonlat(east, north)
    assert metres_between(lon, lat, *there).max() < 5


def test_the_pinned_operation_is_the_helmert_that_proj_knows_for_britain() -> None:
    lat, lon = OS_TEST_POINTS[:, 0], OS_TEST_POINTS[:, 1]
    best = Transformer.from_crs("EPSG:4277", "EPSG:27700", always_xy=True)
    helmert = Transformer.from_pipeline("urn:ogc:def:coordinateOperation:EPSG::1314")
    lat_osgb, lon_osgb = helmert.transform(lat, lon, direction="INVERSE")
    np.testing.assert_allclose(to_grid(lon, lat), best.transform(lon_osgb, lat_osgb), atol=1e-3)


@given(**BRITISH)
def test_there_and_back_is_the_same_place(lon: float, lat: float) -> None:
    back = to_lonlat(*to_grid(lon, lat))
    assert metres_between(lon, lat, *back) < 0.002


def test_inputs_are_left_as_they_were() -> None:
    lon, lat = np.array([-1.9]), np.array([52.3])
    to_grid(lon, lat)
    assert (lon[0], lat[0]) == (-1.9, 52.3)


def test_what_has_no_position_stays_nan() -> None:
    east_m, north_m = to_grid([np.nan, -1.9, np.inf], [52.0, np.nan, 52.0])
    assert np.isnan(east_m).all()
    assert np.isnan(north_m).all()


def test_the_grid_ends_where_its_letters_do() -> None:
    # Redditch, mid-Atlantic, Paris, the antipodes of Redditch, nowhere
    lon = np.array([-1.94, -30.0, 2.35, 178.06, np.nan])
    lat = np.array([52.31, 52.0, 48.86, -52.31, 52.0])
    np.testing.assert_array_equal(in_grid(lon, lat), [True, False, False, False, False])


def test_geometries_move_like_their_points() -> None:
    shape = shapely.Polygon([(-1.95, 52.30), (-1.93, 52.30), (-1.93, 52.32)])
    moved = project_geometry(np.array([shape, None]), to="grid")
    expected = np.column_stack(to_grid(*shapely.get_coordinates(shape).T))
    np.testing.assert_array_equal(shapely.get_coordinates(moved[0]), expected)
    assert moved[1] is None
    assert project_geometry(moved, to="lonlat")[0].equals_exact(shape, 1e-7)


@pytest.mark.parametrize("crs", [27700, "EPSG:27700", ESRI_GRID, "EPSG:7405"])
def test_a_file_on_the_grid_takes_the_pinned_operation_however_its_system_is_written(crs: object) -> None:
    square = np.array([shapely.box(404000, 267000, 405000, 268000)])
    there = reproject(square, crs)
    assert shapely.equals_exact(there, project_geometry(square, to="lonlat")).all()


def test_a_file_in_degrees_is_left_alone_but_for_its_heights() -> None:
    point = np.array([shapely.Point(-1.94, 52.31, 80.0)])
    there = reproject(point, "EPSG:4326")[0]
    assert (there.x, there.y, there.has_z) == (-1.94, 52.31, False)


def test_any_other_system_agrees_with_geopandas() -> None:
    squares = np.array([shapely.box(-217000, 6850000, -216000, 6851000)])
    expected = GeoSeries(squares, crs=3857).to_crs(4326)
    assert shapely.equals_exact(reproject(squares, 3857), expected.to_numpy(), tolerance=1e-12).all()


def test_an_unknown_system_is_refused_by_name() -> None:
    with pytest.raises(InputError, match=r"Not a coordinate reference system\. Found: EPSG:999999"):
        reproject(np.array([shapely.Point(0, 0)]), "EPSG:999999")


def test_metres_that_call_themselves_degrees_are_refused() -> None:
    with pytest.raises(InputError, match="do not fit the stated coordinate reference system"):
        reproject(np.array([shapely.box(404000, 267000, 405000, 268000)]), "EPSG:4326")


def test_a_system_that_is_not_of_this_earth_is_refused() -> None:
    moon = "+proj=longlat +R=1737400 +no_defs"
    with pytest.raises(InputError):
        reproject(np.array([shapely.box(400, 200, 401, 201)]), moon)


@given(lon_a=st.floats(-180, 180), lat_a=st.floats(-80, 80), azimuth=st.floats(-179, 179), metres=st.floats(1, 1e6))
def test_distances_are_those_that_the_geodesic_was_drawn_with(
    lon_a: float, lat_a: float, azimuth: float, metres: float
) -> None:
    lon_b, lat_b, _ = Geod(ellps="WGS84").fwd(lon_a, lat_a, azimuth, metres)
    assert metres_between(lon_a, lat_a, lon_b, lat_b) == pytest.approx(metres, rel=1e-9, abs=1e-6)


def test_distances_broadcast_one_place_against_many() -> None:
    metres = metres_between(-1.94, 52.31, np.array([-1.94, -1.94]), np.array([52.31, 52.32]))
    assert metres.shape == (2,)
    assert metres[0] == 0
    # A hundredth of a degree of latitude at 52.3 degrees north is 1,112.7 m (WGS 84 meridian arc).
    assert metres[1] == pytest.approx(1112.7, abs=0.5)
