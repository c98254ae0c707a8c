"""Rows that may change are proved by the newest event that tells of them."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from geo_service.model.access import OPERATOR, AuditEvent, Principal, Role
from geo_service.model.accounts import ApiKey, Session
from geo_service.store.proofs import unproved
from geo_service.store.run_rows import KeptRun

if TYPE_CHECKING:
    from geo_service.store import DiskStore

NOW = dt.datetime(2025, 11, 2, 9, tzinfo=dt.UTC)
ADMIN = Principal("admin", OPERATOR)
TAMPERINGS = (
    "UPDATE item SET content = '{\"name\": \"Eve\"}' WHERE id = 'ann'",
    "UPDATE item SET version = 1 WHERE id = 'ann'",
    "UPDATE item SET actor = 'eve' WHERE id = 'ann'",
    "DELETE FROM item WHERE id = 'ann'",
    "INSERT INTO item SELECT kind, 'eve', version, content, changed, at, actor FROM item WHERE id = 'ann'",
    "UPDATE item SET content = 'not even JSON' WHERE id = 'ann'",
    "UPDATE credential SET hash = 'of another password'",
    "INSERT INTO credential SELECT 'eve', hash, changed_at FROM credential",
    'UPDATE session SET principal = \'["eve", ["admin"], null, ""]\'',
    "INSERT INTO session SELECT 'another', account, principal, opened_at, seen_at FROM session",
    "UPDATE api_key SET revoked_at = NULL WHERE id = 'k1'",
    "UPDATE api_key SET expires_at = '2099-01-01'",
    "UPDATE run_area SET code = 'W2' WHERE code = 'W1'",
    "DELETE FROM run_area WHERE code = 'W1'",
    "DELETE FROM run_area",
    "INSERT INTO run_area VALUES ('run-a', 'wards', 'W9')",
)


def event(act: str) -> AuditEvent:
    return AuditEvent(act, "admin", "an act", NOW)


@pytest.fixture
def peopled(any_store: DiskStore) -> DiskStore:
    """Hold an account that was edited, its password, a session, a revoked key and a run."""
    items = any_store.items("account", ADMIN)
    items.put("ann", {"name": "Ann", "roles": ["officer"]}, version=0)
    items.put("ann", {"name": "Ann", "roles": ["analyst"]}, version=1)
    items.put("bob", {"name": "Bob"}, version=0)
    items.remove("bob", version=1)
    people = any_store.people()
    people.set_password("ann", "a hash", event("alteration: password set"))
    who = Principal("Ann", frozenset({Role.ANALYST}), None, "ann")
    people.open_session(Session("of-a-token", "ann", who, NOW, NOW), event("sign-in"))
    key = ApiKey("k1", "of-a-key", "laptop", "ann", frozenset({Role.ANALYST}), None, NOW, NOW, None)
    people.add_key(key, event("alteration: API key made"))
    people.revoke_key("k1", NOW, event("alteration: API key revoked"))
    run = KeptRun("run-a", "{}", "wards", frozenset({"W1", "W3"}))
    for _ in range(2):
        any_store.save_run(run, 0, event("combination: find zones"))
    return any_store


def told(store: DiskStore) -> list[str]:
    return [said for said in store.check() if "MB are free" not in said]


def test_rows_as_the_program_wrote_them_are_proved(peopled: DiskStore) -> None:
    assert told(peopled) == []
    peopled.people().touch_session("of-a-token", NOW + dt.timedelta(minutes=5))
    assert told(peopled) == []
    peopled.people().end_sessions("ann", "", event("sign-in: signed out"))
    assert told(peopled) == []


def test_a_row_that_was_altered_past_the_program_is_named(peopled: DiskStore) -> None:
    for statement in TAMPERINGS:
        table = statement.split()[1 if statement.startswith("UPDATE") else 2]
        with peopled._ledger.database.writing() as connection:
            altered = connection.begin_nested()
            connection.execute(sa.text(statement))
            found = list(unproved(connection))
            altered.rollback()
        assert [said.split()[0] for said in found] == [table], statement
        assert "past the program" in found[0] or "not what was written" in found[0]


def test_the_doctor_tells_of_it(peopled: DiskStore) -> None:
    with peopled._ledger.database.writing() as connection:
        connection.execute(sa.text(TAMPERINGS[0]))
    (said,) = told(peopled)
    assert said.startswith("item account ann is not what was written")
