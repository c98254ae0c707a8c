"""Bring in a directory: first the report, then, if somebody wants it, the rows as drafts, all or none."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from geo_service.errors import InputError
from geo_service.model.safe_places import BY_NAME, KIND, SafePlace
from geo_service.safe_places.directory import MOST_ROWS, Report, check_directory
from geo_service.safe_places.spots import spots
from geo_service.workflows.places import finding

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geo_service.safe_places.directory import Row
    from geo_service.workflows.services import Services

LARGEST_BYTES: Final = 1_000_000
_BEYOND: Final = (
    "It is outside your areas, or nobody knows where it is",
    "Give a postcode or a position within them, or ask a coordinator of the whole force to import it",
)


@dataclass(frozen=True, slots=True)
class Directory:
    """Say what a file holds, and what became of it."""

    name: str
    report: Report
    taken: tuple[str, ...] | None = None
    """Ids of the drafts that were made; None where nothing was written yet."""

    @property
    def sentence(self) -> str:
        """Say it in one sentence."""
        of = {outcome: len(self.report.of(outcome)) for outcome in ("new", "same", "differs", "refused")}
        coming = f"{_places(of['new'])} would come in as drafts" if self.taken is None else (
            f"{_places(len(self.taken))} came in as drafts" if self.taken else "Nothing was changed"
        )  # fmt: skip
        over = 0 if self.taken is None else of["new"] - len(self.taken)
        rest = [
            f"{of['refused']} refused" if of["refused"] else "",
            f"{of['same']} already here" if of["same"] else "",
            f"{of['differs']} already here and different, left as they are" if of["differs"] else "",
            f"{over} left out: another place has its id by now" if over else "",
        ]
        return "; ".join([f"{self.name}: {coming}", *filter(None, rest)]) + "."

    @property
    def facts(self) -> dict[str, object]:
        """Return the same for a program."""
        return {
            "file": self.name,
            "rows": len(self.report.rows),
            "would_come_in": [row.id for row in self.report.of("new")],
            "taken": None if self.taken is None else list(self.taken),
            "refused": [row.row for row in self.report.of("refused")],
            "already_here": [row.id for row in self.report.of("same")],
            "different": {row.id: list(row.differing) for row in self.report.of("differs")},
            "problems": [
                {"row": one.row, "field": one.field, "level": str(one.level), "what": one.what, "found": one.found,
                 "do": one.do}
                for one in self.report.problems
            ],
        }  # fmt: skip


def look(services: Services, name: str, data: bytes) -> Directory:
    """Check a directory against itself and all that is known; nothing is written.

    Raises InputError where the file cannot be read at all, AccessError for whoever does not keep the Safe Places.
    """
    finding.refuse_others(services)
    if len(data) > LARGEST_BYTES:
        raise InputError(
            f"{name} is too large for a directory", found=f"{len(data):,} bytes", do="Split it", field="file"
        )
    written = services.registry.written_rows(name, data)
    if not written.rows:
        raise InputError(
            f"{name} has no row", do="Give one row for each place, below the names of the columns", field="file"
        )
    if len(written.rows) > MOST_ROWS:
        raise InputError(f"{name} has too many rows", found=f"{len(written.rows):,}", do="Split it", field="file")
    report = check_directory(written.rows, written.cells, finding.known(services), written.unread)
    return Directory(name, _within_areas(services, report))


def _within_areas(services: Services, report: Report) -> Report:
    """Refuse new rows that stand outside the areas of whoever asks, or nowhere that is known."""
    if services.principal.areas is None:
        return report
    snapshot = services.store.snapshot()
    inside = snapshot.inside(spots([row.values for row in report.rows], snapshot.postcodes()))
    return replace(
        report,
        rows=tuple(
            row if here or row.outcome != "new" else row.refused("postcode", *_BEYOND)
            for row, here in zip(report.rows, inside, strict=True)
        ),
    )


def take(services: Services, name: str, data: bytes) -> Directory:
    """Bring a directory in: new rows become drafts in one transaction; the same file again changes nothing."""
    checked = look(services, name, data)
    drafts = {row.id: _draft(services, row, name) for row in checked.report.of("new")}
    added = services.store.items(KIND).add_all(drafts) if drafts else ()
    return replace(checked, taken=tuple(added))


def _draft(services: Services, row: Row, name: str) -> Mapping[str, object]:
    """Return the row of a draft; what a field cannot hold is said in the note."""
    said = [f"{problem.field}: {problem.sentence}" for problem in row.problems if problem.field not in row.values]
    note = " ".join(filter(None, [str(row.values.get("note") or ""), *said]))[: BY_NAME["note"].longest]
    fields = {**row.values, **({"note": note} if note else {})}
    act = f"row {row.row} of {name}"
    return (
        SafePlace(row.id, {}).done("imported", finding.actor(services), services.clock(), act, fields=fields).content()
    )


def _places(count: int) -> str:
    return f"{count} place" if count == 1 else f"{count} places"


def rows_of(report: Report) -> list[Mapping[str, Any]]:
    """List all that is wrong as rows of a table."""
    return [
        {"row": one.row, "field": one.field, "level": str(one.level), "problem": one.sentence}
        for one in report.problems
    ]
