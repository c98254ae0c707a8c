"""Read a harm table from the user's own file, by a TOML that names its columns."""

from __future__ import annotations

import math
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from geo_service.errors import InputError, NotFoundError
from geo_service.ingest.numbers import number_of
from geo_service.ingest.sheets import Table, read_table
from geo_service.model.harm_imports import HarmFile
from geo_service.model.incidents import MARKERS
from geo_service.model.offences import HarmTable

if TYPE_CHECKING:
    from pathlib import Path

_KEYS: Final = {"title": str, "source": str, "notes": list, "leaves_out": list, "columns": dict}
_HOW: Final = "Copy one of data/mappings/harm, which explain themselves, and change the names"
_SCHEMA: Final = {"offence_code": pl.String, "offence": pl.String, "days": pl.Float64, "source": pl.String}


@dataclass(frozen=True, slots=True)
class _Layout:
    title: str
    source: str
    notes: tuple[str, ...]
    leaves_out: tuple[str, ...]
    code: str
    offence: tuple[str, ...]
    weight: str


class HarmFiles:
    """Read harm tables from CSV or a workbook (port `HarmFiles`)."""

    def __init__(self, folder: Path) -> None:
        """Know the layouts in a folder: `<table>.toml` each."""
        self._folder = folder

    def read(self, path: Path, table_id: str, *, mapping: Path | None = None, sheet: str = "") -> HarmFile:
        """Read a table; every description column of a row makes a row of its own, so that either is found.

        mapping: TOML with the names of the columns; by default the one of that table. Raises InputError for a mapping
        or file that cannot be read, naming key or row, NotFoundError for a table without a mapping.
        """
        layout = _layout(mapping or self._shipped(table_id))
        read = read_table(path, (layout.code, *layout.offence, layout.weight), sheet)
        rows, offences, without = _rows(read, layout)
        if not rows:
            raise InputError(f"{read.where} has no offence with a code and a weight", field=layout.weight)
        frame = pl.DataFrame(rows, schema=_SCHEMA, orient="row").unique(maintain_order=True)
        made = HarmTable(table_id, layout.title, layout.source, frame, layout.notes, layout.leaves_out)
        return HarmFile(made, offences, without, read.where)

    def _shipped(self, table_id: str) -> Path:
        known = sorted(path.stem for path in self._folder.glob("*.toml"))
        if table_id not in known:
            raise NotFoundError(
                "No mapping is known for that harm table",
                found=table_id,
                do=f"Use {' or '.join(known)}, or give a mapping of your own with --mapping",
                field="table",
            )
        return self._folder / f"{table_id}.toml"


def _rows(read: Table, layout: _Layout) -> tuple[list[tuple[str, str | None, float, str]], int, int]:
    """Return (code, description, weight, where it stands), the offences with a weight, and the rows without."""
    rows: list[tuple[str, str | None, float, str]] = []
    offences = without = 0
    for at, number in enumerate(read.rows):
        code, text = read.columns[layout.code][at], read.columns[layout.weight][at]
        weight = number_of(text)
        if weight is not None and math.isnan(weight):
            raise InputError(
                f"Row {number} of {read.where}: {layout.weight} is no number of at least 0",
                found=text,
                do="Mend the file, or name another column",
                field=layout.weight,
            )
        if weight is None or not code:
            without += 1
            continue
        offences += 1
        said = dict.fromkeys(text for name in layout.offence if (text := read.columns[name][at]))
        rows += [(code, offence, weight, f"row {number}") for offence in said or (None,)]
    return rows, offences, without


def _layout(path: Path) -> _Layout:
    content = _content(path)
    columns = content["columns"]
    offence = columns.get("offence", [])
    if not isinstance(offence, list) or not all(isinstance(name, str) for name in offence):
        raise _wrong(path, "[columns] offence", "a list of texts, empty where there is none", offence)
    for key in ("code", "weight"):
        if not isinstance(columns.get(key), str) or not columns[key]:
            raise _wrong(path, f"[columns] {key}", "the name of a column", columns.get(key))
    if unknown := [marker for marker in content["leaves_out"] if marker not in MARKERS]:
        raise _wrong(path, "leaves_out", f"some of {', '.join(MARKERS)}", unknown[0])
    return _Layout(
        title=content["title"],
        source=content["source"],
        notes=tuple(map(str, content["notes"])),
        leaves_out=tuple(content["leaves_out"]),
        code=columns["code"],
        offence=tuple(offence),
        weight=columns["weight"],
    )


def _content(path: Path) -> dict[str, Any]:
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as problem:
        raise InputError(f"The mapping {path.name} cannot be read", found=problem.strerror, do=_HOW) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise InputError(f"The mapping {path.name} is not TOML", found=problem, do=_HOW) from None
    content = {"notes": [], "leaves_out": []} | content
    for key, kind in _KEYS.items():
        if not isinstance(content.get(key), kind):
            word = {str: "a text", list: "a list of texts", dict: "a table"}[kind]
            raise _wrong(path, key, word, content.get(key))
    if unknown := content.keys() - _KEYS.keys():
        raise _wrong(path, min(unknown), f"left out; known are {', '.join(_KEYS)}", min(unknown))
    return content


def _wrong(path: Path, key: str, word: str, found: object) -> InputError:
    said = "nothing" if found is None else found
    return InputError(f"The mapping {path.name}: {key} must be {word}", found=said, do=_HOW, field=key)
