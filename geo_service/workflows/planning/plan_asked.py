"""A request for a plan as a person types it, at a command, in a form or over the API."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

from geo_service.errors import QueryError
from geo_service.model.patrol import (
    LONGEST_SHIFT_MIN,
    Commitment,
    PatrolRules,
    PlanRequest,
    Shift,
    clock_span,
)

if TYPE_CHECKING:
    from geo_service.model.patrol import Mode

_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_YEARS: Final = range(1900, 2200)
_SPAN: Final = r"\d{1,2}:\d{2}\s*(?:-|–|to)\s*\d{1,2}:\d{2}"  # noqa: RUF001
_COMMITMENT: Final = re.compile(
    rf"(?:(?P<zone>[^\s=]+)\s*=\s*)?(?P<span>{_SPAN})\s+(?P<what>.*?)\s*(?:@\s*(?P<crew>\d{{1,3}}))?"
)
_MOST_LINES: Final = 40
_LONGEST: Final = 200


@dataclass(frozen=True)  # without slots, so that the class itself tells the defaults
class TypedPlan:
    """Hold what was typed; `read` makes a request of it."""

    team: str
    shift: str
    officers: int
    date: str = ""
    """`YYYY-MM-DD`; today in London where it is empty."""
    seed: int = 1
    crew: int = 2
    mode: str = "foot"
    speed: float | None = None
    visit: int = 15
    loop: int = 60
    every: int = 120
    gap: int = 45
    pause: int = 15
    zones: int = 4
    windows: tuple[str, ...] = ()
    """`18:00-20:00` for every zone, or `1=18:00-20:00` for one."""
    commitments: tuple[str, ...] = ()
    """`18:00-18:30 school gate`, with `@2` behind for one crew alone and `1=` before it as a visit of zone 1."""
    caps: tuple[str, ...] = ()
    """`1=2` for a zone, or `2` for every zone."""
    station: str = ""
    run: str = "latest"
    boundary_set: str = ""

    def read(self, today: dt.date) -> PlanRequest:
        """Return the request; raise QueryError naming the field that is wrong."""
        if not self.team.strip():
            raise QueryError("No team is named", do="Give its code or name, or those of an area", field="team")
        shift = Shift.asked(_day(self.date, today), self.shift)
        for field in ("windows", "commitments", "caps"):
            _refuse_many(field, getattr(self, field))
        caps = [_cap(text) for text in self.caps]
        every_zone = [most for zone, most in caps if not zone]
        rules = PatrolRules(
            visit_min=self.visit,
            loop_min=self.loop,
            every_min=self.every,
            gap_min=self.gap,
            cap=min(every_zone, default=None),
            pause_min=self.pause,
            crew=self.crew,
            mode=cast("Mode", self.mode),
            speed_kmh=self.speed,
        )
        request = PlanRequest(
            team=" ".join(self.team.split()),
            shift=shift,
            officers=self.officers,
            seed=_seed(self.seed),
            rules=rules,
            windows=tuple(_window(text) for text in self.windows),
            caps=tuple((zone, most) for zone, most in caps if zone),
            run=self.run.strip() or "latest",
            boundary_set=self.boundary_set.strip() or None,
            station=self.station.strip() or None,
            most_zones=self.zones,
            commitments=tuple(_commitment(shift, text) for text in self.commitments),
        )
        for one in request.commitments:
            if one.crew is not None and not 1 <= one.crew <= request.crews:
                raise QueryError(
                    "There is no such crew to be bound",
                    found=one.crew,
                    do=f"The officers make {request.crews} crew(s): name one of them, or none for all",
                    field="commitment",
                )
        return request


def _day(text: str, today: dt.date) -> dt.date:
    if not text.strip():
        return today
    try:
        day = dt.date.fromisoformat(text.strip()) if _DAY.fullmatch(text.strip()) else None
    except ValueError:
        day = None
    if day is None or day.year not in _YEARS:
        raise QueryError("Not a day", found=text, do="Write it as YYYY-MM-DD, for example 2026-10-23", field="date")
    return day


def _seed(seed: int) -> int:
    if not 0 <= seed < 2**31:
        raise QueryError(
            "That cannot be a seed", found=seed, do="Give a whole number from 0 to 2147483647", field="seed"
        )
    return seed


def _refuse_many(field: str, lines: tuple[str, ...]) -> None:
    if len(lines) > _MOST_LINES:
        raise QueryError(
            "That is too much to plan around",
            found=f"{len(lines)} {field}",
            do=f"Give at most {_MOST_LINES}",
            field=field.removesuffix("s"),
        )


def _window(text: str) -> tuple[str, str]:
    zone, _, span = text.rpartition("=")
    return zone.strip(), span.strip()


def _cap(text: str) -> tuple[str, int]:
    zone, _, most = text.rpartition("=")
    if not most.strip().isdecimal() or not 1 <= int(most) <= 100:  # noqa: PLR2004 - as the rule has it
        raise QueryError(
            "That is no cap", found=text, do="Write the most visits of a zone as 1=2, or 2 for every zone", field="cap"
        )
    return zone.strip(), int(most)


def _commitment(shift: Shift, text: str) -> Commitment:
    found = _COMMITMENT.fullmatch(text.strip())
    if found is None or not found["what"] or len(text) > _LONGEST:
        raise QueryError(
            "That is no commitment",
            found=text,
            do='Write from when to when, and what: "18:00-18:30 school gate", with @2 behind for crew 2 alone, '
            "and 1= before it where that is a visit of zone 1",
            field="commitment",
        )
    first, last = clock_span(found["span"], field="commitment")
    if last - first > LONGEST_SHIFT_MIN:  # over midnight and on: it would bind until the shift is over
        raise QueryError("The commitment ends before it begins", found=text, do="Swap its times", field="commitment")
    span = shift.span(found["span"], field="commitment")
    if span is None:
        raise QueryError(
            "The commitment lies outside the shift",
            found=f"{text}, shift {shift.words}",
            do="Leave it out",
            field="commitment",
        )
    return Commitment(*span, found["what"], int(found["crew"]) if found["crew"] else None, found["zone"])
