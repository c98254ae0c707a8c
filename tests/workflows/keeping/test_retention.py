"""What is due is erased, and what was erased does not come back."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from geo_service.app import open_area
from geo_service.errors import AccessError, InputError, QueryError
from geo_service.model.access import Principal, Role
from geo_service.model.periods import Period
from geo_service.workflows.importing import imports
from geo_service.workflows.keeping import history, retention

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from geo_service.workflows.services import Services

HEADER = (
    "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,Crime type,"
    "Last outcome category,Context"
)
NUMBERS = ["a" * 64, "b" * 64, "c" * 64]


def street_file(folder: Path, month: str) -> Path:
    rows = [
        f"{number},{month},Nonesuch Police,Nonesuch Police,-1.94,52.3,On or near Elm Road,E1,Name,Burglary,,"
        for number in NUMBERS
    ]
    path = folder / f"{month}-nonesuch-street.csv"
    path.write_text("\n".join([HEADER, *rows]) + "\n")
    return path


@pytest.fixture
def area(tmp_path: Path) -> Iterator[Services]:
    services = open_area(tmp_path / "area")
    yield services
    services.close()


@pytest.fixture
def later(area: Services) -> Callable[[int], Services]:
    """Return the same services so many days from now."""
    return lambda days: replace(area, clock=lambda: area.clock() + dt.timedelta(days=days))


def due(services: Services) -> dict[str, int]:
    return {of.rule.kind: of.kept.due for of in retention.retention(services) if of.kept.due}


def test_importing_a_file_again_does_not_bring_an_erased_row_back(area: Services, tmp_path: Path) -> None:
    path = street_file(tmp_path, "2025-01")
    imports.import_incidents(area, [path])
    retention.erase(area, retention.wanted_numbers([NUMBERS[1].upper()]), "an order of the court")
    again = imports.import_incidents(area, [path])
    (file,) = again.files
    assert (file.counts.read, file.counts.accepted, file.counts.rejected) == (3, 2, 1)
    snapshot = area.store.snapshot()
    assert sorted(snapshot.incidents(["crime_id"])["crime_id"].to_list()) == [NUMBERS[0], NUMBERS[2]]
    (rejected,) = history.rejected_rows(area).to_dicts()
    assert rejected["reason"] == f"erased on {area.clock().date()}"
    assert (rejected["row"], rejected["field"], rejected["value"]) == (3, "crime number", "(not kept)")


def test_what_is_due_is_shown_by_kind_and_goes_with_one_act(
    area: Services, later: Callable[[int], Services], tmp_path: Path
) -> None:
    imports.import_incidents(area, [street_file(tmp_path, "2020-01"), street_file(tmp_path, "2025-01")])
    bad = street_file(tmp_path, "2025-02")
    bad.write_text(bad.read_text().replace("52.3", "91", 1))
    imports.import_incidents(area, [bad])
    assert {of.rule.kind: of.kept.held for of in retention.retention(area)}["incidents"] == 8
    assert due(area) == {"incidents": 3}
    assert due(later(91)) == {"incidents": 3, "rejects": 1}
    erased = retention.erase(later(91), retention.due_now(later(91)), "retention")
    assert (erased.toll.incidents, erased.toll.rejects) == (3, 1)
    assert [str(month) for month in area.store.snapshot().months()] == ["2025-01", "2025-02"]
    assert due(later(91)) == {}


def test_old_versions_are_due_two_years_after_others_took_their_place(
    area: Services, later: Callable[[int], Services], tmp_path: Path
) -> None:
    for month in ("2025-01", "2025-02"):
        imports.import_incidents(area, [street_file(tmp_path, month)])
    assert due(later(700)) == {}
    assert due(later(800)) == {"versions": 1}
    retention.erase(later(800), retention.due_now(later(800)), "retention")
    assert [str(month) for month in area.store.snapshot(2).months()] == ["2025-01", "2025-02"]
    assert due(later(800)) == {}


def test_backups_are_due_by_age_and_when_an_erasure_has_not_reached_them(
    area: Services, later: Callable[[int], Services], tmp_path: Path
) -> None:
    imports.import_incidents(area, [street_file(tmp_path, "2025-01")])
    for name in ("one", "two", "three"):
        history.backup(area, tmp_path / name)
    assert due(later(36)) == {"backups": 2}
    removed = retention.remove_old_backups(later(36), retention.due_now(later(36)))
    assert [copy.path.name for copy in removed] == ["one", "two"]
    assert [path.exists() for path in (tmp_path / "one", tmp_path / "two", tmp_path / "three")] == [False, False, True]
    (tmp_path / "three").rename(tmp_path / "away")
    retention.erase(area, retention.wanted_months("", Period.parse("2025-01", "2025-01")), "a test of it")
    assert due(area) == {"backups": 1}
    (tmp_path / "away").rename(tmp_path / "three")
    assert [copy.behind for copy in retention.reach_backups(area)] == [0]
    assert due(area) == {}


@pytest.mark.parametrize("reason", ["", "  ", "ab"])
def test_an_erasure_needs_a_reason(reason: str, area: Services) -> None:
    with pytest.raises(QueryError, match="needs a reason"):
        retention.erase(area, retention.wanted_numbers(["a"]), reason)


def test_a_list_of_numbers_is_read_line_by_line(tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("\ufeff22DQ/1/25 \r\n\n 22DQ/2/25\n")
    assert retention.wanted_numbers(["X"], tmp_path / "list.txt").numbers == {"22dq/1/25", "22dq/2/25", "x"}
    (tmp_path / "empty.txt").write_text(" \n")
    for name in ("empty.txt", "nothing.txt"):
        with pytest.raises(InputError):
            retention.wanted_numbers([], tmp_path / name)
    with pytest.raises(QueryError, match="empty"):
        retention.wanted_numbers([" "])


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMIN])
def test_only_who_keeps_the_data_may_erase(role: Role, tmp_path: Path) -> None:
    services = open_area(tmp_path / "area", Principal("somebody", frozenset({role})))
    for act in (
        lambda: retention.look(services, retention.wanted_numbers(["a"])),
        lambda: retention.erase(services, retention.wanted_numbers(["a"]), "a reason"),
        lambda: retention.reach_backups(services),
        lambda: retention.backups(services),
        lambda: retention.forget_backup(services, tmp_path),
    ):
        with pytest.raises(AccessError):
            act()
    services.close()
