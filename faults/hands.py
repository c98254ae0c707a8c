"""The hand of somebody who may write to the ledger's database, and what it can do there by plain SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from geo_service.model.chain import START, seal

if TYPE_CHECKING:
    import random
    import sqlite3

CHAINS: Final = {"version": "number", "event": "id", "run": "number"}
_PROVED: Final = ("item", "credential", "session", "api_key", "run_area")
_TABLES: Final = ("event", "event", "version", "change", "file", "run", *_PROVED)
"""Events twice: they are what somebody would want to alter."""
_UNPROVED: Final = {("session", "seen_at")}
"""Columns that no hash covers: that one only shortens or prolongs a session, ten hours at most."""


class Hand:
    """Tamper with a ledger by SQL."""

    def __init__(self, connection: sqlite3.Connection, chance: random.Random) -> None:
        self.sql = connection
        self.chance = chance

    def rows(self, table: str) -> list[tuple[Any, ...]]:
        """Return rowid and values of every row."""
        return self.sql.execute(f"SELECT rowid, * FROM {table} ORDER BY rowid").fetchall()

    def columns(self, table: str) -> list[str]:
        """Return the names of the columns."""
        return [row[1] for row in self.sql.execute(f"PRAGMA table_info({table})")]

    def edit(self) -> str:
        """Change one value somewhere into one that could stand there."""
        table = self.chance.choice(_TABLES)
        names = [name for name in self.columns(table) if (table, name) not in _UNPROVED]
        name = self.chance.choice(names)
        row = self.chance.choice(self.rows(table))
        old = row[1 + self.columns(table).index(name)]
        new: object = f"{old or ''}x"
        if isinstance(old, int):
            new = old + self.chance.choice([-1, 1, 1000])
        elif isinstance(old, str) and self.chance.random() < 0.5:  # noqa: PLR2004 - every other time
            others = [other[1 + self.columns(table).index(name)] for other in self.rows(table)]
            new = self.chance.choice([other for other in others if other not in (None, old)] or [new])
        elif old is None and name in {"version", "first_month", "last_month"}:
            new = 1
        self.sql.execute(f"UPDATE {table} SET {name} = ? WHERE rowid = ?", (new, row[0]))
        return f"edit {table}.{name}"

    def delete(self) -> str:
        """Take one row out."""
        table = self.chance.choice([name for name in _TABLES if name not in {"credential", "session", "api_key"}])
        self.sql.execute(f"DELETE FROM {table} WHERE rowid = ?", (self.chance.choice(self.rows(table))[0],))
        return f"delete from {table}"

    def insert(self) -> str:
        """Put a forged event in between, with a hash that is right for it."""
        rows = self.rows("event")
        at = self.chance.randrange(len(rows) - 1)
        self.sql.execute("UPDATE event SET id = -(id + 1) WHERE id > ?", (rows[at][1],))
        self.sql.execute("UPDATE event SET id = -id WHERE id < 0")
        self._forge(rows[at][1] + 1, rows[at][-1])
        return "insert an event"

    def append(self) -> str:
        """Put a forged event at the end, chained as the program would."""
        last = self.rows("event")[-1]
        self._forge(last[1] + 1, last[-1])
        return "append an event"

    def _forge(self, number: int, previous: str) -> None:
        said = [number, "2025-11-01T09:30:00+00:00", "consultation", "somebody else", "zone 1", "{}", None]
        self.sql.execute(
            "INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", [*said, previous, seal(previous, said)]
        )

    def insert_people(self) -> str:
        """Put in an account, a password, a key, a session or a sight of a run that nobody gave."""
        statements = {
            "item": "INSERT INTO item SELECT kind, 'eve', version, content, changed, at, actor FROM item",
            "credential": "INSERT INTO credential SELECT 'eve', hash, changed_at FROM credential",
            "api_key": "INSERT INTO api_key SELECT 'k2', 'of-another', name, account, roles, areas, made_at, "
            "expires_at, revoked_at FROM api_key",
            "session": "INSERT INTO session SELECT 'of-another', account, principal, opened_at, seen_at FROM session",
            "run_area": "INSERT INTO run_area SELECT run, boundary_set, 'W9' FROM run_area",
        }
        table = self.chance.choice(list(statements))
        self.sql.execute(statements[table])
        return f"insert {table}"

    def swap(self) -> str:
        """Let two rows change places, with or without their hashes."""
        table, number = self.chance.choice([("event", "id"), ("version", "number"), ("run", "number")])
        rows = self.rows(table)
        one, other = self.chance.sample(rows, 2)
        names = [name for name in self.columns(table) if name != number]
        if self.chance.random() < 0.5:  # noqa: PLR2004 - every other time
            names = [name for name in names if name not in {"previous", "sha256"}]
        if table == "run":
            self.sql.execute("UPDATE run SET id = id || '-aside' WHERE number IN (?, ?)", (one[1], other[1]))
        for name in names:
            at = 1 + self.columns(table).index(name)
            for target, source in ((one, other), (other, one)):
                self.sql.execute(f"UPDATE {table} SET {name} = ? WHERE {number} = ?", (source[at], target[1]))
        return f"swap two of {table}"

    def cut(self) -> str:
        """Take the end of a chain away."""
        table = self.chance.choice(list(CHAINS))
        number = CHAINS[table]
        kept = self.chance.randrange(len(self.rows(table)))
        self.sql.execute(f"DELETE FROM {table} WHERE {number} > ?", (kept,))
        if table == "version":
            self.sql.execute("DELETE FROM change WHERE version > ?", (kept,))
            self.sql.execute("UPDATE event SET version = NULL WHERE version > ?", (kept,))
        return f"cut off {table}s"

    def rewrite(self) -> str:
        """Change an event and seal it and all after it anew, as somebody would who knows how."""
        rows = self.rows("event")
        number = self.chance.choice(rows)[1]
        self.sql.execute("UPDATE event SET actor = 'nobody' WHERE id = ?", (number,))
        previous = START.sha256
        for row in self.rows("event"):
            sha256 = seal(previous, list(row[1:8]))
            self.sql.execute("UPDATE event SET previous = ?, sha256 = ? WHERE id = ?", (previous, sha256, row[1]))
            previous = sha256
        return "rewrite the events"
