"""The API over the demonstration area, in process and served by the command."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from geo_service.api import create_api
from geo_service.model.access import Audience

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from geo_service.workflows.services import Services

ORIGIN = "http://127.0.0.1:8800"


class Served(NamedTuple):
    """Say where the staff site is served, the key of its API, and where its data is."""

    origin: str
    key: str
    folder: Path

    @property
    def headers(self) -> dict[str, str]:
        """Return what lets a program in."""
        return {"Authorization": f"Bearer {self.key}"}


@pytest.fixture(scope="session")
def api(demonstration: Services, client_of: Callable[..., Any]) -> Any:  # noqa: ANN401 - the conftest's client
    """Return a client of the API itself, without the gate."""
    return client_of(create_api(demonstration, audience=Audience.FORCE), ORIGIN)


@pytest.fixture(scope="session")
def served(demonstration_dir: Path, command: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Serve a copy of the demonstration area: every question is written into its ledger.

    By the command and not in a thread: GDAL keeps Python's lock while it waits for an answer.
    """
    folder = tmp_path_factory.mktemp("served") / "demo"
    shutil.copytree(demonstration_dir, folder)
    arguments = [command, "--data-dir", folder, "serve", "--site", "staff", "--port", "0", "--json"]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as site:
        assert site.stdout is not None
        said = json.loads(site.stdout.readline())
        yield Served(said["api"].removesuffix("/api"), said["api_token"], folder)
        site.send_signal(signal.SIGINT)
