"""What is erased is gone from every file of every version and every backup; the ledger keeps only that it happened."""

from __future__ import annotations

import datetime as dt
import errno
import shutil
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Protocol

import polars as pl
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa

from geo_service.errors import ConflictError, DamagedFileError, FaultError, InputError, NotFoundError
from geo_service.model.access import AuditEvent
from geo_service.model.periods import Month
from geo_service.model.retention import REJECTS, VERSIONS, Reach, Wanted
from geo_service.store import restore, schema
from geo_service.store.proofs import unproved

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from geo_service.model.access import Principal
    from geo_service.model.boundaries import BoundarySet
    from geo_service.store import DiskStore

JAN, FEB = "incidents/police_uk/west-mercia/2025-01", "incidents/police_uk/west-mercia/2025-02"
EXPORT = "incidents/force_csv/west-mercia/0"
NUMBER = "22DQ/Zebra-98431/25"
"""A crime number that is found nowhere by chance."""
ONE = Wanted(numbers=frozenset({NUMBER.lower()}))
WHY = "an order of the court"


class Put(Protocol):
    """Import frames and rejected rows."""

    def __call__(self, store: DiskStore, frames: dict[str, pl.DataFrame], rejects: pl.DataFrame | None = None) -> int:
        """Return the version."""


@pytest.fixture
def put_all(make_boundary_set: Callable[..., BoundarySet], members: Callable[..., object], analyst: Principal) -> Put:
    def run(store: DiskStore, frames: dict[str, pl.DataFrame], rejects: pl.DataFrame | None = None) -> int:
        wards = make_boundary_set()
        with store.stage() as staging:
            staging.put_boundary_set(wards)
            for slot, frame in frames.items():
                staging.add_incidents(slot, frame)
            if rejects is not None:
                staging.add_rejects("a", rejects)
            for slot, rows in staging.partitions():
                staging.put_incidents(slot, rows)
                staging.put_assignment(slot, wards.id, members(rows, wards))
            made = staging.commit("import incidents", analyst, {})
        return made.number if made is not None else 0

    return run


def numbered(frame: pl.DataFrame, at: int = 17) -> pl.DataFrame:
    """Give one incident the crime number, and let another name it in its words."""
    row = pl.int_range(pl.len())
    return frame.with_columns(
        crime_id=pl.when(row == at).then(pl.lit(NUMBER)).otherwise("crime_id"),
        place=pl.when(row == at + 1).then(pl.lit(f"see {NUMBER.upper()}")).otherwise("place"),
    )


@pytest.fixture
def rejects(make_rejects: Callable[..., pl.DataFrame]) -> pl.DataFrame:
    """Hold three rejected rows, the second naming the crime number within the text of the row."""
    named = pl.when(pl.int_range(pl.len()) == 1).then(pl.lit(f"{NUMBER},2025-01,Burglary")).otherwise("value")
    return make_rejects("a.csv", 3).with_columns(value=named)


@pytest.fixture
def fill(put_all: Put, jan: pl.DataFrame, feb: pl.DataFrame, rejects: pl.DataFrame) -> Callable[[DiskStore], DiskStore]:
    """Put the incident into a month, an earlier edition of it, a force export, and a rejected row."""

    def run(store: DiskStore) -> DiskStore:
        put_all(store, {JAN: numbered(jan, 3)})
        put_all(store, {JAN: numbered(jan), FEB: feb, EXPORT: numbered(feb)}, rejects)
        return store

    return run


@pytest.fixture
def holding(store: DiskStore, fill: Callable[[DiskStore], DiskStore]) -> DiskStore:
    return fill(store)


@pytest.fixture
def any_holding(any_store: DiskStore, fill: Callable[[DiskStore], DiskStore]) -> DiskStore:
    return fill(any_store)


def places_of(number: str, folder: Path) -> set[str]:
    """Return the files below a folder that hold a crime number: in any byte, or in any value once unpacked."""
    sought, found = number.lower().encode(), set()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        raw = [path.read_bytes(), str(path).encode()]
        if path.suffix == ".parquet":
            table = pq.read_table(path)
            raw += [repr(table.to_pydict()).encode(), repr(table.schema.metadata).encode()]
            raw += [repr(pq.read_metadata(path).to_dict()).encode()]
        if any(sought in content.lower() for content in raw):
            found.add(path.relative_to(folder).parts[0])
    return found


def texts_of(store: DiskStore) -> Iterator[str]:
    """Yield every row of every table of a ledger."""
    with store._ledger.database.reading() as connection:
        for table in schema.metadata.tables.values():
            yield from (str(tuple(row)).lower() for row in connection.execute(sa.select(table)))


def test_not_one_byte_of_an_erased_crime_number_is_left_here_or_in_any_backup(
    any_holding: DiskStore, data_dir: Path, tmp_path: Path, analyst: Principal
) -> None:
    any_holding.snapshot().cube(10)
    any_holding.backup(tmp_path / "before")
    (data_dir / "tmp/left").mkdir()
    shutil.copy(next((data_dir / "files/rejects").iterdir()), data_dir / "tmp/left/rejects.parquet")
    # Before, the search finds it wherever it is.
    assert places_of(NUMBER, data_dir) == {"files", "tmp"}
    assert places_of(NUMBER, tmp_path / "before") == {"files"}
    erased = any_holding.erase(ONE, WHY, analyst)
    any_holding.backup(tmp_path / "after")
    for folder in (data_dir, tmp_path / "before", tmp_path / "after"):
        assert places_of(NUMBER, folder) == set()
    assert [(copy.path.name, copy.behind) for copy in erased.backups] == [("before", 0)]
    assert [text for text in texts_of(any_holding) if NUMBER.lower() in text] == []


def test_what_is_not_named_stays_row_by_row_with_its_area(
    holding: DiskStore,
    analyst: Principal,
    members: Callable[..., object],
    make_boundary_set: Callable[..., BoundarySet],
    jan: pl.DataFrame,
) -> None:
    before = holding.snapshot().incident_slot(JAN)
    erased = holding.erase(ONE, WHY, analyst)
    assert (erased.number, erased.version) == (1, 3)
    assert (erased.toll.incidents, erased.toll.texts, erased.toll.rejects) == (2, 2, 1)
    now = holding.snapshot()
    stay = before.filter(pl.col("crime_id").ne_missing(NUMBER))
    silenced = stay.with_columns(place=pl.col("place").str.replace(NUMBER.upper(), "(erased)", literal=True))
    assert now.incident_slot(JAN).sort("row").equals(silenced.sort("row"))
    for slot in (JAN, EXPORT):
        assert now.assignment(slot, "wards").tolist() == members(now.incident_slot(slot), make_boundary_set()).tolist()
    assert now.rejects()["row"].to_list() == [2, 4]
    assert int(now.cube(10).totals.sum()) == now.incidents(["row"]).height
    assert list(holding.check()) == []


def test_looking_says_what_would_go_and_changes_nothing(
    holding: DiskStore, data_dir: Path, tmp_path: Path, analyst: Principal
) -> None:
    holding.backup(tmp_path / "backup")
    before = (holding.head(), sorted(data_dir.rglob("*.parquet")))
    looked = holding.erase(ONE, "", analyst, look=True)
    assert (holding.head(), sorted(data_dir.rglob("*.parquet"))) == before
    lay = {path.name for path in data_dir.glob("files/*/*.parquet")}
    erased = holding.erase(ONE, WHY, analyst)
    assert looked.toll == erased.toll
    assert len(lay - {path.name for path in data_dir.glob("files/*/*.parquet")}) == erased.toll.files
    assert [copy.path for copy in looked.backups] == [tmp_path / "backup"]


def test_the_ledger_keeps_that_it_happened_and_why_but_no_number(holding: DiskStore, analyst: Principal) -> None:
    with pytest.raises(InputError, match="names a crime number"):
        holding.erase(ONE, f"the case {NUMBER}", analyst)
    holding.erase(ONE, WHY, analyst)
    event = holding.events(1)[0]
    assert (event.act, event.actor) == ("erasure: erase", "analyst")
    assert {"reason": WHY, "incidents": 2, "rejects": 1, "first_month": "2025-01", "floor": 3}.items() <= (
        event.detail.items()
    )


def test_erasing_again_what_is_gone_changes_nothing(holding: DiskStore, analyst: Principal) -> None:
    holding.erase(ONE, WHY, analyst)
    before = holding.head()
    assert holding.erase(ONE, WHY, analyst).number == 0
    assert holding.head() == before


def test_questions_of_before_say_that_it_was_erased_and_since_when_they_can_be_asked(
    any_holding: DiskStore, analyst: Principal, put_all: Put, feb: pl.DataFrame
) -> None:
    any_holding.erase(ONE, WHY, analyst)
    with pytest.raises(NotFoundError, match=r"Version 2 can no longer .* erased on 2025-11-01. The oldest .* is 3"):
        any_holding.snapshot(2)
    with pytest.raises(NotFoundError, match=r"Version 2 cannot be undone.*erased on 2025-11-01"):
        any_holding.undo(2, analyst)
    with pytest.raises(NotFoundError, match=r"Version 3 cannot be undone.* is 4"):
        any_holding.undo(3, analyst)
    with pytest.raises(NotFoundError, match="No version of that number"):
        any_holding.snapshot(4)
    with pytest.raises(NotFoundError, match=r"Version 2 can no longer"):
        any_holding.snapshot().rejects(2)
    assert any_holding.snapshot(0).months() == ()
    put_all(any_holding, {FEB: feb[:9]})
    was = any_holding.snapshot(3).slots()
    any_holding.undo(4, analyst)
    assert any_holding.snapshot().slots() == was


def test_an_import_that_was_under_way_is_refused(holding: DiskStore, analyst: Principal, feb: pl.DataFrame) -> None:
    with holding.stage() as staging:
        staging.add_incidents("incidents/police_uk/west-mercia/2025-03", numbered(feb))
        holding.erase(ONE, WHY, analyst)
        with pytest.raises(ConflictError, match="erasure came in between"):
            staging.commit("import incidents", analyst, {})
    with holding.stage() as staging:
        days = staging.erased(pl.Series(["other", f" {NUMBER.upper()}", None]))
    assert days.to_list() == [None, "2025-11-01", None]


def test_an_answer_under_way_says_that_the_data_was_erased(holding: DiskStore, analyst: Principal) -> None:
    snapshot = holding.snapshot()
    holding.erase(ONE, WHY, analyst)
    with pytest.raises(ConflictError, match="erased while it was read"):
        snapshot.incident_slot(JAN)


def test_a_month_goes_whole_with_its_place_among_the_months(holding: DiskStore, analyst: Principal) -> None:
    january = Month.parse("2025-01").ordinal
    elsewhere = Wanted(reaches=(Reach(january, january, "kent"),))
    assert not holding.erase(elsewhere, WHY, analyst).toll.anything
    erased = holding.erase(Wanted(reaches=(Reach(0, january, "west-mercia"),)), WHY, analyst)
    assert (erased.toll.incidents, erased.toll.first_month, erased.toll.last_month) == (250, "2025-01", "2025-01")
    now = holding.snapshot()
    assert [str(month) for month in now.months()] == ["2025-02"]
    assert not now.slots("assignments/wards/incidents/police_uk/west-mercia/2025-01")
    assert now.rejects().height == 3


def test_old_versions_go_without_touching_what_is_in_force(
    holding: DiskStore, analyst: Principal, put_all: Put, jan: pl.DataFrame, data_dir: Path
) -> None:
    put_all(holding, {JAN: jan[:50]})
    before = holding.snapshot().slots()
    second = holding.versions()[1].at
    erased = holding.erase(Wanted(before=((VERSIONS, second),)), WHY, analyst)
    assert (erased.version, erased.toll.floor, erased.toll.versions, erased.toll.files) == (None, 2, 1, 2)
    assert holding.snapshot().slots() == before
    assert holding.snapshot(2).incident_slot(JAN).height == jan.height
    with pytest.raises(NotFoundError, match="Version 1 can no longer"):
        holding.snapshot(1)
    assert list(holding.check()) == []


def test_rejected_rows_go_when_they_are_too_old(holding: DiskStore, analyst: Principal) -> None:
    second = holding.versions()[1].at
    assert not holding.erase(Wanted(before=((REJECTS, second),)), WHY, analyst).toll.anything
    later = holding.erase(Wanted(before=((REJECTS, second.replace(year=2026)),)), WHY, analyst)
    assert later.toll.rejects == 3
    assert holding.snapshot().rejects().is_empty()


# --- backups --------------------------------------------------------------------------------------


def test_a_backup_that_is_out_of_reach_is_named_until_it_is_done(
    any_holding: DiskStore, open_at: Callable[..., DiskStore], tmp_path: Path, analyst: Principal
) -> None:
    any_holding.backup(tmp_path / "backup")
    (tmp_path / "backup").rename(tmp_path / "in the safe")
    (copy,) = any_holding.erase(ONE, WHY, analyst).backups
    assert (copy.behind, copy.there) == (1, False)
    assert "not there" in copy.said
    (tmp_path / "in the safe").rename(tmp_path / "backup")
    # Now the number is known by its hash alone.
    (copy,) = any_holding.reach_backups(analyst)
    assert (copy.behind, copy.said) == (0, "erased there too")
    assert any_holding.reach_backups(analyst) == ()
    restore(tmp_path / "backup", tmp_path / "again")
    again = open_at(tmp_path / "again")
    assert again.snapshot().incidents(["crime_id"]).filter(pl.col("crime_id") == NUMBER).is_empty()
    assert again.snapshot().rejects().is_empty()
    with again.stage() as staging:
        assert staging.erased(pl.Series([NUMBER]))[0] is not None
    assert list(again.check()) == []


def test_a_backup_of_another_store_is_left_alone(
    holding: DiskStore, open_at: Callable[..., DiskStore], tmp_path: Path, analyst: Principal
) -> None:
    holding.backup(tmp_path / "backup")
    shutil.rmtree(tmp_path / "backup")
    open_at(tmp_path / "other").backup(tmp_path / "backup")
    before = {path: path.read_bytes() for path in (tmp_path / "backup").rglob("*") if path.is_file()}
    (copy,) = holding.erase(ONE, WHY, analyst).backups
    assert (copy.behind, "another store" in copy.said) == (1, True)
    assert {path: path.read_bytes() for path in (tmp_path / "backup").rglob("*") if path.is_file()} == before


def test_a_destroyed_backup_comes_off_the_list_only_when_it_is_gone(
    holding: DiskStore, tmp_path: Path, analyst: Principal
) -> None:
    holding.backup(tmp_path / "backup")
    with pytest.raises(InputError, match="still there"):
        holding.copies.forget(tmp_path / "backup", analyst, remove=False)
    with pytest.raises(NotFoundError, match="Known are"):
        holding.copies.forget(tmp_path / "other", analyst, remove=True)
    shutil.rmtree(tmp_path / "backup")
    holding.copies.forget(tmp_path / "backup", analyst, remove=False)
    assert holding.copies.known() == []
    assert holding.events(1)[0].what == "backup backup said to be destroyed"


def test_old_backups_are_removed_but_never_the_newest(holding: DiskStore, tmp_path: Path, analyst: Principal) -> None:
    for name in ("first", "second", "third"):
        holding.backup(tmp_path / name)
    late = holding.versions()[0].at.replace(year=2027)
    old = holding.copies.old(Wanted(before=(("backups", late),)))
    assert [copy.path.name for copy in old] == ["first", "second"]
    holding.copies.forget(tmp_path / "first", analyst, remove=True)
    assert not (tmp_path / "first").exists()
    assert [copy.path.name for copy in holding.copies.known()] == ["second", "third"]


def test_a_backup_in_which_erasing_was_killed_is_restored_as_it_then_was(
    holding: DiskStore, open_at: Callable[..., DiskStore], tmp_path: Path, analyst: Principal
) -> None:
    holding.backup(tmp_path / "backup")
    inside = open_at(tmp_path / "backup")
    inside.eraser.erase(ONE, WHY, analyst)
    inside.record(AuditEvent("erasure", "analyst", "the log still holds this", inside.versions()[0].at))
    assert (tmp_path / "backup/ledger.sqlite3-wal").stat().st_size
    shutil.copytree(tmp_path / "backup", tmp_path / "killed")
    restore(tmp_path / "killed", tmp_path / "again")
    again = open_at(tmp_path / "again")
    assert again.head() == inside.head()
    assert places_of(NUMBER, tmp_path / "again") == set()


# --- what may go wrong ----------------------------------------------------------------------------


def test_what_a_failing_disk_leaves_is_removed_when_the_store_is_next_opened(
    any_holding: DiskStore,
    reopen_same: Callable[[], DiskStore],
    data_dir: Path,
    analyst: Principal,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("pathlib.Path.unlink", _read_only)
        with pytest.raises(FaultError, match="The erasure was kept"):
            any_holding.erase(ONE, WHY, analyst)
    assert places_of(NUMBER, data_dir) == {"files"}
    again = reopen_same()
    assert places_of(NUMBER, data_dir) == set()
    assert list(again.check()) == []


def _read_only(*_: object, **__: object) -> None:
    raise OSError(errno.EROFS, "Read-only file system")


@pytest.fixture
def reopen_same(open_at: Callable[..., DiskStore], data_dir: Path, database_url: str) -> Callable[[], DiskStore]:
    return lambda: open_at(data_dir, database_url)


FORGERIES = {
    "a higher floor": "UPDATE erasure SET floor = 99",
    "a floor that nobody set": "INSERT INTO erasure (number, at, floor, what) VALUES (2, '2025', 9, '{}')",
    "other months": "UPDATE erasure SET what = '{}'",
    "a number that may come back": "DELETE FROM erased_number",
    "no erasure at all": "DELETE FROM erased_number; DELETE FROM erasure",
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_rows_of_an_erasure_that_were_altered_are_found(
    forgery: str, holding: DiskStore, data_dir: Path, reopen: Callable[[], DiskStore], analyst: Principal
) -> None:
    holding.erase(ONE, WHY, analyst)
    holding.close()
    with closing(sqlite3.connect(data_dir / "ledger.sqlite3")) as connection:
        connection.executescript(FORGERIES[forgery])
    lay = sorted(data_dir.glob("files/*/*.parquet"))
    with pytest.raises(DamagedFileError, match="erasure"):
        reopen().snapshot()
    assert sorted(data_dir.glob("files/*/*.parquet")) == lay


def test_rows_that_go_by_age_leave_nothing_in_the_pages_of_the_ledger(
    store: DiskStore, data_dir: Path, analyst: Principal
) -> None:
    token = "abcdef0123456789" * 4
    row = {"sha256": token, "account": "zebra", "principal": "{}"}
    times = {"opened_at": "2025-11-01T09:00:00+00:00", "seen_at": "2025-11-01T09:00:00+00:00"}
    with store._ledger.recording() as pen:
        pen.connection.execute(sa.insert(schema.session).values(row | times))

    def traces() -> set[str]:
        return {path.name for path in data_dir.glob("ledger*") if token.encode() in path.read_bytes()}

    store._ledger.database.scrub()
    assert traces() == {"ledger.sqlite3"}
    late = dt.datetime(2025, 11, 2, tzinfo=dt.UTC)
    assert store.erase(Wanted(before=(("sessions", late),)), WHY, analyst).toll.sessions == 1
    assert traces() == set()


def test_visits_that_are_too_old_are_emptied_and_the_ledger_still_proves_itself(
    store: DiskStore, data_dir: Path, analyst: Principal
) -> None:
    visits = store.items("visit", analyst)
    visits.add_all({f"{day}/0123456789ab": {"zone": f"zebra-{day}"} for day in ("2025-10-31", "2025-11-01")})
    late = dt.datetime(2025, 11, 1, tzinfo=dt.UTC)
    wanted = Wanted(before=(("visits", late),))
    assert store.eraser.look(wanted).toll.visits == 1
    assert store.erase(wanted, WHY, analyst).toll.visits == 1
    assert [item.id for item in visits.all()] == ["2025-11-01/0123456789ab"]
    assert not any(b"zebra-2025-10-31" in path.read_bytes() for path in data_dir.glob("ledger*"))
    with store._ledger.database.reading() as connection:
        assert not list(unproved(connection))
    assert store.eraser.look(wanted).toll.visits == 0


def test_a_store_is_not_erased_in_by_halves_where_a_file_in_force_is_damaged(
    store: DiskStore, put_all: Put, jan: pl.DataFrame, data_dir: Path, analyst: Principal
) -> None:
    put_all(store, {JAN: jan})
    put_all(store, {JAN: numbered(jan)})
    slots = [store.snapshot(version).slots()[JAN] for version in (1, 2)]
    (data_dir / f"files/incidents/{slots[1]}.parquet").write_bytes(b"damaged")
    before = store.head()
    with pytest.raises(DamagedFileError, match=slots[1]):
        store.erase(ONE, WHY, analyst)
    assert store.head() == before
    # A damaged file of an earlier version only goes: nobody can say what it holds.
    put_all(store, {JAN: numbered(jan)})
    (data_dir / f"files/incidents/{slots[0]}.parquet").write_bytes(b"damaged")
    store.erase(ONE, WHY, analyst)
    assert not (data_dir / f"files/incidents/{slots[0]}.parquet").exists()
    assert list(store.check()) == []
