"""A sample of `make faults`: kills, power cuts, damage and failing disks lose nothing and falsify nothing."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest

from faults import cuts, damage, disks, drills, kills
from faults.platter import Call, Platter, lay_out, left_named, left_synced

if TYPE_CHECKING:
    from pathlib import Path

    from faults.cluster import Cluster
    from faults.counts import Counts

SEED = 3


@pytest.fixture
def strace() -> None:
    """Skip where system calls cannot be watched; where everything is promised to be there, that is a failure."""
    if shutil.which("strace") is None:
        if os.environ.get("GEO_SERVICE_NO_SKIPS"):
            pytest.fail("must not be skipped here: strace is not installed")
        pytest.skip("strace is not installed")


def all_right(counts: Counts, points: int) -> None:
    assert counts.wrong == []
    assert counts.points >= points


def test_a_process_that_is_killed_at_random_loses_nothing_that_it_acknowledged() -> None:
    all_right(kills.at_random(10, SEED), 10)


def test_a_process_that_is_killed_beside_postgresql_loses_nothing_either(postgres: Cluster) -> None:
    all_right(kills.at_random(5, SEED, postgres), 5)


def test_a_postgresql_server_that_stops_at_once_loses_nothing(postgres: Cluster) -> None:
    all_right(kills.of_the_server(1, SEED, postgres), 1)


@pytest.mark.usefixtures("strace")
def test_a_process_that_is_killed_at_a_system_call_loses_nothing() -> None:
    all_right(kills.at_each_call([0, 3, 5], most=16, seed=SEED), 16)


@pytest.mark.usefixtures("strace")
def test_a_power_cut_takes_nothing_that_was_acknowledged() -> None:
    for counts in cuts.power_cuts(share=0.03, seed=SEED):
        all_right(counts, 4)


@pytest.mark.usefixtures("strace")
@pytest.mark.parametrize("site", list(cuts.sites()), ids=str)
def test_no_line_that_waits_for_the_disk_can_be_left_out(site: cuts.Site) -> None:
    assert cuts.found_missing(site, seed=SEED)


def test_damage_anywhere_is_refused_by_name_or_changes_no_answer() -> None:
    all_right(damage.damages(50, SEED), 50)


def test_the_damage_is_such_that_a_careless_store_would_answer_wrongly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("geo_service.store.chronicle.Chronicle.problems", lambda *_: ())
    monkeypatch.setattr("geo_service.store.rows.Chained._problems", lambda *_: ())
    assert damage.damages(60, SEED, "ledger.sqlite3").wrong != []


@pytest.mark.usefixtures("strace")
def test_a_disk_that_fails_once_is_refused_and_then_works_again_without_reopening() -> None:
    all_right(disks.struck(0.05, SEED, [3, 5]), 4)


def test_what_is_restored_under_writes_and_erasures_is_the_same() -> None:
    all_right(drills.drills(2, rows=2_000), 2)


# --- the disk that forgets ------------------------------------------------------------------------


def called(name: str, words: str, result: int = 0, opened: str = "") -> Call:
    return Call(name, words, result, opened)


def hexed(text: str) -> str:
    return "".join(f"\\x{byte:02x}" for byte in text.encode())


def handle(number: int, path: str) -> str:
    return f"{number}<{hexed(path)}>"


def test_the_disk_that_forgets_keeps_what_was_synced_and_no_more(tmp_path: Path) -> None:
    platter = Platter(tmp_path / "disk")
    at = str(tmp_path / "disk")
    for call in [
        called("mkdir", f'"{hexed(at + "/a")}", 0777'),
        called("openat", f'AT_FDCWD<{hexed("/")}>, "{hexed(at + "/a/x")}", O_WRONLY|O_CREAT', 5, hexed(f"{at}/a/x")),
        called("write", f'{handle(5, at + "/a/x")}, "{hexed("one")}", 3', 3),
        called("fsync", handle(5, f"{at}/a/x")),
        called("write", f'{handle(5, at + "/a/x")}, "{hexed("two")}", 3', 3),
        called("rename", f'"{hexed(at + "/a/x")}", "{hexed(at + "/a/y")}"'),
    ]:
        assert platter.apply(call)
    assert left_synced(platter.top).now == {}
    assert platter.apply(called("fsync", handle(6, at)))
    for node, name in ((left_synced(platter.top), "strict"), (left_named(platter.top), "named")):
        lay_out(node, tmp_path / name)
    assert list((tmp_path / "strict/a").iterdir()) == []
    assert {path.name: path.read_text() for path in (tmp_path / "named/a").iterdir()} == {"y": "one"}
    assert platter.apply(called("fsync", handle(7, f"{at}/a")))
    lay_out(left_synced(platter.top), tmp_path / "later")
    assert {path.name: path.read_text() for path in (tmp_path / "later/a").iterdir()} == {"y": "one"}


def test_a_call_that_the_disk_does_not_know_stops_the_replay(tmp_path: Path) -> None:
    call = called("link", f'"{hexed(str(tmp_path) + "/a")}", "{hexed(str(tmp_path) + "/b")}"')
    with pytest.raises(NotImplementedError, match="link"):
        Platter(tmp_path).apply(call)
    assert not Platter(tmp_path / "elsewhere").apply(call)
