"""Safe Places as their coordinator keeps them: what is written of each, and how far it has come."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geo_service.model.access import Item

KIND: Final = "safe-place"
"""Kind of the editable rows."""
WRONG_PLACE: Final = "safe-place-report"
"""Kind of the editable rows with what people said is wrong with a place."""
FieldKind: TypeAlias = Literal["text", "yes_no", "date", "hours", "number"]
Value: TypeAlias = str | bool | float | None
"""What a field holds; dates as `YYYY-MM-DD`."""


class PlaceField(NamedTuple):
    """Describe one thing that is written of a place."""

    name: str
    title: str
    kind: FieldKind = "text"
    longest: int = 300
    hint: str = ""
    public: bool = True


FIELDS: Final = (
    PlaceField("name", "Name", longest=100, hint="As it stands over the door."),
    PlaceField("category", "Kind of place", longest=100, hint="For example library, café, bank."),
    PlaceField("address", "Address", longest=200, hint="Building and street, without town and postcode."),
    PlaceField("town", "Town", longest=100),
    PlaceField("postcode", "Postcode", longest=10, hint="For example B97 4RA."),
    PlaceField("lon", "Longitude", "number", hint="Leave both empty to use the centre of the postcode."),
    PlaceField("lat", "Latitude", "number"),
    PlaceField("phone", "Telephone", longest=30, hint="One number, for example 01632 960001."),
    PlaceField("web", "Web page", hint="Begins with https://"),
    PlaceField("opening_hours", "Opening hours", "hours", longest=500, hint="For example Mo-Fr 09:00-17:00; PH off"),
    PlaceField(
        "building_hours",
        "Opening hours of the building",
        "hours",
        longest=500,
        hint="Of a shopping centre or station that it is in: it never counts as open while that is closed.",
    ),
    PlaceField("within", "Inside", longest=100, hint="Number of another place of the list that it is inside."),
    PlaceField("step_free", "Step-free entrance", "yes_no"),
    PlaceField("toilet", "Toilet", "yes_no"),
    PlaceField("hearing_loop", "Hearing loop", "yes_no"),
    PlaceField("quiet_space", "Quiet space", "yes_no"),
    PlaceField("languages", "Languages spoken", hint="For example English, Polish."),
    PlaceField("for_whom", "Who it is for"),
    PlaceField("last_verified", "Last verified", "date", hint="Day on which somebody asked the place itself."),
    PlaceField("next_review", "Next review", "date"),
    PlaceField("as_listed", "As listed on", longest=100),
    PlaceField("note", "Note", longest=2000, hint="For coordinators; never published.", public=False),
)
BY_NAME: Final = {field.name: field for field in FIELDS}


APPROVED: Final = "approved"
VERIFIED: Final = "verified"
"""Acts of the log that count for who may approve."""


class Actor(NamedTuple):
    """Name who does something to a place."""

    name: str
    hand: str
    """By what they are told from others: their account, else their name."""


class PlaceState(StrEnum):
    """Say how far a place has come."""

    DRAFT = "draft"
    """Nobody has asked for it to go public."""
    WAITING = "waiting"
    """Somebody asked; somebody else has to approve what it says now."""
    PUBLIC = "public"
    """What it says now was approved by a second person."""
    SUSPENDED = "suspended"
    """Taken off at once; it goes public only by being asked for and approved again."""


@dataclass(frozen=True, slots=True)
class SafePlace:
    """Hold one place, what was approved of it, and what was ever done to it."""

    id: str
    fields: Mapping[str, Value]
    """What it says now, by FIELDS; what is not known is left out."""
    state: PlaceState = PlaceState.DRAFT
    approved: Mapping[str, Value] | None = None
    """What the next release says of it, None where it is not in it."""
    hands: tuple[str, ...] = ()
    """Who asked for what waits: none of them may approve it, and none of `writers`."""
    why: str = ""
    """Why it was suspended or returned."""
    log: tuple[Mapping[str, Any], ...] = ()
    """What was done, oldest first: `at`, `by`, `hand`, `act`, `fields` (name: [before, after]), `note`, `version`."""
    version: int = 0
    """Of the editable row; 0 for a place of the older list, which no row is kept of yet."""

    @property
    def name(self) -> str:
        """Return its name."""
        return str(self.fields.get("name") or self.id)

    @property
    def pending(self) -> dict[str, tuple[Value, Value]]:
        """Return the public fields that say something else than was approved: (approved, now)."""
        before = self.approved or {}
        return {
            field.name: (before.get(field.name), self.fields.get(field.name))
            for field in FIELDS
            if field.public and before.get(field.name) != self.fields.get(field.name)
        }

    @property
    def writers(self) -> dict[str, tuple[str, ...]]:
        """Return who wrote what is not approved yet, by field: whoever wrote the value that it has now.

        A value that somebody else has written over since does not count, one that was put back does. Saying that the
        place itself was asked (VERIFIED) is not writing: that needs no second person.
        """
        found: dict[str, tuple[str, ...]] = {}
        for entry in self.since_approval:
            for name, (_, after) in entry.get("fields", {}).items():
                if entry["act"] != VERIFIED and name in self.pending and after == self.fields.get(name):
                    found[name] = tuple(dict.fromkeys([*found.get(name, ()), str(entry.get("hand") or entry["by"])]))
        return found

    @property
    def since_approval(self) -> tuple[Mapping[str, Any], ...]:
        """Return what was done since somebody approved it last, or ever, oldest first."""
        last = max((at for at, entry in enumerate(self.log) if entry["act"] == APPROVED), default=-1)
        return self.log[last + 1 :]

    @property
    def was_public(self) -> bool:
        """Tell whether it was ever approved."""
        return self.approved is not None or any(entry["act"] == APPROVED for entry in self.log)

    @property
    def told(self) -> SafePlace:
        """Return the place as those know it who do not keep it: without notes, reasons, history and hands."""
        public = {field.name: self.fields[field.name] for field in FIELDS if field.public and field.name in self.fields}
        return replace(self, fields=public, hands=(), why="", log=())

    def day(self, field: str) -> dt.date | None:
        """Return a date that it says, None where it says none."""
        found = self.fields.get(field)
        return dt.date.fromisoformat(found) if isinstance(found, str) and found else None

    def done(self, act: str, by: Actor, at: dt.datetime, note: str = "", **changes: Any) -> SafePlace:  # noqa: ANN401
        """Return the place after an act, which stands in its log with the fields that it changed."""
        after = replace(self, **changes)
        names = sorted({*self.fields, *after.fields})
        said = {
            name: [self.fields.get(name), after.fields.get(name)]
            for name in names
            if self.fields.get(name) != after.fields.get(name)
        }
        entry = {
            "at": at.astimezone(dt.UTC).isoformat(timespec="seconds"), "by": by.name, "hand": by.hand, "act": act,
            "fields": said, "note": note, "version": self.version + 1,
        }  # fmt: skip
        return replace(after, log=(*self.log, entry))

    def content(self) -> dict[str, object]:
        """Return what the editable row holds: each field by its own name, so that a lost race can name it."""
        return {
            **{name: value for name, value in self.fields.items() if value is not None},
            "state": str(self.state),
            "approved": None if self.approved is None else dict(self.approved),
            "hands": list(self.hands),
            "why": self.why,
            "log": [dict(entry) for entry in self.log],
        }

    @classmethod
    def of(cls, item: Item) -> SafePlace:
        """Read an editable row."""
        held: Mapping[str, Any] = item.content
        return cls(
            id=item.id,
            fields={name: held[name] for name in BY_NAME if held.get(name) is not None},
            state=PlaceState(held.get("state", "draft")),
            approved=held.get("approved"),
            hands=tuple(held.get("hands", ())),
            why=held.get("why", ""),
            log=tuple(held.get("log", ())),
            version=item.version,
        )


class WrittenRows(NamedTuple):
    """Hold the rows of a directory as somebody wrote them."""

    rows: tuple[int, ...]
    """Line of a CSV file, its header being line 1; number of a GeoJSON feature, from 1."""
    cells: tuple[Mapping[str, str], ...]
    """Text by column; what is empty is left out."""
    unread: Mapping[int, str]
    """Why a row cannot be read at all."""


class WrongReport(NamedTuple):
    """Hold what somebody said is wrong with a place: nobody is named in it."""

    key: str
    """Name that the report has where it waits."""
    place: str
    reason: str
    words: str
    day: str
    """`YYYY-MM-DD`."""
