"""One policy per route, without a web framework."""

from __future__ import annotations

from types import SimpleNamespace

from geo_service.model.access import CONSULTATION, DISCLOSURE, READERS, Audience
from geo_service.workflows.policy import declare, policies, policy_of, undeclared


@declare(Audience.FORCE, act=DISCLOSURE)
def export() -> None: ...


@declare(Audience.PUBLIC)
def page() -> None: ...


def forgotten() -> None: ...


def route(path: str, endpoint: object) -> object:
    return SimpleNamespace(path=path, endpoint=endpoint)


def mount(path: str, app: object, routes: list[object]) -> object:
    return SimpleNamespace(path=path, app=app, routes=routes)


def test_an_endpoint_says_who_may_ask_and_what_the_ledger_calls_it() -> None:
    policy = policy_of(export)
    assert policy == (Audience.FORCE, READERS, "disclosure")
    assert policy_of(page) == (Audience.PUBLIC, READERS, CONSULTATION)
    assert policy_of(forgotten) is None


def test_a_route_without_a_policy_is_named_also_below_a_mount() -> None:
    api = mount("/api", SimpleNamespace(), [route("/zones", export), route("/cells", forgotten)])
    assert undeclared([route("/", page), api]) == ["/api/cells"]


def test_a_mounted_application_that_declares_itself_answers_for_its_routes() -> None:
    files = declare(Audience.PUBLIC)(SimpleNamespace())
    assert policies([mount("/static", files, [])]) == [("/static", (Audience.PUBLIC, READERS, CONSULTATION))]


def test_a_mount_without_routes_or_policy_and_a_route_of_an_unknown_kind_count_as_undeclared() -> None:
    assert undeclared([mount("/files", SimpleNamespace(), []), object()]) == ["/files", "object"]
