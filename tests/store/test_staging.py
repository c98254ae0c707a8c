"""What an import keeps, replaces, drops and refuses."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from geo_service.errors import ConflictError, NotFoundError
from geo_service.model.access import OPERATOR, Principal
from geo_service.model.periods import Month, Period
from geo_service.store import columns

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

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


def test_an_empty_store_is_version_0_and_holds_nothing(any_store: Store) -> None:
    snapshot = any_store.snapshot()
    assert (snapshot.version, snapshot.months(), snapshot.sources(), dict(snapshot.slots())) == (0, (), (), {})
    assert snapshot.incidents(["month"]).is_empty()
    assert snapshot.postcodes() is None
    assert snapshot.features("cctv") is None
    assert snapshot.rejects().columns == ["version", "file", "row", "field", "value", "reason"]
    assert list(any_store.versions()) == []
    with pytest.raises(NotFoundError, match="No incidents are stored"):
        snapshot.cube(10)


def test_every_row_that_goes_in_comes_out(
    any_store: Store, put: Callable[..., Version | None], jan: pl.DataFrame, feb: pl.DataFrame
) -> None:
    version = put(any_store, {JAN: jan, FEB: feb})
    assert version.number == 1
    assert version.changed == (JAN, FEB)
    snapshot = any_store.snapshot()
    same_rows(snapshot.incidents(jan.columns), pl.concat([jan, feb]))
    same_rows(snapshot.incident_slot(JAN), jan)
    assert snapshot.months() == (Month.parse("2025-01"), Month.parse("2025-02"))
    assert snapshot.sources() == ("police_uk",)


def test_rows_are_stored_by_cell_month_and_row_whatever_order_they_came_in(
    any_store: Store, put: Callable[..., Version | None], jan: pl.DataFrame
) -> None:
    first = put(any_store, {JAN: jan})
    assert put(any_store, {JAN: jan.sample(fraction=1, shuffle=True, seed=3)}) is None
    stored = any_store.snapshot().incident_slot(JAN)
    assert stored.equals(stored.sort("cell_10", "month", "row"))
    assert first is not None


def test_the_same_import_twice_changes_nothing(
    any_store: Store,
    put: Callable[..., Version | None],
    jan: pl.DataFrame,
    make_boundary_set: Callable[..., BoundarySet],
) -> None:
    wards = make_boundary_set()
    put(any_store, {JAN: jan}, boundary_sets=(wards,))
    before, events = everything(any_store), list(any_store.events())
    assert put(any_store, {JAN: jan}, boundary_sets=(wards,)) is None
    assert everything(any_store) == before
    assert list(any_store.events()) == events
    assert len(any_store.versions()) == 1


def test_identical_rows_without_a_crime_number_stay_separate_incidents(
    any_store: Store, put: Callable[..., Version | None], jan: pl.DataFrame
) -> None:
    twins = pl.concat([jan[:1]] * 3).with_columns(crime_id=pl.lit(None, pl.String), row=pl.lit(7, pl.Int64))
    put(any_store, {JAN: twins})
    assert any_store.snapshot().incidents(["row"]).height == 3


def test_a_republished_month_replaces_itself(
    any_store: Store,
    put: Callable[..., Version | None],
    jan: pl.DataFrame,
    feb: pl.DataFrame,
    make_incidents: Callable[..., pl.DataFrame],
) -> None:
    put(any_store, {JAN: jan, FEB: feb})
    again = make_incidents(3, 90)
    assert put(any_store, {JAN: again}).changed == (JAN,)
    same_rows(any_store.snapshot().incident_slot(JAN), again)
    same_rows(any_store.snapshot().incident_slot(FEB), feb)


def test_a_republished_crime_number_replaces_its_row(
    any_store: Store, put: Callable[..., Version | None], make_incidents: Callable[..., pl.DataFrame]
) -> None:
    first = make_incidents(1, 120, ("2025-01", "2025-03"), numbered=True)
    put(any_store, {FORCE: first})
    changed = first[:20].with_columns(offence=pl.lit("Reclassified"))
    new = make_incidents(2, 30, ("2025-02",), numbered=True)
    put(any_store, {FORCE: pl.concat([changed, new])})
    same_rows(any_store.snapshot().incident_slot(FORCE), pl.concat([first[20:], changed, new]))
    assert put(any_store, {FORCE: pl.concat([changed, new])}) is None


def test_the_last_row_of_a_crime_number_within_one_import_wins(
    any_store: Store, put: Callable[..., Version | None], make_incidents: Callable[..., pl.DataFrame]
) -> None:
    first = make_incidents(1, 10, numbered=True)
    later = first.with_columns(offence=pl.lit("Reclassified"), row=pl.col("row") + 100)
    put(any_store, {FORCE: pl.concat([first, later])})
    same_rows(any_store.snapshot().incident_slot(FORCE), later)


def test_a_month_without_incidents_is_loaded_and_its_cube_is_not_that_of_another_month(
    any_store: Store, put: Callable[..., Version | None], jan: pl.DataFrame
) -> None:
    put(any_store, {JAN: jan, FEB: jan[:0]})
    loaded = any_store.snapshot().cube(10)
    assert loaded.loaded == (Month.parse("2025-01"), Month.parse("2025-02"))
    any_store.undo(1, AUTHOR, only="2025-02")
    put(any_store, {FEB.replace("-02", "-03"): jan[:0]})
    march = any_store.snapshot().cube(10)
    assert march.loaded == (Month.parse("2025-01"), Month.parse("2025-03"))


def test_a_force_export_holds_the_months_whose_incidents_were_recorded_soon_after(
    any_store: Store, put: Callable[..., Version | None], make_incidents: Callable[..., pl.DataFrame]
) -> None:
    years_late = [("1900-01", dt.date(2025, 2, 3)), ("1987-06", dt.date(2025, 1, 9))]
    soon = [("2024-11", dt.date(2024, 11, 3)), ("2025-01", dt.date(2025, 2, 28)), ("2025-02", None)]
    frames = [
        make_incidents(seed, 10, (month,), numbered=True).with_columns(recorded=pl.lit(day, pl.Date))
        for seed, (month, day) in enumerate((*years_late, *soon))
    ]
    put(any_store, {FORCE: pl.concat(frames)})
    snapshot = any_store.snapshot()
    assert list(map(str, snapshot.months())) == ["2024-11", "2025-01", "2025-02"]
    cube = snapshot.cube(10)
    assert cube.loaded == snapshot.months()
    assert len(cube.steps) == 5
    assert cube.window(Period.parse("1900-01", "2025-02")).sum() == 50


def test_a_force_export_of_nothing_but_old_offences_is_not_an_empty_store(
    any_store: Store, put: Callable[..., Version | None], make_incidents: Callable[..., pl.DataFrame]
) -> None:
    put(any_store, {FORCE: make_incidents(1, 9, ("1987-06",)).with_columns(recorded=pl.lit(dt.date(2025, 1, 9)))})
    assert list(map(str, any_store.snapshot().months())) == ["1987-06"]


def test_of_a_file_whose_months_an_earlier_release_did_not_tell_all_from_first_to_last_are_held(
    any_store: Store,
    put: Callable[..., Version | None],
    make_incidents: Callable[..., pl.DataFrame],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def told(rows: pl.DataFrame) -> dict[str, int]:
        return {"first_month": rows["month"].min(), "last_month": rows["month"].max()}

    monkeypatch.setattr(columns, "months_of", told)
    put(any_store, {FORCE: make_incidents(1, 60, ("2024-11", "2025-02"), numbered=True)})
    assert [str(month) for month in any_store.snapshot().months()] == ["2024-11", "2024-12", "2025-01", "2025-02"]


def test_a_cube_tells_which_source_lacks_which_month(
    any_store: Store, put: Callable[..., Version | None], jan: pl.DataFrame, feb: pl.DataFrame
) -> None:
    elsewhere = JAN.replace("west-mercia", "elsewhere")
    put(any_store, {JAN: jan, FEB: feb, elsewhere: jan})
    cube = any_store.snapshot().cube(10)
    assert cube.lacking(Period.parse("2025-01", "2025-02")) == {"police_uk/elsewhere": (Month.parse("2025-02"),)}
    assert cube.lacking(Period.parse("2025-01", "2025-01")) == {}


def test_rows_put_aside_but_never_put_are_stored_at_commit(
    any_store: Store, analyst: Principal, jan: pl.DataFrame
) -> None:
    with any_store.stage() as staging:
        staging.add_incidents(JAN, jan)
        staging.commit("import incidents", analyst, {})
    same_rows(any_store.snapshot().incident_slot(JAN), jan)


def test_leaving_without_commit_leaves_nothing(
    any_store: Store, data_dir: Path, put: Callable[..., Version | None], jan: pl.DataFrame, feb: pl.DataFrame
) -> None:
    put(any_store, {JAN: jan})
    before = everything(any_store), sorted(data_dir.rglob("*.parquet"))
    with any_store.stage() as staging:
        staging.add_incidents(FEB, feb)
        for slot, rows in staging.partitions():
            staging.put_incidents(slot, rows)
    assert (everything(any_store), sorted(data_dir.rglob("*.parquet"))) == before


def test_rows_that_are_not_in_stored_order_are_refused_for_their_members_would_not_fit(
    any_store: Store, jan: pl.DataFrame
) -> None:
    with any_store.stage() as staging, pytest.raises(ValueError, match="stored order"):
        staging.put_incidents(JAN, jan.sort("row", descending=True))


@pytest.mark.parametrize(
    "slot", ["incidents/police_uk/2025-01", "rejects/x", "incidents//x/2025-01", "incidents/a/b/\n"]
)
def test_a_slot_that_is_not_one_of_incidents_is_refused(any_store: Store, jan: pl.DataFrame, slot: str) -> None:
    with any_store.stage() as staging, pytest.raises(ValueError, match="not a slot"):
        staging.add_incidents(slot, jan)


def test_a_missing_column_is_named(any_store: Store, jan: pl.DataFrame) -> None:
    with any_store.stage() as staging, pytest.raises(ValueError, match="cell_9"):
        staging.add_incidents(JAN, jan.drop("cell_9"))


def test_of_two_imports_of_one_month_the_second_fails_cleanly(
    any_store: Store,
    put: Callable[..., Version | None],
    analyst: Principal,
    jan: pl.DataFrame,
    make_incidents: Callable[..., pl.DataFrame],
) -> None:
    with any_store.stage() as staging:
        staging.add_incidents(JAN, make_incidents(8, 20))
        put(any_store, {JAN: jan})
        with pytest.raises(ConflictError, match="Run it again"):
            staging.commit("import incidents", analyst, {})
    same_rows(any_store.snapshot().incidents(jan.columns), jan)
    assert len(any_store.versions()) == 1
    assert len(any_store.events()) == 1


def test_two_imports_of_the_same_file_at_once_are_one(
    any_store: Store, put: Callable[..., Version | None], analyst: Principal, jan: pl.DataFrame
) -> None:
    with any_store.stage() as staging:
        staging.add_incidents(JAN, jan)
        put(any_store, {JAN: jan})
        assert staging.commit("import incidents", analyst, {}) is None


def test_imports_of_different_months_do_not_disturb_each_other(
    any_store: Store, put: Callable[..., Version | None], analyst: Principal, jan: pl.DataFrame, feb: pl.DataFrame
) -> None:
    with any_store.stage() as staging:
        staging.add_incidents(JAN, jan)
        put(any_store, {FEB: feb})
        assert staging.commit("import incidents", analyst, {}).number == 2
    same_rows(any_store.snapshot().incidents(jan.columns), pl.concat([jan, feb]))


def test_incidents_and_boundaries_imported_at_once_do_not_miss_each_other(
    any_store: Store,
    put: Callable[..., Version | None],
    analyst: Principal,
    jan: pl.DataFrame,
    make_boundary_set: Callable[..., BoundarySet],
) -> None:
    with any_store.stage() as incidents, any_store.stage() as boundaries:
        incidents.add_incidents(JAN, jan)
        boundaries.put_boundary_set(make_boundary_set())
        assert boundaries.commit("import boundaries", analyst, {}) is not None
        with pytest.raises(ConflictError, match="boundaries/wards"):
            incidents.commit("import incidents", analyst, {})
    with any_store.stage() as boundaries:
        boundaries.put_boundary_set(make_boundary_set(members=1))
        put(any_store, {JAN: jan}, boundary_sets=(make_boundary_set(),))
        with pytest.raises(ConflictError, match="2025-01"):
            boundaries.commit("import boundaries", analyst, {})
