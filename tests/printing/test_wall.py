"""The wall map, read back from the PDF."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest

from geo_service.errors import FaultError
from geo_service.model.sheets import SheetRow

if TYPE_CHECKING:
    from types import ModuleType

    from geo_service.printing import TypstPrinter


def _words(text: str) -> str:
    return "".join(text.replace("\u200b", "").split())


def test_a_wall_map_is_one_a3_page_with_all_its_words(
    printer: TypstPrinter, plans: ModuleType, reading: ModuleType
) -> None:
    content = plans.wall_map(4, plans.town(40, 60))
    data = printer.print_wall_map(content)
    document = reading.pdf(data)
    (page,) = document.pages
    assert (round(page.mediabox.width * reading.MM_PER_POINT), round(page.mediabox.height * reading.MM_PER_POINT)) == (
        420,
        297,
    )
    text = page.extract_text()
    assert text.count("OFFICIAL") == 2
    heights = reading.heights_mm(page, "OFFICIAL")
    assert max(heights) > 297 - 15
    assert min(heights) < 15
    said = [content.title, content.subtitle, content.footer, *content.notes, *content.licences, "Page 1 of 1"]
    said += [words for _, name, hours in content.zones for words in (name, hours)]
    said += [words for row in content.nearby for words in (row.label, row.text)]
    assert [words for words in said if _words(words) not in _words(text)] == []
    drawn = reading.level_lines_mm(page)
    for wanted in (50.0, content.map.scale_bar_m * 1000 / content.map.scale, content.map.width_mm):
        assert min(abs(length - wanted) for length in drawn) < wanted / 200
    assert b"<pdfuaid:part>1</pdfuaid:part>" in data
    assert printer.print_wall_map(content) == data


@pytest.mark.parametrize("count", [0, 40, 400])
def test_a_long_list_stays_on_the_page(
    printer: TypstPrinter, plans: ModuleType, reading: ModuleType, count: int
) -> None:
    rows = tuple(SheetRow(f"C{k}", "Camera at the corner of Fennel Street and Cooper's Row") for k in range(count))
    content = dataclasses.replace(
        plans.wall_map(4, (), nearby=rows), zones=(), licences=("Contains OS data. " * 30,), demonstration=False
    )
    (page,) = reading.pdf(printer.print_wall_map(content)).pages
    text = page.extract_text()
    assert ("more: ask for the whole plan" in text) == (count == 400)
    assert "DEMONSTRATION" not in text
    assert "No patrol zone is on this map." in text


def test_a_map_too_large_for_a3_is_refused(printer: TypstPrinter, plans: ModuleType) -> None:
    content = plans.wall_map(1, ())
    large = dataclasses.replace(content, map=dataclasses.replace(content.map, width_mm=400.0))
    with pytest.raises(FaultError, match="does not fit the page"):
        printer.print_wall_map(large)
