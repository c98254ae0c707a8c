"""Keep the Safe Places: write, ask, approve, return, suspend, verify; one person asks and another approves."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

from geo_service.errors import AccessError, ConflictError, InputError, LostRaceError, NotFoundError
from geo_service.model.access import KEEPERS, Role
from geo_service.model.layers import POSTCODE_CENTRE
from geo_service.model.places import BBox
from geo_service.model.safe_places import BY_NAME, FIELDS, KIND, PlaceState, SafePlace, Value
from geo_service.safe_places.directory import Known, problems_of, slug
from geo_service.safe_places.entries import good_id, read_entry
from geo_service.safe_places.problems import Level
from geo_service.safe_places.review import a_year_after
from geo_service.workflows import releases

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Mapping, Sequence

    import polars as pl

    from geo_service.model.ports import Snapshot
    from geo_service.safe_places.problems import Problem
    from geo_service.workflows.services import Services

COORDINATORS: Final = KEEPERS | {Role.COORDINATOR}
"""Who keeps the Safe Places."""
_LONGEST_WHY: Final = 500
_SUSPENDED: Final = "suspended"


class PlaceRefusedError(InputError):
    """Refuse what was written of a place, field by field."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        """Take what is wrong."""
        first = problems[0]
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        super().__init__(f"{first.what}{more}", found=first.found or None, do=first.do, field=first.field)
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class Suspended:
    """Say what became of a place that was suspended."""

    place: SafePlace
    release: int | None
    """Release that the public site shows now, without the place; None where it showed none with it."""
    problem: str = ""
    """Why the public site still shows it."""


# --- reading ------------------------------------------------------------------------------------


def listed(services: Services) -> list[SafePlace]:
    """List every place, by name: those that are kept as rows, and those of the older list that no row is kept of."""
    refuse_others(services)
    kept = {item.id: SafePlace.of(item) for item in services.store.items(KIND).all()}
    return sorted(({**older(services)} | kept).values(), key=lambda place: (place.name.casefold(), place.id))


def find(services: Services, place_id: str) -> SafePlace:
    """Return one place; raise NotFoundError."""
    refuse_others(services)
    try:
        return SafePlace.of(services.store.items(KIND).get(place_id))
    except NotFoundError:
        found = older(services).get(place_id)
        if found is None:
            raise NotFoundError(
                "No Safe Place of that id",
                found=place_id,
                do="`geo-service safe-places list` shows the ids",
                field="id",
            ) from None
        return found


def older(services: Services) -> dict[str, SafePlace]:
    """Return the places of the imported layer, which stay as they are until somebody edits or suspends them here."""
    rows = services.registry.features(releases.PLACES, services.principal.audience, services.store.snapshot()).rows
    return {row["id"]: _older(row) for row in rows.iter_rows(named=True)}


def _older(row: Mapping[str, Any]) -> SafePlace:
    at_centre = row.get("position_source") == POSTCODE_CENTRE
    fields: dict[str, Value] = {}
    for name, field in BY_NAME.items():
        value = row.get(name)
        if value is not None and not (at_centre and name in {"lon", "lat"}):
            fields[name] = value.isoformat() if field.kind == "date" else value
    if row["status"] == _SUSPENDED:
        return SafePlace(row["id"], fields, PlaceState.SUSPENDED)
    return SafePlace(row["id"], fields, PlaceState.PUBLIC, approved=public_fields(fields))


def public_fields(fields: Mapping[str, Value]) -> dict[str, Value]:
    """Return what may be published of a place."""
    return {field.name: fields[field.name] for field in FIELDS if field.public and fields.get(field.name) is not None}


def known(services: Services, places: Sequence[SafePlace] | None = None) -> Known:
    """Gather what a directory or a place is checked against."""
    snapshot = services.store.snapshot()
    kept = listed(services) if places is None else places
    return Known(
        services.today(),
        snapshot.postcodes(),
        _area(snapshot),
        tuple(_names(services, snapshot)),
        {place.id: place.fields for place in kept},
    )


def _area(snapshot: Snapshot) -> BBox | None:
    """Return the box around the members of all boundary sets that are loaded."""
    outlines = [found.geometry for found in snapshot.boundary_sets().values() if len(found)]
    return BBox(*shapely.total_bounds(np.concatenate(outlines)).tolist()) if outlines else None


def _names(services: Services, snapshot: Snapshot) -> list[str]:
    streets: pl.DataFrame | None = snapshot.features("streets", ["name"])
    named = [] if streets is None or "name" not in streets.columns else streets["name"].drop_nulls().unique().to_list()
    return [*services.registry.place_names(), *sorted(named)]


def problems(services: Services, place: SafePlace, against: Known | None = None) -> tuple[Problem, ...]:
    """Return what is wrong with a place as it is written now."""
    return problems_of(place.id, place.fields, against or known(services))


# --- writing ------------------------------------------------------------------------------------


def add(services: Services, texts: Mapping[str, str], place_id: str = "") -> SafePlace:
    """Write a new place, as a draft; raise PlaceRefusedError, ConflictError where the id is taken."""
    refuse_others(services)
    values = _read(services, texts, {})
    where = values.get("postcode") or values.get("address") or values.get("town") or ""
    chosen = place_id or slug(f"{values['name']} {where}")
    if not good_id(chosen):
        raise InputError("That cannot be an id", found=chosen, do="Use small letters, digits and hyphens", field="id")
    if chosen in older(services):
        raise ConflictError("A place of that id is there already", found=chosen, do="Edit that one")
    place = SafePlace(chosen, {})
    return _put(services, place, lambda now: place.done("added", _who(services), now, fields=values))


def edit(services: Services, place_id: str, version: int, texts: Mapping[str, str]) -> SafePlace:
    """Write what somebody changed; of a public place, the last approved content stays public until it is approved.

    texts: every field that is written, empty for one to be emptied; those that are left out stay. Raises
    PlaceRefusedError, LostRaceError, NotFoundError.
    """
    place = _of_version(services, place_id, version)
    kept = {name: value for name, value in place.fields.items() if name not in texts}
    values = {**kept, **_read(services, texts, place.fields)}
    if "name" not in values:
        values["name"] = place.fields.get("name")

    def change(now: dt.datetime) -> SafePlace:
        after = replace(place, fields=values)
        state, asked = place.state, place.hands
        if public_fields(values) == public_fields(place.fields):
            pass  # a note is published nowhere: whoever wrote what waits still cannot approve it
        elif place.state is not PlaceState.SUSPENDED and place.approved is not None:
            state, asked = (PlaceState.WAITING, (identity(services),)) if after.pending else (PlaceState.PUBLIC, ())
        elif place.state is PlaceState.WAITING:
            asked = (identity(services),)
        return place.done("edited", _who(services), now, fields=values, state=state, hands=asked)

    return _put(services, place, change)


def submit(services: Services, place_id: str, version: int) -> SafePlace:
    """Ask for a place to go public; raise PlaceRefusedError where something has to be mended first."""
    place = _of_version(services, place_id, version)
    if place.state in {PlaceState.WAITING, PlaceState.PUBLIC}:
        raise ConflictError(f"The place is {place.state} already", found=place.id, do="Change something first")
    _refuse_unmended(services, place)
    asked = (identity(services),)
    return _put(
        services, place,
        lambda now: place.done(
            "asked for approval", _who(services), now, state=PlaceState.WAITING, hands=asked, why=""
        ),
    )  # fmt: skip


def approve(services: Services, place_id: str, version: int) -> SafePlace:
    """Let a place go public with the next release, as a second person; raise AccessError for the first."""
    place = _of_version(services, place_id, version)
    if place.state is not PlaceState.WAITING:
        raise ConflictError(
            f"The place is {place.state}: nobody has asked", found=place.id, do="Ask for approval first"
        )
    me = identity(services)
    if any(services.store.same_person(me, hand) for hand in place.hands):
        raise AccessError(
            "Whoever asked or wrote it last cannot approve it", found=services.principal.name,
            do="Ask another coordinator to approve it",
        )  # fmt: skip
    _refuse_unmended(services, place)
    content = public_fields(place.fields)
    return _put(
        services, place,
        lambda now: place.done("approved", _who(services), now, state=PlaceState.PUBLIC, approved=content, hands=()),
    )  # fmt: skip


def give_back(services: Services, place_id: str, version: int, why: str) -> SafePlace:
    """Return what is waiting to whoever wrote it; what was approved before stays public."""
    place = _of_version(services, place_id, version)
    if place.state is not PlaceState.WAITING:
        raise ConflictError(f"The place is {place.state}, not waiting", found=place.id, do="Nothing has to be returned")
    said = _why(why)
    return _put(
        services, place,
        lambda now: place.done("returned", _who(services), now, said, state=PlaceState.DRAFT, hands=(), why=said),
    )  # fmt: skip


def verify(services: Services, place_id: str, version: int, next_review: str = "") -> SafePlace:
    """Write down that somebody asked the place itself today, and when to ask again; it shows with the next release."""
    place = _of_version(services, place_id, version)
    today = services.today()
    texts = {"last_verified": today.isoformat(), "next_review": next_review or a_year_after(today).isoformat()}
    days = {name: value for name, value in _read(services, texts, {"name": place.name}).items() if name in texts}
    if str(days["next_review"]) <= today.isoformat():
        raise InputError("The next review must be later than today", found=days["next_review"], field="next_review")
    approved = None if place.approved is None else {**place.approved, **days}
    fields = {**place.fields, **days}
    return _put(
        services, place, lambda now: place.done("verified", _who(services), now, fields=fields, approved=approved)
    )


def suspend(services: Services, place_id: str, version: int, why: str) -> Suspended:
    """Take a place off at once: where the public site shows it, a new release without it is published."""
    place = _of_version(services, place_id, version)
    if place.state is PlaceState.SUSPENDED:
        raise ConflictError("The place is suspended already", found=place.id, do="Ask for approval to bring it back")
    said = _why(why)
    done = _put(
        services, place,
        lambda now: place.done(
            "suspended", _who(services), now, said, state=PlaceState.SUSPENDED, approved=None, hands=(), why=said
        ),
    )  # fmt: skip
    return _without(services, done)


def _without(services: Services, place: SafePlace) -> Suspended:
    """Publish what is left where the public site shows a place that was suspended."""
    try:
        shown = services.releases.current()
    except NotFoundError:
        return Suspended(place, None)
    if place.id not in shown.places.rows["id"]:
        return Suspended(place, None)
    try:
        made = releases.publish(services, area=shown.area, show_unverified=shown.show_unverified)
    except (AccessError, InputError, ConflictError) as problem:
        return Suspended(place, None, problem.message)
    return Suspended(place, made.release.number)


def remove(services: Services, place_id: str, version: int) -> None:
    """Take a draft away that was never public; raise ConflictError for any other."""
    place = _of_version(services, place_id, version)
    if place.version == 0 or place.approved is not None or place_id in older(services):
        raise ConflictError("The place is or was public", found=place.id, do="Suspend it: its history stays")
    services.store.items(KIND).remove(place_id, version=version)


# --- parts ----------------------------------------------------------------------------------------


def refuse_others(services: Services) -> None:
    """Raise AccessError for whoever does not keep the Safe Places."""
    if not services.principal.may(COORDINATORS):
        raise AccessError("Only coordinators and admins keep the Safe Places", found=services.principal.name)


def identity(services: Services) -> str:
    """Return by what whoever asks is told from others: their account, else their name."""
    return services.principal.account or services.principal.name


def _who(services: Services) -> str:
    return services.principal.name


def _of_version(services: Services, place_id: str, version: int) -> SafePlace:
    """Return a place as it is, once it is what the edit was made on; raise LostRaceError, NotFoundError."""
    place = find(services, place_id)
    if place.version == version:
        return place
    later = [entry for entry in place.log if entry["version"] > version]
    done = "; ".join(f"{entry['act']} by {entry['by']}" for entry in later) or f"version {place.version} is the newest"
    raise LostRaceError(
        f"{place.name} was changed while you had it open", found=done, do="Look at it again, and make your change then"
    )


def _put(services: Services, place: SafePlace, change: Callable[[dt.datetime], SafePlace]) -> SafePlace:
    after = change(services.clock())
    item = services.store.items(KIND).put(place.id, after.content(), version=place.version)
    return SafePlace.of(item)


def _read(services: Services, texts: Mapping[str, str], before: Mapping[str, Value]) -> dict[str, Value]:
    """Read fields that somebody wrote; raise PlaceRefusedError for what is no value of its field."""
    unknown = sorted(set(texts) - set(BY_NAME))
    if unknown:
        raise InputError("No such field", found=unknown[0], do=f"The fields are {', '.join(BY_NAME)}", field=unknown[0])
    written = {name: text.strip() for name, text in texts.items() if text.strip()}
    named = written if "name" in texts else {**written, "name": str(before.get("name") or "")}
    values, wrong = read_entry(1, {name: text for name, text in named.items() if text}, services.today())
    bad = [problem for problem in wrong if problem.level is not Level.LOOK]
    if bad:
        raise PlaceRefusedError(bad)
    return values


def _refuse_unmended(services: Services, place: SafePlace) -> None:
    bad = [problem for problem in problems(services, place) if problem.level is not Level.LOOK]
    if bad:
        raise PlaceRefusedError(bad)


def _why(why: str) -> str:
    said = " ".join(why.split())
    if not said:
        raise InputError("Say why", do="A few words are enough; they stand in the history", field="why")
    if len(said) > _LONGEST_WHY:
        raise InputError(
            "The reason is too long", found=f"{len(said)} characters", do=f"Keep it below {_LONGEST_WHY}", field="why"
        )
    return said
