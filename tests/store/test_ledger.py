"""Who did what, and which runs were kept."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from geo_service.model.access import OPERATOR, AuditEvent, Principal
from geo_service.store.run_rows import KeptRun

if TYPE_CHECKING:
    from collections.abc import Callable

    import polars as pl

    from geo_service.model.access import Version
    from geo_service.store import DiskStore as Store

JAN, FEB = "incidents/police_uk/west-mercia/2025-01", "incidents/police_uk/west-mercia/2025-02"
ASKED = AuditEvent("combination: find zones", "analyst", "zones a", dt.datetime(2025, 11, 2, tzinfo=dt.UTC))
FORCE = "incidents/force_csv/demonstration/0"
AUTHOR = Principal("analyst", OPERATOR)


def test_a_version_and_its_audit_event_come_together(
    any_store: Store, put: Callable[..., Version | None], jan: pl.DataFrame
) -> None:
    version = put(any_store, {JAN: jan})
    (event,) = any_store.events()
    assert (event.act, event.actor, event.detail) == ("collection: import incidents", "analyst", {"files": [JAN]})
    assert event.at == version.at
    assert JAN in event.what


def test_events_are_kept_and_listed_newest_first(any_store: Store) -> None:
    start = dt.datetime(2025, 6, 1, 8, 0, tzinfo=dt.timezone(dt.timedelta(hours=1)))
    for minute in range(5):
        at = start + dt.timedelta(minutes=minute)
        any_store.record(AuditEvent("consultation", "analyst", f"zone {minute}", at, {"n": minute, "ort": "Brücke"}))
    assert [event.what for event in any_store.events(2)] == ["zone 4", "zone 3"]
    newest = any_store.events(1)[0]
    assert newest.at == start + dt.timedelta(minutes=4)
    assert newest.detail == {"n": 4, "ort": "Brücke"}


def test_a_run_is_kept_once_and_the_newest_comes_first(any_store: Store) -> None:
    any_store.save_run(KeptRun("b", '{"zones": 1}'), 0, ASKED)
    any_store.save_run(KeptRun("a", '{"zones": 2}'), 3, ASKED)
    any_store.save_run(KeptRun("b", '{"zones": 9}'), 4, ASKED)
    assert list(any_store.runs()) == [KeptRun("b", '{"zones": 1}'), KeptRun("a", '{"zones": 2}')]
