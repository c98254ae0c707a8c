"""Answers: which format is sent, and what leads on from a page."""

from __future__ import annotations

import datetime as dt
import io
import re
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import parse_qs, urlsplit

import polars as pl
import pytest

from geo_service.workflows import tables

if TYPE_CHECKING:
    import httpx

    from geo_service.workflows.services import Services

Client: TypeAlias = Any
"""The conftest's client; tests are no package to import it from."""
ITEMS = "/collections/streets/items"
HOTSPOTS = "/hotspots?boundary=demonstration-wards&from=2025-08&to=2026-07"


@pytest.fixture(scope="module")
def number(demonstration: Services) -> int:
    """Return how many streets there are."""
    found = tables.collection(demonstration, "streets").rows.height
    assert 100 < found < 1_000
    return found


def links(answer: httpx.Response) -> dict[str, tuple[str, str]]:
    """Return (address, media type) by relation, as the Link header has them."""
    found = re.findall(r'<([^>]+)>; rel="([^"]+)"; type="([^"]+)"', answer.headers["link"])
    return {rel: (href, media_type) for href, rel, media_type in found}


def parameters(address: str) -> dict[str, list[str]]:
    return parse_qs(urlsplit(address).query)


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("", "application/geo+json"),
        ("*/*", "application/geo+json"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "application/geo+json"),
        ("application/geo+json, application/json", "application/geo+json"),
        ("text/csv", "text/csv; charset=utf-8"),
        ("TEXT/CSV ; q=0.5, */*;q=0.1", "text/csv; charset=utf-8"),
        ("text/csv, application/json;q=0.9", "text/csv; charset=utf-8"),
        ("text/csv;q=0.2, application/json", "application/geo+json"),
        ("text/csv;q=0", "application/geo+json"),
        ("text/csv-schema", "application/geo+json"),
        ("text/csv;q=very", "application/geo+json"),
        (",;q=,;;", "application/geo+json"),
    ],
)
def test_the_format_follows_what_is_accepted(api: Client, accept: str, media_type: str) -> None:
    answer = api.get(f"{ITEMS}?limit=1", headers={"accept": accept})
    assert answer.headers["content-type"] == media_type


@pytest.mark.parametrize(
    ("form", "media_type"),
    [("csv", "text/csv; charset=utf-8"), ("json", "application/geo+json"), ("geojson", "application/geo+json")],
)
@pytest.mark.parametrize("accept", ["text/csv", "application/geo+json"])
def test_the_parameter_f_wins_over_what_is_accepted(api: Client, form: str, media_type: str, accept: str) -> None:
    answer = api.get(f"{ITEMS}?limit=1&f={form}", headers={"accept": accept})
    assert answer.headers["content-type"] == media_type


def test_a_page_links_to_itself_to_the_other_format_and_to_the_next(api: Client, number: int) -> None:
    address = f"{api.base_url}{ITEMS}?bbox=-9,49,2,61&limit=10&offset=20"
    answer = api.get(address)
    body, found = answer.json(), links(answer)
    assert {each["rel"]: (each["href"], each["type"]) for each in body["links"]} == found
    assert set(found) == {"self", "alternate", "next"}
    assert parameters(found["self"][0]) == {"bbox": ["-9,49,2,61"], "limit": ["10"], "offset": ["20"]}
    assert parameters(found["next"][0]) == {"bbox": ["-9,49,2,61"], "limit": ["10"], "offset": ["30"]}
    assert api.get(found["alternate"][0]).headers["content-type"].startswith(found["alternate"][1])
    assert (body["numberMatched"], body["numberReturned"]) == (number, 10)
    assert (answer.headers["ogc-numbermatched"], answer.headers["ogc-numberreturned"]) == (str(number), "10")


def test_the_last_page_leads_nowhere_and_one_beyond_it_is_empty(api: Client, number: int) -> None:
    assert "next" in links(api.get(f"{ITEMS}?limit=50&offset={number - 51}"))
    assert "next" not in links(api.get(f"{ITEMS}?limit=50&offset={number - 50}"))
    beyond = api.get(f"{ITEMS}?offset=5000")
    assert (beyond.status_code, beyond.json()["features"], beyond.json()["numberMatched"]) == (200, [], number)
    assert "next" not in links(beyond)


def test_the_next_page_of_a_csv_is_a_csv_also_where_only_the_header_asked_for_it(api: Client, number: int) -> None:
    first = api.get(f"{ITEMS}?limit={number - 1}", headers={"accept": "text/csv"})
    address, media_type = links(first)["next"]
    second = api.get(address)
    assert second.headers["content-type"].startswith(media_type)
    read = [pl.read_csv(io.BytesIO(answer.content), infer_schema=False) for answer in (first, second)]
    assert pl.concat(read)["id"].n_unique() == number


def test_a_csv_that_is_not_the_whole_says_so_in_every_row(api: Client, number: int) -> None:
    def notes(query: str) -> pl.Series:
        return pl.read_csv(io.BytesIO(api.get(f"{ITEMS}?f=csv{query}").content), infer_schema=False)["notes"]

    first, last, whole = notes("&limit=60"), notes("&offset=60"), notes("")
    assert first.str.starts_with(f"Features 1 to 60 of {number}; the next ones begin at offset=60. ").all()
    assert last.str.starts_with(f"Features 61 to {number} of {number}. ").all()
    assert not whole.str.contains(f"of {number}").any()


def test_more_than_the_maximum_is_cut_down_to_it(api: Client) -> None:
    # OGC API Features 1.0.1, fc-limit-response-1: a limit above the maximum is no error.
    answer = api.get(f"{HOTSPOTS}&cells=all&resolution=11&limit=20000")
    assert answer.status_code == 200
    assert answer.json()["numberReturned"] == 10_000
    assert "next" in links(answer)


def test_the_pages_of_a_question_are_of_one_data_version(api: Client) -> None:
    first = api.get(f"{HOTSPOTS}&limit=20")
    version = str(first.json()["provenance"]["data_version"])
    assert parameters(links(first)["next"][0])["as_of"] == [version]
    assert "as_of" not in parameters(links(first)["self"][0])


def test_head_is_answered_like_get(api: Client) -> None:
    for path in ("/", "/collections", ITEMS, f"{HOTSPOTS}&f=csv", "/collections/unicorns"):
        asked, headed = api.get(path), api.request("HEAD", path)
        assert headed.status_code == asked.status_code
        assert headed.headers == asked.headers


@pytest.mark.parametrize("form", ["csv", "geojson"])
def test_every_answer_with_features_says_its_marks_inside_and_in_its_name(
    api: Client, demonstration: Services, form: str
) -> None:
    version, last = demonstration.store.snapshot().version, demonstration.today() + dt.timedelta(days=28)
    listed = [each["id"] for each in api.get("/collections").json()["collections"]]
    paths = [f"/collections/{each}/items?limit=3&f={form}" for each in listed]
    for path in (*paths, f"{HOTSPOTS}&limit=3&f={form}"):
        answer = api.get(path)
        kind, name = re.fullmatch(r'(\w+); filename="(.+)"', answer.headers["content-disposition"]).groups()  # type: ignore[union-attr]
        assert kind == ("attachment" if form == "csv" else "inline")
        assert name.startswith("DEMONSTRATION-OFFICIAL-")
        if form == "csv":
            rows = pl.read_csv(io.BytesIO(answer.content), infer_schema=False)
            if rows.is_empty():  # nothing to mark, and a name that says it all the same
                assert f"-v{version}-" in name
                continue
            row = rows.row(0, named=True)
        else:
            row = answer.json()
        assert (row["marking"], str(row["data_version"])) == ("OFFICIAL", str(version))
        if row["destroy_after"] == "public, no destroy-after":
            assert name.endswith(f"-v{version}-public-no-destroy-after.{form}")
            assert re.search("boundaries|ground|pspo", path)
        else:
            assert row["destroy_after"] == str(last)
            assert name.endswith(f"-v{version}-destroy-after-{last}.{form}")


def test_one_feature_says_its_marks_too(api: Client, demonstration: Services) -> None:
    zones = api.get("/collections/zones/items").json()
    answer = api.get(f"/collections/zones/items/{zones['features'][0]['id']}")
    said = {name: zones[name] for name in ("marking", "data_version", "destroy_after")}
    assert said.items() <= answer.json().items()
    assert f"-destroy-after-{said['destroy_after']}.geojson" in answer.headers["content-disposition"]


@pytest.mark.parametrize("cells", ["chosen", "all"])
def test_the_pages_of_a_question_are_the_whole_answer_in_order_of_rank(api: Client, cells: str) -> None:
    whole = api.get(f"{HOTSPOTS}&cells={cells}").json()
    address, paged = f"{HOTSPOTS}&cells={cells}&limit={whole['numberMatched'] // 3 + 1}", []
    while address:
        page = api.get(address)
        assert page.json()["numberMatched"] == whole["numberMatched"]
        paged += page.json()["features"]
        address = links(page).get("next", ("", ""))[0]
    assert [feature["properties"]["rank"] for feature in paged] == list(range(1, whole["numberMatched"] + 1))
    assert paged == whole["features"]
