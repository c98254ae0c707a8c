"""Temporary folders live as long as their process."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from geo_service.errors import FaultError
from geo_service.store.disk import Workspace, disk_errors, sweep, write_durably

if TYPE_CHECKING:
    from pathlib import Path


def names(folder: Path) -> set[str]:
    return {entry.name for entry in folder.iterdir()} - {".sweep"}


def test_a_sweep_removes_what_is_dead_and_spares_what_lives(tmp_path: Path) -> None:
    alive = Workspace(tmp_path)
    (tmp_path / "dead").mkdir()
    (tmp_path / "dead" / "lock").touch()
    (tmp_path / "half-made").mkdir()
    (tmp_path / "half-made" / "part.parquet").touch()
    (tmp_path / "stray").touch()
    sweep(tmp_path)
    assert names(tmp_path) == {alive.path.name}
    alive.close()
    assert names(tmp_path) == set()


def test_a_file_is_never_written_over(tmp_path: Path) -> None:
    write_durably(tmp_path / "a", b"first")
    with pytest.raises(FileExistsError):
        write_durably(tmp_path / "a", b"second")
    assert (tmp_path / "a").read_bytes() == b"first"


def test_an_error_whose_number_stands_only_in_its_text_is_known_too() -> None:
    with pytest.raises(FaultError, match="disk is full"), disk_errors():
        raise OSError("No space left on device (os error 28)")


def test_an_error_that_is_not_the_disks_stays_what_it_is() -> None:
    with pytest.raises(FileNotFoundError), disk_errors():
        raise FileNotFoundError(2, "gone")
