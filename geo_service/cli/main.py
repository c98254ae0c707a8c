"""`geo-service`: the commands, and what happens to their errors."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from geo_service.cli import history, imports, questions, serving

if TYPE_CHECKING:
    from geo_service.errors import GeoServiceError

app = typer.Typer(
    name="geo-service",
    help="Hotspot patrol planning and safe-place mapping.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode=None,
)
app.add_typer(imports.app, name="import")
for module in (questions, history, serving):
    module.register(app)


@dataclass(frozen=True)
class Given:
    """Hold the options that stand before the command."""

    data_dir: Path | None


def _version(*, wanted: bool) -> None:
    if wanted:
        from geo_service import __version__

        typer.echo(f"geo-service {__version__}")
        raise typer.Exit


@app.callback()
def given(
    context: typer.Context,
    data_dir: Annotated[
        Path | None,
        typer.Option(help="Folder that holds everything imported (or GEO_SERVICE_DATA_DIR).", show_default=False),
    ] = None,
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=lambda value: _version(wanted=value), is_eager=True, help="Say the version."
        ),
    ] = False,
) -> None:
    """Take the options that stand before the command."""
    del version
    context.obj = Given(data_dir)


def run() -> None:
    """Run a command; say errors in words and leave with 2 (the user can mend it) or 1 (a fault of ours)."""
    from geo_service.errors import GeoServiceError

    try:
        app()
    except GeoServiceError as problem:
        _say_problem(problem)
        sys.exit(problem.exit_code)
    except KeyboardInterrupt:
        typer.echo("Interrupted. Nothing was half-written; the command can be run again.", err=True)
        sys.exit(130)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)


def _say_problem(problem: GeoServiceError) -> None:
    if "--json" in sys.argv:
        typer.echo(json.dumps({"error": problem.title, "message": problem.message, "field": problem.field}))
    else:
        typer.echo(f"{problem.title}: {problem.message}", err=True)
