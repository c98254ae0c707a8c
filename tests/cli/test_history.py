"""`geo-service issues`, `versions`, `undo`, `layers` and `doctor`."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import pytest

from geo_service.app import open_area

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

WRONG = {
    "a version to come": (["undo", "999"], "No version of that number. Found: 999. The versions are 1 to "),
    "no version": (["undo", "0"], "No version of that number. Found: 0."),
    "a month of no import": (
        ["undo", "1", "--month", "2099-01"],
        "Version 1 changed nothing of that name. Found: 2099-01.",
    ),
    "a year for a month": (["undo", "1", "--month", "2099"], "Not a month. Found: 2099. Write it as YYYY-MM"),
    "a month that a script forgot": (["undo", "1", "--month", ""], "Not a month. Found: nothing."),
    "issues of a version to come": (["issues", "--version", "999"], "No version of that number. Found: 999."),
    "issues into a folder that is not there": (
        ["issues", "-o", "nowhere/issues.csv"],
        "There is no folder to write to. Found: nowhere.",
    ),
    "issues of another kind": (["issues", "-o", "issues.xlsx"], "Found: issues.xlsx. Let it end in .csv."),
}


@pytest.mark.parametrize("slip", WRONG)
def test_a_wrong_word_is_refused_in_one_message_and_changes_nothing(
    slip: str, refused: Callable[..., str], say: Callable, demonstration_dir: Path
) -> None:
    words, expected = WRONG[slip]
    before = say("--data-dir", demonstration_dir, "versions", "--json").out
    assert expected in refused("--data-dir", demonstration_dir, *words)
    assert say("--data-dir", demonstration_dir, "versions", "--json").out == before


def test_issues_are_shown_in_part_and_written_whole(say: Callable, demonstration_dir: Path, tmp_path: Path) -> None:
    asked = ["--data-dir", demonstration_dir, "issues", "--limit", "2"]
    facts = say(*asked, "-o", tmp_path / "issues.csv", "--json").facts
    assert list(facts) == ["total", "rows", "file"]
    assert len(facts["rows"]) == 2 < facts["total"]
    assert list(facts["rows"][0]) == ["version", "file", "row", "field", "value", "reason"]
    written = list(csv.DictReader(io.StringIO((tmp_path / facts["file"]).read_text(encoding="utf-8-sig"))))
    assert [row["id"] for row in written] == [str(number + 1) for number in range(len(written))]
    assert not {"lon", "lat", "wkt"} & set(written[0])
    assert len(written) == facts["total"]
    assert written[0]["reason"] == facts["rows"][0]["reason"]
    assert say(*asked).out.endswith(f"2 of {facts['total']} rejected rows.\n")
    everything = say("--data-dir", demonstration_dir, "issues", "--limit", "0", "--json").facts
    assert len(everything["rows"]) == facts["total"]


def test_versions_say_who_did_what(say: Callable, demonstration_dir: Path) -> None:
    listed = say("--data-dir", demonstration_dir, "versions", "--json").facts["versions"]
    assert [version["number"] for version in listed] == list(range(1, len(listed) + 1))
    assert {"number", "at", "act", "actor", "changed", "detail"} <= set(listed[0])
    words = say("--data-dir", demonstration_dir, "versions").out.splitlines()
    assert len(words) == len(listed) + 1
    assert words[0].split() == ["version", "at", "act", "by", "parts", "changed"]


def test_what_is_undone_is_gone_and_undoing_that_brings_it_back(say: Callable, demonstration_copy: Path) -> None:
    area = ["--data-dir", demonstration_copy]
    last = len(say(*area, "versions", "--json").facts["versions"])
    before = say(*area, "issues", "--json").facts["total"]
    undone = say(*area, "undo", last, "--json").facts
    assert list(undone) == ["version", "undone", "changed"]
    assert (undone["version"], undone["undone"]) == (last + 1, last)
    assert say(*area, "issues", "--json").facts["total"] == 0 < before
    said = say(*area, "undo", last + 1)
    assert (
        said.out == f"Version {last + 1} is undone: data version {last + 2}, {len(undone['changed'])} parts put back.\n"
    )
    assert say(*area, "issues", "--json").facts["total"] == before


def test_layers_are_listed_with_their_audience_and_features(say: Callable, demonstration_dir: Path) -> None:
    listed = say("--data-dir", demonstration_dir, "layers", "--json").facts["layers"]
    assert all(list(layer) == ["id", "title", "audience", "features", "on_the_map"] for layer in listed)
    by_id = {layer["id"]: layer for layer in listed}
    assert (by_id["safe-places"]["audience"], by_id["cctv-redeployable"]["audience"]) == ("public", "force")
    assert by_id["safe-places"]["features"] > 0
    words = say("--data-dir", demonstration_dir, "layers").out
    assert all(layer["title"] in words for layer in listed)


def test_the_doctor_finds_a_sound_area_well(say: Callable, demonstration_dir: Path) -> None:
    said = say("--data-dir", demonstration_dir, "doctor", "--json")
    assert said.code == 0
    assert said.facts == {"data_dir": str(demonstration_dir), "problems": [], "release": 1, "reports": 0}
    assert say("--data-dir", demonstration_dir, "doctor").out == (
        f"All is well in {demonstration_dir}.\nThe public site shows release 1.\n"
    )


def test_the_doctor_names_a_damaged_file_and_leaves_with_1(say: Callable, demonstration_copy: Path) -> None:
    services = open_area(demonstration_copy)
    slot, sha256 = next(iter(services.store.snapshot().slots("postcodes").items()))
    services.close()
    damaged = next(demonstration_copy.rglob(f"{sha256}.parquet"))
    damaged.write_bytes(damaged.read_bytes()[:-9])
    said = say("--data-dir", demonstration_copy, "doctor", "--json")
    assert said.code == 1
    assert list(said.facts) == ["data_dir", "problems", "release", "reports"]
    assert any(slot in problem or sha256 in problem for problem in said.facts["problems"])
    asked = say("--data-dir", demonstration_copy, "layers")
    assert "Traceback" not in asked.err
