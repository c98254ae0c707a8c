"""`geo-service backup` and `restore`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from geo_service.cli.output import progress_bar, say
from geo_service.cli.wiring import Json, services_of, settings_of

if TYPE_CHECKING:
    from geo_service.model.ports import Saved
    from geo_service.model.release import PublicCopy


def backup(
    context: typer.Context,
    target: Annotated[Path, typer.Argument(metavar="FOLDER", help="New folder, best on another disk.")],
    json: Json = False,
) -> None:
    """Copy all data to a new folder, also in use."""
    from geo_service.workflows.keeping.history import backup as copy

    services = services_of(context)
    with progress_bar() as progress:
        saved, public = copy(services, target, progress)
    say(
        _kept_words(target, saved, public),
        {
            "backup": str(target),
            "version": saved.version,
            "files": saved.files,
            "bytes": saved.bytes,
            "public": public._asdict(),
        },
        as_json=json,
    )


def restore(
    context: typer.Context,
    source: Annotated[Path, typer.Argument(metavar="BACKUP", help="Folder that `backup` made.")],
    json: Json = False,
) -> None:
    """Make a data directory from a backup; --data-dir names it, and must not exist yet."""
    from geo_service.releases import FOLDER, ReleaseFolder
    from geo_service.store import restore as make

    settings, public = settings_of(context), []
    releases = ReleaseFolder(source / FOLDER)
    with progress_bar() as progress:
        saved = make(
            source,
            settings.data_dir,
            settings.database_url,
            progress,
            lambda folder: public.append(releases.copy_to(folder)),
        )
    say(
        _kept_words(settings.data_dir, saved, public[0]),
        {"data_dir": str(settings.data_dir), **saved._asdict(), "public": public[0]._asdict()},
        as_json=json,
    )


def _kept_words(folder: Path, saved: Saved, public: PublicCopy) -> str:
    """Say what a backup, or what was restored of it, holds."""
    size = f"{saved.files} files, {saved.bytes / 1e6:,.1f} MB"
    lines = [f"{folder} holds everything up to data version {saved.version}: {size}."]
    if public.release is not None:
        lines.append(f"Public release {public.release}, the one that is shown, is in it too.")
    if public.reports:
        lines.append(f"Reports that a place is wrong, which nobody has taken in yet: {public.reports}.")
    if public.left_out:
        lines.append(f"No public release is in it. {public.left_out}")
    return "\n".join(lines)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command(short_help="Copy all data to a new folder.")(backup)
    app.command(short_help="Make a data directory from a backup.")(restore)
