"""Rows that speak of areas: what lies outside somebody's areas is not there, to read or to write."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from geo_service.app import wire
from geo_service.errors import AccessError, LostRaceError, NotFoundError
from geo_service.model.access import OPERATOR, Principal, Role
from geo_service.settings import read_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from geo_service.model.ports import Items
    from geo_service.workflows.services import Office

KIND = "patrol-plan"
WARDS = "demonstration-wards"
CENTRAL = ["X99000001", "X99000002", "X99000003"]
WEST = ["X99000004", "X99000005", "X99000008"]


@pytest.fixture(scope="module")
def office(demonstration_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    opened = wire(read_settings(shutil.copytree(demonstration_dir, tmp_path_factory.mktemp("rows") / "demo")))
    items = opened.services(Principal("tests", OPERATOR)).store.items(KIND)
    for row, members in {"central": CENTRAL, "west": WEST, "both": [*CENTRAL, *WEST], "nowhere": []}.items():
        items.put(row, {"boundary_set": WARDS, "members": members, "words": row}, version=0)
    yield opened
    opened.doers.close()


def rows(office: Office, role: Role, *areas: str) -> Items:
    return office.services(Principal("somebody", frozenset({role}), areas)).store.items(KIND)


def said(act: Callable[..., object], *words: object, **values: object) -> str:
    with pytest.raises(NotFoundError) as refused:
        act(*words, **values)
    return refused.value.message


@pytest.mark.parametrize("role", [Role.OFFICER, Role.SERGEANT, Role.ANALYST])
def test_only_rows_all_of_whose_members_may_be_seen_are_there(office: Office, role: Role) -> None:
    assert [row.id for row in rows(office, role, "NSUCH-T1").all()] == ["central"]
    assert [row.id for row in rows(office, role, "NSUCH-T1", "NSUCH-T2").all()] == ["both", "central", "west"]
    assert rows(office, role, "X99000001").all() == []
    assert rows(office, role, "NSUCH-T1").get("central").content["words"] == "central"
    unknown = said(rows(office, role, "NSUCH-T1").get, "nothing")
    for row in ("west", "both", "nowhere"):
        foreign = said(rows(office, role, "NSUCH-T1").get, row)
        assert foreign.replace(row, "nothing") == unknown


def test_what_may_not_be_seen_cannot_be_written_removed_or_met(office: Office) -> None:
    mine = rows(office, Role.SERGEANT, "NSUCH-T1")
    for row in ("west", "both", "nothing"):
        for version in (1, 7):
            content = {"boundary_set": WARDS, "members": CENTRAL}
            assert row in said(mine.put, row, content, version=version)
            assert row in said(mine.remove, row, version=version)
    # A new row of an id that somebody else has does not tell that it is there.
    own = {"boundary_set": WARDS, "members": CENTRAL}
    assert "No patrol-plan of that id" in said(mine.put, "west", own, version=0)
    # Nor can one be made about, or moved to, areas that are not one's own.
    for beyond in ([*CENTRAL, "X99000004"], WEST, []):
        content = {"boundary_set": WARDS, "members": beyond}
        assert "new" in said(mine.put, "new", content, version=0)
        assert "central" in said(mine.put, "central", content, version=1)
    whole = office.services(Principal("tests", OPERATOR)).store.items(KIND)
    assert {row.id: row.version for row in whole.all()} == {"both": 1, "central": 1, "nowhere": 1, "west": 1}


def test_an_officer_reads_and_does_not_write(office: Office) -> None:
    with pytest.raises(AccessError, match="not for your role"):
        rows(office, Role.OFFICER, "NSUCH-T1").put("central", {}, version=1)
    with pytest.raises(AccessError, match="not for your role"):
        rows(office, Role.OFFICER, "NSUCH-T1").remove("central", version=1)


def test_within_their_areas_a_sergeant_edits_on_the_version_that_was_read(office: Office) -> None:
    mine = rows(office, Role.SERGEANT, "NSUCH-T3")
    fringe = {"boundary_set": WARDS, "members": ["X99000006"]}
    made = mine.put("fringe", fringe, version=0)
    changed = mine.put("fringe", fringe | {"words": "again"}, version=made.version)
    with pytest.raises(LostRaceError, match="words; by somebody"):
        mine.put("fringe", fringe, version=made.version)
    mine.remove("fringe", version=changed.version)
