"""Records are numbered, cut as the standard library cuts them, and none is lost."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_service.errors import InputError
from geo_service.ingest import records
from geo_service.ingest.records import Layout, RawBatch, read_records
from geo_service.ingest.text import inspect

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass
class Memory:
    """Be a source in memory that is read in small pieces."""

    content: bytes
    piece: int = 7
    name: str = "memory.csv"
    where: str = "memory.csv"

    def chunks(self, size: int) -> Iterator[bytes]:
        """Yield pieces of the chosen size, whatever is asked for."""
        for start in range(0, len(self.content), self.piece):
            yield self.content[start : start + self.piece]


def read(content: bytes, width: int = 3, piece: int = 7) -> list[RawBatch]:
    source = Memory(content, piece)
    layout = Layout(width, {f"c{position}": position for position in range(width)})
    return list(read_records(source, inspect(source), layout))


def rows_of(batches: list[RawBatch]) -> list[tuple[object, ...]]:
    return [row for batch in batches for row in batch.rows.iter_rows()]


def malformed_of(batches: list[RawBatch]) -> list[tuple[object, ...]]:
    return [row for batch in batches for row in batch.malformed.iter_rows()]


FIELDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]) | st.sampled_from('\n\t",'), max_size=6)


@given(st.lists(st.lists(FIELDS, min_size=3, max_size=3), max_size=8), st.integers(1, 40))
def test_what_the_standard_library_writes_is_read_back(table: list[list[str]], piece: int) -> None:
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\r\n", quoting=csv.QUOTE_MINIMAL)
    writer.writerow(["a", "b", "c"])
    writer.writerows(table)
    batches = read(written.getvalue().encode(), piece=piece)
    assert rows_of(batches) == [(number + 2, *row) for number, row in enumerate(table)]
    assert malformed_of(batches) == []


@given(st.text(st.sampled_from('ab,"\n\r é'), max_size=60), st.integers(1, 30))
def test_pieces_and_ways_of_parsing_make_no_difference(body: str, piece: int) -> None:
    content = f"a,b,c\n{body}".encode()
    whole, pieces = read(content, piece=10_000), read(content, piece=piece)
    assert rows_of(whole) == rows_of(pieces)
    assert [row[:2] for row in malformed_of(whole)] == [row[:2] for row in malformed_of(pieces)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(records, "_is_plain", lambda block, delimiter: False)
        slow = read(content, piece=10_000)
    assert rows_of(whole) == rows_of(slow)
    assert [row[:2] for row in malformed_of(whole)] == [row[:2] for row in malformed_of(slow)]


@given(st.text(st.sampled_from('ab,"\n\r é'), max_size=80))
def test_every_record_is_a_row_or_malformed(body: str) -> None:
    for batch in read(f"a,b,c\n{body}".encode()):
        assert batch.rows.height + batch.malformed.height == batch.read


def test_a_row_of_another_width_is_kept_with_its_number_and_text() -> None:
    batches = read(b"a,b,c\n1,2,3\n4,5\n6,7,8\n9,9,9,9\n", piece=1000)
    assert [row[0] for row in rows_of(batches)] == [2, 4]
    assert malformed_of(batches) == [
        (3, "4,5", "the row has 2 fields, the header has 3"),
        (5, "9,9,9,9", "the row has 4 fields, the header has 3"),
    ]


def test_a_quote_that_never_closes_costs_one_line() -> None:
    lines = ["a,b,c", "1,2,3", '1,"open,3', *["7,8,9"] * 500]
    batches = read("\n".join(lines).encode(), piece=1000)
    assert sum(batch.rows.height for batch in batches) == 501
    assert [row[:2] for row in malformed_of(batches)] == [(3, '1,"open,3')]


def test_a_quote_within_words_is_a_letter_like_any_other() -> None:
    assert rows_of(read(b'a,b,c\n1,5" pipe,3\n')) == [(2, "1", '5" pipe', "3")]


def test_a_line_break_inside_quotes_does_not_end_the_record() -> None:
    batches = read(b'a,b,c\r\n1,"two\r\nlines",3\r\n4,5,6\r\n')
    assert rows_of(batches) == [(2, "1", "two\nlines", "3"), (3, "4", "5", "6")]


def test_blank_lines_are_counted_as_spreadsheets_count_them_but_are_no_rows() -> None:
    batches = read(b"a,b,c\n\n1,2,3\n\n\n4,5,6\n\n")
    assert [row[0] for row in rows_of(batches)] == [3, 6]
    assert sum(batch.read for batch in batches) == 2


def test_old_line_ends_byte_order_mark_and_nul_are_read() -> None:
    content = b"\xef\xbb\xbfa,b,c\r1,x\x00y,3\r" + b"1,2,3\r" * 50
    batches = read(content)
    assert rows_of(batches)[0] == (2, "1", "x\x00y", "3")
    assert len(rows_of(batches)) == 51


def test_windows_1252_is_decoded() -> None:
    assert rows_of(read("a,b,c\n1,caf\xe9 \x80,3\n".encode("latin-1"))) == [(2, "1", "café €", "3")]


def test_a_file_that_changed_since_it_was_found_is_refused() -> None:
    source = Memory(b"a,b,c\n1,2,3\n")
    text = inspect(source)
    source.content += b"4,5,6\n"
    with pytest.raises(InputError, match="changed while it was read"):
        list(read_records(source, text, Layout(3, {"a": 0})))


def test_a_line_without_end_is_refused_before_it_fills_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "CHUNK_BYTES", 1000)
    with pytest.raises(InputError, match="longer than 1,000 bytes"):
        read(b"a,b,c\n" + b"x" * 5000, piece=500)
    with pytest.raises(InputError, match="longer than 1,000 bytes"):
        read(b'a,b,c\n1,"2\n' + b"x" * 5000, piece=500)
