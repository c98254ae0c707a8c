"""Every route, for every role, in three areas: as declared, and what is not declared is not there."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest

from geo_service.api import create_api
from geo_service.app import wire
from geo_service.model.access import Audience, Principal, Role
from geo_service.model.hotspots import HotspotQuery
from geo_service.model.periods import Period
from geo_service.settings import read_settings
from geo_service.web.gate import API_PATH
from geo_service.web.staff import create_staff
from geo_service.workflows import zones
from geo_service.workflows.policy import policies, undeclared

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from fastapi import FastAPI

    from geo_service.model.hotspots import ZoneRun
    from geo_service.workflows.policy import Policy
    from geo_service.workflows.services import Office

Client: TypeAlias = Any
"""The conftest's client; tests are no package to import it from."""
HOST = "127.0.0.1:8001"
TEAMS = ("NSUCH-T1", "NSUCH-T2", "NSUCH-T3")
YEAR = Period.parse("2025-08", "2026-07")
YEAR_OF_TEAM = "from=2025-08&to=2026-07&boundary={team}"
QUERIES = {
    "/api/hotspots": YEAR_OF_TEAM,
    "/api/windows": YEAR_OF_TEAM,
    "/api/near-repeat": f"{YEAR_OF_TEAM}&offences=burglary&permutations=9",
    "/api/concentration": YEAR_OF_TEAM,
    "/api/backtest": "boundary={team}&statistics=recent&first_origin=22&ahead=1&shares=1.4",
    "/api/impact": "boundary={team}&to=2026-10&measure=count",
    "/api/evaluate/wdd": "before=2025-01..2025-06&after=2026-01..2026-06&treated={first}&comparison={second}",
}
"""What a route needs to be asked with."""
WARDS = {
    "NSUCH-T1": ("X99000001", "X99000002"),
    "NSUCH-T2": ("X99000004", "X99000005"),
    "NSUCH-T3": ("X99000006", "X99000007"),
    "NSUCH-T9": ("X99000091", "X99000092"),
}
"""Two wards of each area, and of none."""
MUST_BE_SENT = {"/find": "boundary={team}&from=2025-08&to=2026-07&area_share=5", "/sign-out": "", "/sign-in": ""}
"""Forms."""


def name_of(role: str, team: str) -> str:
    return f"{role}-{team}"


class Known:
    """Stand in for the authority: whoever has a role and an area holds the session and the key of that name."""

    def __init__(self) -> None:
        self.known = {
            name_of(role, team): Principal(name_of(role, team), frozenset({role}), (team,), name_of(role, team))
            for role, team in product(Role, TEAMS)
        }

    def has_accounts(self) -> bool:
        """Close the one-time link."""
        return True

    def by_session(self, token: str) -> Principal | None:
        """Find a session."""
        return self.known.get(token)

    def by_key(self, key: str) -> Principal | None:
        """Find a key."""
        return self.known.get(key)

    def sign_out(self, token: str) -> None:
        """Keep everybody signed in: the next question is asked as they are."""


@dataclass(frozen=True)
class Site:
    """Ask one site as anybody."""

    app: FastAPI
    client: Client
    cookie: str
    runs: dict[str, ZoneRun]

    def ask(self, method: str, path: str, who: str, **values: object) -> Any:  # noqa: ANN401 - an answer
        """Ask as somebody: pages by session, the API by key."""
        headers = {"origin": f"http://{HOST}"} if method == "POST" else {}
        self.client.cookies.clear()
        if who and path.startswith(API_PATH):
            headers["authorization"] = f"Bearer {who}"
        elif who:
            headers["cookie"] = f"{self.cookie}={who}"
        return self.client.request(method, path, headers=headers, **values)


@pytest.fixture(scope="module")
def office(demonstration_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    opened = wire(read_settings(shutil.copytree(demonstration_dir, tmp_path_factory.mktemp("policies") / "demo")))
    yield replace(opened, authority=Known)
    opened.doers.close()


@pytest.fixture(scope="module")
def site(office: Office, client_of: Callable[..., Any], assets: Path) -> Site:
    app = create_staff(office, allowed_hosts=[HOST], assets=assets)
    app.mount(API_PATH, create_api(office))
    runs = {}
    for team in TEAMS:
        sergeant = office.services(Principal("sergeant", frozenset({Role.SERGEANT}), (team,)))
        _, runs[team] = zones.find_zones(sergeant, HotspotQuery(team, YEAR, area_share=0.05))
        assert runs[team].zones
    gate = next(found for found in app.user_middleware if "sessions" in found.kwargs)
    return Site(app, client_of(app, f"http://{HOST}"), gate.kwargs["sessions"].cookie_name, runs)


def routes(app: FastAPI) -> list[tuple[str, str, Policy]]:
    """List (method, path, policy) of every route below which no file of its own is asked for."""
    found = []
    declared = dict(policies(app.routes))
    for path, policy in declared.items():
        assert policy is not None, path
        method = "POST" if path == "/sign-out" else "GET"
        found.append((method, path, policy))
        if path in {"/find", "/sign-in"}:
            found.append(("POST", path, policy))
    return found


def filled(path: str, run: ZoneRun, team: str, who: str, **other: str) -> str:
    """Fill in the parameters of a path with what belongs to one area."""
    values = {
        "run_id": run.id, "zone_id": run.zones[0].id, "table": "zones", "suffix": "csv", "collectionId": "zones",
        "featureId": run.zones[0].id, "account_id": who, "accountId": who, "id": who,
    } | other  # fmt: skip
    address = re.sub(r"{(\w+)(?::\w+)?}", lambda found: values[found[1]], path)
    first, second = WARDS[team]
    return f"{address}?{QUERIES[path].format(team=team, first=first, second=second)}" if path in QUERIES else address


def a_place(site: Site, who: str) -> dict[str, str]:
    """Return what whoever sees no zones can ask for: a Safe Place."""
    listed = site.ask("GET", f"{API_PATH}/collections/safe-places/items?limit=1", who).json()
    return {"collectionId": "safe-places", "featureId": listed["features"][0]["id"]}


def bare(answer: Any) -> tuple[int, bytes, str]:  # noqa: ANN401 - an answer
    return answer.status_code, answer.content, answer.headers.get("content-type", "")


def test_every_route_declares_itself(site: Site) -> None:
    assert undeclared(site.app.routes) == []
    assert len(routes(site.app)) > 20


@pytest.mark.parametrize("role", Role)
def test_every_route_answers_the_roles_that_it_declares_and_looks_unknown_to_all_others(site: Site, role: Role) -> None:
    asked = 0
    nothing = {
        (below, team): site.ask("GET", f"{below}/nothing-here", name_of(role, team))
        for below, team in product(("", API_PATH), TEAMS)
    }
    assert {answer.status_code for answer in nothing.values()} == {404}
    for (method, path, policy), team in product(routes(site.app), TEAMS):
        if policy.audience is Audience.PUBLIC:
            continue
        who = name_of(role, team)
        body = MUST_BE_SENT.get(path, "").format(team=team) if method == "POST" else None
        places = a_place(site, who) if role is Role.COORDINATOR else {}
        answer = site.ask(method, filled(path, site.runs[team], team, who, **places), who, content=body)
        unknown = nothing[API_PATH if path.startswith(API_PATH) else "", team]
        if policy.roles & {role}:
            # An account that is not kept here is the one thing that may be missing.
            assert answer.status_code < 400 or (answer.status_code == 404 and "account" in path), (path, who)
            assert bare(answer) != bare(unknown)
        else:
            assert bare(answer) == bare(unknown), (path, who)
        asked += 1
    assert asked > 60


@pytest.mark.parametrize("role", [Role.OFFICER, Role.SERGEANT, Role.ANALYST])
def test_what_belongs_to_another_area_looks_as_what_does_not_exist(site: Site, role: Role) -> None:
    compared = 0
    for (method, path, policy), team, other in product(routes(site.app), TEAMS, TEAMS):
        if team == other or role not in policy.roles or not re.search("run_id|zone_id|featureId", path):
            continue
        who, theirs = name_of(role, team), site.runs[other]
        missing = replace(theirs, id="0" * 8, zones=(replace(theirs.zones[0], id="0" * 8),))
        foreign = site.ask(method, filled(path, theirs, other, who), who)
        unknown = site.ask(method, filled(path, missing, other, who), who)
        assert foreign.status_code == unknown.status_code == 404, (path, who)
        said = foreign.text.replace(theirs.zones[0].id, "0" * 8).replace(theirs.id, "0" * 8)
        assert said == unknown.text
        compared += 1
    assert compared >= 20


@pytest.mark.parametrize("path", QUERIES)
@pytest.mark.parametrize("role", [Role.SERGEANT, Role.ANALYST])
def test_a_question_about_another_area_is_refused_as_one_about_no_area(site: Site, role: Role, path: str) -> None:
    def bare_of(text: str) -> str:
        # Which of one's own wards is likest what was asked for is no secret.
        return re.sub(r"NSUCH-T\d|X99\d+", "…", text)

    for team, other in product(TEAMS, TEAMS):
        answer = site.ask("GET", filled(path, site.runs[team], other, ""), name_of(role, team))
        assert (answer.status_code == 200) == (team == other), answer.text
        if team != other:
            unknown = site.ask("GET", filled(path, site.runs[team], "NSUCH-T9", ""), name_of(role, team))
            assert answer.status_code == unknown.status_code == 404
            assert bare_of(answer.text) == bare_of(unknown.text)


def test_zones_of_another_area_are_no_zones_to_ask_about(site: Site) -> None:
    """The run and the zones of somebody else, in every question that may name them."""
    own, theirs = site.runs["NSUCH-T1"], site.runs["NSUCH-T2"]
    who = name_of(Role.ANALYST, "NSUCH-T1")
    evaluated = QUERIES["/api/evaluate/wdd"].replace("treated=", "treated_zones=").replace("{second}", "X99000002")
    for address in (
        f"/api/windows?{YEAR_OF_TEAM.format(team='NSUCH-T1')}&run={{run}}",
        f"/api/evaluate/wdd?{evaluated.replace('{first}', '{zone}')}",
    ):
        assert site.ask("GET", address.format(run=own.id, zone=own.zones[0].id), who).status_code in {200, 422}
        foreign = site.ask("GET", address.format(run=theirs.id, zone=theirs.zones[0].id), who)
        unknown = site.ask("GET", address.format(run="0" * 8, zone="0" * 8), who)
        assert foreign.status_code == unknown.status_code == 404
        said = foreign.text.replace(theirs.zones[0].id, "0" * 8).replace(theirs.id, "0" * 8)
        assert said == unknown.text


def test_without_a_session_every_path_looks_alike(site: Site) -> None:
    pages, programs = set(), set()
    for method, path, policy in routes(site.app):
        if policy.audience is not Audience.PUBLIC:
            answer = site.ask(method, filled(path, site.runs[TEAMS[0]], TEAMS[0], "x"), "")
            (programs if path.startswith(API_PATH) else pages).add(bare(answer))
    pages.add(bare(site.ask("GET", "/nothing-here", "")))
    programs.add(bare(site.ask("GET", "/api/nothing-here", "")))
    assert len(pages) == len(programs) == 1
    assert {status for status, _, _ in pages | programs} <= {401, 403}
