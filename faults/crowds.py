"""Importers and readers at once: whatever is read must be what some version holds, computed apart from the store."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import random
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import polars as pl

from faults.acts import FORCE, MONTHS, WHO, Clock, incidents, wards
from faults.counts import Counts
from faults.work import Work, Worker
from geo_service.errors import ConflictError, GeoServiceError
from geo_service.store import open_store

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from geo_service.model.access import Version
    from geo_service.store import DiskStore
    from geo_service.store.snapshot import DiskSnapshot

COLUMNS: Final = ("row", "month", "crime_id", "offence", "lon", "lat", "cell_9")
"""What is compared of every row."""
_SHARED: Final = tuple(f"incidents/police_uk/somewhere/{month}" for month in MONTHS)
_QUIET_READS: Final = 30
_RECENT: Final = 20
"""Versions that a reader goes back, and that an undo reaches for."""


def crowds(seconds: float, *, seed: int = 0, url: str = "", importers: int = 4, readers: int = 4) -> Counts:
    """Let importers and readers work on one data directory for so long; `url` is of an empty ledger."""
    counts = Counts(f"{importers} importers, {readers} readers, {seconds:.0f} s" + (" (PostgreSQL)" if url else ""))
    with tempfile.TemporaryDirectory(prefix="crowds-") as name:
        folder = Path(name)
        with open_store(folder / "store", Clock(), url) as store:
            _begin(store)
        jobs = [(_import, number) for number in range(importers)] + [(_read, number) for number in range(readers)]
        with contextlib.ExitStack() as stack:
            workers = []
            for job, number in jobs:
                log = folder / f"{job.__name__}-{number}.jsonl"
                do = functools.partial(job, folder / "store", url, log, seconds, seed + number)
                workers.append(stack.enter_context(Worker(Work(folder / "store", range(1), url, instead=do))))
            for worker in workers:
                worker.go()
            for (job, _), worker in zip(jobs, workers, strict=True):
                worker.listen(seconds + 300)
                if worker.listen_to_the_end() or worker.refused():
                    counts.wrong.append(f"{job.__name__.strip('_')} ended early: {worker.refused()[:1]}")
        told = {path.name: _lines(path) for path in sorted(folder.glob("*.jsonl"))}
        with open_store(folder / "store", Clock(), url) as store:
            _judge(counts, store, told)
            quiet = [_timed(store, None)["seconds"] for _ in range(_QUIET_READS)]
    counts.title += f" ({_words(told, quiet, seconds)})"
    return counts


def _begin(store: DiskStore) -> None:
    with store.stage() as staging:
        staging.put_boundary_set(wards())
        staging.commit("import boundaries", WHO, {})


# --- importers ------------------------------------------------------------------------------------


def rows_of(token: int, slot: str) -> pl.DataFrame:
    """Return the rows that an import puts into a slot; in a force export half of the crime numbers come again."""
    if slot.startswith("incidents/police_uk/"):
        return incidents(token, slot.rpartition("/")[2])
    frame = incidents(token, MONTHS[token % len(MONTHS)])
    again = np.arange(frame.height) + token % 4 * frame.height // 2
    return frame.with_columns(crime_id=pl.Series([f"{slot}/{number}" for number in again]))


def _import(data_dir: Path, url: str, told: Path, seconds: float, seed: int) -> None:
    chance = random.Random(seed)
    slots = (*_SHARED, FORCE, f"{FORCE}{seed}")
    with open_store(data_dir, Clock(), url) as store, told.open("w") as log:
        end = time.monotonic() + seconds
        token = seed * 1_000_000
        while time.monotonic() < end:
            token += 1
            start = time.monotonic()
            act: dict[str, Any] = {"start": start}
            try:
                if chance.random() < 0.2:  # noqa: PLR2004 - one act in five
                    newest = len(store.versions())
                    undone = chance.randint(max(2, newest - _RECENT), max(2, newest))
                    act |= {"undone": undone, "version": store.undo(undone, WHO).number}
                else:
                    chosen = chance.sample(slots, chance.choice([1, 1, 2]))
                    made = _put(store, token, chosen)
                    act |= {"token": token, "slots": chosen, "version": made.number if made else None}
            except GeoServiceError as error:
                act |= {"refused": type(error).__name__, "said": error.message}
            log.write(json.dumps(act | {"end": time.monotonic()}) + "\n")


def _put(store: DiskStore, token: int, slots: Sequence[str]) -> Version | None:
    with store.stage() as staging:
        for slot in slots:
            staging.add_incidents(slot, rows_of(token, slot))
        for slot, rows in staging.partitions():
            staging.put_incidents(slot, rows)
            staging.put_assignment(slot, "wards", _ward(rows))
        return staging.commit("import incidents", WHO, {"token": token})


def _ward(rows: pl.DataFrame) -> np.ndarray[Any, np.dtype[np.int32]]:
    return (rows["cell_9"].to_numpy() % np.uint64(3)).astype(np.int32)


# --- readers --------------------------------------------------------------------------------------


class Held(NamedTuple):
    """Say what is in force at one version."""

    rows: str
    """SHA-256 of the sorted rows."""
    cube: str
    """The same of the totals by cell and ward, and by month."""


def _read(data_dir: Path, url: str, told: Path, seconds: float, seed: int) -> None:
    chance = random.Random(seed)
    with open_store(data_dir, Clock(), url) as store, told.open("w") as log:
        end = time.monotonic() + seconds
        newest = 1
        while time.monotonic() < end:
            asked = None if chance.random() < 0.5 else chance.randint(max(1, newest - _RECENT), newest)  # noqa: PLR2004
            start = time.monotonic()
            try:
                read = _timed(store, asked)
                newest = max(newest, read["version"])
            except GeoServiceError as error:
                read = {"asked": asked, "refused": type(error).__name__, "said": error.message}
            log.write(json.dumps(read | {"start": start}) + "\n")


def _timed(store: DiskStore, asked: int | None) -> dict[str, Any]:
    start = time.monotonic()
    snapshot = store.snapshot(asked)
    held = _held_by(snapshot)
    return {"asked": asked, "version": snapshot.version, "seconds": time.monotonic() - start, **held._asdict()}


def _held_by(snapshot: DiskSnapshot) -> Held:
    """Read everything of a snapshot."""
    rows = snapshot.incidents(list(COLUMNS))
    if not snapshot.months():
        return Held(_hash(rows), "")
    cube = snapshot.cube(9, "wards")
    counted = pl.DataFrame({"cell": cube.cell, "ward": cube.member, "count": cube.totals})
    by_cell = counted.group_by("cell", "ward").agg(pl.col("count").cast(pl.Int64).sum())
    by_month = {month: int(cube.counts.between(at, at + 1).sum()) for at, month in enumerate(cube.steps.tolist())}
    return Held(_hash(rows), _cube_hash(by_cell, by_month))


def _cube_hash(by_cell: pl.DataFrame, by_month: Mapping[int, int]) -> str:
    cells = sorted(row for row in by_cell.rows() if row[2])
    return hashlib.sha256(repr((cells, sorted(by_month.items()))).encode()).hexdigest()


def _hash(rows: pl.DataFrame) -> str:
    return hashlib.sha256(rows.sort(COLUMNS).write_csv().encode()).hexdigest()


# --- what every version must hold -----------------------------------------------------------------


def _expected(acts: Sequence[dict[str, Any]]) -> Iterator[tuple[int, Held]]:
    """Yield each version with what it must hold, from what the importers put in, in the order of the versions."""
    states: dict[int, dict[str, pl.DataFrame]] = {1: {}}
    changed: dict[int, list[str]] = {1: []}
    yield 1, _held(states[1])
    for act in sorted(acts, key=lambda act: int(act["version"])):
        number = act["version"]
        if number - 1 not in states or number in states:
            return
        state = dict(states[number - 1])
        if "undone" in act:
            changed[number] = changed[act["undone"]]
            before = states[act["undone"] - 1]
            state = {slot: rows for slot, rows in state.items() if slot not in changed[number]}
            state |= {slot: before[slot] for slot in changed[number] if slot in before}
        else:
            changed[number] = act["slots"]
            state |= {
                slot: _merged(state.get(slot), rows_of(act["token"], slot).select(COLUMNS)) for slot in act["slots"]
            }
        states[number] = state
        yield number, _held(state)


def _merged(old: pl.DataFrame | None, new: pl.DataFrame) -> pl.DataFrame:
    """Let rows take the place of those of the same crime number in a force export, of all rows elsewhere."""
    if old is None or not str(new["crime_id"][0]).startswith(FORCE):
        return new
    return pl.concat([old.filter(~pl.col("crime_id").is_in(new["crime_id"].to_list())), new])


def _held(state: Mapping[str, pl.DataFrame]) -> Held:
    if not state:
        return Held(_hash(incidents(0, MONTHS[0])[:0].select(COLUMNS)), "")
    rows = pl.concat(state.values()).select(COLUMNS)
    by_cell = rows.group_by(cell="cell_9").agg(pl.len().cast(pl.Int64).alias("count"))
    by_cell = by_cell.select("cell", (pl.col("cell") % 3).cast(pl.Int32).alias("ward"), "count")
    return Held(_hash(rows), _cube_hash(by_cell, dict(rows.group_by("month").len().rows())))


def _judge(counts: Counts, store: DiskStore, told: Mapping[str, Sequence[dict[str, Any]]]) -> None:
    acts = [act for name, acts in told.items() if name.startswith("_import") for act in acts]
    reads = [read for name, reads in told.items() if name.startswith("_read") for read in reads]
    done = [act for act in acts if act.get("version")]
    held = dict(_expected(done))
    made = len(store.versions())
    if sorted(held) != list(range(1, made + 1)) or len(done) != made - 1:
        counts.wrong.append(f"{made} versions are stored, {len(done)} were acknowledged, {len(held)} follow each other")
    for act in acts:
        refused = act.get("refused")
        clean = refused is None or refused == ConflictError.__name__
        done_as = "undo" if "undone" in act else "import" if "token" in act else "conflict"
        counts.note(done_as if clean else "refusal", None if clean else act["said"])
    acknowledged = sorted((act["end"], act["version"]) for act in done)
    _judge_reads(counts, reads, held, acknowledged)
    newest = _timed(store, None)
    if Held(newest["rows"], newest["cube"]) != held.get(made):
        counts.wrong.append("the newest version does not hold what was put in")
    counts.wrong += [said for said in store.check() if "MB are free" not in said]


def _judge_reads(
    counts: Counts, reads: Sequence[dict[str, Any]], held: Mapping[int, Held], acknowledged: Sequence[tuple[float, int]]
) -> None:
    ends, numbers = [end for end, _ in acknowledged], [number for _, number in acknowledged]
    newest = np.maximum.accumulate([1, *numbers])
    for read in reads:
        if "refused" in read:
            counts.note("read refused", f"{read['refused']}: {read['said']}")
            continue
        wrong = None
        if Held(read["rows"], read["cube"]) != held.get(read["version"]):
            wrong = f"version {read['version']} was read as no version is"
        elif read["asked"] is None and read["version"] < newest[np.searchsorted(ends, read["start"])]:
            wrong = f"version {read['version']} was read after a later one was acknowledged"
        elif read["asked"] not in (None, read["version"]):
            wrong = f"version {read['version']} was read instead of {read['asked']}"
        counts.note("read of the newest" if read["asked"] is None else "read of an earlier one", wrong)


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def _words(told: Mapping[str, Sequence[dict[str, Any]]], quiet: Sequence[float], seconds: float) -> str:
    every = [line for lines in told.values() for line in lines]
    busy = [line["seconds"] for line in every if "seconds" in line]
    acts = [line["end"] - line["start"] for line in every if line.get("version") and "end" in line]
    refused = Counter(line["refused"] for line in every if "refused" in line)
    parts = [
        f"{len(acts) / seconds:.1f} versions a second",
        f"read {_spread(busy)} ms, with nobody importing {_spread(quiet)} ms",
        f"import {_spread(acts)} ms (median, 95th, longest)",
        f"refused: {dict(refused)}",
    ]
    return "; ".join(parts)


def _spread(seconds: Sequence[float]) -> str:
    if not seconds:
        return "-"
    return "/".join(f"{1000 * value:.0f}" for value in np.quantile(seconds, [0.5, 0.95, 1.0]))
