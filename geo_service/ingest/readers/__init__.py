"""The readers of incident files: one module each, found by being there."""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Protocol, cast

from geo_service.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from geo_service.ingest.mapping import ColumnMapping
    from geo_service.ingest.records import RawBatch
    from geo_service.model.incidents import CleanBatch

_LIKELY = 1 / 3
"""Share of a reader's columns that a header must have to be told what it misses."""


@dataclass(frozen=True, slots=True)
class Options:
    """Say what the user said about the files."""

    mapping: ColumnMapping | None = None
    """Names of a force export's columns."""
    force: str = ""
    """Slug of the force that rows belong to, where the file does not say."""


NO_OPTIONS = Options()
"""Nothing said."""


@dataclass(frozen=True, slots=True)
class Table:
    """Show a reader one file."""

    name: str
    header: tuple[str, ...]
    options: Options
    scan: Callable[[Mapping[str, int]], Iterator[RawBatch]]
    """Read some columns (name -> position) of the whole file, for readers that must look ahead."""


class Cleaner(Protocol):
    """Clean the batches of one file in order."""

    wanted: dict[str, int]
    """Name of each column to read -> its position in the header; no other column is ever looked at."""

    def clean(self, batch: RawBatch) -> CleanBatch:
        """Turn text into incidents and rejected rows."""


class Reader(Protocol):
    """Be one module of this folder."""

    NAME: str
    DELIMITED_BY_MAPPING: bool
    """Whether the mapping says what stands between the fields; a comma otherwise."""

    def takes(self, header: tuple[str, ...], options: Options = ...) -> bool:
        """Tell whether the header is of this kind."""

    def columns(self, options: Options = ...) -> tuple[str, ...]:
        """Return the columns that a file of this kind must have."""

    def lacks(self, header: tuple[str, ...], options: Options = ...) -> tuple[str, ...]:
        """Return those of them that a header does not have."""

    def layout(self, options: Options) -> str:
        """Describe in words what files of this kind are and how to have them taken."""

    def cleaner(self, table: Table) -> Cleaner:
        """Begin one file; raise InputError where something is missing to read it."""


@cache
def readers() -> Mapping[str, Reader]:
    """Return every reader by name."""
    modules = (importlib.import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__))
    return {module.NAME: cast("Reader", module) for module in modules}


def delimiter_of(reader: Reader, options: Options) -> str:
    """Return what stands between the fields of a reader's files."""
    return options.mapping.delimiter if options.mapping and reader.DELIMITED_BY_MAPPING else ","


def choose(
    where: str, header_by: Callable[[str], tuple[str, ...]], attempts: Sequence[Options]
) -> tuple[Reader, Options]:
    """Return the reader that takes a file's header, with the options that it takes it by.

    header_by: returns the header as a delimiter cuts it. attempts: options, the likeliest first; the last are those
    that the refusal speaks of. Raises InputError with the columns that the nearest reader misses.
    """
    for options in attempts:
        for reader in readers().values():
            if reader.takes(header_by(delimiter_of(reader, options)), options):
                return reader, options
    raise _refusal(where, header_by, attempts[-1])


def _refusal(where: str, header_by: Callable[[str], tuple[str, ...]], options: Options) -> InputError:
    nearest: tuple[float, Reader, tuple[str, ...]] | None = None
    for reader in readers().values():
        lacking = reader.lacks(header_by(delimiter_of(reader, options)), options)
        share_found = 1 - len(lacking) / len(reader.columns(options))
        if share_found >= _LIKELY and (nearest is None or share_found > nearest[0]):
            nearest = (share_found, reader, lacking)
    header = header_by(delimiter_of(nearest[1], options) if nearest else ",")
    found = f"the header {', '.join(header)}" if header else "no header that can be read"
    if nearest is None:
        ways = ". ".join(reader.layout(options) for reader in readers().values())
        return InputError(
            f"{where} is not a file of incidents that is known here", found=found, do=ways, field="header"
        )
    _, reader, lacking = nearest
    return InputError(
        f"{where} misses the column{'s' if len(lacking) > 1 else ''} {', '.join(lacking)}",
        found=found,
        do=reader.layout(options),
        field="header",
    )
