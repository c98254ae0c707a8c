"""A backup is of one moment, whole or not there; what is restored from it answers the same."""

from __future__ import annotations

import datetime as dt
import random
import shutil
import stat
import subprocess
import sys
import textwrap
import threading
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from geo_service.errors import ConflictError, DamagedFileError, FaultError, GeoServiceError, InputError
from geo_service.model.access import AuditEvent
from geo_service.releases import ReleaseFolder
from geo_service.store import ScopeShelf, StoreRepository, restore
from geo_service.store.run_rows import KeptRun
from geo_service.workflows.keeping import history

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import polars as pl

    from faults.cluster import Cluster
    from geo_service.model.access import Principal, Version
    from geo_service.model.boundaries import BoundarySet
    from geo_service.store import DiskStore

JAN, FEB = "incidents/police_uk/west-mercia/2025-01", "incidents/police_uk/west-mercia/2025-02"
ASKED = AuditEvent("combination: find zones", "analyst", "zones a", dt.datetime(2025, 11, 2, tzinfo=dt.UTC))
FLIPS = 60


def told(store: DiskStore) -> list[object]:
    """Return all that a store says of itself, in every version."""
    states = [store.snapshot(version.number).slots() for version in store.versions()]
    rows = [store.snapshot(version.number).incidents(["row", "lon"]).rows() for version in store.versions()]
    return [store.versions(), store.events(1000), store.runs(), states, rows, store.head()]


@pytest.fixture
def busy(
    any_store: DiskStore,
    put: Callable[..., Version | None],
    jan: pl.DataFrame,
    make_boundary_set: Callable[..., BoundarySet],
    analyst: Principal,
) -> DiskStore:
    """Hold two versions, events and a run, on each database."""
    put(any_store, {JAN: jan}, boundary_sets=(make_boundary_set(),))
    any_store.undo(1, analyst, only="assignments")
    any_store.save_run(KeptRun("a", '{"zones": 1}'), 1, ASKED)
    return any_store


def test_what_is_restored_answers_the_same_and_goes_on(
    busy: DiskStore,
    open_at: Callable[..., DiskStore],
    put: Callable[..., Version | None],
    feb: pl.DataFrame,
    tmp_path: Path,
) -> None:
    seen: list[tuple[int, int]] = []
    saved = busy.backup(tmp_path / "away/backup", lambda done, total, what: seen.append((done, total)))
    assert (saved.version, saved.files) == (2, 3)
    assert seen[-1] == (3, 3)
    assert restore(tmp_path / "away/backup", tmp_path / "again") == saved
    again = open_at(tmp_path / "again")
    assert told(again) == told(busy)
    assert put(again, {FEB: feb}).number == 3
    assert list(again.check()) == []
    # And the backup itself was not touched.
    assert restore(tmp_path / "away/backup", tmp_path / "once more") == saved


def test_a_backup_can_be_restored_to_postgresql_from_either_database(
    busy: DiskStore, postgres: Cluster, open_at: Callable[..., DiskStore], tmp_path: Path
) -> None:
    busy.backup(tmp_path / "backup")
    address = postgres.new_database()
    restore(tmp_path / "backup", tmp_path / "again", address)
    again = open_at(tmp_path / "again", address)
    assert told(again) == told(busy)
    assert list(again.check()) == []
    assert not (tmp_path / "again/ledger.sqlite3").exists()
    with pytest.raises(ConflictError, match="ledger already"):
        restore(tmp_path / "backup", tmp_path / "a third", address)
    assert not (tmp_path / "a third").exists()


def test_backups_that_are_made_while_others_write_each_hold_one_version_whole(
    any_store: DiskStore,
    open_at: Callable[..., DiskStore],
    put: Callable[..., Version | None],
    make_incidents: Callable[..., pl.DataFrame],
    tmp_path: Path,
) -> None:
    done = threading.Event()
    failed: list[Exception] = []

    def keep_importing() -> None:
        try:
            for number in range(1000):
                if done.is_set():
                    return
                put(any_store, {JAN: make_incidents(number, 30), FEB: make_incidents(number, 20)})
        except Exception as error:  # noqa: BLE001 - told below
            failed.append(error)

    writer = threading.Thread(target=keep_importing)
    writer.start()
    found = []
    for number in range(4):
        saved = any_store.backup(tmp_path / f"backup-{number}")
        restore(tmp_path / f"backup-{number}", tmp_path / f"again-{number}")
        again = open_at(tmp_path / f"again-{number}")
        assert list(again.check()) == []
        found.append((saved.version, told(again)[3]))
    done.set()
    writer.join()
    assert failed == []
    states = told(any_store)[3]
    for version, there in found:
        assert there == states[:version]


def test_nothing_is_ever_written_over(busy: DiskStore, data_dir: Path, tmp_path: Path) -> None:
    busy.backup(tmp_path / "backup")
    (tmp_path / "file").write_text("mine")
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    for name in ("backup", "file", "dangling"):
        with pytest.raises(InputError, match="Nothing is ever written over"):
            busy.backup(tmp_path / name)
    with pytest.raises(InputError, match="Nothing is ever written over"):
        restore(tmp_path / "backup", data_dir)
    with pytest.raises(InputError, match="data directory itself"):
        busy.backup(data_dir / "backups/one")
    (tmp_path / "empty").mkdir()
    busy.backup(tmp_path / "empty")
    assert (tmp_path / "file").read_text() == "mine"
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_a_backup_is_for_its_owners_eyes_only(busy: DiskStore, tmp_path: Path) -> None:
    busy.backup(tmp_path / "backup")
    assert stat.S_IMODE((tmp_path / "backup").stat().st_mode) == 0o700


def test_settings_go_along_but_not_the_address_of_the_ledger(busy: DiskStore, data_dir: Path, tmp_path: Path) -> None:
    settings = data_dir / "geo-service.toml"
    settings.write_text('demonstration = true\n  database_url = "postgresql://geo:secret@db/ledger"\narea = "Nørth"\n')
    busy.backup(tmp_path / "backup")
    restore(tmp_path / "backup", tmp_path / "again")
    for name in ("backup", "again"):
        assert (tmp_path / name / "geo-service.toml").read_text() == 'demonstration = true\narea = "Nørth"\n'
    settings.write_text('"database_url" = "postgresql://geo:secret@db/ledger"\n')
    with pytest.raises(InputError, match="line of its own"):
        busy.backup(tmp_path / "another")


def test_a_damaged_file_is_named_and_no_backup_is_made(busy: DiskStore, data_dir: Path, tmp_path: Path) -> None:
    path = data_dir / "files/incidents" / f"{busy.snapshot().slots()[JAN]}.parquet"
    content = path.read_bytes()
    for harm in (lambda: path.write_bytes(content[:-1]), path.unlink):
        harm()
        with pytest.raises(DamagedFileError, match=path.name):
            busy.backup(tmp_path / "backup")
        assert [found.name for found in tmp_path.iterdir()] == [data_dir.name]


def test_damage_anywhere_in_a_backup_is_found_when_it_is_restored(
    filled: DiskStore, open_at: Callable[..., DiskStore], tmp_path: Path
) -> None:
    filled.backup(tmp_path / "sound")
    right, chance, refused = told(filled), random.Random(7), 0  # noqa: S311 - the same damage every time
    for number in range(FLIPS):
        ill, again = tmp_path / "ill", tmp_path / f"again-{number}"
        shutil.rmtree(ill, ignore_errors=True)
        shutil.copytree(tmp_path / "sound", ill)
        path = chance.choice(sorted(path for path in ill.rglob("*") if path.is_file()))
        content = bytearray(path.read_bytes())
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
        path.write_bytes(content)
        try:
            restore(ill, again)
        except GeoServiceError:
            refused += 1
            assert not again.exists()
        else:
            assert told(open_at(again)) == right
    assert refused > FLIPS // 2


def test_a_folder_that_is_no_backup_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").touch()
    for name in ("empty", "file", "nothing"):
        with pytest.raises(InputError, match="no backup of that name"):
            restore(tmp_path / name, tmp_path / "again")
    assert not (tmp_path / "again").exists()


def test_a_disk_without_room_is_told_before_it_is_filled(
    busy: DiskStore, tmp_path: Path, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _path: SimpleNamespace(free=1_000_000))
    with pytest.raises(FaultError, match="no room"):
        busy.backup(tmp_path / "backup")
    assert [found.name for found in tmp_path.iterdir()] == [data_dir.name]


def test_what_a_killed_backup_left_is_removed_by_the_next(filled: DiskStore, data_dir: Path, tmp_path: Path) -> None:
    target = tmp_path / "backup"
    killed = f"""
        import datetime as dt, os, pathlib
        from geo_service.store import backups, open_store
        backups._copy_settings = lambda *_: os._exit(9)
        store = open_store(pathlib.Path({str(data_dir)!r}), lambda: dt.datetime.now(dt.UTC))
        store.backup(pathlib.Path({str(target)!r}))
    """
    assert subprocess.run([sys.executable, "-c", textwrap.dedent(killed)], check=False).returncode == 9
    left = tmp_path / ".backup.part"
    assert left.is_dir()
    assert not target.exists()
    filled.backup(target)
    assert not left.exists()
    assert sorted(path.name for path in target.iterdir()) == ["files", "head.json", "ledger.sqlite3"]


def test_two_backups_to_one_place_do_not_mix(
    filled: DiskStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    met: list[str] = []

    def meanwhile(*_: object) -> None:
        with pytest.raises(ConflictError, match="Another process") as told_off:
            filled.backup(tmp_path / "backup")
        met.append(told_off.value.message)

    with monkeypatch.context() as patch:
        patch.setattr("geo_service.store.backups._copy_settings", meanwhile)
        filled.backup(tmp_path / "backup")
    assert len(met) == 1
    restore(tmp_path / "backup", tmp_path / "again")


def test_the_workflow_records_a_backup_in_the_ledger_and_so_in_the_backup(
    filled: DiskStore,
    open_at: Callable[..., DiskStore],
    analyst: Principal,
    clock: Callable[[], dt.datetime],
    tmp_path: Path,
) -> None:
    nothing_public = ReleaseFolder(tmp_path / "public" / "releases")
    services = SimpleNamespace(store=StoreRepository(filled, analyst, clock, ScopeShelf({})), releases=nothing_public)
    history.backup(services, tmp_path / "backup")
    restore(tmp_path / "backup", tmp_path / "again")
    event = open_at(tmp_path / "again").events(1)[0]
    assert (event.act, event.actor, event.what) == ("disclosure: backup", "analyst", "all data to backup")
