"""How long data is kept, what is due, and erasing it: here, in the versions before, in every backup."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import polars as pl

from geo_service.errors import InputError, QueryError
from geo_service.model.incidents import REJECT_SCHEMA, CleanBatch
from geo_service.model.periods import Month, Period
from geo_service.model.retention import BACKUPS, INCIDENTS, Reach, Wanted, crime_number

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from geo_service.model.ports import Staging
    from geo_service.model.retention import BackupCopy, Erased, Kept, Rule
    from geo_service.workflows.services import Services

_EVER: Final = 0
_SHORTEST_REASON: Final = 3


@dataclass(frozen=True, slots=True)
class Holding:
    """Say of one kind how long it is kept, how much of it there is and what is due."""

    rule: Rule
    kept: Kept
    until: str
    """Month or day before which it is due; empty for a kind that does not fall due by age."""


def retention(services: Services) -> Sequence[Holding]:
    """Count what is kept of each kind, and what of it is due now."""
    rules, now = services.registry.retention(), services.clock()
    found = []
    for kept in services.store.holdings(due_now(services)):
        rule = rules[kept.kind]
        moment = rule.due_before(now)
        day = "" if moment is None else moment.date().isoformat()
        found.append(Holding(rule, kept, day[:7] if kept.kind == INCIDENTS else day))
    return found


def due_now(services: Services) -> Wanted:
    """Say what the rules of retention want erased now."""
    now = services.clock()
    moments = {rule.kind: rule.due_before(now) for rule in services.registry.retention().values()}
    oldest = moments.pop(INCIDENTS, None)
    reaches = () if oldest is None else (Reach(_EVER, (Month.of(oldest.date()) - 1).ordinal),)
    return Wanted(reaches=reaches, before=tuple((kind, at) for kind, at in moments.items() if at is not None))


def _why(file: Path, problem: OSError | UnicodeDecodeError) -> str:
    """Say in words why a file cannot be read."""
    return f"{file}: {problem.strerror if isinstance(problem, OSError) else 'not a text in UTF-8'}"


def wanted_numbers(numbers: Sequence[str], listed: Path | None = None) -> Wanted:
    """Say which crime numbers are to be erased: those given, and each line of a file.

    Raises QueryError for an empty one, InputError for a file that is none.
    """
    lines: list[str] = []
    if listed is not None:
        try:
            lines = [line for line in listed.read_text("utf-8-sig").splitlines() if line.strip()]
        except (OSError, UnicodeDecodeError) as problem:
            do = "Give a text file with one crime number on each line"
            raise InputError(
                "The list cannot be read", found=_why(listed, problem), do=do, field="crimes-from"
            ) from None
        if not lines:
            raise InputError("The list names no crime number", found=listed.name, field="crimes-from")
    return Wanted(numbers=frozenset(map(crime_number, [*numbers, *lines])))


def wanted_months(force: str, period: Period) -> Wanted:
    """Say that the incidents of some months are to be erased, of one force or, where it is empty, of all."""
    return Wanted(reaches=(Reach(period.first.ordinal, period.last.ordinal, force),))


def look(services: Services, wanted: Wanted) -> Erased:
    """Say exactly what an erasure would take; nothing is changed."""
    return services.store.erase(wanted, "", look=True)


def erase(services: Services, wanted: Wanted, reason: str) -> Erased:
    """Erase what is wanted in every version and every backup that can be reached, and record why.

    Raises QueryError without a reason, InputError where it names a crime number that goes.
    """
    said = " ".join(reason.split())
    if len(said) < _SHORTEST_REASON:
        do = "Say why in a few words, without a crime number: the reason is kept for as long as the ledger"
        raise QueryError("An erasure needs a reason", found=reason, do=do, field="reason")
    return services.store.erase(wanted, said)


def erase_due(services: Services, reason: str) -> tuple[Erased, Sequence[BackupCopy]]:
    """Erase what the rules say is due, and remove the backups that are too old; return those too."""
    wanted = due_now(services)
    erased = erase(services, wanted, reason)
    return erased, remove_old_backups(services, wanted)


def remove_old_backups(services: Services, wanted: Wanted) -> Sequence[BackupCopy]:
    """Remove the backups that are older than they may be and can be reached; return them."""
    removed = []
    for copy in old_backups(services, wanted):
        if copy.there:
            services.store.forget_backup(copy.path, remove=True)
            removed.append(copy)
    return removed


def old_backups(services: Services, wanted: Wanted) -> Sequence[BackupCopy]:
    """List the backups that are older than they may be; never the newest one that is there."""
    return [] if wanted.moment(BACKUPS) is None else services.store.old_backups(wanted)


def backups(services: Services) -> Sequence[BackupCopy]:
    """List the backups that were made, oldest first."""
    return services.store.backups()


def reach_backups(services: Services) -> Sequence[BackupCopy]:
    """Go on with erasing in the backups that no erasure has reached yet, and say what became of each."""
    return services.store.reach_backups()


def forget_backup(services: Services, path: Path) -> None:
    """Believe that a backup was destroyed; raise NotFoundError for an unknown one, InputError for one still there."""
    services.store.forget_backup(path, remove=False)


def without_erased(staging: Staging, batch: CleanBatch, file: str) -> CleanBatch:
    """Refuse the rows of a batch whose crime number was erased; the rejected rows do not hold it either."""
    day = staging.erased(batch.accepted["crime_id"])
    if not day.count():
        return batch
    rows = batch.accepted.with_columns(_day=day).filter(pl.col("_day").is_not_null())
    refused = rows.select(
        file=pl.lit(file),
        row=pl.col("row"),
        field=pl.lit("crime number"),
        value=pl.lit("(not kept)"),
        reason=pl.format("erased on {}", pl.col("_day")),
    ).select(pl.col(name).cast(kind) for name, kind in REJECT_SCHEMA.items())
    rejected = pl.concat([batch.rejected, refused]).sort("row")
    return CleanBatch(batch.read, batch.accepted.filter(day.is_null()), rejected)
