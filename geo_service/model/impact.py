"""Questions about impact areas and the reports that answer them, which are kept as they were published."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any, Final, Literal, Self, TypeAlias

from geo_service.errors import QueryError
from geo_service.model.asked import Asked
from geo_service.model.hotspots import MEASURES, Measure
from geo_service.model.layers import Provenance
from geo_service.model.offences import PROXY_LEVELS, ProxyLevel
from geo_service.model.surfaces import one_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geo_service.model.periods import Month

YearFrom: TypeAlias = Literal["april", "january"]
YEARS_FROM: Final[tuple[YearFrom, ...]] = ("april", "january")
SHOWN: Final = 13
"""Months whose rolling sums a report holds, so that the first is a year before the last."""
MOST_AREAS: Final = 2_000
_FIRST_YEAR: Final = 1900
MOST_YEARS: Final = 5
Known: TypeAlias = tuple[float | None, ...]
"""Numbers, None where the data does not hold what they need."""


@dataclass(frozen=True, slots=True)
class NamedArea:
    """Name an area of a list: some members of a boundary set."""

    name: str
    codes: tuple[str, ...]
    """Codes or names of wards, districts or policing areas."""


@dataclass(frozen=True, slots=True)
class ImpactQuery:
    """Ask how the harm or count of some areas moves, month by month."""

    to: Month
    """Last month."""
    areas: tuple[NamedArea, ...] = ()
    """Empty: every member of the set."""
    boundary_set: str | None = None
    """A boundary set, or a list of policing areas; None lets the month choose by valid-from date."""
    measure: Measure = "harm"
    offence_set: str = Asked.offences
    harm_table: str | None = None
    proxy: ProxyLevel | None = None
    year_from: YearFrom = "april"
    against: tuple[int, ...] = ()
    """Years in which the earlier years to compare with begin; empty takes the one before."""
    as_of: int | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be answered, naming the parameter."""
        one_of("measure", self.measure, MEASURES)
        one_of("year_from", self.year_from, YEARS_FROM)
        if self.proxy is not None:
            one_of("proxy", self.proxy, PROXY_LEVELS)
        if not self.areas and self.boundary_set is None:
            raise QueryError(
                "Which areas is not said",
                do="Name a boundary set (--set), areas of one (--boundary, as often as wanted) or a file of lists",
                field="areas",
            )
        if len(self.areas) > MOST_AREAS or len(self.against) > MOST_YEARS:
            raise QueryError(
                "That is too much for one report",
                found=f"{len(self.areas)} areas, {len(self.against)} years",
                do=f"Ask for at most {MOST_AREAS:,} areas and {MOST_YEARS} years",
                field="areas" if len(self.areas) > MOST_AREAS else "against",
            )
        late = [year for year in self.against if not _FIRST_YEAR <= year < self.year]
        if late:
            raise QueryError(
                "A year to compare with is not an earlier one",
                found=", ".join(map(str, late)),
                do=f"The year to date begins in {self.year}: give years before it, from {_FIRST_YEAR}",
                field="against",
            )

    @property
    def first(self) -> Month:
        """Return the first month of the year to date."""
        return self.to - (self.to.ordinal - (3 if self.year_from == "april" else 0)) % 12

    @property
    def year(self) -> int:
        """Return the calendar year in which the year to date begins."""
        return self.first.ordinal // 12

    @property
    def earlier(self) -> tuple[int, ...]:
        """Return the years to compare with, latest first."""
        return tuple(sorted(set(self.against or (self.year - 1,)), reverse=True))


@dataclass(frozen=True, slots=True)
class ImpactArea:
    """Report one area; what has one entry for each month is in the order of `ImpactReport.months`."""

    code: str
    name: str
    members: tuple[str, ...]
    """Codes of the boundary set's members; empty for figures that were given."""
    counts: Known
    """Incidents of each month."""
    harms: Known | None
    """Harm of each month, where it is weighed."""
    rolling: Known
    """Sum of the measure over the twelve months that end with each."""
    rolling_counts: Known
    """The same of incidents; empty for figures that were given."""
    on_month: Known
    """Relative change of the rolling sum from the month before, 0.05 for 5 % more."""
    on_year: Known
    statuses: tuple[str | None, ...]
    """None: an earlier month is needed."""
    arrows: tuple[str | None, ...]
    """↑ better than the month before, ↓ worse, = the same, None: an earlier month is needed."""
    to_date: float | None = None
    """Measure of the year to date."""
    to_date_earlier: Known = ()
    """Of the same months of each earlier year."""
    limits: Known = ()
    """Ratio on the year, then the funnel's lower and upper limits at 95 % and at 99.8 %."""
    verdict: str = ""


@dataclass(frozen=True, slots=True)
class ImpactReport:
    """Answer an ImpactQuery as it is published, and kept."""

    id: str
    question: str
    """Digest of what was asked of what, the data version and the month left out: reports that can be compared."""
    title: str
    headline: str
    measure: str
    """What the figures are: `incidents`, `harm (cambridge)` …"""
    months: tuple[str, ...]
    """YYYY-MM, ascending, the last being the month asked about."""
    areas: tuple[ImpactArea, ...]
    to_date_label: str
    """Months of the year to date."""
    earlier_labels: tuple[str, ...]
    late: tuple[str, ...]
    """How much late records changed what an earlier report said of the same windows."""
    notes: tuple[str, ...]
    licences: tuple[str, ...]
    provenance: Provenance
    text: str = ""
    """All of it as it was printed."""

    def to_json(self) -> dict[str, Any]:
        """Return what JSON can hold; `parameters` as they must be named to ask again."""
        return {**asdict(self), "parameters": dict(self.provenance.parameters)}

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> Self:
        """Read a report back."""
        given = {field.name: _tuples(said[field.name]) for field in fields(cls) if field.name in said}
        areas = tuple(ImpactArea(**{name: _tuples(value) for name, value in area.items()}) for area in said["areas"])
        return cls(**{**given, "areas": areas, "provenance": Provenance(**said["provenance"])})


def _tuples(value: Any) -> Any:  # noqa: ANN401 - what JSON holds
    return tuple(value) if isinstance(value, list) else value
