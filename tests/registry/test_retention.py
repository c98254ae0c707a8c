"""Every kind of data has a rule, and an area may set the times itself."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from geo_service.errors import InputError
from geo_service.model.retention import KINDS, TIMED
from geo_service.registry.retention import read_rules
from geo_service.store import schema, slots

SHIPPED = Path(__file__).parents[2] / "data/retention.toml"
NOW = dt.datetime(2026, 3, 31, 12, 30, tzinfo=dt.UTC)
KIND_OF_TABLE = {
    "file": "versions",
    "version": "events",
    "change": "events",
    "event": "events",
    "run": "runs",
    "asking": "runs",
    "run_area": "runs",
    "item": "items",
    "credential": "items",
    "api_key": "keys",
    "session": "sessions",
    "attempt": "attempts",
    "erasure": "erasures",
    "erased_number": "erasures",
    "backup_copy": "backups",
}
NO_DATA = {"ledger_revision", "layout", "store"}


def test_every_kind_has_a_rule_with_its_reason() -> None:
    rules = read_rules(SHIPPED)
    assert tuple(rules) == KINDS
    assert all(rule.why.endswith(".") for rule in rules.values())
    assert {kind for kind, rule in rules.items() if rule.count is not None} == set(TIMED)


def test_every_table_and_kind_of_file_falls_under_a_rule() -> None:
    assert set(slots.KINDS) <= set(KINDS)
    assert set(KIND_OF_TABLE.values()) <= set(KINDS)
    assert set(schema.metadata.tables) - NO_DATA == set(KIND_OF_TABLE)


def test_a_rule_says_from_when_on_something_is_due(tmp_path: Path) -> None:
    own = tmp_path / "retention.toml"
    own.write_text('[incidents]\nkeep = "13 months"\n[rejects]\nkeep = "30 days"\n[sessions]\nkeep = "2 hours"\n')
    rules = read_rules(SHIPPED, own)
    assert rules["incidents"].due_before(NOW) == dt.datetime(2025, 2, 1, tzinfo=dt.UTC)
    assert rules["rejects"].due_before(NOW) == dt.datetime(2026, 3, 1, 12, 30, tzinfo=dt.UTC)
    assert rules["sessions"].due_before(NOW) == dt.datetime(2026, 3, 31, 10, 30, tzinfo=dt.UTC)
    assert rules["events"].due_before(NOW) is None
    assert rules["keys"] == read_rules(SHIPPED)["keys"]


WRONG = {
    "no time": ('[incidents]\nkeep = "a while"\n', "not a time. Found: a while"),
    "nothing at all": ('[incidents]\nkeep = "0 months"\n', "not a time. Found: 0 months"),
    "incidents by the day": ('[incidents]\nkeep = "90 days"\n', "incidents are kept by the month"),
    "a kind that is none": ('[incident]\nkeep = "9 months"\n', "no kind of that name. Found: incident"),
    "what always holds": ('[events]\nkeep = "9 months"\n', "this rule cannot be changed"),
    "a word too many": ('[keys]\nkeep = "9 months"\nkept = 3\n', "unknown key. Found: kept"),
    "no TOML": ("[incidents\n", "retention.toml in the data directory is not TOML"),
    "no time given": ('[keys]\nwhy = "x"\n', "`keep` is missing"),
}


@pytest.mark.parametrize("slip", WRONG)
def test_a_wrong_rule_is_refused_by_name(slip: str, tmp_path: Path) -> None:
    text, said = WRONG[slip]
    own = tmp_path / "retention.toml"
    own.write_text(text)
    with pytest.raises(InputError) as refused:
        read_rules(SHIPPED, own)
    assert said in refused.value.message
    assert "retention.toml" in refused.value.message


def test_a_kind_without_a_rule_is_named(tmp_path: Path) -> None:
    lacking = tmp_path / "retention.toml"
    lacking.write_text(SHIPPED.read_text().partition("[backups]")[0])
    with pytest.raises(InputError, match="no rule for backups"):
        read_rules(lacking)
