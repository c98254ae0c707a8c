"""`geo-service zones` takes rules, shifts and an earlier run, and refuses what cannot be by name."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

WHERE = ["--boundary", "Nonesuch Borough", "--offences", "all"]


def zones(command: str, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [command, "--data-dir", folder, "zones", *WHERE, *words], capture_output=True, text=True, check=False
    )


def test_rules_stability_and_what_became_of_the_zones_are_told(command: str, demonstration_copy: Path) -> None:
    earlier = json.loads(zones(command, demonstration_copy, "--from", "2025-03", "--to", "2026-02", "--json").stdout)
    again = ["--from", "2025-08", "--to", "2026-07", "--stability", "2", "--max-ha", "6", "--min-events", "12"]
    done = zones(command, demonstration_copy, *again, "--spacing", "200")
    assert done.returncode == 0, done.stderr
    assert "2 to 6 ha, at least 12 events in 12 months, centres at least 200 m apart" in done.stdout
    assert "found again" in done.stdout
    assert f"Since run {earlier['id']} (kept zones keep their id and name):" in done.stdout
    said = json.loads(zones(command, demonstration_copy, *again, "--spacing", "200", "--json").stdout)
    assert said["compared"] == earlier["id"]
    assert said["shifts"] == 2
    assert all(0 <= zone["stability"] <= 1 and 2 <= zone["area_ha"] <= 6 for zone in said["zones"])
    assert {change["kind"] for change in said["changes"]} <= {"kept", "moved", "merged", "split", "new", "dropped"}


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--min-ha", "0"], "The min ha of a zone is out of range. Found: 0.0. Give hectares from 0.1 to 100"),
        (["--max-ha", "1"], "The max ha of a zone is out of range. Found: 1.0. Give hectares from the smallest size"),
        (["--min-events", "-1"], "The min events of a zone is out of range. Found: -1.0."),
        (["--spacing", "-1"], "The spacing of a zone is out of range. Found: -1.0."),
        (["--stability", "99"], "The number of shifted grids is out of range. Found: 99."),
        (["--compare", "0000"], "No such run of zones. Found: 0000."),
    ],
)
def test_what_cannot_be_is_refused_by_name(command: str, demonstration_dir: Path, words: list[str], told: str) -> None:
    done = zones(command, demonstration_dir, "--from", "2025-08", "--to", "2026-07", *words)
    assert done.returncode == 2
    assert told in " ".join(done.stderr.split())
