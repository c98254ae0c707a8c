"""Gathering the parts of one change in a temporary folder; nobody sees them before `commit`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from geo_service.errors import NotFoundError
from geo_service.model.incidents import REJECT_SCHEMA
from geo_service.store import columns, slots
from geo_service.store.disk import disk_errors
from geo_service.store.files import FileShelf, WrittenFile, write_file
from geo_service.store.ledger import Act
from geo_service.store.state import FileRecord, Proposal, State

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    import pyarrow as pa
    from numpy.typing import NDArray

    from geo_service.model.access import Principal, Version
    from geo_service.model.boundaries import BoundarySet
    from geo_service.store.erasures import History
    from geo_service.store.ledger import Ledger


class DiskStaging:
    """Gather one change; memory holds one slot at a time, the rest waits on disk."""

    def __init__(self, ledger: Ledger, shelf: FileShelf, folder: Path, history: History) -> None:
        """Gather it in `folder`, against the newest state of `history`."""
        self._ledger = ledger
        self._shelf = shelf
        self._folder = folder
        self._base: State = history.chronicle.state
        self._erasures = len(history.erasures)
        self._erased = history.numbers
        self._incidents = _Spill(folder, "incidents", columns.STORED_SCHEMA)
        self._rejects = _Spill(folder, "rejects", REJECT_SCHEMA)
        self._puts: dict[str, WrittenFile] = {}

    def erased(self, crime_id: pl.Series) -> pl.Series:
        """Return the day on which each crime number was erased (String, YYYY-MM-DD), null for all others."""
        if self._erased is None:
            return pl.Series("erased", [None] * len(crime_id), dtype=pl.String)
        return self._erased.days(crime_id)

    def add_incidents(self, slot: str, frame: pl.DataFrame) -> None:
        """Put a batch of rows aside for a slot; an empty batch makes the slot a month without incidents.

        frame: the columns of STORED_SCHEMA, others are left out. Raises ValueError for a missing column.
        """
        self._incidents.add(slots.incident_slot(slot), frame)

    def add_rejects(self, slot: str, frame: pl.DataFrame) -> None:
        """Put rejected rows aside under a key; they replace those kept under it, none empty it."""
        self._rejects.add(slots.reject_slot(slot), frame)

    def partitions(self) -> Iterator[tuple[str, pl.DataFrame]]:
        """Yield each slot that rows were put aside for, with its final rows in stored order.

        Rows of a slot replace what the slot held; in a force export each replaces the row of its crime number.
        """
        for slot in self._incidents.slots():
            yield slot, self._final_rows(slot)

    def put_incidents(self, slot: str, frame: pl.DataFrame) -> None:
        """Write the final rows of a slot; raise ValueError where they are not in stored order."""
        rows = columns.stored_incidents(frame)
        if not rows.equals(columns.chosen_columns(frame, columns.STORED_SCHEMA)):
            msg = f"the rows of {slot} are not in stored order: take them from partitions()"
            raise ValueError(msg)
        self._write_incidents(slots.incident_slot(slot), rows)

    def put_assignment(self, slot: str, boundary_set: str, member: NDArray[np.int32]) -> None:
        """Write the members of the rows of a slot, in row order.

        Raises NotFoundError where the incidents or the boundary set are neither staged nor stored, ValueError
        for a wrong number of members.
        """
        incidents = self._record(slot, "No incidents of that slot")
        boundaries = self._record(slots.boundary_slot(boundary_set), "No boundary set of that name")
        if np.shape(member) != (incidents.rows,):
            msg = f"{slot} has {incidents.rows} rows, but the members have shape {np.shape(member)}"
            raise ValueError(msg)
        of = {"of_incidents": incidents.sha256, "of_boundaries": boundaries.sha256}
        table = columns.assignment_table(np.asarray(member, dtype=np.int32), incidents.sha256, boundaries.sha256)
        self._put(slots.assignment_slot(boundary_set, slot), table, **of)

    def put_boundary_set(self, boundary_set: BoundarySet) -> None:
        """Write a boundary set; assignments to its earlier edition that are not put again are dropped."""
        self._put(slots.boundary_slot(boundary_set.id), columns.boundary_table(boundary_set))

    def put_postcodes(self, frame: pl.DataFrame) -> None:
        """Write postcode centres."""
        self._put(slots.POSTCODES, columns.to_arrow(frame))

    def put_features(self, layer: str, frame: pl.DataFrame) -> None:
        """Write the features of a layer; raise ValueError without a column `wkb`."""
        if "wkb" not in frame.columns:
            msg = f"features of {layer} have no column wkb"
            raise ValueError(msg)
        self._put(slots.feature_slot(layer), columns.to_arrow(frame))

    def commit(self, act: str, actor: Principal, detail: Mapping[str, object]) -> Version | None:
        """Make the change and its audit event one transaction; None where nothing differs.

        Slots that rows were put aside for and that nobody put are written too, so that no row is lost. Raises
        ConflictError, changing nothing, where another import changed one of the slots meanwhile.
        """
        for slot in self._incidents.slots():
            if slot not in self._puts:
                self._write_incidents(slot, self._final_rows(slot))
        emptied = set()
        for slot in self._rejects.slots():
            rows = columns.stored_rejects(self._rejects.rows(slot))
            if rows.is_empty():
                emptied.add(slot)
            else:
                self._put(slot, columns.to_arrow(rows))
        records = {slot: written.record for slot, written in self._puts.items()}
        proposal = Proposal(self._base, records, frozenset(emptied), self._erasures)
        written = list(self._puts.values())
        with disk_errors():
            return self._ledger.commit(proposal, lambda: self._shelf.placed(written), Act(act, actor, detail))

    def _final_rows(self, slot: str) -> pl.DataFrame:
        rows = self._incidents.rows(slot)
        if slots.reader_of(slot) in slots.REPLACED_ROW_BY_ROW:
            held = self._base.get(slot)
            old = columns.STORED_SCHEMA.to_frame()
            if held is not None:
                read = columns.to_polars(self._shelf.read(slot, held.record))
                old = columns.chosen_columns(read, columns.STORED_SCHEMA)
            rows = columns.replace_rows(old, rows)
        return columns.stored_incidents(rows)

    def _write_incidents(self, slot: str, rows: pl.DataFrame) -> None:
        first, last = rows["month"].min(), rows["month"].max()
        assert first is None or isinstance(first, int)  # noqa: S101 - the column is Int32
        assert last is None or isinstance(last, int)  # noqa: S101
        self._put(slot, columns.to_arrow(rows), first_month=first, last_month=last)

    def _put(self, slot: str, table: pa.Table, **about: int | str | None) -> None:
        with disk_errors():
            self._puts[slot] = write_file(self._folder, slots.kind_of(slot), table, **about)

    def _record(self, slot: str, missing: str) -> FileRecord:
        """Return the file that a slot will hold, staged before stored."""
        if slot in self._puts:
            return self._puts[slot].record
        if slot in self._base:
            return self._base[slot].record
        raise NotFoundError(missing, found=slot, do="Import it first")


class _Spill:
    """Keep batches of rows by slot in files, in the order they came."""

    def __init__(self, folder: Path, name: str, schema: pl.Schema) -> None:
        self._folder = folder
        self._name = name
        self._schema = schema
        self._batches: dict[str, list[Path]] = {}
        self._count = 0

    def add(self, slot: str, frame: pl.DataFrame) -> None:
        rows = columns.chosen_columns(frame, self._schema)
        batches = self._batches.setdefault(slot, [])
        if rows.is_empty():
            return
        path = self._folder / f"{self._name}-{self._count:08d}.arrow"
        with disk_errors(), path.open("wb") as file:
            rows.write_ipc(file, compression="lz4")
        self._count += 1
        batches.append(path)

    def slots(self) -> list[str]:
        return sorted(self._batches)

    def rows(self, slot: str) -> pl.DataFrame:
        empty = self._schema.to_frame()
        with disk_errors():
            return pl.concat([empty, *(pl.read_ipc(path) for path in self._batches[slot])])
