"""What comes out of the printer, read back from the PDF."""

from __future__ import annotations

import dataclasses
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from geo_service.errors import FaultError
from geo_service.printing import TypstPrinter
from geo_service.printing.printer import ask_for_full_size

if TYPE_CHECKING:
    from types import ModuleType

HOSTILE = (
    '#panic("x")',
    "*bold* _it_ $x^2$ <label> @ref `raw` // comment \\ end",
    "</text><script>alert(1)</script>&amp;&nosuch;",
    '#image(sys.inputs.map) #include "/etc/passwd"',
    "العربية שלום",
    "😀 中文 👩‍👩‍👧",
    "Llanfair" + "pwllgwyngyll" * 40,
    "nul\x00bell\x07half\ud800turn\u202eend\nline",
)


def _words(text: str) -> str:
    """Leave out what line breaks add."""
    return re.sub(r"[\s\u200b]+", "", text)


@pytest.mark.parametrize("zones", [1, 2, 4])
def test_every_page_carries_marking_top_and_bottom_footer_and_its_number(
    printer: TypstPrinter, sheets: ModuleType, reading: ModuleType, zones: int
) -> None:
    content = sheets.example_sheet(zones, 20, marking="OFFICIAL-SENSITIVE")
    pages = reading.pdf(printer.print(content)).pages
    for number, page in enumerate(pages, start=1):
        heights = reading.heights_mm(page, "SENSITIVE")
        assert max(heights) > 297 - 15
        assert min(heights) < 15
        text = page.extract_text()
        assert text.count("OFFICIAL-SENSITIVE") == 2
        assert "DEMONSTRATION" in text
        assert content.footer in text
        assert f"Page {number} of {len(pages)}" in text


@pytest.mark.parametrize(("zones", "pins"), [(1, 0), (1, 20), (2, 6), (3, 8), (4, 0), (4, 20)])
def test_one_to_four_zones_fit_two_pages(
    printer: TypstPrinter, sheets: ModuleType, reading: ModuleType, zones: int, pins: int
) -> None:
    assert len(reading.pdf(printer.print(sheets.example_sheet(zones, pins))).pages) == 2


def test_four_zones_with_as_many_offences_as_a_sheet_shows_fit_two_pages_with_two_visits_each(
    printer: TypstPrinter, sheets: ModuleType, reading: ModuleType
) -> None:
    offences = ("Intentional harassment, alarm or distress", "Criminal damage to a vehicle under £5,000")
    mix = tuple((offences[k % 2], 90 - 9 * k) for k in range(7))
    zones = tuple(
        dataclasses.replace(sheets.example_zone(number), where=sheets.example_zone(number).where[::2], mix=mix)
        for number in (1, 2, 3, 4)
    )
    pages = reading.pdf(printer.print(sheets.example_sheet(4, 20, zones=zones))).pages
    assert len(pages) == 2
    log = pages[1].extract_text().partition("Visits are recorded: write")[2]
    assert all(len(re.findall(rf"^{number}$", log, re.MULTILINE)) >= 2 for number in (1, 2, 3, 4))


def test_every_word_of_the_content_is_on_the_paper(
    printer: TypstPrinter, sheets: ModuleType, reading: ModuleType
) -> None:
    content = sheets.example_sheet(4, 20)
    paper = _words("".join(page.extract_text() for page in reading.pdf(printer.print(content)).pages))
    rows = [row for zone in content.zones for row in (*zone.where, *zone.why)]
    said = [content.title, content.subtitle, content.data_to, content.printed_for, content.destroy_after]
    said += [words for row in (*rows, *content.nearby, *content.parameters) for words in (row.label, row.text)]
    said += [words for zone in content.zones for words in (zone.name, zone.id, zone.when)]
    said += [f"{offence}{count}" for zone in content.zones for offence, count in zone.mix]
    said += [*content.notes, *content.licences]
    assert [words for words in said if _words(words) not in paper] == []


def test_the_sheet_says_how_to_print_it(printer: TypstPrinter, sheets: ModuleType, reading: ModuleType) -> None:
    document = reading.pdf(printer.print(sheets.example_sheet()))
    text = _words(document.pages[0].extract_text())
    assert _words("Scale 1:5,000 on A4: print at 100 %, no page scaling.") in text
    assert _words("This line is 50 mm when printed at 100 %") in text
    assert document.trailer["/Root"]["/ViewerPreferences"]["/PrintScaling"] == "/None"


@pytest.mark.parametrize(("scale", "bar_m"), [(2500, 100), (5000, 200), (10_000, 500), (25_000, 1000)])
def test_scale_bar_check_line_and_window_have_their_true_length_on_paper(
    printer: TypstPrinter, sheets: ModuleType, reading: ModuleType, scale: int, bar_m: int
) -> None:
    sheet_map = sheets.example_map(scale=scale, scale_bar_m=bar_m, width_mm=171.0)
    page = reading.pdf(printer.print(sheets.example_sheet(map=sheet_map))).pages[0]
    lines = reading.level_lines_mm(page)
    for wanted in (50.0, bar_m * 1000 / scale, 171.0):
        assert min(abs(length - wanted) for length in lines) < wanted / 1000, wanted
    assert page.mediabox.width * reading.MM_PER_POINT == pytest.approx(210, abs=0.1)
    assert page.mediabox.height * reading.MM_PER_POINT == pytest.approx(297, abs=0.1)


def test_equal_content_gives_equal_bytes_in_another_process_too(printer: TypstPrinter, sheets: ModuleType) -> None:
    code = (
        "import sys, hashlib, pathlib, importlib.util as u;"
        "s=u.spec_from_file_location('sheets', sys.argv[1]); m=u.module_from_spec(s); s.loader.exec_module(m);"
        "from geo_service.printing import TypstPrinter;"
        "print(hashlib.sha256(TypstPrinter(pathlib.Path(sys.argv[2])).print(m.example_sheet(3, 9))).hexdigest())"
    )
    command = [sys.executable, "-c", code, str(Path(sheets.__file__)), str(printer._fonts)]
    runs = {subprocess.run(command, check=True, capture_output=True, text=True).stdout for _ in range(2)}
    assert len(runs) == 1
    assert printer.print(sheets.example_sheet(3, 9)) == printer.print(sheets.example_sheet(3, 9))
    assert printer.print(sheets.example_sheet(3, 9)) != printer.print(sheets.example_sheet(3, 9, data_to="today"))


def test_the_file_bears_no_date(printer: TypstPrinter, sheets: ModuleType, reading: ModuleType) -> None:
    document = reading.pdf(printer.print(sheets.example_sheet()))
    assert document.metadata.creation_date is None
    assert document.metadata.modification_date is None


def test_the_file_is_tagged_titled_and_in_english_for_screen_readers(
    printer: TypstPrinter, sheets: ModuleType, reading: ModuleType
) -> None:
    data = printer.print(sheets.example_sheet())
    root = reading.pdf(data).trailer["/Root"]
    assert reading.pdf(data).metadata.title == "Patrol sheet: Saltmarsh"
    assert root["/Lang"] == "en-GB"
    assert root["/MarkInfo"]["/Marked"]
    assert b"<pdfuaid:part>1</pdfuaid:part>" in data
    described = sheets.example_map().description.encode("ascii")
    assert described in data


def test_all_fonts_are_embedded(printer: TypstPrinter, sheets: ModuleType, reading: ModuleType) -> None:
    fonts = {}
    for page in reading.pdf(printer.print(sheets.example_sheet(2, 6))).pages:
        for holder in (page, *page["/Resources"].get("/XObject", {}).values()):
            fonts |= holder.get("/Resources", {}).get("/Font", {})
    assert fonts
    for font in fonts.values():
        (descendant,) = font.get_object()["/DescendantFonts"]
        descriptor = descendant.get_object()["/FontDescriptor"]
        assert "AtkinsonHyperlegible" in descriptor["/FontName"]
        assert "/FontFile2" in descriptor or "/FontFile3" in descriptor


@pytest.mark.parametrize("words", HOSTILE)
def test_hostile_words_print_as_words_wherever_they_stand(
    printer: TypstPrinter, sheets: ModuleType, reading: ModuleType, words: str
) -> None:
    content = sheets.example_sheet(2, 6)
    zones = tuple(
        dataclasses.replace(
            zone,
            **dict.fromkeys(("name", "id", "when"), words),
            where=(dataclasses.replace(zone.where[0], label=words, text=words),),
            mix=((words, 3),),
        )
        for zone in content.zones
    )
    shapes = tuple(dataclasses.replace(shape, label=words) for shape in content.map.shapes)
    pins = tuple(dataclasses.replace(pin, label=words, shape=words, kind=words) for pin in content.map.pins)
    hostile = sheets.example_sheet(
        2,
        6,
        zones=zones,
        **dict.fromkeys(("title", "subtitle", "data_to", "printed_for", "destroy_after", "footer"), words),
        notes=(words,),
        licences=(words,),
        nearby=tuple(dataclasses.replace(row, label=words, text=words) for row in content.nearby),
        parameters=(dataclasses.replace(content.parameters[0], label=words, text=words),),
        map=dataclasses.replace(content.map, shapes=shapes, pins=pins, description=words),
    )
    document = reading.pdf(printer.print(hostile))
    paper = "".join(page.extract_text() for page in document.pages)
    assert paper.count("OFFICIAL") == 2 * len(document.pages)
    if words.isascii() and words.isprintable():
        assert _words(words) in _words(paper)


def test_an_empty_sheet_says_what_is_not_there(printer: TypstPrinter, sheets: ModuleType, reading: ModuleType) -> None:
    blank = sheets.example_map(shapes=(), pins=(), grid_step_m=0, scale_bar_m=0, description="")
    empty = sheets.example_sheet(
        map=blank, zones=(), nearby=(), notes=(), parameters=(), licences=(), subtitle="", footer="", data_to=""
    )
    text = reading.pdf(printer.print(empty)).pages[0].extract_text()
    assert "No patrol zone is on this sheet." in text
    assert "No camera or Safe Place within the map." in text
    assert text.count("none given") == 2
    assert "Data to" not in text


def test_a_zone_without_facts_keeps_its_card(printer: TypstPrinter, sheets: ModuleType, reading: ModuleType) -> None:
    bare = dataclasses.replace(sheets.example_zone(1), where=(), why=(), mix=(), when="")
    text = reading.pdf(printer.print(sheets.example_sheet(1, zones=(bare,)))).pages[0].extract_text()
    assert text.count("Not given.") == 3
    assert "No offence mix is given." in text


def test_only_a_demonstration_says_so(printer: TypstPrinter, sheets: ModuleType, reading: ModuleType) -> None:
    pages = reading.pdf(printer.print(sheets.example_sheet(demonstration=False))).pages
    assert all("DEMONSTRATION" not in page.extract_text() for page in pages)


def test_there_is_room_to_write_down_visits_to_each_zone(
    printer: TypstPrinter, sheets: ModuleType, reading: ModuleType
) -> None:
    pages = reading.pdf(printer.print(sheets.example_sheet(4, 20))).pages
    log = pages[-1].extract_text().partition("Visits are recorded")[2].partition("Parameters")[0]
    for heading in ("Zone", "Date", "Time in", "Time out", "Outcome"):
        assert heading in log
    assert all(len(re.findall(rf"^{number}$", log, re.MULTILINE)) >= 2 for number in (1, 2, 3, 4))


def test_missing_fonts_name_the_command_that_brings_them(tmp_path: Path, sheets: ModuleType) -> None:
    with pytest.raises(FaultError, match="make setup") as caught:
        TypstPrinter(tmp_path / "nowhere").print(sheets.example_sheet())
    assert "nowhere" in caught.value.message


def test_a_fault_of_the_template_comes_as_one_sentence(
    printer: TypstPrinter, sheets: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("geo_service.printing.printer.draw_map", lambda _: "this is no drawing")
    with pytest.raises(FaultError, match="could not be typeset") as caught:
        printer.print(sheets.example_sheet())
    assert caught.value.__cause__ is None
    assert "\n" not in caught.value.message


def test_a_file_built_otherwise_is_left_as_it_is() -> None:
    for data in (
        b"",
        b"%PDF-1.7\nstartxref\n5\n%%EOF",
        b"%PDF /ViewerPreferences<</A/B>>\n2 0 obj\nstartxref\n47\n%%EOF",
    ):
        assert ask_for_full_size(data) == data
