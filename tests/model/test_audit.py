"""Kinds of act, and chains of events."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from geo_service.model.access import KINDS
from geo_service.model.audit import AuditEntry, AuditQuery, chain_problems, event_act, kind_of
from geo_service.model.chain import GENESIS, seal


def chain(length: int) -> list[AuditEntry]:
    """Return events that are chained as the ledger chains them."""
    made: list[AuditEntry] = []
    for number in range(1, length + 1):
        previous = made[-1].sha256 if made else GENESIS
        said = (number, f"2025-11-01T09:0{number}:00+00:00", "consultation", "ann", f"zone {number}", "{}", None)
        made.append(AuditEntry(*said, previous, seal(previous, said)))
    return made


@pytest.mark.parametrize(
    ("act", "kind"),
    [
        ("import incidents", "collection"),
        ("import boundaries", "collection"),
        ("undo", "alteration"),
        ("assign", "combination"),
        ("erase", "erasure"),
        ("disclosure: sheet", "disclosure"),
        ("sign-in", "sign-in"),
        ("find zones", "combination"),
        ("backup", "disclosure"),
        ("dance", ""),
    ],
)
def test_every_act_is_of_a_kind_that_the_law_names(act: str, kind: str) -> None:
    assert kind_of(act) == kind
    assert kind in (*KINDS, "")


def test_the_event_of_a_version_names_the_kind_and_keeps_the_act() -> None:
    assert event_act("import incidents") == "collection: import incidents"
    assert event_act("sign-in: refused") == "sign-in: refused"


def test_a_whole_chain_has_no_problems_and_neither_has_one_with_numbers_left_out() -> None:
    made = chain(5)
    assert list(chain_problems(made)) == []
    assert list(chain_problems([made[0], made[2], made[4]])) == []


@pytest.mark.parametrize("name", ["at", "act", "actor", "what", "detail", "previous", "sha256"])
def test_another_value_anywhere_is_found(name: str) -> None:
    made = chain(3)
    made[1] = replace(made[1], **{name: "2025-11-01T10:00:00+00:00"})
    assert any("event 2" in problem for problem in chain_problems(made))


def test_a_row_sealed_anew_is_found_by_the_one_after_it() -> None:
    made = chain(3)
    other = replace(made[1], what="zone 9")
    said = [other.number, other.at, other.act, other.actor, other.what, other.detail, other.version]
    made[1] = replace(other, sha256=seal(other.previous, said))
    assert list(chain_problems(made)) == ["event 3 is not chained to event 2"]


def test_a_query_takes_what_is_of_its_kind_and_actor_and_within_its_time() -> None:
    made = chain(5)
    start = dt.datetime(2025, 11, 1, 9, 2, tzinfo=dt.UTC)
    within = AuditQuery("consultation", "ann", start, start + dt.timedelta(minutes=2))
    assert [entry.number for entry in made if within.takes(entry)] == [2, 3]
    assert not any(AuditQuery(kind="erasure").takes(entry) for entry in made)
    assert not any(AuditQuery(actor="bob").takes(entry) for entry in made)
