"""A reader is found by being there, and has all that its family promises."""

from __future__ import annotations

from pathlib import Path

import pytest

from geo_service.ingest import readers as family
from geo_service.ingest.readers import NO_OPTIONS, Reader, readers

MODULES = [path.stem for path in Path(str(family.__file__)).parent.glob("*.py") if path.stem != "__init__"]


def test_every_module_of_the_folder_is_a_reader_of_its_own_name() -> None:
    assert sorted(readers()) == sorted(MODULES)


@pytest.mark.parametrize("reader", readers().values(), ids=readers())
def test_a_reader_says_what_it_takes_and_lacks(reader: Reader) -> None:
    assert reader.__doc__
    assert reader.layout(NO_OPTIONS)
    assert not reader.takes((), NO_OPTIONS)
    assert reader.lacks((), NO_OPTIONS) == reader.columns(NO_OPTIONS)


def test_a_header_belongs_to_one_reader_at_most() -> None:
    headers = [reader.columns(NO_OPTIONS) for reader in readers().values()]
    for header in headers:
        assert sum(reader.takes(header, NO_OPTIONS) for reader in readers().values()) <= 1
