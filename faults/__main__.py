"""`make faults`: strike the store in every way, and say how often anything was lost, torn or wrong."""

from __future__ import annotations

import argparse
import logging
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from faults import (
    collisions,
    crowds,
    cuts,
    damage,
    disks,
    drills,
    forgeries,
    images,
    kills,
    leaks,
    plan_edits,
    public,
    site,
    slow,
    tampering,
    tricks,
    upload,
)
from faults.cluster import Cluster, binaries

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from faults.counts import Counts

SEED: Final = 20251101


def _kills() -> Sequence[Counts]:
    tools = binaries()
    if tools is None:
        sys.exit("faults: the PostgreSQL server is not installed")
    with Cluster(tools) as cluster:
        return [
            kills.at_random(400, SEED),
            kills.at_random(100, SEED, cluster),
            kills.of_the_server(20, SEED, cluster),
            kills.at_each_call(range(6)),
        ]


def _cuts() -> Sequence[Counts]:
    return [*cuts.power_cuts(seed=SEED), cuts.missing_syncs(seed=SEED)]


def _crowds() -> Sequence[Counts]:
    tools = binaries()
    if tools is None:
        sys.exit("faults: the PostgreSQL server is not installed")
    with Cluster(tools) as cluster:
        return [crowds.crowds(600, seed=SEED), crowds.crowds(600, seed=SEED, url=cluster.new_database())]


def _disks() -> Iterator[Counts]:
    """Yield one after the other: what is known by then is told, whatever comes after."""
    yield disks.locked(20)
    yield disks.filled(60, SEED)
    yield disks.struck(0.1, SEED)


def _collisions() -> Sequence[Counts]:
    tools = binaries()
    if tools is None:
        sys.exit("faults: the PostgreSQL server is not installed")
    with Cluster(tools) as cluster:
        return [
            collisions.collisions(10_000, 8),
            collisions.collisions(10_000, 8, cluster),
            plan_edits.plan_collisions(1_000, SEED),
            plan_edits.plan_collisions(1_000, SEED, cluster),
        ]


def _served() -> Sequence[Counts]:
    with tempfile.TemporaryDirectory(prefix="served-") as folder:
        area = site.build(Path(folder))
        site.people(area)
        with site.StaffSite(area) as served:
            return [*tricks.tricks(served, 500, SEED), upload.uploads(served), slow.slow_clients(served, 500)]


def _public() -> Iterator[Counts]:
    logging.disable(logging.ERROR)  # every damaged release is told, and counted here
    yield leaks.staff_changes(500, SEED)
    yield public.damages(500, SEED)
    switched, seconds = public.switches(40, 4)
    yield switched
    print(f"  the slowest of {len(seconds)} switches showed after {max(seconds):.3f} s", flush=True)
    yield public.prunings(40, 4)


_KINDS: Final[dict[str, Callable[[], Iterable[Counts]]]] = {
    "kills": _kills,
    "cuts": _cuts,
    "images": lambda: [images.image_cuts(20, SEED)],
    "damage": lambda: [damage.damages(5_000, SEED)],
    "drills": lambda: [drills.drills(20, rows=1_000_000)],
    "crowds": _crowds,
    "collisions": _collisions,
    "forgeries": forgeries.forgeries,
    "served": _served,
    "public": _public,
    "tampering": lambda: [tampering.tamperings(1_000, SEED)],
    "disks": _disks,
}


def main() -> None:
    """Run the kinds that are named, all by default; end with 1 where anything was wrong."""
    asked = argparse.ArgumentParser(prog="python -m faults", description=__doc__)
    asked.add_argument("kinds", nargs="*", choices=[*_KINDS, []], help="what to do; everything by default")
    if os.geteuid() != 0:
        sys.exit("faults: only root may mount small disks")
    wrong = False
    for kind in asked.parse_args().kinds or _KINDS:
        start = time.monotonic()
        for counts in _KINDS[kind]():
            print(counts, flush=True)
            wrong = wrong or bool(counts.wrong)
        print(f"  {kind}: {time.monotonic() - start:.0f} s", flush=True)
    sys.exit(wrong)


if __name__ == "__main__":
    main()
