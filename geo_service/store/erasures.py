"""What was erased: since which version the data can be asked for, and keyed hashes that no import brings back."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from typing import TYPE_CHECKING, Final, NamedTuple

import polars as pl
import sqlalchemy as sa

from geo_service.errors import NotFoundError
from geo_service.model.access import ERASURE
from geo_service.model.chain import seal
from geo_service.model.retention import ATTEMPTS, KEYS, SESSIONS, Reach, Wanted
from geo_service.store import schema
from geo_service.store.rows import damaged

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from geo_service.model.chain import Link
    from geo_service.store.chronicle import Chronicle
    from geo_service.store.state import Changes, FileRecord

ACT: Final = f"{ERASURE}: erase"
"""What the events are called that tell of the rows of the table."""


class Erasure(NamedTuple):
    """Hold one erasure as it is written in the ledger."""

    number: int
    at: str
    floor: int
    """Oldest version that could be asked for after it; 0 for all."""
    what: str
    """JSON: months and moments that a backup which was out of reach is told later."""


def read_erasures(connection: sa.Connection) -> tuple[Erasure, ...]:
    """Return what was erased so far; raise DamagedFileError where it is not what the events tell.

    A floor that somebody raised by hand would have files removed that nobody meant to erase.
    """
    query = sa.select(schema.erasure).order_by(schema.erasure.c.number)
    found = tuple(Erasure(*row) for row in connection.execute(query))
    told = sa.select(schema.event.c.detail).where(schema.event.c.act == ACT)
    events = [json.loads(detail) for detail in connection.scalars(told)]
    known = {event.get("erasure"): (event.get("floor"), event.get("proof")) for event in events}
    hashes: dict[int, list[str]] = {}
    for number, erased in connection.execute(sa.select(schema.erased_number.c.erasure, schema.erased_number.c.hash)):
        hashes.setdefault(number, []).append(erased)
    for erasure in found:
        if known.pop(erasure.number, None) != (erasure.floor, proof(erasure, hashes.get(erasure.number, []))):
            raise damaged(f"erasure {erasure.number} is not what its event tells")
    if known:
        raise damaged(f"erasure {min(known, key=str)} is gone")
    return found


def proof(erasure: Erasure, hashes: Iterable[str]) -> str:
    """Return the hash by which the event of an erasure proves its row and the numbers that it took."""
    return seal("", [erasure.number, erasure.floor, erasure.what, *sorted(hashes)])


def newest_erasure(connection: sa.Connection) -> tuple[int, int]:
    """Return how many erasures there are, and the highest floor."""
    number, floor = connection.execute(
        sa.select(sa.func.max(schema.erasure.c.number), sa.func.max(schema.erasure.c.floor))
    ).one()
    return number or 0, floor or 0


def write_erasure(connection: sa.Connection, erasure: Erasure, hashes: Iterable[str]) -> None:
    """Write an erasure and the hashes of the numbers that it took and no earlier one did."""
    connection.execute(sa.insert(schema.erasure).values(erasure._asdict()))
    fresh = [{"hash": found, "erasure": erasure.number} for found in sorted(hashes)]
    if fresh:
        connection.execute(sa.insert(schema.erased_number), fresh)


# --- crime numbers --------------------------------------------------------------------------------


def number_hash(store: str, number: str) -> str:
    """Return the hash of a crime number in small letters, keyed by the store's id.

    Whoever has the ledger can find out of a number that they know that it was erased, and so can who tries all
    numbers there are: it keeps numbers out of sight and imports from bringing them back, no more.
    """
    return hashlib.blake2b(number.encode(), key=store.encode()[:64], digest_size=32).hexdigest()


class ErasedNumbers:
    """Tell which crime numbers were erased, and when."""

    def __init__(self, store: str, erased_at: Mapping[str, str]) -> None:
        """Know them by hash; `erased_at` gives the moment of each."""
        self._store = store
        self._at = erased_at

    def __len__(self) -> int:
        return len(self._at)

    def __contains__(self, found: str) -> bool:
        return found in self._at

    def days(self, crime_id: pl.Series) -> pl.Series:
        """Return the day on which each number was erased (String), null for others and for none."""
        if not self._at:
            return pl.Series("erased", [None] * len(crime_id), dtype=pl.String)
        numbers = crime_id.str.strip_chars().str.to_lowercase().alias("number")
        known = [
            (number, self._at[found][:10])
            for number in numbers.drop_nulls().unique().to_list()
            if (found := number_hash(self._store, number)) in self._at
        ]
        days = pl.DataFrame(known, schema={"number": pl.String, "erased": pl.String}, orient="row")
        return numbers.to_frame().join(days, on="number", how="left", maintain_order="left")["erased"]


def read_numbers(connection: sa.Connection, *, after: int = 0) -> ErasedNumbers:
    """Return the numbers that the erasures after one took, all by default."""
    erased, erasure = schema.erased_number, schema.erasure
    query = sa.select(erased.c.hash, erasure.c.at).join(erasure).where(erasure.c.number > after)
    store = connection.scalar(sa.select(schema.store.c.id)) or ""
    return ErasedNumbers(store, {row.hash: row.at for row in connection.execute(query)})


# --- what a backup is told later ------------------------------------------------------------------


def to_json(wanted: Wanted) -> str:
    """Return what is to be erased without crime numbers, which the ledger keeps as hashes only."""
    reaches = [[reach.first, reach.last, reach.force] for reach in wanted.reaches]
    before = [[kind, at.isoformat()] for kind, at in wanted.before]
    return json.dumps({"reaches": reaches, "before": before})


def wanted_since(connection: sa.Connection, after: int) -> Wanted:
    """Return what the erasures after one were to erase, as far as the ledger knows."""
    query = sa.select(schema.erasure.c.what).where(schema.erasure.c.number > after).order_by(schema.erasure.c.number)
    said = [json.loads(what) for what in connection.scalars(query)]
    reaches = tuple(dict.fromkeys(Reach(*reach) for one in said for reach in one["reaches"]))
    before = tuple((kind, dt.datetime.fromisoformat(at)) for one in said for kind, at in one["before"])
    hashes = sa.select(schema.erased_number.c.hash).where(schema.erased_number.c.erasure > after)
    return Wanted(hashes=frozenset(connection.scalars(hashes)), reaches=reaches, before=before)


# --- rows of hours and days -----------------------------------------------------------------------


def aged(wanted: Wanted) -> Sequence[tuple[str, sa.Table, sa.ColumnElement[bool]]]:
    """Return (kind, table, condition) of the rows of sessions, refused sign-ins and keys that go."""
    session, attempt, key = schema.session.c, schema.attempt.c, schema.api_key.c
    columns: dict[str, tuple[sa.Table, tuple[sa.ColumnElement[str], ...]]] = {
        SESSIONS: (schema.session, (session.opened_at,)),
        ATTEMPTS: (schema.attempt, (attempt.failed_at, attempt.locked_until)),
        KEYS: (schema.api_key, (sa.func.coalesce(key.revoked_at, key.expires_at),)),
    }
    # Moments are written in UTC, so that their texts are in their order.
    return [
        (kind, table, sa.and_(*(column < moment.astimezone(dt.UTC).isoformat() for column in ages)))
        for kind, (table, ages) in columns.items()
        if (moment := wanted.moment(kind)) is not None
    ]


# --- what the rest of the store goes by ------------------------------------------------------------


class Erasing(NamedTuple):
    """Hold what an erasure is to change, and the versions that it was worked out from."""

    base: Link
    erasure: Erasure
    wanted: Wanted
    hashes: frozenset[str]
    """Of the crime numbers that go and did not before."""
    changes: Changes


class History(NamedTuple):
    """Hold all versions, and what was erased of them."""

    chronicle: Chronicle
    erasures: tuple[Erasure, ...]
    numbers: ErasedNumbers | None
    """Crime numbers that were erased, None where nothing was."""

    @property
    def floor(self) -> int:
        """Return the oldest version that can be asked for; 0 where all can."""
        return max((erasure.floor for erasure in self.erasures), default=0)

    def files(self) -> dict[str, FileRecord]:
        """Return the files of the versions that can be asked for by their SHA-256."""
        return self.chronicle.kept_files(self.floor)


def refuse_erased(version: int, erasures: Sequence[Erasure], undoing: int = 0) -> None:
    """Raise NotFoundError for a version, other than the empty one, whose files were erased."""
    past = [erasure for erasure in erasures if 0 < version < erasure.floor or (undoing and version < erasure.floor)]
    if past:
        said = (
            f"{undoing} cannot be undone: what was before it"
            if undoing
            else f"{version} can no longer be asked for: it"
        )
        raise NotFoundError(
            f"Version {said} was erased on {past[0].at[:10]}",
            do=f"The oldest version that can be {'undone' if undoing else 'asked for'} is "
            f"{max(erasure.floor for erasure in past) + bool(undoing)}"
            f"{'' if undoing else '; zones of an earlier one have to be found again'}",
            field="version",
        )
