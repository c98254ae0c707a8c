"""`geo-service compare` holds measures side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

Said: TypeAlias = Any
"""What the conftest's `say` returns."""
ASKED = [*("--boundary", "demonstration-wards", "--from", "2025-08", "--to", "2026-07"), "--harm-table=starting-points"]


def test_count_and_harm_are_held_side_by_side(
    say: Callable[..., Said], demonstration_copy: Path, tmp_path: Path
) -> None:
    here = ["--data-dir", demonstration_copy, "compare", *ASKED, "--measures", "count,harm"]
    plain = say(*here)
    assert plain.code == 0, plain.err
    assert "count and harm (starting-points):" in plain.out
    written = say(*here, "--json", "-o", tmp_path / "zones.geojson")
    assert written.facts["sentences"][0] in plain.out
    assert len(written.facts["pairs"]) == 1
    assert [path.suffix for path in tmp_path.glob("*zones*")] == [".geojson"]


def test_one_side_alone_is_refused(refused: Callable[..., str], demonstration_copy: Path) -> None:
    assert "Two to 6 different sides" in refused("--data-dir", demonstration_copy, "compare", *ASKED)
