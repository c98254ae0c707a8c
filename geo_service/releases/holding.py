"""A release that somebody serves is held, so that nobody takes it away from under them.

Whoever reads a release locks its folder together with others (flock) for as long as they keep it; whoever removes it
locks the folder alone. Locks end with their process, so that a site that was killed holds nothing back.
"""

from __future__ import annotations

import errno
import fcntl
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def hold(folder: Path) -> int:
    """Hold a folder until what is returned is closed; raise FileNotFoundError where it is not there, or on its way out.

    On a disk that knows no locks it is not held: serving goes before pruning.
    """
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise FileNotFoundError(errno.ENOENT, "it is being removed", str(folder)) from None
    except OSError:
        pass
    return handle


@contextmanager
def alone_with(folder: Path) -> Iterator[bool]:
    """Say whether nobody holds a folder, and let nobody begin to meanwhile; False too where locks are not known."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
        else:
            yield True
    finally:
        os.close(handle)
