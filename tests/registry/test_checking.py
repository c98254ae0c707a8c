"""Features are checked against their layer: bad rows become rejects, the rest is kept."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

import pytest
import shapely

from geo_service.errors import InputError, NotFoundError
from geo_service.model.incidents import REJECT_SCHEMA
from geo_service.registry import open_registry

if TYPE_CHECKING:
    from pathlib import Path

    import polars as pl

    from geo_service.registry import FileRegistry

CHOICES = 'choices = ["low", "High up"]'
FIELDS = (
    ("id", "text", "required = true"),
    ("name", "text", ""),
    ("count", "integer", ""),
    ("height_m", "number", ""),
    ("lit", "boolean", ""),
    ("seen", "date", ""),
    ("opening_hours", "hours", ""),
    ("grade", "choice", CHOICES),
    ("postcode", "text", ""),
    ("web", "text", ""),
)


def layer(shape: str, *, position_required: bool = False) -> str:
    fields = "".join(f'[[field]]\nname = "{n}"\ntitle = "{n}"\ntype = "{t}"\n{more}\n' for n, t, more in FIELDS)
    return (
        f'id = "things"\ntitle = "T"\ndescription = "D"\naudience = "public"\nlicence = "L"\n'
        f"position_required = {str(position_required).lower()}\n"
        f'[source]\nkind = "imported"\n[style]\nshape = "{shape}"\ncolour = "#000000"\n{fields}'
    )


def registry(folder: Path, text: str) -> FileRegistry:
    (folder / "layers").mkdir(exist_ok=True)
    (folder / "layers" / "things.toml").write_text(text, encoding="utf-8")
    return open_registry(folder)


@pytest.fixture
def points(tmp_path: Path) -> FileRegistry:
    return registry(tmp_path, layer("circle"))


@pytest.fixture
def areas(tmp_path: Path) -> FileRegistry:
    return registry(tmp_path, layer("area", position_required=True))


def read(
    into: FileRegistry, folder: Path, content: str | bytes, name: str = "list.csv"
) -> tuple[pl.DataFrame, pl.DataFrame]:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    good, rejects = into.read_features("things", path)
    assert rejects.schema == REJECT_SCHEMA
    return good, rejects


def collection(*features: object, **members: object) -> str:
    return json.dumps({"type": "FeatureCollection", "features": features, **members})


def feature(properties: dict[str, Any], geometry: object = None) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def test_cells_become_values_of_the_fields_type(points: FileRegistry, tmp_path: Path) -> None:
    good, rejects = read(
        points,
        tmp_path,
        "id,name,count,height_m,lit,seen,opening_hours,grade,postcode,web,lon,lat\n"
        "a1,  St Stephen's ,7.0,1.5,Yes,2025-05-01,Mo-Fr 09:00-17:00; PH off,HIGH UP,b974dy,www.example.org,-1.9,52.3\n"
        "a2,,,,n,01/02/2024,,,,,,\n",
    )
    assert rejects.height == 0
    assert good.drop("wkb").rows() == [
        ("a1", "St Stephen's", 7, 1.5, True, dt.date(2025, 5, 1), "Mo-Fr 09:00-17:00; PH off", "High up", "B97 4DY",
         "https://www.example.org"),
        ("a2", None, None, None, False, dt.date(2024, 2, 1), None, None, None, None),
    ]  # fmt: skip
    assert shapely.from_wkb(good["wkb"][0]) == shapely.Point(-1.9, 52.3)
    assert good["wkb"][1] is None


@pytest.mark.parametrize(
    ("header", "row", "expected"),
    [
        ("id,count", "a1,2.5", ("count", "2.5", "count is not a whole number")),
        ("id,count", "a1,123456789012345678901234567890", ("count", "123456789012345678901234567890", "not a whole")),
        ("id,height_m", 'a1,"1,5"', ("height_m", "1,5", "height_m is not a number")),
        ("id,height_m", "a1,inf", ("height_m", "inf", "height_m is not a number")),
        ("id,height_m", "a1,1e999", ("height_m", "1e999", "height_m is not a number")),
        ("id,lit", "a1,maybe", ("lit", "maybe", "lit is not yes or no")),
        ("id,seen", "a1,2023-02-30", ("seen", "2023-02-30", "seen is not a date")),
        ("id,seen", "a1,13/13/2023", ("seen", "13/13/2023", "seen is not a date")),
        ("id,opening_hours", "a1,9 to 5", ("opening_hours", "9 to 5", "not in the OpenStreetMap notation")),
        ("id,grade", "a1,middling", ("grade", "middling", "grade is none of low, High up")),
        ("id,web", "a1,javascript:alert(1)", ("web", "javascript:alert(1)", "no address that begins with https://")),
        ("id,name", ",nobody", ("id", None, "id is missing")),
        ("id,name", "a/b,x", ("id", "a/b", "id may hold letters")),
        ("id,name", f"a1,{'x' * 10_001}", ("name", "x" * 200, "longer than 10,000 characters")),
        ("id,lon,lat", "a1,52.3,-1.9", ("position", "52.3, -1.9", "longitude and latitude were swapped")),
        ("id,lon,lat", "a1,-1.9,92", ("position", "-1.9, 92", "latitude from -90 to 90")),
        ("id,lon,lat", "a1,404142,267485", ("position", "404142, 267485", "not in degrees")),
        ("id,lon,lat", "a1,0,0", ("position", "0, 0", "stands for no position")),
        ("id,lon,lat", "a1,-1.9,", ("position", "-1.9", "has only one of lon and lat")),
        ("id,lon,lat", "a1,west,52", ("position", "west, 52", "is not two numbers in degrees")),
        ("id,name", "a1,x,y", ("", "", "the row has more cells than the header")),
    ],
)  # fmt: skip
def test_a_bad_row_is_kept_with_its_reason(
    points: FileRegistry, tmp_path: Path, header: str, row: str, expected: tuple[str, str | None, str]
) -> None:
    field, value, reason = expected
    good, rejects = read(points, tmp_path, f"{header}\nfine{',' * header.count(',')}\n{row}\n")
    assert good["id"].to_list() == ["fine"]
    bad = rejects.row(0, named=True)
    assert (bad["file"], bad["row"], bad["field"], bad["value"]) == ("list.csv", 3, field, value)
    assert reason in bad["reason"]


def test_every_reason_of_a_row_is_said_and_no_row_is_lost(points: FileRegistry, tmp_path: Path) -> None:
    good, rejects = read(points, tmp_path, "id,count,lit\na1,x,perhaps\na2,1,yes\na2,2,no\n\n,,\n")
    assert good["count"].to_list() == [1]
    assert rejects["row"].to_list() == [2, 4]
    assert rejects["reason"].to_list() == [
        "count is not a whole number; lit is not yes or no",
        "id is the id of an earlier row too",
    ]


def test_rows_are_counted_by_lines_of_the_file(points: FileRegistry, tmp_path: Path) -> None:
    _, rejects = read(points, tmp_path, 'id,name,count\na1,"two\nlines",1\na2,x,many\n')
    assert rejects["row"].to_list() == [4]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_spreadsheets_encodings_and_separators_are_understood(
    points: FileRegistry, tmp_path: Path, encoding: str, separator: str
) -> None:
    good, _ = read(points, tmp_path, f'id{separator}name\r\na1{separator}"Nesta\' Café, £1"\r\n'.encode(encoding))
    assert good["name"].to_list() == ["Nesta' Café, £1"]


def test_an_unknown_column_is_refused_by_name_and_never_kept(points: FileRegistry, tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read(points, tmp_path, "id,name,victim,offender\na1,x,y,z\n")
    assert "Found: victim, offender." in caught.value.message
    assert "the layer's columns are id, name, count" in caught.value.message


def test_a_missing_required_column_is_named(points: FileRegistry, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"lacks columns that the layer things requires.*Add id"):
        read(points, tmp_path, "name\nx\n")


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        ("", "list.csv", "list.csv is empty"),
        (" \n", "list.csv", "list.csv is empty"),
        ("id,id\n1,2\n", "list.csv", "two columns of one name"),
        ("id,\n1,2\n", "list.csv", "a column without a name"),
        ('id,name\n1,"open\n2,x\n', "list.csv", "not a CSV file from line 2 on"),
        ("id\0,name\n", "list.csv", "not a text file"),
        ("id\n", "list.xlsx", "neither CSV nor GeoJSON. Found: .xlsx"),
        ("{", "list.geojson", "list.geojson is not JSON"),
        ("[]", "list.geojson", "no FeatureCollection. Found: list"),
        ('{"type": "Topology"}', "list.geojson", "no FeatureCollection. Found: Topology"),
        ('{"type": "FeatureCollection"}', "list.geojson", "no list of features"),
        (
            collection(crs={"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::27700"}}),
            "list.geojson",
            "not in longitude and latitude. Found: urn:ogc:def:crs:EPSG::27700",
        ),
    ],
)
def test_a_file_that_cannot_be_read_is_refused(
    points: FileRegistry, tmp_path: Path, content: str, name: str, words: str
) -> None:
    with pytest.raises(InputError) as caught:
        read(points, tmp_path, content, name)
    assert words in caught.value.message


def test_a_file_that_is_not_there_is_refused(points: FileRegistry, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        points.read_features("things", tmp_path / "none.csv")
    with pytest.raises(NotFoundError, match=r"No such layer\. Found: nothing\. Use one of things"):
        points.read_features("nothing", tmp_path / "none.csv")


def test_geojson_features_are_checked_like_rows(points: FileRegistry, tmp_path: Path) -> None:
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}
    good, rejects = read(
        points,
        tmp_path,
        collection(
            feature({"id": 1001.0, "Height m": 2, "lit": True}, {"type": "Point", "coordinates": [-2.28, 53.46, 12.0]}),
            feature({"id": "a2"}),
            feature({"id": "a3"}, {"type": "LineString", "coordinates": [[0, 1], [1, 1]]}),
            feature({"id": "a4"}, {"type": "Point", "coordinates": [53.46, -2.28]}),
            feature({"id": "a5"}, {"type": "Point", "coordinates": "here"}),
            feature({"id": "a6", "name": {"first": "x"}}),
            "no feature",
            crs=crs,
        ),
        "list.geojson",
    )
    assert good.select("id", "height_m", "lit").rows() == [("1001", 2.0, True), ("a2", None, None)]
    assert shapely.from_wkb(good["wkb"][0]) == shapely.Point(-2.28, 53.46)
    assert rejects["row"].to_list() == [3, 4, 5, 6, 7]
    assert rejects["reason"].to_list() == [
        "position is a LineString, not a Point",
        "position looks as if longitude and latitude were swapped",
        "the geometry cannot be read",
        "the property name is no single value; id is missing",
        "not a GeoJSON feature; id is missing",
    ]


def test_an_area_must_be_a_valid_polygon(areas: FileRegistry, tmp_path: Path) -> None:
    ring = [[-2, 52], [-1, 52], [-1, 53], [-2, 53], [-2, 52]]
    bow = [[-2, 52], [-1, 53], [-1, 52], [-2, 53], [-2, 52]]
    good, rejects = read(
        areas,
        tmp_path,
        collection(
            feature({"id": "fine"}, {"type": "Polygon", "coordinates": [ring]}),
            feature({"id": "bow"}, {"type": "Polygon", "coordinates": [bow]}),
            feature({"id": "nowhere"}),
        ),
        "list.geojson",
    )
    assert good["id"].to_list() == ["fine"]
    assert rejects["reason"][0].startswith("position is invalid: Self-intersection")
    assert rejects["reason"][1] == "position is missing"


def test_an_area_may_come_as_well_known_text(areas: FileRegistry, tmp_path: Path) -> None:
    good, rejects = read(
        areas, tmp_path, 'id,wkt\na1,"POLYGON ((-2 52, -1 52, -1 53, -2 52))"\na2,POLYGON here\na3,POINT (-2 52)\n'
    )
    assert shapely.from_wkb(good["wkb"][0]).equals(shapely.Polygon([(-2, 52), (-1, 52), (-1, 53)]))
    assert rejects["reason"].to_list() == [
        "position is not well-known text, for example POLYGON ((…))",
        "position is a Point, not a Polygon or MultiPolygon",
    ]


def test_a_header_alone_is_no_feature_and_no_mistake(points: FileRegistry, tmp_path: Path) -> None:
    good, rejects = read(points, tmp_path, "id,name\n")
    assert (good.height, rejects.height) == (0, 0)
    good, rejects = read(points, tmp_path, collection(), "list.geojson")
    assert (good.height, rejects.height) == (0, 0)


def test_a_layer_of_lines_takes_areas_too_but_no_points(tmp_path: Path) -> None:
    ground = registry(tmp_path, layer("line"))
    good, rejects = read(
        ground,
        tmp_path,
        'id,wkt\ns1,"LINESTRING (-2 52, -1 52)"\nw1,"POLYGON ((-2 52, -1 52, -1 53, -2 52))"\np1,POINT (-2 52)\n',
    )
    assert good["id"].to_list() == ["s1", "w1"]
    assert rejects["reason"][0].startswith("position is a Point, not a LineString")
