"""The data as it was at one version, read only from files that are proved right."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl

from geo_service.errors import DamagedFileError, NotFoundError
from geo_service.model.incidents import GROUP_COLUMNS, REJECT_SCHEMA
from geo_service.model.periods import Month
from geo_service.store import columns as stored
from geo_service.store import slots
from geo_service.store.cubes import CubeShelf, Wanted, cube_key
from geo_service.store.selection import Selection, cell_column
from geo_service.store.state import sha_in

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from geo_service.model.boundaries import BoundarySet
    from geo_service.model.cells import Cells, Cube
    from geo_service.model.denominators import Denominator
    from geo_service.model.offences import HarmTable
    from geo_service.model.periods import Period
    from geo_service.spatial.binning import CubeBuilder
    from geo_service.store.files import FileShelf
    from geo_service.store.ledger import Ledger
    from geo_service.store.state import Held, State


@dataclass(frozen=True, slots=True)
class KeptTiles:
    """Name a stored file of map tiles (port `TileFile`)."""

    path: Path
    sha256: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Shelves:
    """Hold what all snapshots of one store share."""

    ledger: Ledger
    files: FileShelf
    cubes: CubeShelf
    boundary_sets: dict[str, BoundarySet] = field(default_factory=dict)
    """Boundary sets read so far, by the SHA-256 of their file."""
    lock: threading.Lock = field(default_factory=threading.Lock)


class DiskSnapshot:
    """Read one version; later changes do not show."""

    def __init__(self, shelves: Shelves, version: int, state: State) -> None:
        """Read the files that `state` names."""
        self._shelves = shelves
        self._version = version
        self._state = state

    @property
    def version(self) -> int:
        """Return the version's number; 0 is the empty store."""
        return self._version

    def slots(self, prefix: str = "") -> Mapping[str, str]:
        """Return slot -> SHA-256 of its file, of the slots that begin with `prefix`."""
        return {slot: held.record.sha256 for slot, held in self._held(prefix).items()}

    def months(self) -> tuple[Month, ...]:
        """Return the months that any source holds, ascending."""
        return tuple(sorted({month for months in self.months_by_source().values() for month in months}))

    def months_by_source(self) -> Mapping[str, tuple[Month, ...]]:
        """Return the months that each source (reader and force, such as `force_csv/northshire`) holds, ascending.

        A slot that is named after a month holds that month, even without incidents. Of a force export, which has no
        file for each month, those months are held that incidents fell in which were recorded soon after (see
        `columns.held_months`): one false old date, or a gap between two exports, holds nothing.
        """
        found: dict[str, set[int]] = {}
        spans: dict[str, list[int]] = {}
        all_ends: dict[str, set[int]] = {}
        for slot, held in self._held(f"{slots.INCIDENTS}/").items():
            source = slots.force_of(slot).removeprefix(f"{slots.INCIDENTS}/")
            months = found.setdefault(source, set())
            ends = [end for end in (held.record.first_month, held.record.last_month) if end is not None]
            all_ends.setdefault(source, set()).update(ends)
            named = slots.month_of(slot)
            if named is not None:
                months |= {named.ordinal, *ends}
            elif held.record.months is not None:
                months |= slots.months_read(held.record.months)
            else:
                spans.setdefault(source, []).extend(ends)
        for source, span in spans.items():
            # A release that did not tell the months counted all from the first incident to the last.
            found[source].update(range(min(span), max(span) + 1) if span else ())
        # A source of nothing but old offences holds at least the months that these fell in first and last.
        return {
            source: tuple(map(Month, sorted(months or all_ends[source]))) for source, months in sorted(found.items())
        }

    def sources(self) -> tuple[str, ...]:
        """Return the readers whose incidents are present."""
        return tuple(sorted({slots.reader_of(slot) for slot in self._held(f"{slots.INCIDENTS}/")}))

    def incidents(
        self,
        columns: Sequence[str],
        *,
        period: Period | None = None,
        cells: Cells | None = None,
        resolution: int = 10,
    ) -> pl.DataFrame:
        """Read columns of the incidents of some months and cells, slot by slot in stored order.

        cells: cell numbers (uint64) at `resolution`. Raises QueryError for an unknown column or resolution,
        DamagedFileError where a file that holds any of the months is damaged.
        """
        selection = Selection.of(columns, period, cells, resolution)
        frames = [selection.empty()]
        for slot, held in self._held(f"{slots.INCIDENTS}/").items():
            if selection.may_hold(held.record.first_month, held.record.last_month):
                table = self._shelves.files.read(slot, held.record, selection.needed, selection.row_groups)
                frames.append(selection.rows(stored.to_polars(table)))
        return pl.concat(frames)

    def incident_slot(self, slot: str) -> pl.DataFrame:
        """Read all columns of one incident file; raise NotFoundError for an empty slot."""
        return stored.chosen_columns(
            stored.to_polars(self._shelves.files.read(slot, self._record(slot, "incidents").record)),
            stored.STORED_SCHEMA,
        )

    def assignment(self, slot: str, boundary_set: str) -> NDArray[np.int32]:
        """Return the member of each row of an incident file, in row order; OUTSIDE where in none.

        Raises NotFoundError where the rows were never assigned to the set, DamagedFileError where the stored
        members belong to other rows or areas.
        """
        incidents = self._record(slot, "incidents").record.sha256
        areas = self._record(slots.boundary_slot(boundary_set), "boundary set").record.sha256
        place = slots.assignment_slot(boundary_set, slot)
        held = self._state.get(place)
        if held is None:
            raise NotFoundError(
                f"The incidents of {slot} have not been assigned to the boundary set {boundary_set}",
                do="Import the boundary set again",
                field="boundary_set",
            )
        table = self._shelves.files.read(place, held.record)
        told = table.schema.metadata or {}
        found = tuple(told.get(name.encode(), b"").decode() for name in (stored.OF_INCIDENTS, stored.OF_BOUNDARIES))
        if found != (incidents, areas):
            raise DamagedFileError(
                f"The stored file of {place} belongs to other incidents or boundaries",
                do=slots.mend(place),
                field=place,
            )
        members: NDArray[np.int32] = table["member"].to_numpy()
        return members

    def boundary_sets(self) -> Mapping[str, BoundarySet]:
        """Return the imported boundary sets by id."""
        prefix = f"{slots.BOUNDARIES}/"
        return {slot.removeprefix(prefix): self._boundary_set(slot, held) for slot, held in self._held(prefix).items()}

    def cube(self, resolution: int, boundary_set: str | None = None) -> Cube:
        """Return the cube at a resolution, split by the members of a boundary set where one is named.

        Raises NotFoundError where no incidents are stored or the set is not imported, QueryError for an unknown
        resolution.
        """
        selection = Selection.of((*GROUP_COLUMNS, "month", cell_column(resolution)), None, None, resolution)
        incidents = self._held(f"{slots.INCIDENTS}/")
        if not self.months():
            raise NotFoundError("No incidents are stored", do="Import some with `geo-service import incidents`")
        if boundary_set is not None:
            self._record(slots.boundary_slot(boundary_set), "boundary set")
        split = [slots.assignment_slot(boundary_set, slot) if boundary_set else "" for slot in incidents]
        unassigned = [
            slot for slot, place in zip(incidents, split, strict=True) if place and not sha_in(self._state, place)
        ]
        if unassigned:
            # A cube that exists already must not hide that its set was never assigned: it would answer zero.
            raise NotFoundError(
                f"Incidents are not assigned to the boundary set {boundary_set}",
                found=f"{len(unassigned)} parts of {len(incidents)}, the first {unassigned[0]}",
                do="Import the boundary set again",
                field="boundary_set",
            )
        made_from = [
            (slot, held.record.sha256, sha_in(self._state, place) or "")
            for (slot, held), place in zip(incidents.items(), split, strict=True)
        ]
        months = self.months_by_source()

        def fill(builder: CubeBuilder) -> None:
            for slot, held in incidents.items():
                table = self._shelves.files.read(slot, held.record, selection.needed)
                builder.add(
                    stored.to_polars(table), None if boundary_set is None else self.assignment(slot, boundary_set)
                )

        return self._shelves.cubes.get(Wanted(cube_key(resolution, made_from, months), resolution, months, fill))

    def postcodes(self) -> pl.DataFrame | None:
        """Return the imported postcode centres, None where there are none."""
        return self._optional(slots.POSTCODES)

    def features(self, layer: str, columns: Sequence[str] | None = None) -> pl.DataFrame | None:
        """Return the imported features of a layer (`wkb` column for geometry), None where there are none.

        columns: those that are read, where the features have them; all by default.
        """
        return self._optional(slots.feature_slot(layer), columns)

    def tiles(self, name: str) -> KeptTiles | None:
        """Return a file of map tiles, None where there is none; raise DamagedFileError where it is not what it was."""
        slot = slots.tile_slot(name)
        held = self._state.get(slot)
        if held is None:
            return None
        return KeptTiles(self._shelves.files.proved(slot, held.record), held.record.sha256, held.record.bytes)

    def denominators(self) -> Mapping[str, Denominator]:
        """Return the imported denominators by id."""
        held = self._held(f"{slots.DENOMINATORS}/").items()
        read = [stored.denominator_of(self._shelves.files.read(slot, found.record)) for slot, found in held]
        return {denominator.id: denominator for denominator in read}

    def harm_tables(self) -> Mapping[str, HarmTable]:
        """Return the imported harm tables by id."""
        held = self._held(f"{slots.HARM_TABLES}/").items()
        read = [stored.harm_table_of(self._shelves.files.read(slot, found.record)) for slot, found in held]
        return {table.id: table for table in read}

    def rejects(self, version: int | None = None) -> pl.DataFrame:
        """Return the rejected rows in force, or those of one import, with the column `version` first.

        `version` is the version that put the rows there. Raises NotFoundError for an unknown one.
        """
        prefix = f"{slots.REJECTS}/"
        ledger = self._shelves.ledger
        held = self._held(prefix) if version is None else ledger.put_by(version, prefix, self._version)
        frames = [pl.DataFrame(schema={"version": pl.Int64, **REJECT_SCHEMA})]
        for slot, found in held.items():
            rows = stored.to_polars(self._shelves.files.read(slot, found.record))
            frames.append(rows.select(pl.lit(found.version, pl.Int64).alias("version"), *REJECT_SCHEMA))
        return pl.concat(frames)

    def _held(self, prefix: str) -> dict[str, Held]:
        return {slot: held for slot, held in self._state.items() if slot.startswith(prefix)}

    def _record(self, slot: str, what: str) -> Held:
        if slot not in self._state:
            beside = ", ".join(name.rpartition("/")[2] for name in self._held(f"{slots.kind_of(slot)}/")) or "none"
            raise NotFoundError(
                f"No {what} of that name in version {self._version}",
                found=slot.partition("/")[2],
                do=f"There are: {beside}",
            )
        return self._state[slot]

    def _boundary_set(self, slot: str, held: Held) -> BoundarySet:
        with self._shelves.lock:
            known = self._shelves.boundary_sets.get(held.record.sha256)
        if known is None:
            known = stored.boundary_set_of(self._shelves.files.read(slot, held.record))
            with self._shelves.lock:
                self._shelves.boundary_sets[held.record.sha256] = known
        return known

    def _optional(self, slot: str, columns: Sequence[str] | None = None) -> pl.DataFrame | None:
        held = self._state.get(slot)
        return None if held is None else stored.to_polars(self._shelves.files.read(slot, held.record, columns))
