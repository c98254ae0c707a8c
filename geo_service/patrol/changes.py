"""What somebody wants changed in a plan, as text, JSON and value."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, Self, TypeAlias, cast, get_args

from geo_service.errors import QueryError

if TYPE_CHECKING:
    from collections.abc import Mapping

Kind: TypeAlias = Literal["swap", "drop", "lock", "unlock", "move"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
USAGE: Final = (
    "drop VISIT, swap VISIT VISIT, move VISIT 19:10, move VISIT 19:10 crew 2, lock VISIT, unlock VISIT, "
    "lock loop VISIT (every visit of its loop)"
)
_CLOCK: Final = re.compile(r"(\d{1,2}):(\d{2})")
_HOURS, _MINUTES = 24, 60
_LONGEST: Final = 40
"""Characters of an id; those of plans are shorter."""


@dataclass(frozen=True, slots=True)
class Change:
    """Ask for one change of a plan."""

    kind: Kind
    visit: str
    """Id of a visit of the plan."""
    other: str = ""
    """swap: id of the visit that it changes places with."""
    start: str = ""
    """move: clock time at which the visit is to begin, `19:10`; empty keeps the time."""
    crew: int | None = None
    """move: crew that is to make it, from 1; None leaves it with its own."""
    loop: bool = False
    """lock, unlock: whether every visit of its loop is meant."""

    def __post_init__(self) -> None:
        """Refuse a change that says too little or too much, naming the field."""
        if self.kind not in KINDS:
            raise _refusal("No such change", self.kind, "change")
        if not self.visit or len(self.visit) > _LONGEST:
            raise _refusal("The change names no visit", self.visit, "visit")
        if (self.kind == "swap") != bool(self.other):
            raise _refusal("Two visits are named for `swap`, and one for any other change", self.other, "other")
        if self.other and self.other.casefold() == self.visit.casefold():
            raise _refusal("A visit cannot be swapped with itself", self.other, "other")
        if self.kind == "move" and not self.start and self.crew is None:
            raise _refusal("The move says neither when nor with which crew", None, "start")
        if self.kind != "move" and (self.start or self.crew is not None):
            raise _refusal("Only `move` takes a time or a crew", self.start or self.crew, "start")
        if self.loop and self.kind not in {"lock", "unlock"}:
            raise _refusal("Only `lock` and `unlock` take a whole loop", self.kind, "loop")
        if self.start:
            clock_minute(self.start)
        if self.crew is not None and self.crew < 1:
            raise _refusal("Crews are counted from 1", self.crew, "crew")

    @classmethod
    def asked(cls, text: str) -> Self:
        """Read a change as it is typed (see USAGE), in any case; raise QueryError."""
        words = text.split()
        if not words:
            raise _refusal("No change is asked for", None, "change")
        kind, rest = words[0].lower(), words[1:]
        if kind not in KINDS:
            raise _refusal("No such change", words[0], "change")
        whole = kind in {"lock", "unlock"} and [word.lower() for word in rest[:1]] == ["loop"]
        rest = rest[1:] if whole else rest
        start = next((word for word in rest[1:] if _CLOCK.fullmatch(word)), "") if kind == "move" else ""
        rest = [word for word in rest if word != start or not start]
        crew = None
        if kind == "move" and len(rest) == 3 and rest[1].lower() == "crew":  # noqa: PLR2004 - VISIT crew N
            crew, rest = _number(rest[2]), rest[:1]
        most = 2 if kind == "swap" else 1
        if len(rest) > most:
            raise _refusal(f"`{kind}` does not understand all of that", " ".join(rest[most:]), "change")
        visit, other = (*rest, "", "")[:2]
        return cls(kind, visit, other, start, crew, whole)

    @classmethod
    def from_json(cls, said: Mapping[str, object]) -> Self:
        """Read a change from JSON: `change` and `visit`, and `other`, `start`, `crew`, `loop` where they are meant.

        Raises QueryError naming the field, one that there is not included.
        """
        unknown = sorted(set(said) - {"change", "visit", "other", "start", "crew", "loop"})
        if unknown:
            raise QueryError(
                "A change has no such field", found=unknown[0],
                do="Give change, visit, and where they are meant other, start, crew or loop", field=unknown[0],
            )  # fmt: skip
        texts = {name: said.get(name) or "" for name in ("change", "visit", "other", "start")}
        for name, value in texts.items():
            if not isinstance(value, str):
                raise _refusal(f"`{name}` is no text", value, name)
        crew, loop = said.get("crew"), said.get("loop", False)
        if crew is not None and (not isinstance(crew, int) or isinstance(crew, bool)):
            raise _refusal("`crew` is no whole number", crew, "crew")
        if not isinstance(loop, bool):
            raise _refusal("`loop` is neither true nor false", loop, "loop")
        kind, visit, other, start = (cast("str", value).strip() for value in texts.values())
        return cls(cast("Kind", kind.lower()), visit, other, start, crew, loop)

    def to_json(self) -> dict[str, object]:
        """Return it as JSON has it, without what is not meant."""
        said = {"other": self.other, "start": self.start, "crew": self.crew, "loop": self.loop}
        return {"change": self.kind, "visit": self.visit, **{name: value for name, value in said.items() if value}}


def clock_minute(text: str) -> int:
    """Read `19:10` as minutes after midnight; raise QueryError."""
    found = _CLOCK.fullmatch(text)
    hour, minute = (int(digits) for digits in found.groups()) if found else (_HOURS, 0)
    if hour >= _HOURS or minute >= _MINUTES:
        raise QueryError("That is no clock time", found=text, do="Write it as 19:10", field="start")
    return hour * 60 + minute


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 3):  # noqa: PLR2004 - no force has a thousand crews
        raise _refusal("`crew` is no whole number", text, "crew")
    return int(text)


def _refusal(what: str, found: object, field: str) -> QueryError:
    return QueryError(what, found=found, do=f"Write one of: {USAGE}", field=field)
