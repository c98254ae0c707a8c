"""Every route, for every role, in three areas: as declared, and what is not declared is not there."""

from __future__ import annotations

import datetime as dt
import json
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
from geo_service.model.patrol import PlanRequest, Shift
from geo_service.model.periods import Period
from geo_service.settings import read_settings
from geo_service.web.gate import API_PATH
from geo_service.web.staff import create_staff
from geo_service.workflows.finding import zones
from geo_service.workflows.planning import plan
from geo_service.workflows.policy import policy_of, undeclared

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from fastapi import FastAPI

    from geo_service.model.hotspots import ZoneRun
    from geo_service.model.patrol import PatrolPlan
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
MUST_BE_SENT = {
    "/find": "boundary={team}&from=2025-08&to=2026-07&area_share=5",
    "/sign-out": "",
    "/sign-in": "",
    "/plan": "team={team}&date=2026-10-23&shift=15:00-23:00&officers=4",
    "/plans/{plan_id}/edit": "change=lock&visit={visit}&version={version}",
    "/plans/{plan_id}/again": "",
    "/visits/{plan_id}": "visit={visit}",
    "/places/new": "name=Tansy+Hall+{team}&town=Nonesuch",
    "/places/import": "",
    "/places/import/take": "name=d.csv&data=bmFtZQpUYW5zeSBJbm4K",
    "/places/reports/{report_id}": "version=1",
    "/places/publish": "unverified=no",
    "/places/use": "number=1",
    "/places/p/{place_id}/edit": "version=0&act=preview&name=Tansy+Hall",
    "/places/p/{place_id}/{act}": "version=0&next_review=",
}
"""Forms."""
MAY_BE = {
    "/places/new": {403, 409},
    "/places/import": {400},
    "/places/reports/{report_id}": {404},
    "/places/publish": {403},
    "/places/use": {403},
    "/places/p/{place_id}": {404},
    "/places/p/{place_id}/history": {404},
    "/places/p/{place_id}/edit": {404},
    "/places/p/{place_id}/{act}": {404, 409, 412},
}
"""What a role may be told all the same: the place is there from another role, is
in another area, or all of the force's is needed."""
JSON: dict[str, dict[str, object]] = {
    "/api/plans": {"team": "{team}", "date": "2026-10-24", "shift": "15:00-23:00", "officers": 4},
    "/api/plans/{planId}": {"change": "unlock", "visit": "{visit}"},
    "/api/visits": {"zone": "{zone}", "start": "2026-08-01 15:05", "end": "2026-08-01 15:20"},
}
"""Bodies of the API."""


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
    plans: dict[str, PatrolPlan]
    office: Office

    def plan(self, team: str) -> PatrolPlan:
        """Return the plan of a team as it is now."""
        sergeant = Principal("sergeant", frozenset({Role.SERGEANT}), (team,))
        return plan.find_plan(self.office.services(sergeant), self.plans[team].id)

    def sent(self, method: str, path: str, team: str) -> dict[str, Any]:
        """Return what must be sent with a request: a form, or JSON with the version that it was made on."""
        if method == "GET":
            return {}
        values = {"team": team, "zone": self.runs[team].zones[0].id}
        if re.search("plan_id|planId", path):
            now = self.plan(team)
            values |= {"version": str(now.version), "visit": now.visits[0].id}
        if path in MUST_BE_SENT:
            return {"content": MUST_BE_SENT[path].format(**values)}
        body = {name: word.format(**values) if isinstance(word, str) else word for name, word in JSON[path].items()}
        return {"content": json.dumps(body), "headers": {"if-match": f'"{values.get("version", "")}"'}}

    def ask(self, method: str, path: str, who: str, *, headers: dict[str, str] | None = None, **values: object) -> Any:  # noqa: ANN401 - an answer
        """Ask as somebody: pages by session, the API by key."""
        headers = {**(headers or {}), "content-type": "application/json"} if headers else {}
        headers |= {"origin": f"http://{HOST}"} if method != "GET" else {}
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
    runs, plans = {}, {}
    for team in TEAMS:
        sergeant = office.services(Principal("sergeant", frozenset({Role.SERGEANT}), (team,)))
        _, runs[team] = zones.find_zones(sergeant, HotspotQuery(team, YEAR, area_share=0.05))
        assert runs[team].zones
        shift = Shift.asked(dt.date(2026, 10, 30), "15:00-23:00")
        plans[team] = plan.make_plan(sergeant, PlanRequest(team, shift, officers=4))
        assert plans[team].visits
    gate = next(found for found in app.user_middleware if "sessions" in found.kwargs)
    return Site(app, client_of(app, f"http://{HOST}"), gate.kwargs["sessions"].cookie_name, runs, plans, office)


def routes(app: FastAPI) -> list[tuple[str, str, Policy]]:
    """List (method, path, policy) of every route below which no file of its own is asked for.

    Accounts are put by nobody whose area is a team's.
    """
    found = []
    for method, path, policy in walked(app.routes):
        assert policy is not None, path
        if method not in {"HEAD", "PUT"}:
            found.append((method, path, policy))
    return found


def walked(below: Iterable[Any], prefix: str = "") -> Iterator[tuple[str, str, Policy | None]]:
    """Yield every route with each of its methods, those of mounted applications included."""
    for route in below:
        path = f"{prefix}{getattr(route, 'path', '')}"
        declared = policy_of(getattr(route, "endpoint", None)) or policy_of(getattr(route, "app", None))
        if declared is None and getattr(route, "routes", None):
            yield from walked(route.routes, path)
        else:
            for method in sorted(getattr(route, "methods", None) or {"GET"}):
                yield method, path, declared


def filled(path: str, run: ZoneRun, team: str, who: str, plan_id: str = "", **other: str) -> str:
    """Fill in the parameters of a path with what belongs to one area."""
    values = {
        "run_id": run.id, "zone_id": run.zones[0].id, "table": "zones", "suffix": "csv", "collectionId": "zones",
        "featureId": run.zones[0].id, "account_id": who, "accountId": who, "id": who,
        "plan_id": plan_id, "planId": plan_id, "paper": "sheets", "report_id": "none", "act": "verify",
        "place_id": other.get("featureId", "nonesuch-07"),
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
        places = a_place(site, who) if role is Role.COORDINATOR else {}
        address = filled(path, site.runs[team], team, who, site.plans[team].id, **places)
        answer = site.ask(method, address, who, **site.sent(method, path, team))
        unknown = nothing[API_PATH if path.startswith(API_PATH) else "", team]
        if policy.roles & {role}:
            # An account that is not kept here may be missing, and nobody is at a zone of another day's plan now.
            may_be = {404} if "account" in path else {400} if path == "/visits/{plan_id}" else MAY_BE.get(path, set())
            assert answer.status_code < 400 or answer.status_code in may_be, (path, who)
            assert bare(answer) != bare(unknown)
        else:
            assert bare(answer) == bare(unknown), (path, who)
        asked += 1
    assert asked > 60


@pytest.mark.parametrize("role", [Role.OFFICER, Role.SERGEANT, Role.ANALYST])
def test_what_belongs_to_another_area_looks_as_what_does_not_exist(site: Site, role: Role) -> None:
    compared = 0
    for (method, path, policy), team, other in product(routes(site.app), TEAMS, TEAMS):
        if team == other or role not in policy.roles or not re.search("run_id|zone_id|featureId|plan_id|planId", path):
            continue
        who, theirs = name_of(role, team), site.runs[other]
        missing = replace(theirs, id="0" * 8, zones=(replace(theirs.zones[0], id="0" * 8),))
        sent, their_plan = site.sent(method, path, other), site.plans[other].id
        foreign = site.ask(method, filled(path, theirs, other, who, their_plan), who, **sent)
        unknown = site.ask(method, filled(path, missing, other, who, "0" * 8), who, **sent)
        assert foreign.status_code == unknown.status_code == 404, (path, who)
        said = foreign.text.replace(theirs.zones[0].id, "0" * 8).replace(theirs.id, "0" * 8)
        assert said.replace(their_plan, "0" * 8) == unknown.text
        compared += 1
    assert compared >= 20


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.ADMIN])
def test_a_safe_place_of_another_area_looks_as_one_that_does_not_exist(site: Site, role: Role) -> None:
    compared = 0
    acts = ("submit", "approve", "return", "verify", "suspend", "remove")
    for team, other in product(TEAMS, TEAMS):
        who = name_of(role, team)
        theirs = a_place(site, name_of(Role.COORDINATOR, other))["featureId"]
        if f'/places/p/{theirs}"' in site.ask("GET", "/places", who).text:
            continue
        for path, method in [
            ("", "GET"),
            ("/edit", "GET"),
            ("/history", "GET"),
            *((f"/{act}", "POST") for act in acts),
        ]:
            sent = {"content": "version=0&why=no"} if method == "POST" else {}
            foreign = site.ask(method, f"/places/p/{theirs}{path}", who, **sent)
            unknown = site.ask(method, f"/places/p/no-such-place{path}", who, **sent)
            assert foreign.status_code == unknown.status_code == 404, (path, who)
            assert foreign.text.replace(theirs, "no-such-place") == unknown.text
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
            team = TEAMS[0]
            address = filled(path, site.runs[team], team, "x", site.plans[team].id)
            answer = site.ask(method, address, "", **site.sent(method, path, team))
            (programs if path.startswith(API_PATH) else pages).add(bare(answer))
    pages.add(bare(site.ask("GET", "/nothing-here", "")))
    programs.add(bare(site.ask("GET", "/api/nothing-here", "")))
    assert len(pages) == len(programs) == 1
    assert {status for status, _, _ in pages | programs} <= {401, 403}
