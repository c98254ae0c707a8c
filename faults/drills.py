"""Restore drills: backups made while another process imports, each restored and compared version by version."""

from __future__ import annotations

import shutil
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from faults.acts import MONTHS, WHO, Clock, incidents
from faults.counts import Counts
from faults.work import Work, Worker
from geo_service.errors import ConflictError
from geo_service.model.incidents import CELL_COLUMNS
from geo_service.store import DiskStore, open_store, restore

if TYPE_CHECKING:
    from collections.abc import Callable

_PATIENCE_S: Final = 60


def drills(count: int, rows: int) -> Counts:
    """Back up a store of so many incidents under writes and restore it, so many times."""
    counts = Counts("restore drills under writes")
    seconds = {"backup": 0.0, "restore": 0.0}
    with tempfile.TemporaryDirectory(prefix="drills-") as name:
        folder = Path(name)
        with open_store(folder / "store", Clock()) as store:
            _fill(store, rows)
            with Worker(Work(folder / "store", range(5, 1_000_000))) as worker:
                worker.go()
                for number in range(count):
                    worker.listen(0.1)
                    wrong, taken = _drill(store, folder)
                    counts.note("identical" if wrong is None else "different", wrong and f"drill {number}: {wrong}")
                    seconds = {kind: seconds[kind] + took for kind, took in taken.items()}
                worker.kill()
                worker.listen_to_the_end()
            if worker.refused():
                counts.wrong.append(f"the importer was refused: {worker.refused()[0]}")
            made = len(store.versions())
    per_million = {kind: total / count / rows * 1e6 for kind, total in seconds.items()}
    said = ", ".join(f"{kind} {took:.1f} s" for kind, took in per_million.items())
    counts.title += f" ({made} versions made meanwhile; for a million incidents: {said})"
    return counts


def _fill(store: DiskStore, rows: int) -> None:
    """Import months of a hundred thousand incidents each, with places that do not repeat more than real ones do."""
    rng = np.random.default_rng(1)
    some = incidents(0, MONTHS[0])
    for number, first in enumerate(range(0, rows, 100_000)):
        many = min(100_000, rows - first)
        site = rng.integers(0, 20_000, many)
        cells = {name: pl.Series(site.astype(np.uint64) + np.uint64(of << 40)) for of, name in CELL_COLUMNS.items()}
        frame = some.sample(many, with_replacement=True, seed=number).with_columns(
            row=pl.Series(np.arange(many)),
            crime_id=pl.Series(rng.integers(0, 2**62, many)).cast(pl.String),
            lon=pl.Series(np.sin(site)),
            lat=pl.Series(np.cos(site)),
            **cells,
        )
        with store.stage() as staging:
            staging.add_incidents(f"incidents/police_uk/elsewhere/{2000 + number}-01", frame)
            staging.commit("import incidents", WHO, {})


def _drill(store: DiskStore, folder: Path) -> tuple[str | None, dict[str, float]]:
    backup, again = folder / "backup", folder / "again"
    start = time.perf_counter()
    saved = store.backup(backup)
    middle = time.perf_counter()
    _when_free(lambda: restore(backup, again))
    taken = {"backup": middle - start, "restore": time.perf_counter() - middle}
    with open_store(again, Clock()) as opened:
        problems = [said for said in opened.check() if "MB are free" not in said]
        wrong = problems[0] if problems else _difference(opened, store, saved.version)
    _when_free(lambda: store.copies.forget(backup, WHO, remove=True))
    shutil.rmtree(again)
    return wrong, taken


def _when_free(job: Callable[[], object]) -> None:
    """Do something with a backup as soon as the importer does not erase in it."""
    until = time.monotonic() + _PATIENCE_S
    while True:
        try:
            job()
        except ConflictError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
        else:
            return


def _difference(opened: DiskStore, store: DiskStore, newest: int) -> str | None:
    """Return what is another in a restored store, in the versions that the backup was made of.

    The importer erases too, here and in the backup: what is below a floor can be asked for in neither.
    """
    here, there = (held._ledger.history() for held in (opened, store))  # noqa: SLF001 - it is to be compared
    if here.chronicle.up_to(newest).link != there.chronicle.up_to(newest).link:
        return "the versions are chained otherwise"
    for version in range(here.floor, newest + 1):
        then = {slot: held.record.sha256 for slot, held in there.chronicle.up_to(version).state.items()}
        if opened.snapshot(version).slots() != then:
            return f"version {version} is another"
    return None
