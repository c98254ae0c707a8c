"""The base map of the staff site: a file that is read by ranges, and what a page says of it."""

from __future__ import annotations

import html
import json
import re
import shutil
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest
from pmtiles.reader import Reader

from geo_service.app import wire
from geo_service.model.access import OPERATOR, Principal
from geo_service.settings import read_settings
from geo_service.web.staff import create_staff
from geo_service.workflows.importing.basemaps import TILES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from geo_service.workflows.services import Office

Client: TypeAlias = Any
"""The conftest's client; tests are no package to import it from."""
HOST = "127.0.0.1:8001"
ADDRESS = "/map/basemap.pmtiles"


@pytest.fixture(scope="module")
def office(demonstration_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    office = wire(read_settings(shutil.copytree(demonstration_dir, tmp_path_factory.mktemp("map") / "demo")))
    yield office
    office.doers.close()


@pytest.fixture
def staff(office: Office, client_of: Callable[..., Any], assets: Path) -> Client:
    client = client_of(create_staff(office, token="link", allowed_hosts=[HOST], assets=assets))
    assert client.get("/sign-in?token=link").status_code == 200
    return client


@pytest.fixture
def content(office: Office) -> bytes:
    """Return the whole file."""
    kept = office.services(Principal("tests", OPERATOR)).store.snapshot().tiles(TILES)
    return kept.path.read_bytes()


def layers_of(page: str) -> list[dict[str, Any]]:
    found = re.search(r'data-layers="([^"]*)"', page)
    assert found is not None
    listed: list[dict[str, Any]] = json.loads(html.unescape(found[1]))
    return listed


def test_a_range_is_answered_with_exactly_its_bytes(staff: Client, content: bytes) -> None:
    answer = staff.get(ADDRESS, headers={"range": "bytes=100-299", "accept-encoding": "gzip"})
    assert answer.status_code == 206
    assert answer.content == content[100:300]
    assert answer.headers["content-range"] == f"bytes 100-299/{len(content)}"
    assert "content-encoding" not in answer.headers
    assert answer.headers["cache-control"] == "no-store"


def test_the_whole_file_is_answered_as_it_is(staff: Client, content: bytes) -> None:
    answer = staff.get(ADDRESS, headers={"accept-encoding": "gzip"})
    assert (answer.status_code, answer.content) == (200, content)
    assert answer.headers["accept-ranges"] == "bytes"
    assert "content-encoding" not in answer.headers


def test_a_range_of_another_file_gets_the_whole_of_this_one(staff: Client, content: bytes) -> None:
    tag = staff.get(ADDRESS, headers={"range": "bytes=0-0"}).headers["etag"]
    assert re.fullmatch(r'"[0-9a-f]{64}"', tag)
    same = staff.get(ADDRESS, headers={"range": "bytes=0-6", "if-range": tag})
    assert (same.status_code, same.content) == (206, b"PMTiles")
    other = staff.get(ADDRESS, headers={"range": "bytes=0-6", "if-range": '"another"'})
    assert (other.status_code, len(other.content)) == (200, len(content))


@pytest.mark.parametrize(("asked", "status"), [("bytes=999999999-", 416), ("pages=1-2", 400), ("bytes=5-1", 400)])
def test_a_range_that_is_not_there_is_refused(staff: Client, asked: str, status: int) -> None:
    assert staff.get(ADDRESS, headers={"range": asked}).status_code == status


def test_a_reader_of_pmtiles_reads_it_by_ranges(staff: Client) -> None:
    def read(offset: int, length: int) -> bytes:
        asked = staff.get(ADDRESS, headers={"range": f"bytes={offset}-{offset + length - 1}"})
        assert asked.status_code == 206
        return bytes(asked.content)

    names = {layer["id"] for layer in Reader(read).metadata()["vector_layers"]}
    assert {"roads", "streets", "rail", "water", "rivers", "wood", "park", "buildings", "landmarks"} <= names


def test_strangers_get_nothing(office: Office, client_of: Callable[..., Any], assets: Path) -> None:
    client = client_of(create_staff(office, token="link", allowed_hosts=[HOST], assets=assets))
    answer = client.get(ADDRESS, headers={"range": "bytes=0-6"})
    assert answer.status_code == 403
    assert b"PMTiles" not in answer.content


def test_each_map_names_the_tiles_and_what_must_be_said_with_them(staff: Client) -> None:
    start = staff.get("/").text
    run = re.search(r'href="(/runs/[^"/]+)"', start)[1]
    zone = re.search(r'href="(/zones/[^"/]+)"', start)[1]
    tag = staff.get(ADDRESS, headers={"range": "bytes=0-0"}).headers["etag"]
    for page in ("/", run, zone):
        first, *others = layers_of(staff.get(page).text)
        assert first["role"] == "basemap"
        assert first["url"] == f"{ADDRESS}?v={tag[1:17]}"
        assert first["licences"] == ["DEMONSTRATION: an invented place."]
        # What the tiles show does not travel in the page too.
        assert "ground" not in {layer["role"] for layer in others}


def test_without_a_base_map_everything_works_and_the_ground_is_drawn_as_before(
    demonstration_copy: Path, client_of: Callable[..., Any], assets: Path
) -> None:
    office = wire(read_settings(demonstration_copy))
    services = office.services(Principal("tests", OPERATOR))
    with services.store.stage() as staging:
        staging.drop_tiles(TILES)
        staging.commit("import basemap", services.principal, {})
    client = client_of(create_staff(office, token="link", allowed_hosts=[HOST], assets=assets))
    client.get("/sign-in?token=link")
    roles = [layer["role"] for layer in layers_of(client.get("/").text)]
    assert roles[:2] == ["ground", "outline"]
    assert client.get(ADDRESS).status_code == 404
    office.doers.close()
