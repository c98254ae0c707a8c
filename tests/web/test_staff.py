"""The staff site on the demonstration area: what a sergeant and an analyst get."""

from __future__ import annotations

import datetime as dt
import html
import io
import json
import re
import shutil
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import urlencode

import pypdf
import pytest

from geo_service.app import wire
from geo_service.errors import FaultError
from geo_service.formats import formats
from geo_service.model.access import OPERATOR, Principal, Role
from geo_service.settings import read_settings
from geo_service.web.staff import create_staff
from geo_service.workflows.finding import zones

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from geo_service.model.access import AuditEvent
    from geo_service.workflows.services import Office, Services

Client: TypeAlias = Any
"""The conftest's client; tests are no package to import it from."""
HOST = "127.0.0.1:8001"


@pytest.fixture(scope="module")
def office(demonstration_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Open a copy of the demonstration area: questions and views are written into it."""
    office = wire(read_settings(shutil.copytree(demonstration_dir, tmp_path_factory.mktemp("staff") / "demo")))
    yield office
    office.doers.close()


@pytest.fixture(scope="module")
def demonstration(office: Office) -> Services:
    return office.services(Principal("tests", OPERATOR))


@pytest.fixture(scope="module")
def events(office: Office) -> Callable[[int], Sequence[AuditEvent]]:
    return office.services(Principal("auditor", frozenset({Role.AUDITOR}))).store.events


@pytest.fixture
def staff(office: Office, client_of: Callable[..., Any], assets: Path) -> Client:
    client = client_of(create_staff(office, token="link", allowed_hosts=[HOST], assets=assets))
    assert client.get("/sign-in?token=link").status_code == 200
    return client


def newest_run(staff: Client) -> str:
    found = re.search(r'href="/runs/([0-9a-f]{8})"', staff.get("/").text)
    assert found is not None
    return found[1]


def send(staff: Client, **values: str) -> Any:  # noqa: ANN401 - an answer of the client
    return staff.post(
        "/find",
        content=urlencode(values),
        headers={"origin": f"http://{HOST}", "content-type": "application/x-www-form-urlencoded"},
    )


@pytest.mark.parametrize("path", ["/", "/find", "/history", "/runs/latest", "/no-such-page", "/runs/nothing"])
def test_every_page_is_marked_top_and_bottom_and_says_demonstration(staff: Client, path: str) -> None:
    page = staff.get(path).text
    assert page.count('<p class="app-marking') == 2
    assert page.count(">OFFICIAL<") == 2
    assert "<strong>DEMONSTRATION</strong>" in page


@pytest.mark.parametrize("path", ["/", "/find", "/history", "/runs/latest"])
def test_no_page_has_inline_script_or_style_or_names_another_origin(staff: Client, path: str) -> None:
    page = staff.get(path).text
    assert not re.search(r"\sstyle=|\son\w+=|<style|<script(?![^>]*\ssrc=)", page)
    assert not re.search(r'(?:src|href)="https?://', page)


def test_the_start_page_lists_zones_cameras_and_places_beside_the_map(staff: Client) -> None:
    page = staff.get("/").text
    for words in ("CCTV, fixed cameras (", "Safe Places (", "Data version", "Patrol sheet of zones 1 to 4", 'id="map"'):
        assert words in page


def drawn(page: str) -> dict[str, Any]:
    """Return the layers of a page's map by their title, the base map left out."""
    found = re.search(r'data-layers="([^"]*)"', page)
    assert found is not None
    return {layer["title"]: layer for layer in json.loads(html.unescape(found[1])) if layer["role"] != "basemap"}


def test_the_map_s_layers_travel_in_the_page(staff: Client) -> None:
    layers = drawn(staff.get("/").text)
    assert {"Boundaries", "Patrol zones", "CCTV, fixed cameras", "Safe Places"} < set(layers)
    for title, layer in layers.items():
        assert layer["data"]["type"] == "FeatureCollection"
        assert layer["data"]["features"], title


@pytest.mark.parametrize("path", ["/", "/runs/latest", "zone"])
def test_a_page_with_a_map_is_one_consultation_that_names_the_layers_shown(
    staff: Client, events: Callable[[int], Sequence[AuditEvent]], path: str
) -> None:
    if path == "zone":
        path = re.findall(r"/zones/[0-9a-f]{8}", staff.get("/").text)[0]
    before = len(events(1_000))
    layers = drawn(staff.get(path).text)
    written = events(1_000)
    assert len(written) == before + 1
    assert (written[0].act, written[0].what) == ("consultation", f"GET {path}")
    assert len(written[0].detail["layers"]) == len(layers)


@pytest.mark.parametrize("path", ["/", "/runs/latest"])
def test_a_map_that_cannot_be_written_down_is_not_shown(
    staff: Client, demonstration: Services, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    def refuse(*_: object) -> None:
        raise FaultError("The ledger cannot be written")

    monkeypatch.setattr(type(demonstration.store), "record", refuse)
    answer = staff.get(path)
    assert answer.status_code == 500
    assert "data-layers" not in answer.text


@pytest.mark.parametrize("path", ["/layers/cctv-redeployable.json", "/runs/latest/zones.json"])
def test_no_layer_is_had_beside_its_page(staff: Client, path: str) -> None:
    assert staff.get(path).status_code in {400, 404}


def test_the_form_begins_with_the_last_twelve_months_of_the_data(staff: Client, demonstration: Services) -> None:
    months = demonstration.store.snapshot().months()
    page = staff.get("/find").text
    assert f'<option value="{months[-12]}" selected' in page
    assert f'<option value="{months[-1]}" selected' in page
    assert 'value="public-place" selected' in page
    assert 'name="area_share" value="1.4"' in page


def test_a_question_leads_to_the_page_of_its_run_with_sentence_zones_and_what_is_missing(
    staff: Client, events: Callable[[int], Sequence[AuditEvent]]
) -> None:
    answer = send(staff, boundary="demonstration-wards", area_share="2", measure="harm")
    assert answer.status_code == 303
    page = staff.get(answer.headers["location"]).text
    for words in ("2.0 % of the area", "in-sample; PAI", "by harm", "Grid reference", "Where the numbers come from"):
        assert words in page
    assert [event.act for event in events(2)] == ["consultation", "combination: find zones"]


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("boundary", "", "Name the area"),
        ("boundary", "Atlantis", "Atlantis"),
        ("area_share", "200", "at most 100 %"),
        ("area_share", "0", "more than 0 %"),
        ("area_share", "much", "as a number of percent"),
        ("area_share", "nan", "as a number of percent"),
        ("from", "2025-13", "Not a month"),
        ("resolution", "7", "Unknown resolution"),
        ("resolution", "ten", "Choose one of the resolutions"),
        ("measure", "love", "Unknown measure"),
        ("statistic", "guess", "guess"),
        ("offence_set", "sins", "sins"),
    ],
)
def test_a_mistake_is_named_beside_its_field_and_above_the_form_and_all_input_is_kept(
    staff: Client, field: str, value: str, message: str
) -> None:
    filled = {"boundary": "demonstration-wards", "area_share": "3.3", field: value}
    answer = send(staff, **filled)
    assert answer.status_code in {400, 404}
    page = answer.text
    assert f'<a href="#{field}">' in page
    beside = page[page.index(f'id="{field}-error"') :]
    assert message in beside[: beside.index("</p>")]
    assert f'value="{value}"' in page
    assert ("3.3" in page) is (field != "area_share")
    assert "<title>Error: " in page


def test_a_period_that_ends_before_it_begins_is_said_at_its_end(staff: Client) -> None:
    page = send(staff, boundary="demonstration-wards", **{"from": "2026-03", "to": "2026-01"}).text
    assert "The period ends before it begins" in page
    assert '<a href="#to">' in page


def test_several_mistakes_are_said_at_once(staff: Client) -> None:
    page = send(staff, boundary="", area_share="x", resolution="y").text
    summary = page[page.index("There is a problem") : page.index('action="/find"')]
    assert summary.count("<li>") == 3


def test_what_is_typed_is_shown_as_text_and_never_run(staff: Client) -> None:
    page = send(staff, boundary='"><script>alert(1)</script>').text
    assert "<script>alert" not in page


def test_a_form_as_long_as_a_book_is_refused(staff: Client) -> None:
    assert send(staff, boundary="x" * 20_000).status_code == 413


def test_a_run_whose_data_was_erased_offers_no_sheet(
    staff: Client, demonstration: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = zones.zone_run(demonstration, "latest")
    pages = ["/", f"/runs/{run.id}", f"/zones/{run.zones[0].id}"]
    assert all("sheet.pdf" in staff.get(page).text and "were erased" not in staff.get(page).text for page in pages)
    monkeypatch.setattr(zones, "has_data", lambda *_: False)
    for page in pages:
        text = staff.get(page).text
        assert "incidents were erased since they were found" in text
        assert "Patrol sheet of" not in text


def test_a_zone_page_says_where_and_why(staff: Client) -> None:
    run = newest_run(staff)
    zone = re.search(r'href="(/zones/[0-9a-f]{8})"', staff.get(f"/runs/{run}").text)
    assert zone is not None
    page = staff.get(zone[1]).text
    for words in ("Grid reference", "Ward", "What happened here", "Rank", "Patrol sheet of this zone"):
        assert words in page


def test_a_zone_page_shows_the_ten_commonest_offences_and_folds_the_rest(staff: Client) -> None:
    page = staff.get(re.findall(r"/zones/[0-9a-f]{8}", staff.get("/").text)[0]).text
    at_once, _, folded = page.partition("<details")
    assert at_once.count('<td class="govuk-table__cell">') == 10
    rarer = re.search(r"(\d+) rarer offences", folded)
    assert rarer is not None
    assert folded.count('<td class="govuk-table__cell">') == int(rarer[1])


DOWNLOADS = {
    **{
        f"/runs/latest/{table}.{form.suffix.lstrip('.')}": (form.suffix, form.media_type.partition(";")[0])
        for table in ("zones", "cells")
        for form in formats().values()
    },
    "/runs/latest/map.html": (".html", "text/html"),
    "/runs/latest/sheet.pdf": (".pdf", "application/pdf"),
    "/zones/{zone_id}/sheet.pdf": (".pdf", "application/pdf"),
}


@pytest.mark.parametrize("path", DOWNLOADS)
def test_a_download_carries_its_marks_inside_and_in_its_name_and_is_a_disclosure_in_the_ledger(
    staff: Client, demonstration: Services, events: Callable[[int], Sequence[AuditEvent]], path: str
) -> None:
    suffix, media_type = DOWNLOADS[path]
    run = zones.zone_run(demonstration, "latest")
    answer = staff.get(path.format(zone_id=run.zones[0].id))
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith(media_type)
    last = demonstration.today() + dt.timedelta(days=28)
    version = demonstration.store.snapshot().version
    tail = f"-v{version}-destroy-after-{last}{suffix}"
    named = re.fullmatch(r'attachment; filename="(.+)"', answer.headers["content-disposition"])
    assert named is not None
    assert named[1].startswith("DEMONSTRATION-OFFICIAL-")
    assert named[1].endswith(tail)
    if suffix == ".pdf":
        assert answer.content.startswith(b"%PDF")
        metadata = pypdf.PdfReader(io.BytesIO(answer.content)).metadata
        assert metadata is not None
        assert metadata.keywords == f"OFFICIAL, data version {version}, destroy after {last.day} {last:%B %Y}"
    else:
        for word in ("OFFICIAL", str(version), str(last)):
            assert word in answer.text
    event = events(1)[0]
    assert (event.act, event.detail["file"]) == ("disclosure", named[1])


PLAN_FILES = {"/plans/{plan_id}/list.{suffix}", "/plans/{plan_id}/{paper}.pdf"}
"""Downloaded in the tests of the pages of plans."""
PLACE_FILES = {"/places/coverage.csv"}
"""Downloaded in the tests of the coordinator's pages."""


def test_every_route_that_hands_out_a_file_is_downloaded_above(staff: Client) -> None:
    files = {
        route.path
        for route in staff.app.routes
        if re.search(r"\.(\{suffix\}|\w+)$", route.path)
        and not route.path.startswith(("/audit", "/assets", "/static", "/map"))
        and route.path not in PLAN_FILES | PLACE_FILES
    }
    assert files == {
        "/runs/{run_id}/{table}.{suffix}",
        "/runs/{run_id}/map.html",
        "/runs/{run_id}/sheet.pdf",
        "/zones/{zone_id}/sheet.pdf",
    }


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/runs/latest/zones.docx", 400),
        ("/runs/latest/people.csv", 404),
        ("/runs/00000000", 404),
        ("/zones/00000000", 404),
        ("/zones/00000000/sheet.pdf", 404),
        ("/runs/latest/sheet.pdf?for=tomorrow", 400),
        ("/runs/latest/sheet.pdf?zone=nothing", 404),
        ("/nowhere", 404),
    ],
)
def test_a_wrong_address_gets_a_page_that_says_so(staff: Client, path: str, status: int) -> None:
    answer = staff.get(path)
    assert answer.status_code == status
    assert "<h1" in answer.text
    assert "Traceback" not in answer.text


def test_a_fault_is_a_plain_page_without_its_inner_words(
    staff: Client, demonstration: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("secret inner words")

    monkeypatch.setattr("geo_service.web.staff_pages.history.versions", broken)
    answer = staff.get("/history")
    assert answer.status_code == 500
    assert "fault of the program" in answer.text
    assert "secret" not in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_the_history_shows_versions(staff: Client) -> None:
    page = staff.get("/history").text
    assert "import incidents" in page
    assert "{" not in page
    assert "sha256" not in page
