"""`geo-service`: the commands, and what happens to their errors."""

from __future__ import annotations

import errno
import os
import re
import sys
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from typer.core import TyperArgument
from typer.exceptions import TyperException

from geo_service.cli import (
    audit,
    backtest,
    backups,
    compare,
    concentration,
    evaluate,
    history,
    impact,
    imports,
    keeping,
    near_repeat,
    people,
    plan,
    questions,
    safe_places,
    serving,
    sheets,
    visits,
    windows,
)
from geo_service.cli.output import say_problem
from geo_service.errors import FaultError, GeoServiceError, InputError, UserError

NAME = "geo-service"
# The name of an argument says what it is; `<list[Path]>` behind it, which has no switch, says it to programmers only.
TyperArgument.display_type_rich = lambda *_, **__: None  # type: ignore[method-assign]
app = typer.Typer(
    name=NAME,
    help="Hotspot patrol planning and safe-place mapping.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode=None,
)
app.add_typer(imports.app, name="import")
app.add_typer(safe_places.app, name="safe-places", short_help="Keep, publish and print the Safe Places.")
app.add_typer(audit.app, name="audit", short_help="List or export what was done by whom, and prove it.")
for module in (
    questions,
    plan,
    windows,
    near_repeat,
    history,
    keeping,
    backups,
    people,
    serving,
    impact,
    backtest,
    compare,
    concentration,
    evaluate,
    sheets,
    visits,
):
    module.register(app)

INTERRUPTED = 130
"""What shells expect of a command that Ctrl-C ended."""
TRACEBACK = "GEO_SERVICE_TRACEBACK"
"""Environment variable that shows all of an unexpected fault."""
_WRONG_PATHS = (errno.ENAMETOOLONG, errno.ENOTDIR, errno.EISDIR, errno.ELOOP)


class CommandError(UserError):
    """Refuse what is no command, option or argument."""

    title = "Bad command"


@dataclass(frozen=True)
class Given:
    """Hold the options that stand before the command."""

    data_dir: Path | None


def _version(*, wanted: bool) -> None:
    if wanted:
        from geo_service import __version__

        typer.echo(f"{NAME} {__version__}")
        raise typer.Exit


@app.callback()
def given(
    context: typer.Context,
    data_dir: Annotated[
        str | None,
        typer.Option(
            metavar="DIR", help="Folder that holds everything imported (or GEO_SERVICE_DATA_DIR).", show_default=False
        ),
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
    if data_dir is not None and not data_dir.strip():
        # A variable that a script forgot to set must not make the current folder the data directory.
        raise InputError("--data-dir is empty", do="Name the folder, for example --data-dir area", field="data_dir")
    context.obj = Given(None if data_dir is None else Path(data_dir))


def run() -> None:
    """Run a command; say errors in words and leave with 2 (the user can mend it) or 1 (a fault of ours)."""
    try:
        code = app(prog_name=NAME, standalone_mode=False)
    except TyperException as problem:
        code = _say_usage(problem)
    except KeyboardInterrupt:
        code = INTERRUPTED
    except Exception as problem:  # noqa: BLE001 - the last door: whatever comes here is said in words
        code = _say(problem)
    if code == INTERRUPTED:
        typer.echo("Interrupted. Nothing was half-written; the command can be run again.", err=True)
    sys.exit(code if isinstance(code, int) else 0)


def _say_usage(problem: TyperException) -> int:
    """Say what was wrong with the words of the command line, and where its help is."""
    said = problem.format_message()
    if said.startswith("Usage:"):  # no command was given: the help itself
        typer.echo(said, err=True)
        return problem.exit_code
    path = getattr(getattr(problem, "ctx", None), "command_path", NAME)
    do = f"See `{path} --help`"
    if getattr(problem, "option_name", None) == "--data-dir":
        do = f"It stands before the command: `{NAME} --data-dir DIR {path.removeprefix(NAME).strip()} …`"
    return _say(CommandError(_plain(said), do=do))


def _plain(said: str) -> str:
    """Leave out of a refusal what speaks of how the program reads numbers."""
    return re.sub(r"Input should be (a valid \w+), unable to parse .*", r"That is not \1", said)


def _say(problem: Exception) -> int:
    known = problem if isinstance(problem, GeoServiceError) else _unexpected(problem)
    if known is not problem and os.environ.get(TRACEBACK):
        traceback.print_exception(problem)
    say_problem(known, as_json="--json" in sys.argv)
    return known.exit_code


def _unexpected(problem: Exception) -> GeoServiceError:
    """Put into words what no room foresaw."""
    if isinstance(problem, OSError) and problem.filename is not None and problem.errno in _WRONG_PATHS:
        return InputError("A path cannot be used", found=f"{problem.filename}: {problem.strerror}", do="Check the path")
    return FaultError(
        "Something went wrong that should not have",
        found=f"{type(problem).__name__}: {problem}",
        do=f"Run it again with {TRACEBACK}=1 to see where, and report what it prints",
    )
