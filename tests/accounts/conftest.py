"""Accounts in a fresh store."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from faults.people import House, open_house

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with open_house(tmp_path / "data") as opened:
        yield opened
