"""Safe Places on paper: read back as text, as tags and as pictures, with nothing of the code that set them."""

from __future__ import annotations

import dataclasses
import re
import shutil
import subprocess
from typing import TYPE_CHECKING, Protocol

import numpy as np
import pytest
import zxingcpp
from PIL import Image

from geo_service.errors import FaultError, InputError
from geo_service.model.place_sheets import (
    CardLine,
    PlaceDirectory,
    PlaceEntry,
    PlacePoster,
    WalletCards,
    WindowStickers,
)
from geo_service.model.sheets import SheetRow
from geo_service.printing.codes import qr_svg

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

    from numpy.typing import NDArray
    from pypdf import PageObject, PdfReader

    from geo_service.model.place_sheets import PlaceSheet
    from geo_service.printing import TypstPrinter

ADDRESS = "https://safe-places.northmere.example/list"
HELP = (SheetRow("In danger now: call 999.", "Press 55."), SheetRow("Not an emergency: call 101.", ""))
ISSUED = "Printed on 2 March 2026 from release 7 of 1 March 2026."
PT = 72 / 25.4
TURNS = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""What a reader of PDF puts around words that run the other way."""
DPI = 150


class Rendered(Protocol):
    """Draw a page of a PDF."""

    def __call__(self, pdf: bytes, page: int = 1) -> NDArray[np.uint8]:
        """Return the page as grey levels, 150 to the inch."""


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Rendered:
    tool = shutil.which("pdftoppm")
    if tool is None:
        pytest.skip("pdftoppm (poppler-utils) is not installed")
    folder: Path = tmp_path_factory.mktemp("rendered")

    def draw(pdf: bytes, page: int = 1) -> NDArray[np.uint8]:
        (folder / "in.pdf").write_bytes(pdf)
        wanted = ["-gray", "-r", str(DPI), "-f", str(page), "-l", str(page), "-singlefile", "-png"]
        subprocess.run([tool, *wanted, folder / "in.pdf", folder / "out"], check=True, capture_output=True)
        return np.asarray(Image.open(folder / "out.png").convert("L"))

    return draw


def entry(number: int, **changes: object) -> PlaceEntry:
    made = PlaceEntry(
        name=f"Place{number:03}x",
        kind="Library",
        where=f"{number} Quay Street, ZZ9 0BS",
        hours="Monday to Friday 09:00 to 17:00; bank holidays closed.",
        unsure=False,
        phone="01632 960100",
        has=(("step_free", "Step-free entrance"), ("toilet", "Toilet")),
        lacks="Does not have: quiet space.",
        unknown="Not known: hearing loop.",
        more=("Languages: English; Polish.",),
        checked="Last checked 1 March 2026.",
        doubtful=False,
    )
    return dataclasses.replace(made, **changes)  # type: ignore[arg-type]


def directory(places: int = 9, **changes: object) -> PlaceDirectory:
    made = PlaceDirectory(
        title="Safe Places in Northmere",
        intro="Go in and ask for help.",
        warning="2 of these places have never been checked.",
        unknown="",
        emergency=HELP,
        places=tuple(entry(number) for number in range(places)),
        notes=("Hours can differ.",),
        issued=ISSUED,
        licences=("OGL v3.0",),
        demonstration=True,
        large_print=False,
        keywords=("PUBLIC", "release 7"),
    )
    return dataclasses.replace(made, **changes)  # type: ignore[arg-type]


def wallet(places: int = 4, **changes: object) -> WalletCards:
    made = WalletCards(
        title="I need a Safe Place",
        please="Please let me come in.",
        call="Call for me:",
        means=(),
        emergency=HELP,
        back_title="Safe Places in Northmere",
        warning="Check before you go.",
        places=tuple(CardLine(f"Place{n:03}x", f"{n} Quay Street", "Mon 09:00", "01632 960100") for n in range(places)),
        more=("", *(f"And {n} more place{'s'[: n > 1]}: ask for the list." for n in range(1, places + 1))),
        issued=ISSUED,
        demonstration=True,
        keywords=("PUBLIC",),
    )
    return dataclasses.replace(made, **changes)  # type: ignore[arg-type]


STICKERS = WindowStickers(
    title="Safe Place",
    means="",
    invitation="Come in and ask for help.",
    say="Say: I need a Safe Place.",
    where="Northmere",
    issued=ISSUED,
    caution="Take it down when it stops.",
    picture="An open door",
    demonstration=True,
    keywords=("PUBLIC",),
)
POSTER = PlacePoster(
    title="Frightened?",
    lines=("Go in and ask for help.", "Say: I need a Safe Place."),
    scan="Find the nearest:",
    address=ADDRESS,
    shown_address="safe-places.northmere.example/list",
    picture=f"Code that leads to {ADDRESS}",
    trace=("Your phone may remember.",),
    emergency=HELP,
    warning="Nobody has checked these places.",
    issued=ISSUED,
    licences=("OGL v3.0",),
    demonstration=True,
    large_print=False,
    keywords=("PUBLIC",),
)
EVERY = {"directory": directory(), "wallet": wallet(), "stickers": STICKERS, "poster": POSTER}


def words(pdf: PdfReader) -> str:
    return " ".join(" ".join(page.extract_text() for page in pdf.pages).split())


def strings(value: object) -> list[str]:
    """Return every text that a sheet always shows."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, tuple):
        return [said for part in value for said in strings(part)]
    if dataclasses.is_dataclass(value):
        hidden = {"keywords", "address", "has", "picture", "words", "language"}
        hidden |= {"more"} if isinstance(value, WalletCards) else set()
        fields = [item.name for item in dataclasses.fields(value) if item.name not in hidden]
        return [said for name in fields for said in strings(getattr(value, name))]
    return []


@pytest.mark.parametrize("sheet", EVERY.values(), ids=EVERY)
def test_all_that_was_decided_can_be_selected_as_text_and_the_demonstration_is_said(
    sheet: PlaceSheet, printer: TypstPrinter, reading: ModuleType
) -> None:
    text = "".join(words(reading.pdf(printer.print_places(sheet))).split())
    missing = [said for said in strings(sheet) if "".join(said.split()) not in text]
    assert missing == []
    assert "DEMONSTRATION" in text
    without = words(reading.pdf(printer.print_places(dataclasses.replace(sheet, demonstration=False))))
    assert "DEMONSTRATION" not in without


@pytest.mark.parametrize("sheet", EVERY.values(), ids=EVERY)
def test_it_is_tagged_in_british_english_with_its_fonts_inside(
    sheet: PlaceSheet, printer: TypstPrinter, reading: ModuleType
) -> None:
    made = printer.print_places(sheet)
    pdf = reading.pdf(made)
    root = pdf.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en-GB"
    assert b"pdfuaid:part" in root["/Metadata"].get_data()
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert pdf.metadata.title == sheet.title
    assert [tag["/S"] for tag in reading.tags(root["/StructTreeRoot"])].count("/H1") == 1
    found = [font for page in pdf.pages for font in reading.fonts(page)]
    assert found
    assert all("/FontFile3" in font or "/FontFile2" in font for font in found)
    assert {"AtkinsonHyperlegible" in font["/FontName"] for font in found} == {True}


@pytest.mark.parametrize("sheet", EVERY.values(), ids=EVERY)
def test_the_same_sheet_gives_the_same_bytes(sheet: PlaceSheet, printer: TypstPrinter) -> None:
    assert printer.print_places(sheet) == printer.print_places(sheet)


@pytest.mark.parametrize(("places", "large"), [(0, False), (1, False), (40, False), (14, True)])
def test_no_place_is_left_out_however_many_there_are(
    places: int, *, large: bool, printer: TypstPrinter, reading: ModuleType
) -> None:
    pdf = reading.pdf(printer.print_places(directory(places, large_print=large)))
    text = words(pdf)
    assert [text.count(f"Place{number:03}x") for number in range(places)] == [1] * places
    assert min(size for page in pdf.pages for size in reading.letter_sizes_pt(page)) >= (16 if large else 8) - 0.01
    wide, tall = pdf.pages[0].mediabox[2:]
    assert (round(wide / PT), round(tall / PT)) == ((420, 297) if large else (297, 210))
    if len(pdf.pages) > 1:
        for number, page in enumerate(pdf.pages, start=1):
            said = " ".join(page.extract_text().split())
            assert f"Page {number} of {len(pdf.pages)}" in said
            assert "DEMONSTRATION" in said
            assert "In danger now: call 999." in said
    assert ("Page 1 of" in text) == (len(pdf.pages) > 1)


def test_a_town_is_one_page_until_its_places_have_no_room_at_8_pt(printer: TypstPrinter, reading: ModuleType) -> None:
    sizes = []
    for places in (2, 14):
        pdf = reading.pdf(printer.print_places(directory(places)))
        assert len(pdf.pages) == 1
        (height,) = {round(size, 1) for size in _sizes_of(reading, pdf.pages[0], "Last checked")}
        sizes.append(height)
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] > sizes[-1] >= 8
    assert len(reading.pdf(printer.print_places(directory(30))).pages) > 1


def _sizes_of(reading: ModuleType, page: PageObject, wanted: str) -> list[float]:
    """Return the sizes of the pieces of text that hold some words."""
    found: list[float] = []

    def visit(text: str, cm: list[float], tm: list[float], _: object, size: float) -> None:
        if wanted in text:
            found.append(abs(tm[3] * cm[3]) * size)

    page.extract_text(visitor_text=visit)
    assert found
    return found


@pytest.mark.parametrize("places", [3, 26])
def test_nothing_but_its_ends_stands_on_the_fold(places: int, printer: TypstPrinter, rendered: Rendered) -> None:
    picture = rendered(printer.print_places(directory(places)))
    middle, near = picture.shape[1] // 2, round(5 / 25.4 * DPI)
    edge = round(6 / 25.4 * DPI)
    assert picture[edge:-edge, middle - near : middle + near].min() == 255
    assert picture[:edge, middle - 3 : middle + 3].min() < 128


def test_words_that_are_longer_than_any_place_has_are_cut_and_cost_no_other_place(
    printer: TypstPrinter, reading: ModuleType
) -> None:
    long = entry(1, where="Street " * 400, hours="Monday " * 400, more=("Languages: " + "x" * 3000,))
    text = words(reading.pdf(printer.print_places(_with(long))))
    assert all(f"Place{number:03}x" in text for number in (0, 1, 2))
    assert "…" in text


def _with(place: PlaceEntry) -> PlaceDirectory:
    return dataclasses.replace(directory(), places=(entry(0), place, entry(2)))


def test_what_is_not_sure_is_bold_and_never_said_by_a_sign_alone(printer: TypstPrinter, reading: ModuleType) -> None:
    unsure = entry(1, hours="Hours not known, phone first.", unsure=True, checked="Never checked.", doubtful=True)
    page = reading.pdf(printer.print_places(_with(unsure))).pages[0]
    fonts: dict[str, set[str]] = {}

    def visit(text: str, _cm: object, _tm: object, font: dict[str, str], _size: float) -> None:
        for wanted in ("Hours not known", "Never checked", "Step-free", "Last checked"):
            if wanted in text:
                fonts.setdefault(wanted, set()).add("Bold" if "Bold" in font["/BaseFont"] else "Regular")

    page.extract_text(visitor_text=visit)
    assert fonts == {
        "Hours not known": {"Bold"},
        "Never checked": {"Bold"},
        "Step-free": {"Regular"},
        "Last checked": {"Regular"},
    }


@pytest.mark.parametrize("places", [1, 30])
def test_a_card_counts_the_places_that_it_has_no_room_for(
    places: int, printer: TypstPrinter, reading: ModuleType
) -> None:
    pdf = reading.pdf(printer.print_places(wallet(places)))
    front, back = (" ".join(page.extract_text().split()) for page in pdf.pages)
    assert front.count("I need a Safe Place") == 10
    shown = [number for number in range(places) if f"Place{number:03}x" in back]
    assert shown == list(range(len(shown)))  # the first are the nearest
    assert shown
    assert all(back.count(f"Place{number:03}x") == 10 for number in shown)
    left_out = places - len(shown)
    assert back.count(f"And {left_out} more place") == (10 if left_out else 0)
    assert min(size for page in pdf.pages for size in reading.letter_sizes_pt(page)) >= 8 - 0.01


def test_ten_cards_of_a_bank_card_s_size_are_marked_where_to_cut_on_both_sides(
    printer: TypstPrinter, rendered: Rendered
) -> None:
    made = printer.print_places(wallet())
    for page in (1, 2):
        picture = rendered(made, page)
        # Just outside the cards there is nothing but the marks.
        above = np.flatnonzero(picture[round(9.5 / 25.4 * DPI)] < 160)
        beside = np.flatnonzero(picture[:, round(17 / 25.4 * DPI)] < 160)
        assert np.diff(_middles(above)) * 25.4 / DPI == pytest.approx([85, 85], abs=0.3)
        assert np.diff(_middles(beside)) * 25.4 / DPI == pytest.approx([54] * 5, abs=0.3)
        # Fronts and backs meet, whichever way the paper is turned.
        assert _middles(above).mean() == pytest.approx(picture.shape[1] / 2, abs=2)
        assert _middles(beside).mean() == pytest.approx(picture.shape[0] / 2, abs=2)


def _middles(at: NDArray[np.intp]) -> NDArray[np.float64]:
    """Return the middle of each run of neighbours."""
    return np.array([run.mean() for run in np.split(at, np.flatnonzero(np.diff(at) > 1) + 1)])


@pytest.mark.parametrize("large", [False, True], ids=["A4", "A3"])
def test_the_code_of_the_poster_is_read_back_on_paper(
    *, large: bool, printer: TypstPrinter, rendered: Rendered
) -> None:
    picture = rendered(printer.print_places(dataclasses.replace(POSTER, large_print=large)))
    (code,) = zxingcpp.read_barcodes(picture)
    assert (code.text, code.format) == (ADDRESS, zxingcpp.BarcodeFormat.QRCode)


def test_the_code_is_read_dirty_and_from_afar(printer: TypstPrinter, rendered: Rendered) -> None:
    picture = rendered(printer.print_places(POSTER)).copy()
    corner = zxingcpp.read_barcodes(picture)[0].position
    x, y = (corner.top_left.x + corner.bottom_right.x) // 2, (corner.top_left.y + corner.bottom_right.y) // 2
    half = (corner.bottom_right.x - corner.top_left.x) // 8  # a sixteenth of the code is covered
    picture[y - half : y + half, x - half : x + half] = 255
    small = np.asarray(Image.fromarray(picture).resize([length // 6 for length in picture.shape[::-1]]))
    (code,) = zxingcpp.read_barcodes(small)
    assert code.text == ADDRESS


def test_the_code_has_four_modules_of_quiet_ground(rendered: Rendered, printer: TypstPrinter) -> None:
    picture = rendered(printer.print_places(POSTER))
    at = zxingcpp.read_barcodes(picture)[0].position
    left, right, top, bottom = at.top_left.x, at.bottom_right.x, at.top_left.y, at.bottom_right.y
    module = (right - left) / 29  # 42 bytes at M are version 3 (ISO/IEC 18004, tables 1 and 7)
    quiet = int(3.5 * module)
    around = picture[top - quiet : bottom + quiet, left - quiet : right + quiet].copy()
    around[quiet - 3 : -quiet + 3, quiet - 3 : -quiet + 3] = 255
    assert around.min() == 255


def test_an_address_that_no_code_holds_is_a_fault() -> None:
    with pytest.raises(FaultError, match="too long for a code"):
        qr_svg("https://northmere.example/" + "x" * 5000)


def test_a_long_address_is_on_the_poster_whole(printer: TypstPrinter, reading: ModuleType) -> None:
    shown = "safe-places.northmere-borough-council.example/" + "a" * 60
    sheet = dataclasses.replace(POSTER, shown_address=shown)
    assert shown in reading.pdf(printer.print_places(sheet)).pages[0].extract_text()


@pytest.mark.parametrize(
    "name",
    ["Tŷ Croeso, Ŵyn ẃ", "Żółta Łódź, ćma", "Șosea și Țara", "Café Noël “Zoë”", "ਪੰਜਾਬੀ ਘਰ", "کتب"],
)
def test_letters_of_the_six_languages_are_printed(name: str, printer: TypstPrinter, reading: ModuleType) -> None:
    tool = shutil.which("pdftotext")
    if tool is None:
        pytest.skip("pdftotext (poppler-utils) is not installed")
    made = printer.print_places(_with(entry(1, name=name)))
    text = subprocess.run([tool, "-", "-"], input=made, capture_output=True, check=True).stdout.decode()
    assert name in " ".join(TURNS.sub("", text).split())


@pytest.mark.parametrize("name", ["Книги", "Help 😀", "nul\x00"])
def test_letters_that_the_font_does_not_have_are_refused_with_the_words(name: str, printer: TypstPrinter) -> None:
    with pytest.raises(InputError, match="The print fonts do not have these letters") as refused:
        printer.print_places(_with(entry(1, name=name)))
    assert str(refused.value.found)[:3] == name[:3]


@pytest.mark.parametrize("hostile", ['#panic("x")', "*bold* $x$ <label> @ref", "= Heading", "\\ \n// no"])
def test_hostile_text_is_set_as_text(hostile: str, printer: TypstPrinter, reading: ModuleType) -> None:
    text = words(reading.pdf(printer.print_places(_with(entry(1, name=hostile, where=hostile)))))
    assert " ".join(hostile.split()) in text


def test_a_picture_of_the_poster_can_be_read_in_grey(printer: TypstPrinter, rendered: Rendered) -> None:
    picture = rendered(printer.print_places(POSTER))
    levels = np.bincount(picture.ravel(), minlength=256)
    ground = int(levels[40:120].argmax()) + 40  # the bar behind white words
    # WCAG 2.2, 1.4.3: relative luminance of a grey level.
    level = ground / 255
    luminance = level / 12.92 if level <= 0.04045 else ((level + 0.055) / 1.055) ** 2.4
    assert levels[ground] > 10_000
    assert 1.05 / (luminance + 0.05) > 4.5
