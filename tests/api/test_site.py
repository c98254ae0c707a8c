"""The API as an analyst meets it: in process, and over HTTP with GDAL's driver as the client."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, TypeAlias

import httpx
import numpy as np
import polars as pl
import pyogrio
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_service.app import open_area
from geo_service.model.hotspots import HotspotQuery
from geo_service.model.periods import Period
from geo_service.model.surfaces import Tuning
from geo_service.workflows import tables
from geo_service.workflows.finding import hotspots

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from geo_service.model.access import AuditEvent
    from geo_service.model.layers import FeatureTable
    from geo_service.workflows.services import Services

Client: TypeAlias = Any
"""The conftest's client; tests are no package to import it from."""
Served: TypeAlias = Any
"""Where the command serves the site, from the conftest."""
COLLECTIONS = [
    "buildings",
    "cctv",
    "cctv-redeployable",
    "environmental-visual-audits",
    "excluded-places",
    "ground",
    "knife-arch",
    "landmarks",
    "parade-stations",
    "pspo",
    "safe-places",
    "street-pastors",
    "street-watch",
    "streets",
    "boundaries-demonstration-wards",
    "zones",
    "hotspot-cells",
]
EMPTY = ["addresses"]
"""Layers that the demonstration area has nothing of."""
YEAR = Period.parse("2025-08", "2026-07")
QUESTIONS: list[tuple[str, dict[str, Any], bool]] = [
    ("", {}, True),
    ("&cells=all&resolution=9", {"resolution": 9}, False),
    ("&statistic=gi_star&ring=2", {"statistic": "gi_star", "tuning": Tuning(ring=2)}, True),
    ("&measure=harm&harm_table=starting-points", {"measure": "harm", "harm_table": "starting-points"}, True),
    ("&offences=burglary&area_share=5", {"offence_set": "burglary", "area_share": 0.05}, True),
    ("&set=demonstration-wards", {"boundary_set": "demonstration-wards"}, True),
]
WHERE = st.tuples(st.floats(1.04, 1.16), st.floats(1.04, 1.16), st.floats(53.81, 53.88), st.floats(53.81, 53.88))


def table_of(services: Services, collection: str) -> FeatureTable:
    return tables.collection(services, collection)


def items(api: Client, collection: str, **parameters: object) -> dict[str, Any]:
    answer = api.get(f"/collections/{collection}/items", params=parameters)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def ids(body: dict[str, Any]) -> list[str]:
    return [feature["id"] for feature in body["features"]]


def shapes(body: dict[str, Any]) -> list[object]:
    found = [feature["geometry"] for feature in body["features"]]
    return [None if geometry is None else shapely.geometry.shape(geometry) for geometry in found]


def same_shapes(found: object, wanted: object) -> bool:
    """Say whether geometries are the same up to the decimals that are written."""
    ends = [shapely.normalize(np.asarray(each, dtype=object)) for each in (found, wanted)]
    return bool(shapely.equals_exact(*ends, tolerance=1e-6).all())


def written(value: object) -> str | None:
    """Return a value of the table as JSON and CSV have it, None for a missing one."""
    return None if value is None else str(value)


# --- what there is --------------------------------------------------------------------------------


def test_the_collections_are_layers_boundaries_zones_and_cells(api: Client) -> None:
    assert [each["id"] for each in api.get("/collections").json()["collections"]] == [*EMPTY, *COLLECTIONS]


@pytest.fixture(scope="module")
def listed(api: Client) -> dict[str, Any]:
    """Return what the list says of each collection."""
    return {each["id"]: each for each in api.get("/collections").json()["collections"]}


@pytest.mark.parametrize("collection", COLLECTIONS)
def test_a_collection_says_the_same_of_itself_in_the_list_and_alone(
    api: Client, listed: dict[str, Any], collection: str
) -> None:
    alone = api.get(f"/collections/{collection}").json()
    assert alone == listed[collection]
    west, south, east, north = alone["extent"]["spatial"]["bbox"][0]
    box = shapely.box(west, south, east, north)
    assert all(box.covers(shape) for shape in shapes(items(api, collection)))


def test_conformance_claims_no_openapi_3_0(api: Client) -> None:
    claimed = api.get("/conformance").json()["conformsTo"]
    assert [each.rpartition("/")[2] for each in claimed] == ["core", "geojson"]


# --- features -------------------------------------------------------------------------------------


@pytest.mark.parametrize("collection", COLLECTIONS)
def test_the_features_of_a_collection_are_the_rows_of_its_table(
    api: Client, demonstration: Services, collection: str
) -> None:
    table, body = table_of(demonstration, collection), items(api, collection, limit=10_000)
    assert ids(body) == table.rows["id"].to_list()
    assert same_shapes(shapes(body), table.geometry)
    for feature, row in zip(body["features"], table.rows.iter_rows(named=True), strict=True):
        assert {name: written(value) for name, value in feature["properties"].items()} == {
            name: written(value) for name, value in row.items()
        }
    assert body["demonstration"] is True
    assert any("DEMONSTRATION" in note for note in body["notes"])


@pytest.mark.parametrize("collection", COLLECTIONS)
def test_a_csv_says_what_the_geojson_says(api: Client, collection: str) -> None:
    body = items(api, collection)
    answer = api.get(f"/collections/{collection}/items?f=csv")
    read = pl.read_csv(io.BytesIO(answer.content), infer_schema=False)
    assert read["id"].to_list() == ids(body)
    for row, feature in zip(read.iter_rows(named=True), body["features"], strict=True):
        for name, value in feature["properties"].items():
            if isinstance(value, bool):
                assert row[name] == str(value).lower()
            elif isinstance(value, float):
                assert float(row[name]) == value
            else:
                # A text that a spreadsheet would run as a formula begins with an apostrophe.
                assert (row[name] or "").removeprefix("'") == (written(value) or "")
        if feature["geometry"]["type"] == "Point":
            assert [float(row["lon"]), float(row["lat"])] == feature["geometry"]["coordinates"]
        else:
            assert same_shapes([shapely.from_wkt(row["wkt"])], [shapely.geometry.shape(feature["geometry"])])


@pytest.mark.parametrize("collection", COLLECTIONS)
def test_each_feature_has_an_address_of_its_own(api: Client, collection: str) -> None:
    whole = items(api, collection)["features"][0]
    alone = api.get(f"/collections/{collection}/items/{whole['id']}")
    body = alone.json()
    assert alone.headers["content-type"] == "application/geo+json"
    assert {name: body[name] for name in whole} == whole
    links = {link["rel"]: link["href"] for link in body["links"]}
    assert api.get(links["self"]).json() == body
    assert api.get(links["collection"]).json()["id"] == collection


@given(limit=st.integers(1, 14))
@settings(max_examples=14, deadline=None)
def test_the_pages_of_any_limit_put_together_are_the_collection_once(api: Client, limit: int) -> None:
    found: list[str] = []
    address: str | None = f"/collections/zones/items?limit={limit}"
    while address is not None:
        body = api.get(address).json()
        assert body["numberReturned"] == len(body["features"]) <= limit
        found += ids(body)
        address = next((link["href"] for link in body["links"] if link["rel"] == "next"), None)
    assert found == ids(items(api, "zones"))


@given(corners=WHERE)
@settings(max_examples=25, deadline=None)
def test_a_box_gives_what_shapely_says_meets_it(
    api: Client, demonstration: Services, corners: tuple[float, float, float, float]
) -> None:
    (west, east), (south, north) = sorted(corners[:2]), sorted(corners[2:])
    table = table_of(demonstration, "streets")
    meets = shapely.intersects(table.geometry, shapely.box(west, south, east, north))
    body = items(api, "streets", bbox=f"{west},{south},{east},{north}")
    assert ids(body) == table.rows["id"].filter(pl.Series(meets)).to_list()
    assert body["numberMatched"] == meets.sum()


@pytest.mark.parametrize("collection", COLLECTIONS)
def test_a_box_around_the_world_and_an_open_interval_change_nothing(api: Client, collection: str) -> None:
    whole = ids(items(api, collection))
    assert ids(items(api, collection, bbox="-180,-90,180,90")) == whole
    assert ids(items(api, collection, datetime="../..")) == whole
    assert ids(items(api, collection, datetime="1900-01-01/2199-12-31")) == whole


@pytest.mark.parametrize(
    ("collection", "time", "kept"),
    [
        ("zones", "2026-01-15", True),
        ("zones", "2026-07-31/..", True),
        ("zones", "2026-08-01/..", False),
        ("zones", "../2025-07-31", False),
        ("cctv", "1999-01-01", True),
    ],
)
def test_a_time_keeps_what_speaks_of_it_and_what_has_no_time(
    api: Client, collection: str, time: str, *, kept: bool
) -> None:
    assert ids(items(api, collection, datetime=time)) == (ids(items(api, collection)) if kept else [])


@pytest.mark.parametrize("layer", ["cctv-redeployable", "pspo"])
def test_a_layer_with_times_is_filtered_by_them(api: Client, demonstration: Services, layer: str) -> None:
    table = table_of(demonstration, layer)
    assert table.time_columns is not None
    first, last = table.time_columns
    for day in {*table.rows[first].drop_nulls(), *table.rows[last].drop_nulls()}:
        there = [
            row["id"]
            for row in table.rows.iter_rows(named=True)
            if (row[first] is None or row[first] <= day) and (row[last] is None or row[last] >= day)
        ]
        assert ids(items(api, layer, datetime=str(day))) == there


# --- the question itself --------------------------------------------------------------------------


@pytest.mark.parametrize(("parameters", "query", "chosen_only"), QUESTIONS, ids=[each[0] for each in QUESTIONS])
def test_hotspots_answers_as_the_workflow_does(
    api: Client, demonstration: Services, parameters: str, query: dict[str, Any], *, chosen_only: bool
) -> None:
    surface = hotspots.ask(demonstration, HotspotQuery("demonstration-wards", YEAR, **query))
    table = tables.hotspot_table(demonstration, surface, chosen_only=chosen_only)
    answer = api.get(f"/hotspots?boundary=demonstration-wards&from=2025-08&to=2026-07{parameters}")
    body = answer.json()
    assert answer.status_code == 200, answer.text
    assert body["features"]
    assert ids(body) == table.rows["id"].to_list()
    assert same_shapes(shapes(body), table.geometry)
    for name in table.rows.columns:
        assert [written(each["properties"][name]) for each in body["features"]] == [
            written(value) for value in table.rows[name]
        ]
    assert body["notes"][: len(table.notes)] == list(table.notes)
    assert surface.sentence in body["notes"]
    assert body["provenance"]["data_version"] == surface.query.as_of
    assert body["provenance"]["parameters"] == dict(surface.provenance.parameters)


def test_a_question_of_a_named_data_version_is_answered_the_same_again(api: Client) -> None:
    asked = "/hotspots?boundary=demonstration-wards&from=2025-08&to=2026-07"
    newest = api.get(asked).json()
    again = api.get(f"{asked}&as_of={newest['provenance']['data_version']}").json()
    assert again["features"] == newest["features"]
    before = api.get(f"{asked}&as_of=1")
    assert (before.status_code, before.json()["title"]) == (400, "Bad parameter")


# --- over HTTP ------------------------------------------------------------------------------------


@pytest.fixture
def gdal(served: Served) -> Iterator[str]:
    """Let GDAL in and return what it opens."""
    options = {"GDAL_HTTP_AUTH": "BEARER", "GDAL_HTTP_BEARER": served.key}
    pyogrio.set_gdal_config_options(options)
    yield f"OAPIF:{served.origin}/api"
    pyogrio.set_gdal_config_options(dict.fromkeys(options))


def test_gdal_lists_the_collections_as_layers(gdal: str) -> None:
    assert pyogrio.list_layers(gdal)[:, 0].tolist() == [*EMPTY, *COLLECTIONS]


@pytest.mark.parametrize("collection", COLLECTIONS)
def test_gdal_reads_a_layer_equal_to_the_table(gdal: str, demonstration: Services, collection: str) -> None:
    table = table_of(demonstration, collection)
    read = pyogrio.read_dataframe(gdal, layer=collection, fid_as_index=False)
    assert read["id"].tolist() == table.rows["id"].to_list()
    assert set(read.columns) == {*table.rows.columns, "geometry"}
    assert read.crs == "EPSG:4326"
    assert same_shapes(read.geometry.to_numpy(), table.geometry)
    for name, values in table.rows.to_dict().items():
        if values.dtype.is_numeric() and not values.has_nulls():
            assert read[name].tolist() == pytest.approx(values.to_list())


def test_gdal_follows_the_pages_and_each_is_written_in_the_ledger(
    gdal: str, served: Served, events_of: Callable[[Path, int], Sequence[AuditEvent]]
) -> None:
    read = pyogrio.read_dataframe(gdal, layer="streets", PAGE_SIZE=300)
    services = open_area(served.folder)
    table = table_of(services, "streets")
    services.close()
    events = events_of(served.folder, 100)
    assert read["id"].tolist() == table.rows["id"].to_list()
    queries: list[Any] = [event.detail.get("query") for event in events if event.what.endswith("/streets/items")]
    offsets = [query["offset"] for query in queries if query["limit"] == ["300"] and "offset" in query]
    assert offsets[::-1] == [[str(offset)] for offset in range(300, len(read), 300)]


def test_gdal_filters_by_a_box_as_shapely_does(gdal: str, demonstration: Services) -> None:
    box = (1.08, 53.84, 1.10, 53.85)
    table = table_of(demonstration, "streets")
    meets = shapely.intersects(table.geometry, shapely.box(*box))
    read = pyogrio.read_dataframe(gdal, layer="streets", bbox=box)
    assert 0 < meets.sum() < len(meets)
    assert read["id"].tolist() == table.rows["id"].filter(pl.Series(meets)).to_list()


def test_gdal_knows_the_extent_of_a_layer_without_reading_it(gdal: str, demonstration: Services) -> None:
    info = pyogrio.read_info(gdal, layer="zones")
    table = table_of(demonstration, "zones")
    assert info["total_bounds"] == pytest.approx(shapely.total_bounds(table.geometry))
    assert info["features"] == table.rows.height


def test_every_link_leads_somewhere_and_to_what_it_says(served: Served) -> None:
    seen: dict[str, str] = {}
    waiting = [(f"{served.origin}/api/", "application/json")]
    with httpx.Client(headers=served.headers) as client:
        while waiting:
            address, media_type = waiting.pop()
            if address in seen:
                continue
            answer = client.get(address)
            assert (address, answer.status_code) == (address, 200)
            assert answer.headers["content-type"].replace(" ", "").startswith(media_type)
            seen[address] = media_type
            if "json" in media_type:
                waiting += [(link["href"], link["type"]) for link in links_in(answer.json())]
    assert {f"{served.origin}/api/collections/{each}" for each in COLLECTIONS} < set(seen)
    assert len(seen) > 3 * len(COLLECTIONS)


def links_in(body: object) -> Iterator[dict[str, str]]:
    """Yield the links of a document, at any depth."""
    if isinstance(body, dict):
        if {"href", "rel", "type"} <= set(body):
            yield body
        for value in body.values():
            yield from links_in(value)
    elif isinstance(body, list):
        for value in body:
            yield from links_in(value)


@pytest.mark.parametrize("path", ["/api", "/api/", "/api/collections", "/api/unicorns", "/api/hotspots?boundary=x"])
@pytest.mark.parametrize("authorization", [None, "Bearer wrong", "Bearer", "Basic dXNlcjpwYXNz"])
def test_without_the_key_a_program_is_told_what_to_send(served: Served, path: str, authorization: str | None) -> None:
    headers = {} if authorization is None else {"Authorization": authorization}
    answer = httpx.get(f"{served.origin}{path}", headers=headers)
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.json()["status"] == 401
    assert "Authorization: Bearer KEY" in answer.json()["detail"]


def test_the_key_does_not_help_a_page_of_another_site(served: Served) -> None:
    address = f"{served.origin}/api/collections"
    foreign = httpx.get(address, headers=served.headers | {"Origin": "http://elsewhere.example"})
    renamed = httpx.get(address, headers=served.headers | {"Host": "elsewhere.example"})
    assert (foreign.status_code, renamed.status_code) == (403, 421)


def test_head_is_answered_and_written_in_the_ledger_as_any_question(
    served: Served, events_of: Callable[[Path, int], Sequence[AuditEvent]]
) -> None:
    asked = httpx.head(f"{served.origin}/api/collections/zones/items?limit=5", headers=served.headers)
    services = open_area(served.folder)
    zones = table_of(services, "zones").rows.height
    services.close()
    assert (asked.status_code, asked.content) == (200, b"")
    assert asked.headers["ogc-numbermatched"] == str(zones)
    assert events_of(served.folder, 1)[0].what == "HEAD /api/collections/zones/items"


def test_answers_are_compressed_and_not_kept(served: Served) -> None:
    answer = httpx.get(f"{served.origin}/api/collections/streets/items", headers=served.headers)
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["cache-control"] == "no-store"


def test_what_police_activity_found_is_put_in_by_address(api: Client) -> None:
    asked = "/hotspots?boundary=Quillholt&from=2025-08&to=2026-07&cells=all&f=geojson"
    out, put_in = (api.get(f"{asked}{extra}").json() for extra in ("", "&include_proactive=true"))
    total = {name: sum(cell["properties"]["events"] for cell in found["features"]) for name, found in
             (("out", out), ("in", put_in))}  # fmt: skip
    assert total["in"] > total["out"]
    assert put_in["provenance"]["parameters"]["proactive"] == "put in"
    refused = api.get(f"{asked}&harm_score=middle")
    assert refused.status_code == 400
    assert "Use one of lowest, highest" in refused.json()["detail"]
