"""Words are made safe and nothing else is done to them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from geo_service.printing.words import plain, printable, sheet_words, short

if TYPE_CHECKING:
    from types import ModuleType


@given(st.text(alphabet=st.characters(codec=None)))
def test_any_text_becomes_one_line_that_xml_and_json_can_carry(text: str) -> None:
    said = printable(text)
    assert said.encode("utf-8").decode("utf-8") == said
    assert "\n" not in said
    element = ET.Element("text")
    element.text = said
    parsed = ET.fromstring(ET.tostring(element, encoding="unicode"))  # noqa: S314 - our own drawing
    assert (parsed.text or "") == said
    assert json.loads(json.dumps(said)) == said


def test_ordinary_words_are_left_alone() -> None:
    words = "Café 'Wŷr' №5, 12 to 14 Fennel Street: £3.50 & more"
    assert plain(words) == printable(words) == words


def test_only_words_longer_than_a_column_may_break() -> None:
    assert printable("x" * 24) == "x" * 24
    broken = printable("x" * 60)
    assert broken.replace("\u200b", "") == "x" * 60
    assert max(map(len, broken.split("\u200b"))) == 24


def test_a_cut_is_marked() -> None:
    assert short("Fennel Street", 20) == "Fennel Street"
    assert short("Fennel Street", 8) == "Fennel…"


def test_a_sheet_becomes_plain_values_without_its_map(sheets: ModuleType) -> None:
    words = sheet_words(sheets.example_sheet(2, 4))
    assert "map" not in words
    assert words["zones"][1]["mix"][0] == ["Assault with injury", 21]
    assert json.loads(json.dumps(words)) == words
