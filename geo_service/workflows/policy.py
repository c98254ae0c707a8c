"""One policy per route: who may ask, and what the ledger calls the act.

It knows no web framework: a declaration is an attribute of the endpoint function (or of a mounted application), so that
the sites and the API, which are strangers to each other, share one mechanism.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

from geo_service.model.access import CONSULTATION, READERS, Audience, Role

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Endpoint = TypeVar("Endpoint")

RECORDED_BY_THE_WORKFLOW = ""
"""The act of an endpoint whose workflow writes to the ledger itself."""

PRINCIPAL: Final = "geo_service.principal"
"""Key of the ASGI scope under which the gate of the staff site leaves who asks, for pages and API."""

_ATTRIBUTE = "geo_service_policy"


class Policy(NamedTuple):
    """Say who may use a route and how its use is written down.

    Where they may look needs no declaration: what answers is a repository of whoever asks, in which nothing else is.
    """

    audience: Audience
    """PUBLIC: everybody, without being known."""
    roles: frozenset[Role]
    """Who else must have one of these roles."""
    act: str
    """Kind of act, or empty where the workflow records it. Public routes are never recorded."""


def declare(
    audience: Audience, *, roles: frozenset[Role] = READERS, act: str = CONSULTATION
) -> Callable[[Endpoint], Endpoint]:
    """Declare who may use an endpoint function or an application that is mounted, and what its use is."""

    def mark(endpoint: Endpoint) -> Endpoint:
        setattr(endpoint, _ATTRIBUTE, Policy(audience, roles, act))
        return endpoint

    return mark


def policy_of(endpoint: object) -> Policy | None:
    """Return what an endpoint declares, None where it declares nothing."""
    found = getattr(endpoint, _ATTRIBUTE, None)
    return found if isinstance(found, Policy) else None


def policies(routes: Iterable[object], prefix: str = "") -> list[tuple[str, Policy | None]]:
    """List (path, policy) of every route, those of mounted applications included.

    routes: objects with `path` and `endpoint`, or `path`, `app` and `routes` for a mount. A mounted application that
    declares itself (static files) answers for all below it. A route of any other kind counts as undeclared.
    """
    listed: list[tuple[str, Policy | None]] = []
    for route in routes:
        path = f"{prefix}{getattr(route, 'path', type(route).__name__)}"
        declared = policy_of(getattr(route, "endpoint", None)) or policy_of(getattr(route, "app", None))
        below = getattr(route, "routes", None)
        if declared is None and below:
            listed += policies(below, path)
        else:
            listed.append((path, declared))
    return listed


def undeclared(routes: Iterable[object]) -> list[str]:
    """List the paths of the routes that declare no audience."""
    return [path for path, policy in policies(routes) if policy is None]
