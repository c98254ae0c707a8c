"""Postcode centres come in from Code-Point Open, and what has no position is left out and counted."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

import geopandas as gpd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_service import spatial
from geo_service.errors import InputError
from geo_service.ingest import CodePointOpen, normalise_postcode, normalise_postcodes

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

REST = '"E92000001","E19000001","E18000005","","E07000236","E05011149"'
GOOD = f'"B97 4HJ",10,404000,267000,{REST}'
HEADER = "PC,PQ,EA,NO,CY,RH,LH,CC,DC,WC"


@pytest.mark.parametrize("lines", [[GOOD], [HEADER, GOOD]], ids=["without header", "with header"])
def test_a_postcode_has_its_centre_district_and_ward(lines: list[str], write: Callable[..., Path]) -> None:
    frame = CodePointOpen().read(write(lines, "b.csv"))
    lon, lat = spatial.to_lonlat([404000.0], [267000.0])
    assert frame.rows(named=True) == [
        {
            "postcode": "B97 4HJ",
            "lon": lon[0],
            "lat": lat[0],
            "quality": 10,
            "district": "E07000236",
            "ward": "E05011149",
        }
    ]


def test_what_has_no_position_is_left_out_and_counted(write: Callable[..., Path]) -> None:
    lines = [GOOD, f"B1 1AA,90,0,0,{REST}", f"B1 1AB,90,404000,267000,{REST}", f"B1 1AC,10,0,0,{REST}", GOOD]
    found = CodePointOpen().read_counted(write(lines, "b.csv"))
    assert (found.read, found.left_out, found.repeated, found.frame.height) == (5, 3, 1, 1)


def test_the_official_zip_and_its_folder_are_read(write: Callable[..., Path], tmp_path: Path) -> None:
    headers = f"{HEADER}\nPostcode,Positional_quality_indicator\n"
    files = {
        "Data/CSV/b.csv": GOOD,
        "Data/CSV/wr.csv": f"WR1 1AA,10,385000,255000,{REST}",
        "Doc/Code-Point_Open_Column_Headers.csv": headers,
        "Doc/licence.txt": "x",
    }
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
            write([content], f"folder/{name}")
    for path in (write(packed.getvalue(), "codepo_gb.zip"), tmp_path / "folder"):
        assert CodePointOpen().read(path)["postcode"].to_list() == ["B97 4HJ", "WR1 1AA"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("B97 4HJ,10,404000", "whose ten columns are PC, PQ"),
        (f"nonsense,10,404000,267000,{REST}", r"Row 2 of b\.csv: PC is not a postcode. Found: nonsense"),
        (f"B97 4HJ,x,404000,267000,{REST}", "PQ is not a quality"),
        (f"B97 4HJ,10,{'9' * 30},267000,{REST}", "EA is not metres on the British National Grid"),
        (f"B97 4HJ,10,404000,,{REST}", "NO is not metres on the British National Grid"),
        (f"B97 4HJ,10,404000,267000,{REST},more", "Row 2 of b.csv: the row has 11 fields"),
    ],
)
def test_another_layout_is_refused_with_row_and_field(line: str, said: str, write: Callable[..., Path]) -> None:
    lines = [line] if "columns" in said else [GOOD, line]
    with pytest.raises(InputError, match=said):
        CodePointOpen().read(write(lines, "b.csv"))


def test_a_file_without_any_position_is_refused(write: Callable[..., Path]) -> None:
    with pytest.raises(InputError, match="no postcode with a position"):
        CodePointOpen().read(write([f"B1 1AA,90,0,0,{REST}"], "b.csv"))


def test_a_path_that_is_not_there_or_holds_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no file or folder"):
        CodePointOpen().read(tmp_path / "gone.csv")
    with pytest.raises(InputError, match="holds no CSV of postcodes"):
        CodePointOpen().read(tmp_path)


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("B97 4HJ", "B97 4HJ"),
        ("b974hj", "B97 4HJ"),
        ("  wr1  1aa ", "WR1 1AA"),
        ("EC1A 1BB", "EC1A 1BB"),
        ("W1A0AX", "W1A 0AX"),
        ("M1 1AE", "M1 1AE"),
        ("B97", None),
        ("B97 4HJX", None),
        ("", None),
        ("9AA 9AA", None),
    ],
)
def test_a_postcode_is_normalised_or_none(written: str, normal: str | None) -> None:
    assert normalise_postcode(written) == normal


@given(st.lists(st.text(st.sampled_from("AB197 é"), max_size=9) | st.none(), max_size=8))
def test_normalising_twice_changes_nothing_and_bulk_equals_one_by_one(texts: list[str | None]) -> None:
    once = normalise_postcodes(pl.Series("p", texts, dtype=pl.String))
    assert once.to_list() == [None if one is None else normalise_postcode(one) for one in texts]
    assert normalise_postcodes(once).to_list() == once.to_list()


@pytest.mark.shared
def test_north_worcestershires_postcodes_are_all_there(shared: Path) -> None:
    path = shared / "postcodes" / "code-point-open-2025-4-north-worcestershire.csv"
    found = CodePointOpen().read_counted(path)
    assert found.read == found.frame.height + found.left_out + found.repeated == 18_102
    assert found.frame.filter(pl.col("postcode") == "B96 7DQ").is_empty()
    wards = gpd.read_file(shared / "boundaries" / "wards-2025-worcestershire.geojson").set_index("WD25CD").geometry
    redditch = found.frame.filter(pl.col("ward").is_in(wards.index.to_list()), pl.col("district") == "E07000236")
    assert redditch.height > 1_000
    centres = gpd.GeoSeries(gpd.points_from_xy(redditch["lon"], redditch["lat"]), crs=4326).to_crs(27700)
    own_ward = wards.loc[redditch["ward"].to_list()].to_crs(27700).reset_index(drop=True)
    # The wards are generalised by some tens of metres; a wrong projection would be off by a hundred.
    assert centres.distance(own_ward).max() < 50
