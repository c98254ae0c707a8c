"""A sample of the tricks and uploads of `make faults`, against the staff site as its users start it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from faults.site import StaffSite, people
from faults.tricks import tricks

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def site(demonstration_copy: Path) -> Iterator[StaffSite]:
    people(demonstration_copy)
    with StaffSite(demonstration_copy) as served:
        yield served


def test_no_trick_with_host_path_or_framing_gets_a_protected_page(site: StaffSite) -> None:
    for counts in tricks(site, 60, seed=3):
        assert counts.points == 60
        assert counts.wrong == []
