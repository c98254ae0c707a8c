"""What may be misspelt, held to a dictionary of edits made by hand."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_service.safe_places.spelling import Speller

NAMES = ("Kingfisher Shopping Centre", "Redditch", "Mason Road")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Kingsfisher Walk", [("Kingsfisher", "Kingfisher")]),
        ("KINGFISHER", []),
        ("Reddicth", [("Reddicth", "Redditch")]),
        ("Masons Road", []),
        ("Mason's Road", []),
        ("Shoping Center", [("Shoping", "Shopping"), ("Center", "Centre")]),
        ("Quite another word", []),
    ],
)
def test_a_word_near_a_name_is_asked_about(text: str, expected: list[tuple[str, str]]) -> None:
    assert list(Speller(NAMES).meant(text)) == expected


def test_a_word_of_many_rows_is_believed_against_one_of_few() -> None:
    rows = ["3 Tansy Street"] * 3 + ["4 Tansey Street"]
    assert list(Speller((), rows).meant("4 Tansey Street")) == [("Tansey", "Tansy")]
    assert list(Speller((), [*rows, "5 Tansey Street"]).meant("4 Tansey Street")) == []


@given(at=st.integers(0, 9), sign=st.sampled_from(string.ascii_lowercase), how=st.sampled_from(["in", "out", "over"]))
def test_one_wrong_letter_is_always_found(at: int, sign: str, how: str) -> None:
    word = "kingfisher"
    wrong = word[:at] + {"in": sign + word[at:], "out": word[at + 1 :], "over": sign + word[at + 1 :]}[how]
    same = wrong in {word, f"{word}s"}
    assert dict(Speller(["Kingfisher"]).meant(wrong)).get(wrong, "").casefold() == ("" if same else word)
