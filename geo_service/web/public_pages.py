"""The pages of the public site."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING, Any, Final

from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response

from geo_service.errors import FaultError, GeoServiceError
from geo_service.web import nearby
from geo_service.web.headers import EMBEDDED, PUBLIC_HEADERS
from geo_service.web.nearby import Again, hidden
from geo_service.web.places import by_town, kinds
from geo_service.web.view import Answer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from starlette.requests import Request

    from geo_service.model.release import PublicRelease
    from geo_service.safe_places.finding import Origin
    from geo_service.web.languages import LanguagePages
    from geo_service.web.nearby import Asked
    from geo_service.web.places import Place
    from geo_service.web.view import View, Views

PLAIN_PAGES: Final = ("help", "card", "inside", "leaving", "easy", "accessibility", "about")
"""Pages that hold words alone, each with a template of its name."""
_NOT_FOUND: Final = 404
_FAULT: Final = 500


class PublicPages:
    """Answer requests for pages; what a search says is in its body alone."""

    def __init__(self, views: Views, pages: LanguagePages, *, can_report: bool) -> None:
        """Take what the pages show, their templates, and whether somebody can say that something is wrong."""
        self.views = views
        self._pages = pages
        self._can_report = can_report

    def page(
        self,
        request: Request,
        view: View,
        name: str,
        status: int = 200,
        /,
        *,
        again: Again | None = None,
        **values: object,
    ) -> HTMLResponse:
        """Return a page with what every page says of the release that it was made from.

        again: how the same answer is had in another language; by default a link leads there.
        """
        release = view.release
        return self._pages(
            request,
            name,
            status,
            area=release.area,
            demonstration=release.places.provenance.demonstration,
            doubtful=_doubtful(view),
            licences=release.all_licences,
            now=view.now,
            can_report=self._can_report,
            again=again,
            **values,
        )

    def start(self, request: Request) -> Response:
        """Show the search and the whole list by town."""
        return self._same(request, "/", lambda view: self._listed(request, view, nearby.Asked()))

    def plain(self, request: Request) -> Response:
        """Show a page of words."""
        name = request.scope["path"].rsplit("/", 1)[1]
        return self._same(request, f"/{name}", lambda view: self._plain(request, view, name))

    def _plain(self, request: Request, view: View, name: str) -> HTMLResponse:
        release = view.release
        return self.page(
            request,
            view,
            f"{name}.html",
            open_data=sorted(release.open_data),
            doors=[place for place in view.places if place.id in release.pictures],
        )

    def near(self, request: Request, form: Mapping[str, str]) -> Response:
        """Show the places near where somebody says they are, nearest first."""
        view = self.views.of(request)
        asked = nearby.read_asked(form)
        if not asked.where and not asked.at:
            return self._listed(request, view, asked)
        try:
            return self._near(request, view, asked)
        except GeoServiceError:
            raise
        except Exception as problem:  # noqa: BLE001 - whatever it is, it is not written down
            # What a fault says may hold what was asked for, and it goes into the log.
            raise FaultError("A search could not be answered", found=type(problem).__name__) from None

    def _near(self, request: Request, view: View, asked: Asked) -> Response:
        found = asked.origin(view)
        if found is None:
            return self._listed(request, view, asked, problem=self._not_found(view, asked))
        if isinstance(found, tuple):
            return self._which(request, view, asked, found)
        shared: dict[str, Any] = {"asked": asked, "filtered": asked.filtered, "problem": "", "here": "/near"}
        shared["again"] = _again(asked)
        values = nearby.near_values(view, asked, found, self._cards(request, view))
        return self.page(request, view, "near.html", choices=(), **self._map(view), **shared, **values)

    def _which(
        self, request: Request, view: View, asked: Asked, found: Sequence[Origin], place: Place | None = None
    ) -> Response:
        """Ask which of several somebody means; place: to which they want to know the way."""
        return self.page(
            request,
            view,
            "near.html",
            origin=None,
            choices=nearby.choices(found, asked),
            way_to=place,
            located=0,
            asked=asked,
            filtered=asked.filtered,
            problem="",
            here="/near",
            again=_again(asked, place),
        )

    def _listed(self, request: Request, view: View, asked: Asked, problem: str = "") -> HTMLResponse:
        shown = nearby.fitting(view, asked)
        return self.page(
            request,
            view,
            "near.html" if problem else "places.html",
            **self._map(view),
            asked=asked,
            filtered=asked.filtered,
            problem=problem,
            origin=None,
            choices=(),
            cards=self._cards(request, view),
            towns=by_town(shown),
            shown=len(shown),
            open_now=sum(place.opening.state == "open" for place in shown),
            located=sum(place.lon_lat is not None for place in shown),
            here="/",
            again=_again(asked) if asked.fields else None,
        )

    def place(self, request: Request) -> Response:
        """Show one place."""
        view = self.views.of(request)
        place = self.find(view, request.path_params["id"])
        return self.page(
            request, view, "place.html", place=place, picture=_picture(view, place), here=f"/place/{place.id}"
        )

    def way(self, request: Request, form: Mapping[str, str]) -> Response:
        """Show how to get to a place from where somebody says they are."""
        view = self.views.of(request)
        place = self.find(view, form.get("place", ""))
        asked = nearby.read_asked(form)
        try:
            return self._way(request, view, place, asked)
        except GeoServiceError:
            raise
        except Exception as problem:  # noqa: BLE001 - whatever it is, it is not written down
            raise FaultError("A way could not be found", found=type(problem).__name__) from None

    def _way(self, request: Request, view: View, place: Place, asked: Asked) -> Response:
        origin = asked.origin(view)
        if isinstance(origin, tuple):
            return self._which(request, view, asked, origin, place)
        return self.page(
            request,
            view,
            "way.html",
            place=place,
            origin_words="" if origin is None else origin.label,
            **nearby.distance_values(view, origin, place),
            steps=() if origin is None else _steps(view, place, origin),
            problem="" if origin is not None else self._not_found(view, asked),
            typed=asked.where,
            asked_fields=asked.fields if origin is not None else "",
            here=f"/place/{place.id}",
            again=_again(asked, place),
        )

    def embed(self, request: Request) -> Response:
        """Show the list for a frame of another site, which alone may frame it."""
        answer = self._same(request, "/embed", lambda view: self._embedded(request, view))
        answer.headers["Content-Security-Policy"] = EMBEDDED
        return answer

    def _embedded(self, request: Request, view: View) -> HTMLResponse:
        return self.page(request, view, "embed.html", towns=by_town(view.places), cards=self._cards(request, view))

    def refused(self, request: Request, problem: Exception) -> Response:
        """Say that there is no such page."""
        status = problem.status_code if isinstance(problem, HTTPException) else 400
        return self.page(request, self.views.of(request), "error.html", status, code=status, here="/")

    def failed(self, request: Request, problem: Exception) -> Response:
        """Say that something went wrong, and nothing of what; without a release, in plain words."""
        del problem
        try:
            return self.page(request, self.views.of(request), "error.html", _FAULT, code=_FAULT, here="/")
        except Exception:  # noqa: BLE001 - the page of a fault must come whatever is broken
            words = "Something went wrong. Try again in a minute. In danger call 999."
            return Response(words, _FAULT, PUBLIC_HEADERS, media_type="text/plain")

    def find(self, view: View, place_id: str) -> Place:
        """Return a place by its id; raise HTTPException where there is none."""
        place = view.place(place_id)
        if place is None:
            raise HTTPException(_NOT_FOUND)
        return place

    def _not_found(self, view: View, asked: Asked) -> str:
        say = view.language.gettext
        if asked.where:
            return say("It was not found here. Try a whole postcode, a town or a street.")
        return say("Say where you are: a postcode, a town or a street.")

    def _map(self, view: View) -> dict[str, Any]:
        return {"legend": kinds(view.places), "map_data": view.language.to("/map.json")}

    def _cards(self, request: Request, view: View) -> Mapping[str, Markup]:
        """Return what a list says of each place; written once for a view."""
        if not view.cards:
            written = {
                place.id: Markup(self._pages.part(request, "card_of_place.html", place=place))  # noqa: S704 - our own
                for place in view.places
            }
            view.cards.update(written)
        return view.cards

    def _same(self, request: Request, key: str, make: Any) -> Response:  # noqa: ANN401 - a page of a view
        """Return a page that is the same for everybody, made once for a view."""
        view = self.views.of(request)
        answer = view.answers.get(key)
        if answer is None:
            body = bytes(make(view).body)
            answer = view.answers[key] = Answer(body, gzip.compress(body, 6, mtime=0))
        return _sent(request, answer)


def _sent(request: Request, answer: Answer) -> Response:
    headers = {**PUBLIC_HEADERS, "Vary": "Accept-Encoding"}
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return HTMLResponse(answer.body, headers=headers)
    return HTMLResponse(answer.packed, headers=headers | {"Content-Encoding": "gzip"})


def _steps(view: View, place: Place, origin: Origin) -> Sequence[str]:
    """Return the way in sentences, empty where none is known."""
    exact = place.position == ""
    return view.ground.walking.steps(origin.lon_lat, view.row(place), view.language, exact=exact)


def _again(asked: Asked, place: Place | None = None) -> Again:
    """Return how the answer to a search, or to a way to a place, is had in another language."""
    return Again("/near", asked.fields) if place is None else Again("/way", asked.fields + hidden(place=place.id))


def _picture(view: View, place: Place) -> str:
    return f"/picture/{place.id}" if place.id in view.release.pictures else ""


def _doubtful(view: View) -> Mapping[str, object] | None:
    """Return what every page must say of unverified places; None where none is shown."""
    release: PublicRelease = view.release
    doubtful = [place for place in view.places if place.verified is None]
    if not release.show_unverified or not doubtful:
        return None
    listed = sorted({place.listed for place in doubtful if place.listed})
    days = [view.language.date(day) if (day := place_day(view, text)) else text for text in listed]
    return {"places": len(doubtful), "every": len(doubtful) == len(view.places), "listed": days}


def place_day(view: View, listed: str) -> Any:  # noqa: ANN401 - a date or None
    """Return the day of a listing, None where it is no date."""
    return next(place.listed_on for place in view.places if place.listed == listed)
