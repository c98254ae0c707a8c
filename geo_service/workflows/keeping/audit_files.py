"""The files that an audit trail is taken away in: CSV for people, JSON for programs; both are read back."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any, Final, Protocol

import polars as pl

from geo_service.errors import InputError
from geo_service.model.audit import AuditEntry, AuditTrail
from geo_service.model.chain import Link
from geo_service.model.layers import FORMULA

if TYPE_CHECKING:
    from collections.abc import Mapping

_COLUMNS: Final = tuple(field.name for field in fields(AuditEntry))
_END: Final = ("store", "head_number", "head_sha256")
_ABOUT: Final = ("kind", "actor", "since", "until", "marking", "data_version", "destroy_after", "demonstration")
_ASKED: Final = {name: f"asked_{name}" for name in ("kind", "actor", "since", "until")}
"""Columns of what was asked for, whose names those of events have already."""


class Form(Protocol):
    """Write an audit trail and read it back."""

    name: str
    media_type: str

    def write(self, trail: AuditTrail, about: Mapping[str, str]) -> bytes:
        """Return the whole file. about: the marks, and what was asked for."""

    def read(self, content: bytes) -> tuple[AuditTrail, Mapping[str, str]]:
        """Read a file back; raise InputError, with row and field, where it is none."""


class _Csv:
    """One event a line; marks, what was asked for and the end of the chain stand in the last columns of every line."""

    name = "csv"
    media_type = "text/csv; charset=utf-8"

    def write(self, trail: AuditTrail, about: Mapping[str, str]) -> bytes:
        last = [trail.store, str(trail.head.number), trail.head.sha256, *(about.get(name, "") for name in _ABOUT)]
        rows = [
            [*("" if value is None else str(value) for value in asdict(entry).values()), *last]
            for entry in trail.entries
        ]
        frame = pl.DataFrame(rows, schema=dict.fromkeys(_heads(), pl.String), orient="row")
        # An apostrophe before what a spreadsheet would run, and before one, so that taking one away is always right.
        runs = pl.all().str.starts_with("'") | pl.all().str.contains(f"^{FORMULA}")
        guarded = frame.select(pl.when(runs).then(pl.lit("'") + pl.all()).otherwise(pl.all()).name.keep())
        return guarded.write_csv(include_bom=True).encode()

    def read(self, content: bytes) -> tuple[AuditTrail, Mapping[str, str]]:
        try:
            # A detail may be longer than the module takes by default.
            csv.field_size_limit(max(csv.field_size_limit(), len(content)))
            lines = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
        except (UnicodeDecodeError, csv.Error) as problem:
            raise _none(problem) from None
        if not lines or lines[0] != _heads():
            raise _none(", ".join(lines[0])[:100] if lines else "nothing", field="heading")
        rows = [dict(zip(lines[0], map(_bare, line), strict=False)) for line in lines[1:]]
        if not rows:
            raise _none("no event", field="rows")
        first = {name: rows[0].get(name) for name in _heads()[len(_COLUMNS) :]}
        for number, row in enumerate(rows, start=2):
            if len(row) != len(lines[0]) or any(row[name] != value for name, value in first.items()):
                raise _none(f"row {number}", field="the last columns, which are the same in every row")
        trail = _trail({name: first[name] for name in _END}, rows)
        return trail, {name: str(first[_ASKED.get(name, name)] or "") for name in _ABOUT}


class _Json:
    """One object: marks, what was asked for, the end of the chain, events."""

    name = "json"
    media_type = "application/json"

    def write(self, trail: AuditTrail, about: Mapping[str, str]) -> bytes:
        head = {"store": trail.store, "head_number": trail.head.number, "head_sha256": trail.head.sha256}
        said = {"about": dict(about), **head, "events": [asdict(entry) for entry in trail.entries]}
        return json.dumps(said, ensure_ascii=False, indent=1).encode("utf-8", "surrogatepass")

    def read(self, content: bytes) -> tuple[AuditTrail, Mapping[str, str]]:
        try:
            said = json.loads(content)
            about = {str(name): str(value) for name, value in said["about"].items()}
            rows = [{name: row[name] for name in _COLUMNS} for row in said["events"]]
            return _trail({name: said[name] for name in _END}, rows), about
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as problem:
            raise _none(f"{type(problem).__name__}: {problem}") from None


def _heads() -> list[str]:
    return [*_COLUMNS, *_END, *(_ASKED.get(name, name) for name in _ABOUT)]


def _trail(end: Mapping[str, Any], rows: list[dict[str, Any]]) -> AuditTrail:
    entries = []
    for at, row in enumerate(rows, start=1):
        try:
            version = None if row["version"] in (None, "") else int(row["version"])
            kept = {name: str(row[name]) for name in _COLUMNS if name not in {"number", "version"}}
            dt.datetime.fromisoformat(kept["at"])
            entries.append(AuditEntry(number=int(row["number"]), version=version, **kept))
        except (ValueError, TypeError) as problem:
            raise _none(f"event {at}: {problem}", field="number") from None
    try:
        head = Link(int(end["head_number"]), str(end["head_sha256"]))
    except (ValueError, TypeError) as problem:
        raise _none(problem, field="head_number") from None
    return AuditTrail(str(end["store"]), head, entries)


def _bare(text: str) -> str:
    return text.removeprefix("'")


def _none(found: object, field: str = "") -> InputError:
    return InputError(
        "That is no exported audit trail, or somebody broke it",
        found=found,
        do="Give a file as `geo-service audit -o` made it",
        field=field,
    )


FORMS: Final[Mapping[str, Form]] = {form.name: form for form in (_Csv(), _Json())}
