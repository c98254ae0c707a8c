"""An address names a database, and says nothing it should not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from geo_service.errors import InputError
from geo_service.store.database import open_database

if TYPE_CHECKING:
    from pathlib import Path


def test_without_an_address_the_ledger_is_a_file(tmp_path: Path) -> None:
    database = open_database(tmp_path / "ledger.sqlite3")
    assert (database.name, database.apart) == ("ledger.sqlite3", False)


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg2"])
def test_an_address_of_postgresql_is_taken_and_its_password_is_in_no_message(tmp_path: Path, scheme: str) -> None:
    database = open_database(tmp_path / "unused", f"{scheme}://geo:sec%2Fret@db.example:5433/ledger")
    assert "ledger at db.example" in database.name
    assert "sec" not in database.name
    assert database.apart
    database.close()


@pytest.mark.parametrize(
    "address", ["mysql://geo:sec%2Fret@db.example/ledger", "sec/ret", "postgresql://a:b@c:sec/ret"]
)
def test_another_address_is_refused_without_repeating_a_password(tmp_path: Path, address: str) -> None:
    with pytest.raises(InputError, match="postgresql://") as told:
        open_database(tmp_path / "unused", address)
    assert "sec" not in told.value.message
    assert told.value.field == "database_url"
