"""`geo-service safe-places`: a day of a coordinator by command, and what is mistyped."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

HALL = ("name=Tansy Hall", "address=3 Tansy Street", "town=Nonesuch", "postcode=ZZ9 0AL")


def test_a_directory_is_looked_at_and_taken_in(say: Callable[..., object], tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text("name,town,postcode\nTansy Inn,Nonesuch,ZZ9 0BW\nA women's refuge,Nonesuch,\n")
    looked = say("--data-dir", tmp_path / "area", "safe-places", "import", "--check", tmp_path / "list.csv")
    assert looked.code == 0
    assert "1 place would come in as drafts; 1 refused" in looked.out
    assert "Nothing was written" in looked.out
    taken = say("--data-dir", tmp_path / "area", "safe-places", "import", tmp_path / "list.csv", "--json").facts
    assert taken["taken"] == ["tansy-inn-zz9-0bw"]
    assert taken["refused"] == [3]
    assert {(one["row"], one["field"]) for one in taken["problems"]} == {(3, "name"), (3, "postcode")}
    again = say("--data-dir", tmp_path / "area", "safe-places", "import", tmp_path / "list.csv", "--json").facts
    assert (again["taken"], again["already_here"]) == ([], ["tansy-inn-zz9-0bw"])


def test_one_person_cannot_do_it_alone(say: Callable[..., object], refused: Callable[..., str], tmp_path: Path) -> None:
    area = ("--data-dir", tmp_path / "area", "safe-places")
    assert say(*area, "add", *HALL).code == 0
    assert say(*area, "submit", "tansy-hall-zz9-0al", "--json").facts["state"] == "waiting"
    assert "cannot approve it" in refused(*area, "approve", "tansy-hall-zz9-0al", "--version", "2")
    assert say(*area, "return", "tansy-hall-zz9-0al", "--why", "the toilet").code == 0
    edited = say(*area, "edit", "tansy-hall-zz9-0al", "toilet=yes", "--json").facts
    assert edited["fields"]["toilet"] is True
    shown = say(*area, "show", "tansy-hall-zz9-0al").out
    assert "returned: the toilet" in shown
    assert "Toilet: yes (was nothing)" in shown
    assert [place["id"] for place in say(*area, "list", "--state", "draft", "--json").facts["places"]] == [
        "tansy-hall-zz9-0al"
    ]
    assert say(*area, "list", "--due").out.count("never verified") == 1
    assert "No report waits" in say(*area, "reports").out
    assert say(*area, "remove", "tansy-hall-zz9-0al").code == 0


def test_what_is_mistyped_is_said_in_one_line(
    say: Callable[..., object], refused: Callable[..., str], tmp_path: Path
) -> None:
    area = ("--data-dir", tmp_path / "area", "safe-places")
    assert say(*area, "add", *HALL).code == 0
    assert "No Safe Place of that id" in refused(*area, "show", "nowhere")
    assert "No such field" in refused(*area, "edit", "tansy-hall-zz9-0al", "colour=red")
    assert "Not a field and its value" in refused(*area, "edit", "tansy-hall-zz9-0al", "red")
    assert "given twice" in refused(*area, "edit", "tansy-hall-zz9-0al", "phone=1", "phone=2")
    assert "Did you mean 01527123456?" in refused(*area, "edit", "tansy-hall-zz9-0al", "phone=1527123456")
    assert "No such state" in refused(*area, "list", "--state", "open")
    assert "changed while you had it open" in refused(*area, "submit", "tansy-hall-zz9-0al", "--version", "7")
    assert "cannot be read" in refused(*area, "import", tmp_path / "nothing.csv")
    assert "No safe-place-report of that id" in refused(*area, "reports", "--done", "none")
    assert "No boundaries are loaded" in refused(*area, "coverage")
    assert "Say why" in refused(*area, "suspend", "tansy-hall-zz9-0al", "--why", " ")
