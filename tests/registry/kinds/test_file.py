"""Features may ship beside their descriptor, for real areas or for the demonstration area."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import shapely

from geo_service.errors import InputError, NotFoundError
from geo_service.model.access import Audience
from geo_service.registry import open_registry
from geo_service.registry.kinds import kinds

if TYPE_CHECKING:
    from pathlib import Path

LAYER = """id = "stones"
title = "Stones"
description = "D"
audience = "public"
licence = "L"
[source]
kind = "file"
file = "stones.csv"
[style]
shape = "square"
colour = "#000000"
[[field]]
name = "id"
title = "Id"
type = "text"
required = true
"""


def share(folder: Path, text: str = LAYER, rows: str = "id,lon,lat\na1,-1.9,52.3\n") -> Path:
    (folder / "layers").mkdir()
    (folder / "layers" / "stones.toml").write_text(text, encoding="utf-8")
    (folder / "layers" / "stones.csv").write_text(rows, encoding="utf-8")
    return folder


def test_the_kinds_are_the_files_of_the_folder() -> None:
    assert list(kinds()) == ["file", "imported"]


def test_shipped_features_are_served_without_a_store(tmp_path: Path) -> None:
    table = open_registry(share(tmp_path)).features("stones", Audience.PUBLIC, None)
    assert table.rows.rows() == [("a1",)]
    assert list(table.geometry) == [shapely.Point(-1.9, 52.3)]
    assert table.provenance.data_version == 0


def test_shipped_features_belong_to_real_areas_or_to_the_demonstration_never_to_both(tmp_path: Path) -> None:
    folder = share(tmp_path)
    with pytest.raises(NotFoundError):
        open_registry(folder, demonstration=True).features("stones", Audience.FORCE, None)
    marked = LAYER.replace('file = "stones.csv"', 'file = "stones.csv"\ndemonstration = true')
    (folder / "layers" / "stones.toml").write_text(marked, encoding="utf-8")
    assert open_registry(folder).layers(Audience.FORCE) == []
    table = open_registry(folder, demonstration=True).features("stones", Audience.PUBLIC, None)
    assert table.provenance.demonstration
    assert table.notes == ("DEMONSTRATION: an invented place",)


@pytest.mark.parametrize("name", ["../stones.csv", "/etc/passwd", "..\\stones.csv", "sub/stones.csv"])
def test_the_file_must_stand_beside_the_descriptor(tmp_path: Path, name: str) -> None:
    text = LAYER.replace('"stones.csv"', f"'{name}'")
    with pytest.raises(InputError, match="must stand beside the descriptor"):
        open_registry(share(tmp_path, text))


def test_a_bad_row_that_ships_is_an_error_by_name(tmp_path: Path) -> None:
    registry = open_registry(share(tmp_path, rows="id,lon,lat\na1,52.3,-1.9\n"))
    with pytest.raises(InputError, match=r"layers/stones\.csv, row 2: position looks as if"):
        registry.features("stones", Audience.PUBLIC, None)


def test_nothing_is_imported_into_a_layer_that_ships(tmp_path: Path) -> None:
    folder = share(tmp_path)
    with pytest.raises(InputError, match="come with its descriptor"):
        open_registry(folder).read_features("stones", folder / "layers" / "stones.csv")
