"""Cut a stream of bytes into numbered records of text, in batches, losing none.

A block of whole lines whose quotes are as RFC 4180 has them goes through Arrow. Any other block goes through the
standard library's parser record by record, where one quote that is never closed costs one line and not the file.
"""

from __future__ import annotations

import csv
import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.csv as pa_csv

from geo_service.errors import InputError
from geo_service.ingest.text import CHUNK_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from geo_service.ingest.containers import Source
    from geo_service.ingest.text import TextFile

_MOST_LINES: Final = 200
"""Lines that one record may span; beyond that its quote was never meant to open."""
_BOM: Final = b"\xef\xbb\xbf"
_LONGEST_TEXT: Final = 200
MALFORMED_SCHEMA: Final = pl.Schema({"row": pl.Int64, "text": pl.String, "reason": pl.String})


@dataclass(frozen=True, slots=True)
class RawBatch:
    """Hold the records of one block as text."""

    read: int
    """Records, blank lines not counted."""
    rows: pl.DataFrame
    """`row` (Int64, the record's number, the first record of the file being 1) and the wanted columns as text."""
    malformed: pl.DataFrame
    """MALFORMED_SCHEMA: records that do not have the header's number of fields."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Say what the records of a file look like."""

    width: int
    """Fields of each record."""
    wanted: dict[str, int]
    """Name of each wanted column -> its position."""
    delimiter: str = ","
    has_header: bool = True


def read_records(
    source: Source, text: TextFile, layout: Layout, progress: Callable[[int], None] | None = None
) -> Iterator[RawBatch]:
    """Yield the records of a file in batches; memory does not grow with the file.

    progress: called with the bytes read so far. Raises InputError where the file cannot be read, changed since it
    was inspected, or holds a line longer than a block.
    """
    parser = _Parser(layout)
    for block, bytes_read, is_last in _blocks(source, text, parser):
        batch = parser.parse(block, is_last=is_last)
        if batch.read:
            yield batch
        if progress is not None:
            progress(bytes_read)


def _blocks(source: Source, text: TextFile, parser: _Parser) -> Iterator[tuple[bytes, int, bool]]:
    """Yield blocks of whole lines as UTF-8, lines ended by LF alone, what the parser left over put in front."""
    digest, bytes_read, held, carry = hashlib.sha256(), 0, b"", b""
    for chunk in source.chunks(CHUNK_BYTES):
        digest.update(chunk)
        raw = held + (chunk.removeprefix(_BOM) if bytes_read == 0 else chunk)
        bytes_read += len(chunk)
        raw, held = (raw[:-1], b"\r") if raw.endswith(b"\r") else (raw, b"")
        data = carry + _normal(raw, text.encoding)
        cut = data.rfind(b"\n") + 1
        if len(data) - cut > CHUNK_BYTES:
            raise InputError(
                f"{source.where} holds a line longer than {CHUNK_BYTES:,} bytes",
                found=data[cut : cut + 40].decode("utf-8", errors="replace"),
                do="This is not a CSV file",
            )
        if cut:
            yield data[:cut], bytes_read, False
            carry = parser.left_over + data[cut:]
        else:
            carry = data
    if digest.hexdigest() != text.sha256:
        raise InputError(f"{source.where} changed while it was read", do="Import it again once it is complete")
    rest = carry + _normal(held, text.encoding)
    if rest:
        yield rest, bytes_read, True


def _normal(raw: bytes, encoding: str) -> bytes:
    if b"\r" in raw:
        raw = raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return raw if encoding == "utf-8" else raw.decode(encoding, errors="replace").encode()


@dataclass(slots=True)
class _Parser:
    """Number and parse blocks; what a record that is still open needs is left in `left_over`."""

    layout: Layout
    row: int = 0
    """Number of the last record parsed, blank lines counted as spreadsheets count them."""
    left_over: bytes = b""
    in_header: bool = field(init=False)

    def __post_init__(self) -> None:
        self.in_header = self.layout.has_header

    def parse(self, block: bytes, *, is_last: bool) -> RawBatch:
        """Parse a block of whole lines."""
        self.left_over = b""
        if self.in_header:
            return self._parse_slowly(block, is_last=is_last)
        if _is_plain(block, self.layout.delimiter):
            batch = _parse_with_arrow(block, self.layout, self.row)
            if batch is not None:
                self.row += batch.read
                return batch
        return self._parse_slowly(block, is_last=is_last)

    def _parse_slowly(self, block: bytes, *, is_last: bool) -> RawBatch:
        lines = block.decode("utf-8", errors="replace").removesuffix("\n").split("\n")
        numbers: list[int] = []
        rows: list[list[str]] = []
        malformed: list[tuple[int, str, str]] = []
        at = 0
        for start, stop, fields in _records(lines, self.layout.delimiter, is_last=is_last):
            at = stop
            if not any(lines[start:stop]):
                self.row += 1
            elif self.in_header:
                self.in_header, self.row = False, self.row + 1
                if (plain := self._rest_with_arrow(lines[stop:])) is not None:
                    return plain
            else:
                self.row += 1
                if fields is not None and len(fields) == self.layout.width:
                    numbers.append(self.row)
                    rows.append(fields)
                else:
                    said = _quotes() if fields is None else _wrong_width(self.layout.width, len(fields))
                    malformed.append((self.row, "\n".join(lines[start:stop])[:_LONGEST_TEXT], said))
        self.left_over = "".join(f"{line}\n" for line in lines[at:]).encode()
        return _batch(numbers, rows, malformed, self.layout)

    def _rest_with_arrow(self, lines: Sequence[str]) -> RawBatch | None:
        """Parse what follows the header the fast way, if it can be."""
        rest = "".join(f"{line}\n" for line in lines).encode()
        if not rest or not _is_plain(rest, self.layout.delimiter):
            return None
        batch = _parse_with_arrow(rest, self.layout, self.row)
        if batch is not None:
            self.row += batch.read
        return batch


def _records(lines: Sequence[str], delimiter: str, *, is_last: bool) -> Iterator[tuple[int, int, list[str] | None]]:
    """Yield (first line, line after the last, fields) of each record; None where its quotes do not pair up."""
    start = 0
    while start < len(lines):
        feed = _Feed(lines, start)
        try:
            for fields in csv.reader(feed, delimiter=delimiter, strict=True):
                yield start, feed.at, fields
                start = feed.start = feed.at
        except csv.Error:
            if feed.at == len(lines) and not is_last and len(lines) - start < _MOST_LINES:
                return  # the rest of the record may be in the next block
            yield start, start + 1, None
            start += 1


@dataclass(slots=True)
class _Feed:
    """Hand lines to the parser, at most so many for one record."""

    lines: Sequence[str]
    start: int
    at: int = field(init=False)

    def __post_init__(self) -> None:
        self.at = self.start

    def __iter__(self) -> _Feed:
        return self

    def __next__(self) -> str:
        if self.at >= len(self.lines) or self.at - self.start >= _MOST_LINES:
            raise StopIteration
        self.at += 1
        return self.lines[self.at - 1] + "\n"


def _is_plain(block: bytes, delimiter: str) -> bool:
    """Tell whether each line is one record: no blank line, and quotes only as RFC 4180 has them."""
    if block.startswith(b"\n") or b"\n\n" in block:
        return False
    if b'"' not in block:
        return True
    data = np.frombuffer(block, dtype=np.uint8)
    quotes = np.flatnonzero(data == ord('"'))
    line_ends = np.flatnonzero(data == ord("\n"))
    if len(quotes) % 2 or (np.searchsorted(quotes, line_ends) % 2).any():
        return False
    beside = np.array([ord("\n"), ord('"'), ord(delimiter)], dtype=np.uint8)
    before, after = quotes[0::2] - 1, quotes[1::2] + 1
    opens = np.isin(data[before[before >= 0]], beside).all()
    closes = np.isin(data[after[after < len(data)]], beside).all()
    return bool(opens and closes)


def _parse_with_arrow(block: bytes, layout: Layout, row: int) -> RawBatch | None:
    """Parse a plain block; None where Arrow does not see as many records as there are lines."""
    lines = block.count(b"\n") + (not block.endswith(b"\n"))
    malformed: list[tuple[int, str, str]] = []

    def skip(bad: pa_csv.InvalidRow) -> str:
        said = _wrong_width(bad.expected_columns, bad.actual_columns)
        malformed.append((row + bad.number, bad.text[:_LONGEST_TEXT], said))
        return "skip"

    names = [str(position) for position in range(layout.width)]
    wanted = {name: str(position) for name, position in layout.wanted.items()}
    try:
        table = pa_csv.read_csv(
            pa.BufferReader(block),
            read_options=pa_csv.ReadOptions(column_names=names, use_threads=False, block_size=len(block) + 1),
            parse_options=pa_csv.ParseOptions(
                delimiter=layout.delimiter,
                invalid_row_handler=skip,
                newlines_in_values=True,
                ignore_empty_lines=False,
            ),
            convert_options=pa_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.large_string()),
                include_columns=list(dict.fromkeys(wanted.values())),
                strings_can_be_null=False,
            ),
        )
    except pa.ArrowInvalid:
        return None
    if table.num_rows + len(malformed) != lines:
        return None
    numbers = np.setdiff1d(np.arange(row + 1, row + lines + 1), [number for number, _, _ in malformed])
    columns = {name: pl.from_arrow(table.column(position)) for name, position in wanted.items()}
    rows = pl.DataFrame({"row": numbers, **columns}, schema_overrides={"row": pl.Int64})
    return RawBatch(lines, rows, pl.DataFrame(malformed, MALFORMED_SCHEMA, orient="row"))


def _batch(
    numbers: list[int], rows: list[list[str]], malformed: list[tuple[int, str, str]], layout: Layout
) -> RawBatch:
    columns = list(zip(*rows, strict=True)) or [()] * layout.width
    schema = {"row": pl.Int64, **dict.fromkeys(layout.wanted, pl.String)}
    data = {"row": numbers, **{name: columns[position] for name, position in layout.wanted.items()}}
    bad = pl.DataFrame(malformed, MALFORMED_SCHEMA, orient="row")
    return RawBatch(len(rows) + len(malformed), pl.DataFrame(data, schema), bad)


def _wrong_width(expected: int, found: int) -> str:
    return f"the row has {found} fields, the header has {expected}"


def _quotes() -> str:
    return "a quote is opened and never closed, or stands in the middle of a quoted field"
