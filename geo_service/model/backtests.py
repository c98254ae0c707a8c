"""Questions about which statistic held, so that they can be asked again of later data."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Final, Self, cast

from geo_service.errors import QueryError
from geo_service.model.asked import Asked
from geo_service.model.hotspots import MEASURES
from geo_service.model.incidents import RESOLUTIONS
from geo_service.model.surfaces import Tuning, one_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geo_service.model.hotspots import Measure
    from geo_service.model.offences import HarmScore, ProxyLevel

ALL: Final = "all"
MOST_MONTHS: Final = 120
ZONE_RESOLUTION: Final = 11
"""Of the cells that zones are grown of, where nothing else is asked."""
MOST_VALUES: Final = 12
"""Shares, and numbers of months ahead, that one backtest takes."""
_DECIMALS: Final = 12
"""Decimals of a share that was typed as a percentage."""


@dataclass(frozen=True, slots=True)
class BacktestQuery:
    """Ask which statistics, fitted on the months before, chose the places that held the most afterwards."""

    boundary: str
    boundary_set: str | None = None
    offence_set: str = Asked.offences
    measure: Measure = "count"
    harm_table: str | None = None
    proxy: ProxyLevel | None = None
    harm_score: HarmScore | None = None
    proactive: bool = False
    """Whether offences found by police activity are put in."""
    resolution: int = Asked.resolution
    statistics: tuple[str, ...] = ()
    """By name; empty takes every one."""
    tuning: Tuning = field(default_factory=Tuning)
    fit_months: int | None = 12
    """Months before each origin that are fitted; None takes all since the first."""
    ahead: tuple[int, ...] = (1, 3, 6)
    """Numbers of months that are scored."""
    shares: tuple[float, ...] = (0.005, 0.014, 0.03)
    """Shares of the area that may be covered."""
    first_origin: str | None = None
    """First month that is scored: `YYYY-MM`, or its number counted from 1, the first month of the data."""
    last_origin: str | None = None
    """Last month that any score may look at, written likewise."""
    zones: bool = True
    """Whether patrol zones are scored beside single cells."""
    as_of: int | None = None
    zone_resolution: int | None = None
    """Of the cells that zones are grown of; None takes ZONE_RESOLUTION, or that of the cells where they are finer."""

    def __post_init__(self) -> None:
        """Refuse what cannot be answered, naming the parameter."""
        if self.fit_months is not None and not 1 <= self.fit_months <= MOST_MONTHS:
            raise QueryError(
                "The number of months fitted is out of range",
                found=self.fit_months,
                do=f"Give 1 to {MOST_MONTHS}, or all",
                field="fit_months",
            )
        if self.zone_resolution is not None and not self.resolution <= self.zone_resolution <= RESOLUTIONS[-1]:
            raise QueryError(
                "The resolution of the zones is out of range",
                found=self.zone_resolution,
                do=f"Give one from that of the cells, {self.resolution}, to {RESOLUTIONS[-1]}",
                field="zone_resolution",
            )
        _refuse_unless(self.ahead, all(1 <= months <= MOST_MONTHS for months in self.ahead), "ahead", "1,3,6")
        _refuse_unless(self.shares, all(0 < share <= 1 for share in self.shares), "shares", "0.5,1.4,3")

    @property
    def zones_of(self) -> int:
        """Return the resolution of the cells that zones are grown of."""
        return self.zone_resolution or max(ZONE_RESOLUTION, self.resolution)

    @property
    def has_fine_zones(self) -> bool:
        """Tell whether zones of finer cells than those of the surface are scored."""
        return self.zones and self.zones_of > self.resolution

    def parameters(self) -> Mapping[str, str]:
        """Return every parameter but the tuning, as words."""
        proxied = self.measure if self.proxy is None or self.measure == "count" else f"harm proxy {self.proxy}"
        return {
            "boundary": self.boundary,
            "boundary set": self.boundary_set or "by date",
            "offence set": self.offence_set,
            "measure": proxied,
            **({"proactive": "put in"} if self.proactive else {}),
            **({} if self.harm_score is None else {"harm score": self.harm_score}),
            "resolution": str(self.resolution),
            **({"zone resolution": str(self.zones_of)} if self.zones else {}),
            "fitted": "all months before" if self.fit_months is None else f"{self.fit_months} months before",
            "ahead": ", ".join(map(str, self.ahead)),
            "area shares": ", ".join(f"{share * 100:g} %" for share in self.shares),
            "origins": f"{self.first_origin or 'first possible'} to {self.last_origin or 'last'}",
        }

    def to_json(self) -> dict[str, Any]:
        """Return what gives the same question back."""
        return asdict(self)

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> Self:
        """Read a kept question."""
        lists = {name: tuple(said[name]) for name in ("statistics", "ahead", "shares")}
        # What was asked before zones could be finer had none that were.
        known = {"zone_resolution": said["resolution"], **said}
        return cls(**{**known, **lists, "tuning": Tuning(**said["tuning"])})


def asked(  # noqa: PLR0913, PLR0917 - one argument for each option
    typed: Asked,
    statistics: str,
    fit_months: str,
    ahead: str,
    shares: str,
    first_origin: str | None,
    last_origin: str | None,
    *,
    zones: bool,
    zone_resolution: int | None = None,
) -> BacktestQuery:
    """Read a question that was typed; raise QueryError naming what is wrong.

    typed: its months, statistic and area share are not looked at. shares: percentages.
    """
    one_of("measure", typed.measure, MEASURES)
    return BacktestQuery(
        boundary=typed.boundary,
        boundary_set=typed.boundary_set,
        offence_set=typed.offences,
        measure=cast("Measure", typed.measure),
        harm_table=typed.harm_table,
        proxy=cast("ProxyLevel | None", typed.proxy),
        harm_score=cast("HarmScore | None", typed.harm_score),
        proactive=typed.proactive,
        resolution=typed.resolution,
        statistics=names(statistics),
        tuning=Tuning.asked(typed),
        fit_months=None if fit_months.strip() == ALL else whole(fit_months, "fit_months")[0],
        ahead=whole(ahead, "ahead"),
        shares=tuple(round(share / 100, _DECIMALS) for share in numbers(shares, "shares")),
        first_origin=first_origin,
        last_origin=last_origin,
        zones=zones,
        zone_resolution=zone_resolution,
        as_of=typed.as_of,
    )


def _refuse_unless(values: tuple[float, ...], is_good: bool, name: str, example: str) -> None:  # noqa: FBT001 - a check
    if is_good and values and len(values) <= MOST_VALUES and len(set(values)) == len(values):
        return
    raise QueryError(
        f"Not what --{name} takes",
        found=", ".join(f"{value:g}" for value in values) or "none",
        do=f"Give up to {MOST_VALUES} different ones within the bounds, for example {example}",
        field=name,
    )


def numbers(text: str, name: str) -> tuple[float, ...]:
    """Read numbers with commas between them; raise QueryError naming the parameter."""
    try:
        return tuple(float(part) for part in text.split(","))
    except ValueError:
        raise QueryError(
            f"Not what --{name.replace('_', '-')} takes",
            found=text,
            do="Write numbers with commas between them",
            field=name,
        ) from None


def whole(text: str, name: str) -> tuple[int, ...]:
    """Read whole numbers with commas between them; raise QueryError naming the parameter."""
    given = numbers(text, name)
    if not all(number.is_integer() for number in given):
        raise QueryError(f"Not what --{name.replace('_', '-')} takes", found=text, do="Write whole numbers", field=name)
    return tuple(int(number) for number in given)


def names(text: str) -> tuple[str, ...]:
    """Read names with commas between them; `all` is an empty list."""
    given = tuple(part.strip() for part in text.split(",") if part.strip())
    return () if given in {(), (ALL,)} else tuple(dict.fromkeys(given))
