"""What the data directory remembers of its ledger, so that a ledger that lost its end is found out."""

from __future__ import annotations

import json
import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

from geo_service.errors import FaultError
from geo_service.model.chain import START, Link, seal
from geo_service.store.disk import disk_fault

HEAD: Final = "head.json"


class Head(NamedTuple):
    """Name a ledger and the newest of its rows that were certainly committed."""

    store: str
    version: Link = START
    event: Link = START
    run: Link = START


def to_json(head: Head) -> str:
    """Return a head as JSON with a hash over it."""
    return json.dumps([*head, seal("", list(head))])


def from_json(text: str) -> Head:
    """Read a head back; raise ValueError for a damaged one."""
    try:
        *said, sha256 = json.loads(text)
        store, version, event, run = said
        head = Head(store, Link(*version), Link(*event), Link(*run))
    except TypeError as error:
        raise ValueError(str(error)) from error
    if seal("", list(head)) != sha256 or not isinstance(store, str):
        msg = "its hash is another"
        raise ValueError(msg)
    return head


class HeadFile:
    """Keep the head in the data directory; it may lag behind the ledger, never run ahead of it."""

    def __init__(self, root: Path, temporary: Path) -> None:
        """Keep it below `root`, written first in `temporary`."""
        self._path = root / HEAD
        self._temporary = temporary

    def read(self) -> Head | None:
        """Return the head; None where there is none. Raises ValueError for a damaged one, FaultError for a bad disk."""
        try:
            text = self._path.read_text("utf-8")
        except FileNotFoundError:
            return None
        except UnicodeDecodeError as error:
            raise ValueError(str(error)) from error
        except OSError as error:
            raise (disk_fault(error) or FaultError(f"{HEAD} cannot be read", found=error)) from error
        return from_json(text)

    def write(self, head: Head) -> None:
        """Write the head after the transaction that it tells of.

        What is committed stays committed where the head cannot be written: it then tells of less, which is true.
        Its name need not reach the disk at once for the same reason, but its bytes must before its name does.
        """
        content = to_json(head).encode()
        with suppress(OSError):
            handle, name = tempfile.mkstemp(dir=self._temporary, prefix="head-")
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(content)
                    file.flush()
                    os.fsync(file.fileno())
                Path(name).replace(self._path)
            except OSError:
                Path(name).unlink(missing_ok=True)
                raise

    def forget(self) -> None:
        """Remove the head."""
        self._path.unlink(missing_ok=True)
