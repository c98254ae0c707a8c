"""A mapping says everything it must, or the key that is wrong is named."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from geo_service.errors import InputError
from geo_service.ingest.mapping import check_force, read_mapping

if TYPE_CHECKING:
    from collections.abc import Callable

MAPPINGS = Path(__file__).parents[2] / "data" / "mappings"
COLUMNS = '[columns]\ncrime_number="a"\noffence="b"\nrecorded="c"\neasting="d"\nnorthing="e"\n'


@pytest.mark.parametrize("path", sorted(MAPPINGS.glob("*.toml")), ids=lambda path: path.stem)
def test_every_shipped_mapping_is_read_and_leaves_the_force_to_the_import(path: Path) -> None:
    assert not read_mapping(path).force


def test_what_is_left_out_has_defaults(write: Callable[..., Path]) -> None:
    mapping = read_mapping(write([COLUMNS], "m.toml"))
    assert mapping.source_columns == ("a", "b", "c", "d", "e")
    assert (mapping.force, mapping.delimiter) == ("", ",")
    assert "%d/%m/%Y %H:%M" in mapping.time_formats


@pytest.mark.parametrize(
    ("content", "field", "said"),
    [
        ("force = ", "", "is not TOML"),
        ('[columns]\neasting="d"', "columns", "crime_number, northing, offence or offence_code"),
        ("colums = {}\n" + COLUMNS, "mapping", "unknown key"),
        (COLUMNS + 'beat = "x"', "columns", "unknown key"),
        (COLUMNS + "place = 3", "columns.place", "text in quotes"),
        (COLUMNS + "place = []", "columns.place", "list of names"),
        (COLUMNS + '[markers]\ntall = "x"', "markers", "unknown key"),
        (COLUMNS + '[markers]\nknife = ["x"]', "markers.knife", "text in quotes"),
        ("markers = 3\n" + COLUMNS, "markers", "to be a table"),
        ('delimiter = "::"\n' + COLUMNS, "delimiter", "as delimiter"),
        ('force = "West Mercia"\n' + COLUMNS, "force", "short name"),
        (COLUMNS + '[formats]\ndate = "day"', "formats", "without a day"),
        (COLUMNS + '[formats]\ndate = "%d/%m/%Y %H:%M"', "formats.date", "belongs to formats.time"),
        (COLUMNS + '[formats]\ntime = "%d/%m/%Y"', "formats.time", "belongs to formats.date"),
        (COLUMNS + '[words]\ntrue = "x"\nfalse = ["X"]', "words", "for true and for false"),
    ],
)
def test_what_is_wrong_is_named(content: str, field: str, said: str, write: Callable[..., Path]) -> None:
    with pytest.raises(InputError, match=said) as refused:
        read_mapping(write([content], "m.toml"))
    assert refused.value.field == field


def test_a_mapping_that_is_not_there_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"gone\.toml cannot be read"):
        read_mapping(tmp_path / "gone.toml")


@pytest.mark.parametrize("slug", ["", "../x", "West", "a_b", "-a", "x" * 61])
def test_a_force_is_named_by_a_slug(slug: str) -> None:
    with pytest.raises(InputError, match="short name"):
        check_force(slug, "--force")
