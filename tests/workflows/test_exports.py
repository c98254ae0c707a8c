"""A table in the format that a file name asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from geo_service.errors import QueryError
from geo_service.workflows import exports

if TYPE_CHECKING:
    from geo_service.workflows.services import Services


def test_every_format_is_found_by_its_name_and_by_its_ending(demonstration: Services) -> None:
    for name, form in demonstration.formats.items():
        assert exports.format_of(demonstration, name) is form
        assert exports.format_of(demonstration, form.suffix.upper()) is form


@pytest.mark.parametrize("suffix", ["", ".xyz", "csv.exe"])
def test_an_unknown_ending_names_the_known_ones(suffix: str, demonstration: Services) -> None:
    with pytest.raises(QueryError, match=r"Unknown format\. Found: .*Use one of .*csv.*geojson") as refused:
        exports.format_of(demonstration, suffix)
    assert refused.value.field == "output"
