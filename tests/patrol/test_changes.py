"""Changes are read from words and from JSON, and what makes no sense is refused by its field."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_service.errors import QueryError
from geo_service.patrol import Change
from geo_service.patrol.changes import KINDS, clock_minute

names = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=12)
clocks = st.builds(lambda hour, minute: f"{hour:02d}:{minute:02d}", st.integers(0, 23), st.integers(0, 59))


@pytest.mark.parametrize(
    ("text", "change"),
    [
        ("drop v03", Change("drop", "v03")),
        ("  DROP   v03 ", Change("drop", "v03")),
        ("swap v03 v05", Change("swap", "v03", "v05")),
        ("lock v03", Change("lock", "v03")),
        ("unlock v03", Change("unlock", "v03")),
        ("lock loop v03", Change("lock", "v03", loop=True)),
        ("move v03 19:10", Change("move", "v03", start="19:10")),
        ("move v03 crew 2", Change("move", "v03", crew=2)),
        ("move v03 19:10 crew 2", Change("move", "v03", start="19:10", crew=2)),
        ("move v03 crew 2 19:10", Change("move", "v03", start="19:10", crew=2)),
    ],
)
def test_a_change_is_read_as_it_is_typed(text: str, change: Change) -> None:
    assert Change.asked(text) == change
    assert Change.from_json(change.to_json()) == change


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("", "change"),
        ("delete v03", "change"),
        ("drop", "visit"),
        ("drop v03 v05", "change"),
        ("swap v03", "other"),
        ("swap v03 V03", "other"),
        ("swap v03 v04 v05", "change"),
        ("move v03", "start"),
        ("move v03 25:10", "start"),
        ("move v03 1910", "change"),
        ("move v03 19:10 crew two", "crew"),
        ("move v03 crew 0", "crew"),
        ("move v03 crew -1", "crew"),
        ("move v03 19:10 19:20", "change"),
        ("lock loop", "visit"),
        ("drop loop v03", "change"),
        ("drop " + "v" * 41, "visit"),
    ],
)
def test_a_change_that_makes_no_sense_is_refused_and_told_how_to_write_it(text: str, field: str) -> None:
    with pytest.raises(QueryError) as caught:
        Change.asked(text)
    assert caught.value.field == field
    assert "19:10" in caught.value.do


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({}, "change"),
        ({"change": "drop"}, "visit"),
        ({"change": "drop", "visit": 3}, "visit"),
        ({"change": "drop", "visit": "v03", "when": "now"}, "when"),
        ({"change": "drop", "visit": "v03", "start": "19:10"}, "start"),
        ({"change": "move", "visit": "v03", "crew": "2"}, "crew"),
        ({"change": "move", "visit": "v03", "crew": True}, "crew"),
        ({"change": "lock", "visit": "v03", "loop": "yes"}, "loop"),
        ({"change": "drop", "visit": "v03", "loop": True}, "loop"),
        ({"change": ["drop"], "visit": "v03"}, "change"),
    ],
)
def test_json_that_makes_no_sense_is_refused_by_its_field(said: dict[str, object], field: str) -> None:
    with pytest.raises(QueryError) as caught:
        Change.from_json(said)
    assert caught.value.field == field


@given(visit=names, other=names, start=clocks, crew=st.integers(1, 20), kind=st.sampled_from(KINDS))
def test_what_json_holds_comes_back_the_same(visit: str, other: str, start: str, crew: int, kind: str) -> None:
    if kind == "swap" and visit.casefold() == other.casefold():
        return
    said: dict[str, object] = {"change": kind, "visit": visit}
    said |= {"other": other} if kind == "swap" else {}
    said |= {"start": start, "crew": crew} if kind == "move" else {}
    assert Change.from_json(said).to_json() == said


@given(st.text(max_size=60))
def test_no_text_at_all_is_more_than_refused(text: str) -> None:
    try:
        change = Change.asked(text)
    except QueryError:
        return
    assert change.kind in KINDS


@given(clocks)
def test_a_clock_time_is_minutes_after_midnight(clock: str) -> None:
    assert "{:02d}:{:02d}".format(*divmod(clock_minute(clock), 60)) == clock
