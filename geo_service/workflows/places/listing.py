"""The Safe Places in lists and words, for the staff site and the command line."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from geo_service.errors import QueryError
from geo_service.model.safe_places import BY_NAME, FIELDS, PlaceState, SafePlace, Value
from geo_service.safe_places.opening import LONDON
from geo_service.safe_places.problems import Level
from geo_service.safe_places.review import review_due
from geo_service.workflows.places import finding

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from geo_service.safe_places.problems import Problem
    from geo_service.workflows.places.keeping import Suspended
    from geo_service.workflows.services import Services

REASONS: Final = {
    "closed": "It has closed",
    "hours": "The opening hours are wrong",
    "address": "The address is wrong",
    "phone": "The telephone number is wrong",
    "access": "What is said of access is wrong",
    "not_safe": "It did not feel safe",
    "other": "Something else",
}
_OTHER_NAMES: Final = {
    "state": "State",
    "approved": "What is public",
    "why": "Reason",
    "log": "History",
    "hands": "Who asked",
}


class Line(NamedTuple):
    """Show one place in a list."""

    place: SafePlace
    state_words: str
    review_words: str
    problems: tuple[Problem, ...] = ()

    @property
    def must_mend(self) -> int:
        """Count what keeps the place from going public."""
        return sum(one.level is not Level.LOOK for one in self.problems)


def lines(services: Services, *, state: str = "", due: bool = False, wrong: bool = False) -> list[Line]:
    """List the places; state, due, wrong: only those in that state, to review, with problems; raise QueryError."""
    if state and state not in set(PlaceState):
        raise QueryError("No such state", found=state, do=f"Use {', '.join(PlaceState)}", field="state")
    kept = finding.listed(services)
    known = finding.known(services, kept) if wrong else None
    today = services.today()
    listed = []
    for place in kept:
        review = review_words(place, today)
        if (state and place.state != state) or (due and not review):
            continue
        found = () if known is None else finding.problems(services, place, known)
        if not wrong or found:
            listed.append(Line(place, state_words(place), review, found))
    if due:
        listed.sort(key=lambda line: (line.place.day("next_review") or dt.date.min, line.place.name))
    return listed


def state_words(place: SafePlace) -> str:
    """Say how far a place has come."""
    if place.version == 0:
        return "suspended in the older list" if place.state is PlaceState.SUSPENDED else "in the older list"
    also = ", an older version is public" if place.approved is not None else ""
    if place.state is PlaceState.WAITING:
        return f"waiting for a second person{also}"
    if place.state is PlaceState.DRAFT:
        return f"draft{also}"
    return "approved" if place.state is PlaceState.PUBLIC else "suspended"


def review_words(place: SafePlace, today: dt.date) -> str:
    """Say whether a place has to be asked again; empty where it has not."""
    if place.state is PlaceState.SUSPENDED:
        return ""
    found = review_due(place.day("next_review"), place.day("last_verified"), today)
    if found is None:
        return ""
    word, days = found
    if word == "overdue":
        return f"review overdue by {_days(days)}" if days else "never verified"
    return f"review in {_days(days)}" if days else "review today"


def _days(count: int) -> str:
    return f"{count} day" if count == 1 else f"{count} days"


def value_words(value: Value) -> str:
    """Write a value for people."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "nothing" if value is None or value == "" else str(value)


def field_title(name: str) -> str:
    """Return what people call a field of the row."""
    return BY_NAME[name].title if name in BY_NAME else _OTHER_NAMES.get(name, name)


def said(place: SafePlace) -> list[tuple[str, str]]:
    """List what is written of a place, by title."""
    return [
        (field.title, value_words(place.fields[field.name]))
        for field in FIELDS
        if place.fields.get(field.name) is not None
    ]


def pending_words(place: SafePlace) -> list[str]:
    """Say what would change for the public, field by field."""
    if place.approved is None:
        return []
    return [_change(name, before, after) for name, (before, after) in place.pending.items()]


def _change(name: str, before: Value, after: Value) -> str:
    return f"{field_title(name)}: {value_words(after)} (was {value_words(before)})"


def history(place: SafePlace) -> list[tuple[str, str, str, list[str]]]:
    """List (when, who, what, the fields that changed), newest first."""
    return [
        (_moment(entry["at"]), str(entry["by"]), _act(entry), changes_words(entry)) for entry in reversed(place.log)
    ]


def history_words(place: SafePlace) -> list[str]:
    """Write the history out, newest first."""
    return [f"{when} {who}: {'; '.join([what, *changes])}" for when, who, what, changes in history(place)]


def changes_words(entry: Mapping[str, Any]) -> list[str]:
    """Say which fields an act changed, and from what."""
    return [_change(name, before, after) for name, (before, after) in entry.get("fields", {}).items()]


def later_words(place: SafePlace, version: int) -> list[str]:
    """Say what was done since a version."""
    return [
        "; ".join([f"{_act(entry)} by {entry['by']}, {_moment(entry['at'])}", *changes_words(entry)])
        for entry in place.log
        if entry["version"] > version
    ]


def suspended_words(done: Suspended) -> str:
    """Say what became of a place that was suspended, and of the public site."""
    what = f"Suspended: {done.place.name}."
    if done.release is not None:
        return f"{what} Release {done.release}, without it, is on the public site now."
    if done.problem:
        return f"{what} The public site still shows it. {done.problem}"
    return f"{what} The public site does not show it."


def reason_words(reason: str) -> str:
    """Put the reason of a report in words."""
    return REASONS.get(reason, reason or "no reason")


def summary(kept: Sequence[SafePlace], today: dt.date) -> dict[str, int]:
    """Count the places by what has to be done."""
    return {
        "all": len(kept),
        "waiting": sum(place.state is PlaceState.WAITING for place in kept),
        "draft": sum(place.state is PlaceState.DRAFT for place in kept),
        "suspended": sum(place.state is PlaceState.SUSPENDED for place in kept),
        "review": sum(bool(review_words(place, today)) for place in kept),
    }


def _act(entry: Mapping[str, Any]) -> str:
    note = str(entry.get("note") or "")
    return f"{entry['act']}: {note}" if note else str(entry["act"])


def _moment(at: str) -> str:
    local = dt.datetime.fromisoformat(at).astimezone(LONDON)
    return f"{local.day} {local:%B %Y}, {local:%H:%M}"
