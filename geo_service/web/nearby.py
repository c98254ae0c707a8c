"""The search: what somebody asks for, and the places near them. Nothing of it is kept, logged or put in an address."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from markupsafe import Markup

from geo_service.safe_places.finding import Origin, find_origin
from geo_service.safe_places.nearness import Wanted, near
from geo_service.safe_places.words import walk_words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from geo_service.safe_places.finding import Found
    from geo_service.safe_places.nearness import Near
    from geo_service.web.places import Place
    from geo_service.web.view import View

SHOWN: Final = 10
"""How many places an answer shows, nearest first; more are in the whole list."""
_ALL_NIGHT: Final = 3
_LONGEST_WHERE: Final = 100
_ROUGH_M: Final = 500.0
"""From here on the page says that distances are counted from the middle of an area."""
_POSITION: Final = re.compile(r"(-?\d{1,2}(?:\.\d{1,6})?),(-?\d{1,3}(?:\.\d{1,6})?)")


class Asked(NamedTuple):
    """Hold what somebody asked for."""

    where: str = ""
    """As it was typed."""
    at: str = ""
    """Position of the phone, `latitude,longitude`, where it was pressed for."""
    open: bool = False
    late: bool = False
    step_free: bool = False
    toilet: bool = False

    @property
    def wanted(self) -> Wanted:
        """Return the filters."""
        return Wanted(open_now=self.open, step_free=self.step_free, late=self.late, toilet=self.toilet)

    @property
    def filtered(self) -> bool:
        """Tell whether any filter is set."""
        return any(self.wanted)

    @property
    def fields(self) -> Markup:
        """Return it as hidden fields of a form."""
        flags = {name: "yes" for name in ("open", "late", "step_free", "toilet") if getattr(self, name)}
        return hidden(where=self.where, at=self.at, **flags)

    def origin(self, view: View) -> Found:
        """Return where that is; what was typed goes before the position of the phone."""
        if self.where:
            return find_origin(self.where, view.release.gazetteer)
        found = _POSITION.fullmatch(self.at)
        if found is None:
            return None
        lat, lon = float(found[1]), float(found[2])
        return Origin((lon, lat), "", 0.0) if abs(lat) <= 90 and abs(lon) <= 180 else None  # noqa: PLR2004 - the globe


class FoundPlace(NamedTuple):
    """Hold one place of an answer."""

    number: int
    place: Place
    distance: str
    """In words; empty where it is not known."""
    card: Markup


class Again(NamedTuple):
    """Ask the same once more, in another language: what was asked may stand in no link."""

    path: str
    """Of the form."""
    fields: Markup
    """Hidden fields."""


def hidden(**values: str) -> Markup:
    """Return hidden fields of a form; empty ones are left out."""
    return Markup().join(
        Markup('<input type="hidden" name="{}" value="{}">').format(name, value)
        for name, value in values.items()
        if value
    )


def read_asked(form: Mapping[str, str]) -> Asked:
    """Read the form of the search; what is too long is cut, what is not understood is left out."""
    flags = {name: bool(form.get(name)) for name in ("open", "late", "step_free", "toilet")}
    where = " ".join(form.get("where", "")[:_LONGEST_WHERE].split())
    return Asked(where, form.get("at", "")[:40].strip(), **flags)


def near_values(view: View, asked: Asked, origin: Origin, cards: Mapping[str, Markup]) -> dict[str, Any]:
    """Return what the page says of the places near somebody."""
    answer = _near(view, asked, origin)
    rows = [int(row) for row in answer.order]
    located = [row for row in rows if view.by_row[row].lon_lat is not None]
    shown = [
        FoundPlace(number, view.by_row[row], _distance(view, answer, row), cards[view.by_row[row].id])
        for number, row in enumerate(located[:SHOWN], start=1)
    ]
    night = [
        FoundPlace(0, view.by_row[int(row)], _distance(view, answer, int(row)), Markup())
        for row in answer.all_night[:_ALL_NIGHT]
    ]
    return {
        "origin": origin,
        "origin_words": origin.label,
        "rough": _far(view, origin.precision_m),
        "guessed": origin.guessed,
        "found": shown,
        "nearest_open": _nearest_open(view, answer, located),
        "further": len(located) - len(shown),
        "unplaced": len(rows) - len(located),
        "nothing_open": answer.nothing_open_near,
        "all_night": night,
        "estimated": not all(answer.by_street[row] for row in located[:SHOWN]),
        "located": len(shown),
        "asked_fields": asked.fields,
    }


def _nearest_open(view: View, answer: Near, rows: Sequence[int]) -> FoundPlace | None:
    """Return the nearest place that is known to be open, None where it is the first of all or there is none."""
    found = next((row for row in rows if answer.openings[row].state == "open"), None)
    if found is None or found == rows[0]:
        return None
    number = rows.index(found) + 1
    return FoundPlace(number, view.by_row[found], _distance(view, answer, found), Markup())


def fitting(view: View, asked: Asked) -> list[Place]:
    """Return the places that fit the filters, in the order of the page."""
    if not asked.filtered:
        return list(view.places)
    kept = {view.by_row[int(row)].id for row in near(view.ground.directory, None, view.now, asked.wanted).order}
    return [place for place in view.places if place.id in kept]


def distance_values(view: View, origin: Origin | None, place: Place) -> dict[str, Any]:
    """Return what the page says of how far one place is."""
    if origin is None:
        return {"distance": "", "close_by": False}
    answer, row = _near(view, Asked(), origin), view.row(place)
    return {"distance": _distance(view, answer, row), "close_by": int(answer.minutes[row]) in {0, 1}}


def choices(found: Sequence[Origin], asked: Asked) -> list[dict[str, object]]:
    """Return what somebody may have meant, each with the fields that ask for it."""
    return [{"words": one.label, "fields": asked._replace(where=one.label, at="").fields} for one in found]


def _near(view: View, asked: Asked, origin: Origin) -> Near:
    ground = view.ground
    return near(
        ground.directory,
        origin,
        view.now,
        asked.wanted,
        street_metres=ground.walking.metres(origin.lon_lat),
        language=view.language,
    )


def _distance(view: View, answer: Near, row: int) -> str:
    metres = float(answer.metres[row])
    return walk_words(metres, view.language) if metres == metres else ""  # noqa: PLR0124 - nan


def _far(view: View, metres: float) -> str:
    if metres < _ROUGH_M:
        return ""
    say = view.language
    kilometres = max(1, round(metres / 1000))
    return say.ngettext("about %(num)s kilometre", "about %(num)s kilometres", kilometres)
