"""Typeset a sheet as PDF."""

from __future__ import annotations

import functools
import json
import re
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import typst

from geo_service.errors import FaultError, InputError
from geo_service.printing.cocoon import cocoon_inputs
from geo_service.printing.furniture import left_mm
from geo_service.printing.ink import FONT, symbol_svg
from geo_service.printing.map_svg import draw_map, drawing_size_mm
from geo_service.printing.place_sheets import PAPER_FONTS, inputs_of, template_of, words_with
from geo_service.printing.plan import about, laid_out, plan_inputs, sheets_json
from geo_service.printing.style import SHEET, WALL
from geo_service.printing.words import plain, report_words, sheet_words, words_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geo_service.model.cocoon_sheets import CocoonSheet
    from geo_service.model.place_sheets import PlaceSheet
    from geo_service.model.plan_sheets import LaidOut, PlanSheet, WallMap
    from geo_service.model.reports import ReportContent
    from geo_service.model.sheets import SheetContent

_WEIGHTS = {400, 700}
_ACCESSIBLE: Final = "ua-1"
_SHARED: Final = {
    **dict.fromkeys(("plan", "wall", "cocoon"), "parts"),
    **dict.fromkeys(("directory", "wallet", "stickers", "poster"), "place_parts"),
}
"""Parts that stand before a template."""
_REPLACED: Final = "\ufffd"
"""Stands for what no printer can show."""
_NO_LETTER: Final = re.compile(r"the text `\"(.*)\"` could not be displayed")


class TypstPrinter:
    """Print sheets with Typst: A4, tagged, fonts embedded, the same bytes for the same content."""

    def __init__(self, fonts: Path | None = None) -> None:
        """Take the folder of the fonts; None is the package's own, which `make setup` fills."""
        self._fonts = fonts if fonts is not None else Path(str(resources.files("geo_service"))) / "assets" / "fonts"

    def print(self, content: SheetContent) -> bytes:
        """Return the sheet as PDF (PDF/UA-1 where the fonts can show every letter).

        User text reaches the template as data only. Raises FaultError for missing fonts, a map that does not
        fit the page, or what Typst cannot set.
        """
        return ask_for_full_size(self._set("sheet", {"sheet": _payload(content), "map": draw_map(content.map)}))

    def print_plan(self, sheets: Sequence[PlanSheet]) -> bytes:
        """Return the sheets of a plan, each from a new page on, as one PDF; raises as `print` does.

        At most two A4 pages for each, but in large print: words become smaller, and maps lower, as far as 8 pt; then
        long words and long lists are cut, which the sheet says.
        """
        return self.print_laid_out(self.lay_out(sheets))

    def lay_out(self, sheets: Sequence[PlanSheet]) -> tuple[LaidOut, ...]:
        """Measure the sheets of a plan and draw their maps; raises as `print` does."""
        if not sheets:
            raise FaultError("There is no sheet to print", field="sheets")
        fits = json.loads(self._measure("plan", {"sheets": sheets_json(sheets)}))
        return tuple(map(laid_out, sheets, fits))

    def print_laid_out(self, laid: Sequence[LaidOut]) -> bytes:
        """Return sheets of any plans, laid out before, as one PDF; raises as `print` does."""
        return ask_for_full_size(self._set("plan", plan_inputs(laid)))

    def print_cocoons(self, sheets: Sequence[CocoonSheet]) -> bytes:
        """Return the sheets of super-cocoons, two A4 pages each, as one PDF; raises as `print` does."""
        if not sheets:
            raise FaultError("There is no sheet to print", field="sheets")
        return ask_for_full_size(self._set("cocoon", cocoon_inputs(sheets)))

    def print_wall_map(self, content: WallMap) -> bytes:
        """Return the wall map as PDF: one A3 page across; raises as `print` does.

        A long list beside the map becomes smaller as far as 8 pt, then it is cut, which it says.
        """
        known = about(content.map, WALL)
        words = words_of(content, but=("map",)) | {"map": known}
        said = {"wall": json.dumps(words, ensure_ascii=False), "maps": json.dumps({"map": known}, ensure_ascii=False)}
        return ask_for_full_size(self._set("wall", said | {"map": draw_map(content.map, WALL)}))

    def print_report(self, content: ReportContent) -> bytes:
        """Return a report of tables and a picture as PDF, as `print` does; raises as it does."""
        words = json.dumps(report_words(content) | {"chart": content.chart}, ensure_ascii=False)
        return self._set("report", {"report": words})

    def print_places(self, content: PlaceSheet) -> bytes:
        """Return the Safe Places on paper as PDF/UA-1.

        A town of many places takes smaller letters as far as 8 pt (16 pt in large print), then more pages; nothing is
        left out. Raises InputError, with the words, for letters that the font does not have: what is given away must
        be readable; else as `print` does.
        """
        broken = words_with(content, _REPLACED)
        if broken:
            raise _no_letters(broken)
        template, fonts = _template(template_of(content)), self._load_fonts(PAPER_FONTS)
        try:
            pdf = ask_for_full_size(_compile(template, fonts, inputs_of(content), _ACCESSIBLE))
        except typst.TypstError as error:
            missing = _NO_LETTER.search(error.message)
            if missing is None:
                raise FaultError("The paper could not be typeset", found=error.message, field="sheet") from None
            raise _no_letters(words_with(content, missing[1]) or missing[1]) from None
        # Typst takes all Punjabi for Shahmukhi, which runs from right to left; Gurmukhi does not.
        return pdf if content.language.direction == "rtl" else pdf.replace(b"/Direction/R2L", b"/Direction/L2R")

    def _set(self, name: str, inputs: dict[str, str]) -> bytes:
        """Set the template of a name with its inputs."""
        fonts = self._load_fonts()
        template = _template(name)
        try:
            return _compile(template, fonts, inputs, _ACCESSIBLE)
        except typst.TypstError:
            # PDF/UA refuses letters that no font has (an emoji in a name): a box on paper is better than no sheet.
            return _compile_or_say(template, fonts, inputs)

    def _measure(self, name: str, inputs: dict[str, str]) -> str:
        """Return as JSON what the template of a name labels <fit>."""
        try:
            said: str = typst.query(
                _template(name),
                "<fit>",
                field="value",
                one=True,
                font_paths=self._load_fonts(),
                ignore_system_fonts=True,
                sys_inputs=inputs,
            )
        except typst.TypstError as error:
            raise FaultError("The sheet could not be measured", found=error.message, field="sheet") from None
        return said

    def _load_fonts(self, families: tuple[str, ...] = (FONT,)) -> typst.Fonts:
        return _fonts(self._fonts, families)


def _no_letters(words: str) -> InputError:
    do = "Write it in Latin, Urdu or Gurmukhi letters, and publish again"
    return InputError("The print fonts do not have these letters", found=words, do=do, field="name")


@functools.cache
def _template(name: str) -> bytes:
    """Return the template of a name, after the parts that it shares."""
    folder = resources.files("geo_service.printing")
    parts = (_SHARED[name], name) if name in _SHARED else (name,)
    return b"\n".join(folder.joinpath(f"{part}.typ").read_bytes() for part in parts)


@functools.cache
def _fonts(folder: Path, families: tuple[str, ...]) -> typst.Fonts:
    """Find the fonts of a folder, once in a process."""
    found = typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=[folder])
    for family in families:
        if not {font.weight for font in found.fonts() if font.family == family} >= _WEIGHTS:
            raise FaultError(
                f"The font {family} (regular and bold) is not there",
                found=folder,
                do="Run `make setup`, which puts it there",
                field="fonts",
            )
    return found


def _compile(template: bytes, fonts: typst.Fonts, inputs: dict[str, str], *standards: Literal["ua-1"]) -> bytes:
    pdf: bytes = typst.compile(
        template, font_paths=fonts, ignore_system_fonts=True, sys_inputs=inputs, pdf_standards=list(standards)
    )
    return pdf


def _compile_or_say(template: bytes, fonts: typst.Fonts, inputs: dict[str, str]) -> bytes:
    try:
        return _compile(template, fonts, inputs)
    except typst.TypstError as error:
        hints = "; ".join(error.hints)
        raise FaultError("The sheet could not be typeset", found=error.message, do=hints, field="sheet") from None


def _payload(content: SheetContent) -> str:
    """Return the words of a sheet as JSON, with what the template needs to know of the map."""
    width, height = drawing_size_mm(content.map)
    shapes = {pin.label: pin.shape for pin in content.map.pins}
    words = sheet_words(content) | {
        "map": {
            "scale": f"1:{content.map.scale:,}",
            "grid_step_m": content.map.grid_step_m,
            "outlines": plain(content.map.member) if any(shape.kind == "ward" for shape in content.map.shapes) else "",
            "left_mm": left_mm(SHEET),
            "width_mm": width,
            "height_mm": height,
            "description": plain(content.map.description) or "Map of the patrol zones.",
        },
        "symbols": [symbol_svg(shapes[row.label]) if row.label in shapes else "" for row in content.nearby],
    }
    return json.dumps(words, ensure_ascii=False)


_PREFERENCES = re.compile(rb"/ViewerPreferences<<(?=[^<>]*>>)")
_START = re.compile(rb"startxref\s+(\d+)\s+%%EOF\s*\Z")


def ask_for_full_size(pdf: bytes) -> bytes:
    """Return the PDF with the viewer preference `PrintScaling None`, for which Typst has no option.

    Typst writes the catalogue as the last object before the cross-reference table, so that nothing but the
    table's own address moves. A file that is built otherwise is returned as it is. ISO 32000-1, table 150.
    """
    start = _START.search(pdf)
    found = list(_PREFERENCES.finditer(pdf, 0, int(start[1]))) if start else []
    if not start or not found or pdf.find(b" 0 obj", found[-1].end(), int(start[1])) >= 0:
        return pdf
    at, wish = found[-1].end(), b"/PrintScaling/None"
    moved = b"%d" % (int(start[1]) + len(wish))
    return pdf[:at] + wish + pdf[at : start.start(1)] + moved + pdf[start.end(1) :]
