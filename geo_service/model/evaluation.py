"""Questions about what was done in some places, and whether it worked beside others."""

from __future__ import annotations

import itertools
import math
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from geo_service.errors import QueryError
from geo_service.model.asked import Asked
from geo_service.model.offences import PROXY_LEVELS, ProxyLevel
from geo_service.model.periods import Month, Period
from geo_service.model.surfaces import one_of

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_RING_M: Final = 5_000.0
MOST_PLACES: Final = 500
_WRITTEN: Final = re.compile(r"\s*(\S+?)(?:\s*(?:\.\.|/|\bto\b)\s*(\S+))?\s*")


@dataclass(frozen=True, slots=True)
class Named:
    """Name places: what is named together is counted together."""

    areas: tuple[str, ...] = ()
    """Codes or names of members, larger areas or policing areas."""
    zones: tuple[str, ...] = ()
    """Ids of patrol zones."""
    features: tuple[str, ...] = ()
    """`layer/id`: a point is the centre of a circle, an area itself."""

    def __len__(self) -> int:
        """Return the number of names."""
        return len(self.areas) + len(self.zones) + len(self.features)

    def __str__(self) -> str:
        """Return the names as words."""
        zones = (f"zone {zone}" for zone in self.zones)
        return "; ".join((*self.areas, *zones, *self.features))


@dataclass(frozen=True, slots=True)
class EvaluationQuery:
    """Ask how treated places changed beside comparison places."""

    treated: Named
    comparison: Named
    before: Period
    after: Period | None = None
    during: Period | None = None
    ring_m: float = 0.0
    """Width of the displacement ring around the places, metres; 0 looks at none."""
    radius_m: float = 100.0
    """Radius of the circle around a feature that is a point, metres."""
    boundary_set: str | None = None
    offence_set: str = Asked.offences
    harm_table: str | None = None
    proxy: ProxyLevel | None = None
    level: float = 0.9
    as_of: int | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be answered, naming the parameter."""
        for name, places in (("treated", self.treated), ("comparison", self.comparison)):
            if not 1 <= len(places) <= MOST_PLACES:
                raise QueryError(
                    f"No {name} place is named" if not len(places) else f"Too many {name} places are named",
                    found=len(places),
                    do=f"Name 1 to {MOST_PLACES}: nothing is evaluated without places to compare with",
                    field=name,
                )
        if self.proxy is not None:
            one_of("proxy", self.proxy, PROXY_LEVELS)
        phases = self.phases
        if len(phases) < 2:  # noqa: PLR2004 - before, and something to compare with it
            raise QueryError("There is no period to compare with the one before", do="Give --after", field="after")
        for (name, period), (later_name, later) in itertools.pairwise(phases):
            if later.first <= period.last:
                raise QueryError(
                    f"The period {later_name} does not come after the period {name}",
                    found=f"{period}, then {later}",
                    do="Give periods that follow one another and share no month",
                    field=later_name,
                )
        _within("ring", self.ring_m, 0, MOST_RING_M, "metres")
        _within("radius", self.radius_m, 10, MOST_RING_M, "metres")
        _within("level", self.level, 0.5, 0.999, "")

    @property
    def phases(self) -> tuple[tuple[str, Period], ...]:
        """Return the periods that are given, in order."""
        given = (("before", self.before), ("during", self.during), ("after", self.after))
        return tuple((name, period) for name, period in given if period is not None)

    def parameters(self) -> Mapping[str, str]:
        """Return every parameter as words."""
        return {
            "treated": str(self.treated),
            "comparison": str(self.comparison),
            "boundary set": self.boundary_set or "by date",
            **{name: str(period) for name, period in self.phases},
            "ring": f"{self.ring_m:g} m" if self.ring_m else "none",
            **({"radius": f"{self.radius_m:g} m"} if self.treated.features or self.comparison.features else {}),
            "offence set": self.offence_set,
            "level": f"{self.level * 100:g} %",
        }


def finite(value: Any) -> Any:  # noqa: ANN401 - what JSON holds
    """Return a value, or all in it, with None in place of numbers that are none (nan, infinite): JSON has no such."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {name: finite(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [finite(each) for each in value]
    return value


def _within(name: str, value: float, least: float, most: float, unit: str) -> None:
    if not least <= value <= most:
        said = f"{least:g} to {most:g} {unit}".strip()
        raise QueryError(f"The {name} is out of range", found=value, do=f"Give {said}", field=name)


def months_of(text: str, name: str) -> Period:
    """Read `YYYY-MM..YYYY-MM` or one month; raise QueryError naming the field."""
    found = _WRITTEN.fullmatch(text)
    if found is None:
        raise QueryError(
            "Not months", found=text, do="Write the first and the last, for example 2025-01..2025-06", field=name
        )
    first = Month.parse(found[1], field=name)
    last = Month.parse(found[2], field=name) if found[2] else first
    if last < first:
        raise QueryError("The months end before they begin", found=text, do="Write the earlier first", field=name)
    return Period(first, last)


@dataclass(frozen=True, slots=True)
class TrialQuery:
    """Ask for the allocation of a crossover trial."""

    run: str
    """Run of zones, or `latest`."""
    first_day: str
    """YYYY-MM-DD."""
    days: int
    seed: int
    zones: tuple[str, ...] = field(default=())
    """Ids or numbers of zones of the run; empty takes all."""
    period_days: int = 1
    block_periods: int = 2
    wash_out_days: int = 0
