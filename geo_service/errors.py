"""Say what was wrong, what was found and what to do.

GeoServiceError
├── UserError            the user can mend it: exit code 2
│   ├── InputError       a file or row cannot be taken (HTTP 400)
│   ├── QueryError       a parameter of a question is wrong (HTTP 400)
│   ├── NotFoundError    nothing of that name (HTTP 404)
│   ├── AccessError      not for this audience, host or link (HTTP 403)
│   ├── SignInError      name, password, key or link is not right, or too many were tried (HTTP 401)
│   ├── TooLargeError    more was sent than is taken (HTTP 413)
│   ├── UnconditionalError an edit does not say on which version it was made (HTTP 428)
│   └── ConflictError    somebody else changed it first (HTTP 409)
│       ├── BusyError     somebody else has been writing for longer than is waited (HTTP 503)
│       └── LostRaceError an edit was made on a version that is no longer the newest (HTTP 412)
└── FaultError           a fault of ours or of the disk: exit code 1 (HTTP 500)
    └── DamagedFileError a stored file is not what its name says
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Mapping


class GeoServiceError(Exception):
    """Carry one problem as three sentences: what was wrong, what was found, what to do."""

    exit_code: ClassVar[int] = 1
    http_status: ClassVar[int] = 500
    title: ClassVar[str] = "Fault"

    def __init__(self, what: str, *, found: object = None, do: str = "", field: str = "") -> None:
        """Take the problem in words.

        what: what was wrong, without a closing stop. found: the offending value. do: how to mend it.
        field: the parameter, column or file that it concerns.
        """
        self.what = what
        self.found = found
        self.do = do
        self.field = field
        super().__init__(self.message)

    @property
    def message(self) -> str:
        """Return the whole message on one line."""
        said = self.what if self.what.endswith("?") else f"{self.what.rstrip('.')}."
        if self.found is not None:
            said += f" Found: {_shorten(str(self.found)) or 'nothing'}."
        if self.do:
            said += f" {self.do.rstrip('.')}{'' if self.do.endswith('?') else '.'}"
        return said


class UserError(GeoServiceError):
    """Mark a problem that the user can mend."""

    exit_code = 2
    http_status = 400
    title = "Bad request"


class InputError(UserError):
    """Refuse a file, row or field."""

    title = "Bad input"


class QueryError(UserError):
    """Refuse a parameter of a question."""

    title = "Bad parameter"


class NotFoundError(UserError):
    """Say that nothing of that name exists."""

    http_status = 404
    title = "Not found"


class AccessError(UserError):
    """Refuse somebody or some host."""

    http_status = 403
    title = "Forbidden"


class SignInError(UserError):
    """Let nobody in: what they sent is not right, or too much was tried; which of them is not said."""

    http_status = 401
    title = "Not signed in"


class TooLargeError(UserError):
    """Refuse more than is taken."""

    http_status = 413
    title = "Too large"


class UnconditionalError(UserError):
    """Refuse an edit that does not say on which version it was made."""

    http_status = 428
    title = "Version needed"


class ConflictError(UserError):
    """Say that another change came first."""

    http_status = 409
    title = "Conflict"


class BusyError(ConflictError):
    """Give up waiting for another writer; nothing was done."""

    http_status = 503
    title = "Busy"


class LostRaceError(ConflictError):
    """Refuse an edit of a version that is no longer the newest; `found` says what changed meanwhile."""

    http_status = 412
    title = "Changed meanwhile"
    changed: Mapping[str, tuple[str, str]] = MappingProxyType({})
    """Field -> (who changed it last, when in ISO 8601), of those that changed since the edit was made."""


class FaultError(GeoServiceError):
    """Mark a fault that the user did not make."""


class DamagedFileError(FaultError):
    """Refuse a stored file that is not what its name says."""

    title = "Damaged file"


_LONGEST_FOUND = 140


def _shorten(text: str) -> str:
    """Keep a hostile or endless value from flooding the message: its middle goes, a reason after a long path stays."""
    flat = " ".join(text.split())
    if len(flat) <= _LONGEST_FOUND:
        return flat
    half = _LONGEST_FOUND // 2
    return f"{flat[:half]} … {flat[-half:]} ({len(flat)} characters)"
