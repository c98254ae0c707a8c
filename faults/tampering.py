"""Tampering with the ledger by plain SQL: found at opening, by the doctor, or by the lines of the system's log."""

from __future__ import annotations

import random
import shutil
import sqlite3
import tempfile
from collections import Counter
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from faults.acts import WHO, Clock, clock_of, perform
from faults.counts import Counts
from geo_service.errors import DamagedFileError, GeoServiceError
from geo_service.model.access import AuditEvent, Principal, Role
from geo_service.model.accounts import ApiKey, Session
from geo_service.model.chain import START, Link, seal
from geo_service.store import head as heads
from geo_service.store import open_store
from geo_service.store.database import LEDGER, open_database
from geo_service.store.disk_store import open_on
from geo_service.store.head import HEAD, Head
from geo_service.store.witness import line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from geo_service.store import DiskStore

ACTS: Final = 16
_MEMORY: Final = Path("/dev/shm")  # noqa: S108 - thousands of copies, none of which need outlive the run
_CHAINS: Final = {"version": "number", "event": "id", "run": "number"}
_PROVED: Final = ("item", "credential", "session", "api_key", "run_area")
_TABLES: Final = ("event", "event", "version", "change", "file", "run", *_PROVED)
"""Events twice: they are what somebody would want to alter."""
_UNPROVED: Final = {("session", "seen_at")}
"""Columns that no hash covers: that one only shortens or prolongs a session, ten hours at most."""


class Told:
    """Be a log that keeps its lines."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def tell(self, head: Head) -> None:
        """Keep a line."""
        self.lines.append(line(head))

    def problems(self) -> Iterable[str]:
        """Find nothing wrong."""
        return ()

    def close(self) -> None:
        """Do nothing."""


class Victim:
    """Be a store whose ledger can be tampered with again and again."""

    def __init__(self, folder: Path) -> None:
        """Make it, and keep it as it was after some of its acts, too."""
        self.ill = folder / "ill"
        self._sound = folder / "sound"
        self._old = folder / "old"
        self.told = Told()
        clock = Clock()
        for act in range(ACTS):
            with open_on(self._sound, clock, open_database(self._sound / LEDGER), self.told) as store:
                perform(store, clock, act)
                if act == ACTS // 2:
                    _people(store)
            if act == ACTS - 3:
                shutil.copytree(self._sound, self._old)
        self.outcome, wrong = self.examine()
        if wrong is None:
            msg = f"a sound store is not found sound: {self.outcome}"
            raise RuntimeError(msg)

    def fresh(self) -> None:
        """Take a fresh copy."""
        shutil.rmtree(self.ill, ignore_errors=True)
        shutil.copytree(self._sound, self.ill)

    def examine(self) -> tuple[str, str | None]:
        """Return how the tampering was found, and what is wrong where it was not."""
        if not self.ill.exists():
            self.fresh()
        try:
            with open_store(self.ill, Clock()) as store:
                if [said for said in store.check() if "MB are free" not in said]:
                    return "found by the doctor", None
                _, problems = store.unlike_log(self.told.lines)
                return ("found by the log's lines", None) if problems else ("not found", "nobody found it")
        except DamagedFileError:
            return "found at opening", None
        except GeoServiceError as error:
            return "found at opening", None if "ledger" in error.message else error.message
        except Exception as error:  # noqa: BLE001 - an error without words is one more thing to mend
            return "broke", f"{type(error).__name__}: {error}"

    def copy_old(self, *, head: bool) -> None:
        """Put the older ledger in the place of the newer, and the older head too."""
        for name in (LEDGER, *((HEAD,) if head else ())):
            shutil.copy(self._old / name, self.ill / name)


def _people(store: DiskStore) -> None:
    """Keep an account with a password, a session and a key."""

    def event(act: str) -> AuditEvent:
        return AuditEvent(act, WHO.name, "somebody", clock_of(0))

    store.items("account", WHO).put("ann", {"name": "Ann", "roles": ["officer"]}, version=0)
    people, who = store.people(), Principal("Ann", frozenset({Role.OFFICER}), None, "ann")
    people.set_password("ann", "a hash", event("alteration: password set"))
    people.open_session(Session("of-a-token", "ann", who, clock_of(0), clock_of(0)), event("sign-in"))
    people.add_key(
        ApiKey("k1", "of-a-key", "laptop", "ann", who.roles, None, clock_of(0), clock_of(9)),
        event("alteration: API key made"),
    )


# --- ways to tamper -------------------------------------------------------------------------------


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
        table = self.chance.choice(list(_CHAINS))
        number = _CHAINS[table]
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


def _follow(folder: Path) -> None:
    """Write the head anew, to what a ledger ends with by now."""
    with closing(sqlite3.connect(folder / LEDGER)) as sql:
        links = []
        for table, number in _CHAINS.items():
            row = sql.execute(f"SELECT {number}, sha256 FROM {table} ORDER BY {number} DESC LIMIT 1").fetchone()
            links.append(Link(*row) if row else START)
        ((store,),) = sql.execute("SELECT id FROM store")
    (folder / HEAD).write_text(heads.to_json(Head(store, *links)))


def _by_hand(way: Callable[[Hand], str], *, follow: bool = False) -> Callable[[Victim, random.Random], str]:
    def tamper(victim: Victim, chance: random.Random) -> str:
        with closing(sqlite3.connect(victim.ill / LEDGER)) as sql, sql:
            did = way(Hand(sql, chance))
        if follow:
            _follow(victim.ill)
        return f"{did}, head.json too" if follow else did

    return tamper


def _old_copy(*, head: bool) -> Callable[[Victim, random.Random], str]:
    def tamper(victim: Victim, _: random.Random) -> str:
        victim.copy_old(head=head)
        return "an older ledger" + (" and its head.json" if head else "")

    return tamper


WAYS: Final = (
    *[_by_hand(Hand.edit)] * 8,
    *[_by_hand(Hand.delete)] * 4,
    *[_by_hand(Hand.insert)] * 2,
    *[_by_hand(Hand.insert_people)] * 2,
    *[_by_hand(Hand.swap)] * 3,
    *[_by_hand(Hand.cut)] * 3,
    _by_hand(Hand.append),
    _by_hand(Hand.append, follow=True),
    _by_hand(Hand.cut, follow=True),
    _by_hand(Hand.rewrite),
    _by_hand(Hand.rewrite, follow=True),
    _old_copy(head=False),
    _old_copy(head=True),
)


def tamperings(count: int, seed: int = 0) -> Counts:
    """Tamper with a ledger so many times, and see who finds it."""
    counts = Counts("tamperings with the ledger")
    by_the_log: Counter[str] = Counter()
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory(prefix="tampering-", dir=_MEMORY if _MEMORY.is_dir() else None) as name:
        victim = Victim(Path(name))
        for number in range(count):
            victim.fresh()
            did = _tampered(WAYS[number % len(WAYS)], victim, chance)
            outcome, wrong = victim.examine()
            counts.note(outcome, None if wrong is None else f"{did}: {wrong}")
            if outcome == "found by the log's lines":
                by_the_log[did] += 1
    said = ", ".join(f"{many} {did}" for did, many in sorted(by_the_log.items()))
    counts.title += f" (only the log's lines found: {said})"
    return counts


def _tampered(way: Callable[[Victim, random.Random], str], victim: Victim, chance: random.Random) -> str:
    """Tamper until something is really different; what the database's own rules refuse is tried otherwise."""
    before = _content(victim.ill)
    while True:
        with suppress(sqlite3.IntegrityError):
            did = way(victim, chance)
            if _content(victim.ill) != before:
                return did


def _content(folder: Path) -> tuple[list[str], str]:
    with closing(sqlite3.connect(folder / LEDGER)) as sql:
        return list(sql.iterdump()), (folder / HEAD).read_text()
