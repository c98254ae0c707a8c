"""Read a form with a file in it, as browsers send one without scripts (RFC 7578)."""

from __future__ import annotations

from email import message_from_bytes
from email.policy import HTTP
from typing import TYPE_CHECKING, Final

from geo_service.errors import QueryError, TooLargeError
from geo_service.web.pages import read_body

if TYPE_CHECKING:
    from starlette.requests import Request

_FORM: Final = "multipart/form-data"
_BEYOND_THE_FILE: Final = 10_000


async def read_upload(request: Request, field: str, longest: int) -> tuple[str, bytes]:
    """Return the name and the bytes of a file; raise QueryError where there is none, TooLargeError for a large one."""
    kind = request.headers.get("content-type", "")
    body = await read_file_body(request, longest + _BEYOND_THE_FILE)
    if not kind.casefold().startswith(_FORM):
        raise QueryError("No file was sent", do="Choose a file first", field=field)
    parsed = message_from_bytes(b"Content-Type: " + kind.encode("latin-1", "replace") + b"\r\n\r\n" + body, policy=HTTP)
    for part in parsed.iter_parts() if parsed.is_multipart() else ():
        if part.get_param("name", header="content-disposition") == field and part.get_filename():
            content = part.get_payload(decode=True)
            if isinstance(content, bytes):
                return _own_name(str(part.get_filename())), content
    raise QueryError("No file was sent", do="Choose a file first", field=field)


async def read_file_body(request: Request, longest: int) -> bytes:
    """Read a form that holds a file; raise TooLargeError, QueryError where it broke off."""
    too_large = TooLargeError(
        "The file is too large",
        found=f"more than {longest:,} bytes",
        do="Split it into two files, each with the header",
    )
    return await read_body(request, longest, too_large)


def _own_name(name: str) -> str:
    """Return the name of a file without folders, printable."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(sign for sign in last if sign.isprintable())[-100:] or "file"
