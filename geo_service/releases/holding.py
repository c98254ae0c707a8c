"""A release that somebody serves is held, so that nobody takes it away from under them.

Whoever reads a release locks its folder together with others (flock) for as long as they keep it; whoever removes it
locks the folder alone. Locks end with their process, so that a site that was killed holds nothing back.
"""

from __future__ import annotations

import errno
import fcntl
import logging
import os
import weakref
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_LOG: Final = logging.getLogger(__name__)


class Hold:
    """Hold a folder until nobody refers to this any more."""

    def __init__(self, folder: Path) -> None:
        """Begin; raise FileNotFoundError where the folder is not there, or on its way out.

        On a disk that knows no locks it is not held: serving goes before pruning.
        """
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        weakref.finalize(self, os.close, handle)
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            raise FileNotFoundError(errno.ENOENT, "it is being removed", str(folder)) from None
        except OSError as error:
            _LOG.debug("%s cannot be held: %s", folder, error.strerror)


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
