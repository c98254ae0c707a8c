"""Words for people, one JSON object for scripts, progress on a terminal only."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from geo_service.errors import GeoServiceError
    from geo_service.model.ports import Progress
    from geo_service.workflows.markings import Export


def say(words: str, facts: Mapping[str, object], *, as_json: bool) -> None:
    """Print words for a person, or the facts as one JSON object; raise FaultError where they cannot be printed."""
    from geo_service.errors import FaultError

    problem = _print(json.dumps(facts, ensure_ascii=False, default=str) if as_json else words)
    # Who reads may have seen enough (`| head`), and that is no error.
    if problem is not None and not isinstance(problem, BrokenPipeError):
        raise FaultError("What was asked for is done, but the answer cannot be printed", found=problem.strerror)


def say_problem(problem: GeoServiceError, *, as_json: bool) -> None:
    """Print an error as one sentence after another on standard error, or as one JSON object on standard output."""
    if as_json:
        facts = {"error": problem.title, "message": problem.message, "field": problem.field}
        _print(json.dumps(facts, ensure_ascii=False))
    else:
        _print(f"{problem.title}: {problem.message}", err=True)


def _print(text: str, *, err: bool = False) -> OSError | None:
    try:
        typer.echo(text, err=err)
    except OSError as problem:
        # Python must not try again when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), (sys.stderr if err else sys.stdout).fileno())
        return problem
    return None


@contextmanager
def progress_bar() -> Iterator[Progress | None]:
    """Show how far a job is on standard error when that is a terminal; otherwise show nothing."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    with Bar(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    ) as bar:
        task = bar.add_task("reading", total=None)
        yield lambda done, total, what: bar.update(task, completed=done, total=total, description=what)


def check_place(path: Path, *endings: str) -> None:
    """Raise InputError where a file cannot be written, before any work is done for it.

    endings: those that the name may have, with their dot; none for any.
    """
    from geo_service.errors import InputError

    if path.is_dir():
        raise InputError("A file cannot take the place of a folder", found=path, do="Add a file name", field="output")
    if endings and path.suffix.lower() not in endings:
        raise InputError(
            "The file's name has another ending than its content",
            found=path.name,
            do=f"Let it end in {' or '.join(endings)}",
            field="output",
        )
    if not path.parent.is_dir():
        raise InputError(
            "There is no folder to write to",
            found=path.parent,
            do="Make it first, or choose another place with -o",
            field="output",
        )


def is_pdf(place: Path) -> bool:
    """Tell a PDF that is to be written from a folder, whose name may end like one."""
    return place.suffix.casefold() == ".pdf" and not place.is_dir()


def folder_or_pdf(output: Path | None) -> Path:
    """Return the folder, which may be new, or the PDF to write; None is here. Raise InputError for anything else."""
    from geo_service.errors import InputError

    if output is None:
        return Path()
    if is_pdf(output):
        check_place(output, ".pdf")
        return output
    if output.is_file() or (output.suffix and not output.is_dir()):
        raise InputError(
            "That is neither a folder nor a PDF",
            found=output,
            do="Name a folder, or a file ending in .pdf",
            field="output",
        )
    if not output.parent.is_dir():
        raise InputError(
            "There is no folder to make it in", found=output.parent, do="Choose another place with -o", field="output"
        )
    return output


def write_file(path: Path, content: bytes) -> None:
    """Write a file whole or not at all; raise InputError where the folder cannot be written to."""
    from geo_service.errors import InputError

    check_place(path)
    try:
        handle, temp = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:100]}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            Path(temp).chmod(0o644)
            Path(temp).replace(path)
        except BaseException:
            Path(temp).unlink(missing_ok=True)
            raise
    except OSError as problem:
        raise InputError(
            "The file cannot be written",
            found=f"{path}: {problem.strerror}",
            do="Choose another place with -o",
            field="output",
        ) from None


def write_export(output: Path | None, made: Export) -> Path:
    """Write an export and return where it is: its name says marking, data version and destroy-after, always.

    output: a folder or None (here), for a name of its own, or a file, to whose name is added what is missing.
    """
    from geo_service.workflows.markings import own_name

    if output is None or output.is_dir():
        path = (output or Path()) / made.name
    else:
        path = output.with_name(own_name(made.marks, output.name))
    write_file(path, made.content)
    return path


def table(heads: list[str], rows: list[list[object]]) -> str:
    """Lay out rows in columns."""
    cells = [heads, *([str(value) for value in row] for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(heads))]
    return "\n".join(
        "  ".join(f"{word:<{width}}" for word, width in zip(row, widths, strict=True)).rstrip() for row in cells
    )


def make_folder(folder: Path) -> None:
    """Make a folder where it is new, now that there is something to put into it; raise InputError."""
    from geo_service.errors import InputError

    try:
        folder.mkdir(exist_ok=True)
    except OSError as problem:
        raise InputError(
            "The folder cannot be made",
            found=f"{folder}: {problem.strerror}",
            do="Choose another place with -o",
            field="output",
        ) from None
