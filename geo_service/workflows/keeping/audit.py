"""Read the audit trail, take it away in a file, and prove such a file: what was altered or left out is named.

A CSV or JSON file holds the events as they were hashed, the end of the chain, and what was asked for, so that the
file alone shows whether an event was altered, and together with the ledger whether one is missing.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final, NamedTuple

from geo_service.errors import InputError, QueryError
from geo_service.model.access import CONSULTATION, DISCLOSURE, KINDS
from geo_service.model.audit import AuditQuery, AuditTrail, chain_problems
from geo_service.model.layers import Marks
from geo_service.workflows.keeping import audit_files
from geo_service.workflows.markings import MARKINGS, MOST_KEPT_DAYS, Export, Handling, file_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from geo_service.workflows.services import Services

SHOWN: Final = 100
HANDLING: Final = Handling(MARKINGS[-1], MOST_KEPT_DAYS)
"""The trail names colleagues and what they looked at; an audit may take a year."""
_MOST_NAMED: Final = 20


def query_of(kind: str = "", actor: str = "", since: dt.date | None = None, until: dt.date | None = None) -> AuditQuery:
    """Return what is asked for; raise QueryError for an unknown kind, or days in the wrong order.

    since, until: first and last day, UTC.
    """
    if kind and kind not in KINDS:
        raise QueryError("No such kind of act", found=kind, do=f"Use one of {', '.join(KINDS)}", field="kind")
    if since is not None and until is not None and until < since:
        raise QueryError("The last day is before the first", found=f"{since} to {until}", field="to")
    return AuditQuery(kind, actor, _midnight(since), _midnight(until and until + dt.timedelta(days=1)))


def _midnight(day: dt.date | None) -> dt.datetime | None:
    return None if day is None else dt.datetime.combine(day, dt.time(), dt.UTC)


def events(services: Services, query: AuditQuery, limit: int | None = SHOWN) -> AuditTrail:
    """Return the events that are wanted, oldest first, this look at them among them; it is recorded first."""
    services.store.record(f"{CONSULTATION}: audit", "the audit trail", _asked(query))
    return services.store.trail(query, limit)


def export(services: Services, query: AuditQuery, suffix: str) -> Export:
    """Return the events that are wanted as a file, and record before that it was taken.

    suffix: `.csv` or `.json`; raises QueryError for any other.
    """
    form = audit_files.FORMS.get(suffix.lstrip(".").casefold())
    if form is None:
        do = f"Use one of {', '.join(audit_files.FORMS)}"
        raise QueryError("Unknown format", found=suffix or "no ending", do=do, field="output")
    versions = services.store.versions()
    marks = Marks(
        marking=HANDLING.marking,
        data_version=versions[-1].number if versions else 0,
        destroy_after=str(HANDLING.destroy_after(services.today())),
        demonstration=services.demonstration,
    )
    name = file_name(marks, f"audit {query.kind} {query.actor}", f".{form.name}")
    services.store.record(f"{DISCLOSURE}: audit", "the audit trail", {**_asked(query), "file": name})
    trail = services.store.trail(query)
    about = {**marks._asdict(), **_asked(query)}
    return Export(name, form.write(trail, {key: str(value) for key, value in about.items()}), form.media_type, marks)


def _asked(query: AuditQuery) -> dict[str, str]:
    said = {"kind": query.kind, "actor": query.actor, "since": _said(query.since), "until": _said(query.until)}
    return {name: value for name, value in said.items() if value}


def _said(moment: dt.datetime | None) -> str:
    return "" if moment is None else moment.isoformat()


# --- proving --------------------------------------------------------------------------------------


class Proved(NamedTuple):
    """Say what was found out about a file."""

    events: int
    head: int
    """Number of the newest event that there was when the file was made."""
    problems: Sequence[str]


def verify(services: Services | None, content: bytes, name: str) -> Proved:
    """Check the chain of an exported file, and against the ledger, where there is one, that nothing is missing.

    Raises InputError where it is no such file.
    """
    form = audit_files.FORMS.get(name.rpartition(".")[2].casefold())
    if form is None:
        do = f"Give a file that ends in {' or '.join(audit_files.FORMS)}"
        raise InputError("That is no exported audit trail", found=name, do=do)
    trail, about = form.read(content)
    problems = list(chain_problems(trail.entries))
    if trail.entries and trail.entries[-1].number > trail.head.number:
        problems.append(f"event {trail.entries[-1].number} is newer than the end of the chain that the file names")
    query = _query_in(about)
    problems += [
        f"event {entry.number} is not one that was asked for" for entry in trail.entries if not query.takes(entry)
    ]
    if services is not None:
        problems += _unlike_ledger(services, trail, query)
    return Proved(len(trail.entries), trail.head.number, list(dict.fromkeys(problems)))


def _query_in(about: Mapping[str, str]) -> AuditQuery:
    try:
        moments = [dt.datetime.fromisoformat(about[key]) if about.get(key) else None for key in ("since", "until")]
    except ValueError as problem:
        raise InputError("The file does not say what was asked for", found=problem, field="since") from None
    since, until = (moment and (moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)) for moment in moments)
    return AuditQuery(about.get("kind", ""), about.get("actor", ""), since, until)


def _unlike_ledger(services: Services, trail: AuditTrail, query: AuditQuery) -> Iterable[str]:
    now = services.store.trail(AuditQuery())
    if now.store != trail.store:
        return [f"the file is of another store: {trail.store}, not {now.store}"]
    known = {entry.number: entry for entry in now.entries}
    problems = []
    if trail.head.number and (trail.head.number not in known or known[trail.head.number].link != trail.head):
        problems.append(f"event {trail.head.number}, the end of the file's chain, is not in the ledger as it was")
    problems += [
        f"event {entry.number} is not in the ledger as the file has it"
        for entry in trail.entries
        if known.get(entry.number) != entry
    ]
    told = {entry.number for entry in trail.entries}
    missing = [
        number
        for number, entry in known.items()
        if number <= trail.head.number and number not in told and query.takes(entry)
    ]
    if missing:
        more = f" and {len(missing) - _MOST_NAMED} more" if len(missing) > _MOST_NAMED else ""
        problems.append(f"missing from the file: event {', '.join(map(str, missing[:_MOST_NAMED]))}{more}")
    return problems


def verify_log(services: Services, lines: Iterable[str]) -> tuple[int, Sequence[str]]:
    """Hold the ledger to a file of the system's log; return how many lines were of it, and what is wrong."""
    return services.store.unlike_log(lines)
