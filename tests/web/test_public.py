"""The public site: complete, quiet and safe."""

from __future__ import annotations

import datetime as dt
import re
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from starlette.routing import Route

from geo_service.errors import FaultError
from geo_service.model.access import Audience
from geo_service.model.release import FixedReleases
from geo_service.web.public import LEAVE_TO, create_public
from geo_service.workflows.policy import policies

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from geo_service.model.layers import FeatureTable
    from geo_service.model.release import PublicRelease

PAGES = ("/", "/?show=open", "/about", "/nowhere")


@pytest.fixture
def open_site(
    release: Callable[..., PublicRelease], client_of: Callable[..., Any], noon: dt.datetime, assets: Path
) -> Callable[..., Any]:
    def build(at: dt.datetime = noon, **values: bool) -> object:
        return client_of(create_public(FixedReleases(release(**values)), clock=lambda: at, assets=assets))

    return build


def test_every_place_is_in_the_list_with_what_is_known_of_it(open_site: Callable[..., Any]) -> None:
    page = open_site().get("/").text
    for fact in (
        "Harbour Library", "1 Quay Street, Northmere, ZZ1\u00a01AA", "Open now, closes in 40 minutes", "01632 960001",
        "Step-free entrance, toilet, quiet space, hearing loop", "English, Polish", "Last verified 1 March 2025.",
        "Monday to Saturday 09:00 to 12:40", "Not on the map: its position is not known yet.",
    ):  # fmt: skip
        assert fact in page


def test_the_emergency_numbers_come_before_the_list_and_the_map_after_it(open_site: Callable[..., Any]) -> None:
    page = open_site().get("/").text
    assert page.index("tel:999") < page.index("press 55") < page.index("Harbour Library") < page.index('id="map"')


def test_what_a_list_holds_is_shown_as_text_and_never_run(open_site: Callable[..., Any]) -> None:
    page = open_site().get("/").text
    assert "Corner Shop &lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>alert" not in page


@pytest.mark.parametrize("path", PAGES)
def test_every_page_can_be_left_and_has_a_neutral_title(open_site: Callable[..., Any], path: str) -> None:
    page = open_site().get(path).text
    assert f'href="{LEAVE_TO}"' in page
    title = re.search(r"<title>(.*)</title>", page)
    assert title is not None
    assert "Places and opening times" in title[1]
    assert not re.search(r"safe|crime|police|help", title[1], re.IGNORECASE)


@pytest.mark.parametrize("path", [*PAGES, "/places.json", "/static/leave.js", "/assets/web/site.css"])
def test_every_answer_carries_the_headers_and_no_cookie(open_site: Callable[..., Any], path: str) -> None:
    headers = open_site().get(path).headers
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"
    assert "geolocation=()" in headers["permissions-policy"]
    assert "set-cookie" not in headers


@pytest.mark.parametrize("path", PAGES)
def test_no_page_has_inline_script_or_style_or_names_another_origin(open_site: Callable[..., Any], path: str) -> None:
    page = open_site().get(path).text
    assert not re.search(r"\sstyle=|\son\w+=|<style|<script(?![^>]*\ssrc=)", page)
    assert set(re.findall(r'(?:src|href)="(https?://[^"]+)"', page)) == {LEAVE_TO}


@pytest.mark.parametrize("path", PAGES)
def test_a_site_with_unverified_places_says_so_on_every_page(open_site: Callable[..., Any], path: str) -> None:
    assert "2 of these places have not been verified" in open_site(show_unverified=True).get(path).text
    assert "have not been verified" not in open_site(show_unverified=False).get(path).text


@pytest.mark.parametrize("path", PAGES)
def test_the_demonstration_says_so_on_every_page(open_site: Callable[..., Any], path: str) -> None:
    assert "DEMONSTRATION" in open_site(demonstration=True).get(path).text
    assert "DEMONSTRATION" not in open_site(demonstration=False).get(path).text


def test_only_what_is_known_to_be_open_is_shown_when_that_is_asked_for(open_site: Callable[..., Any]) -> None:
    page = open_site().get("/?show=open").text
    assert "Showing 2 of 5 places" in page
    assert "Harbour Library" in page
    assert "Advice Centre" not in page


def test_when_nothing_is_known_to_be_open_the_page_says_so_and_gives_999(
    release: Callable[..., PublicRelease], client_of: Callable[..., Any], noon: dt.datetime, assets: Path
) -> None:
    given = release()
    closed = given.places.rows.filter(given.places.rows["id"] == "p2")
    places = replace(given.places, rows=closed, geometry=given.places.geometry[1:2])
    site = create_public(FixedReleases(replace(given, places=places)), clock=lambda: noon, assets=assets)
    assert "No place here is known to be open now. In danger call 999." in client_of(site).get("/").text


def test_the_clock_of_the_page_is_london_s(open_site: Callable[..., Any]) -> None:
    evening = dt.datetime(2025, 6, 3, 21, 30, tzinfo=dt.UTC)
    assert "Worked out at 22:30 on 3 June 2025" in open_site(evening).get("/").text


def test_the_map_s_data_holds_pins_and_outlines_and_no_other_column(open_site: Callable[..., Any]) -> None:
    body = open_site().get("/places.json").json()
    assert [set(pin) for pin in body["pins"]] == [{"lon_lat", "state", "text", "name", "places"}] * 3
    assert [set(feature["properties"]) for feature in body["outline"]["features"]] == [{"id", "name"}] * 2


def test_there_is_no_description_of_the_interface_and_nothing_can_be_sent(open_site: Callable[..., Any]) -> None:
    client = open_site()
    assert [client.get(path).status_code for path in ("/docs", "/redoc", "/openapi.json")] == [404] * 3
    assert client.post("/").status_code == 405


def test_a_table_for_another_audience_is_refused(
    release: Callable[..., PublicRelease], table_of_places: Callable[..., FeatureTable]
) -> None:
    with pytest.raises(FaultError, match="Only public tables"):
        replace(release(), places=table_of_places(audience=Audience.FORCE))


def test_every_route_is_declared_public_and_an_undeclared_one_keeps_the_site_from_starting(
    release: Callable[..., PublicRelease], start: Callable[..., None], noon: dt.datetime, assets: Path
) -> None:
    site = create_public(FixedReleases(release()), clock=lambda: noon, assets=assets)
    assert {policy.audience if policy else None for _, policy in policies(site.routes)} == {Audience.PUBLIC}
    site.router.routes.append(Route("/forgotten", lambda request: None))
    with pytest.raises(FaultError, match="/forgotten"):
        start(site)


def test_a_fault_shows_no_traceback(
    release: Callable[..., PublicRelease], client_of: Callable[..., Any], assets: Path
) -> None:
    def broken() -> dt.datetime:
        raise RuntimeError("secret inner words")

    site = create_public(FixedReleases(release()), clock=broken, assets=assets)
    answer = client_of(site).get("/")
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert "999" in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_missing_front_end_files_are_named(
    release: Callable[..., PublicRelease], noon: dt.datetime, tmp_path: Path
) -> None:
    with pytest.raises(FaultError, match=r"web/site\.css.*make setup"):
        create_public(FixedReleases(release()), clock=lambda: noon, assets=tmp_path)


def test_the_public_site_imports_no_store() -> None:
    asked = "import sys, geo_service.web.public; print([m for m in sys.modules if m.startswith('geo_service.store')])"
    found = subprocess.run([sys.executable, "-c", asked], check=True, capture_output=True, text=True)
    assert found.stdout.strip() == "[]"
