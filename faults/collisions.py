"""Edits of the same rows by several processes at once: each is applied or refused, none that was applied is lost."""

from __future__ import annotations

import hashlib
import multiprocessing
import tempfile
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from faults.acts import Clock
from faults.counts import Counts
from geo_service.errors import ConflictError, LostRaceError
from geo_service.model.access import OPERATOR, Principal
from geo_service.store import open_store

if TYPE_CHECKING:
    from collections.abc import Sequence
    from multiprocessing.synchronize import Barrier

    from faults.cluster import Cluster
    from geo_service.model.access import Item
    from geo_service.store.items import LedgerItems

_SPAWNING = multiprocessing.get_context("forkserver")
_SPAWNING.set_forkserver_preload([__name__, "pandas", "geo_service.store.sqlite", "geo_service.store.postgres"])
_KIND: Final = "note"
_ROWS: Final = ("first", "second")
_LONGEST_START_S: Final = 120
_start: Barrier | None = None


class Sent(NamedTuple):
    """Say what became of one edit."""

    row: str
    edit: str
    version: int
    """The version that it made; 0 where it was refused."""
    wrong: str = ""


@dataclass(frozen=True)
class _Job:
    data_dir: Path
    url: str
    edits: int
    careless: bool
    """Whether to write what was read at the start over whatever is there, as one does who asks for no version."""


def collisions(edits: int, workers: int, cluster: Cluster | None = None, *, careless: bool = False) -> Counts:
    """Send edits from several processes that all read the same rows; look afterwards for what became of each."""
    counts = Counts(f"colliding edits on {'PostgreSQL' if cluster else 'SQLite'}, {workers} processes")
    with tempfile.TemporaryDirectory(prefix="collisions-") as folder:
        job = _Job(Path(folder) / "data", cluster.new_database() if cluster else "", edits // workers, careless)
        with open_store(job.data_dir, Clock(), job.url) as store:
            items = store.items(_KIND, Principal("first", OPERATOR))
            for row in _ROWS:
                items.put(row, {"count": 0, "chain": "", "last": ""}, version=0)
            with _SPAWNING.Pool(workers, _meet_at, [_SPAWNING.Barrier(workers)]) as pool:
                sent = [one for some in pool.map(partial(_send, job), range(workers), 1) for one in some]
            for one in sent:
                counts.note("applied" if one.version else "refused", one.wrong or None)
            if len(sent) != job.edits * workers:
                counts.wrong.append(f"{job.edits * workers} were sent, {len(sent)} answered")
            counts.wrong += _lost(items, sent)
            events = sum(event.act.endswith(f"{_KIND} changed") for event in store.events(None))
            if events != counts.outcomes["applied"]:
                counts.wrong.append(f"{counts.outcomes['applied']} were applied, {events} written down")
            counts.wrong += store.check()
    return counts


def _lost(items: LedgerItems, sent: Sequence[Sent]) -> list[str]:
    """Return in words where the rows are not what the applied edits together make of them."""
    wrong = []
    for row in _ROWS:
        applied = sorted((one.version, one.edit) for one in sent if one.row == row and one.version)
        chain = ""
        for _, edit in applied:
            chain = _linked(chain, edit)
        held = items.get(row)
        if [version for version, _ in applied] != list(range(2, len(applied) + 2)):
            wrong.append(f"{row}: two edits made one version, or none made it")
        if held.version != len(applied) + 1 or held.content["count"] != len(applied):
            wrong.append(f"{row}: {len(applied)} applied, version {held.version}, count {held.content['count']}")
        if held.content["chain"] != chain or held.content["last"] != (applied[-1][1] if applied else ""):
            wrong.append(f"{row}: an applied edit is not in it")
    return wrong


def _linked(chain: str, edit: str) -> str:
    return hashlib.sha256(f"{chain}/{edit}".encode()).hexdigest()


def _meet_at(barrier: Barrier) -> None:
    global _start  # noqa: PLW0603 - a worker is given it once, when it is made
    _start = barrier


def _send(job: _Job, worker: int) -> list[Sent]:
    """Edit the rows in turn, each edit made on what was just read."""
    name = f"worker {worker}"
    with open_store(job.data_dir, Clock(), job.url) as store:
        items = store.items(_KIND, Principal(name, OPERATOR))
        read = {row: items.get(row) for row in _ROWS} if job.careless else {}
        # Whoever is ready first must not be done before the others begin.
        assert _start is not None  # noqa: S101 - given when the worker was made
        _start.wait(_LONGEST_START_S)
        return [
            _edit(items, row, f"{worker}/{number}", read.get(row))
            for number in range(job.edits)
            for row in [_ROWS[number % len(_ROWS)]]
        ]


def _edit(items: LedgerItems, row: str, edit: str, read: Item | None) -> Sent:
    """Edit a row as it is now, or carelessly as it was read before, under whatever version it has by now."""
    held = read or items.get(row)
    count, chain = held.content["count"], str(held.content["chain"])
    assert isinstance(count, int)  # noqa: S101 - it was written here
    content = {"count": count + 1, "chain": _linked(chain, edit), "last": edit}
    try:
        made = items.put(row, content, version=items.get(row).version if read else held.version)
    except LostRaceError as lost:
        told = set(lost.changed) == set(content) and all(who.startswith("worker") for who, _ in lost.changed.values())
        return Sent(row, edit, 0, "" if told else f"refused without saying what changed: {lost.changed}")
    except ConflictError:  # it waited too long for its turn
        return Sent(row, edit, 0)
    return Sent(row, edit, made.version)
