"""What is done, by whom, as the ledger writes it."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, NamedTuple

from geo_service.model.access import KINDS, AuditEvent, Principal
from geo_service.store.rows import EVENTS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import sqlalchemy as sa


class Act(NamedTuple):
    """Name what is done, by whom, and with what."""

    name: str
    actor: Principal
    detail: Mapping[str, object]
    proof: str = ""
    """Hash of other rows that the event, not the version, vouches for."""

    @property
    def told(self) -> Mapping[str, object]:
        """Return the detail of its event."""
        return by(self.actor, {**self.detail, "proof": self.proof} if self.proof else self.detail)


class Pen(NamedTuple):
    """Write rows and their audit events within one transaction."""

    connection: sa.Connection
    at: dt.datetime
    record: Callable[[AuditEvent], None]


def by(actor: Principal, detail: Mapping[str, object]) -> Mapping[str, object]:
    """Return the detail of an event with the account of whoever acted, where it is known."""
    return {**detail, "account": actor.account} if actor.account else detail


def write_event(connection: sa.Connection, event: AuditEvent, version: int | None) -> None:
    """Write an event after the newest; raise ValueError where its kind is none of KINDS."""
    if event.act.partition(":")[0] not in KINDS:
        msg = f"no kind of act: {event.act!r} must be one of {', '.join(KINDS)}, or begin with one and a colon"
        raise ValueError(msg)
    row = {
        "at": written(event.at),
        "act": plain_text(event.act),
        "actor": plain_text(event.actor),
        "what": plain_text(event.what),
        "detail": json_text(event.detail),
        "version": version,
    }
    EVENTS.append(connection, row)


def written(at: dt.datetime) -> str:
    """Return a moment as text, in UTC."""
    return at.astimezone(dt.UTC).isoformat()


def json_text(detail: Mapping[str, object]) -> str:
    """Return a detail as JSON that both databases take."""
    return plain_text(json.dumps(dict(detail), ensure_ascii=False, sort_keys=True, default=str))


def plain_text(said: str) -> str:
    """Return text that both databases take: the name of a file may hold bytes that are no characters."""
    return said.encode("utf-8", "backslashreplace").decode().replace("\x00", "\\x00")
