"""Importers and readers at once: what is read is what some version holds."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest

from faults import crowds
from faults.acts import FORCE
from faults.counts import Counts
from geo_service.store.cubes import CubeShelf, Wanted

if TYPE_CHECKING:
    from pathlib import Path

    from geo_service.store import DiskStore


def test_whatever_is_read_while_others_import_is_what_some_version_holds(database_url: str) -> None:
    counts = crowds.crowds(2, seed=7, url=database_url, importers=3, readers=2)
    assert counts.wrong == []
    for outcome in ("import", "read of the newest", "read of an earlier one"):
        assert counts.outcomes[outcome] > 0


ACTS: list[dict[str, Any]] = [
    {"version": 2, "token": 1, "slots": ["incidents/police_uk/somewhere/2025-01"], "end": 10.0},
    {"version": 3, "token": 2, "slots": [FORCE], "end": 20.0},
    {"version": 4, "token": 3, "slots": [FORCE], "end": 30.0},
    {"version": 5, "undone": 2, "end": 40.0},
]
HELD = dict(crowds._expected(ACTS))
ACKNOWLEDGED = [(act["end"], act["version"]) for act in ACTS]


def read(version: int, asked: int | None = None, start: float = 0.0, **other: str) -> dict[str, Any]:
    return {"version": version, "asked": asked, "start": start, **HELD[version]._asdict(), **other}


def judged(*reads: dict[str, Any]) -> list[str]:
    counts = Counts("reads")
    crowds._judge_reads(counts, reads, HELD, ACKNOWLEDGED)
    return counts.wrong


def test_what_must_be_read_follows_from_what_was_put_in() -> None:
    assert sorted(HELD) == [1, 2, 3, 4, 5]
    assert len({held.rows for held in HELD.values()}) == 5
    assert judged(read(1), read(2), read(4, asked=4), read(5, start=41.0)) == []
    crime_numbers = [set(crowds.rows_of(token, FORCE)["crime_id"]) for token in (2, 3)]
    assert len(crime_numbers[0] & crime_numbers[1]) == 30


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (read(3, rows=HELD[2].rows), "as no version is"),
        (read(3, cube=HELD[2].cube), "as no version is"),
        (read(2, start=25.0), "after a later one was acknowledged"),
        (read(2, asked=3), "instead of 3"),
        ({"asked": None, "refused": "DamagedFileError", "said": "torn"}, "torn"),
    ],
)
def test_a_read_that_no_version_explains_is_told(wrong: dict[str, Any], said: str) -> None:
    (found,) = judged(wrong)
    assert said in found


def test_versions_that_do_not_follow_each_other_are_told() -> None:
    gap = [ACTS[0], {**ACTS[1], "version": 4}]
    assert sorted(dict(crowds._expected(gap))) == [1, 2]


def test_a_cube_that_another_process_takes_away_as_soon_as_it_is_written_is_built_again(
    filled: DiskStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = filled.snapshot().cube(9)
    build, built = CubeShelf._build, list[Any]()

    def build_and_lose(shelf: CubeShelf, folder: Path, wanted: Wanted) -> None:
        build(shelf, folder, wanted)
        built.append(folder)
        if len(built) == 1:
            shutil.rmtree(folder)

    monkeypatch.setattr(CubeShelf, "_build", build_and_lose)
    cube = filled.snapshot().cube(8)
    assert len(built) == 2
    assert cube.totals.sum() == right.totals.sum()
