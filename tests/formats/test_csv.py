"""CSV opens in a spreadsheet without harm and in every statistics program as it was."""

from __future__ import annotations

import io
import unicodedata
from typing import TYPE_CHECKING

import pandas as pd
import polars as pl
import pyarrow.csv
import pyogrio
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_service.formats import formats
from geo_service.model.access import Audience
from geo_service.registry import open_registry

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from geo_service.model.layers import FeatureTable

CSV = formats()["csv"]
TRAILING = ["data_version", "data_to", "parameters", "seed", "marking", "destroy_after", "notes", "licence"]
RUN = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
QUOTES = "\"'`\u2018\u2019\u201c\u201d"
CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")


def run_by_a_spreadsheet(text: str) -> bool:
    """Tell whether a cell may be run: by a program that strips spaces and unseen characters, and takes `"=` for `=`.

    An apostrophe at the very beginning is what makes a spreadsheet take the rest as text.
    """
    if text.startswith("'"):
        return False
    seen = list(text)
    while seen and seen[0] not in RUN and (unseen(seen[0]) or seen[0] in QUOTES):
        seen.pop(0)
    return bool(seen) and seen[0] in RUN


def unseen(character: str) -> bool:
    return character.isspace() or unicodedata.category(character) in {"Cc", "Cf"}


def as_it_was(text: str) -> str:
    """Undo what the export did, as the documentation says."""
    return text[1:] if text.startswith("'") and run_by_a_spreadsheet(text[1:].lstrip(QUOTES)) else text


def as_text(data: bytes) -> pl.DataFrame:
    return pl.read_csv(data, infer_schema=False)


def test_polars_reads_back_points_and_values(make_table: Callable[..., FeatureTable]) -> None:
    written = make_table(
        [shapely.Point(-1.94067481, 52.30546781), None],
        name=["Café, £1", None],
        count=[-3, 4],
        pai=[-1.5, float("nan")],
    )
    read = pl.read_csv(CSV.write(written))
    assert read.columns == ["id", "name", "count", "pai", "lon", "lat", *TRAILING]
    assert read.select("id", "name", "count", "pai").rows() == [("f0", "Café, £1", -3, -1.5), ("f1", None, 4, None)]
    assert read.select("lon", "lat").rows() == [(-1.9406748, 52.3054678), (None, None)]
    assert read["data_version"].to_list() == [7, 7]
    assert read["licence"].to_list() == ["Licence one Licence two"] * 2


def test_other_programs_take_the_byte_order_mark_for_none_of_the_header(
    make_table: Callable[..., FeatureTable], tmp_path: Path
) -> None:
    data = CSV.write(make_table([shapely.Point(-1.9, 52.3)], name=["Café"]))
    assert data.startswith(b"\xef\xbb\xbfid,name,")
    assert list(pd.read_csv(io.BytesIO(data)).columns)[:2] == ["id", "name"]
    assert pyarrow.csv.read_csv(io.BytesIO(data)).column_names[:2] == ["id", "name"]
    path = tmp_path / "table.csv"
    path.write_bytes(data)
    read = pyogrio.read_dataframe(path, X_POSSIBLE_NAMES="lon", Y_POSSIBLE_NAMES="lat")
    assert [*read.columns][:2] == ["id", "name"]
    assert (read.geometry[0], read["destroy_after"][0]) == (shapely.Point(-1.9, 52.3), "2026-12-20")


def test_no_hostile_name_is_run_by_a_spreadsheet(hostile: FeatureTable, names: tuple[str, ...]) -> None:
    read = as_text(CSV.write(hostile))["name"].to_list()
    assert not [text for text in read if run_by_a_spreadsheet(text)]
    assert [as_it_was(text) for text in read] == list(names)


@settings(deadline=None)
@given(st.lists(st.text(CHARACTERS) | st.text(st.sampled_from("=+-@\t\r\n '\"\uff1d\u200b1a")), min_size=1, max_size=8))
def test_any_text_comes_back_but_for_the_apostrophe(texts: list[str]) -> None:
    from geo_service.model.layers import FeatureTable, Provenance  # noqa: PLC0415 (the name above is for types)

    rows = pl.DataFrame({"id": [str(n) for n in range(len(texts))], "name": texts})
    empty = shapely.points([[0.0, 0.0]] * len(texts))
    public = FeatureTable("t", "T", rows, empty, Provenance(1, ""), audience=Audience.PUBLIC)
    read = as_text(CSV.write(public))["name"].fill_null("").to_list()
    assert not [text for text in read if run_by_a_spreadsheet(text)]
    assert [as_it_was(text) for text in read] == texts


def test_shapes_stand_as_text_with_a_point_inside(make_table: Callable[..., FeatureTable]) -> None:
    ring = shapely.Point(-1.9, 52.3).buffer(0.1).difference(shapely.Point(-1.9, 52.3).buffer(0.05))
    (row,) = pl.read_csv(CSV.write(make_table([ring], shape="area"))).iter_rows(named=True)
    assert shapely.contains_xy(ring, row["lon"], row["lat"])
    assert shapely.hausdorff_distance(shapely.from_wkt(row["wkt"]), ring) < 1e-7


def test_a_shape_too_long_for_a_spreadsheets_cell_is_left_out_and_said(make_table: Callable[..., FeatureTable]) -> None:
    long = shapely.Point(-1.9, 52.3).buffer(0.1, quad_segs=1000)
    (row,) = pl.read_csv(CSV.write(make_table([long], shape="area"))).iter_rows(named=True)
    assert row["wkt"] is None
    assert "1 shapes are too long for a cell" in row["notes"]


def test_a_tables_own_column_is_not_overwritten(make_table: Callable[..., FeatureTable]) -> None:
    (row,) = pl.read_csv(CSV.write(make_table([None], notes=["mine"], lon=[1.5]))).iter_rows(named=True)
    assert (row["notes"], row["lon"], row["table_notes"]) == ("mine", 1.5, "A proxy, not a measure.")


def test_the_demonstration_says_so_on_every_line(make_table: Callable[..., FeatureTable]) -> None:
    read = pl.read_csv(CSV.write(make_table([None, None], demonstration=True)))
    assert read["notes"].str.starts_with("DEMONSTRATION").all()


def test_a_table_without_rows_is_a_header(make_table: Callable[..., FeatureTable]) -> None:
    assert CSV.write(make_table([])).decode("utf-8-sig").splitlines() == [",".join(["id", "lon", "lat", *TRAILING])]


@pytest.mark.parametrize("suffix", [".csv", ".geojson"])
def test_an_exported_list_can_be_edited_and_brought_back(
    make_table: Callable[..., FeatureTable], tmp_path: Path, suffix: str
) -> None:
    written = make_table(
        [shapely.Point(-1.9, 52.3), None],
        name=["Hall", "+Plus"],
        status=["verified", "suspended"],
        step_free=[True, None],
    )
    path = tmp_path / f"places{suffix}"
    path.write_bytes(formats()[suffix[1:]].write(written))
    from pathlib import Path as Folder  # noqa: PLC0415 (the name above is for types)

    good, rejects = open_registry(Folder(__file__).parents[2]).read_features("safe-places", path)
    assert rejects.height == 0
    assert good.select("id", "name", "status", "step_free").rows() == [
        ("f0", "Hall", "verified", True),
        ("f1", "+Plus", "suspended", None),
    ]
    assert shapely.from_wkb(good["wkb"][0]) == shapely.Point(-1.9, 52.3)
