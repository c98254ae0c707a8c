"""The audit trail as a file: whatever is altered, left out or put in is named."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from typing import TYPE_CHECKING, Any

import pytest

from geo_service.app import wire
from geo_service.errors import AccessError, InputError, QueryError
from geo_service.model.access import OPERATOR, Principal, Role
from geo_service.settings import Settings
from geo_service.workflows.keeping import audit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from geo_service.workflows.services import Office, Services

AUDITOR = Principal("auditor", frozenset({Role.AUDITOR}), account="aud")
HOSTILE = '=HYPERLINK("http://x")\r\nΩ, \'quoted\', "more"'
FORMS = (".csv", ".json")


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    office = wire(Settings(data_dir=tmp_path / "area"))
    yield office
    office.doers.close()


@pytest.fixture
def auditor(office: Office) -> Services:
    """Return the services of an auditor of a ledger with a few events."""
    for name in ("ann", "'bob", "@eve"):
        store = office.services(Principal(name, OPERATOR, account=name)).store
        for act in ("consultation", "disclosure: sheet", "combination: find zones"):
            store.record(act, HOSTILE, {"of": name, "rows": 3})
    return office.services(AUDITOR)


def test_an_event_tells_who_when_what_and_of_what_is_handed_out_to_whom(auditor: Services) -> None:
    entry = audit.events(auditor, audit.query_of("disclosure", "ann")).entries[0]
    assert (entry.act, entry.actor, entry.what, entry.number) == ("disclosure: sheet", "ann", HOSTILE, 2)
    assert json.loads(entry.detail) == {"of": "ann", "rows": 3, "account": "ann", "recipient": "ann"}
    assert dt.datetime.now(dt.UTC) - dt.datetime.fromisoformat(entry.at) < dt.timedelta(minutes=5)


def test_the_look_and_the_file_are_events_themselves_and_in_what_they_show(auditor: Services) -> None:
    assert [entry.act for entry in audit.events(auditor, audit.query_of(), 2).entries] == [
        "combination: find zones",
        "consultation: audit",
    ]
    made = audit.export(auditor, audit.query_of(actor="auditor"), ".json")
    assert [row["act"] for row in json.loads(made.content)["events"]] == ["consultation: audit", "disclosure: audit"]


def test_nobody_but_an_auditor_reads_it(office: Office, auditor: Services) -> None:
    operator = office.services(Principal("ann", OPERATOR))
    for act in (
        lambda: audit.events(operator, audit.query_of()),
        lambda: audit.export(operator, audit.query_of(), ".csv"),
        lambda: audit.verify_log(operator, []),
    ):
        with pytest.raises(AccessError):
            act()


@pytest.mark.parametrize("suffix", FORMS)
@pytest.mark.parametrize("asked", [("", ""), ("disclosure", ""), ("", "'bob"), ("sign-in", "")])
def test_a_file_as_it_was_made_is_proved_with_the_ledger_and_alone(
    auditor: Services, suffix: str, asked: tuple[str, str]
) -> None:
    made = audit.export(auditor, audit.query_of(*asked), suffix)
    if asked[0] == "sign-in" and suffix == ".csv":
        with pytest.raises(InputError, match="no event"):
            audit.verify(None, made.content, made.name)
        return
    for services in (auditor, None):
        proved = audit.verify(services, made.content, made.name)
        assert proved.problems == []
        assert proved.events == {"": {"": 10, "'bob": 3}.get(asked[1]), "disclosure": 4, "sign-in": 0}[asked[0]]


def test_the_file_carries_its_marks_inside_and_in_its_name_and_no_formula(auditor: Services) -> None:
    made = audit.export(auditor, audit.query_of(), ".csv")
    assert made.name.startswith("OFFICIAL-SENSITIVE-audit-v0-destroy-after-")
    lines = list(csv.reader(io.StringIO(made.content.decode("utf-8-sig"), newline="")))
    heads = dict(zip(lines[0], lines[1], strict=True))
    assert (heads["marking"], heads["head_number"]) == ("OFFICIAL-SENSITIVE", "10")
    assert heads["destroy_after"] in made.name
    assert not any(value.startswith(("=", "+", "-", "@")) for line in lines for value in line)


def changed(content: bytes, suffix: str, change: Callable[[list[dict[str, Any]]], None]) -> bytes:
    """Return a file whose rows were changed, with all else as it was."""
    if suffix == ".json":
        said = json.loads(content)
        change(said["events"])
        return json.dumps(said).encode()
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    heads = list(rows[0])
    change(rows)
    text = io.StringIO()
    writer = csv.DictWriter(text, heads)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode("utf-8-sig")


def swap(rows: list[dict[str, Any]]) -> None:
    rows[3], rows[4] = rows[4], rows[3]


@pytest.mark.parametrize("suffix", FORMS)
@pytest.mark.parametrize(
    ("change", "alone", "said"),
    [
        (lambda rows: rows[2].update(actor="nobody"), "alone", "event 3 is not what was written"),
        (lambda rows: rows[2].update(detail='{"of": "nobody"}'), "alone", "event 3 is not what was written"),
        (lambda rows: rows[2].update(version="1"), "alone", "event 3 is not what was written"),
        (swap, "alone", "event 4 follows event 5"),
        (lambda rows: rows.pop(2), "by the ledger", "missing from the file: event 3"),
        (lambda rows: rows.pop(), "by the ledger", "missing from the file: event 10"),
        (lambda rows: rows.insert(3, rows[2]), "alone", "event 3 follows event 3"),
    ],
)
def test_a_file_that_was_altered_is_found_out(
    auditor: Services, suffix: str, change: Callable[[list[dict[str, Any]]], None], alone: str, said: str
) -> None:
    made = audit.export(auditor, audit.query_of(), suffix)
    altered = changed(made.content, suffix, change)
    assert any(said in problem for problem in audit.verify(auditor, altered, made.name).problems)
    assert bool(audit.verify(None, altered, made.name).problems) == (alone == "alone")


def test_a_file_of_another_store_is_told(auditor: Services, tmp_path: Path) -> None:
    other = wire(Settings(data_dir=tmp_path / "other"))
    made = audit.export(other.services(AUDITOR), audit.query_of(), ".json")
    other.doers.close()
    assert "another store" in audit.verify(auditor, made.content, made.name).problems[0]


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"", "a.csv"),
        (b"number,at\n1,2\n", "a.csv"),
        (b"\xff\xfe", "a.csv"),
        (b"[]", "a.json"),
        (b'{"about": {}, "events": [{"number": "x"}]}', "a.json"),
        (b"[" * 100_000, "a.json"),
        (b"PK", "a.xlsx"),
        (b"", "noname"),
    ],
)
def test_what_is_no_exported_file_is_refused(content: bytes, name: str) -> None:
    with pytest.raises(InputError, match="no exported audit trail"):
        audit.verify(None, content, name)


def test_a_question_that_makes_no_sense_is_refused() -> None:
    with pytest.raises(QueryError, match="No such kind"):
        audit.query_of("dancing")
    with pytest.raises(QueryError, match="before the first"):
        audit.query_of(since=dt.date(2025, 2, 1), until=dt.date(2025, 1, 1))
    whole_day = audit.query_of(since=dt.date(2025, 2, 1), until=dt.date(2025, 2, 1))
    assert whole_day.until is not None
    assert whole_day.since is not None
    assert whole_day.until - whole_day.since == dt.timedelta(days=1)
