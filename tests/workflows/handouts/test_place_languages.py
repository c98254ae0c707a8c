"""The Safe Places on paper in each language but English: found again as text, tagged, marked as drafts."""

from __future__ import annotations

import dataclasses
import datetime as dt
import io
import re
import shutil
import subprocess
import unicodedata
from typing import TYPE_CHECKING, Any

import pytest
from pypdf import PdfReader

from geo_service.errors import QueryError
from geo_service.languages import NAMES, WrittenLanguage, written_languages
from geo_service.languages.approvals import mark
from geo_service.languages.written import catalogue_of
from geo_service.model.place_sheets import ENGLISH_ENDS, ENGLISH_STARTS, WalletCards
from geo_service.workflows.handouts import place_papers
from geo_service.workflows.handouts.place_edition import Edition
from geo_service.workflows.handouts.place_prints import Papers, print_papers

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from geo_service.model.place_sheets import PlaceSheet
    from geo_service.workflows.services import Services

OTHERS = tuple(code for code in NAMES if code != "en")
URL = "https://safe-places.nonesuch.example"
TODAY = dt.date(2026, 3, 2)
TURNS = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069]")
ENDS = '.,:;()[]"\u060c\u061b\u061f\u06d4\u0964\u201c\u201d\u201e'
"""Marks that a reader of PDF may put on the other side of a word."""
ODD = {"ur": 1, "pa": 3}
"""Words whose signs pdftotext reads twice or apart from their letters."""
NOT_SHOWN = {"keywords", "address", "picture", "words", "language", "has", "more"}


@pytest.fixture(scope="module")
def text_of() -> Any:  # noqa: ANN401 - a function
    tool = shutil.which("pdftotext")
    if tool is None:
        pytest.skip("pdftotext (poppler-utils) is not installed")

    def read(pdf: bytes) -> str:
        done = subprocess.run([tool, "-", "-"], input=pdf, capture_output=True, check=True)
        return TURNS.sub("", done.stdout.decode())

    return read


def sheets(edition: Edition) -> tuple[PlaceSheet, ...]:
    """Return one of each paper."""
    return (
        place_papers.directory(edition, "Nonesuch", large_print=False),
        place_papers.wallet_cards(edition, "Nonesuch"),
        place_papers.stickers(edition, "Nonesuch"),
        place_papers.poster(edition, "Nonesuch", url=URL, large_print=False),
    )


def strings(value: object) -> Iterator[str]:
    """Give every text that a sheet always shows."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for part in value:
            yield from strings(part)
    elif dataclasses.is_dataclass(value):
        for item in dataclasses.fields(value):
            if item.name not in NOT_SHOWN:
                yield from strings(getattr(value, item.name))


def languages_of(pdf: PdfReader) -> Iterator[str]:
    """Give the language of each paragraph and heading, as a screen reader takes it."""
    root = pdf.trailer["/Root"]

    def walk(node: Any, lang: str) -> Iterator[str]:  # noqa: ANN401 - pypdf's own
        node = node.get_object()
        if isinstance(node, list):
            for child in node:
                yield from walk(child, lang)
        elif isinstance(node, dict):
            lang = node.get("/Lang", lang)
            if node.get("/S") in {"/P", "/H1", "/H2"}:
                yield lang
            elif "/K" in node:
                yield from walk(node["/K"], lang)

    return walk(root["/StructTreeRoot"], root["/Lang"])


def has(text: str, word: str) -> bool:
    """Tell whether a word was read back.

    pdftotext turns around the two letters of a lam-alef, which are one glyph, and the order of signs on one letter.
    """
    letters = [c for c in word if not unicodedata.category(c).startswith("M")]
    signs = r"[\u064b-\u0655\u0a01-\u0a03\u0a3c-\u0a71]*"
    turned = word.replace("\u0644\u0627", "\u0627\u0644")
    return word in text or turned in text or re.search(signs.join(map(re.escape, letters)), text) is not None


@pytest.mark.parametrize("code", OTHERS)
def test_every_paper_is_one_sheet_whose_words_can_be_selected(code: str, demonstration: Services, text_of: Any) -> None:  # noqa: ANN401
    done = print_papers(demonstration, Papers(wallet=True, stickers=True, poster=True, url=URL, language=code))
    edition = Edition(done.release, demonstration.today(), written_languages()[code])
    assert done.draft
    for export, sheet, pages in zip(done.exports, sheets(edition), (1, 2, 1, 1), strict=True):
        pdf = PdfReader(io.BytesIO(export.content))
        assert len(pdf.pages) == pages, export.name
        assert f"-{code}-" in export.name
        root = pdf.trailer["/Root"]
        assert root["/Lang"] == code
        assert root["/ViewerPreferences"].get("/Direction", "/L2R") == ("/R2L" if code == "ur" else "/L2R")
        found = text_of(export.content)
        shown = dataclasses.replace(sheet, places=()) if isinstance(sheet, WalletCards) else sheet  # not all have room
        wanted = {word.strip(ENDS) for said in strings(shown) for word in TURNS.sub("", said).split()}
        missing = {word for word in wanted if not has(found, word) and "/" not in word}
        assert len(missing) <= ODD.get(code, 0), (export.name, missing)
        assert set(languages_of(pdf)) == {code, "en-GB"}, export.name


@pytest.mark.parametrize("code", OTHERS)
def test_every_safety_text_is_a_draft_until_it_is_approved(code: str, demonstration: Services) -> None:
    release = demonstration.releases.current()
    catalogue = catalogue_of(code)
    assert catalogue is not None
    tag = f"[{written_languages()[code].gettext('draft')} · draft]"
    directory, cards, stickers, poster = sheets(Edition(release, TODAY, written_languages()[code]))
    helps = [row.text for sheet in (directory, cards, poster) for row in sheet.emergency]  # type: ignore[union-attr]
    others = (directory.intro, directory.notes[0], cards.means[1], stickers.say, *poster.lines, poster.trace[1])  # type: ignore[union-attr]
    assert [text for text in (*helps, *others) if not text.endswith(tag)] == []
    for sheet in (directory, cards, stickers, poster):
        assert sheet.language.draft == tag
        assert "draft: nobody has checked" in sheet.language.notes[1]
    approved = frozenset(mark(message) for message in catalogue if message.id)
    for sheet in sheets(Edition(release, TODAY, WrittenLanguage(code, catalogue, approved))):
        assert not any("draft" in text for text in strings(sheet))
        assert (sheet.language.draft, sheet.language.notes) == ("", ())


def test_english_is_no_draft_and_nothing_in_it_is_set_apart(demonstration: Services) -> None:
    for sheet in sheets(Edition(demonstration.releases.current(), TODAY)):
        assert not any("draft" in text or ENGLISH_STARTS in text or ENGLISH_ENDS in text for text in strings(sheet))


def test_numbers_run_from_left_to_right_in_urdu(demonstration: Services, tmp_path: Path) -> None:
    done = print_papers(demonstration, Papers(wallet=True, language="ur"))
    tool = shutil.which("pdftotext")
    if tool is None:
        pytest.skip("pdftotext (poppler-utils) is not installed")
    for export in done.exports:
        (tmp_path / "in.pdf").write_bytes(export.content)
        subprocess.run([tool, "-bbox", tmp_path / "in.pdf", tmp_path / "out.html"], check=True, capture_output=True)
        page = (tmp_path / "out.html").read_text("utf-8")
        boxes = re.findall(r'xMin="([\d.]+)" yMin="([\d.]+)".*?>([^<]*)</word>', page)
        codes = [(float(x), float(y)) for x, y, word in boxes if TURNS.sub("", word) == "01632"]
        rest = [(float(x), float(y)) for x, y, word in boxes if re.fullmatch(r"9601\d\d", TURNS.sub("", word))]
        assert len(codes) == len(rest) > 0
        assert all(any(x < right < x + 60 and abs(y - below) < 2 for right, below in rest) for x, y in codes)
        times = re.findall(r"\d\d:\d\d\u2013\d\d:\d\d", " ".join(TURNS.sub("", word) for _, _, word in boxes))
        assert export is done.exports[0] or "09:00\u201318:00" in times  # the library's


@pytest.mark.parametrize("code", OTHERS)
def test_the_poster_leads_to_the_pages_in_its_language(code: str, demonstration: Services) -> None:
    edition = Edition(demonstration.releases.current(), TODAY, written_languages()[code])
    made = place_papers.poster(edition, "", url=f"{URL}/", large_print=False)
    assert (made.address, made.shown_address) == (f"{URL}/{code}/", f"safe-places.nonesuch.example/{code}")
    assert "I need a Safe Place" in made.lines[1]  # what people in England are asked


def test_an_unknown_language_is_refused_with_those_that_there_are(demonstration: Services) -> None:
    with pytest.raises(QueryError, match="There is no such language here") as refused:
        print_papers(demonstration, Papers(language="fr"))
    assert "en, cy, pl, ur, pa, ro" in str(refused.value)
