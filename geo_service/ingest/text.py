"""Find out what a text file is: its hash, encoding and header."""

from __future__ import annotations

import codecs
import csv
import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from geo_service.errors import InputError

if TYPE_CHECKING:
    from geo_service.ingest.containers import Source

CHUNK_BYTES: Final = 8 * 1024**2
"""Bytes read at a time: about 40,000 rows of data.police.uk."""
_HEAD_BYTES: Final = 64 * 1024
_MOST_COLUMNS: Final = 2_000
_MOST_CONTROL_SHARE: Final = 0.01
_FEW_CONTROLS: Final = 8
_UNDEFINED_1252: Final = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
_CONTROL: Final = bytes(code for code in range(32) if code not in b"\t\n\r\f") + b"\x7f"
_AS_CSV: Final = "Save it as `CSV UTF-8 (comma delimited)` and import that"
_KINDS: Final = {
    b"PK\x03\x04": "an Excel workbook or a zip",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"%PDF": "a PDF",
    b"\x1f\x8b": "a gzip file",
    b"PAR1": "a Parquet file",
    b"SQLite format 3": "a database",
}


@dataclass(frozen=True, slots=True)
class TextFile:
    """Describe one text file of rows."""

    sha256: str
    size_bytes: int
    encoding: str
    """`utf-8` (with or without byte order mark) or `cp1252`."""
    head: str
    """The beginning of the text, without byte order mark."""

    def header(self, delimiter: str = ",") -> tuple[str, ...]:
        """Return the fields of the first row that is not blank, stripped."""
        text = self.head.replace("\r\n", "\n").replace("\r", "\n")
        lines = (line for line in text.split("\n") if line.strip())
        try:
            fields = next(csv.reader(lines, delimiter=delimiter), [])
        except csv.Error:
            return ()
        return tuple(field.strip() for field in fields[:_MOST_COLUMNS])


def inspect(source: Source) -> TextFile:
    """Read a file once for its hash, size, encoding and first line.

    Raises InputError for an empty or binary file, UTF-16 (Excel's "Unicode text") and unknown encodings.
    """
    digest, size, head = hashlib.sha256(), 0, b""
    decoder, is_utf8 = codecs.getincrementaldecoder("utf-8")(), True
    for chunk in source.chunks(CHUNK_BYTES):
        if size == 0:
            head = chunk[:_HEAD_BYTES]
            _refuse_binary(source, head)
        digest.update(chunk)
        size += len(chunk)
        is_utf8 = is_utf8 and _decodes(decoder, chunk)
    is_utf8 = is_utf8 and _decodes(decoder, b"", final=True)
    encoding = "utf-8" if is_utf8 else _older_encoding(source)
    text = head.decode("utf-8-sig" if is_utf8 else encoding, errors="replace")
    if not text.strip():
        raise InputError(f"{source.where} is empty", found=f"{size} bytes", do="Export it again")
    return TextFile(digest.hexdigest(), size, encoding, text)


def _decodes(decoder: codecs.IncrementalDecoder, chunk: bytes, *, final: bool = False) -> bool:
    try:
        decoder.decode(chunk, final)
    except UnicodeDecodeError:
        return False
    return True


def _older_encoding(source: Source) -> str:
    for chunk in source.chunks(CHUNK_BYTES):
        undefined = _UNDEFINED_1252.search(chunk)
        if undefined:
            raise InputError(
                f"{source.where} is neither UTF-8 nor Windows-1252 text",
                found=f"byte 0x{undefined[0].hex()}",
                do=_AS_CSV,
            )
    return "cp1252"


def _refuse_binary(source: Source, head: bytes) -> None:
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise InputError(f'{source.where} is UTF-16, which Excel calls "Unicode text"', do=_AS_CSV)
    for magic, kind in _KINDS.items():
        if head.startswith(magic):
            raise InputError(f"{source.where} is not a text file", found=kind, do=_AS_CSV)
    controls = len(head) - len(head.translate(None, _CONTROL))
    if controls > max(_FEW_CONTROLS, len(head) * _MOST_CONTROL_SHARE):
        raise InputError(
            f"{source.where} is not a text file",
            found=f"{controls:,} control characters in the first {len(head):,} bytes",
            do=_AS_CSV,
        )
