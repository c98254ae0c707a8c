"""The form that says what is wrong with a place: no name, no address, no time finer than the day."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from geo_service.model.place_reports import REASONS, THE_SITE, PlaceReport
from geo_service.web.nearby import Again, hidden

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request
    from starlette.responses import Response

    from geo_service.model.ports import Inbox
    from geo_service.web.public_pages import PublicPages
    from geo_service.web.view import View

_LONGEST_WORDS: Final = 1_000
_FORM, _SENT = "form", "sent"
_UNAVAILABLE: Final = 503
_INCOMPLETE: Final = 422


class WrongPages:
    """Ask what is wrong, and leave it in the inbox."""

    def __init__(self, pages: PublicPages, inbox: Inbox) -> None:
        self._pages = pages
        self._inbox = inbox

    def ask(self, request: Request) -> Response:
        """Show the form."""
        return self._page(request, self._pages.views.of(request))

    def take(self, request: Request, form: Mapping[str, str]) -> Response:
        """Leave what was said in the inbox, and say thank you; `show` is there where only the language is changed."""
        view = self._pages.views.of(request)
        say = view.language.gettext
        about = self._about(view, request)
        show = form.get("show", "")
        if show == _SENT:
            return self._page(request, view, sent=True)
        reason = form.get("reason", "") if about != THE_SITE else "other"
        words = "".join(sign for sign in form.get("words", "") if sign.isprintable() or sign == "\n").strip()
        if reason not in REASONS or (reason == "other" and not words):
            problem = say("Choose what is wrong, or write it down.")
            return self._page(request, view, _INCOMPLETE, problem=problem, reason=reason, words=words)
        if show:
            return self._page(request, view, reason=reason, words=words)
        report = PlaceReport(about, reason, words[:_LONGEST_WORDS], view.now.date())
        if not self._inbox.put(report, "" if request.client is None else request.client.host):
            problem = say("Too many people are writing just now. Try again tomorrow, or tell somebody at the place.")
            return self._page(request, view, _UNAVAILABLE, problem=problem, reason=reason, words=words)
        return self._page(request, view, sent=True)

    def _about(self, view: View, request: Request) -> str:
        given = str(request.path_params["id"])
        return given if given == THE_SITE else self._pages.find(view, given).id

    def _page(self, request: Request, view: View, status: int = 200, **values: object) -> Response:
        about = self._about(view, request)
        say = view.language.gettext
        reasons = (
            say("The place has closed down"), say("The opening times are wrong"), say("The address is wrong"),
            say("The phone number is wrong"), say("Steps, toilet or other access is wrong"),
            say("Somebody was turned away or did not feel safe there"), say("Something else"),
        )  # fmt: skip
        shown: dict[str, Any] = {"sent": False, "problem": "", "reason": "", "words": "", **values}
        if values:
            show = _SENT if shown["sent"] else _FORM
            shown["again"] = Again(f"/wrong/{about}", hidden(show=show, reason=shown["reason"], words=shown["words"]))
        return self._pages.page(
            request,
            view,
            "wrong.html",
            status,
            about=about,
            place=view.place(about),
            reasons=dict(zip(REASONS, reasons, strict=True)),
            here=f"/wrong/{about}",
            **shown,
        )
