"""The tables are made in both databases' words."""

from __future__ import annotations

import pytest
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateTable

from geo_service.store.schema import metadata

TABLES = sorted(metadata.tables)


@pytest.mark.parametrize("table", TABLES)
def test_tables_are_strict_on_sqlite(table: str) -> None:
    said = str(CreateTable(metadata.tables[table]).compile(dialect=sqlite.dialect()))
    assert said.rstrip().endswith("STRICT")
    assert "BIGINT" not in said


@pytest.mark.parametrize("table", TABLES)
def test_tables_can_be_made_on_postgresql(table: str) -> None:
    said = str(CreateTable(metadata.tables[table]).compile(dialect=postgresql.dialect()))
    assert "STRICT" not in said


def test_the_size_of_a_file_may_pass_two_gigabytes_on_postgresql() -> None:
    said = str(CreateTable(metadata.tables["file"]).compile(dialect=postgresql.dialect()))
    assert "bytes BIGINT" in said
