"""Two years of incidents: where, when and what."""

from __future__ import annotations

from typing import TYPE_CHECKING

import h3
import numpy as np
import polars as pl
import pytest
import shapely

from geo_service import demonstration
from geo_service.demonstration import incidents
from geo_service.spatial.projection import project_geometry, to_lonlat

if TYPE_CHECKING:
    from geo_service.demonstration import Demonstration
    from geo_service.demonstration.ground import Ground


@pytest.fixture(scope="module")
def located(events: pl.DataFrame) -> pl.DataFrame:
    return events.filter(pl.col("easting").is_not_null() & pl.col("northing").is_not_null())


def _like(pattern: str) -> pl.Expr:
    return pl.col("offence").str.contains(f"(?i){pattern}")


def _share(frame: pl.DataFrame, condition: pl.Expr) -> float:
    return float(frame.select(condition.mean()).item())


def test_every_row_has_the_columns_of_the_export_as_strings(borough: Demonstration) -> None:
    assert borough.incidents.columns == list(incidents.COLUMNS)
    assert set(borough.incidents.dtypes) == {pl.String}
    assert borough.incidents.null_count().sum_horizontal().item() == 0


def test_offences_come_strictly_from_the_table_given(borough: Demonstration, offences: pl.DataFrame) -> None:
    given = set(offences.select(pl.col("offence_code").fill_null(""), "offence").iter_rows())
    drawn = set(borough.incidents.select("offence_code", "offence").unique().iter_rows())
    assert drawn <= given
    assert len(drawn) >= 0.9 * len(given)


def test_an_offence_that_no_stream_knows_happens_now_and_then(offences: pl.DataFrame) -> None:
    more = pl.concat(
        [offences, pl.DataFrame({"offence_code": ["999/99"], "offence": ["Blowing trumpets"], "days": [0.0]})]
    )
    drawn = demonstration.build(1, more).incidents.filter(pl.col("offence_code") == "999/99")
    assert 5 <= drawn.height <= 60


def test_half_of_the_located_events_lie_in_2_to_6_percent_of_the_cells(
    located: pl.DataFrame, borough: Demonstration
) -> None:
    outline = shapely.union_all(borough.wards.geometry)
    cells = h3.geo_to_cells(outline.__geo_interface__, 10)
    lon, lat = to_lonlat(located["easting"].to_numpy(), located["northing"].to_numpy())
    held = pl.Series([h3.latlng_to_cell(y, x, 10) for x, y in zip(lon, lat, strict=True)]).value_counts()["count"]
    ranked = np.cumsum(np.sort(held.to_numpy())[::-1])
    needed = int(np.searchsorted(ranked, ranked[-1] / 2)) + 1
    assert 0.02 <= needed / len(cells) <= 0.06


def test_all_lie_inside_the_borough_and_none_in_the_river(located: pl.DataFrame, land: Ground) -> None:
    points = shapely.points(located["easting"].to_numpy(), located["northing"].to_numpy())
    outline = land.outline.buffer(1)
    assert shapely.contains_properly(outline, points).all()
    assert not shapely.intersects(land.bones.river, points).any()


def test_violence_in_public_gathers_on_friday_and_saturday_nights(events: pl.DataFrame) -> None:
    """Ten hours of 168 (Friday and Saturday, 21 to 02) would hold 6 % if hours were all alike."""
    operational = pl.col("committed_from") - pl.duration(hours=6)
    night = pl.col("committed_from").dt.hour().is_in([21, 22, 23, 0, 1])
    weekend = operational.dt.weekday().is_in([5, 6]) & night
    violence = events.filter(_like("wound|bodily|common assault") & (pl.col("domestic_abuse") == "N"))
    other_nights = night & ~operational.dt.weekday().is_in([5, 6])
    assert _share(violence, weekend) > 0.2
    assert _share(violence, weekend) / 2 > 2 * _share(violence, other_nights) / 5


def test_shoplifting_keeps_shop_hours(events: pl.DataFrame) -> None:
    known = events.filter(_like("shoplift") & ~pl.col("committed_from").dt.strftime("%H:%M").is_in(["00:00", "12:00"]))
    open_ = pl.col("committed_from").dt.hour().is_between(9, 18)
    assert _share(known, open_) > 0.9
    assert _share(known, pl.col("committed_from").dt.weekday() == 7) < 0.09


def test_burglary_is_known_as_an_interval_and_violence_as_a_moment(events: pl.DataFrame) -> None:
    length = (pl.col("committed_to") - pl.col("committed_from")).dt.total_minutes()
    assert events.filter(_like("burglary")).select(length.median()).item() > 120
    assert events.filter(_like("common assault")).select(length.max()).item() <= 90


def test_burglaries_repeat_nearby_and_soon_more_than_chance_gives(located: pl.DataFrame) -> None:
    """Knox: pairs within 200 m and 14 days, against the same places with their days shuffled."""
    homes = located.filter(_like("burglary residential"))
    points = shapely.points(homes["easting"].to_numpy(), homes["northing"].to_numpy())
    left, right = shapely.STRtree(points).query(points, predicate="dwithin", distance=200.0)
    left, right = left[left < right], right[left < right]
    day = homes["committed_from"].dt.epoch("d").to_numpy()
    rng = np.random.default_rng(0)

    def close(days: np.ndarray) -> int:
        return int((np.abs(days[left] - days[right]) <= 14).sum())

    chance = [close(rng.permutation(day)) for _ in range(99)]
    assert close(day) > 1.2 * max(chance)


def test_the_young_are_victims_of_about_a_third_of_violence_with_injury(events: pl.DataFrame) -> None:
    injury = events.filter(_like("wound|bodily"))
    assert 0.27 < _share(injury, pl.col("victim_under_25") == "Y") < 0.5


def test_trouble_at_the_parade_grows_and_the_borough_hardly_does(located: pl.DataFrame, land: Ground) -> None:
    east, north = land.spot("parade")
    far = ((pl.col("easting") - east) ** 2 + (pl.col("northing") - north) ** 2).sqrt()
    second = pl.col("committed_from") >= pl.datetime(2025, 11, 1)
    at_parade = _share(located.filter(far < 130), second)
    elsewhere = _share(located.filter(far > 600), second)
    assert at_parade > 0.56
    assert abs(elsewhere - 0.5) < 0.03


def test_records_come_late_but_never_after_the_end(events: pl.DataFrame, borough: Demonstration) -> None:
    delay = (pl.col("recorded") - pl.col("committed_from").dt.date()).dt.total_days()
    assert events.select(delay.min()).item() >= 0
    assert 0.02 < _share(events, delay > 30) < 0.08
    assert events["recorded"].max() == borough.period.last.last_day


def test_locations_name_the_street_that_the_event_is_beside(located: pl.DataFrame, land: Ground) -> None:
    at_street = located.filter(~pl.col("location").str.contains("Nonesuch|Arcade|Hospital|College|Leisure|Parade|Park"))
    sample = at_street.sample(300, seed=1)
    lines: dict[str, list[shapely.LineString]] = {}
    for name, line in zip(land.streets.names, land.streets.lines, strict=True):
        lines.setdefault(f"On or near {name}", []).append(line)
    for row in sample.iter_rows(named=True):
        here = shapely.Point(row["easting"], row["northing"])
        assert min(line.distance(here) for line in lines[row["location"]]) < 17


def test_nuisance_has_crime_numbers_too(events: pl.DataFrame) -> None:
    nuisance = events.filter(_like("anti-social"))
    assert nuisance.height > 1_000
    assert nuisance["crime_number"].str.contains(r"^NB/\d{6}/\d\d$").all()


def test_the_wards_hold_the_located_events(located: pl.DataFrame, borough: Demonstration) -> None:
    on_grid = project_geometry(borough.wards.geometry, "grid")
    tree = shapely.STRtree(on_grid)
    points = shapely.points(located["easting"].to_numpy(), located["northing"].to_numpy())
    wards = np.unique(tree.query(points, predicate="intersects")[1])
    assert wards.tolist() == list(range(9))
