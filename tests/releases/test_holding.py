"""Whoever has a release keeps it from being removed, and nobody else does."""

from __future__ import annotations

import gc
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from geo_service.releases.holding import Hold, alone_with

if TYPE_CHECKING:
    from pathlib import Path


def free(folder: Path) -> bool:
    with alone_with(folder) as alone:
        return alone


def test_a_folder_is_held_until_nobody_refers_to_it(tmp_path: Path) -> None:
    assert free(tmp_path)
    first, second = Hold(tmp_path), Hold(tmp_path)
    assert not free(tmp_path)
    del first
    gc.collect()
    assert not free(tmp_path)
    del second
    gc.collect()
    assert free(tmp_path)


def test_what_is_on_its_way_out_can_no_longer_be_held(tmp_path: Path) -> None:
    with alone_with(tmp_path) as alone:
        assert alone
        with pytest.raises(FileNotFoundError, match="it is being removed"):
            Hold(tmp_path)
    assert Hold(tmp_path)


def test_a_folder_that_is_not_there_cannot_be_held(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Hold(tmp_path / "nowhere")


def test_a_disk_without_locks_is_served_from_and_nothing_of_it_is_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_locks(*_: object) -> None:
        raise OSError(37, "No locks available")

    monkeypatch.setattr("geo_service.releases.holding.fcntl.flock", no_locks)
    assert Hold(tmp_path)
    assert not free(tmp_path)


def test_another_process_holds_it_until_it_is_killed(tmp_path: Path) -> None:
    program = "import sys\nfrom pathlib import Path\nfrom geo_service.releases.holding import Hold\n"
    program += "held = Hold(Path(sys.argv[1]))\nprint('held', flush=True)\nsys.stdin.read()\n"
    with subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        assert not free(tmp_path)
        other.kill()
        other.wait()
    assert free(tmp_path)
