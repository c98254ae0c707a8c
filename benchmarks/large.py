"""One large import through the real workflow, against a naive loop: rows per second, peak memory, ratio.

`python -m benchmarks --rows 50000000 [--folder DIR]`; not part of `make bench`. The import runs in a process of its own
(`python -m benchmarks.large FILE DATA_DIR`), so that the memory measured is its memory.
"""

from __future__ import annotations

import json
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Final

import h3
import pandas as pd
from pyproj import Transformer

from benchmarks.generated import ANCHORS, MONTHS, SEED, force_export
from geo_service.app import open_area
from geo_service.model.incidents import RESOLUTIONS
from geo_service.workflows.importing.imports import import_incidents

if TYPE_CHECKING:
    from collections.abc import Sequence

PEER_ROWS: Final = 1_000_000
BYTES_PER_ROW: Final = 450
"""Of disk while it runs: the file, what waits in temporary files, the stored rows and the cube."""


def measure(rows: int, folder: Path | None) -> None:
    """Generate, import, compare and print; what was made is removed."""
    with tempfile.TemporaryDirectory(dir=folder) as made:
        free = shutil.disk_usage(made).free
        if free < rows * BYTES_PER_ROW:
            sys.exit(f"{rows:,} rows need {rows * BYTES_PER_ROW / 1e9:.0f} GB of disk, free are {free / 1e9:.0f} GB")
        path = Path(made) / "export.csv"
        force_export(path, rows)
        size_gb = path.stat().st_size / 1e9
        print(f"{rows:,} generated rows ({size_gb:.1f} GB, seed {SEED}): {MONTHS} months, {ANCHORS:,} anchor points")
        command = [sys.executable, "-m", "benchmarks.large", str(path), str(Path(made) / "data")]
        ours = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)  # noqa: S603 - ourselves
        _say(ours, rows, path)


def _say(ours: dict[str, float], rows: int, path: Path) -> None:
    """Print the import beside the naive loop, which is given one resolution and then all five."""
    ours_per_s, peer = rows / ours["seconds"], min(PEER_ROWS, rows)
    for resolutions in ((10,), RESOLUTIONS):
        peer_per_s = peer / _seconds_of_naive(path, peer, resolutions)
        print(
            f"{'import of one file, cube made':<46} {ours_per_s / peer_per_s:8.1f} x   ours {ours_per_s:,.0f} rows/s   "
            f"pandas + h3 loop, {len(resolutions)} resolution(s), first {peer:,} rows {peer_per_s:,.0f} rows/s"
        )
    print(
        f"  {ours['seconds']:,.0f} s; peak memory {ours['rss_mib']:,} MiB, {ours['anonymous_mib']:,} MiB anonymous; "
        f"{ours['rejected']:,} rows rejected; stored {ours['stored_bytes'] / 1e9:.1f} GB"
    )


def _seconds_of_naive(path: Path, rows: int, resolutions: Sequence[int]) -> float:
    """Read, project, index and count, row by row; nothing is checked, kept, replaced or assigned as the import does."""
    start = time.perf_counter()
    frame = pd.read_csv(path, nrows=rows).dropna(subset=["easting", "northing"])
    to_degrees = Transformer.from_crs(27700, 4326, always_xy=True)
    frame["lon"], frame["lat"] = to_degrees.transform(frame["easting"], frame["northing"])
    frame["month"] = pd.to_datetime(frame["committed_from"], format="%d/%m/%Y %H:%M").dt.strftime("%Y-%m")
    counts: Counter[tuple[str, str, str]] = Counter()
    for row in frame.itertuples():
        for resolution in resolutions:
            counts[h3.latlng_to_cell(row.lat, row.lon, resolution), row.month, row.offence_code] += 1
    return time.perf_counter() - start


def _import(path: Path, data_dir: Path) -> dict[str, object]:
    """Import one file and return what it took."""
    most = {"VmRSS": 0, "RssAnon": 0}
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(0.05):
            lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
            told = dict(line.split(":", 1) for line in lines)
            most.update({name: max(before, int(told[name].split()[0]) // 1024) for name, before in most.items()})

    watcher = threading.Thread(target=watch, daemon=True)
    services = open_area(data_dir)
    watcher.start()
    start = time.perf_counter()
    done = import_incidents(services, [path], force="generated")
    seconds = time.perf_counter() - start
    ended.set()
    services.close()
    return {
        "seconds": seconds,
        "rejected": done.counts.rejected,
        "rss_mib": max(most["VmRSS"], resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024),
        "anonymous_mib": most["RssAnon"],
        "stored_bytes": sum(file.stat().st_size for file in data_dir.rglob("*") if file.is_file()),
    }


if __name__ == "__main__":
    print(json.dumps(_import(Path(sys.argv[1]), Path(sys.argv[2]))))
