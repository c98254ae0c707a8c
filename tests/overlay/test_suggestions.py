"""Names are compared as people write them, and lists read as sentences."""

from __future__ import annotations

import pytest

from geo_service.overlay.suggestions import listed, plain


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "none"),
        (["a"], "a"),
        (["a", "b"], "a and b"),
        (["a", "b", "c"], "a, b and c"),
        ([str(n) for n in range(30)], "0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 19 more"),
    ],
)
def test_a_list_reads_as_a_sentence_and_never_floods_it(words: list[str], said: str) -> None:
    assert listed(words) == said


def test_a_choice_ends_with_or() -> None:
    assert listed(["a", "b", "c"], last="or") == "a, b or c"


@pytest.mark.parametrize("other", ["ASTWOOD BANK", "astwood  bank ", "Astwood\tBank"])
def test_spellings_of_one_name_are_alike(other: str) -> None:
    assert plain(other) == plain("Astwood Bank")


def test_other_names_are_not_alike() -> None:
    assert plain("Church Hill") != plain("Churchill")
