"""Prompts ship, may be replaced by an area's own, and say what is wrong with them."""

from __future__ import annotations

from pathlib import Path

import pytest

from geo_service.errors import InputError
from geo_service.registry import open_registry
from geo_service.registry.prompts import read_prompts

CHECKOUT = Path(__file__).parents[2]
SHIPPED = CHECKOUT / "data" / "prompts.toml"
ANY = '[[kind]]\nid = "any"\nprompts = ["Look around."]\n'


def test_the_shipped_prompts_fit_a_card_and_every_kind_has_two_at_least() -> None:
    kinds = read_prompts(SHIPPED)
    assert len(kinds) >= 12
    for kind in kinds:
        assert len(kind.prompts) >= 2
        assert all(prompt.endswith((".", "?")) for prompt in kind.prompts)


def test_a_copy_in_the_data_directory_stands_in_place_of_all(tmp_path: Path) -> None:
    (tmp_path / "prompts.toml").write_text(ANY + '[[kind]]\nid = "dogs"\nwords = ["Dog  Theft"]\nprompts = ["Call."]\n')
    found = open_registry(CHECKOUT, own=tmp_path).prompts()
    assert [(kind.id, kind.words, kind.prompts) for kind in found] == [
        ("any", (), ("Look around.",)),
        ("dogs", ("dog theft",), ("Call.",)),
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("kind = 3", "must be tables"),
        ("[[kind]", "is not TOML"),
        (ANY.replace("any", "none"), "every kind but `any` has words"),
        ('[[kind]]\nid = "x"\nwords = ["x"]\nprompts = ["Do."]', "no kind `any`"),
        (ANY + ANY, "two kinds of one id"),
        (ANY.replace('"Look around."', ""), "no prompts"),
        (ANY.replace("Look around.", "x" * 73), "1 to 72 characters"),
        (ANY.replace("Look around.", " "), "1 to 72 characters"),
        (ANY + 'word = "x"', "unknown key"),
        (ANY + 'words = ["x"]', "every kind but `any` has words"),
        (ANY + '[[kind]]\nid = "x"\nwords = [""]\nprompts = ["Do."]', "every kind but `any` has words"),
        (ANY + "title = 1", "unknown key"),
        (ANY.replace("prompts = [", "prompts = [1, "), "must be a list of texts"),
        (ANY.replace('id = "any"', ""), "`id` is missing"),
    ],
)
def test_what_is_wrong_is_said_with_file_and_kind(text: str, said: str, tmp_path: Path) -> None:
    own = tmp_path / "prompts.toml"
    own.write_text(text)
    with pytest.raises(InputError, match=said) as caught:
        read_prompts(SHIPPED, own)
    assert "prompts.toml in the data directory" in caught.value.message


def test_a_file_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    (tmp_path / "prompts.toml").mkdir()
    with pytest.raises(InputError, match="cannot be read"):
        read_prompts(SHIPPED, tmp_path / "prompts.toml")
