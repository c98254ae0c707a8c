"""Rows of CSV files and workbooks: the header is found, what is wrong is named."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

import pytest

from geo_service.errors import InputError
from geo_service.ingest.sheets import read_table

if TYPE_CHECKING:
    from pathlib import Path

CELL = '<c t="inlineStr"><is><t>{}</t></is></c>'
SHEETS = {"Cover": [["Title"]], "Values": [["Note"], ["Code", " Score\n(days) "], ["001/01", "5475"], ["", ""]]}


def workbook(path: Path, sheets: dict[str, list[list[str]]]) -> Path:
    """Write the least that is an .xlsx, so that no program that writes them is needed."""
    names = [f'<sheet name="{name}" sheetId="{n}" r:id="r{n}"/>' for n, name in enumerate(sheets, 1)]
    relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    of = "http://schemas.openxmlformats.org/package/2006"
    links = [
        f'<Relationship Id="r{n}" Type="{relation}/worksheet" Target="worksheets/s{n}.xml"/>'
        for n in range(1, len(sheets) + 1)
    ]
    book = f'<workbook xmlns="{main}" xmlns:r="{relation}"><sheets>{"".join(names)}</sheets></workbook>'
    office = f'<Relationship Id="r1" Type="{relation}/officeDocument" Target="xl/workbook.xml"/>'
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("[Content_Types].xml", f'<Types xmlns="{of}/content-types"/>')
        archive.writestr("_rels/.rels", f'<Relationships xmlns="{of}/relationships">{office}</Relationships>')
        archive.writestr("xl/workbook.xml", book)
        archive.writestr(
            "xl/_rels/workbook.xml.rels", f'<Relationships xmlns="{of}/relationships">{"".join(links)}</Relationships>'
        )
        for n, rows in enumerate(sheets.values(), 1):
            cells = ["<row>" + "".join(CELL.format(cell) for cell in row) + "</row>" for row in rows]
            data = f'<worksheet xmlns="{main}"><sheetData>{"".join(cells)}</sheetData></worksheet>'
            archive.writestr(f"xl/worksheets/s{n}.xml", data)
    return path


def test_the_sheet_and_the_header_are_found(tmp_path: Path) -> None:
    table = read_table(workbook(tmp_path / "book.xlsx", SHEETS), ["code", "score (days)"])
    assert table.columns == {"code": ["001/01"], "score (days)": ["5475"]}
    assert (table.where, table.rows) == ("book.xlsx, sheet Values", [3])


def test_a_csv_with_titles_above_its_header_is_read(tmp_path: Path) -> None:
    file = tmp_path / "counts.csv"
    file.write_bytes('Bev\xf6lkerung;\n;\nCode;All residents\nA;"1,000"\n;\n'.encode("cp1252"))
    table = read_table(file, ["Code", "All Residents"])
    assert (table.columns, table.rows) == ({"Code": ["A"], "All Residents": ["1,000"]}, [4])


TWICE = {"Cover": SHEETS["Values"], "Values": SHEETS["Values"]}


@pytest.mark.parametrize(
    ("sheets", "sheet", "columns", "words"),
    [
        (SHEETS, "", ["Code", "Days"], "book.xlsx has no column Days. Found: Code, Score"),
        (SHEETS, "Vales", ["Code"], "has no such sheet. Found: Vales. It has: Cover, Values"),
        (TWICE, "", ["Code"], "Several sheets of book.xlsx have the columns. Found: Cover, Values. Name one"),
        ({"A": [["Code", "code"], ["1", "2"]]}, "", ["Code"], "book.xlsx, sheet A has two columns of one name"),
    ],
)
def test_what_is_wrong_with_a_workbook_is_named(
    tmp_path: Path, sheets: dict[str, list[list[str]]], sheet: str, columns: list[str], words: str
) -> None:
    with pytest.raises(InputError) as caught:
        read_table(workbook(tmp_path / "book.xlsx", sheets), columns, sheet)
    assert words in str(caught.value)


def test_a_sheet_that_is_named_is_taken(tmp_path: Path) -> None:
    assert read_table(workbook(tmp_path / "book.xlsx", TWICE), ["Code"], "Cover").where.endswith("Cover")


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("nowhere.csv", None, "There is no file nowhere.csv"),
        ("broken.xlsx", b"PK\x03\x04 no zip", "broken.xlsx is not a zip"),
        ("old.xls", b"no workbook", "old.xls cannot be read as a workbook"),
        ("noise.csv", b"\x00\x01\x02" * 40, "noise.csv is not a text file"),
    ],
)
def test_another_file_is_refused(tmp_path: Path, name: str, content: bytes | None, words: str) -> None:
    file = tmp_path / name
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(InputError) as caught:
        read_table(file, ["Code"])
    assert words in str(caught.value)


def test_only_workbooks_have_sheets(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("Code\n1\n")
    with pytest.raises(InputError, match="no workbook"):
        read_table(file, ["Code"], "Values")
