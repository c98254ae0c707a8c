"""The store for one principal: what their roles do not have is refused, what lies outside their areas is not there."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from geo_service.errors import AccessError
from geo_service.model.access import COMBINATION, DISCLOSURE, KEEPERS, PLANNERS, READERS, AuditEvent, Role
from geo_service.model.accounts import ELSEWHERE
from geo_service.model.audit import kind_of
from geo_service.model.patrol import PATROL_PLAN, VISIT
from geo_service.model.safe_places import KIND as SAFE_PLACE
from geo_service.model.safe_places import WRONG_PLACE, SafePlace
from geo_service.store.acts import by
from geo_service.store.run_rows import KeptRun
from geo_service.store.scoped import ScopedSnapshot
from geo_service.store.scoped_items import ItemRules, ScopedItems, by_members, by_position

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from geo_service.model.access import Item, Principal, Version
    from geo_service.model.audit import AuditQuery, AuditTrail
    from geo_service.model.boundaries import Area
    from geo_service.model.ports import Items, Progress
    from geo_service.model.retention import BackupCopy, Erased, Kept, Wanted
    from geo_service.store.backups import Saved
    from geo_service.store.disk_store import DiskStore
    from geo_service.store.ledger import Clock
    from geo_service.store.scope import ScopeShelf
    from geo_service.store.staging import DiskStaging

_AUDITORS: Final = frozenset({Role.AUDITOR})
_COORDINATORS: Final = frozenset({Role.COORDINATOR})
_ITEMS: Final = {
    SAFE_PLACE: ItemRules(KEEPERS | _COORDINATORS, KEEPERS | _COORDINATORS, located=True),
    WRONG_PLACE: ItemRules(KEEPERS | _COORDINATORS, KEEPERS | _COORDINATORS),
    PATROL_PLAN: ItemRules(READERS, PLANNERS, scoped=True),
    VISIT: ItemRules(READERS, READERS, scoped=True),
}
"""Who may do what with the editable rows of a kind; of all others, KEEPERS everything."""


class StoreRepository:
    """Read and write the store as one principal."""

    def __init__(self, store: DiskStore, principal: Principal, clock: Clock, shelf: ScopeShelf) -> None:
        """Do so for `principal`; shelf: scopes found so far, shared by all."""
        self._store = store
        self._principal = principal
        self._clock = clock
        self._shelf = shelf

    @property
    def principal(self) -> Principal:
        """Return who it is for."""
        return self._principal

    @property
    def id(self) -> str:
        """Return what tells this store from every other one."""
        return self._store.head().store

    def snapshot(self, as_of: int | None = None) -> ScopedSnapshot:
        """Return the data as of a version, the newest by default; raise NotFoundError for an unknown one."""
        self._refuse_others(READERS | KEEPERS | _COORDINATORS)
        snapshot = self._store.snapshot(as_of)
        areas = self._principal.areas
        scope = None if areas is None else self._shelf.scope(snapshot, areas, self._clock().date())
        return ScopedSnapshot(snapshot, self._shelf, scope, crime=self._principal.may(READERS | KEEPERS))

    def stage(self) -> AbstractContextManager[DiskStaging]:
        """Open a change; leaving without commit leaves nothing behind."""
        self._refuse_others(KEEPERS)
        return self._store.stage()

    def versions(self) -> Sequence[Version]:
        """List the versions, oldest first; without what they changed for those who may not see everything."""
        self._refuse_others(READERS | KEEPERS | _AUDITORS)
        versions = self._store.versions()
        if self._principal.areas is None:
            return versions
        return [replace(version, detail={}, changed=()) for version in versions]

    def undo(self, version: int, *, only: str = "") -> Version:
        """Put back what a version changed (see `DiskStore.undo`)."""
        self._refuse_others(KEEPERS)
        return self._store.undo(version, self._principal, only=only)

    def same_person(self, one: str, other: str) -> bool:
        """Tell whether two accounts are known to be one person's: of one id, or of one subject elsewhere."""
        people = self._store.people()
        subjects = [_subjects(account, people.account(account)) for account in (one, other)]
        return one.casefold() == other.casefold() or bool(subjects[0] & subjects[1])

    def record(self, act: str, what: str, detail: Mapping[str, object] | None = None) -> None:
        """Write an audit event."""
        self._store.record(self._event(act, what, detail or {}))

    def trail(self, query: AuditQuery, limit: int | None = None) -> AuditTrail:
        """Return the audit events that are wanted, oldest first: the newest `limit` of them, or all for None."""
        self._refuse_others(_AUDITORS)
        return self._store.trail(query, limit)

    def unlike_log(self, lines: Iterable[str]) -> tuple[int, Sequence[str]]:
        """Hold the ledger to the lines of the system's log; return how many were of it, and what is wrong in words."""
        self._refuse_others(_AUDITORS)
        return self._store.unlike_log(lines)

    def events(self, limit: int | None = 100) -> Sequence[AuditEvent]:
        """List the newest audit events first, all of them for None."""
        self._refuse_others(_AUDITORS)
        return self._store.events(limit)

    def save_run(
        self, run_id: str, payload: str, version: int, area: Area, asked: Mapping[str, object] | None = None
    ) -> None:
        """Keep the zones or another analysis of a question about an area, and record that they were asked for."""
        self._refuse_others(PLANNERS)
        codes = frozenset(area.boundary_set.codes[at] for at in area.members)
        kind = (asked or {}).get("analysis")
        act, what = ("find zones", "zones") if kind is None else (f"keep {kind}", str(kind))
        event = self._event(f"{COMBINATION}: {act}", f"{what} {run_id}", asked or {})
        self._store.save_run(KeptRun(run_id, payload, area.boundary_set.id, codes), version, event)

    def runs(self) -> Sequence[tuple[str, str]]:
        """List (run id, payload) of the runs whose area may be seen, newest asked first."""
        self._refuse_others(READERS)
        runs = self._store.runs()
        if self._principal.areas is not None:
            seen = self._seen()
            runs = [run for run in runs if run.codes and run.codes <= seen.get(run.boundary_set, frozenset())]
        return [(run.id, run.payload) for run in runs]

    def items(self, kind: str) -> Items:
        """Return the editable rows of a kind."""
        rules = _ITEMS.get(kind, ItemRules())
        self._refuse_others(rules.readers | rules.writers)
        sees = None
        if self._principal.areas is not None:
            sees = by_members(self._seen) if rules.scoped else by_position(self.snapshot) if rules.located else None
        return ScopedItems(self._store.items(kind, self._principal), rules, self._principal, sees)

    def kept_places(self) -> Sequence[SafePlace]:
        """Return every Safe Place that a row is kept of, wherever it stands, without its notes and its history."""
        self._refuse_others(READERS | KEEPERS | _COORDINATORS)
        return [SafePlace.of(item).told for item in self._store.items(SAFE_PLACE, self._principal).all()]

    def _seen(self) -> Mapping[str, frozenset[str]]:
        """Return the codes of the members that may be seen, by boundary set."""
        return {set_id: frozenset(found.codes) for set_id, found in self.snapshot().boundary_sets().items()}

    def check(self, progress: Progress | None = None) -> Sequence[str]:
        """Return what is wrong with the store, in words; empty when all is well."""
        self._refuse_others(KEEPERS | _AUDITORS)
        return self._store.check(progress)

    def backup(
        self, target: Path, progress: Progress | None = None, also: Callable[[Path], object] | None = None
    ) -> Saved:
        """Copy all that is stored to a new folder while others read and write, and what `also` puts there."""
        self._refuse_others(KEEPERS)
        return self._store.backup(target, progress, also)

    def erase(self, wanted: Wanted, reason: str, *, look: bool = False) -> Erased:
        """Erase here and in every backup that can be reached (see `DiskStore.erase`)."""
        self._refuse_others(KEEPERS)
        return self._store.erase(wanted, reason, self._principal, look=look)

    def reach_backups(self) -> Sequence[BackupCopy]:
        """Go on with erasing in the backups that no erasure has reached yet, and say what became of each."""
        self._refuse_others(KEEPERS)
        return self._store.reach_backups(self._principal)

    def backups(self) -> Sequence[BackupCopy]:
        """List the backups that were made, oldest first."""
        self._refuse_others(KEEPERS)
        return self._store.copies.known()

    def old_backups(self, wanted: Wanted) -> Sequence[BackupCopy]:
        """List the backups that are older than they may be; never the newest one that is there."""
        self._refuse_others(KEEPERS)
        return self._store.copies.old(wanted)

    def forget_backup(self, path: Path, *, remove: bool) -> None:
        """Take a backup from the list: remove it, or believe that it was destroyed; raise NotFoundError."""
        self._refuse_others(KEEPERS)
        self._store.copies.forget(path, self._principal, remove=remove)

    def holdings(self, wanted: Wanted) -> Sequence[Kept]:
        """Count what is kept of each kind, and how much of it is wanted."""
        self._refuse_others(KEEPERS | _AUDITORS)
        return self._store.holdings(wanted)

    def _event(self, act: str, what: str, detail: Mapping[str, object]) -> AuditEvent:
        if kind_of(act) == DISCLOSURE:
            detail = {"recipient": self._principal.name, **detail}
        return AuditEvent(act, self._principal.name, what, self._clock(), by(self._principal, detail))

    def _refuse_others(self, roles: frozenset[Role]) -> None:
        if not self._principal.may(roles):
            raise AccessError("This is not for your role", found=", ".join(sorted(self._principal.roles)) or "no role")


def _subjects(account: str, kept: Item | None) -> set[str]:
    """Return by what the organisation's own sign-in knows whose account it is; empty where it does not."""
    said = {account.removeprefix(ELSEWHERE)} if account.startswith(ELSEWHERE) else set()
    subject = "" if kept is None else str(kept.content.get("subject") or "")
    return said | ({subject} if subject else set())
