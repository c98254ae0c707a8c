"""`geo-service concentration` says it, and writes a table or the curves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

Said: TypeAlias = Any
"""What the conftest's `say` returns."""
ASKED = ["--boundary", "demonstration-wards", "--from", "2025-08", "--to", "2026-07"]


def test_concentration_is_said_and_written(say: Callable[..., Said], demonstration_copy: Path, tmp_path: Path) -> None:
    here = ["--data-dir", demonstration_copy, "concentration", *ASKED]
    plain = say(*here)
    assert "Incidents: more than chance." in plain.out
    assert "by chance" in plain.out
    written = say(*here, "--json", "-o", tmp_path / "curves.svg")
    assert written.facts["measured"][0]["verdict"] == "more than chance"
    assert written.facts["sentences"][0] in plain.out
    assert [path.suffix for path in tmp_path.glob("*curves*")] == [".svg"]
    assert say(*here, "-o", tmp_path / "table.csv").code == 0


def test_a_wrong_ending_is_refused_before_the_work(refused: Callable[..., str], demonstration_copy: Path) -> None:
    assert "Unknown format" in refused("--data-dir", demonstration_copy, "concentration", *ASKED, "-o", "curves.xlsx")
