"""Open the services for a command, and read the options that commands share."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from geo_service.cli.output import check_place

if TYPE_CHECKING:
    from geo_service.model.access import Principal
    from geo_service.settings import Settings
    from geo_service.workflows.markings import Handling
    from geo_service.workflows.services import Office, Services

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
KeepDays = Annotated[
    int | None,
    typer.Option(
        "--keep-days", metavar="DAYS", help="Days after which copies are destroyed, 1 to 366.", show_default="28"
    ),
]
Marking = Annotated[
    str | None, typer.Option(metavar="MARKING", help="OFFICIAL or OFFICIAL-SENSITIVE.", show_default="OFFICIAL")
]
Output = Annotated[
    Path | None,
    typer.Option(
        "-o",
        "--output",
        metavar="FILE",
        help="File to write; its ending chooses the format. Marking, data version and destroy-after are added to the "
        "name where they are missing.",
    ),
]
OR_FOLDER = (
    "or a folder. Marking, data version and destroy-after are added to the name where they are missing; without a "
    "name the file has one of its own."
)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_YEARS = range(1900, 2200)


def settings_of(context: typer.Context) -> Settings:
    """Read the settings of the data directory that the command line names."""
    from geo_service.settings import read_settings

    return read_settings(context.obj.data_dir)


def services_of(context: typer.Context, *, new: bool = False) -> Services:
    """Return the services of the data directory for whoever runs the command (see `office_of`)."""
    return office_of(context, new=new).services(principal())


def office_of(context: typer.Context, *, new: bool = False) -> Office:
    """Wire the doers of the data directory that the command line names.

    new: the directory may be made. Without, raises NotFoundError where nothing was ever imported into it, so that a
    mistyped name makes no empty area.
    """
    from geo_service.app import holds_data, wire
    from geo_service.errors import NotFoundError

    settings = settings_of(context)
    if not (new or holds_data(settings) or settings.data_dir.is_file()):
        where = settings.data_dir
        raise NotFoundError(
            f"Nothing has been imported into {where}" if where.is_dir() else f"There is no data directory {where}",
            do="Name another with --data-dir, which stands before the command, or import something into it",
            field="data_dir",
        )
    office = wire(settings)
    context.call_on_close(office.doers.close)
    return office


def principal() -> Principal:
    """Return who runs the command, for the ledger."""
    from geo_service.model.access import OPERATOR, Principal
    from geo_service.settings import actor

    return Principal(actor(), OPERATOR)


def check_format(services: Services, output: Path | None, *drawn: str) -> None:
    """Refuse a file that cannot be written, before the question is answered and kept.

    drawn: endings of charts and pages that are written beside those of tables, with their dot.
    """
    from geo_service.errors import QueryError
    from geo_service.workflows.exports import format_of

    if output is None:
        return
    check_place(output)
    if output.suffix.casefold() in drawn:
        return
    try:
        format_of(services, output.suffix)
    except QueryError as problem:
        if not drawn:
            raise
        known = ", ".join([*(form.suffix for form in services.formats.values()), *drawn[:-1]])
        do = f"Let the name end in {known} or {drawn[-1]}"
        raise QueryError(problem.what, found=problem.found, do=do, field="output") from None


def handling_of(marking: str | None, keep_days: int | None) -> Handling:
    """Read how copies of an export are to be handled; raise QueryError for what cannot be."""
    from geo_service.workflows.markings import USUAL, Handling

    return Handling(USUAL.marking if marking is None else marking, USUAL.keep_days if keep_days is None else keep_days)


def day_of(text: str | None, field: str) -> dt.date | None:
    """Read `YYYY-MM-DD`; raise QueryError on anything else."""
    from geo_service.errors import QueryError

    if text is None:
        return None
    try:
        day = dt.date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        day = None
    if day is None or day.year not in _YEARS:
        raise QueryError("Not a day", found=text, do="Write it as YYYY-MM-DD, for example 2025-06-30", field=field)
    return day


def refuse_empty(text: str | None, option: str) -> None:
    """Refuse an option that is there but empty: a script forgot to set its variable."""
    from geo_service.errors import QueryError

    if text is not None and not text.strip():
        raise QueryError(f"{option} is empty", do="Give it a value, or leave it out", field=option.strip("-"))
