"""Read what an evaluation is given in small files: lists of areas, figures, visits."""

from __future__ import annotations

import csv
import io
import tomllib
from typing import TYPE_CHECKING

from geo_service.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

    from geo_service.model.impact import NamedArea

MOST_BYTES = 50_000_000


def read_text(path: Path, field: str) -> str:
    """Return the text of a file; raise InputError where it cannot be read."""
    try:
        size = path.stat().st_size
        raw = path.read_bytes() if size <= MOST_BYTES else b""
    except OSError as problem:
        raise InputError(
            "The file cannot be read", found=f"{path}: {problem.strerror}", do="Check the name", field=field
        ) from None
    if size > MOST_BYTES:
        raise InputError("The file is too large", found=f"{path}: {size:,} bytes", do="Check the name", field=field)
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError("The file is not UTF-8", found=path, do="Save it as UTF-8 (CSV UTF-8)", field=field) from None


def read_rows(path: Path, field: str) -> tuple[list[str], list[list[str]]]:
    """Return the heads and rows of a CSV, empty lines left out; raise InputError."""
    try:
        rows = [row for row in csv.reader(io.StringIO(read_text(path, field)), strict=True) if any(row)]
    except csv.Error as problem:
        raise InputError("The file is no CSV", found=f"{path}: {problem}", do="Export it again", field=field) from None
    if not rows:
        raise InputError("The file is empty", found=path, do="Give one with a line of heads", field=field)
    return rows[0], rows[1:]


def read_areas(path: Path) -> tuple[tuple[NamedArea, ...], str | None]:
    """Return the lists of areas in a TOML, and the boundary set that it names; raise InputError.

    Each `[[area]]` has a `name` and `codes`, a list of codes or names; `boundary_set` may stand before them.
    """
    from geo_service.model.impact import NamedArea

    try:
        said = tomllib.loads(read_text(path, "areas"))
    except tomllib.TOMLDecodeError as problem:
        raise InputError("The file is no TOML", found=f"{path.name}: {problem}", do=_EXAMPLE, field="areas") from None
    boundary_set, listed = said.pop("boundary_set", None), said.pop("area", None)
    if said or not isinstance(listed, list) or not listed or not isinstance(boundary_set, str | None):
        found = f"{path.name}: {', '.join(said) or 'no [[area]]'}"
        raise InputError("The list of areas has other keys than are known", found=found, do=_EXAMPLE, field="areas")
    areas = []
    for number, area in enumerate(listed, start=1):
        is_whole = isinstance(area, dict) and set(area) == {"name", "codes"} and isinstance(area["name"], str)
        codes = area["codes"] if is_whole else None
        if not (isinstance(codes, list) and codes and all(isinstance(code, str) and code.strip() for code in codes)):
            raise InputError(f"Area {number} of {path.name} is not whole", found=area, do=_EXAMPLE, field="areas")
        areas.append(NamedArea(" ".join(area["name"].split()), tuple(codes)))
    names = [area.name for area in areas]
    twice = [name for name in names if not name or names.count(name) > 1]
    if twice:
        raise InputError("An area has no name of its own", found=twice[0], do="Name each area once", field="areas")
    return tuple(areas), boundary_set


_EXAMPLE = 'Write each as: [[area]], name = "Town", codes = ["E05015336", "E05015337"]'
