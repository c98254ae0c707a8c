"""A release as it is shown in one language within one minute: worked out once, whoever asks.

A switch takes nobody's time but that of the first to ask: whoever asks meanwhile sees what was shown before. What the
new release shares with one of the last is taken over, and on a served site (`Views.follow`) a switch is looked for
without anybody asking.
"""

from __future__ import annotations

import datetime as dt
import logging
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from geo_service.safe_places.finding import prepare
from geo_service.safe_places.nearness import read_directory
from geo_service.safe_places.opening import LONDON
from geo_service.web.languages import language_of, languages
from geo_service.web.places import read_places
from geo_service.web.walking import Walking

if TYPE_CHECKING:
    from collections.abc import Callable

    from markupsafe import Markup
    from starlette.requests import HTTPConnection

    from geo_service.model.ports import PublicReleases
    from geo_service.model.release import PublicRelease
    from geo_service.safe_places.nearness import Directory
    from geo_service.web.languages import SiteLanguage
    from geo_service.web.places import Place

_MOST_VIEWS: Final = 16
_MOST_GROUNDS: Final = 2
"""The one that is shown and the one before it, which nobody removes either."""
_STALE: Final = dt.timedelta(minutes=2)
"""No answer is older, however long the making of a new view takes."""
_LOOK_S: Final = 0.25
_WALKS_S: Final = 10.0
"""For which the start of a site waits for its streets at most."""
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Answer:
    """Hold a page that is the same for everybody, as it is and packed."""

    body: bytes
    packed: bytes


@dataclass(frozen=True, slots=True)
class Ground:
    """Hold what is worked out once for a release, whatever the minute and the language."""

    release: PublicRelease
    directory: Directory
    walking: Walking


@dataclass(frozen=True, slots=True)
class View:
    """Hold what pages of one language say within one minute."""

    ground: Ground
    language: SiteLanguage
    now: dt.datetime
    """The minute, London's clock."""
    places: tuple[Place, ...]
    """In the order of the page."""
    by_row: tuple[Place, ...]
    """In the order of the release's table."""
    cards: dict[str, Markup] = field(default_factory=dict)
    """What is said of a place in a list, by its id."""
    answers: dict[str, Answer] = field(default_factory=dict)
    """Pages that are the same for everybody, by their path."""

    @property
    def release(self) -> PublicRelease:
        """Return the release that it is a view of."""
        return self.ground.release

    def place(self, place_id: str) -> Place | None:
        """Return a place by its id."""
        return next((place for place in self.places if place.id == place_id), None)

    def row(self, place: Place) -> int:
        """Return the row of a place in the release's table."""
        return next(row for row, other in enumerate(self.by_row) if other.id == place.id)


class Views:
    """Keep the views that are asked for now."""

    def __init__(self, releases: PublicReleases, clock: Callable[[], dt.datetime]) -> None:
        self._releases = releases
        self._clock = clock
        self._lock = threading.Lock()
        self._grounds: list[Ground] = []
        self._views: dict[tuple[int, str, dt.datetime], View] = {}
        self._latest: dict[str, View] = {}

    def of(self, request: HTTPConnection) -> View:
        """Return the view for a request: of the release that is shown now, in the language of its path."""
        return self._view(language_of(request))

    def follow(self, stop: threading.Event, ready: threading.Event) -> None:
        """Make what the next visitor will ask for, again after each switch and each minute, until told to stop.

        ready: is set once the first answers are known, with their ways on foot.
        """
        while not stop.is_set():
            try:
                ground = self._view(next(iter(languages().values()))).ground
                prepare(ground.release.gazetteer)
                if not ready.is_set():
                    ground.walking.ready.wait(_WALKS_S)
            except Exception:  # noqa: BLE001 - whatever it is, requests are still answered
                _LOG.exception("The next pages could not be made beforehand; they are made when somebody asks.")
            ready.set()
            stop.wait(_LOOK_S)

    def _view(self, language: SiteLanguage) -> View:
        release = self._releases.current()
        now = self._clock().astimezone(LONDON).replace(second=0, microsecond=0)
        key = (id(release), language.code, now)
        view = self._views.get(key)
        if view is not None and view.release is release:
            return view
        latest = self._latest.get(language.code)
        if latest is not None and now - latest.now < _STALE:
            if not self._lock.acquire(blocking=False):
                return latest
        else:
            self._lock.acquire()
        try:
            view = self._views.get(key)
            if view is None or view.release is not release:
                view = self._made(release, language, now)
                while len(self._views) >= _MOST_VIEWS:
                    del self._views[next(iter(self._views))]
                self._views[key] = self._latest[language.code] = view
        finally:
            self._lock.release()
        return view

    def _made(self, release: PublicRelease, language: SiteLanguage, now: dt.datetime) -> View:
        ground = self._grounded(release)
        places = read_places(release.places, now, language, ground.directory)
        by_id = {place.id: place for place in places}
        rows = tuple(by_id[str(place_id)] for place_id in release.places.rows["id"])
        return View(ground, language, now, tuple(places), rows)

    def _grounded(self, release: PublicRelease) -> Ground:
        ground = next((known for known in self._grounds if known.release is release), None)
        if ground is None:
            directory = read_directory(release.places.rows, release.places.geometry)
            former = [known.walking for known in self._grounds]
            ground = Ground(release, directory, Walking(release, directory.lon_lat, former))
            self._grounds = [*self._grounds, ground][-_MOST_GROUNDS:]
            self._views.clear()
            # What nobody is shown any more is let go, so that its release can be removed.
            kept = {id(known) for known in self._grounds}
            self._latest = {code: view for code, view in self._latest.items() if id(view.ground) in kept}
        return ground
