"""The API over the demonstration area, in process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from geo_service.api import create_api
from geo_service.model.access import Audience

if TYPE_CHECKING:
    from collections.abc import Callable

    from geo_service.workflows.services import Services

ORIGIN = "http://127.0.0.1:8800"


@pytest.fixture(scope="session")
def api(demonstration: Services, client_of: Callable[..., Any]) -> Any:  # noqa: ANN401 - the conftest's client
    """Return a client of the API itself, without the gate."""
    return client_of(create_api(demonstration, audience=Audience.FORCE), ORIGIN)
