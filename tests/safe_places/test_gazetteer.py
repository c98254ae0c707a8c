"""Names around the places: within 15 km, each street once."""

from __future__ import annotations

import numpy as np
import polars as pl
import shapely
from pyproj import Geod

from geo_service.safe_places.gazetteer import gazetteer

TOWNS = pl.DataFrame({"town": ["Northmere", "Northmere", "Overton", None, "Nowhere"]})
LONLAT = np.array([[-1.0, 55.0], [-1.002, 55.002], [-1.1, 55.0], [-1.05, 55.0], [np.nan, np.nan]])
NO_LINES = np.array([], dtype=object)


def postcodes(count: int = 4000) -> pl.DataFrame:
    rng = np.random.default_rng(5)
    return pl.DataFrame(
        {
            "postcode": [f"ZZ{at // 1000} {at % 1000:03d}" for at in range(count)],
            "lon": rng.uniform(-1.5, -0.6, count),
            "lat": rng.uniform(54.7, 55.3, count),
        }
    )


def test_postcodes_within_fifteen_kilometres_of_any_place_are_kept_sorted() -> None:
    drawn = postcodes()
    found = gazetteer(drawn.reverse(), TOWNS, LONLAT, NO_LINES, [])
    geod = Geod(ellps="WGS84")
    far_m = np.min(
        [
            geod.inv(np.full(len(drawn), lon), np.full(len(drawn), lat), drawn["lon"], drawn["lat"])[2]
            for lon, lat in LONLAT[:4]
        ],
        axis=0,
    )
    inside = set(drawn.filter(pl.Series(far_m < 14_980))["postcode"])
    outside = set(drawn.filter(pl.Series(far_m > 15_020))["postcode"])  # the grid's scale is within a thousandth
    kept = found.postcodes["postcode"]
    assert inside <= set(kept)
    assert not outside & set(kept)
    assert inside
    assert outside
    assert kept.is_sorted()


def test_a_town_stands_at_the_median_of_its_places() -> None:
    assert gazetteer(None, TOWNS, LONLAT, NO_LINES, []).towns.rows() == [
        ("Northmere", -1.001, 55.001),
        ("Overton", -1.1, 55.0),
    ]


def line(*corners: tuple[float, float]) -> shapely.LineString:
    return shapely.LineString(corners)


def test_a_street_is_listed_once_at_a_point_on_it_with_its_nearest_town() -> None:
    lines = np.array(
        [
            line((-1.0, 55.0), (-1.001, 55.0)),
            line((-1.001, 55.0), (-1.002, 55.0)),
            line((-1.002, 55.0), (-1.003, 55.0)),
            line((-1.1, 55.0), (-1.101, 55.0)),
            line((-1.0, 55.01), (-1.001, 55.01)),
            line((-3.0, 55.0), (-3.001, 55.0)),
        ],
        dtype=object,
    )
    names = ["High Street", "High Street", "High Street", "High Street", "", "Far Lane"]
    found = gazetteer(None, TOWNS, LONLAT, lines, names).streets
    assert found.select("name", "town").rows() == [("High Street", "Northmere"), ("High Street", "Overton")]
    assert found["lon"].to_list() == [-1.0015, -1.1005]


def test_where_nothing_is_loaded_or_no_place_is_located_nothing_is_named() -> None:
    nowhere = gazetteer(postcodes(10), TOWNS[4:], LONLAT[4:], np.array([line((0, 0), (1, 1))], dtype=object), ["A"])
    assert (nowhere.postcodes.height, nowhere.towns.height, nowhere.streets.height) == (0, 0, 0)
    assert gazetteer(None, TOWNS, LONLAT, NO_LINES, []).postcodes.columns == ["postcode", "lon", "lat"]
