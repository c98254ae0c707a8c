"""The gate takes a host with a port for a host with a port, and for nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.datastructures import Headers

from geo_service.web.gate import Gate


@pytest.mark.parametrize(
    ("host", "answered"),
    [
        ("patrol.example", True),
        ("patrol.example:8443", True),
        ("127.0.0.1:8400", True),
        ("[::1]:8400", True),
        ("patrol.example:x@elsewhere.example", False),
        ("patrol.example:", False),
        ("patrol.example:8443:1", False),
        ("127.0.0.1:8400:1", False),
        ("127.0.0.1:84", False),
        ("elsewhere.example:patrol.example", False),
    ],
)
def test_a_host_is_answered_with_a_port_and_not_with_other_words_behind_a_colon(host: str, answered: bool) -> None:  # noqa: FBT001
    unused: Any = None
    gate = Gate(
        unused, routes=unused, sessions=unused, allowed_hosts=["patrol.example", "127.0.0.1:8400", "[::1]"],
        scheme="https", record=unused, refuse=unused,
    )  # fmt: skip
    refused = gate._stranger(Headers({"host": host}))
    assert (refused is None) is answered
