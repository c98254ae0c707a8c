"""Keep the Safe Places: write, ask, approve, return, suspend, verify; one person writes and asks, another approves."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from geo_service.errors import AccessError, ConflictError, FaultError, InputError, LostRaceError, NotFoundError
from geo_service.model.safe_places import APPROVED, BY_NAME, KIND, VERIFIED, PlaceState, SafePlace, Value
from geo_service.safe_places.directory import slug
from geo_service.safe_places.entries import good_id, read_entry
from geo_service.safe_places.problems import Level
from geo_service.safe_places.review import a_year_after
from geo_service.workflows.places.finding import (
    actor,
    asked,
    find,
    identity,
    mine,
    older,
    problems,
    public_fields,
    refuse_others,
)
from geo_service.workflows.releasing.withdrawing import withdraw

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from geo_service.safe_places.problems import Problem
    from geo_service.workflows.services import Services

_LONGEST_WHY: Final = 500


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
    return _put(services, SafePlace(chosen, {}), "added", fields=values)


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
    after = replace(place, fields=values)
    state, hands = place.state, place.hands
    rewritten = public_fields(values) != public_fields(place.fields)
    if rewritten and place.approved is not None:
        # Whoever writes of a public place asks by that; what says again what was approved needs nobody.
        state, hands = (PlaceState.WAITING, (identity(services),)) if after.pending else (PlaceState.PUBLIC, ())
    return _put(services, place, "edited", fields=values, state=state, hands=hands)


def submit(services: Services, place_id: str, version: int) -> SafePlace:
    """Ask for a place to go public; raise PlaceRefusedError where something has to be mended first."""
    place = _of_version(services, place_id, version)
    if place.state in {PlaceState.WAITING, PlaceState.PUBLIC}:
        raise ConflictError(f"The place is {place.state} already", found=place.id, do="Change something first")
    _refuse_unmended(services, place)
    return _put(services, place, "asked for approval", state=PlaceState.WAITING, hands=(identity(services),), why="")


def approve(services: Services, place_id: str, version: int) -> SafePlace:
    """Let a place go public with the next release, as a second person: just the version that they saw.

    Raises AccessError for whoever asked, or wrote any of what is not approved yet, LostRaceError where something was
    written since.
    """
    place = _of_version(services, place_id, version)
    if place.state is not PlaceState.WAITING:
        raise ConflictError(
            f"The place is {place.state}: nobody has asked", found=place.id, do="Ask for approval first"
        )
    written = mine(services, place)
    if written or asked(services, place):
        raise AccessError(
            "Whoever asked or wrote any of it cannot approve it",
            found=f"{services.principal.name} wrote {', '.join(written)}" if written else services.principal.name,
            do="Ask another coordinator to approve it",
        )
    _refuse_unmended(services, place)
    content = public_fields(place.fields)
    return _put(services, place, APPROVED, state=PlaceState.PUBLIC, approved=content, hands=())


def give_back(services: Services, place_id: str, version: int, why: str) -> SafePlace:
    """Return what is waiting to whoever wrote it; what was approved before stays public."""
    place = _of_version(services, place_id, version)
    if place.state is not PlaceState.WAITING:
        raise ConflictError(f"The place is {place.state}, not waiting", found=place.id, do="Nothing has to be returned")
    said = _why(why)
    return _put(services, place, "returned", said, state=PlaceState.DRAFT, hands=(), why=said)


def verify(services: Services, place_id: str, version: int, next_review: str = "") -> SafePlace:
    """Write down that somebody asked the place itself today, and when to ask again; it shows with the next release."""
    place = _of_version(services, place_id, version)
    today = services.today()
    texts = {"last_verified": today.isoformat(), "next_review": next_review or a_year_after(today).isoformat()}
    days = {name: value for name, value in _read(services, texts, {"name": place.name}).items() if name in texts}
    if str(days["next_review"]) <= today.isoformat():
        raise InputError("The next review must be later than today", found=days["next_review"], field="next_review")
    approved = None if place.approved is None else {**place.approved, **days}
    return _put(services, place, VERIFIED, fields={**place.fields, **days}, approved=approved)


def suspend(services: Services, place_id: str, version: int, why: str) -> Suspended:
    """Take a place off at once, from the public site too: nothing else of what that shows changes."""
    place = _of_version(services, place_id, version)
    if place.state is PlaceState.SUSPENDED:
        raise ConflictError("The place is suspended already", found=place.id, do="Ask for approval to bring it back")
    said = _why(why)
    done = _put(services, place, "suspended", said, state=PlaceState.SUSPENDED, approved=None, hands=(), why=said)
    try:
        return Suspended(done, withdraw(services))
    except NotFoundError:
        return Suspended(done, None)
    except (ConflictError, FaultError) as problem:
        # The place is suspended whatever the public site could not be made to show: both must be said.
        return Suspended(done, None, " ".join(filter(None, (f"{problem.message}.", problem.do and f"{problem.do}."))))


def remove(services: Services, place_id: str, version: int) -> None:
    """Take a draft away that was never public; raise ConflictError for any other."""
    place = _of_version(services, place_id, version)
    if place.version == 0 or place.was_public or place_id in older(services):
        raise ConflictError("The place is or was public", found=place.id, do="Suspend it: its history stays")
    services.store.items(KIND).remove(place_id, version=version)


# --- parts ----------------------------------------------------------------------------------------


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


def _put(services: Services, place: SafePlace, act: str, note: str = "", **changes: object) -> SafePlace:
    """Keep a place after an act, on just the version that it was read as."""
    after = place.done(act, actor(services), services.clock(), note, **changes)
    return SafePlace.of(services.store.items(KIND).put(place.id, after.content(), version=place.version))


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
