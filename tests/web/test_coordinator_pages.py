"""The coordinator's pages: what a form does, what a lost race says, and who may open them."""

from __future__ import annotations

import base64
import csv
import io
import re
import shutil
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest

from geo_service.app import wire
from geo_service.model.access import Principal, Role
from geo_service.settings import read_settings
from geo_service.web.staff import create_staff
from geo_service.workflows.places import finding, keeping

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from geo_service.model.safe_places import SafePlace
    from geo_service.workflows.services import Office, Services

Answer: TypeAlias = Any
HOST = "127.0.0.1:8001"
PEOPLE = {"anna": Role.COORDINATOR, "ben": Role.COORDINATOR, "root": Role.ADMIN, "sid": Role.SERGEANT}
HALL = {"address": "3 Tansy Street", "town": "Nonesuch", "postcode": "ZZ9 0AL"}
CSV = (
    b"name,address,town,postcode\nTansy Inn,9 Tansy Street,Nonesuch,ZZ9 0BW\n"
    b"A women's refuge,1 Tansy Street,Nonesuch,\n"
)


class Known:
    """Stand in for the authority: whoever is known holds the session of their name."""

    known = {name: Principal(name, frozenset({role}), None, name) for name, role in PEOPLE.items()}  # noqa: RUF012

    def has_accounts(self) -> bool:
        """Close the one-time link."""
        return True

    def by_session(self, token: str) -> Principal | None:
        """Find a session."""
        return self.known.get(token)

    def by_key(self, key: str) -> Principal | None:
        """Find a key."""
        return self.known.get(key)


@dataclass(frozen=True)
class Site:
    """Ask the site as anybody."""

    client: Any
    cookie: str
    office: Office

    def services(self, who: str) -> Services:
        """Return the services of somebody."""
        return self.office.services(Known.known[who])

    def get(self, path: str, who: str = "anna") -> Answer:
        """Ask for a page."""
        self.client.cookies.clear()
        return self.client.request("GET", path, headers={"cookie": f"{self.cookie}={who}"})

    def post(self, path: str, who: str = "anna", **values: object) -> Answer:
        """Send a form from a page of the site."""
        self.client.cookies.clear()
        headers = {"cookie": f"{self.cookie}={who}", "origin": f"http://{HOST}"}
        return self.client.request("POST", path, headers=headers, **values)


@pytest.fixture(scope="module")
def site(
    demonstration_dir: Path, tmp_path_factory: pytest.TempPathFactory, client_of: Callable[..., Any], assets: Path
) -> Iterator[Site]:
    folder = shutil.copytree(demonstration_dir, tmp_path_factory.mktemp("coordinator") / "demo")
    office = replace(wire(read_settings(folder)), authority=Known)
    app = create_staff(office, allowed_hosts=[HOST], assets=assets)
    gate = next(found for found in app.user_middleware if "sessions" in found.kwargs)
    yield Site(client_of(app, f"http://{HOST}"), gate.kwargs["sessions"].cookie_name, office)
    office.doers.close()


def waiting(site: Site, name: str) -> SafePlace:
    """Return a place that anna asked for."""
    anna = site.services("anna")
    place = keeping.add(anna, {**HALL, "name": name})
    return keeping.submit(anna, place.id, place.version)


def test_a_place_is_added_asked_for_and_approved_by_forms(site: Site) -> None:
    added = site.post("/places/new", data={**HALL, "name": "Form Hall", "version": "0", "act": "save"})
    assert added.status_code == 303
    assert added.headers["location"] == "/places/p/form-hall-zz9-0al?done=add"
    page = site.get("/places/p/form-hall-zz9-0al").text
    assert "Ask for approval" in page
    assert site.post("/places/p/form-hall-zz9-0al/submit", data={"version": "1"}).status_code == 303
    assert "Another person has to approve it" in site.get("/places/p/form-hall-zz9-0al").text
    refused = site.post("/places/p/form-hall-zz9-0al/approve", data={"version": "2"})
    assert refused.status_code == 403
    assert "There is a problem" in refused.text
    assert site.post("/places/p/form-hall-zz9-0al/approve", "ben", data={"version": "2"}).status_code == 303
    history = site.get("/places/p/form-hall-zz9-0al/history").text
    assert history.index("Approved") < history.index("Asked for approval") < history.index("Added")


def test_a_lost_race_says_what_changed_and_keeps_what_was_written(site: Site) -> None:
    place = waiting(site, "Race Hall")
    keeping.edit(site.services("ben"), place.id, place.version, {"phone": "01632 960113"})
    lost = site.post(
        f"/places/p/{place.id}/edit", data={"version": str(place.version), "phone": "01632 960999", "act": "save"}
    )
    assert lost.status_code == 412
    assert "Telephone: 01632 960113 (was nothing)" in lost.text
    assert 'value="01632 960999"' in lost.text
    assert finding.find(site.services("anna"), place.id).fields["phone"] == "01632 960113"
    late = site.post(f"/places/p/{place.id}/suspend", data={"version": str(place.version), "why": "closed"})
    assert late.status_code == 412
    assert "edited by ben" in late.text


def test_an_import_shows_its_report_before_anything_is_written(site: Site) -> None:
    before = {place.id for place in finding.listed(site.services("anna"))}
    looked = site.post("/places/import", files={"file": ("list.csv", CSV, "text/csv")})
    assert looked.status_code == 200
    assert "Nothing has been written yet" in looked.text
    assert "Row 3, A women&#39;s refuge: not taken" in looked.text
    assert "Name: not taken" in looked.text
    assert {place.id for place in finding.listed(site.services("anna"))} == before
    sent = re.search(r'name="data" value="([^"]+)"', looked.text)
    assert sent is not None
    assert base64.b64decode(sent[1]) == CSV
    taken = site.post("/places/import/take", data={"name": "list.csv", "data": sent[1]})
    assert "1 place came in as drafts" in taken.text
    assert {place.id for place in finding.listed(site.services("anna"))} - before == {"tansy-inn-zz9-0bw"}


@pytest.mark.parametrize(
    ("values", "status", "says"),
    [
        ({"data": {"file": "x"}}, 400, "No file was sent"),
        ({"files": {"file": ("a.xlsx", b"PK", "x/y")}}, 400, "neither CSV nor GeoJSON"),
        ({"files": {"file": ("a.csv", b"", "text/csv")}}, 400, "is empty"),
        ({"files": {"file": ("a.csv", b"name\n" + b"x" * 1_100_000, "text/csv")}}, 413, "too large"),
    ],
)
def test_what_is_no_directory_is_said(site: Site, values: dict[str, Any], status: int, says: str) -> None:
    answer = site.post("/places/import", **values)
    assert answer.status_code == status
    assert says in answer.text


def test_a_form_that_is_too_long_is_told_what_to_do(site: Site) -> None:
    note = "\N{ARABIC LETTER BEH}" * 2_000  # as long as a note may be, six bytes for each letter
    added = site.post("/places/new", data={**HALL, "name": "Long Note Hall", "note": note, "act": "save"})
    assert added.status_code == 303
    answer = site.post("/places/new", data={**HALL, "name": "Longer Hall", "note": "x" * 100_000, "act": "save"})
    assert answer.status_code == 413
    assert "Go back, write less, and send it again" in answer.text
    assert "not your doing" not in answer.text


def test_hours_are_written_day_by_day_and_previewed(site: Site) -> None:
    days = {"day_Mo": "9am-5pm", "day_Tu": "09:00-17:00", "day_Su": "closed", "day_PH": "closed"}
    helped = site.post("/places/new", data={"name": "Hours Hall", "version": "0", "act": "hours", **days})
    assert 'value="Mo-Tu 09:00-17:00; PH off"' in helped.text
    assert "Monday to Tuesday 09:00 to 17:00" in helped.text
    wrong = site.post("/places/new", data={"name": "Hours Hall", "version": "0", "act": "hours", "day_Fr": "late"})
    assert wrong.status_code == 400
    assert "Times that cannot be read: Friday" in wrong.text


def test_what_is_wrong_with_a_field_stands_beside_it(site: Site) -> None:
    answer = site.post("/places/new", data={**HALL, "name": "Wrong Hall", "phone": "ask inside", "act": "save"})
    assert answer.status_code == 400
    assert 'href="#phone"' in answer.text
    assert 'id="phone-error"' in answer.text
    assert 'value="ask inside"' in answer.text


def test_publishing_says_what_changes_and_switches_back(site: Site) -> None:
    place = waiting(site, "Published Hall")
    keeping.approve(site.services("ben"), place.id, place.version)
    assert "New: Published Hall" in site.get("/places/publish?unverified=yes").text
    shown = site.services("anna").releases.number()
    assert "is shown on the public site" in site.post("/places/publish", data={"unverified": "yes"}).text
    assert site.services("anna").releases.number() != shown
    assert site.post("/places/use", data={"number": str(shown)}).status_code == 200
    assert site.services("anna").releases.number() == shown
    assert site.post("/places/use", data={"number": "x"}).status_code == 400


@pytest.mark.parametrize(
    "path", ["/places", "/places/new", "/places/publish", "/places/reports", "/places/p/nonesuch-05"]
)
def test_a_sergeant_finds_nothing_there(site: Site, path: str) -> None:
    assert site.get(path, "sid").status_code == 404
    assert site.get(path, "root").status_code == 200


def test_a_coordinator_sees_no_incident_in_the_coverage(site: Site) -> None:
    """The sergeant's gaps are counted from incidents; the coordinator is told that footfall is needed."""
    assert "Gaps: incidents" in site.get("/places/coverage", "sid").text
    page = site.get("/places/coverage").text
    assert "Gaps are found by evening footfall" in page
    assert "counted</p>" not in page
    assert site.get("/places/coverage?boundary=Quillholt").status_code == 200
    assert site.get("/places/coverage?boundary=Nowhere").status_code == 404


@pytest.mark.parametrize("show", ["all", "review", "waiting", "draft", "problems", "suspended", "<script>"])
def test_the_list_is_filtered(site: Site, show: str) -> None:
    answer = site.get(f"/places?show={show}")
    assert answer.status_code == 200
    assert "<script>" not in answer.text


def test_the_coverage_is_a_marked_file(site: Site) -> None:
    answer = site.get("/places/coverage.csv?boundary=Quillholt")
    assert answer.status_code == 200
    assert "DEMONSTRATION-OFFICIAL" in answer.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert {row["kind"] for row in rows} == {"area"}
    assert all(float(row["share_5"]) <= float(row["share_10"]) <= float(row["share_15"]) <= 1 for row in rows)
    assert {row["marking"] for row in rows} == {"OFFICIAL"}
