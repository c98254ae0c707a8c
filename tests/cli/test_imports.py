"""`geo-service import …` with right and wrong files."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from geo_service.cli import imports
from geo_service.cli.main import INTERRUPTED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CHECKOUT = Path(__file__).parents[2]
PLACES = CHECKOUT / "data/places/redditch-safe-places-2023-11-01.csv"
WARDS = ["--set", "wards-x", "--code", "code", "--name", "name"]
BOMB = "unpacks to far more than a file of rows can"
WRONG = {
    "missing columns": (["incidents", "missing.csv"], "misses the columns Reported by, Falls within, Latitude, "),
    "missing columns of an export": (
        ["incidents", "missing-export.csv"],
        "misses the columns easting, northing. Found: ",
    ),
    "latitude and longitude swapped": (
        ["incidents", "swapped.csv"],
        "3 rejected, latitude and longitude look swapped.",
    ),
    "empty": (["incidents", "empty.csv"], "empty.csv is empty. Found: 0 bytes. Export it again."),
    "a header alone": (["incidents", "header.csv"], "The header is followed by no rows. Found: header.csv."),
    "noise": (["incidents", "noise.csv"], "noise.csv is not a text file."),
    "a huge easting": (
        ["incidents", "easting.csv", "--force", "x"],
        f"British National Grid. Found: {'4' * 30}, 268000 ",
    ),
    "whose export": (["incidents", "easting.csv"], "does not say which force it is from. Name it with --force"),
    "a force in words": (
        ["incidents", "easting.csv", "--force", "West Mercia"],
        "Found: West Mercia. Write it in small",
    ),
    "no such file": (["incidents", "nowhere.csv"], "There is no file or folder nowhere.csv."),
    "a folder without files": (["incidents", "folder"], "There is no CSV file of incidents. Found: nothing in folder."),
    "a zip bomb": (["incidents", "bomb.zip"], BOMB),
    "a zip bomb by what it declares": (["incidents", "declared.zip"], BOMB),
    "a zip that lies": (["incidents", "liar.zip"], "liar.zip is damaged, encrypted or packed in a way"),
    "zips in a zip": (
        ["incidents", "nested.zip"],
        "There is no CSV file of incidents. Found: 9 file(s) that are not CSV",
    ),
    "no zip": (["incidents", "broken.zip"], "broken.zip is not a zip, or it is damaged."),
    "a broken mapping": (["incidents", "easting.csv", "--mapping", "mapping.toml"], "mapping.toml is not TOML."),
    "no mapping": (["incidents", "easting.csv", "--mapping", "nowhere.toml"], "nowhere.toml cannot be read."),
    "a ward that crosses itself": (
        ["boundaries", "wards.zip", *WARDS],
        "1 member with invalid geometry: W1 Bow Tie: Self-i",
    ),
    "fields of another set": (
        ["boundaries", "wards.zip", "--set", "wards-2025"],
        "has no field WD25CD, WD25NM, LAD25CD, LAD25NM; its fields are code, name.",
    ),
    "an unknown set": (["boundaries", "sound.geojson", "--set", "wards-x"], "Add --code FIELD and --name FIELD."),
    "a set that is a path": (
        ["boundaries", "sound.geojson", "--set", "../x"],
        "A boundary set needs a short id. Found: ../x.",
    ),
    "a set without a name": (
        ["boundaries", "sound.geojson", "--set", ""],
        "A boundary set needs a short id. Found: nothing.",
    ),
    "no day": (
        ["boundaries", "sound.geojson", *WARDS, "--valid-from", "1.5.2025"],
        "Not a day. Found: 1.5.2025. Write it",
    ),
    "no boundaries": (["boundaries", "picture.txt", *WARDS], "picture.txt cannot be read as a file of boundaries."),
    "an empty file of boundaries": (["boundaries", "empty.csv", *WARDS], "empty.csv is empty."),
    "a zip bomb of boundaries": (["boundaries", "bomb.zip", *WARDS], BOMB),
    "no boundaries there": (["boundaries", "nowhere.zip", *WARDS], "There is no file nowhere.zip."),
    "no postcodes": (["postcodes", "missing.csv"], "is not laid out as Code-Point Open, whose ten columns are PC, "),
    "no postcodes there": (["postcodes", "nowhere.csv"], "There is no file or folder nowhere.csv."),
    "a zip bomb of postcodes": (["postcodes", "bomb.zip"], BOMB),
    "an unknown layer": (["layer", "cameras", "places.csv"], "No such layer. Found: cameras. Use one of "),
    "unknown columns": (["layer", "safe-places", "places.csv"], "does not know. Found: colour. Delete or rename them"),
    "an empty layer": (["layer", "safe-places", "empty.csv"], "empty.csv is empty."),
    "a folder as a layer": (["layer", "safe-places", "folder"], "folder is neither CSV nor GeoJSON. Found: a folder."),
    "no layer there": (["layer", "safe-places", "nowhere.csv"], "nowhere.csv cannot be read. Found: No such file"),
}


NOT_ONE_GOOD_ROW = {"latitude and longitude swapped", "a huge easting"}
"""Files that were read to their end: their rejected rows are kept, so that `issues` can list them."""


@pytest.fixture
def area(tmp_path: Path, slips: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a data directory that is not there yet; the files with slips are in the current folder."""
    monkeypatch.chdir(slips)
    return tmp_path / "area"


@pytest.mark.parametrize("slip", WRONG)
def test_a_wrong_file_is_refused_in_one_message_and_nothing_of_it_is_data(
    slip: str, refused: Callable[..., str], say: Callable, area: Path
) -> None:
    words, expected = WRONG[slip]
    assert expected in refused("--data-dir", area, "import", *words)
    if area.exists():
        versions = say("--data-dir", area, "versions", "--json").facts["versions"]
        changed = [slot for version in versions for slot in version["changed"]]
        assert [slot for slot in changed if not slot.startswith("rejects/")] == []
        assert bool(changed) == (slip in NOT_ONE_GOOD_ROW)
        assert bool(say("--data-dir", area, "issues", "--json").facts["total"]) == (slip in NOT_ONE_GOOD_ROW)


def test_a_bad_row_beside_a_good_one_is_kept_as_an_issue(say: Callable, slips: Path, tmp_path: Path) -> None:
    done = say("--data-dir", tmp_path, "import", "incidents", slips / "half.csv", "--force", "west-mercia")
    assert done.code == 0
    assert "Read 2 = accepted 1 (1 located, 0 unlocated) + rejected 1." in done.out
    assert say("--data-dir", tmp_path, "issues", "--json").facts["rows"] == [
        {
            "version": 1,
            "file": "half.csv",
            "row": 2,
            "field": "easting, northing",
            "value": f"{'4' * 30}, 268000",
            "reason": "not on the British National Grid",
        }
    ]


def test_incidents_count_up_and_the_same_file_twice_changes_nothing(
    say: Callable, demonstration_dir: Path, tmp_path: Path
) -> None:
    words = ["--data-dir", tmp_path, "import", "incidents", demonstration_dir / "demonstration/incidents.csv"]
    first = say(*words, "--force", "x", "--json").facts
    again = say(*words, "--force", "x", "--json").facts
    assert " ".join(first) == (
        "version read accepted located unlocated rejected rejected_by_reason outside notes files"
    )
    assert first["accepted"] + first["rejected"] == first["read"] > 20_000
    assert first["located"] + first["unlocated"] == first["accepted"]
    assert sum(first["rejected_by_reason"].values()) == first["rejected"] > 0
    assert (first["version"], again["version"]) == (1, None)
    assert {key: again[key] for key in again if key != "version"} == {
        key: first[key] for key in first if key != "version"
    }
    said = say(*words, "--force", "x")
    assert f"Read {first['read']:,} = accepted {first['accepted']:,} (" in said.out
    assert said.out.endswith("Nothing changed: all of it was there already.\n")


def test_boundaries_postcodes_and_layers_say_what_was_taken(
    say: Callable, slips: Path, demonstration_dir: Path, tmp_path: Path
) -> None:
    wards = ["--data-dir", tmp_path, "import", "boundaries", slips / "sound.geojson", *WARDS]
    taken = say(*wards, "--valid-from", "2025-05-01", "--title", "Wards of Somewhere", "--json").facts
    assert taken == {
        "version": 1,
        "set": "wards-x",
        "members": 1,
        "overlaps": [],
        "gaps": [],
        "outside": {"in_no_member": 0, "located": 0},
    }
    files = demonstration_dir / "demonstration"
    postcodes = say("--data-dir", tmp_path, "import", "postcodes", files / "postcodes.csv", "--json").facts
    assert (postcodes["version"], postcodes["rejected"]) == (2, [])
    assert postcodes["accepted"] > 100
    places = say("--data-dir", tmp_path, "import", "layer", "safe-places", PLACES, "--json").facts
    assert (places["version"], places["accepted"], places["rejected"]) == (3, 21, [])
    assert "21 features of safe-places taken, 0 rows rejected.\nNothing changed." in (
        say("--data-dir", tmp_path, "import", "layer", "safe-places", PLACES).out
    )


def test_ctrl_c_in_the_middle_of_an_import_leaves_nothing_behind(
    say: Callable, demonstration_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def interrupted() -> Iterator[Callable[..., None]]:
        def stop(done: int, total: int, what: str) -> None:
            raise KeyboardInterrupt

        yield stop

    area, source = tmp_path / "area", demonstration_dir / "demonstration/incidents.csv"
    with monkeypatch.context() as patched:
        patched.setattr(imports, "progress_bar", interrupted)
        said = say("--data-dir", area, "import", "incidents", source, "--force", "x")
    assert said.code == INTERRUPTED
    assert said.err == "Interrupted. Nothing was half-written; the command can be run again.\n"
    assert say("--data-dir", area, "versions", "--json").facts == {"versions": []}
    assert [path.name for path in (area / "tmp").iterdir() if path.is_dir()] == []
    assert say("--data-dir", area, "import", "incidents", source, "--force", "x").code == 0
