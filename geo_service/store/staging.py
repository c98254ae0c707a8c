"""Gathering the parts of one change in a temporary folder; nobody sees them before `commit`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from geo_service.errors import NotFoundError
from geo_service.model.incidents import REJECT_SCHEMA
from geo_service.store import columns, slots
from geo_service.store.acts import Act
from geo_service.store.disk import disk_errors
from geo_service.store.files import FileShelf, WrittenFile, write_content, write_file
from geo_service.store.spill import FINEST, Spill, row_keys
from geo_service.store.state import FileRecord, Proposal, State

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    import pyarrow as pa
    from numpy.typing import NDArray

    from geo_service.model.access import Principal, Version
    from geo_service.model.boundaries import BoundarySet
    from geo_service.model.denominators import Denominator
    from geo_service.model.offences import HarmTable
    from geo_service.store.erasures import History
    from geo_service.store.ledger import Ledger

MOST_ROWS: Final = 500_000
"""Most rows of one partition of a force export, about 100 MB in memory; a hundred million rows still keep it."""


def partitions_for(rows: int) -> int:
    """Return the power of two partitions that keep so many rows of one slot below MOST_ROWS each."""
    return min(1 << max((rows - 1) // MOST_ROWS, 0).bit_length(), FINEST)


class DiskStaging:
    """Gather one change; memory holds one slot or hash partition at a time, the rest waits on disk."""

    def __init__(self, ledger: Ledger, shelf: FileShelf, folder: Path, history: History) -> None:
        """Gather it in `folder`, against the newest state of `history`."""
        self._ledger = ledger
        self._shelf = shelf
        self._folder = folder
        self._base: State = history.chronicle.state
        self._erasures = len(history.erasures)
        self._erased = history.numbers
        self._incidents = Spill(folder, "incidents", columns.STORED_SCHEMA, slots.is_row_by_row)
        self._held = Spill(folder, "held", columns.STORED_SCHEMA, slots.is_row_by_row)
        self._rejects = Spill(folder, "rejects", REJECT_SCHEMA)
        self._puts: dict[str, WrittenFile] = {}
        self._drops: set[str] = set()
        self._yielded: dict[str, set[str]] = {}
        """Partitions of each slot that `partitions` gave so far."""
        self._finished: set[str] = set()
        self._parts: dict[str, int] = {}
        """Partitions that each slot is cut into, where that is known already."""
        self._given: pl.DataFrame | None = None
        """The newest rows of `partitions`: they are in stored order and need not be sorted again."""

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

    @property
    def rows(self) -> int:
        """Return the rows put aside so far."""
        return sum(self._incidents.rows.values())

    def add_rejects(self, slot: str, frame: pl.DataFrame) -> None:
        """Put rejected rows aside under a key; they replace those kept under it, none empty it."""
        self._rejects.add(slots.reject_slot(slot), frame)

    def partitions(self) -> Iterator[tuple[str, pl.DataFrame]]:
        """Yield each slot that rows were put aside for, with its final rows in stored order.

        Rows of a slot replace what the slot held; in a force export each replaces the row of its crime number. A slot
        of a force export that would hold more than MOST_ROWS is cut by the hash of the crime number into partitions,
        which are slots of their own; what the slot or its fewer partitions held moves there.
        """
        for slot in self._incidents.slots():
            yield from self._final_rows(slot)

    def put_incidents(self, slot: str, frame: pl.DataFrame) -> None:
        """Write the final rows of a slot; raise ValueError where they are not in stored order."""
        if frame is not self._given:
            rows = columns.stored_incidents(frame)
            if not rows.equals(columns.chosen_columns(frame, columns.STORED_SCHEMA)):
                msg = f"the rows of {slot} are not in stored order: take them from partitions()"
                raise ValueError(msg)
            frame = rows
        self._write_incidents(slots.incident_slot(slot), frame)

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
        self._put(slots.feature_slot(layer), columns.feature_table(frame))

    def put_denominator(self, denominator: Denominator) -> None:
        """Write a denominator."""
        self._put(slots.denominator_slot(denominator.id), columns.denominator_table(denominator))

    def put_harm_table(self, table: HarmTable) -> None:
        """Write a harm table."""
        self._put(slots.harm_table_slot(table.id), columns.harm_arrow(table))

    def put_tiles(self, name: str, content: bytes) -> None:
        """Write a file of map tiles (PMTiles)."""
        slot = slots.tile_slot(name)
        with disk_errors():
            self._puts[slot] = write_content(self._folder, slots.kind_of(slot), content)

    def drop_tiles(self, name: str) -> None:
        """Take a file of map tiles out of the data, where there is one."""
        slot = slots.tile_slot(name)
        self._puts.pop(slot, None)
        if slot in self._base:
            self._drops.add(slot)

    def commit(self, act: str, actor: Principal, detail: Mapping[str, object]) -> Version | None:
        """Make the change and its audit event one transaction; None where nothing differs.

        Slots that rows were put aside for and that nobody put are written too, so that no row is lost. Raises
        ConflictError, changing nothing, where another import changed one of the slots meanwhile.
        """
        for slot in self._incidents.slots():
            if not self._is_put(slot):
                for part, rows in self._final_rows(slot):
                    if part not in self._puts:
                        self._write_incidents(part, rows)
        emptied = set(self._drops)
        for slot in self._rejects.slots():
            rows = columns.stored_rejects(self._rejects.part(slot))
            if rows.is_empty():
                emptied.add(slot)
            else:
                self._put(slot, columns.to_arrow(rows))
        records = {slot: written.record for slot, written in self._puts.items()}
        proposal = Proposal(self._base, records, frozenset(emptied), self._erasures)
        written = list(self._puts.values())
        with disk_errors():
            return self._ledger.commit(proposal, lambda: self._shelf.placed(written), Act(act, actor, detail))

    def _final_rows(self, slot: str) -> Iterator[tuple[str, pl.DataFrame]]:
        """Yield the partitions of a slot that change, with their final rows in stored order."""
        if not slots.is_row_by_row(slot):
            yield slot, self._sorted(self._incidents.part(slot))
            self._yielded[slot] = {slot}
            self._finished.add(slot)
            return
        held = [name for name in self._base if slots.whole_slot(name) == slot]
        parts = self._parts_of(slot, held)
        places = {slots.part_slot(slot, part, parts): part for part in range(parts)}
        moved = [name for name in held if name not in places]
        self._move(slot, moved)
        for name, part in places.items():
            new = self._incidents.part(slot, part, parts)
            old = [self._held.part(slot, part, parts), *(self._read_in_groups(name) if name in held else ())]
            if moved or new.height or parts == 1:
                self._yielded.setdefault(slot, set()).add(name)
                yield name, self._sorted(columns.replace_rows(pl.concat(old), new))
        self._finished.add(slot)

    def _move(self, slot: str, names: list[str]) -> None:
        """Put the rows of slots that are to be cut up aside, and empty them."""
        for name in names:
            if name not in self._drops:
                self._drops.add(name)
                for rows in self._read_in_groups(name):
                    self._held.add(slot, rows)

    def _sorted(self, rows: pl.DataFrame) -> pl.DataFrame:
        self._given = columns.stored_incidents(rows)
        return self._given

    def _parts_of(self, slot: str, held: list[str]) -> int:
        """Return into how many partitions a slot must be cut: never fewer than it is, and by its distinct rows alone.

        So a file that is imported again finds its rows where they are.
        """
        if slot not in self._parts:
            now = slots.parts_in(held)
            most = self._incidents.rows[slot] + sum(self._base[name].record.rows for name in held)
            if partitions_for(most) > now:
                keys = [row_keys(rows) for name in held for rows in self._read_in_groups(name)]
                most = len(np.unique(np.concatenate([self._incidents.keys(slot), *keys])))
            self._parts[slot] = max(partitions_for(most), now)
        return self._parts[slot]

    def _is_put(self, slot: str) -> bool:
        """Return whether all that `partitions` yields of a slot was yielded and put."""
        return slot in self._finished and self._yielded[slot] <= self._puts.keys()

    def _read_in_groups(self, slot: str) -> Iterator[pl.DataFrame]:
        """Yield the stored rows of a slot, some ten thousand at a time: an earlier release may have stored millions."""
        record = self._base[slot].record
        seen = group = 0
        while seen < record.rows:
            table = self._shelf.read(slot, record, choose=lambda _, group=group: [group])  # type: ignore[misc]
            yield columns.chosen_columns(columns.to_polars(table), columns.STORED_SCHEMA)
            seen, group = seen + table.num_rows, group + 1

    def _write_incidents(self, slot: str, rows: pl.DataFrame) -> None:
        self._put(slot, columns.to_arrow(rows), **columns.months_of(rows))

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
