"""The staff site as its users start it, over an invented area, with people of several roles."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self
from urllib.parse import urlencode, urlsplit

from faults.raw import Answer, ask
from geo_service.app import wire
from geo_service.model.access import OPERATOR, Principal, Role
from geo_service.model.accounts import ACCOUNT, Account
from geo_service.settings import read_settings

if TYPE_CHECKING:
    from collections.abc import Mapping

PASSWORD: Final = "three odd penguins"  # noqa: S105 - of invented people, for as long as a run takes
PEOPLE: Final[Mapping[str, Role]] = {f"{role.value}.one": role for role in Role}
_COMMAND: Final = Path(sys.executable).with_name("geo-service")


def build(folder: Path) -> Path:
    """Build the invented area and return its data directory."""
    area = folder / "area"
    subprocess.run([_COMMAND, "--data-dir", area, "demo", "--build-only"], check=True, capture_output=True)
    return area


def people(area: Path) -> None:
    """Give somebody of each role an account in a data directory."""
    office = wire(read_settings(area))
    keeper = Principal("faults", OPERATOR)
    for name, role in PEOPLE.items():
        account = Account(name, name, frozenset({role}))
        office.services(keeper).store.items(ACCOUNT).put(name, account.content(), version=0)
        office.authority().set_password(name, PASSWORD, keeper)
    office.doers.close()


class StaffSite:
    """Serve a data directory by the command, until the end of the `with`."""

    def __init__(self, area: Path) -> None:
        """Start it on a free port of the loopback."""
        words = [str(_COMMAND), "--data-dir", str(area), "serve", "--site", "staff", "--port", "0", "--json"]
        self.process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None  # noqa: S101 - it was asked for
        said = json.loads(self.process.stdout.readline())
        self.host = urlsplit(said["api"]).netloc
        name, _, port = self.host.partition(":")
        self.address = name, int(port)

    def sign_in(self, name: str) -> str:
        """Return the Cookie header of a new session of somebody."""
        form = urlencode({"name": name, "password": PASSWORD})
        origin, kind = f"http://{self.host}", "application/x-www-form-urlencoded"
        answer = self.ask("POST", "/sign-in", {"Origin": origin, "Content-Type": kind}, form)
        return answer.header("set-cookie").partition(";")[0]

    def ask(self, method: str, path: str, fields: Mapping[str, str] | None = None, body: str = "") -> Answer:
        """Ask as a well-meant client does."""
        given = {"Host": self.host, "Connection": "close", **(fields or {})}
        if body:
            given["Content-Length"] = str(len(body))
        lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in given.items())]
        return ask(self.address, ("\r\n".join([*lines, "", ""]) + body).encode())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.send_signal(signal.SIGINT)
        self.process.communicate(timeout=60)
