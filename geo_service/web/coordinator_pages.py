"""The pages of the coordinator of the Safe Places: the list, one place, its form and its history."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from starlette.responses import RedirectResponse, Response

from geo_service.errors import ConflictError, GeoServiceError, LostRaceError, QueryError
from geo_service.model.safe_places import FIELDS, PlaceState, SafePlace
from geo_service.safe_places.directory import as_text
from geo_service.safe_places.opening import opening
from geo_service.safe_places.timetable import DAYS, hours_of, times_of
from geo_service.safe_places.words import hours_words
from geo_service.web.staff_pages import nav_of
from geo_service.workflows.places import finding, keeping, listing, reports

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

    from geo_service.web.pages import Pages
    from geo_service.workflows.services import Services

SHOWS: Final = {
    "all": "All places",
    "review": "To review",
    "waiting": "Waiting for approval",
    "draft": "Drafts",
    "problems": "With problems",
    "suspended": "Suspended",
}
_DONE: Final = {
    "add": "The place is a draft now.",
    "edit": "Your change is kept.",
    "submit": "You asked for approval. Another person has to approve it.",
    "approve": "Approved. It goes public with the next release.",
    "return": "Returned.",
    "verify": "Verified. The day goes public with the next release.",
}
_HELPS: Final = frozenset({"preview", "hours"})
"""Buttons of the form that write nothing."""


class CoordinatorPages:
    """Answer with the pages of the Safe Places."""

    def __init__(self, pages: Pages) -> None:
        self.pages = pages

    def listed(self, services: Services, request: Request) -> Response:
        """List the places with filters."""
        asked = request.query_params.get("show", "all")
        show = asked if asked in SHOWS else "all"
        state = show if show in {"waiting", "draft", "suspended"} else ""
        lines = listing.lines(services, state=state, due=show == "review", wrong=show == "problems")
        kept = finding.listed(services)
        return self.page(
            services,
            "places.html",
            lines=lines,
            show=show,
            shows=SHOWS,
            counts=listing.summary(kept, services.today()),
            waiting_reports=len(reports.queue(services)),
            removed=request.query_params.get("removed", ""),
        )

    def show(self, services: Services, request: Request) -> Response:
        """Show one place and what can be done with it."""
        place = finding.find(services, request.path_params["place_id"])
        return self._place(services, place, done=_DONE.get(request.query_params.get("done", ""), ""))

    def history(self, services: Services, request: Request) -> Response:
        """Show all that was done to a place."""
        place = finding.find(services, request.path_params["place_id"])
        return self.page(services, "places_history.html", place=place, history=listing.history(place))

    def act(self, services: Services, place_id: str, act: str, filled: Mapping[str, str]) -> Response:
        """Do what a button says; a lost race or a refusal shows the place as it is now, and why."""
        try:
            version = _version(filled)
            why = filled.get("why", "")
            if act == "submit":
                keeping.submit(services, place_id, version)
            elif act == "approve":
                keeping.approve(services, place_id, version)
            elif act == "return":
                keeping.give_back(services, place_id, version, why)
            elif act == "verify":
                keeping.verify(services, place_id, version, filled.get("next_review", "").strip())
            elif act == "suspend":
                done = keeping.suspend(services, place_id, version, why)
                return self._place(services, done.place, done=listing.suspended_words(done))
            elif act == "remove":
                keeping.remove(services, place_id, version)
                return RedirectResponse("/places?removed=yes", 303)
            else:
                raise QueryError("No such act", found=act, do="Use the buttons of the page", field="act")
        except GeoServiceError as problem:
            return self._refused(services, place_id, filled, problem)
        return RedirectResponse(f"/places/p/{place_id}?done={act}", 303)

    def _refused(
        self, services: Services, place_id: str, filled: Mapping[str, str], problem: GeoServiceError
    ) -> Response:
        if problem.exit_code == 1 or problem.http_status == 404:  # noqa: PLR2004
            raise problem
        return self._place(
            services,
            finding.find(services, place_id),
            status=problem.http_status,
            wrong=_sentences(problem),
            later=_later(services, place_id, filled, problem),
        )

    def form(self, services: Services, request: Request) -> Response:
        """Show the form of a new place, or of one that is there."""
        place_id = request.path_params.get("place_id", "")
        place = finding.find(services, place_id) if place_id else SafePlace("", {})
        texts = {field.name: as_text(place.fields.get(field.name)) for field in FIELDS}
        return self._form(services, place, texts, str(place.version))

    def save(self, services: Services, place_id: str, filled: Mapping[str, str]) -> Response:
        """Keep what the form says, or show it again with what is wrong."""
        texts = {field.name: filled.get(field.name, "") for field in FIELDS if field.name in filled}
        place = finding.find(services, place_id) if place_id else SafePlace("", {})
        version = filled.get("version", "")
        if filled.get("act") in _HELPS:
            return self._helped(services, place, texts, filled)
        try:
            kept = (
                keeping.edit(services, place_id, _version(filled), texts) if place_id else keeping.add(services, texts)
            )
        except GeoServiceError as problem:
            if problem.exit_code == 1:
                raise
            wrong = _by_field(problem)
            later = _later(services, place_id, filled, problem) if place_id else []
            return self._form(services, place, texts, version, problem.http_status, wrong=wrong, later=later)
        return RedirectResponse(f"/places/p/{kept.id}?done={'edit' if place_id else 'add'}", 303)

    def _helped(
        self, services: Services, place: SafePlace, texts: dict[str, str], filled: Mapping[str, str]
    ) -> Response:
        """Show the form with the hours written out of the times of each day, or only with a new preview."""
        version, times, wrong = filled.get("version", ""), {day: filled.get(f"day_{day}", "") for day in DAYS}, {}
        if filled.get("act") == "hours":
            hours, unread = hours_of(times)
            if unread:
                said = ", ".join(DAYS[day] for day in unread)
                wrong = {"opening_hours": [f"Times that cannot be read: {said}. Write them as 09:00-17:00 or closed."]}
            else:
                texts["opening_hours"] = hours
        return self._form(services, place, texts, version, 400 if wrong else 200, wrong=wrong, times=times)

    def _form(  # noqa: PLR0913 - what the form shows
        self,
        services: Services,
        place: SafePlace,
        texts: Mapping[str, str],
        version: str,
        status: int = 200,
        *,
        wrong: Mapping[str, list[str]] | None = None,
        later: list[str] | None = None,
        times: Mapping[str, str] | None = None,
    ) -> Response:
        hours = texts.get("opening_hours", "")
        return self.page(
            services,
            "places_form.html",
            status,
            place=place,
            fields=FIELDS,
            texts={field.name: texts.get(field.name, "") for field in FIELDS},
            version=version if not later else str(place.version),
            wrong=wrong or {},
            later=later or [],
            days=DAYS,
            times=times if times is not None else times_of(hours),
            preview=_preview(services, hours, texts.get("phone", "")),
        )

    def _place(  # noqa: PLR0913 - what the page shows
        self,
        services: Services,
        place: SafePlace,
        *,
        status: int = 200,
        done: str = "",
        wrong: list[str] | None = None,
        later: list[str] | None = None,
    ) -> Response:
        return self.page(
            services,
            "places_place.html",
            status,
            place=place,
            said=listing.said(place),
            state=listing.state_words(place),
            review=listing.review_words(place, services.today()),
            pending=listing.pending_words(place),
            problems=finding.problems(services, place),
            hours=_preview(
                services, str(place.fields.get("opening_hours") or ""), str(place.fields.get("phone") or "")
            ),
            history=listing.history(place)[:3],
            mine=finding.mine(services, place),
            asked=finding.asked(services, place),
            states=PlaceState,
            done=done,
            wrong=wrong or [],
            later=later or [],
        )

    def page(self, services: Services, name: str, status: int = 200, **values: object) -> Response:
        """Return one page of the coordinator's side."""
        who = services.principal
        shared = {"nav": nav_of(who), "title_of": listing.field_title, "whole_force": who.areas is None}
        return self.pages(name, status, **shared, **values)


def _version(filled: Mapping[str, str]) -> int:
    """Read the version that a form was made on; raise QueryError."""
    text = filled.get("version", "")
    if not text.isdecimal() or len(text) > len("1000000"):
        raise QueryError(
            "The form does not say on which version it was made", do="Open the page again", field="version"
        )
    return int(text)


def _sentences(problem: GeoServiceError) -> list[str]:
    found = getattr(problem, "problems", ())
    return [f"{listing.field_title(one.field)}: {one.sentence}" for one in found] or [problem.message]


def _by_field(problem: GeoServiceError) -> dict[str, list[str]]:
    wrong: dict[str, list[str]] = {}
    for one in getattr(problem, "problems", ()):
        wrong.setdefault(one.field, []).append(one.sentence)
    return wrong or {problem.field: [problem.message]}


def _later(services: Services, place_id: str, filled: Mapping[str, str], problem: GeoServiceError) -> list[str]:
    """Say what others did since the page was opened, where that is what went wrong."""
    version = filled.get("version", "")
    if not isinstance(problem, LostRaceError | ConflictError) or not version.isdecimal():
        return []
    return listing.later_words(finding.find(services, place_id), int(version))


def _preview(services: Services, hours: str, phone: str) -> list[str]:
    """Say what the public pages would say of some hours now."""
    said = opening(hours or None, services.now(), phone=bool(phone)).words
    return [f"{said[:1].upper()}{said[1:]}.", *(hours_words(hours) if hours else ())]
