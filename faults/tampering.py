"""Tampering with the ledger by plain SQL: found at opening, by the doctor, or by the lines of the system's log."""

from __future__ import annotations

import random
import shutil
import sqlite3
import tempfile
from collections import Counter
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from faults.acts import WHO, Clock, clock_of, perform
from faults.counts import Counts
from faults.hands import CHAINS, Hand
from geo_service.errors import DamagedFileError, GeoServiceError
from geo_service.model.access import AuditEvent, Principal, Role
from geo_service.model.accounts import ApiKey, Session
from geo_service.model.chain import START, Link
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


def _follow(folder: Path) -> None:
    """Write the head anew, to what a ledger ends with by now."""
    with closing(sqlite3.connect(folder / LEDGER)) as sql:
        links = []
        for table, number in CHAINS.items():
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
