"""`geo-service safe-places print`."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pypdf
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable


URL = "https://safe-places.nonesuch.example"


@pytest.fixture(scope="module")
def area(demonstration_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the demonstration area: what is printed is written into its ledger."""
    return Path(shutil.copytree(demonstration_dir, tmp_path_factory.mktemp("printed") / "demo"))


def test_every_paper_is_written_to_a_new_folder(area: Path, tmp_path: Path, say: Callable[..., Any]) -> None:
    out = tmp_path / "paper"
    wanted = ("--wallet", "--stickers", "--poster", "--url", URL, "--json")
    said = say("--data-dir", area, "safe-places", "print", "-o", out, *wanted)
    assert (said.code, said.err) == (0, "")
    facts = said.facts
    assert (facts["release"], facts["marking"], facts["towns"]) == (1, "PUBLIC", {"Nonesuch": 11})
    assert facts["never_checked"] == 0
    assert sorted(map(str, out.iterdir())) == sorted(facts["files"])
    assert [len(pypdf.PdfReader(file).pages) for file in facts["files"]] == [1, 2, 1, 1]


def test_large_print_of_one_town_is_said_in_words(area: Path, tmp_path: Path, say: Callable[..., Any]) -> None:
    said = say("--data-dir", area, "safe-places", "print", "-o", tmp_path, "--town", "nonesuch", "--large-print")
    assert said.code == 0
    assert "Release 1, PUBLIC." in said.out
    assert "Nonesuch: 11 place(s)." in said.out
    (written,) = tmp_path.iterdir()
    assert f"Written: {written}" in said.out
    assert "large-print" in written.name
    wide, tall = pypdf.PdfReader(written).pages[0].mediabox[2:]
    assert (round(wide / 72 * 25.4), round(tall / 72 * 25.4)) == (420, 297)


def test_the_same_release_on_the_same_day_gives_the_same_files(
    area: Path, tmp_path: Path, say: Callable[..., Any]
) -> None:
    for name in ("one", "two"):
        assert say("--data-dir", area, "safe-places", "print", "-o", tmp_path / name).code == 0
    (one,), (two,) = (list((tmp_path / name).iterdir()) for name in ("one", "two"))
    assert (one.name, one.read_bytes()) == (two.name, two.read_bytes())


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--poster",), "A poster needs the address that its code leads to"),
        (("--url", URL), "--url goes with --poster"),
        (("--poster", "--url", "http://a.example"), "does not begin with https://"),
        (("--town", ""), "--town is empty"),
        (("--town", "Atlantis"), "No place of the release is in that town"),
        (("--lang", "xx"), "There is no such language here"),
    ],
)
def test_what_cannot_be_printed_is_said_and_no_folder_is_made(
    words: tuple[str, ...], why: str, area: Path, tmp_path: Path, refused: Callable[..., str]
) -> None:
    assert why in refused("--data-dir", area, "safe-places", "print", "-o", tmp_path / "paper", *words)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("place", "why"), [("file", "That is not a folder"), ("no/paper", "There is no folder")])
def test_a_place_that_cannot_be_written_to_is_refused(
    place: str, why: str, area: Path, tmp_path: Path, refused: Callable[..., str]
) -> None:
    (tmp_path / "file").write_text("mine")
    assert why in refused("--data-dir", area, "safe-places", "print", "-o", tmp_path / place)
    assert (tmp_path / "file").read_text() == "mine"


def test_nothing_is_printed_before_anything_was_published(
    area: Path, tmp_path: Path, refused: Callable[..., str]
) -> None:
    empty = Path(shutil.copytree(area, tmp_path / "area"))
    shutil.rmtree(empty / "public")
    assert "publish" in refused("--data-dir", empty, "safe-places", "print", "-o", tmp_path / "paper")
    assert not (tmp_path / "paper").exists()
