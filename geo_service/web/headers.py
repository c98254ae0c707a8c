"""Security headers on every answer, errors included."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.datastructures import MutableHeaders

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)

_ALWAYS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
PUBLIC_HEADERS: Mapping[str, str] = {
    **_ALWAYS,
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": _ALWAYS["Permissions-Policy"].replace("geolocation=()", "geolocation=(self)"),
}
"""The position of the phone is asked for only where somebody presses for it."""
EMBEDDED = CONTENT_SECURITY_POLICY.replace("frame-ancestors 'none'", "frame-ancestors *")
"""For the one page that other sites may frame."""
STAFF_HEADERS: Mapping[str, str] = {**_ALWAYS, "Referrer-Policy": "same-origin"}
"""A page with `no-referrer` posts its forms with `Origin: null`, which the gate could not tell from a stranger's."""
ALWAYS_ENCRYPTED: Mapping[str, str] = {"Strict-Transport-Security": "max-age=31536000"}
"""For a site that browsers reach over TLS: they do not ask it in the clear again for a year."""


class Headers:
    """Put headers on every answer that does not set them itself."""

    def __init__(self, app: ASGIApp, *, headers: Mapping[str, str]) -> None:
        self.app = app
        self.headers = headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and complete the answer."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def complete(message: Message) -> None:
            if message["type"] == "http.response.start":
                found = MutableHeaders(scope=message)
                for name, value in self.headers.items():
                    found.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, complete)
