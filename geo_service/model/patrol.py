"""Who goes where and when: shifts, rules, visits, loops, plans and what was delivered of them."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal, Self, TypeAlias

from geo_service.errors import QueryError
from geo_service.model.clock import LONDON

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geo_service.model.cells import Floats
    from geo_service.model.layers import Provenance
    from geo_service.model.places import EastNorth

Mode: TypeAlias = Literal["foot", "cycle", "car"]
PATROL_PLAN: Final = "patrol-plan"
"""Kind of the editable rows that plans are kept as."""
VISIT: Final = "visit"
"""Kind of the rows that visits are kept as, `2026-10-23/` and a hash, by the day in London on which they began."""
MODES: Final[tuple[Mode, ...]] = ("foot", "cycle", "car")
SPEED_KMH: Final[Mapping[Mode, float]] = {"foot": 4.8, "cycle": 14.0, "car": 25.0}
"""Usual speed through streets: conventions of this product, said on every plan."""
SLOWEST_KMH: Final = 1.0
FASTEST_KMH: Final = 60.0
DETOUR: Final = 1.3
"""What a straight line is multiplied by where no streets are loaded."""
SHORTEST_VISIT_MIN: Final = 10
LONGEST_VISIT_MIN: Final = 16
"""Koper (1995): what a visit is good for grows up to some 15 minutes, and no further."""
LONGEST_LOOP_MIN: Final = 60
LONGEST_SHIFT_MIN: Final = 16 * 60
MOST_OFFICERS: Final = 200
CREW: Final[tuple[int, ...]] = (1, 2)
"""Officers of one crew: single, or a pair."""
WHENCE: Final = ("data", "sergeant", "shift")
_SHIFT: Final = re.compile(r"(\d{1,2}):(\d{2})\s*(?:-|–|to)\s*(\d{1,2}):(\d{2})")  # noqa: RUF001
_DAY_MIN: Final = 1_440
_HOURS, _MINUTES = 24, 60


def clock_span(text: str, *, field: str) -> tuple[int, int]:
    """Read `15:00-23:00` as minutes after midnight; the end lies after the start, over midnight where it must.

    Raises QueryError naming the field.
    """
    found = _SHIFT.fullmatch(text.strip())
    hours = [int(digits) for digits in found.groups()] if found else []
    if not found or hours[0] >= _HOURS or hours[2] > _HOURS or max(hours[1], hours[3]) >= _MINUTES:
        raise QueryError(
            "That is not a span of two clock times",
            found=text,
            do="Write it as 15:00-23:00 or 22:00-06:00",
            field=field,
        )
    start, end = hours[0] * 60 + hours[1], hours[2] * 60 + hours[3]
    if end > _DAY_MIN:
        raise QueryError("A day has no such hour", found=text, do="Write midnight as 00:00 or 24:00", field=field)
    return start, end if end > start else end + _DAY_MIN


def elapsed_min(start: dt.datetime, end: dt.datetime) -> float:
    """Return the minutes that pass on a watch: between two times of one zone Python takes what the clocks show."""
    return (end.astimezone(dt.UTC) - start.astimezone(dt.UTC)).total_seconds() / 60


@dataclass(frozen=True, slots=True)
class Shift:
    """Hold one turn of duty; every time of a plan is in minutes since it began, as they pass on a watch."""

    start: dt.datetime
    """With its zone, Europe/London."""
    minutes: int
    """Elapsed: a night on which the clocks change has one hour more or less than its figures say."""

    def __post_init__(self) -> None:
        """Refuse a shift that nobody works."""
        if not 0 < self.minutes <= LONGEST_SHIFT_MIN:
            raise QueryError(
                "A shift cannot be that long",
                found=f"{self.minutes / 60:g} hours",
                do=f"Give one of at most {LONGEST_SHIFT_MIN // 60} hours",
                field="shift",
            )

    @classmethod
    def asked(cls, day: dt.date, text: str) -> Self:
        """Read `15:00-23:00` on the day on which it begins; raise QueryError."""
        first, last = clock_span(text, field="shift")
        start, end = (_at(day, minute) for minute in (first, last))
        return cls(start, round(elapsed_min(start, end)))

    @property
    def day(self) -> dt.date:
        """Return the day on which it begins."""
        return self.start.date()

    @property
    def end(self) -> dt.datetime:
        """Return when it ends, with its zone."""
        return self.at(self.minutes)

    def at(self, minute: float) -> dt.datetime:
        """Return the clock time after so many minutes of the shift, with its zone."""
        return (self.start.astimezone(dt.UTC) + dt.timedelta(minutes=minute)).astimezone(LONDON)

    def clock(self, minute: float) -> str:
        """Return the clock time after so many minutes of the shift as `HH:MM`."""
        return f"{self.at(minute):%H:%M}"

    def minute(self, when: dt.datetime) -> float:
        """Return how many minutes after its start something is."""
        return elapsed_min(self.start, when)

    def span(self, text: str, *, field: str) -> tuple[int, int] | None:
        """Read `18:00-20:00` as minutes of the shift, cut to it; None where it lies outside. Raises QueryError."""
        first, last = clock_span(text, field=field)
        for days in (0, 1, -1):
            day = self.day + dt.timedelta(days=days)
            start, end = (round(self.minute(_at(day, minute))) for minute in (first, last))
            if start < self.minutes and end > 0:
                return max(start, 0), min(end, self.minutes)
        return None

    @property
    def words(self) -> str:
        """Return `Fri 23 October 2026, 15:00 to 23:00`."""
        return f"{self.start:%a} {self.start.day} {self.start:%B %Y}, {self.start:%H:%M} to {self.end:%H:%M}"


def _at(day: dt.date, minute: int) -> dt.datetime:
    midnight = dt.datetime.combine(day, dt.time(), LONDON)
    return midnight + dt.timedelta(minutes=minute)  # by the clock: arithmetic within one zone


@dataclass(frozen=True, slots=True)
class PatrolRules:
    """Hold the rules that a plan keeps; every time in minutes."""

    visit_min: int = 15
    loop_min: int = LONGEST_LOOP_MIN
    """From leaving the parade station to being back, travel included."""
    every_min: int = 120
    """In a zone's window no more than this passes from the start of one visit to the start of the next, nor from the
    window's opening to the first, nor from the last to its close, where the officers suffice."""
    gap_min: int = 45
    """Least time between the end of a visit and the start of the next in the same zone."""
    cap: int | None = None
    """Most visits of one zone in a shift."""
    pause_min: int = 15
    """Least time at the station between two loops of a crew."""
    crew: int = 2
    """Officers who go together: 1 or 2."""
    mode: Mode = "foot"
    speed_kmh: float | None = None
    """None takes the usual speed of the mode."""

    def __post_init__(self) -> None:
        """Refuse rules that contradict one another, naming the field."""
        _within("visit", self.visit_min, SHORTEST_VISIT_MIN, LONGEST_VISIT_MIN, "minutes")
        _within("loop", self.loop_min, self.visit_min, LONGEST_LOOP_MIN, "minutes")
        _within("every", self.every_min, self.visit_min, LONGEST_SHIFT_MIN, "minutes")
        _within("gap", self.gap_min, 0, self.every_min - self.visit_min, "minutes")
        _within("pause", self.pause_min, 0, LONGEST_SHIFT_MIN, "minutes")
        _within("crew", self.crew, CREW[0], CREW[-1], "officers")
        if self.cap is not None:
            _within("cap", self.cap, 1, 100, "visits")
        if self.mode not in MODES:
            raise QueryError("No such way of going", found=self.mode, do=f"Use {', '.join(MODES)}", field="mode")
        if self.speed_kmh is not None and not 1 <= self.speed_kmh <= 60:  # noqa: PLR2004 - walking slowly, a car in town
            raise QueryError(
                "Nobody patrols at that speed", found=self.speed_kmh, do="Give 1 to 60 km/h", field="speed"
            )

    @property
    def speed_m_per_min(self) -> float:
        """Return metres a minute."""
        return (self.speed_kmh or SPEED_KMH[self.mode]) * 1000 / 60


def _within(name: str, value: int, least: int, most: int, unit: str) -> None:
    if not least <= value <= most:
        raise QueryError(
            f"The rule `{name}` is out of range",
            found=f"{value} {unit}",
            do=f"Give {least} to {most} {unit}"
            if least <= most
            else f"Widen the other rules first: `{name}` has no room",
            field=name,
        )


@dataclass(frozen=True, slots=True)
class PlanZone:
    """Hold what a plan knows of one patrol zone."""

    id: str
    number: int
    name: str
    at: EastNorth
    """Where a visit begins and ends: metres, EPSG:27700."""
    harm_per_h: float
    """Expected harm (or incidents, where no harm is weighed) in an hour of its windows."""
    windows: tuple[tuple[int, int], ...]
    """When a visit does most, in minutes of the shift, ascending and apart."""
    whence: Literal["data", "sergeant", "shift"] = "shift"
    """Who chose the windows: the hours of the incidents, the sergeant, or nobody (then the whole shift)."""
    below_bar: bool = False
    """Whether it stands in for a zone that no place of the team's area qualifies as."""
    cap: int | None = None
    """Most visits of this zone; None takes the rule."""
    words: str = ""
    """Its windows in words, such as `Fri 21:00 to 23:00`, with what chose them."""


@dataclass(frozen=True, slots=True)
class Commitment:
    """Bind a crew to something else for a while."""

    start_min: int
    end_min: int
    what: str
    crew: int | None = None
    """From 1; None binds every crew."""
    zone: str | None = None
    """Id of a zone that counts as visited then; None for anything else."""


@dataclass(frozen=True, slots=True)
class Travel:
    """Hold how long it takes from each place to each, the parade station first."""

    minutes: Floats
    """(n + 1, n + 1); row 0 is the station, row k the zone k - 1 of the plan."""
    metres: Floats
    """The same in metres."""
    by: str
    """`streets` or `straight line`, times DETOUR."""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Visit:
    """Be at one zone for some minutes."""

    id: str
    """Unique in its plan; stays through edits."""
    zone: str
    start_min: int
    end_min: int
    locked: bool = False
    """Whether re-planning must leave it as it is."""

    @property
    def minutes(self) -> int:
        """Return how long it is."""
        return self.end_min - self.start_min


@dataclass(frozen=True, slots=True)
class Loop:
    """Leave the station, make some visits, come back."""

    crew: int
    """From 1."""
    start_min: int
    end_min: int
    visits: tuple[Visit, ...]
    legs_min: tuple[float, ...]
    """Travel to each visit and back, one more than the visits."""
    if_two: tuple[str, ...] = ()
    """Ids of the zones that one pair goes to, in that order, when only two officers of all remain during this loop."""


@dataclass(frozen=True, slots=True)
class PlanRequest:
    """Ask for a plan."""

    team: str
    """Code or name of a policing area or of a member of a boundary set."""
    shift: Shift
    officers: int
    seed: int = 1
    rules: PatrolRules = field(default_factory=PatrolRules)
    windows: tuple[tuple[str, str], ...] = ()
    """(zone number or id, or empty for every zone; `18:00-20:00`), as the sergeant typed them."""
    commitments: tuple[Commitment, ...] = ()
    caps: tuple[tuple[str, int], ...] = ()
    """(zone number or id, most visits)."""
    run: str = "latest"
    """Run of `zones` that they are taken from."""
    boundary_set: str | None = None
    station: str | None = None
    """Id of a feature of the layer `parade-stations`; None takes the team's own."""
    most_zones: int = 4

    def __post_init__(self) -> None:
        """Refuse what cannot be planned, naming the field."""
        _within("officers", self.officers, 1, MOST_OFFICERS, "officers")
        _within("zones", self.most_zones, 1, 12, "zones")
        if self.crews < 1:
            raise QueryError(
                "The officers are too few for one crew",
                found=f"{self.officers} officer for crews of {self.rules.crew}",
                do="Give two officers, or let them go singly with --crew 1",
                field="officers",
            )

    @property
    def crews(self) -> int:
        """Return how many crews the officers make."""
        return self.officers // self.rules.crew


@dataclass(frozen=True, slots=True)
class PatrolPlan:
    """Say who goes where and when in one shift of one team."""

    id: str
    """Eight hexadecimal digits; the same data, parameters and seed give the same id."""
    request: PlanRequest
    team_code: str
    team_name: str
    boundary_set: str
    members: tuple[str, ...]
    """Codes of the team's members in that set."""
    run: str
    """Id of the run of zones."""
    zones: tuple[PlanZone, ...]
    """Highest expected harm first."""
    station: EastNorth
    station_name: str
    loops: tuple[Loop, ...]
    """By crew and start."""
    travel_by: str
    harm_minutes: float
    """Expected harm an hour of each visited zone times the hours spent there in its windows, times 60."""
    unkept: tuple[str, ...]
    """Where the rule of every two hours is not kept, and what would keep it."""
    provenance: Provenance
    licences: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    """Everything that must be said with it."""
    before: str = ""
    """Id of the team's last plan, which its changes are told against; empty where there is none."""
    edits: tuple[str, ...] = ()
    """What was changed by hand since it was made, in words, oldest first."""
    version: int = 0
    """Of the kept row; 0 where it is not kept."""

    @property
    def visits(self) -> tuple[Visit, ...]:
        """Return every visit in order of time."""
        return tuple(
            sorted((visit for loop in self.loops for visit in loop.visits), key=lambda at: (at.start_min, at.id))
        )

    def zone(self, zone_id: str) -> PlanZone:
        """Return a zone by its id."""
        return next(zone for zone in self.zones if zone.id == zone_id)


@dataclass(frozen=True, slots=True)
class VisitMade:
    """Record one visit that was made."""

    id: str
    plan: str
    """Id of the plan; empty where it was made without one."""
    team: str
    """Code of the team."""
    zone: str
    """Id of the patrol zone."""
    start: dt.datetime
    """With its zone."""
    end: dt.datetime
    officers: int
    source: Literal["page", "csv", "gps"]
    outcome: str = ""
    """One of OUTCOMES, or empty."""
    error_min: float = 0.0
    """Half the width of the interval that the minutes lie in; 0 where somebody wrote the times down."""
    visit: str = ""
    """Id of the planned visit that it is; empty where it was not planned."""
    inside_min: float | None = None
    """Minutes in the zone while anybody was; None where all of start to end."""
    near_edge_min: float = 0.0
    """The part of `error_min` that does not average out over several visits."""
    officer_min: float | None = None
    """Minutes of all officers together; None where each was there for all of it."""
    not_ended: bool = False
    """Whether the tap that ends it was forgotten, so that it counts as long as was planned."""

    @property
    def minutes(self) -> float:
        """Return the patrol-minutes: somebody's presence counts once, however many they are."""
        whole = elapsed_min(self.start, self.end)
        return whole if self.inside_min is None else self.inside_min

    @property
    def officer_minutes(self) -> float:
        """Return the officer-minutes."""
        return self.minutes * self.officers if self.officer_min is None else self.officer_min


OUTCOMES: Final = ("nothing to report", "spoke to people", "disorder dealt with", "arrest", "stop and search", "other")
"""What a visit may have come to, from the sheet's boxes."""
