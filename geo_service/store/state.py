"""What the ledger says is in force at one version, and how one change turns it into the next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from geo_service.errors import ConflictError
from geo_service.store import slots


@dataclass(frozen=True, slots=True)
class FileRecord:
    """Describe one stored file as the ledger knows it."""

    sha256: str
    kind: str
    bytes: int
    rows: int
    first_month: int | None = None
    """Month.ordinal of the earliest incident; None for other kinds and where there are no rows."""
    last_month: int | None = None
    of_incidents: str | None = None
    """SHA-256 of the incident file whose rows an assignment belongs to."""
    of_boundaries: str | None = None
    """SHA-256 of the boundary file that an assignment was computed from."""
    months: str | None = None
    """Months that an incident file counts as held (see `slots.months_written`); None where nobody told.

    Releases before ledger revision 3 did not.
    """


@dataclass(frozen=True, slots=True)
class Held:
    """Name the file that fills a slot, and the version that put it there."""

    record: FileRecord
    version: int


class Change(NamedTuple):
    """Hold the file that a slot held before a version and the one that it held after."""

    old: FileRecord | None
    new: FileRecord | None


State: TypeAlias = Mapping[str, Held]
"""Slot -> file in force."""
Files: TypeAlias = Mapping[str, FileRecord]
"""Slot -> file, without the versions."""
Changes: TypeAlias = Mapping[str, FileRecord | None]
"""Slot -> file to put there, None to empty it."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """Hold what a staging wants to change, and the state that it was worked out from."""

    base: State
    puts: Files = field(default_factory=dict)
    drops: frozenset[str] = frozenset()
    erasures: int | None = None
    """Erasures that were known when it was begun: a later one may have been of rows that it holds."""

    def changes(self, now: State) -> Changes:
        """Return the slots that differ from the state in force.

        An assignment whose incidents or boundaries are replaced without a new one is emptied, so that no state
        ever pairs it with rows or areas that it was not computed from. Raises ConflictError where another
        change got in between, ValueError where the proposal contradicts itself.
        """
        self._refuse_lost_race(now)
        wanted = {slot: held.record for slot, held in now.items() if slot not in self.drops} | dict(self.puts)
        stale = stale_assignments(wanted)
        if contradictions := sorted(stale & self.puts.keys()):
            msg = f"assignment of other incidents or boundaries than those staged: {contradictions[0]}"
            raise ValueError(msg)
        return difference(now, {slot: record for slot, record in wanted.items() if slot not in stale})

    def _refuse_lost_race(self, now: State) -> None:
        watched = set(self.puts) | self.drops
        kinds = {slots.kind_of(slot) for slot in watched}
        everything = now.keys() | self.base.keys()
        # New incidents were assigned to the sets known then, a new set was assigned the incidents known then.
        if slots.INCIDENTS in kinds:
            watched |= {slot for slot in everything if slots.kind_of(slot) == slots.BOUNDARIES}
        if slots.BOUNDARIES in kinds:
            watched |= {slot for slot in everything if slots.kind_of(slot) == slots.INCIDENTS}
        # Partitions were cut knowing all that their whole held.
        families = {slots.family_of(slot) for slot in watched}
        watched |= {slot for slot in everything if slots.family_of(slot) in families}
        for slot in [slot for slot in watched if slots.kind_of(slot) == slots.ASSIGNMENTS]:
            boundary_set, incidents = slots.parts_of_assignment(slot)
            watched |= {incidents, slots.boundary_slot(boundary_set)}
        for slot in sorted(watched):
            found = sha_in(now, slot)
            if found not in {sha_in(self.base, slot), self._proposed(slot)}:
                raise ConflictError(
                    f"Another import changed {slot} while this one ran, so nothing of this one was kept",
                    found=f"version {now[slot].version}" if slot in now else None,
                    do="Run it again",
                )

    def _proposed(self, slot: str) -> str | None:
        if slot in self.puts:
            return self.puts[slot].sha256
        # Only a slot that is to be emptied may be found empty.
        return None if slot in self.drops else sha_in(self.base, slot)


def sha_in(state: State, slot: str) -> str | None:
    """Return the SHA-256 of the file in a slot, None where the slot is empty."""
    held = state.get(slot)
    return None if held is None else held.record.sha256


def difference(now: State, wanted: Files) -> Changes:
    """Return what must change for the state in force to hold exactly `wanted`."""
    changes: dict[str, FileRecord | None] = {slot: None for slot in now if slot not in wanted}
    changes |= {slot: record for slot, record in wanted.items() if sha_in(now, slot) != record.sha256}
    return dict(sorted(changes.items()))


def stale_assignments(wanted: Files) -> set[str]:
    """Return the assignment slots that belong to other incidents or boundaries than those beside them."""
    stale = set()
    for slot, record in wanted.items():
        if slots.kind_of(slot) != slots.ASSIGNMENTS:
            continue
        boundary_set, incidents = slots.parts_of_assignment(slot)
        beside = (wanted.get(incidents), wanted.get(slots.boundary_slot(boundary_set)))
        found = tuple(None if other is None else other.sha256 for other in beside)
        if found != (record.of_incidents, record.of_boundaries):
            stale.add(slot)
    return stale
