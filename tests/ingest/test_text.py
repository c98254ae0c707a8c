"""A file that is no text, or text of an unknown kind, is refused with what it seems to be."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from geo_service.errors import InputError
from geo_service.ingest.containers import DiskFile
from geo_service.ingest.text import inspect

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf\r\n \n", "is empty"),
        ("Crime ID,Month".encode("utf-16"), "UTF-16"),
        ("Crime ID,Month\n".encode("utf-16-le"), "control characters"),
        (b"PK\x03\x04rest", "Excel workbook or a zip"),
        (b"\x1f\x8b\x08rest", "gzip"),
        (b"%PDF-1.7", "PDF"),
        (bytes(range(32)) * 10, "control characters"),
        (b"a,b\n\x81,\xff\n", "neither UTF-8 nor Windows-1252"),
    ],
)
def test_what_is_no_csv_is_refused_with_a_way_out(content: bytes, said: str, write: Callable[..., Path]) -> None:
    with pytest.raises(InputError, match=said) as refused:
        inspect(DiskFile(write(content, "export.csv")))
    assert "export.csv" in refused.value.message
    assert refused.value.do


def test_the_hash_is_that_of_the_bytes(write: Callable[..., Path]) -> None:
    content = "\ufeffa,b\n1,é\n".encode()
    text = inspect(DiskFile(write(content)))
    assert (text.sha256, text.size_bytes) == (hashlib.sha256(content).hexdigest(), len(content))
    assert text.encoding == "utf-8"
    assert text.header() == ("a", "b")


def test_a_header_may_be_quoted_and_come_after_blank_lines(write: Callable[..., Path]) -> None:
    assert inspect(DiskFile(write(b'\n\r\n" Crime, no ";b\n'))).header(";") == ("Crime, no", "b")
