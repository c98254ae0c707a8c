"""Accounts by the API: read with their version, edited on the version that was read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from geo_service.api import create_api
from geo_service.app import wire
from geo_service.model.access import OPERATOR, Principal, Role
from geo_service.settings import Settings
from geo_service.workflows.policy import PRINCIPAL

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from starlette.types import ASGIApp, Receive, Scope, Send

BODY = {"name": "Jane", "roles": ["analyst"], "areas": None, "active": True}
KEEPER = Principal("keeper", OPERATOR)
NEW = {"If-None-Match": "*"}


def as_somebody(app: ASGIApp, principal: Principal) -> ASGIApp:
    """Return the application behind a gate that lets in one principal."""

    async def asked(scope: Scope, receive: Receive, send: Send) -> None:
        await app({**scope, PRINCIPAL: principal}, receive, send)

    return asked


@pytest.fixture
def api(tmp_path: Path, client_of: Any) -> Iterator[Any]:  # noqa: ANN401 - the test client has no module to name it by
    office = wire(Settings(data_dir=tmp_path / "data"))
    made = create_api(office)
    yield lambda principal=KEEPER: client_of(as_somebody(made, principal))
    office.doers.close()


def put(client: Any, body: dict[str, object] | None = None, name: str = "jane", **headers: str) -> Any:  # noqa: ANN401
    return client.request("PUT", f"/accounts/{name}", json=BODY | (body or {}), headers=headers)


def test_an_account_is_added_read_and_changed_by_its_etag(api: Any) -> None:  # noqa: ANN401
    client = api()
    added = put(client, **NEW)
    assert (added.status_code, added.headers["etag"]) == (201, '"1"')
    read = client.get("/accounts/JANE")
    assert (read.status_code, read.headers["etag"]) == (200, '"1"')
    assert read.json() == {"id": "jane", "subject": "", **BODY}
    changed = put(client, {"roles": ["officer"]}, **{"If-Match": read.headers["etag"]})
    assert (changed.status_code, changed.headers["etag"]) == (200, '"2"')
    assert client.get("/accounts").json() == {"accounts": [{"id": "jane", "subject": "", **BODY, "roles": ["officer"]}]}


def test_a_lost_race_is_412_and_says_what_changed_and_by_whom(api: Any) -> None:  # noqa: ANN401
    client = api()
    put(client, **NEW)
    put(api(Principal("boss", frozenset({Role.ADMIN}), None, "boss")), {"roles": ["officer"]}, **{"If-Match": '"1"'})
    lost = put(client, {"name": "Joan"}, **{"If-Match": '"1"'})
    assert lost.status_code == 412
    assert lost.headers["content-type"] == "application/problem+json"
    (what,) = lost.json()["changed"]
    assert (what["field"], what["by"]) == ("roles", "boss")
    assert "Read it again" in lost.json()["detail"]
    assert client.get("/accounts/jane").json()["name"] == "Jane"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 428),
        ({"If-None-Match": '"1"'}, 428),
        ({"If-None-Match": "*"}, 409),
        ({"If-Match": '"9"'}, 412),
        ({"If-Match": "*"}, 400),
        ({"If-Match": '"0"'}, 400),
        ({"If-Match": 'W/"1"'}, 400),
        ({"If-Match": "1"}, 400),
        ({"If-Match": '"1", "2"'}, 400),
        ({"If-Match": f'"{"9" * 30}"'}, 400),
    ],
)
def test_an_edit_says_on_which_version_it_was_made(api: Any, headers: dict[str, str], status: int) -> None:  # noqa: ANN401
    client = api()
    put(client, **NEW)
    refused = put(client, {"name": "Joan"}, **headers)
    assert (refused.status_code, refused.headers["content-type"]) == (status, "application/problem+json")
    assert client.get("/accounts/jane").json()["name"] == "Jane"


@pytest.mark.parametrize(
    "body",
    [
        {"roles": ["root"]},
        {"roles": []},
        {"roles": "analyst"},
        {"areas": ["nowhere"]},
        {"areas": 7},
        {"active": "yes"},
        {"colour": "red"},
        {"name": ""},
        {"name": None},
        {"subject": "x" * 256},
    ],
    ids=str,
)
def test_a_body_that_is_wrong_is_a_problem_and_changes_nothing(api: Any, body: dict[str, object]) -> None:  # noqa: ANN401
    client = api()
    refused = put(client, body, **NEW)
    assert (refused.status_code, refused.headers["content-type"]) == (400, "application/problem+json")
    assert client.get("/accounts").json() == {"accounts": []}


def test_admin_and_auditor_together_are_refused(api: Any) -> None:  # noqa: ANN401
    assert put(api(), {"roles": ["admin", "auditor"]}, **NEW).status_code == 403


def test_who_does_not_keep_accounts_is_refused_even_where_no_gate_stands_before(api: Any) -> None:  # noqa: ANN401
    put(api(), **NEW)
    client = api(Principal("x", frozenset({Role.ANALYST, Role.COORDINATOR}), None, "x"))
    for answer in (client.get("/accounts"), client.get("/accounts/jane"), put(client, **{"If-Match": '"1"'})):
        assert answer.status_code == 403


def test_an_unknown_account_is_404_and_other_methods_are_refused(api: Any) -> None:  # noqa: ANN401
    client = api()
    assert client.get("/accounts/nobody").status_code == 404
    assert put(client, **{"If-Match": '"1"'}).status_code == 404
    assert client.request("DELETE", "/accounts/jane").status_code == 405
    assert client.request("HEAD", "/accounts").status_code == 200
