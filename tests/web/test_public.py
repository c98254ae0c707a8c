"""The public site: complete, quiet and safe."""

from __future__ import annotations

import datetime as dt
import html
import re
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from starlette.routing import Route

from geo_service.errors import FaultError
from geo_service.model.access import Audience
from geo_service.model.place_reports import PlaceReport
from geo_service.model.release import FixedReleases, Gazetteer
from geo_service.web.public import LEAVE_TO, create_public
from geo_service.workflows.policy import policies

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from geo_service.model.layers import FeatureTable
    from geo_service.model.release import PublicRelease

GAZETTEER = Gazetteer(
    postcodes=pl.DataFrame({"postcode": ["ZZ1 1AA", "ZZ1 1AB"], "lon": [-1.001, -1.004], "lat": [55.001, 55.002]}),
    towns=pl.DataFrame({"name": ["Northmere", "Overton"], "lon": [-1.003, -1.02], "lat": [55.0015, 55.01]}),
    streets=pl.DataFrame({"name": ["Quay Street"], "town": ["Northmere"], "lon": [-1.001], "lat": [55.001]}),
)
PAGES = (
    "/", "/help", "/card", "/inside", "/leaving", "/easy", "/accessibility", "/about", "/place/p1", "/wrong/p1", "/ur/",
    "/nowhere",
)  # fmt: skip


class Kept:
    """Keep reports in memory."""

    def __init__(self) -> None:
        self.reports: list[PlaceReport] = []
        self.full = False

    def put(self, report: PlaceReport, sender: str) -> bool:
        """Keep one, unless full."""
        assert sender
        if not self.full:
            self.reports.append(report)
        return not self.full


@pytest.fixture
def inbox() -> Kept:
    return Kept()


@pytest.fixture
def open_site(
    release: Callable[..., PublicRelease], client_of: Callable[..., Any], noon: dt.datetime, assets: Path, inbox: Kept
) -> Callable[..., Any]:
    def build(at: dt.datetime = noon, gazetteer: Gazetteer = GAZETTEER, **values: bool) -> object:
        given = replace(release(**values), gazetteer=gazetteer)
        return client_of(create_public(FixedReleases(given), clock=lambda: at, assets=assets, inbox=inbox))

    return build


@pytest.mark.parametrize("path", ["/near", "/way", "/wrong/a"])
def test_a_form_that_is_too_long_is_told_what_to_do(open_site: Callable[..., Any], path: str) -> None:
    answer = open_site().post(path, data={"words": "x" * 20_000})
    assert answer.status_code == 413
    assert "Go back, write less, and send it again." in answer.text
    assert "not your doing" not in answer.text


def test_every_place_is_in_the_list_with_what_is_known_of_it(open_site: Callable[..., Any]) -> None:
    page = open_site().get("/").text
    for fact in (
        "Harbour Library", "1 Quay Street, Northmere, ZZ1\u00a01AA", "Open now, closes in 39 minutes", "01632 960001",
        "Step-free entrance, Toilet, Quiet space, Hearing loop", "English, Polish", "Last checked 1 March 2025.",
        "Monday to Saturday 09:00 to 12:40", "Mo-Sa 09:00-12:40; PH off", "Not on the map: nobody has said yet",
        "That is more than a year ago: check before you go.",
    ):  # fmt: skip
        assert fact in page


def test_the_emergency_numbers_come_before_the_list_and_the_map_after_it(open_site: Callable[..., Any]) -> None:
    page = open_site().get("/").text
    assert page.index("tel:999") < page.index("press 55") < page.index("where-hint") < page.index("Harbour Library")
    assert page.index("Harbour Library") < page.index('id="map"')


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
    assert ("/ur/" in path) or title[1] == "Places and opening times"
    assert not re.search(r"safe|crime|police|help", title[1], re.IGNORECASE)


@pytest.mark.parametrize("path", [*PAGES, "/map.json", "/static/leave.js", "/assets/web/public.css"])
def test_every_answer_carries_the_headers_and_no_cookie(open_site: Callable[..., Any], path: str) -> None:
    headers = open_site().get(path).headers
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"
    assert "geolocation=(self)" in headers["permissions-policy"]
    assert "set-cookie" not in headers


@pytest.mark.parametrize("path", PAGES)
def test_no_page_has_inline_script_or_style_or_names_another_origin(open_site: Callable[..., Any], path: str) -> None:
    page = open_site().get(path).text
    assert not re.search(r"\sstyle=|\son\w+=|<style|<script(?![^>]*\ssrc=)", page)
    # What an `itemprop` names is a word of a vocabulary: no browser asks for it.
    page = re.sub(r'<link itemprop="[^>]*>', "", page)
    assert set(re.findall(r'(?:src|href|action)="(https?://[^"]+)"', page)) == {LEAVE_TO}


@pytest.mark.parametrize("path", ["/", "/about", "/nowhere"])
def test_a_site_with_unverified_places_says_so_on_every_page(open_site: Callable[..., Any], path: str) -> None:
    assert "Nobody has checked 2 of these places yet." in open_site(show_unverified=True).get(path).text
    assert "Nobody has checked" not in open_site(show_unverified=False).get(path).text


@pytest.mark.parametrize("path", ["/", "/card", "/embed"])
def test_the_demonstration_says_so_on_every_page(open_site: Callable[..., Any], path: str) -> None:
    assert "DEMONSTRATION" in open_site(demonstration=True).get(path).text
    assert "DEMONSTRATION" not in open_site(demonstration=False).get(path).text


@pytest.mark.parametrize("path", ["/", "/easy"])
def test_a_drawing_fills_no_page_that_has_no_style_sheet(open_site: Callable[..., Any], path: str) -> None:
    drawn = re.findall(r"<svg[^>]*>", open_site().get(path).text)
    assert drawn
    assert all(re.search(r' width="\d+" height="\d+" ', one) for one in drawn)


def test_only_what_is_known_to_be_open_is_shown_when_that_is_asked_for(open_site: Callable[..., Any]) -> None:
    page = open_site().post("/near", data={"open": "yes"}).text
    assert re.findall(r'id="place-(\w+)"', page) == ["p1", "p4"]


def test_the_nearest_comes_first_with_how_far_it_is(open_site: Callable[..., Any]) -> None:
    page = open_site().post("/near", data={"at": "55.001,-1.001"}).text
    assert re.findall(r'id="place-(\w+)"', page) == ["p1", "p2", "p3", "p4"]
    # A straight line of 221 m by the geodesic of WGS 84 (GeographicLib), and three tenths more.
    assert "About 300 metres, 4 minutes&#39; walk" in page
    assert "1 more place is not shown here" in page


def test_a_town_a_street_and_a_postcode_are_found_and_stand_in_no_address(open_site: Callable[..., Any]) -> None:
    client = open_site()
    for where in ("Northmere", "quay street", "ZZ1 1AA"):
        answer = client.post("/near", data={"where": where})
        assert answer.status_code == 200
        assert "Places near " in answer.text
        assert "location" not in answer.headers
        assert not re.search(rf'(?:href|action|src)="[^"]*{where[:3]}', answer.text, re.IGNORECASE)


def test_what_is_not_found_says_so_and_still_lists_every_place(open_site: Callable[..., Any]) -> None:
    page = open_site().post("/near", data={"where": "<b>Atlantis</b>"}).text
    assert "It was not found here." in page
    assert "<b>" not in page
    assert page.count('class="app-place"') == 5


def test_when_nothing_is_open_near_it_is_said_first_with_the_ways_to_get_help(
    release: Callable[..., PublicRelease], client_of: Callable[..., Any], noon: dt.datetime, assets: Path
) -> None:
    given = replace(release(), gazetteer=GAZETTEER)
    evening = noon.replace(hour=3)
    site = create_public(FixedReleases(given), clock=lambda: evening, assets=assets)
    page = client_of(site).post("/near", data={"at": "55.001,-1.001"}).text
    said = [page.index(words) for words in (
        "No place is known to be open now within 15 minutes", "tel:999", "press 55", "tel:101",
        "registered for it beforehand", "999bsl.co.uk", "Open day and night", "Night Chapel", "Nearest first",
    )]  # fmt: skip
    assert said == sorted(said)


def test_the_way_to_a_place_warns_before_the_phone_s_own_map(open_site: Callable[..., Any]) -> None:
    page = open_site().post("/way", data={"place": "p4", "at": "55.001,-1.001"}).text
    assert "How to get to Night Chapel" in page
    assert page.index("may remember where you went") < page.index("geo:55.01000,-1.02000")
    assert open_site().post("/way", data={"place": "nowhere"}).status_code == 404


def test_the_way_from_a_street_that_there_are_two_of_is_said_only_once_one_is_chosen(
    open_site: Callable[..., Any],
) -> None:
    streets = pl.DataFrame({
        "name": ["Quay Street"] * 2, "town": ["Northmere", "Overton"], "lon": [-1.001, -1.02], "lat": [55.001, 55.01],
    })  # fmt: skip
    client = open_site(gazetteer=replace(GAZETTEER, streets=streets))
    page = client.post("/way", data={"place": "p4", "where": "Quay Street"}).text
    assert "Which one do you mean?" in page
    assert "How to get to" not in page
    forms = re.findall(r'action="/way"[^>]*>(.*?)<button[^>]*>([^<]*)', page)
    assert len(forms) == 2
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', forms[1][0]))
    assert fields["place"] == "p4"
    assert f"from {forms[1][1]}" in client.post("/way", data=fields).text


def test_the_way_to_a_place_that_nobody_knows_the_position_of_says_so_and_shows_no_map(
    open_site: Callable[..., Any],
) -> None:
    answer = open_site().post("/way", data={"place": "p5", "at": "55.001,-1.001"})
    assert answer.status_code == 200
    assert "There are no directions for this way." in answer.text
    assert "Not on the map: nobody has said yet where it is." in answer.text
    assert "geo:" not in answer.text


def test_an_address_of_an_answer_that_is_opened_again_shows_the_start(open_site: Callable[..., Any]) -> None:
    client = open_site()
    assert client.get("/near").text == client.get("/").text == client.get("/way").text


def test_a_page_is_the_same_packed_and_plain(open_site: Callable[..., Any]) -> None:
    client = open_site()
    plain = client.get("/", headers={"accept-encoding": "identity"})
    packed = client.get("/", headers={"accept-encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.text == plain.text


def test_only_the_page_for_other_sites_may_be_framed(open_site: Callable[..., Any]) -> None:
    client = open_site()
    assert "frame-ancestors *" in client.get("/embed").headers["content-security-policy"]
    assert "frame-ancestors 'none'" in client.get("/").headers["content-security-policy"]
    assert "<script" not in client.get("/embed").text


def test_what_is_wrong_goes_to_the_inbox_without_identity(
    open_site: Callable[..., Any], inbox: Kept, noon: dt.datetime
) -> None:
    client = open_site()
    assert "Thank you" in client.post("/wrong/p1", data={"reason": "hours", "words": "Shut at noon\x00."}).text
    assert inbox.reports == [PlaceReport("p1", "hours", "Shut at noon.", noon.date())]
    assert client.post("/wrong/p1", data={"reason": "nonsense"}).status_code == 422
    assert client.post("/wrong/elsewhere", data={"reason": "hours"}).status_code == 404
    assert client.post("/wrong/p1", data={"words": "x" * 40_000}).status_code != 200
    inbox.full = True
    assert client.post("/wrong/p1", data={"reason": "phone"}).status_code == 503
    assert len(inbox.reports) == 1


@pytest.mark.parametrize(
    ("path", "form"),
    [("/near", {"where": "nowhere"}), ("/way", {"place": "p1", "where": "nowhere"}), ("/wrong/p1", {"reason": "x"})],
)
def test_an_answer_that_asks_again_says_so_in_its_title_and_keeps_what_was_typed(
    open_site: Callable[..., Any], path: str, form: dict[str, str]
) -> None:
    page = open_site().post(path, data=form).text
    assert "<title>Error: Places and opening times</title>" in page
    assert re.search(r'<(?:p|div) [^>]*id="(?:where-error|problem)"[^>]* tabindex="-1"', page)
    if "where" in form:
        assert f'action="{path}"' in page
        assert re.search(r'<input [^>]*name="where" [^>]*value="nowhere"[^>]*where-error"', page)


@pytest.mark.parametrize("path", ["/cy/", "/ur/place/p1"])
def test_what_is_english_on_a_page_in_another_language_says_so(open_site: Callable[..., Any], path: str) -> None:
    page = open_site().get(path).text
    for text in ("Harbour Library", "1 Quay Street, "):
        tag = re.findall(rf"<(?:span|h1|dd)([^>]*)>{text}", page)[0]
        assert 'lang="en-GB"' in tag


ANSWERS = (
    ("/near", {"where": "ZZ1 1AA", "open": "yes"}),
    ("/near", {"where": "nowhere at all"}),
    ("/near", {"toilet": "yes"}),
    ("/near", {"at": "55.001,-1.001"}),
    ("/near", {"where": "High Street"}),
    ("/way", {"place": "p1", "where": "Overton"}),
    ("/way", {"place": "p1", "where": "nowhere at all"}),
    ("/way", {"place": "p1", "where": "High Street"}),
    ("/way", {"place": "p1", "where": ""}),
    ("/wrong/p1", {"reason": "other", "words": ""}),
    ("/wrong/p1", {"reason": "hours", "words": "Shut at <noon>"}),
)


@pytest.mark.parametrize(("path", "form"), ANSWERS)
def test_an_answer_is_had_in_another_language_with_all_that_was_asked(
    open_site: Callable[..., Any], inbox: Kept, path: str, form: dict[str, str]
) -> None:
    streets = pl.DataFrame(
        {"name": ["High Street"] * 2, "town": ["Northmere", "Overton"], "lon": [-1.001, -1.02], "lat": [55.001, 55.01]}
    )
    site = open_site(gazetteer=replace(GAZETTEER, streets=streets))
    welsh = site.post(f"/cy{path}", data=form).text
    kept = len(inbox.reports)
    wanted = {name: value for name, value in form.items() if value}
    forms = re.findall(r'<form class="app-again" method="post" action="([^"]+)"[^>]*>(.*?)</form>', welsh)
    assert {to for to, _ in forms} == {f"{prefix}{path}" for prefix in ("", "/pl", "/ur", "/pa", "/ro")}
    assert len(forms) == 6, "also where the draft says to read the English"
    for to, inside in forms:
        fields = {
            html.unescape(name): html.unescape(value)
            for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', inside)
        }
        assert wanted.items() <= fields.items() or fields.get("show") == "sent"
        again = site.post(to, data=fields).text
        code = {"": "en-GB"}.get(to.removesuffix(path), to[1:3])
        assert f'<html lang="{code}"' in again
        # The same again: the way back to Welsh carries the same.
        back = f'action="/cy{path}" autocomplete="off">{inside.partition("<button")[0]}<button'
        assert back in again
    assert len(inbox.reports) == kept, "to change the language sends nothing"


def test_a_fault_of_a_search_tells_nothing_of_what_was_asked(
    open_site: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*given: object, **named: object) -> None:
        raise ValueError(f"no such place: {given}, {named}")

    monkeypatch.setattr("geo_service.web.nearby.find_origin", broken)
    answer = open_site().post("/near", data={"where": "ZZ1 1AA"})
    assert answer.status_code == 500
    assert "ZZ1" not in answer.text + caplog.text


def test_when_nothing_is_known_to_be_open_the_page_says_so_and_gives_999(
    release: Callable[..., PublicRelease], client_of: Callable[..., Any], noon: dt.datetime, assets: Path
) -> None:
    given = release()
    closed = given.places.rows.filter(given.places.rows["id"] == "p2")
    places = replace(given.places, rows=closed, geometry=given.places.geometry[1:2])
    site = create_public(FixedReleases(replace(given, places=places)), clock=lambda: noon, assets=assets)
    assert "None is known to be open now. In danger call 999." in client_of(site).get("/").text


def test_the_clock_of_the_page_is_london_s(open_site: Callable[..., Any]) -> None:
    evening = dt.datetime(2025, 6, 3, 21, 30, tzinfo=dt.UTC)
    assert "Worked out at 22:30 on 3 June 2025" in open_site(evening).get("/").text


def test_the_map_s_data_holds_pins_and_outlines_and_no_other_column(open_site: Callable[..., Any]) -> None:
    body = open_site().get("/map.json").json()
    assert [set(pin) for pin in body["pins"]] == [{"lon_lat", "state", "shape", "places"}] * 3
    assert [set(feature["properties"]) for feature in body["outline"]["features"]] == [{"id", "name"}] * 2


def test_there_is_no_description_of_the_interface_and_nothing_can_be_sent_to_a_page(
    open_site: Callable[..., Any],
) -> None:
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
