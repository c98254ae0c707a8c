"""Load visits from a table: every row is right, or nothing is written."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
from typing import TYPE_CHECKING, Final, NamedTuple

from geo_service.errors import GeoServiceError, InputError
from geo_service.model.access import COLLECTION
from geo_service.model.clock import LONDON
from geo_service.model.patrol import VISIT
from geo_service.workflows.visiting.visits_made import Place, Wanted, checked, place_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from geo_service.workflows.services import Services

NEEDED: Final = ("zone", "start", "end")
COLUMNS: Final = (*NEEDED, "officers", "outcome", "plan", "visit", "team", "crew")
MOST_BYTES: Final = 50_000_000
_TIMES: Final = "Write it as 2026-10-23 18:05; the clock is London's unless it says another"


class Wrong(NamedTuple):
    """Say what is wrong with a row."""

    row: int
    """As a spreadsheet counts: the heads are row 1."""
    field: str
    value: str
    reason: str


class Loaded(NamedTuple):
    """Say what became of a file."""

    read: int
    added: int
    known: int
    """Rows that were there already, or stand in the file twice."""
    wrong: tuple[Wrong, ...]
    """Where there are any, nothing was written."""


def load_visits(services: Services, path: Path, *, plan: str = "") -> Loaded:
    """Load a CSV of visits; plan: of the rows that name none.

    Raises InputError for a file that is no such table. A row that is wrong is in the answer, and then none is written.
    """
    raw = read_bytes(path)
    heads, rows = _table(raw, path.name)
    places: dict[tuple[str, str], Place | GeoServiceError] = {}
    wrong: list[Wrong] = []
    contents: dict[str, dict[str, object]] = {}
    for number, cells in rows:
        said = {name: cell.strip() for name, cell in zip(heads, cells, strict=False)}
        try:
            if len(cells) != len(heads):
                raise InputError(f"The row has {len(cells)} cells, the heads are {len(heads)}", field="row")
            wanted = _wanted(said, plan)
            made, content = checked(services, wanted, _place(services, wanted, places))
            contents[made.id] = content
        except GeoServiceError as problem:
            if problem.exit_code == 1:
                raise
            reason = f"{problem.what}. {problem.do}".strip()
            wrong.append(Wrong(number, problem.field, said.get(problem.field, str(problem.found or "")), reason))
    if wrong:
        return Loaded(len(rows), 0, 0, tuple(wrong))
    added = services.store.items(VISIT).add_all(contents)
    facts = {"file": path.name, "sha256": hashlib.sha256(raw).hexdigest(), "rows": len(rows), "new": len(added)}
    services.store.record(f"{COLLECTION}: import visits", "visits", facts)
    return Loaded(len(rows), len(added), len(rows) - len(added), ())


def read_bytes(path: Path, most: int = MOST_BYTES) -> bytes:
    """Return a file; raise InputError where it cannot be read or is too large."""
    try:
        raw = path.read_bytes() if path.stat().st_size <= most else None
    except OSError as problem:
        said = f"{path}: {problem.strerror}"
        raise InputError("The file cannot be read", found=said, do="Check the name", field="file") from None
    if raw is None:
        raise InputError("The file is too large", found=path.name, do=f"Give at most {most:,} bytes", field="file")
    return raw


def _table(raw: bytes, name: str) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """Return the heads and the rows with their numbers."""
    try:
        text = raw.decode("utf-8-sig")
        rows = list(enumerate(csv.reader(io.StringIO(text), strict=True), start=1))
    except (UnicodeDecodeError, csv.Error):
        raise InputError(
            "The file is no CSV in UTF-8", found=name, do="Save it as `CSV UTF-8 (comma delimited)`", field="file"
        ) from None
    rows = [(number, cells) for number, cells in rows if any(cell.strip() for cell in cells)]
    heads = [cell.strip().casefold() for cell in rows[0][1]] if rows else []
    lacking = [column for column in NEEDED if column not in heads]
    if lacking or len(rows) <= 1:
        raise InputError(
            f"The table lacks {', '.join(lacking)}" if lacking else "The table has no rows",
            found=", ".join(heads)[:100] or name,
            do=f"Give the columns {', '.join(NEEDED)}, and if you have them {', '.join(COLUMNS[len(NEEDED) :])}",
            field="file",
        )
    return heads, rows[1:]


def _wanted(said: Mapping[str, str], plan: str) -> Wanted:
    if not said["zone"]:
        raise InputError("The row names no zone", do="Give its id, or with a plan its number", field="zone")
    officers = said.get("officers") or "2"
    if not officers.isdecimal() or len(officers) > len("9999"):
        raise InputError("That is not a number of officers", found=officers, do="Write 2", field="officers")
    return Wanted(
        zone=said["zone"],
        start=read_time(said["start"], "start"),
        end=read_time(said["end"], "end"),
        officers=int(officers),
        outcome=said.get("outcome", ""),
        plan=said.get("plan") or plan,
        visit=said.get("visit", ""),
        team=said.get("team", ""),
        crew=said.get("crew", ""),
    )


def read_time(text: str, field: str) -> dt.datetime:
    """Read a moment, by London's clock unless it says another; raise InputError."""
    try:
        found = dt.datetime.fromisoformat(text.strip())
    except ValueError:
        raise InputError("That is not a date and time", found=text, do=_TIMES, field=field) from None
    if len(text.strip()) <= len("2026-10-23"):
        raise InputError("The time of day is missing", found=text, do=_TIMES, field=field)
    local = found if found.tzinfo else found.replace(tzinfo=LONDON)
    if local.year < 2000 or local.year > 2199:  # noqa: PLR2004 - no patrol is as old, and none so far off
        raise InputError("The year cannot be right", found=text, do=_TIMES, field=field)
    return local


def _place(services: Services, wanted: Wanted, known: dict[tuple[str, str], Place | GeoServiceError]) -> Place:
    """Find the zone of a row once, though many rows may name it."""
    key = wanted.plan, wanted.zone
    if key not in known:
        try:
            known[key] = place_of(services, wanted.zone, wanted.plan)
        except GeoServiceError as problem:
            known[key] = problem
    found = known[key]
    if isinstance(found, GeoServiceError):
        raise found
    return found
