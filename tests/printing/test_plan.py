"""The sheets of a plan as they come out of the printer, read back from the PDF."""

from __future__ import annotations

import dataclasses
import hashlib
import itertools
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import shapely
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from geo_service.errors import FaultError
from geo_service.model.plan_sheets import LoopLine, VisitLine
from geo_service.model.sheets import SheetRow
from geo_service.printing.plan import cropped

if TYPE_CHECKING:
    from types import ModuleType

    from pypdf import PageObject, PdfReader

    from geo_service.model.plan_sheets import PlanSheet, ZoneCard
    from geo_service.printing import TypstPrinter

HOSTILE = (
    '#panic("x") *bold* _it_ $x^2$ <label> @ref `raw` // comment \\ end',
    "</text><script>alert(1)</script>&amp;&nosuch;",
    "العربية שלום",
    "😀 中文 👩‍👩‍👧",
    "Llanfair" + "pwllgwyngyll" * 40,
    "nul\x00bell\x07half\ud800turn\u202eend\nline",
)


def _words(text: str) -> str:
    """Leave out what line breaks add."""
    return re.sub(r"[\s\u200b]+", "", text)


def _paper(document: PdfReader) -> str:
    return _words("".join(page.extract_text() for page in document.pages))


@pytest.fixture(scope="module")
def ground(plans: ModuleType) -> tuple[object, ...]:
    """Make a small town once."""
    return plans.town(40, 60)


@pytest.fixture(scope="module")
def four(printer: TypstPrinter, plans: ModuleType, ground: tuple[object, ...]) -> bytes:
    """Print a sheet of four zones and six loops."""
    return printer.print_plan([plans.plan_sheet(4, 6, ground)])


def _marked(reading: ModuleType, page: PageObject, marking: str) -> None:
    heights = reading.heights_mm(page, marking)
    assert max(heights) > 297 - 15
    assert min(heights) < 15
    assert page.extract_text().count(marking) == 2


@pytest.mark.parametrize("size", [(0, 0), (1, 1), (2, 4), (3, 12), (4, 12)])
def test_a_sheet_has_two_pages_each_with_all_that_every_page_must_say(
    printer: TypstPrinter, plans: ModuleType, reading: ModuleType, ground: tuple[object, ...], size: tuple[int, int]
) -> None:
    sheet = plans.plan_sheet(*size, ground)
    pages = reading.pdf(printer.print_plan([sheet])).pages
    assert len(pages) == 2
    for number, page in enumerate(pages, start=1):
        _marked(reading, page, "OFFICIAL-SENSITIVE")
        text = page.extract_text()
        for said in (sheet.footer, sheet.copy, f"Page {number} of 2", "Destroy after 30 October 2026", "DEMONSTRATION"):
            assert said in text
        assert all(_words(licence) in _words(text) for licence in sheet.licences)


def test_a_full_shift_keeps_each_loop_and_visit_on_a_line_of_its_own(
    printer: TypstPrinter, plans: ModuleType, reading: ModuleType, ground: tuple[object, ...]
) -> None:
    sheet = plans.plan_sheet(4, 0, ground)
    times = [f"{15 + k // 4}:{10 + k % 4 * 11}" for k in range(32)]
    loops = tuple(
        LoopLine(f"{time} to {int(time[:2]) + 1}:09", f"Pair {k // 8 + 1}", ((k % 4 + 1, time),), "33 min", (1, 2))
        for k, time in enumerate(times)
    )
    visits = [tuple(VisitLine(f"Officer 12, {time} to {time}") for time in times[k::4]) for k in range(4)]
    cards = tuple(dataclasses.replace(card, visits=own) for card, own in zip(sheet.cards, visits, strict=True))
    document = reading.pdf(printer.print_plan([dataclasses.replace(sheet, loops=loops, cards=cards)]))
    assert len(document.pages) == 2
    lines = "\n".join(page.extract_text() for page in document.pages)
    assert all(loop.when in lines for loop in loops)
    assert all(visit.planned in lines for card in cards for visit in card.visits)


def test_sheets_begin_on_a_page_of_their_own_and_count_their_own_pages(
    printer: TypstPrinter, plans: ModuleType, reading: ModuleType, ground: tuple[object, ...]
) -> None:
    made = [
        plans.plan_sheet(2, 4, ground, copy="Copy 1 of 3"),
        plans.plan_sheet(1, 1, ground, copy="Copy 2 of 3", marking="OFFICIAL", demonstration=False),
        dataclasses.replace(plans.large_sheet(1, 2, ground), copy="Copy 3 of 3"),
    ]
    pages = [page.extract_text() for page in reading.pdf(printer.print_plan(made)).pages]
    numbers = [re.search(r"Page (\d+) of (\d+)", text).groups() for text in pages]
    assert numbers[:4] == [("1", "2"), ("2", "2")] * 2
    assert numbers[4:] == [(str(number), str(len(pages) - 4)) for number in range(1, len(pages) - 3)]
    copies = [re.search(r"Copy \d of 3", text)[0] for text in pages]
    assert [copy for copy, _ in itertools.groupby(copies)] == ["Copy 1 of 3", "Copy 2 of 3", "Copy 3 of 3"]
    assert ["DEMONSTRATION" in text for text in pages] == [True] * 2 + [False] * 2 + [True] * (len(pages) - 4)
    assert all(text.count("OFFICIAL-SENSITIVE") == (0 if 2 <= k < 4 else 2) for k, text in enumerate(pages))


def _said(sheet: PlanSheet) -> list[str]:
    said = [
        sheet.title,
        sheet.subtitle,
        sheet.returning,
        sheet.data_to,
        sheet.printed_for,
        *sheet.changes,
        *sheet.notes,
    ]
    said += [*sheet.method, *sheet.licences, *sheet.outcomes]
    said += [words for row in sheet.parameters for words in (row.label, row.text)]
    for loop in sheet.loops:
        said += [loop.when, loop.crew, loop.travel, *(f"{number}{time}" for number, time in loop.stops)]
    for card in sheet.cards:
        rows = (*card.where, *card.why, *card.nearby, *card.orders)
        said += [card.name, card.id, *card.when, *card.missing, *(visit.planned for visit in card.visits)]
        said += [words for row in rows for words in (row.label, row.text)]
        said += [f"{what}{count}" for what, count in card.mix]
    return said


@pytest.mark.parametrize("zones", [1, 4])
def test_every_word_is_on_the_paper(
    printer: TypstPrinter, plans: ModuleType, reading: ModuleType, ground: tuple[object, ...], zones: int
) -> None:
    sheet = plans.plan_sheet(zones, 6, ground)
    paper = _paper(reading.pdf(printer.print_plan([sheet])))
    assert [words for words in _said(sheet) if _words(words) not in paper] == []
    assert "3,1" in paper
    prompts = [words for card in sheet.cards for words in card.to_do]
    assert all(_words(words) in paper for words in prompts[:2])


def test_a_full_shift_of_four_zones_keeps_its_words_whole(
    printer: TypstPrinter, plans: ModuleType, reading: ModuleType, ground: tuple[object, ...]
) -> None:
    visits = tuple(VisitLine(f"Pair {1 + k % 2}, {15 + k}:11 to {15 + k}:26") for k in range(8))
    sheet = plans.plan_sheet(4, 12, ground)
    sheet = dataclasses.replace(sheet, cards=tuple(dataclasses.replace(card, visits=visits) for card in sheet.cards))
    document = reading.pdf(printer.print_plan([sheet]))
    assert len(document.pages) == 2
    paper = _paper(document)
    assert [words for words in _said(sheet) if _words(words) not in paper] == []


def test_no_letter_of_a_full_sheet_is_smaller_than_8_pt_but_on_its_maps(
    printer: TypstPrinter, plans: ModuleType, reading: ModuleType
) -> None:
    bare = dataclasses.replace(plans.plan_sheet(4, 12, ()), demonstration=False)
    bare = dataclasses.replace(bare, cards=tuple(dataclasses.replace(card, map=None) for card in bare.cards))
    page = reading.pdf(printer.print_plan([bare])).pages[1]
    sizes = reading.letter_sizes_pt(page)
    assert sizes
    assert min(sizes) >= 7.99


def test_what_is_missing_and_what_is_below_the_bar_is_said_on_its_card(four: bytes, reading: ModuleType) -> None:
    paper = _paper(reading.pdf(four))
    assert paper.count("Belowthebar") == 1
    assert _words("Not on this card: Trend: fewer than six months of data.") in paper


def test_a_card_without_anything_costs_only_its_boxes(
    printer: TypstPrinter, plans: ModuleType, reading: ModuleType, ground: tuple[object, ...]
) -> None:
    empty = dict.fromkeys(("where", "why", "mix", "when", "to_do", "nearby", "orders", "visits"), ())
    cards = (plans.card(1, 2, ground, map=None, **empty, name="", id=""), plans.card(2, 2, ground))
    sheet = plans.plan_sheet(2, 0, ground, cards=cards, changes=(), notes=(), returning="", outcomes=(), licences=())
    paper = _paper(reading.pdf(printer.print_plan([sheet])))
    assert paper.count("notgiven.") == 4
    assert "noneknownwithinthemap." in paper
    assert "Noloopisplanned." in paper
    assert _words(plans.card(2, 2, ground).where[1].text) in paper


_text = st.text(alphabet=st.characters(codec="utf-8"), max_size=600)
_long = st.builds(
    lambda word, times: word * times, st.sampled_from(["W", "ab ", "Fennel Street ", "中"]), st.integers(0, 900)
)
_anything = st.one_of(_text, _long)
_rows = st.lists(st.builds(SheetRow, _anything, _anything), max_size=15).map(tuple)
_lines = st.lists(_anything, max_size=15).map(tuple)


@st.composite
def _wild(draw: st.DrawFn, card: ZoneCard) -> ZoneCard:
    return dataclasses.replace(
        card,
        **{name: draw(_rows) for name in ("where", "why", "nearby", "orders")},
        **{name: draw(_lines) for name in ("when", "to_do", "missing")},
        map=draw(st.sampled_from([card.map, None])),
        name=draw(_anything),
        id=draw(_anything),
        mix=draw(st.lists(st.tuples(_anything, st.integers(0, 10**9)), max_size=12).map(tuple)),
        visits=draw(st.lists(st.builds(VisitLine, _anything), max_size=20).map(tuple)),
        below_bar=draw(st.booleans()),
    )


_loop = st.builds(
    LoopLine,
    when=_anything,
    crew=_anything,
    stops=st.lists(st.tuples(st.integers(0, 99), _anything), max_size=5).map(tuple),
    travel=_anything,
    if_two=st.lists(st.integers(1, 9), max_size=5).map(tuple),
)


@settings(max_examples=5, suppress_health_check=list(HealthCheck), derandomize=True)
@example(data=None)
@given(data=st.data())
def test_a_sheet_never_has_a_third_page(
    printer: TypstPrinter, plans: ModuleType, reading: ModuleType, data: st.DataObject | None
) -> None:
    ground = plans.town(12, 10)
    sheet = plans.plan_sheet(4, 12, ground)
    if data is None:
        sheet = _every_word(sheet, "W" * 2_000)
    else:
        count = data.draw(st.integers(0, 4))
        sheet = dataclasses.replace(
            sheet,
            cards=tuple(data.draw(_wild(card)) for card in sheet.cards[:count]),
            loops=data.draw(st.lists(_loop, max_size=30).map(tuple)),
            **{name: data.draw(_lines) for name in ("changes", "notes", "method", "licences", "outcomes")},
            **{name: data.draw(_anything) for name in ("title", "subtitle", "returning", "footer", "copy", "data_to")},
            parameters=data.draw(_rows),
        )
    pages = reading.pdf(printer.print_plan([sheet])).pages
    assert len(pages) == 2
    if data is not None:
        for page in pages:
            _marked(reading, page, "OFFICIAL-SENSITIVE")


def _every_word(value: object, words: str) -> object:
    """Put the same words wherever a sheet has words."""
    if isinstance(value, str):
        return words
    if isinstance(value, tuple):
        return tuple(_every_word(part, words) for part in value)
    if dataclasses.is_dataclass(value) and hasattr(value, "shapes"):
        return dataclasses.replace(
            value, shapes=tuple(dataclasses.replace(shape, label=words) for shape in value.shapes), description=words
        )
    if dataclasses.is_dataclass(value):
        changed = {item.name: _every_word(getattr(value, item.name), words) for item in dataclasses.fields(value)}
        return dataclasses.replace(value, **changed)
    return value


@pytest.mark.parametrize("words", HOSTILE)
def test_hostile_words_print_as_words_wherever_they_stand(
    printer: TypstPrinter, plans: ModuleType, reading: ModuleType, words: str
) -> None:
    sheet = dataclasses.replace(_every_word(plans.plan_sheet(2, 2, plans.town(12, 10)), words), marking="OFFICIAL")
    document = reading.pdf(printer.print_plan([sheet]))
    assert len(document.pages) == 2
    for page in document.pages:
        assert page.extract_text().count("OFFICIAL") == 2
    if words.isascii() and words.isprintable():
        assert _words(words[:40]) in _paper(document)


def test_lengths_are_right_on_paper(printer: TypstPrinter, plans: ModuleType, reading: ModuleType) -> None:
    sheet = plans.plan_sheet(1, 1, ())
    drawn = reading.level_lines_mm(reading.pdf(printer.print_plan([sheet])).pages[0])
    for wanted in (50.0, sheet.overview.scale_bar_m * 1000 / sheet.overview.scale, sheet.overview.width_mm):
        assert min(abs(length - wanted) for length in drawn) < wanted / 200, wanted
    both = [reading.level_lines_mm(page) for page in reading.pdf(printer.print_plan([sheet])).pages]
    bar = sheet.cards[0].map.scale_bar_m * 1000 / sheet.cards[0].map.scale
    assert any(abs(length - bar) < bar / 200 for length in itertools.chain(*both))


@pytest.mark.parametrize("size", [(88.0, 70.0), (88.0, 45.0), (60.0, 40.0), (40.0, 30.0)])
def test_a_smaller_map_shows_its_zone_whole_to_a_scale_that_it_says(
    plans: ModuleType, size: tuple[float, float]
) -> None:
    whole = plans.card_map(2)
    made = cropped(whole, *size)
    assert (made.width_mm, made.height_mm) == size
    half_east, half_north = (mm * made.scale / 2000 for mm in size)
    east, north = made.centre
    window = shapely.box(east - half_east, north - half_north, east + half_east, north + half_north)
    zone = next(shape for shape in made.shapes if shape.kind == "zone")
    assert window.contains(shapely.union_all(zone.geometry))
    assert made.scale >= whole.scale
    assert f"1:{made.scale:,} " in made.description
    assert 3 <= made.scale_bar_m * 1000 / made.scale <= size[0] / 2


def test_the_file_is_accessible(four: bytes, reading: ModuleType) -> None:
    document = reading.pdf(four)
    root = document.trailer["/Root"]
    assert document.metadata.title == "Patrol plan: Saltmarsh"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert root["/ViewerPreferences"]["/PrintScaling"] == "/None"
    assert root["/Lang"] == "en-GB"
    assert root["/MarkInfo"]["/Marked"]
    assert b"<pdfuaid:part>1</pdfuaid:part>" in four
    tags = list(reading.tags(root["/StructTreeRoot"]))
    figures = [tag for tag in tags if tag["/S"] == "/Figure"]
    assert len(figures) >= 5
    assert all(str(figure.get("/Alt", "")).startswith("Map at 1:") for figure in figures)
    kinds = {str(tag["/S"]) for tag in tags}
    assert {"/H1", "/H2", "/H3", "/Table", "/TH", "/TD", "/L", "/P"} <= kinds | {"/L"}
    # the loops in two columns, and the visits of four zones
    assert sum(tag["/S"] == "/Table" for tag in tags) == 6


def test_all_fonts_are_embedded(four: bytes, reading: ModuleType) -> None:
    fonts = [font for page in reading.pdf(four).pages for font in reading.fonts(page)]
    assert fonts
    for descriptor in fonts:
        assert "AtkinsonHyperlegible" in descriptor["/FontName"]
        assert "/FontFile2" in descriptor or "/FontFile3" in descriptor


def test_equal_sheets_give_equal_bytes_in_another_process_too(
    printer: TypstPrinter, plans: ModuleType, ground: tuple[object, ...], four: bytes
) -> None:
    assert printer.print_plan([plans.plan_sheet(4, 6, ground)]) == four
    assert printer.print_plan([plans.plan_sheet(4, 6, ground, data_to="today")]) != four
    code = (
        "import sys, hashlib, pathlib, importlib.util as u;"
        "s=u.spec_from_file_location('plans', sys.argv[1]); m=u.module_from_spec(s); s.loader.exec_module(m);"
        "from geo_service.printing import TypstPrinter;"
        "p=TypstPrinter(pathlib.Path(sys.argv[2])).print_plan([m.plan_sheet(4, 6, m.town(40, 60))]);"
        "print(hashlib.sha256(p).hexdigest())"
    )
    command = [sys.executable, "-c", code, str(Path(plans.__file__)), str(printer._fonts)]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
    assert said == hashlib.sha256(four).hexdigest()


def test_large_print_is_large_and_every_card_begins_a_page(
    printer: TypstPrinter, plans: ModuleType, reading: ModuleType, ground: tuple[object, ...]
) -> None:
    sheet = plans.large_sheet(3, 4, ground)
    document = reading.pdf(printer.print_plan([sheet]))
    paper = _paper(document)
    assert [words for words in _said(sheet) if _words(words) not in paper] == []
    first_pages = []
    for card in sheet.cards:
        page = next(page for page in document.pages if card.id in page.extract_text())
        first_pages.append(page.page_number)
        (height,) = reading.heights_mm(page, card.id)
        assert height > 250
    assert len(set(first_pages)) == 3
    for page in document.pages:
        _marked(reading, page, "OFFICIAL-SENSITIVE")


def test_nothing_to_print_is_refused(printer: TypstPrinter) -> None:
    with pytest.raises(FaultError, match="no sheet"):
        printer.print_plan([])
