"""One fixed course of acts on a store, and what a store must say after each: the truth that faults are held to."""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import polars as pl
import shapely

from geo_service.model.access import COMBINATION, CONSULTATION, OPERATOR, AuditEvent, Principal
from geo_service.model.boundaries import BoundarySet
from geo_service.model.incidents import CELL_COLUMNS, REJECT_SCHEMA
from geo_service.model.retention import Wanted
from geo_service.store import open_store
from geo_service.store.columns import STORED_SCHEMA
from geo_service.store.run_rows import KeptRun

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from geo_service.store import DiskStore

WHO: Final = Principal("analyst", OPERATOR)
START: Final = dt.datetime(2025, 11, 1, 9, tzinfo=dt.UTC)
MONTHS: Final = ("2025-01", "2025-02", "2025-03")
ROWS: Final = 60
FORCE: Final = "incidents/force_csv/demonstration/0"


def clock_of(act: int) -> dt.datetime:
    """Return the time of an act."""
    return START + dt.timedelta(minutes=act)


class Clock:
    """Tell the time of the act under way, so that the same acts leave the same bytes."""

    def __init__(self) -> None:
        self.act = 0

    def __call__(self) -> dt.datetime:
        """Return one minute for each act."""
        return clock_of(self.act)


def perform(store: DiskStore, clock: Clock, act: int) -> None:
    """Do the act of a number: a cycle of imports, a look, an undo, a run and an erasure, never the same rows twice."""
    clock.act = act
    _CYCLE[act % len(_CYCLE)](store, act)


def _import_month(store: DiskStore, act: int) -> None:
    with store.stage() as staging:
        areas = wards()
        staging.put_boundary_set(areas)
        for month in MONTHS[:2]:
            slot = f"incidents/police_uk/somewhere/{month}"
            staging.add_incidents(slot, incidents(act, month))
            staging.add_rejects(slot, _rejects(act))
        for slot, rows in staging.partitions():
            staging.put_incidents(slot, rows)
            staging.put_assignment(slot, areas.id, (rows["cell_9"].to_numpy() % np.uint64(3)).astype(np.int32))
        staging.commit("import incidents", WHO, {"act": act})


def _import_rows(store: DiskStore, act: int) -> None:
    with store.stage() as staging:
        staging.add_incidents(FORCE, incidents(act, MONTHS[2]))
        staging.commit("import incidents", WHO, {"act": act})


def _undo_the_newest(store: DiskStore, _act: int) -> None:
    store.undo(len(store.versions()), WHO)


def _look(store: DiskStore, act: int) -> None:
    store.snapshot().cube(9)
    store.record(AuditEvent(CONSULTATION, WHO.name, f"zone {act}", clock_of(act), {"act": act}))


def _keep_run(store: DiskStore, act: int) -> None:
    run = KeptRun(f"run-{act}", f'{{"zones": {act}}}', "wards", frozenset({"W1"}))
    asked = AuditEvent(f"{COMBINATION}: find zones", WHO.name, run.id, clock_of(act), {"act": act})
    store.save_run(run, len(store.versions()), asked)


def _erase(store: DiskStore, act: int) -> None:
    numbers = frozenset({_number(act - 5, row) for row in (7, 11)})
    store.erase(Wanted(numbers=numbers), f"act {act}", WHO)


_CYCLE: Final[tuple[Callable[[DiskStore, int], None], ...]] = (
    _import_month,
    _look,
    _import_rows,
    _undo_the_newest,
    _keep_run,
    _erase,
)
NAMES: Final = ("import", "look", "import rows", "undo", "run", "erase")


def _number(act: int, row: int) -> str:
    return f"number {act}/{row}"


def incidents(act: int, month: str) -> pl.DataFrame:
    """Return a few invented incidents of a month, other ones for each act."""
    rng = np.random.default_rng([act, int(month[-2:])])
    site = rng.integers(0, 20, ROWS).astype(np.uint64)
    known = {
        "row": np.arange(2, ROWS + 2),
        "month": np.full(ROWS, 2025 * 12 + int(month[-2:]) - 1),
        "crime_id": [_number(act, row) for row in range(ROWS)],
        "offence": ["Burglary"] * ROWS,
        "lon": site.astype(float),
        "lat": site.astype(float),
        **{name: site + np.uint64(resolution << 40) for resolution, name in CELL_COLUMNS.items()},
    }
    frame = pl.DataFrame(known)
    return frame.select(
        (pl.col(name) if name in known else pl.lit(None)).cast(dtype).alias(name)
        for name, dtype in STORED_SCHEMA.items()
    )


def _rejects(act: int) -> pl.DataFrame:
    values: dict[str, object] = dict.fromkeys(REJECT_SCHEMA, f"value of {act}")
    named = {name: [3, 4] if name == "row" else [value, value] for name, value in values.items()}
    return pl.DataFrame(named | {"value": [values["value"], _number(act, 7)]}, schema=REJECT_SCHEMA)


@functools.cache
def wards() -> BoundarySet:
    """Return three invented wards."""
    return BoundarySet(
        id="wards",
        title="Wards",
        vintage="invented",
        valid_from=dt.date(2025, 5, 1),
        licence="none needed",
        codes=("W0", "W1", "W2"),
        names=("Ward 0", "Ward 1", "Ward 2"),
        parent_codes=("",) * 3,
        parent_names=("",) * 3,
        geometry=np.array([shapely.box(number, 0, number + 1, 1) for number in range(3)], dtype=object),
    )


# --- the truth ------------------------------------------------------------------------------------


class Seen(NamedTuple):
    """Say all that a store tells, as hashes and sums: two stores that tell the same are the same."""

    marks: tuple[tuple[int, str], ...]
    """Newest version, event and run; each hash covers all before it, the names of all files among them."""
    rows: int
    cube: int


def see(store: DiskStore) -> Seen:
    """Return what a store tells of itself."""
    _, version, event, run = store.head()
    events = [(found.act, found.actor, found.what, _repeatable(found.detail)) for found in store.events(None)]
    told = hashlib.sha256(repr(events).encode()).hexdigest()
    snapshot = store.snapshot()
    incidents = snapshot.incidents(["row", "lon", "crime_id"])
    cube = int(snapshot.cube(9).totals.sum()) if snapshot.months() else 0
    return Seen(
        ((version.number, version.sha256), (event.number, told), (run.number, run.sha256)),
        int(incidents.hash_rows(1).sum()) if incidents.height else 0,
        cube,
    )


def _files(data_dir: Path) -> set[str]:
    return {path.name for path in data_dir.glob("files/*/*.parquet")}


def _repeatable(detail: Mapping[str, object]) -> list[tuple[str, object]]:
    """Leave out what depends on the name of the store, which is another for each."""
    return sorted((name, value) for name, value in detail.items() if name != "proof")


class Truth:
    """Know what a store must tell after so many acts."""

    def __init__(self, acts: int) -> None:
        """Do the acts on a store that nothing happens to, and keep copies of it in `folder`."""
        self._folder = tempfile.TemporaryDirectory(prefix="truth-")
        self.folder = Path(self._folder.name)
        clock = Clock()
        with open_store(self.folder / "store", clock) as store:
            self.seen, self._files = [see(store)], [_files(self.folder / "store")]
            for act in range(acts):
                perform(store, clock, act)
                self.seen.append(see(store))
                self._files.append(_files(self.folder / "store"))

    def come_back(self, data_dir: Path, acked: int) -> set[str]:
        """Return the files that lie in a store, not opened since, although an acknowledged act erased them."""
        gone = set[str]().union(*self._files[: acked + 1]) - self._files[acked]
        return gone & _files(data_dir)

    def acts_of(self, seen: Seen) -> int | None:
        """Return after how many acts a store tells this, None where it never does."""
        return self.seen.index(seen) if seen in self.seen else None

    def close(self) -> None:
        """Remove the store."""
        self._folder.cleanup()
