"""Editable rows: each edit names the version that it was made on, so that none overwrites another unseen."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import sqlalchemy as sa

from geo_service.errors import ConflictError, InputError, LostRaceError, NotFoundError, UnconditionalError
from geo_service.model.access import ALTERATION, AuditEvent, Item
from geo_service.model.accounts import ACCOUNT
from geo_service.store import schema
from geo_service.store.acts import by
from geo_service.store.proofs import proof
from geo_service.store.rows import damaged

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from geo_service.model.access import Principal
    from geo_service.store.acts import Pen
    from geo_service.store.ledger import Ledger

_TOLD: Final[Mapping[str, frozenset[str]]] = {ACCOUNT: frozenset({"roles", "areas", "active"})}
"""Fields whose values events tell, by kind; of all others they tell only that they changed."""
_LONGEST_ID: Final = 300
_AT_ONCE: Final = 500
"""Ids of one query: databases take no endless lists."""
_MOST_BYTES: Final = 1_000_000


class _Change(NamedTuple):
    """Say when a field was last changed, and by whom."""

    version: int
    actor: str
    at: str


class _Held(NamedTuple):
    """Hold a row as it is now; the content is None where it was removed."""

    version: int
    content: Mapping[str, object] | None
    changed: Mapping[str, _Change]
    actor: str
    at: str


class LedgerItems:
    """Keep the editable rows of one kind in the ledger's database, for one actor."""

    def __init__(self, ledger: Ledger, kind: str, actor: Principal) -> None:
        """Keep the rows of `kind`; events name `actor`, and the ledger's clock dates them."""
        self._ledger = ledger
        self._kind = kind
        self._actor = actor

    def get(self, item_id: str) -> Item:
        """Return one; raise NotFoundError."""
        if not _writable(item_id):
            raise self.unknown(item_id)
        with self._ledger.database.reading() as connection:
            held = self._held(connection, item_id)
        if held is None or held.content is None:
            raise self.unknown(item_id)
        return self._item(item_id, held)

    def find(self, item_id: str) -> Item | None:
        """Return one, None where it is not there."""
        try:
            return self.get(item_id)
        except NotFoundError:
            return None

    def all(self, prefix: str = "") -> Sequence[Item]:
        """List them by id; prefix: only those whose id begins so, found by the key."""
        item = schema.item.c
        query = sa.select(schema.item).where(item.kind == self._kind, item.content.is_not(None)).order_by(item.id)
        if prefix:
            # Ids are ordered by their bytes on both databases: no LIKE, which SQLite answers by reading every row.
            query = query.where(item.id >= prefix, item.id < f"{prefix[:-1]}{chr(ord(prefix[-1]) + 1)}")
        with self._ledger.database.reading() as connection:
            rows = list(connection.execute(query))
        return [self._item(row.id, _read(row, history=False)) for row in rows]

    def put(self, item_id: str, content: Mapping[str, object], *, version: int | None) -> Item:
        """Write one and its event in one transaction; return it with its new version.

        version: the one that the edit was made on, 0 for a new row. Raises UnconditionalError for None, LostRaceError,
        saying what changed meanwhile, where it is no longer the newest, ConflictError where a new one is there already,
        InputError for an id or content that cannot be kept.
        """
        text = _text(item_id, content)
        with self._ledger.recording() as pen:
            held = self._checked(pen, item_id, version)
            return self._write(pen, item_id, held, text)

    def add_all(self, rows: Mapping[str, Mapping[str, object]]) -> Sequence[str]:
        """Write new rows and one event that proves them, all in one transaction; return the ids that were not there.

        A row that is there already is left as it is. Raises InputError for an id or content that cannot be kept.
        """
        texts = {item_id: _text(item_id, content) for item_id, content in sorted(rows.items())}
        with self._ledger.recording() as pen:
            at, actor = pen.at.astimezone(dt.UTC).isoformat(), _said(self._actor.name)
            written: list[dict[str, object]] = []
            added: list[dict[str, object]] = []
            there = self._versions(pen.connection, list(texts))
            for item_id, text in texts.items():
                held, kept = there.get(item_id, (None, False))
                if kept:
                    continue
                version = 1 if held is None else held + 1
                change = json.dumps({name: _Change(version, actor, at) for name in json.loads(text)})
                row = {"version": version, "content": text, "changed": change, "at": at, "actor": actor}
                key = {"kind": self._kind, "id": item_id}
                (added if held is None else written).append(key | row)
            for row in written:
                gone = {"kind": self._kind, "id": row["id"]}
                pen.connection.execute(sa.update(schema.item).filter_by(**gone).values(row))
            if added:
                pen.connection.execute(sa.insert(schema.item), added)
            written += added
            if written:
                detail = {"rows": len(written), **proof(schema.item, *written)}
                what = f"{len(written)} {self._kind}"
                act = f"{ALTERATION}: {self._kind} added"
                pen.record(AuditEvent(act, self._actor.name, what, pen.at, by(self._actor, detail)))
        return [str(row["id"]) for row in written]

    def _versions(self, connection: sa.Connection, ids: Sequence[str]) -> dict[str, tuple[int, bool]]:
        """Return the version of each row that there is, and whether it has content."""
        item = schema.item.c
        found: dict[str, tuple[int, bool]] = {}
        for first in range(0, len(ids), _AT_ONCE):
            part = item.id.in_(ids[first : first + _AT_ONCE])
            query = sa.select(item.id, item.version, item.content.is_not(None)).where(item.kind == self._kind, part)
            found |= {row[0]: (row[1], bool(row[2])) for row in connection.execute(query)}
        return found

    def remove(self, item_id: str, *, version: int | None) -> None:
        """Take one away and write its event in one transaction; raises as `put` does, and NotFoundError."""
        if version == 0 or not _writable(item_id):
            raise self.unknown(item_id)
        with self._ledger.recording() as pen:
            held = self._checked(pen, item_id, version)
            self._write(pen, item_id, held, None)

    def _checked(self, pen: Pen, item_id: str, version: int | None) -> _Held | None:
        """Return the row as it is, once it is certain that the edit was made on just that."""
        if version is None:
            raise UnconditionalError(
                f"An edit of the {self._kind} must say on which version it was made",
                do="Read it, and send its ETag as If-Match",
            )
        held = self._held(pen.connection, item_id)
        there = held is not None and held.content is not None
        if version == 0 and there:
            raise ConflictError(
                f"The {self._kind} is there already", found=item_id, do="Read it and edit that, or choose another id"
            )
        if version == 0:
            return held
        if held is None:
            raise self.unknown(item_id)
        if held.version != version:
            raise self._lost(item_id, version, held)
        return held

    def _write(self, pen: Pen, item_id: str, held: _Held | None, text: str | None) -> Item:
        before = held.content if held is not None else None
        after = None if text is None else json.loads(text)
        version = 1 if held is None else held.version + 1
        at, actor = pen.at.astimezone(dt.UTC).isoformat(), _said(self._actor.name)
        names = _differing(before, after)
        changed = {} if after is None else {**(held.changed if held else {})}
        changed |= {name: _Change(version, actor, at) for name in names if after is not None}
        key = {"kind": self._kind, "id": item_id}
        row = {"version": version, "content": text, "changed": json.dumps(changed), "at": at, "actor": actor}
        if held is None:
            pen.connection.execute(sa.insert(schema.item).values(key | row))
        else:
            pen.connection.execute(sa.update(schema.item).filter_by(**key).values(row))
        done = "removed" if after is None else "added" if before is None else "changed"
        detail: dict[str, object] = {"version": version, "fields": names, **self._told(before, after, names)}
        detail |= proof(schema.item, {**key, **row})
        act = f"{ALTERATION}: {self._kind} {done}"
        pen.record(AuditEvent(act, self._actor.name, f"{self._kind} {item_id}", pen.at, by(self._actor, detail)))
        return self._item(item_id, _Held(version, after or {}, changed, actor, at))

    def _told(
        self, before: Mapping[str, object] | None, after: Mapping[str, object] | None, names: Sequence[str]
    ) -> dict[str, object]:
        told = [name for name in names if name in _TOLD.get(self._kind, frozenset())]
        return {"values": {name: [(before or {}).get(name), (after or {}).get(name)] for name in told}} if told else {}

    def _held(self, connection: sa.Connection, item_id: str) -> _Held | None:
        row = connection.execute(sa.select(schema.item).filter_by(kind=self._kind, id=item_id)).first()
        return None if row is None else _read(row)

    def _item(self, item_id: str, held: _Held) -> Item:
        at = dt.datetime.fromisoformat(held.at)
        return Item(self._kind, item_id, held.version, held.content or {}, at, held.actor)

    def _lost(self, item_id: str, version: int, held: _Held) -> LostRaceError:
        later = {name: change for name, change in sorted(held.changed.items()) if change.version > version}
        if held.content is None:
            found = f"removed by {held.actor} at {held.at}"
        elif version > held.version:
            found = f"version {held.version} is the newest"
        else:
            found = f"{', '.join(later) or 'saved again with nothing changed'}; by {held.actor} at {held.at}"
        lost = LostRaceError(
            f"The {self._kind} {item_id} was changed meanwhile: version {version} is no longer the newest",
            found=found,
            do="Read it again, and make the edit on what it says now",
        )
        lost.changed = {name: (change.actor, change.at) for name, change in later.items()}
        return lost

    def unknown(self, item_id: str) -> NotFoundError:
        """Return what is said of one that is not there."""
        return NotFoundError(f"No {self._kind} of that id", found=item_id, field="id")


def _differing(before: Mapping[str, object] | None, after: Mapping[str, object] | None) -> list[str]:
    """Name the fields that an edit changed; those that came and went are among them."""
    old, new = before or {}, after or {}
    return sorted(name for name in {*old, *new} if name not in old or name not in new or old[name] != new[name])


def _read(row: sa.Row[Any], *, history: bool = True) -> _Held:
    """Read a row; history: with who changed which field, which takes as long as all else and only edits need."""
    try:
        content = None if row.content is None else json.loads(row.content)
        changed = {name: _Change(*said) for name, said in json.loads(row.changed).items()} if history else {}
    except (ValueError, TypeError, AttributeError):
        raise damaged(f"{row.kind} {row.id} is not what was written") from None
    return _Held(row.version, content, changed, row.actor, row.at)


def _text(item_id: str, content: Mapping[str, object]) -> str:
    """Return content as JSON in ASCII, which both databases take whatever its words hold."""
    if not _writable(item_id):
        raise InputError(
            "That cannot be an id", found=item_id, do="Use letters, digits and signs that can be printed", field="id"
        )
    try:
        text = json.dumps(dict(content), sort_keys=True, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as problem:
        raise InputError("The content cannot be written as JSON", found=problem) from None
    if len(text) > _MOST_BYTES:
        raise InputError("The content is too long", found=f"{len(text):,} bytes", do=f"Keep it below {_MOST_BYTES:,}")
    return text


def _writable(item_id: str) -> bool:
    return item_id.isprintable() and 0 < len(item_id) <= _LONGEST_ID


def _said(actor: str) -> str:
    """Return a name that both databases take."""
    return actor.encode("utf-8", "backslashreplace").decode().replace("\x00", "\\x00")
