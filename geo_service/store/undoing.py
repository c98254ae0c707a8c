"""Working out what an undo changes; nothing is read or written here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo_service.errors import ConflictError, QueryError
from geo_service.store import slots
from geo_service.store.state import difference, sha_in, stale_assignments

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geo_service.store.state import Change, Changes, State


def undo_changes(
    version: int, made: Mapping[str, Change], now: State, changed_last: Mapping[str, int], *, only: str = ""
) -> Changes:
    """Return the changes that put back what a version made, of the slots that contain `only`.

    made: what the version changed. now: the state in force. changed_last: the newest version that changed each
    slot. A boundary set and an incident slot take their assignments with them. Raises QueryError where `only`
    matches nothing, ConflictError where a slot has been changed since.
    """
    chosen = _choose(version, made, only)
    for slot, change in sorted(chosen.items()):
        put = None if change.new is None else change.new.sha256
        if sha_in(now, slot) != put and not _went_with_its_incidents(slot, now):
            later = changed_last[slot]
            raise ConflictError(
                f"Version {version} cannot be undone, because version {later} changed {slot} again",
                do=f"Undo version {later} first",
            )
    wanted = {slot: held.record for slot, held in now.items() if slot not in chosen}
    wanted |= {slot: change.old for slot, change in chosen.items() if change.old is not None}
    for slot in stale_assignments(wanted):
        del wanted[slot]
    changes = difference(now, wanted)
    if not changes:
        raise ConflictError(
            f"Nothing of version {version} is left to undo", do="See `geo-service versions` for what came after it"
        )
    return changes


def _choose(version: int, made: Mapping[str, Change], only: str) -> dict[str, Change]:
    chosen = {slot: change for slot, change in made.items() if only in slot}
    if not chosen:
        raise QueryError(
            f"Version {version} changed nothing of that name",
            found=only,
            do=f"It changed {listed(sorted(made))}",
            field="only",
        )
    # Half of the partitions of what was one slot would be half of its rows.
    families = {slots.family_of(slot) for slot in chosen}
    chosen = {slot: change for slot, change in made.items() if slots.family_of(slot) in families}
    for slot, change in made.items():
        if slots.kind_of(slot) == slots.ASSIGNMENTS:
            boundary_set, incidents = slots.parts_of_assignment(slot)
            if slots.boundary_slot(boundary_set) in chosen or incidents in chosen:
                chosen[slot] = change
    return chosen


def _went_with_its_incidents(slot: str, now: State) -> bool:
    """Return whether an assignment is gone only because its incidents are."""
    if slots.kind_of(slot) != slots.ASSIGNMENTS or slot in now:
        return False
    return slots.parts_of_assignment(slot)[1] not in now


def listed(names: list[str], most: int = 3) -> str:
    """Return the first few names in words."""
    said = ", ".join(names[:most])
    return said if len(names) <= most else f"{said} and {len(names) - most} more"
