"""Features that somebody imported are served from the data directory, of real areas and of the demonstration alike."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest

from geo_service.errors import InputError
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
position_required = false
[source]
kind = "imported"
[style]
shape = "square"
colour = "#000000"
[[field]]
name = "id"
title = "Id"
type = "text"
required = true
[[field]]
name = "postcode"
title = "Postcode"
type = "text"
"""
ROWS = pl.DataFrame(
    {"id": ["a1"], "postcode": ["B97 4HJ"], "wkb": [None]},
    schema={"id": pl.String, "postcode": pl.String, "wkb": pl.Binary},
)
CENTRES = pl.DataFrame({"postcode": ["B97 4HJ"], "lon": [-1.94], "lat": [52.3]})


def share(folder: Path, text: str = LAYER) -> Path:
    (folder / "layers").mkdir()
    (folder / "layers" / "stones.toml").write_text(text, encoding="utf-8")
    return folder


def everywhere(geometry: np.ndarray) -> np.ndarray:
    return np.ones(len(geometry), dtype=bool)


def snapshot(features: pl.DataFrame | None) -> SimpleNamespace:
    return SimpleNamespace(version=7, features=lambda layer: features, postcodes=lambda: CENTRES, inside=everywhere)


@pytest.mark.parametrize("demonstration", [False, True])
def test_what_was_imported_is_served_with_the_version_that_it_is_of(tmp_path: Path, *, demonstration: bool) -> None:
    registry = open_registry(share(tmp_path), demonstration=demonstration)
    table = registry.features("stones", Audience.PUBLIC, snapshot(ROWS))
    assert table.rows.rows() == [("a1", "B97 4HJ")]
    assert (table.provenance.data_version, table.provenance.demonstration) == (7, demonstration)


@pytest.mark.parametrize("held", [None, snapshot(None)])
def test_a_layer_without_an_import_is_empty_and_no_error(tmp_path: Path, held: SimpleNamespace | None) -> None:
    table = open_registry(share(tmp_path)).features("stones", Audience.PUBLIC, held)
    assert (table.rows.columns, table.rows.height) == (["id", "postcode"], 0)


@pytest.mark.parametrize(("asked", "located"), [("", False), ('locate_by = "postcode"', True)])
def test_a_feature_stands_at_its_postcode_where_the_layer_asks_for_it(
    tmp_path: Path, asked: str, *, located: bool
) -> None:
    text = LAYER.replace('kind = "imported"', f'kind = "imported"\n{asked}')
    table = open_registry(share(tmp_path, text)).features("stones", Audience.PUBLIC, snapshot(ROWS))
    assert (table.geometry[0] is not None) is located


def test_another_way_to_be_located_is_refused_by_key(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="locate_by"):
        open_registry(share(tmp_path, LAYER.replace('kind = "imported"', 'kind = "imported"\nlocate_by = "magic"')))


def test_features_may_be_imported_into_such_a_layer() -> None:
    assert kinds()["imported"].importable
