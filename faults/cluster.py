"""A private PostgreSQL server in a temporary folder, for as long as a test or a run needs it."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Self
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Sequence

# PostgreSQL refuses to run as root.
_USER = "postgres"


def binaries() -> Path | None:
    """Return the folder of the newest PostgreSQL server on this machine, None where there is none."""
    found = [Path(path).parent for path in [shutil.which("initdb")] if path]
    found += [path.parent for path in sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))]
    return found[-1] if found else None


class Cluster:
    """Run a server that only this machine's own processes reach, by a socket in its folder."""

    def __init__(self, tools: Path, *, settings: Sequence[str] = ()) -> None:
        """Make and start one with the programs in `tools`; `settings` are `name=value`."""
        self._tools = tools
        self.folder = Path(tempfile.mkdtemp(prefix="pg-"))
        self._settings = settings
        self._numbers = count(1)
        if os.geteuid() == 0:
            shutil.chown(self.folder, _USER)
        # Page checksums on, as an operator should have them; a language's order, because that is the harder case.
        self._run("initdb", "--auth=trust", "--data-checksums", "--encoding=UTF8", "--locale=C", *_icu(), f"-U{_USER}")
        self.start()

    def start(self) -> None:
        """Start the server and wait until it answers."""
        told = " ".join(f"-c {setting}" for setting in ("listen_addresses=''", *self._settings))
        # After a stop at once every file is synced before the server answers: minutes on a busy disk.
        waits = ("--wait", "--timeout=600", "--silent")
        self._run("pg_ctl", "start", *waits, f"--log={self.folder}/log", "-o", f"-k {self.folder} {told}")

    def stop(self, mode: str = "fast") -> None:
        """Stop the server; `immediate` is as good as a kill."""
        self._run("pg_ctl", "stop", "--wait", "--silent", f"--mode={mode}")

    def new_database(self) -> str:
        """Make an empty database and return its address."""
        name = f"ledger_{next(self._numbers)}"
        self.sql(f"CREATE DATABASE {name}")
        return self.url(name)

    def url(self, name: str) -> str:
        """Return the address of a database."""
        return f"postgresql://{_USER}@/{name}?host={quote(str(self.folder))}"

    def sql(self, statement: str, address: str = "") -> str:
        """Run a statement in a database as the owner of the server, and return what it printed."""
        psql = ["psql", "-d", address or self.url("postgres"), "-v", "ON_ERROR_STOP=1", "-qAtc", statement]
        done = subprocess.run(psql, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def close(self) -> None:
        """Stop the server and remove all of it."""
        if (self.folder / "data/postmaster.pid").exists():
            self.stop("immediate")
        shutil.rmtree(self.folder)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _run(self, program: str, *words: str) -> None:
        as_user = ["runuser", "-u", _USER, "--"] if os.geteuid() == 0 else []
        command = [*as_user, str(self._tools / program), *words, f"--pgdata={self.folder}/data"]
        # Files, not pipes: the server would keep a pipe open for as long as it runs.
        with (self.folder / "said").open("a") as said:
            subprocess.run(command, check=True, stdout=said, stderr=said, cwd="/")


def _icu() -> tuple[str, ...]:
    return ("--locale-provider=icu", "--icu-locale=en")
