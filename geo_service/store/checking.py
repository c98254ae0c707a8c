"""Looking for what is wrong with a store, in words for the person who runs it."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Final

from geo_service.store import slots
from geo_service.store.head import HEAD
from geo_service.store.proofs import unproved

if TYPE_CHECKING:
    from pathlib import Path

    from geo_service.model.ports import Progress
    from geo_service.store.files import FileShelf
    from geo_service.store.head import HeadFile
    from geo_service.store.ledger import Ledger

_ENOUGH_BYTES: Final = 1_000_000_000


def check(ledger: Ledger, head: HeadFile, shelf: FileShelf, root: Path, progress: Progress | None = None) -> list[str]:
    """Return what is wrong with ledger, files and disk; empty when all is well."""
    wrong = list(ledger.database.problems()) or ledger.problems() or _unproved(ledger)
    if wrong:
        # What a damaged ledger says about the files is worth nothing.
        return wrong
    return [
        *_damaged_head(head),
        *_damaged_files(ledger, shelf, progress),
        *_orphans(ledger, shelf),
        *_little_space(root),
    ]


def _unproved(ledger: Ledger) -> list[str]:
    with ledger.database.reading() as connection:
        return list(unproved(connection))


def _damaged_head(head: HeadFile) -> list[str]:
    try:
        head.read()
    except ValueError as error:
        return [f"{HEAD} is damaged ({error}). The next change writes it anew"]
    return []


def _damaged_files(ledger: Ledger, shelf: FileShelf, progress: Progress | None) -> list[str]:
    files = ledger.files()
    filled: dict[str, tuple[str, int]] = {}
    for entry in ledger.chronicle().entries:
        for slot, change in entry.changes.items():
            if change.new is not None:
                filled[change.new.sha256] = (slot, entry.number)
    wrong = []
    for done, (sha256, record) in enumerate(sorted(files.items()), start=1):
        if not shelf.is_sound(record):
            path = shelf.path(record)
            slot, version = filled.get(sha256, (record.kind, 0))
            state = "is damaged" if path.exists() else "is missing"
            wrong.append(f"{path.name} of {slot} (version {version}) {state}. {slots.mend(slot)}")
        if progress is not None:
            progress(done, len(files), "files checked")
    return wrong


def _orphans(ledger: Ledger, shelf: FileShelf) -> list[str]:
    on_disk = shelf.on_disk()
    known = {shelf.path(record) for record in ledger.files().values()}
    return [
        f"{path.parent.name}/{path.name} belongs to no version. It will be removed when the store is next opened"
        for path in sorted(on_disk - known)
    ]


def _little_space(root: Path) -> list[str]:
    free = shutil.disk_usage(root).free
    if free >= _ENOUGH_BYTES:
        return []
    return [f"Only {free // 1_000_000} MB are free on the disk of the data directory. Make room before the next import"]
