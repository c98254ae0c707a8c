"""Files are found wherever they lie, each once, and every row of any file is accounted for."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_service.errors import GeoServiceError, InputError
from geo_service.ingest import IncidentFinder, records, text

if TYPE_CHECKING:
    from collections.abc import Callable

    from geo_service.model.incidents import CleanBatch

Cleaned = tuple[int, pl.DataFrame, pl.DataFrame]

HEADER = (
    "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,"
    "Crime type,Last outcome category,Context"
)


def month(number: int, crime_id: str = "a") -> bytes:
    row = f"{crime_id},2025-{number:02d},Example Police,Example Police,-1.9,52.3,On or near Mill Lane,E,E,Burglary,,"
    return f"{HEADER}\n{row}\n".encode()


def zipped(files: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


def test_a_folder_is_searched_in_order_and_what_is_skipped_is_counted(
    finder: IncidentFinder, write: Callable[..., Path], tmp_path: Path
) -> None:
    write(month(2), "police/2025-02/2025-02-example-street.csv")
    write(month(1), "police/2025-01/2025-01-example-street.CSV")
    write(b"x", "police/2025-01/2025-01-example-outcomes.csv")
    write(b"x", "police/2025-01/2025-01-example-stop-and-search.csv")
    write(b"x", "police/notes.txt")
    write(b"x", "police/.hidden.csv")
    write(b"x", "police/.git/a.csv")
    write(zipped({"2025-03/2025-03-example-street.csv": month(3)}), "police/more.zip")
    found = finder.find([tmp_path / "police"])
    assert [file.name for file in found] == [
        "2025-01-example-street.CSV",
        "2025-02-example-street.csv",
        "2025-03-example-street.csv",
    ]
    assert {file.reader for file in found} == {"police_uk"}
    assert set(found.notes) == {
        "1 file(s) of outcomes skipped",
        "1 file(s) of stop and search skipped",
        "1 file(s) that are not CSV skipped",
        "1 hidden file(s) skipped",
        "1 hidden folder(s) skipped",
    }


def test_a_zip_gives_the_same_rows_as_its_folder(
    finder: IncidentFinder, write: Callable[..., Path], read_all: Callable[..., Cleaned]
) -> None:
    packed = write(
        zipped(
            {
                "2025-01/2025-01-example-street.csv": month(1),
                "2025-01/2025-01-example-outcomes.csv": b"x",
                "__MACOSX/2025-01/._2025-01-example-street.csv": b"x",
                "../../up.csv": month(2),
            }
        ),
        "download.zip",
    )
    found = finder.find([packed])
    assert [file.name for file in found] == ["up.csv", "2025-01-example-street.csv"]
    loose = finder.find([write(month(1), "2025-01-example-street.csv")])[0]
    assert loose.sha256 == found[1].sha256
    assert read_all(loose)[1].equals(read_all(found[1])[1])


def test_the_same_bytes_are_read_once(finder: IncidentFinder, write: Callable[..., Path]) -> None:
    found = finder.find([write(month(1), "a.csv"), write(month(1), "b.csv")])
    assert [file.name for file in found] == ["a.csv"]
    assert found.notes == ("b.csv holds the same bytes as a.csv and is read once",)


def test_two_files_that_differ_for_one_force_and_month_are_refused_together(
    finder: IncidentFinder, write: Callable[..., Path], read_all: Callable[..., Cleaned]
) -> None:
    old, new, other = finder.find(
        [write(month(1), "old.csv"), write(month(1, "b"), "new.csv"), write(month(2), "other.csv")]
    )
    for file in (old, other, old):
        assert read_all(file)[0] == 1
    with pytest.raises(InputError, match=r"different rows for example 2025-01. Found: old\.csv and new\.csv"):
        read_all(new)


def test_windows_1252_is_read_with_a_note(finder: IncidentFinder, write: Callable[..., Path]) -> None:
    found = finder.find([write(month(1).replace(b"Mill", "Caf\xe9".encode("latin-1")), "a.csv")])
    assert found.notes == ("a.csv is not UTF-8 and is read as Windows-1252",)
    assert next(found[0].batches()).accepted["place"][0] == "On or near Café Lane"


def test_a_header_without_rows_has_no_rows(finder: IncidentFinder, write: Callable[..., Path]) -> None:
    assert list(finder.find([write(HEADER.encode())])[0].batches()) == []


def test_progress_ends_at_the_size_of_the_file(finder: IncidentFinder, write: Callable[..., Path]) -> None:
    file = finder.find([write(month(1))])[0]
    told: list[int] = []
    list(file.batches(told.append))
    assert told[-1] == file.size_bytes == len(month(1))


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda write: [Path("/nowhere/at-all.csv")], r"no file or folder at-all\.csv"),
        (lambda write: [write(b"", "empty.csv")], r"empty\.csv is empty"),
        (lambda write: [write(b"x", "folder/readme.txt").parent], "no CSV file of incidents"),
        (lambda write: [write(b"x", "2025-01-example-outcomes.csv")], r"1 file\(s\) of outcomes skipped"),
        (lambda write: [write(b"Name,Postcode\nA,B97 4HJ\n", "places.csv")], "not a file of incidents that is known"),
        (lambda write: [write(b'"', "quote.csv")], r"quote\.csv is not a file of incidents"),
        (lambda write: [write(zipped({"a.txt": b"x"}), "a.zip")], r"1 file\(s\) that are not CSV skipped"),
    ],
)
def test_what_cannot_be_taken_is_refused_by_name(
    make: Callable[..., list[Path]], said: str, finder: IncidentFinder, write: Callable[..., Path]
) -> None:
    with pytest.raises(InputError, match=said) as refused:
        finder.find(make(write))
    assert refused.value.do


@pytest.mark.parametrize("header", [HEADER, "crime_number,offence,recorded,easting,northing"], ids=["police", "force"])
def test_batches_of_a_long_file_are_small_and_do_not_change_the_answer(
    header: str,
    finder: IncidentFinder,
    write: Callable[..., Path],
    read_all: Callable[..., Cleaned],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def row(number: int) -> str:
        crime = f"id{number % 700}"
        if header == HEADER:
            return month(number % 12 + 1, crime).decode().splitlines()[1]
        return f'{crime},"Theft, other",2025-01-02,{400000 + number},{267000 if number % 5 else "x"}'

    path = write([header, *(row(number) for number in range(1500))], "long.csv")
    whole = read_all(finder.find([path], force="example")[0])
    for module in (records, text):
        monkeypatch.setattr(module, "CHUNK_BYTES", 4096)
    file = finder.find([path], force="example")[0]
    assert max(batch.read for batch in file.batches()) < 150
    for one, other in zip(whole[1:], read_all(file)[1:], strict=True):
        assert one.equals(other)
    assert whole[0] == 1500


AWKWARD = (
    *("", "0", "52.3", "-1.9", "9" * 30, "1e400", "nan", "-inf", "404000", "2025-01", "2025-99", "31/01/2025"),
    *("01/02/2025 25:00", "Burglary", "Example Police", "Y", '"', "\x00", "\ufeff", "=1+1", "İ", "None"),
)
ANYTHING = st.one_of(
    st.text(st.sampled_from('ab1,;"\n\r\x00é-./: '), max_size=300).map(str.encode),
    st.binary(max_size=200),
    st.lists(st.lists(st.sampled_from(AWKWARD), min_size=10, max_size=13).map(",".join), max_size=6).map(
        lambda rows: "\n".join(rows).encode()
    ),
)
FORCE_HEADER = (
    "crime_number,offence_code,offence,recorded,committed_from,committed_to,easting,northing,place,"
    "victim_under_25,knife,hate"
)


@pytest.mark.parametrize("header", [HEADER, FORCE_HEADER], ids=["police", "force"])
@settings(max_examples=80, deadline=None)
@given(body=ANYTHING)
def test_whatever_the_rows_hold_each_is_accepted_or_rejected_and_nothing_breaks(
    header: str, body: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "anything.csv"
    path.write_bytes(header.encode() + b"\n" + body)
    for batch in batches_unless_refused(path):
        assert batch.accepted.height + batch.rejected.height == batch.read
        rows = [*batch.accepted["row"], *batch.rejected["row"]]
        assert len(set(rows)) == batch.read
        located = batch.accepted.drop_nulls("lon")
        assert located["lat"].is_between(-90, 90).all()
        assert located["lon"].is_between(-180, 180).all()


@settings(max_examples=100, deadline=None)
@given(content=st.binary(max_size=400) | st.text(max_size=200).map(str.encode))
def test_whatever_a_file_holds_it_is_read_or_refused(content: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.getbasetemp() / "garbage.csv"
    path.write_bytes(content)
    assert all(batch.read for batch in batches_unless_refused(path))


def batches_unless_refused(path: Path) -> list[CleanBatch]:
    """Read a file; only our own errors may stop it."""
    try:
        return [batch for file in IncidentFinder().find([path], force="example") for batch in file.batches()]
    except GeoServiceError:
        return []
