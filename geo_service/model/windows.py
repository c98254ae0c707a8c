"""Questions about the hours of the week and their answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from geo_service.errors import QueryError
from geo_service.model.periods import Month, Period

if TYPE_CHECKING:
    from geo_service.model.cells import Cells, Floats
    from geo_service.model.hotspots import HotspotQuery
    from geo_service.model.layers import Provenance

DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
DAY_MIN: Final = 1_440
WEEK_MIN: Final = 7 * DAY_MIN
STEP_MIN: Final = 15
"""Minutes of a step where windows are looked for: people write times to the quarter of an hour at best."""
SHORTEST_MIN: Final = 15
LONGEST_MIN: Final = 720
MOST_WINDOWS: Final = 20
PATROL_MIN: Final = 60
LEVEL: Final = 0.05
"""False discovery rate at which a zone's hours are said to stand out."""


@dataclass(frozen=True, slots=True)
class Window:
    """Hold one stretch of the week."""

    start_min: int
    """Minute of the week, Monday 00:00 first."""
    length_min: int
    share: float
    """Share of the measure with a known time that the window holds."""
    expected: float
    """Share that it may be expected to hold in the future: shrunk towards the profile of the whole area."""
    p: float = float("nan")
    """How often the best window of as many incidents, spread evenly over the week, holds as much."""

    @property
    def words(self) -> str:
        """Return day, start and end, such as `Fri 21:15-22:15`; a window belongs to the day it begins on."""
        end = self.start_min + self.length_min
        return f"{DAYS[self.start_min // DAY_MIN]} {_clock(self.start_min)}–{_clock(end)}"  # noqa: RUF001

    @property
    def chance(self) -> float:
        """Return the share of the week that it covers."""
        return self.length_min / WEEK_MIN

    def held(self, mass: Floats) -> float:
        """Return the share of a measure by step of the week (steps) that lies in it; nan where there is none."""
        total = float(mass.sum())
        if not total:
            return float("nan")
        steps = len(mass)
        at = (self.start_min * steps // WEEK_MIN + np.arange(self.length_min * steps // WEEK_MIN)) % steps
        return float(mass[at].sum()) / total


def _clock(minute: int) -> str:
    of_day = minute % DAY_MIN
    return f"{of_day // 60:02d}:{of_day % 60:02d}"


def check_length(length_min: int) -> None:
    """Refuse a length that is no window: quarters of an hour, at most twelve hours; raise QueryError."""
    if not SHORTEST_MIN <= length_min <= LONGEST_MIN or length_min % STEP_MIN:
        raise QueryError(
            "A window cannot have that length",
            found=f"{length_min} minutes",
            do=f"Give {SHORTEST_MIN} to {LONGEST_MIN} minutes in steps of {STEP_MIN}: 60 for a patrol, 480 for a shift",
            field="length",
        )


@dataclass(frozen=True, slots=True)
class WindowsQuery:
    """Ask when in the week most happens."""

    query: HotspotQuery
    length_min: int = PATROL_MIN
    run: str | None = None
    """Run of `zones` whose zones are asked about too."""
    zones: tuple[str, ...] = ()
    """Some of them, by number or id; all by default."""
    check: Period | None = None
    """Later months that say whether the windows held."""
    most: int = 3
    """Windows of each place."""

    def __post_init__(self) -> None:
        """Refuse what cannot be answered."""
        check_length(self.length_min)
        if not 1 <= self.most <= MOST_WINDOWS:
            raise QueryError(
                "That many windows of a place cannot be chosen",
                found=self.most,
                do=f"Give 1 to {MOST_WINDOWS}",
                field="most",
            )
        if self.zones and self.run is None:
            raise QueryError(
                "A zone is named but no run", do="Give the run of `zones` too, for example --run latest", field="run"
            )
        if self.check is not None and self.check.first <= self.query.period.last:
            raise QueryError(
                "The months that check the windows must come after those that they were chosen on",
                found=f"{self.check}, chosen on {self.query.period}",
                do="Begin the check later",
                field="check_from",
            )


@dataclass(frozen=True, slots=True)
class Place:
    """Hold the profile of the area or of one zone, and its best windows."""

    id: str
    """`area`, or the id of the zone."""
    name: str
    number: int | None
    cells: Cells | None
    """Of a zone; None for the area."""
    incidents: int
    known: float
    """Incidents with a known time; a default counts for the share that is not one."""
    measure: float
    """Measure of all incidents: their number, or harm."""
    hours: Floats
    """Measure by hour of the week (168)."""
    windows: tuple[Window, ...]
    q: float
    """p of the best window after Benjamini and Hochberg over the zones; nan without one."""
    held: tuple[float, ...] = ()
    """Share of the measure that each window held in the months of the check."""
    checked: float = 0.0
    """Incidents with a known time in those months."""
    checked_measure: float = 0.0
    """Their measure."""


@dataclass(frozen=True, slots=True)
class WindowsAnswer:
    """Hold the answer with what must be said with it."""

    asked: WindowsQuery
    area_name: str
    vintage: str
    run: str | None
    measure: str
    """Name of the measure: `incidents`, or the harm label."""
    area: Place
    zones: tuple[Place, ...]
    provenance: Provenance
    licences: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def places(self) -> tuple[Place, ...]:
        """Return the area and then its zones."""
        return (self.area, *self.zones)

    @property
    def sentences(self) -> tuple[str, ...]:
        """Return what the answer says in words."""
        return tuple(said for said in (self.sentence, self.sentence_zones) if said)

    @property
    def sentence(self) -> str:
        """Say which window of the area is best."""
        area, even = self.area, self.asked.length_min / WEEK_MIN
        if not area.windows:
            return f"None of the {area.incidents:,} incidents of {self.area_name} has a known time."
        best = area.windows[0]
        return (
            f"Of {area.incidents:,} incidents of {self.area_name} in {self.asked.query.period}, {area.known:,.0f} have "
            f"a known time. {best.words} is the best window of {self.asked.length_min} minutes: it holds "
            f"{_percent(best.share)} of the {self.measure}; of an even week it would hold {_percent(even)}."
        )

    @property
    def sentence_zones(self) -> str:
        """Say in how many zones hours stand out, and what was held afterwards."""
        if not self.zones:
            return ""
        sure = sum(place.q <= LEVEL for place in self.zones)
        said = f"In {sure} of {len(self.zones)} zones the best window is more than chance (false discovery rate 5 %)."
        weight = np.array([place.checked_measure if place.windows else 0.0 for place in self.zones])
        if self.asked.check is None or not weight.sum():
            return said
        held = np.array([place.held[0] if place.held else 0.0 for place in self.zones])
        share = float(np.nansum(held * weight) / weight.sum())
        even = self.asked.length_min / WEEK_MIN
        return (
            f"{said} In {self.asked.check} the best windows held {_percent(share)} of what happened in the zones, "
            f"{share / even:.1f} times what an even week would give."
        )


def _percent(share: float) -> str:
    return f"{share * 100:.1f} %"


def check_months(first: str | None, last: str | None) -> Period | None:
    """Read the later months that check the windows; raise QueryError where only one end is named."""
    if first is None and last is None:
        return None
    if first is None or last is None:
        raise QueryError(
            "Only one end of the months of the check is named",
            do="Give both the first and the last of them, or neither",
            field="check_from" if first is None else "check_to",
        )
    return Period(Month.parse(first, field="check_from"), Month.parse(last, field="check_to"))
