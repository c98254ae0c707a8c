"""An edit names the version that it was made on: it is applied to just that, or refused with what changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from faults.collisions import collisions
from geo_service.errors import (
    ConflictError,
    DamagedFileError,
    InputError,
    LostRaceError,
    NotFoundError,
    UnconditionalError,
)
from geo_service.model.access import OPERATOR, Principal

if TYPE_CHECKING:
    from faults.cluster import Cluster
    from geo_service.store import DiskStore
    from geo_service.store.items import LedgerItems

JANE, JOAN = Principal("jane", OPERATOR), Principal("joan", OPERATOR)


@pytest.fixture
def items(any_store: DiskStore) -> LedgerItems:
    return any_store.items("note", JANE)


def test_edits_count_from_one_and_each_is_one_event_that_names_the_fields(
    items: LedgerItems, any_store: DiskStore
) -> None:
    added = items.put("a", {"title": "Über", "size": 1, "gone": None}, version=0)
    changed = items.put("a", {"title": "Über", "size": 2, "new": "\x00\ud800"}, version=1)
    assert (added.version, changed.version, changed.etag) == (1, 2, '"2"')
    assert items.get("a") == changed
    assert changed.content == {"title": "Über", "size": 2, "new": "\x00\ud800"}
    second, first = any_store.events(2)
    assert (first.act, first.actor, first.what) == ("alteration: note added", "jane", "note a")
    assert (first.detail["version"], first.detail["fields"]) == (1, ["gone", "size", "title"])
    assert (second.detail["version"], second.detail["fields"]) == (2, ["gone", "new", "size"])
    assert changed.at == second.at


def test_a_lost_race_says_which_fields_changed_since_who_changed_them_and_when(
    items: LedgerItems, any_store: DiskStore
) -> None:
    items.put("a", {"title": "x", "size": 1, "place": "y"}, version=0)
    items.put("a", {"title": "x", "size": 2, "place": "y"}, version=1)
    newest = any_store.items("note", JOAN).put("a", {"title": "z", "size": 2, "place": "y"}, version=2)
    with pytest.raises(LostRaceError) as lost:
        items.put("a", {"title": "mine"}, version=1)
    assert set(lost.value.changed) == {"title", "size"}
    assert lost.value.changed["title"] == ("joan", newest.at.isoformat())
    assert lost.value.changed["size"][0] == "jane"
    assert "size, title; by joan" in lost.value.message
    with pytest.raises(LostRaceError) as lost:
        items.put("a", {"title": "mine"}, version=2)
    assert set(lost.value.changed) == {"title"}
    assert items.get("a") == newest


def test_an_edit_without_a_version_of_a_later_one_or_of_what_is_not_there_is_refused(items: LedgerItems) -> None:
    items.put("a", {"x": 1}, version=0)
    with pytest.raises(UnconditionalError):
        items.put("a", {"x": 2}, version=None)
    with pytest.raises(UnconditionalError):
        items.remove("a", version=None)
    with pytest.raises(LostRaceError):
        items.put("a", {"x": 2}, version=9)
    with pytest.raises(ConflictError, match="there already") as there:
        items.put("a", {"x": 2}, version=0)
    assert not isinstance(there.value, LostRaceError)
    for act in (lambda: items.put("b", {}, version=1), lambda: items.get("b"), lambda: items.remove("b", version=0)):
        with pytest.raises(NotFoundError):
            act()
    assert items.get("a").content == {"x": 1}


def test_a_removed_row_is_gone_and_its_old_editors_do_not_meet_a_new_one_of_that_id(items: LedgerItems) -> None:
    items.put("a", {"x": 1}, version=0)
    items.remove("a", version=1)
    assert list(items.all()) == []
    with pytest.raises(NotFoundError):
        items.get("a")
    with pytest.raises(LostRaceError, match="removed by jane"):
        items.put("a", {"x": 2}, version=1)
    again = items.put("a", {"x": 3}, version=0)
    assert again.version == 3
    with pytest.raises(LostRaceError):
        items.remove("a", version=1)
    assert items.get("a") == again


def test_kinds_are_apart_and_rows_are_listed_by_id(items: LedgerItems, any_store: DiskStore) -> None:
    for name in ("b", "B", "ä", "a"):
        items.put(name, {"x": name}, version=0)
    other = any_store.items("place", JANE)
    assert other.put("a", {}, version=0).version == 1
    assert [item.id for item in items.all()] == ["B", "a", "b", "ä"]
    assert [item.id for item in other.all()] == ["a"]


@pytest.mark.parametrize("item_id", ["", "x" * 301, "a\nb", "\x00", "\ud800"])
def test_an_id_that_cannot_be_printed_is_refused_and_never_found(items: LedgerItems, item_id: str) -> None:
    with pytest.raises(InputError):
        items.put(item_id, {}, version=0)
    with pytest.raises(NotFoundError):
        items.get(item_id)


@pytest.mark.parametrize(
    "content", [{"x": float("nan")}, {"x": {1, 2}}, {"x": "y" * 1_000_001}], ids=["nan", "set", "long"]
)
def test_content_that_is_no_json_or_too_long_is_refused(items: LedgerItems, content: dict[str, object]) -> None:
    with pytest.raises(InputError):
        items.put("a", content, version=0)
    assert list(items.all()) == []


def test_an_edit_that_cannot_be_written_down_is_not_made(items: LedgerItems, monkeypatch: pytest.MonkeyPatch) -> None:
    items.put("a", {"x": 1}, version=0)

    def gone(*_: object) -> None:
        msg = "gone"
        raise RuntimeError(msg)

    monkeypatch.setattr("geo_service.store.ledger.write_event", gone)
    with pytest.raises(RuntimeError, match="gone"):
        items.put("a", {"x": 2}, version=1)
    with pytest.raises(RuntimeError, match="gone"):
        items.remove("a", version=1)
    assert items.get("a").content == {"x": 1}


def test_a_row_that_is_no_json_any_more_is_damage_and_not_an_answer(items: LedgerItems, any_store: DiskStore) -> None:
    items.put("a", {"x": 1}, version=0)
    with any_store._ledger.database.writing() as connection:
        connection.exec_driver_sql("UPDATE item SET content = '{'")
    with pytest.raises(DamagedFileError, match="not what was written"):
        items.get("a")


def test_of_colliding_edits_none_that_was_applied_is_lost(postgres: Cluster) -> None:
    for counts in (collisions(60, 3), collisions(60, 3, postgres)):
        assert counts.wrong == []
        assert counts.points == 60


def test_edits_that_are_written_over_whatever_is_there_would_be_found_to_be_lost() -> None:
    assert any("not in it" in said for said in collisions(90, 3, careless=True).wrong)


def test_rows_are_found_by_the_beginning_of_their_id(items: LedgerItems) -> None:
    for item_id in ("2026-10-23/b", "2026-10-23/A", "2026-10-2", "2026-10-24/a", "2026-10-23/\u00fc", "%_/x"):
        items.put(item_id, {}, version=0)
    assert [row.id for row in items.all("2026-10-23/")] == ["2026-10-23/A", "2026-10-23/b", "2026-10-23/\u00fc"]
    assert [row.id for row in items.all("%")] == ["%_/x"]
    assert len(items.all()) == len(items.all("2")) + 1


def test_many_rows_are_one_event_and_the_same_again_changes_nothing(items: LedgerItems, any_store: DiskStore) -> None:
    items.put("b", {"size": 9}, version=0)
    items.put("c", {"size": 9}, version=0)
    items.remove("c", version=1)
    assert set(items.add_all({name: {"size": 1} for name in "abcd"})) == {"a", "c", "d"}
    assert {row.id: (row.version, row.content["size"]) for row in items.all()} == {
        "a": (1, 1),
        "b": (1, 9),
        "c": (3, 1),
        "d": (1, 1),
    }
    assert any_store.events(1)[0].detail["rows"] == 3
    before = any_store.events(None)
    assert items.add_all({name: {"size": 1} for name in "abcd"}) == []
    assert any_store.events(None) == before
    assert any_store.check() == []
    changed = items.put("a", {"size": 2}, version=1)
    assert changed.version == 2


def test_of_many_rows_none_is_written_where_one_cannot_be(items: LedgerItems) -> None:
    with pytest.raises(InputError):
        items.add_all({"a": {"size": 1}, "b": {"size": float("nan")}})
    assert items.all() == []
