"""What an import does to the data: nothing lost, nothing twice, everything undone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest

from geo_service.app import open_area
from geo_service.errors import InputError
from geo_service.model.access import Audience, Principal
from geo_service.workflows import history, imports

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from geo_service.workflows.services import Services

TESTER = Principal("tests", Audience.FORCE)
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
    services.store.close()


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
    done = imports.import_incidents(area, [path], TESTER)
    assert (done.counts.read, done.counts.located, done.counts.unlocated, done.counts.rejected) == (5, 2, 1, 2)
    rejected = history.rejected_rows(area)
    assert rejected["row"].to_list() == [5, 6]
    assert rejected["file"].unique().to_list() == ["a.csv"]


def test_the_same_file_twice_changes_nothing(area: Services, tmp_path: Path) -> None:
    path = street_file(tmp_path, "a.csv", line("2025-01"), line("2025-02", lat="99"))
    assert imports.import_incidents(area, [path], TESTER).version is not None
    assert imports.import_incidents(area, [path], TESTER).version is None
    assert len(area.store.versions()) == 1


def test_a_republished_month_takes_the_place_of_the_old_one_and_of_no_other(area: Services, tmp_path: Path) -> None:
    imports.import_incidents(area, [street_file(tmp_path, "a.csv", line("2025-01"), line("2025-02"))], TESTER)
    imports.import_incidents(area, [street_file(tmp_path, "b.csv", *[line("2025-01")] * 3)], TESTER)
    months = area.store.snapshot().incidents(["month"])["month"].value_counts(sort=True)["count"].to_list()
    assert months == [3, 1]
    assert area.store.snapshot(1).incidents(["month"]).height == 2


def test_undoing_one_month_and_undoing_that_brings_it_back(area: Services, tmp_path: Path) -> None:
    path = street_file(tmp_path, "a.csv", line("2025-01"), line("2025-02"))
    imports.import_incidents(area, [path], TESTER)
    before = area.store.snapshot().slots()
    undone = history.undo(area, 1, TESTER, only="2025-01")
    assert [str(month) for month in area.store.snapshot().months()] == ["2025-02"]
    history.undo(area, undone.number, TESTER)
    assert area.store.snapshot().slots() == before


def test_boundaries_imported_before_or_after_the_incidents_give_the_same_assignment(
    demonstration: Services, tmp_path: Path, demonstration_dir: Path
) -> None:
    source = demonstration_dir / "demonstration"
    wards = demonstration.store.snapshot().boundary_sets()["demonstration-wards"]
    later = open_area(tmp_path / "later")
    imports.import_incidents(later, [source / "incidents.csv"], TESTER, force="demonstration")
    fields = {"code_field": "code", "name_field": "name"}
    imports.import_boundaries(later, source / "wards.geojson", wards.id, TESTER, **fields)
    for slot in later.store.snapshot().slots("incidents/"):
        np.testing.assert_array_equal(
            later.store.snapshot().assignment(slot, wards.id), demonstration.store.snapshot().assignment(slot, wards.id)
        )
    later.store.close()


def test_a_set_without_a_description_needs_its_fields_named(area: Services, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="--code FIELD and --name FIELD"):
        imports.import_boundaries(area, tmp_path / "x.geojson", "my-own-set", TESTER)


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
