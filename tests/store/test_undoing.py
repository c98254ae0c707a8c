"""Any version answers again, and what was done can be taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from geo_service.errors import ConflictError, NotFoundError, QueryError
from geo_service.model.access import OPERATOR, Principal
from geo_service.model.periods import Month

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


def test_any_version_answers_as_it_was(
    any_store: Store,
    put: Callable[..., Version | None],
    jan: pl.DataFrame,
    feb: pl.DataFrame,
    make_incidents: Callable[..., pl.DataFrame],
) -> None:
    put(any_store, {JAN: jan})
    put(any_store, {FEB: feb})
    put(any_store, {JAN: make_incidents(4, 10)})
    same_rows(any_store.snapshot(1).incidents(jan.columns), jan)
    same_rows(any_store.snapshot(2).incidents(jan.columns), pl.concat([jan, feb]))
    assert any_store.snapshot(0).months() == ()
    for unknown in (4, -1):
        with pytest.raises(NotFoundError, match="1 to 3"):
            any_store.snapshot(unknown)


def test_a_snapshot_does_not_see_what_comes_after_it(
    any_store: Store, put: Callable[..., Version | None], jan: pl.DataFrame, feb: pl.DataFrame
) -> None:
    put(any_store, {JAN: jan})
    snapshot = any_store.snapshot()
    put(any_store, {FEB: feb})
    any_store.undo(1, AUTHOR)
    same_rows(snapshot.incidents(jan.columns), jan)


def test_undo_takes_an_import_back_and_undo_of_the_undo_brings_it_back(
    any_store: Store,
    put: Callable[..., Version | None],
    jan: pl.DataFrame,
    feb: pl.DataFrame,
    make_boundary_set: Callable[..., BoundarySet],
) -> None:
    wards = make_boundary_set()
    put(any_store, {JAN: jan}, boundary_sets=(wards,))
    one = everything(any_store)
    put(any_store, {FEB: feb}, boundary_sets=(wards,))
    two = everything(any_store)
    undone = any_store.undo(2, AUTHOR)
    assert (undone.number, undone.act, undone.detail) == (3, "undo", {"undone": 2})
    assert everything(any_store) == one
    any_store.undo(3, AUTHOR)
    assert everything(any_store) == two


def test_undo_of_one_month_takes_its_assignments_with_it(
    any_store: Store,
    put: Callable[..., Version | None],
    jan: pl.DataFrame,
    feb: pl.DataFrame,
    make_boundary_set: Callable[..., BoundarySet],
) -> None:
    put(any_store, {JAN: jan, FEB: feb}, boundary_sets=(make_boundary_set(),))
    version = any_store.undo(1, AUTHOR, only="2025-02")
    assert version.changed == (f"assignments/wards/{FEB}", FEB)
    assert version.detail == {"undone": 1, "only": "2025-02"}
    assert any_store.snapshot().months() == (Month.parse("2025-01"),)


def test_undo_of_a_boundary_set_by_name_takes_its_assignments_with_it(
    any_store: Store,
    put: Callable[..., Version | None],
    jan: pl.DataFrame,
    make_boundary_set: Callable[..., BoundarySet],
) -> None:
    put(any_store, {JAN: jan}, boundary_sets=(make_boundary_set(),))
    any_store.undo(1, AUTHOR, only="boundaries/wards")
    assert set(everything(any_store)) == {JAN}


def test_undo_of_incidents_drops_assignments_that_came_later(
    any_store: Store,
    put: Callable[..., Version | None],
    put_boundaries: Callable[..., Version | None],
    jan: pl.DataFrame,
    make_boundary_set: Callable[..., BoundarySet],
) -> None:
    put(any_store, {JAN: jan})
    put_boundaries(any_store, make_boundary_set())
    both = everything(any_store)
    any_store.undo(1, AUTHOR)
    assert set(everything(any_store)) == {"boundaries/wards"}
    any_store.undo(3, AUTHOR)
    assert everything(any_store) == both
    any_store.undo(4, AUTHOR)
    any_store.undo(2, AUTHOR)
    assert everything(any_store) == {}


def test_undo_is_refused_where_a_later_version_changed_the_slot_again(
    any_store: Store, put: Callable[..., Version | None], jan: pl.DataFrame, make_incidents: Callable[..., pl.DataFrame]
) -> None:
    put(any_store, {JAN: jan})
    put(any_store, {JAN: make_incidents(4, 10)})
    with pytest.raises(ConflictError, match="Undo version 2 first"):
        any_store.undo(1, AUTHOR)
    any_store.undo(2, AUTHOR)
    any_store.undo(1, AUTHOR)
    assert everything(any_store) == {}


def test_an_assignment_alone_cannot_be_put_back_beside_other_incidents(
    any_store: Store,
    put: Callable[..., Version | None],
    jan: pl.DataFrame,
    feb: pl.DataFrame,
    make_boundary_set: Callable[..., BoundarySet],
) -> None:
    put(any_store, {JAN: jan}, boundary_sets=(make_boundary_set(),))
    put(any_store, {JAN: feb})
    with pytest.raises(ConflictError, match="Nothing of version 2"):
        any_store.undo(2, AUTHOR, only="assignments")


def test_the_same_undo_twice_is_refused(
    any_store: Store, put: Callable[..., Version | None], jan: pl.DataFrame
) -> None:
    put(any_store, {JAN: jan})
    any_store.undo(1, AUTHOR)
    with pytest.raises(ConflictError, match="version 2"):
        any_store.undo(1, AUTHOR)


def test_undo_of_nothing_is_refused(any_store: Store, put: Callable[..., Version | None], jan: pl.DataFrame) -> None:
    put(any_store, {JAN: jan})
    with pytest.raises(QueryError, match=JAN):
        any_store.undo(1, AUTHOR, only="2031-01")
    for unknown in (0, 2):
        with pytest.raises(NotFoundError):
            any_store.undo(unknown, AUTHOR)
    assert len(any_store.versions()) == 1


def test_versions_are_numbered_from_1_without_gaps(
    any_store: Store, put: Callable[..., Version | None], jan: pl.DataFrame, feb: pl.DataFrame
) -> None:
    put(any_store, {JAN: jan})
    put(any_store, {JAN: jan})
    with any_store.stage() as staging:
        staging.add_incidents(FEB, feb)
    put(any_store, {FEB: feb})
    any_store.undo(2, AUTHOR)
    assert [(version.number, version.act) for version in any_store.versions()] == [
        (1, "import incidents"),
        (2, "import incidents"),
        (3, "undo"),
    ]
    assert [version.changed for version in any_store.versions()] == [(JAN,), (FEB,), (FEB,)]
