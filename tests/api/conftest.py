"""The API over the demonstration area, in process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from geo_service.api import create_api
from geo_service.model.access import OPERATOR, Principal
from geo_service.workflows.policy import PRINCIPAL

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import Receive, Scope, Send

    from geo_service.workflows.services import Office

ORIGIN = "http://127.0.0.1:8800"


@pytest.fixture(scope="module")
def api(office: Office, client_of: Callable[..., Any]) -> Any:  # noqa: ANN401 - the conftest's client
    """Return a client of the API itself, without the gate, which would say who asks."""
    site = create_api(office)

    async def asked(scope: Scope, receive: Receive, send: Send) -> None:
        await site({**scope, PRINCIPAL: Principal("tests", OPERATOR)}, receive, send)

    client = client_of(asked, ORIGIN)
    client.site = site
    return client
