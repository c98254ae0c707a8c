"""Hashes in events that prove the rows that may change: items, passwords, sessions, API keys, areas of runs.

These rows are not chained, because they change or go. The event of each change holds the hash of the row that it wrote;
events are chained, so a row that was altered past the program is no longer what its newest event says.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import sqlalchemy as sa

from geo_service.model.chain import seal
from geo_service.store import schema
from geo_service.store.chronicle import RESTORE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from geo_service.model.access import AuditEvent

PROVES: Final = "proves"
"""Key in the detail of an event: a list of [table, key, hash over the rows of that key]."""


class _Kind(NamedTuple):
    """Say which columns of a table are proved."""

    table: sa.Table
    key: tuple[str, ...]
    columns: tuple[str, ...]
    stays: bool
    """Whether a row that is gone was taken past the program."""


_KINDS: Final = {
    kind.table.name: kind
    for kind in (
        _Kind(schema.item, ("kind", "id"), ("version", "content", "changed", "at", "actor"), stays=True),
        _Kind(schema.credential, ("account",), ("hash", "changed_at"), stays=False),
        _Kind(schema.session, ("sha256",), ("account", "principal", "opened_at"), stays=False),
        _Kind(
            schema.api_key,
            ("id",),
            ("sha256", "name", "account", "roles", "areas", "made_at", "expires_at", "revoked_at"),
            stays=False,
        ),
        _Kind(schema.run_area, ("run",), ("boundary_set", "code"), stays=True),
    )
}


def proof(table: sa.Table, *rows: Mapping[Any, Any]) -> dict[str, list[list[str]]]:
    """Return what the event that tells of rows must hold in its detail."""
    return {PROVES: [[table.name, *key, sha256] for key, sha256 in _hashes(_KINDS[table.name], rows).items()]}


def proving(event: AuditEvent, table: sa.Table, *rows: Mapping[Any, Any]) -> AuditEvent:
    """Return an event that proves rows besides what it proved already."""
    known = event.detail.get(PROVES, ())
    assert isinstance(known, list | tuple)  # noqa: S101 - nobody else writes it
    return replace(event, detail={**event.detail, PROVES: [*known, *proof(table, *rows)[PROVES]]})


def _hashes(kind: _Kind, rows: Iterable[Mapping[Any, Any]]) -> dict[tuple[str, ...], str]:
    """Return key -> hash over all rows of the key, in no order."""
    found: dict[tuple[str, ...], list[list[object]]] = {}
    for row in rows:
        found.setdefault(tuple(row[name] for name in kind.key), []).append([row.get(name) for name in kind.columns])
    return {key: seal("", [*key, sorted(values, key=repr)]) for key, values in found.items()}


def unproved(connection: sa.Connection) -> Iterator[str]:
    """Yield the rows that are not what their newest event says, in words."""
    said: dict[tuple[str, ...], str] = {}
    event = schema.event.c
    telling = sa.select(event.detail).where(event.detail.contains(f'"{PROVES}"')).order_by(event.id)
    for detail in connection.scalars(telling):
        for *row, sha256 in json.loads(detail).get(PROVES, ()):
            said[tuple(row)] = sha256
    for name, kind in _KINDS.items():
        for key, sha256 in _hashes(kind, connection.execute(sa.select(kind.table)).mappings()).items():
            if (name, *key) not in said:
                yield f"{name} {' '.join(key)} was put into the ledger past the program. {RESTORE}"
            elif said.pop((name, *key)) != sha256:
                yield f"{name} {' '.join(key)} is not what was written. {RESTORE}"
    for name, *left in said:
        if _KINDS[name].stays:
            yield f"{name} {' '.join(left)} was taken out of the ledger past the program. {RESTORE}"
