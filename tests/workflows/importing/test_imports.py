"""What an import does to the data: nothing lost, nothing twice, everything undone."""

from __future__ import annotations

import datetime as dt
import json
from contextlib import contextmanager
from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
import shapely

from geo_service.app import open_area
from geo_service.errors import InputError
from geo_service.workflows.importing import imports
from geo_service.workflows.keeping import history

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from geo_service.workflows.services import Services

HEADER = (
    "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,Crime type,"
    "Last outcome category,Context"
)
FORCE = "Nonesuch Police"


def line(
    month: str, crime_id: str = "", lon: str = "-1.94", lat: str = "52.3", kind: str = "Anti-social behaviour"
) -> str:
    return f"{crime_id},{month},{FORCE},{FORCE},{lon},{lat},On or near Elm Road,E1,Name,{kind},,"


def street_file(folder: Path, name: str, *lines: str) -> Path:
    path = folder / name
    path.write_text("\n".join([HEADER, *lines]) + "\n")
    return path


@pytest.fixture
def area(tmp_path: Path) -> Iterator[Services]:
    services = open_area(tmp_path / "area")
    yield services
    services.close()


def test_every_row_read_is_accepted_or_rejected_and_the_unlocated_count(area: Services, tmp_path: Path) -> None:
    path = street_file(
        tmp_path,
        "a.csv",
        line("2025-01"),
        line("2025-01"),
        line("2025-01", lon="", lat=""),
        line("2025-01", lon="52.3", lat="-1.94"),
        line("2025-13"),
    )
    done = imports.import_incidents(area, [path])
    assert (done.counts.read, done.counts.located, done.counts.unlocated, done.counts.rejected) == (5, 2, 1, 2)
    rejected = history.rejected_rows(area)
    assert rejected["row"].to_list() == [5, 6]
    assert rejected["file"].unique().to_list() == ["a.csv"]


def test_a_file_without_one_good_row_is_refused_and_its_rows_are_kept_once(area: Services, tmp_path: Path) -> None:
    path = street_file(tmp_path, "bad.csv", line("2025-01", lon="52.3", lat="-1.94"), line("2025-13"))
    for _ in range(2):
        with pytest.raises(InputError, match="geo-service issues"):
            imports.import_incidents(area, [path])
        assert history.rejected_rows(area)["row"].to_list() == [2, 3]
    assert not area.store.snapshot().months()


def test_the_same_file_twice_changes_nothing(area: Services, tmp_path: Path) -> None:
    path = street_file(tmp_path, "a.csv", line("2025-01"), line("2025-02", lat="99"))
    assert imports.import_incidents(area, [path]).version is not None
    assert imports.import_incidents(area, [path]).version is None
    assert len(area.store.versions()) == 1


def test_a_republished_month_takes_the_place_of_the_old_one_and_of_no_other(area: Services, tmp_path: Path) -> None:
    imports.import_incidents(area, [street_file(tmp_path, "a.csv", line("2025-01"), line("2025-02"))])
    imports.import_incidents(area, [street_file(tmp_path, "b.csv", *[line("2025-01")] * 3)])
    months = area.store.snapshot().incidents(["month"])["month"].value_counts(sort=True)["count"].to_list()
    assert months == [3, 1]
    assert area.store.snapshot(1).incidents(["month"]).height == 2


def test_undoing_one_month_and_undoing_that_brings_it_back(area: Services, tmp_path: Path) -> None:
    path = street_file(tmp_path, "a.csv", line("2025-01"), line("2025-02"))
    imports.import_incidents(area, [path])
    before = area.store.snapshot().slots()
    undone = history.undo(area, 1, only="2025-01")
    assert [str(month) for month in area.store.snapshot().months()] == ["2025-02"]
    history.undo(area, undone.number)
    assert area.store.snapshot().slots() == before


def test_boundaries_imported_before_or_after_the_incidents_give_the_same_assignment(
    demonstration: Services, tmp_path: Path, demonstration_dir: Path
) -> None:
    source = demonstration_dir / "demonstration"
    wards = demonstration.store.snapshot().boundary_sets()["demonstration-wards"]
    later = open_area(tmp_path / "later")
    imports.import_incidents(later, [source / "incidents.csv"], force="demonstration")
    fields = {"code_field": "code", "name_field": "name"}
    imports.import_boundaries(later, source / "wards.geojson", wards.id, **fields)
    for slot in later.store.snapshot().slots("incidents/"):
        np.testing.assert_array_equal(
            later.store.snapshot().assignment(slot, wards.id), demonstration.store.snapshot().assignment(slot, wards.id)
        )
    later.close()


def wards_file(folder: Path) -> Path:
    """Write two wards that share an edge; the incidents of `line` lie in W."""
    path = folder / "wards.geojson"
    shapes = {"W": shapely.box(-1.95, 52.29, -1.93, 52.31), "E": shapely.box(-1.93, 52.29, -1.91, 52.31)}
    features = [
        {"type": "Feature", "properties": {"code": code}, "geometry": shapely.geometry.mapping(shape)}
        for code, shape in shapes.items()
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return path


CODED = {"code_field": "code", "name_field": "code"}


def assert_all_assigned(services: Services, boundary_set: str) -> None:
    snapshot = services.store.snapshot()
    slots = snapshot.slots("incidents/")
    assert slots
    for slot in slots:
        assert (snapshot.assignment(slot, boundary_set) == 0).all()


def test_incidents_that_an_undo_brings_back_are_assigned_to_the_set_that_came_meanwhile(
    area: Services, tmp_path: Path
) -> None:
    imports.import_boundaries(area, wards_file(tmp_path), "first", **CODED)
    imports.import_incidents(area, [street_file(tmp_path, "a.csv", line("2025-01"), line("2025-02"))])
    gone = history.undo(area, 2)
    imports.import_boundaries(area, wards_file(tmp_path), "second", **CODED)
    history.undo(area, gone.number)
    assert_all_assigned(area, "first")
    assert_all_assigned(area, "second")
    assert area.store.check() == []


def test_a_set_that_an_undo_brings_back_is_assigned_the_incidents_that_came_meanwhile(
    area: Services, tmp_path: Path
) -> None:
    imports.import_incidents(area, [street_file(tmp_path, "a.csv", line("2025-01"))])
    imports.import_boundaries(area, wards_file(tmp_path), "wards", **CODED)
    gone = history.undo(area, 2)
    imports.import_incidents(area, [street_file(tmp_path, "b.csv", line("2025-02"))])
    history.undo(area, gone.number)
    assert_all_assigned(area, "wards")


def test_an_undo_after_which_nothing_is_unassigned_makes_one_version(area: Services, tmp_path: Path) -> None:
    imports.import_boundaries(area, wards_file(tmp_path), "wards", **CODED)
    imports.import_incidents(area, [street_file(tmp_path, "a.csv", line("2025-01"))])
    history.undo(area, history.undo(area, 2).number)
    assert len(area.store.versions()) == 4
    assert_all_assigned(area, "wards")


def test_incidents_that_another_import_commits_first_are_assigned_too(area: Services, tmp_path: Path) -> None:
    imports.import_incidents(area, [street_file(tmp_path, "a.csv", line("2025-01"))])

    @contextmanager
    def stage() -> Iterator[object]:
        imports.import_incidents(area, [street_file(tmp_path, "b.csv", line("2025-02"))])
        with area.store.stage() as staging:
            yield staging

    late = SimpleNamespace(stage=stage, snapshot=area.store.snapshot, principal=area.principal)
    imports.import_boundaries(replace(area, store=late), wards_file(tmp_path), "wards", **CODED)
    assert_all_assigned(area, "wards")


def test_a_set_of_ones_own_answers_with_the_day_that_it_is_valid_from(area: Services, tmp_path: Path) -> None:
    day = dt.date(2025, 5, 1)
    done = imports.import_boundaries(area, wards_file(tmp_path), "beats", valid_from=day, **CODED)
    assert done.boundary_set.vintage == "beats, valid from 2025-05-01"
    other = imports.import_boundaries(
        area, wards_file(tmp_path), "wards-2025", valid_from=dt.date(2025, 6, 1), **CODED,
        parent_code_field="code", parent_name_field="code",
    )  # fmt: skip
    assert other.boundary_set.vintage == "wards-2025, valid from 2025-06-01"


def test_a_list_imported_again_without_its_slips_leaves_no_rejected_row_behind(area: Services, tmp_path: Path) -> None:
    path = tmp_path / "cctv.csv"
    path.write_text("id,name,lon,lat\nc1,Market,-1.94,52.3\nc2,Station,52.3,-1.94\n")
    imports.import_layer(area, "cctv", path)
    assert history.rejected_rows(area)["row"].to_list() == [3]
    path.write_text("id,name,lon,lat\nc1,Market,-1.94,52.3\nc2,Station,-1.94,52.3\n")
    imports.import_layer(area, "cctv", path)
    assert history.rejected_rows(area).is_empty()


@pytest.mark.parametrize("set_id", ["", "../wards", "Wards 2025", "wards/2025", "-wards", "w" * 65])
def test_a_set_is_named_by_a_short_id(set_id: str, area: Services, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="needs a short id") as refused:
        imports.import_boundaries(area, tmp_path / "nowhere.geojson", set_id, code_field="c", name_field="n")
    assert refused.value.field == "set"


def test_a_set_without_a_description_needs_its_fields_named(area: Services, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="--code FIELD and --name FIELD"):
        imports.import_boundaries(area, tmp_path / "x.geojson", "my-own-set")


@pytest.mark.shared
def test_the_real_months_come_in_whole(redditch: Services) -> None:
    counts = redditch.store.snapshot().incidents(["lon", "month"])
    rejected = history.rejected_rows(redditch)
    assert counts.height + rejected.height == 110_152  # rows stated in the data's own README
    # The README counts 1,503 rows of 2025 without coordinates; one of them repeats another exactly, crime ID included.
    in_2025 = counts.filter(pl.col("month") >= 2025 * 12)
    assert in_2025["lon"].null_count() == 1_503 - rejected.height
    assert rejected.row(0, named=True)["reason"].startswith("repeats row")


@pytest.mark.shared
def test_assignment_equals_geopandas_sjoin_on_every_located_row(redditch: Services) -> None:
    import geopandas  # noqa: PLC0415 - heavy, and only here

    snapshot = redditch.store.snapshot()
    wards = snapshot.boundary_sets()["wards-2025"]
    frame = geopandas.GeoDataFrame({"member": range(len(wards))}, geometry=wards.geometry, crs=4326)
    for slot in snapshot.slots("incidents/"):
        rows = snapshot.incident_slot(slot)
        located = rows["lon"].is_not_null().to_numpy()
        points = geopandas.GeoDataFrame(
            geometry=geopandas.points_from_xy(rows["lon"].to_numpy()[located], rows["lat"].to_numpy()[located]),
            crs=4326,
        )
        joined = points.sjoin(frame, how="left", predicate="intersects").groupby(level=0)["member"].min()
        expected = joined.fillna(-1).to_numpy().astype(np.int32)
        assigned = snapshot.assignment(slot, "wards-2025")
        np.testing.assert_array_equal(assigned[located], expected)
        assert (assigned[~located] == -1).all()
