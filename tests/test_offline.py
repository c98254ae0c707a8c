"""From an empty folder to a logged visit on a machine that has no network interface at all."""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_ALONE: Final = ("unshare", "--net", "--map-root-user")
_LOOK: Final = """
import os, socket
print(sorted(os.listdir("/sys/class/net")) if os.path.ismount("/sys") else [], end=" ")
try:
    socket.create_connection(("127.0.0.1", 9), 1)
except OSError as problem:
    print(problem.strerror)
"""


@pytest.fixture
def alone(command: str, tmp_path: Path) -> Callable[..., dict[str, Any]]:
    """Return a function that runs one command where not even the loopback interface is up, and gives its JSON."""
    try:
        tried = subprocess.run([*_ALONE, "true"], check=False, capture_output=True)
        able = tried.returncode == 0
    except FileNotFoundError:
        able = False
    if not able:
        if os.environ.get("GEO_SERVICE_NO_SKIPS"):
            pytest.fail("must not be skipped here: network namespaces cannot be made")
        pytest.skip("network namespaces cannot be made here")

    def run(*words: object) -> dict[str, Any]:
        asked = [*_ALONE, command, "--data-dir", "area", *map(str, words), "--json"]
        done = subprocess.run(asked, cwd=tmp_path, check=False, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        said = json.loads(done.stdout)
        assert isinstance(said, dict)
        return said

    return run


def test_zones_plan_sheets_and_visits_need_no_network(alone: Callable[..., dict[str, Any]], tmp_path: Path) -> None:
    looked = subprocess.run([*_ALONE, "python3", "-c", _LOOK], check=True, capture_output=True, text=True)
    assert "unreachable" in looked.stdout, "the machine was not cut off"
    built = alone("demo", "--build-only", "--staff-port", 0, "--public-port", 0)
    assert built["zones"] > 0
    zones = alone("zones", "--boundary", "Nonesuch Central team", "--from", "2025-08", "--to", "2026-07")
    plan = alone(
        *("plan", "--team", "Nonesuch Central team", "--date", "2026-10-30", "--shift", "15:00-23:00"),
        *("--officers", 4, "--run", zones["id"]),
    )
    first = plan["loops"][0]["visits"][0]
    edited = alone("plan-edit", plan["id"], "lock", first["id"], "--version", 1)
    assert edited["version"] == 2
    alone("sheets", "--plan", plan["id"], "-o", "paper", "--wall-map", "--list")
    kinds = Counter(made.suffix for made in (tmp_path / "paper").iterdir())
    assert kinds == {".pdf": 2, ".csv": 1, ".geojson": 1}
    day = dt.datetime.fromisoformat(plan["request"]["shift"]["start"])
    start, end = (day + dt.timedelta(minutes=first[name]) for name in ("start_min", "end_min"))
    alone(
        *("visits", "log", "--plan", plan["id"], "--visit", first["id"], "--zone", first["zone"]),
        *("--start", f"{start:%Y-%m-%d %H:%M}", "--end", f"{end:%Y-%m-%d %H:%M}"),
    )
    delivered = alone("visits", "dosage", "--plan", plan["id"])
    assert sum(zone["planned_made"] for zone in delivered["zones"]) == 1
    alone("map", "-o", "map.html")
