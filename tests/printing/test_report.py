"""A printed report: its words, its picture, hostile text."""

from __future__ import annotations

import dataclasses
import io

import pypdf
import pytest

from geo_service.model.reports import ReportContent, ReportTable
from geo_service.model.sheets import SheetRow
from geo_service.printing import TypstPrinter

CONTENT = ReportContent(
    title="Impact areas",
    subtitle="twelve months",
    headline="Two of three fell.",
    marking="OFFICIAL-SENSITIVE",
    demonstration=False,
    tables=(ReportTable("Sums", ("area", "to 2025-01", "status"), (("Town", "1,234.5", "GOOD"),), (0, 2)),),
    chart='<svg xmlns="http://www.w3.org/2000/svg" width="90" height="40"><rect width="90" height="40"/></svg>',
    chart_says="bars",
    remarks=("Late records changed one.",),
    method=("A rule.",),
    parameters=(SheetRow("to", "2025-01"),),
    licences=("OGL",),
    destroy_after="1 May 2026",
    footer="Data version 3",
    keywords=("OFFICIAL-SENSITIVE",),
)


@pytest.fixture(scope="module")
def printer() -> TypstPrinter:
    return TypstPrinter()


def text_of(pdf: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages).split())


def test_every_word_is_on_the_page_and_the_marking_twice(printer: TypstPrinter) -> None:
    text = text_of(printer.print_report(CONTENT))
    assert text.count("OFFICIAL-SENSITIVE") == 2
    for word in ("Impact areas", "Two of three fell.", "1,234.5", "GOOD", "Late records changed one.", "A rule.", "OGL",
                 "Data version 3", "Destroy after 1 May 2026", "Page 1 of 1"):  # fmt: skip
        assert word in text


def test_the_same_content_gives_the_same_bytes(printer: TypstPrinter) -> None:
    assert printer.print_report(CONTENT) == printer.print_report(CONTENT)


@pytest.mark.parametrize("hostile", ['#panic("x")', "*bold* $x$ <label> @ref", "😀 nul\x00 \ud800", "x" * 300])
def test_hostile_text_is_set_as_text(printer: TypstPrinter, hostile: str) -> None:
    table = dataclasses.replace(CONTENT.tables[0], rows=((hostile, "1", hostile),))
    content = dataclasses.replace(CONTENT, tables=(table,), headline=hostile, chart="", remarks=())
    assert "Impact areas" in text_of(printer.print_report(content))
    if hostile.startswith("#"):
        assert hostile in text_of(printer.print_report(content))
