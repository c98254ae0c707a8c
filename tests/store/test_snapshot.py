"""What can be asked of one version."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from geo_service.errors import NotFoundError, QueryError
from geo_service.model.access import OPERATOR, Principal
from geo_service.model.incidents import CELL_COLUMNS
from geo_service.model.periods import Month, Period

if TYPE_CHECKING:
    from collections.abc import Callable

    from geo_service.model.access import Version
    from geo_service.model.boundaries import BoundarySet
    from geo_service.store import DiskStore as Store

JAN, FEB = "incidents/police_uk/west-mercia/2025-01", "incidents/police_uk/west-mercia/2025-02"
FORCE = "incidents/force_csv/demonstration/0"
AUTHOR = Principal("analyst", OPERATOR)


def everything(store: Store, as_of: int | None = None) -> dict[str, str]:
    return dict(store.snapshot(as_of).slots())


def same_rows(found: pl.DataFrame, expected: pl.DataFrame) -> None:
    assert_frame_equal(found, expected.select(found.columns), check_row_order=False)


def test_months_and_cells_choose_exactly_their_rows(
    any_store: Store, put: Callable[..., Version | None], make_incidents: Callable[..., pl.DataFrame]
) -> None:
    months = ("2025-01", "2025-02", "2025-03")
    force = make_incidents(5, 400, months, numbered=True)
    one = make_incidents(6, 200, ("2025-02",))
    put(any_store, {FORCE: force, FEB: one})
    rows = pl.concat([force, one])
    period = Period(Month.parse("2025-02"), Month.parse("2025-03"))
    for resolution, column in CELL_COLUMNS.items():
        cells = rows[column].unique().sort()[1::3].to_numpy()
        found = any_store.snapshot().incidents(["row", "place"], period=period, cells=cells, resolution=resolution)
        wanted = rows.filter(
            pl.col("month").is_between(period.first.ordinal, period.last.ordinal) & pl.col(column).is_in(cells.tolist())
        )
        assert found.columns == ["row", "place"]
        same_rows(found, wanted)


def test_no_cells_and_no_such_months_answer_with_no_rows(
    any_store: Store, put: Callable[..., Version | None], jan: pl.DataFrame
) -> None:
    put(any_store, {JAN: jan})
    snapshot = any_store.snapshot()
    later = Period.parse("2026-01", "2026-02")
    assert snapshot.incidents(["lon"], cells=np.array([], dtype=np.uint64)).is_empty()
    assert snapshot.incidents(["lon"], period=later).schema == {"lon": pl.Float64}


def test_an_unknown_column_or_resolution_is_named(
    any_store: Store, put: Callable[..., Version | None], jan: pl.DataFrame
) -> None:
    put(any_store, {JAN: jan})
    with pytest.raises(QueryError, match="latitude"):
        any_store.snapshot().incidents(["latitude"])
    with pytest.raises(QueryError, match="13"):
        any_store.snapshot().incidents(["lat"], cells=np.array([1], dtype=np.uint64), resolution=13)
    with pytest.raises(QueryError, match="7"):
        any_store.snapshot().cube(7)


def test_an_unknown_slot_says_which_there_are(
    any_store: Store, put: Callable[..., Version | None], jan: pl.DataFrame
) -> None:
    put(any_store, {JAN: jan})
    with pytest.raises(NotFoundError, match="2025-01"):
        any_store.snapshot().incident_slot(FEB)


def test_a_boundary_set_comes_back_as_it_went_in(
    any_store: Store, put_boundaries: Callable[..., Version | None], make_boundary_set: Callable[..., BoundarySet]
) -> None:
    wards = make_boundary_set()
    assert put_boundaries(any_store, wards).changed == ("boundaries/wards",)
    found = any_store.snapshot().boundary_sets()["wards"]
    for name in ("id", "title", "vintage", "valid_from", "licence", "codes", "names", "parent_codes", "parent_names"):
        assert getattr(found, name) == getattr(wards, name)
    assert [shape.wkb for shape in found.geometry] == [shape.wkb for shape in wards.geometry]
    assert any_store.snapshot().boundary_sets()["wards"] is found
    assert put_boundaries(any_store, wards) is None


def test_an_assignment_belongs_to_its_rows(
    any_store: Store,
    put: Callable[..., Version | None],
    jan: pl.DataFrame,
    make_boundary_set: Callable[..., BoundarySet],
    members: Callable[..., np.ndarray],
) -> None:
    wards = make_boundary_set()
    put(any_store, {JAN: jan}, boundary_sets=(wards,))
    snapshot = any_store.snapshot()
    np.testing.assert_array_equal(snapshot.assignment(JAN, "wards"), members(snapshot.incident_slot(JAN), wards))


def test_replacing_incidents_without_assigning_them_drops_the_stale_assignment(
    any_store: Store,
    put: Callable[..., Version | None],
    jan: pl.DataFrame,
    make_incidents: Callable[..., pl.DataFrame],
    make_boundary_set: Callable[..., BoundarySet],
) -> None:
    put(any_store, {JAN: jan}, boundary_sets=(make_boundary_set(),))
    version = put(any_store, {JAN: make_incidents(9, jan.height)})
    assert version.changed == (f"assignments/wards/{JAN}", JAN)
    with pytest.raises(NotFoundError, match="have not been assigned"):
        any_store.snapshot().assignment(JAN, "wards")
    any_store.snapshot().cube(10)  # the same data unsplit, which must not answer for the set
    with pytest.raises(NotFoundError, match="not assigned to the boundary set wards"):
        any_store.snapshot().cube(10, "wards")
    with pytest.raises(NotFoundError, match="Import the boundary set again"):
        any_store.snapshot().cube(10, "wards")
    assert any_store.snapshot(1).assignment(JAN, "wards").shape == (jan.height,)


def test_replacing_boundaries_without_assigning_drops_the_stale_assignment(
    any_store: Store,
    put: Callable[..., Version | None],
    jan: pl.DataFrame,
    make_boundary_set: Callable[..., BoundarySet],
    analyst: Principal,
) -> None:
    put(any_store, {JAN: jan}, boundary_sets=(make_boundary_set(),))
    with any_store.stage() as staging:
        staging.put_boundary_set(make_boundary_set(members=2))
        version = staging.commit("import boundaries", analyst, {})
    assert version.changed == (f"assignments/wards/{JAN}", "boundaries/wards")


def test_members_that_do_not_fit_the_rows_are_refused(
    any_store: Store,
    put: Callable[..., Version | None],
    jan: pl.DataFrame,
    make_boundary_set: Callable[..., BoundarySet],
) -> None:
    put(any_store, {JAN: jan})
    with any_store.stage() as staging:
        staging.put_boundary_set(make_boundary_set())
        with pytest.raises(ValueError, match="250 rows"):
            staging.put_assignment(JAN, "wards", np.zeros(3, dtype=np.int32))
        with pytest.raises(NotFoundError, match="lsoas"):
            staging.put_assignment(JAN, "lsoas", np.zeros(250, dtype=np.int32))


def test_postcodes_and_features_come_back_as_they_went_in(any_store: Store, analyst: Principal) -> None:
    postcodes = pl.DataFrame({"postcode": ["B97 4AA"], "lon": [-1.9], "lat": [52.3], "quality": [10]})
    features = pl.DataFrame(
        {"id": ["a", "b"], "opened": [dt.date(2024, 1, 1), None], "open": [True, None], "wkb": [b"\x01", None]}
    )
    with any_store.stage() as staging:
        staging.put_postcodes(postcodes)
        staging.put_features("cctv", features)
        staging.commit("import features", analyst, {})
    assert_frame_equal(any_store.snapshot().postcodes(), postcodes)
    assert_frame_equal(any_store.snapshot().features("cctv"), features)
    assert any_store.snapshot().features("safe-places") is None
    with any_store.stage() as staging, pytest.raises(ValueError, match="wkb"):
        staging.put_features("cctv", features.drop("wkb"))


def test_rejects_are_listed_with_the_version_that_put_them(
    any_store: Store, analyst: Principal, make_rejects: Callable[..., pl.DataFrame]
) -> None:
    def reject(key: str, rows: int) -> None:
        with any_store.stage() as staging:
            staging.add_rejects(key, make_rejects(f"{key}.csv", rows))
            staging.commit("import incidents", analyst, {})

    reject("january", 3)
    reject("rejects/february", 2)
    assert any_store.snapshot().rejects()["version"].to_list() == [2, 2, 1, 1, 1]
    assert any_store.snapshot().rejects(1)["file"].to_list() == ["january.csv"] * 3
    reject("january", 0)
    assert any_store.snapshot().rejects()["version"].to_list() == [2, 2]
    assert any_store.snapshot().rejects(1).height == 3
    assert any_store.snapshot().rejects(3).is_empty()
    with pytest.raises(NotFoundError, match="1 to 3"):
        any_store.snapshot().rejects(4)
    with pytest.raises(NotFoundError, match="1 to 2"):
        any_store.snapshot(2).rejects(3)
