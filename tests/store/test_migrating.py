"""Ledgers of earlier releases are led to the present layout and back, and nothing is lost on the way."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from geo_service.errors import FaultError, NotFoundError, QueryError
from geo_service.store import migrating, schema
from geo_service.store.database import open_database
from geo_service.store.run_rows import KeptRun

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from geo_service.store import DiskStore
    from geo_service.store.database import Database

FIRST = Path(__file__).parent / "data/ledger-revision-1.sql"
JAN, FEB = "incidents/police_uk/west-mercia/2025-01", "incidents/police_uk/west-mercia/2025-02"


@pytest.fixture
def database(tmp_path: Path, database_url: str) -> Iterator[Database]:
    """Be an empty database of each kind."""
    with closing(open_database(tmp_path / "ledger.sqlite3", database_url)) as opened:
        yield opened


@pytest.fixture
def of_old(data_dir: Path) -> Path:
    """Hold a ledger as the first release left it, with a gap in the numbers of its events."""
    (data_dir / "files").mkdir(parents=True)
    with closing(sqlite3.connect(data_dir / "ledger.sqlite3")) as connection:
        connection.executescript(FIRST.read_text())
    return data_dir


def layout(database: Database) -> dict[str, object]:
    """Return all that a database knows of its tables."""
    with database.reading() as connection:
        look = sa.inspect(connection)
        return {
            name: (
                [{**column, "type": str(column["type"])} for column in look.get_columns(name)],
                look.get_pk_constraint(name)["constrained_columns"],
                look.get_foreign_keys(name),
                look.get_indexes(name),
                look.get_unique_constraints(name),
            )
            for name in sorted(look.get_table_names())
        }


def content(database: Database) -> dict[str, list[tuple[object, ...]]]:
    """Return all rows but the store's name, which each upgrade gives anew."""
    with database.reading() as connection:
        tables = [table for name, table in schema.metadata.tables.items() if name != "store"]
        return {table.name: [tuple(row) for row in connection.execute(sa.select(table))] for table in tables}


def test_each_step_back_and_forth_leads_to_the_layout_that_a_new_ledger_has(database: Database) -> None:
    migrating.prepare(database)
    new = layout(database)
    assert set(new) == set(schema.metadata.tables)
    for revision in reversed(migrating.REVISIONS[:-1]):
        migrating.migrate(database, revision)
        assert layout(database) != new
    for revision in migrating.REVISIONS[1:]:
        migrating.migrate(database, revision)
    assert layout(database) == new
    with database.reading() as connection:
        opts = {"version_table": schema.revision.name}
        assert compare_metadata(MigrationContext.configure(connection, opts=opts), schema.metadata) == []


def test_a_ledger_of_the_first_release_is_taken_over_with_all_that_is_in_it(
    of_old: Path, open_at: Callable[..., DiskStore]
) -> None:
    store = open_at(of_old)
    assert [(version.number, version.act, version.detail.get("only")) for version in store.versions()] == [
        (1, "import incidents", None),
        (2, "import incidents", None),
        (3, "undo", "2025-02"),
    ]
    assert store.versions()[0].detail["ort"] == "Brücke"
    assert set(store.snapshot().slots()) == {"boundaries/wards", JAN}
    assert set(store.snapshot(2).slots()) == {"boundaries/wards", JAN, FEB}
    assert [event.act for event in store.events()] == ["undo", "import incidents", "view", "import incidents"]
    assert list(store.runs()) == [KeptRun("b", '{"zones": []}'), KeptRun("a", '{"zones": 1}')]
    # Only its files are missing, which this test does not bring along.
    assert {said.partition(".parquet")[2].rpartition(")")[2] for said in store.check()} == {
        " is missing. Restore the file from a backup, or import the month again. All other slots still answer",
        " is missing. Restore the file from a backup, or import the boundary set again. All other slots still answer",
    }


def test_going_back_and_forth_changes_no_row(of_old: Path) -> None:
    with closing(open_database(of_old / "ledger.sqlite3")) as database:
        assert migrating.migrate(database) == ("1", migrating.REVISIONS[-1])
        before = content(database)
        assert migrating.migrate(database, "1") == (migrating.REVISIONS[-1], "1")
        assert migrating.migrate(database, "1") == ("1", "1")
        with database.reading() as connection:
            # The first release looks here, and knows layout 1 only.
            assert connection.scalar(sa.select(schema.layout.c.number)) == 1
        assert migrating.migrate(database) == ("1", migrating.REVISIONS[-1])
        assert content(database) == before


def test_a_directory_that_was_led_back_for_the_first_release_and_used_by_it_opens_again(
    of_old: Path, open_at: Callable[..., DiskStore]
) -> None:
    open_at(of_old).close()
    assert migrating.migrate_ledger(of_old, to="1") == (migrating.REVISIONS[-1], "1")
    with closing(sqlite3.connect(of_old / "ledger.sqlite3")) as connection, connection:
        connection.execute("INSERT INTO event VALUES (NULL, '2025-11-02', 'view', 'analyst', 'zone', '{}', NULL)")
    assert migrating.migrate_ledger(of_old) == ("1", migrating.REVISIONS[-1])
    assert [event.act for event in open_at(of_old).events(2)] == ["view", "undo"]


def test_a_directory_without_a_ledger_has_nothing_to_migrate(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="no ledger"):
        migrating.migrate_ledger(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_many_events_are_chained_in_more_than_one_batch(of_old: Path, open_at: Callable[..., DiskStore]) -> None:
    with closing(sqlite3.connect(of_old / "ledger.sqlite3")) as connection, connection:
        rows = [(3 * number, f"zone {number}") for number in range(10, 5_000)]
        connection.executemany("INSERT INTO event VALUES (?, '2025-11-02', 'view', 'analyst', ?, '{}', NULL)", rows)
    store = open_at(of_old)
    assert [event.what for event in store.events(2)] == ["zone 4999", "zone 4998"]
    assert not any("ledger" in said for said in store.check())


def test_a_step_that_fails_leaves_the_ledger_as_it_was(of_old: Path) -> None:
    with closing(sqlite3.connect(of_old / "ledger.sqlite3")) as connection, connection:
        connection.execute("DROP INDEX change_by_slot")
        before = list(connection.iterdump())
    with closing(open_database(of_old / "ledger.sqlite3")) as database, pytest.raises(sa.exc.OperationalError):
        migrating.migrate(database)
    with closing(sqlite3.connect(of_old / "ledger.sqlite3")) as connection:
        assert list(connection.iterdump()) == before


def test_the_ledger_of_a_later_release_is_left_alone(database: Database) -> None:
    migrating.prepare(database)
    with database.writing() as connection:
        connection.execute(sa.update(schema.revision).values(version_num="999"))
    for step in (migrating.prepare, migrating.migrate):
        with pytest.raises(FaultError, match="later release"):
            step(database)


def test_an_unknown_revision_is_refused(database: Database) -> None:
    with pytest.raises(QueryError, match="1, 2"):
        migrating.migrate(database, "0")
