"""Questions about hotspots and their answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal, Self, TypeAlias, cast

from geo_service.errors import QueryError
from geo_service.model.asked import Asked
from geo_service.model.incidents import RESOLUTIONS
from geo_service.model.offences import HARM_SCORES, PROXY_LEVELS, HarmScore, ProxyLevel
from geo_service.model.periods import Period
from geo_service.model.surfaces import Tuning, one_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from geo_service.model.boundaries import Area
    from geo_service.model.cells import Cells, CellTable, Floats
    from geo_service.model.layers import Provenance
    from geo_service.model.periods import Month
    from geo_service.model.surfaces import Surface

Measure: TypeAlias = Literal["count", "harm"]
MEASURES: tuple[Measure, ...] = ("count", "harm")
_DECIMALS: Final = 12
"""Decimals of a share that was typed as a percentage: 1.4 / 100 is not 0.014 otherwise."""


@dataclass(frozen=True, slots=True)
class HotspotQuery:
    """Ask which small places of an area hold the most."""

    boundary: str
    """Code or name of a member, of a larger area, or of a policing area."""
    period: Period
    boundary_set: str | None = None
    """Set to look in; None lets the period choose by valid-from date."""
    offence_set: str = Asked.offences
    measure: Measure = "count"
    harm_table: str | None = None
    """Harm table by id; None takes the one table that there is."""
    proxy: ProxyLevel | None = None
    resolution: int = Asked.resolution
    statistic: str = Asked.statistic
    tuning: Tuning = field(default_factory=Tuning)
    """What the statistic is told."""
    area_share: float = round(Asked.area_share / 100, _DECIMALS)
    """Share of the area that the best cells may cover, 0 < share <= 1."""
    as_of: int | None = None
    """Data version; None is the newest."""
    harm_score: HarmScore | None = None
    """Weight of a code that has several, where no description tells which; None weighs it 0."""
    proactive: bool = False
    """Whether offences found by police activity, which the sets leave out, are put in."""

    def __post_init__(self) -> None:
        """Refuse what cannot be answered, naming the parameter."""
        one_of("measure", self.measure, MEASURES)
        one_of("resolution", self.resolution, RESOLUTIONS)
        if self.proxy is not None:
            one_of("proxy", self.proxy, PROXY_LEVELS)
        if self.harm_score is not None:
            one_of("harm_score", self.harm_score, HARM_SCORES)
        if not 0 < self.area_share <= 1:
            raise QueryError(
                "The area share must be more than 0 % and at most 100 %",
                found=f"{self.area_share * 100:g} %",
                do="Give a percentage of the area, for example 1.4",
                field="area_share",
            )

    @classmethod
    def asked(cls, typed: Asked) -> Self:
        """Read a question that was typed; raise QueryError naming what is wrong."""
        return cls(
            boundary=typed.boundary,
            period=Period.parse(typed.first, typed.last),
            boundary_set=typed.boundary_set,
            offence_set=typed.offences,
            measure=cast("Measure", typed.measure),
            harm_table=typed.harm_table,
            proxy=cast("ProxyLevel | None", typed.proxy),
            resolution=typed.resolution,
            statistic=typed.statistic,
            tuning=Tuning.asked(typed),
            area_share=round(typed.area_share / 100, _DECIMALS),
            as_of=typed.as_of,
            harm_score=cast("HarmScore | None", typed.harm_score),
            proactive=typed.proactive,
        )

    def parameters(self) -> Mapping[str, str]:
        """Return every parameter but the tuning, which is said by the statistic that it concerns, as words."""
        return {
            "boundary": self.boundary,
            "boundary set": self.boundary_set or "by date",
            "period": str(self.period),
            "offence set": self.offence_set,
            "measure": self.measure if self.proxy is None or self.measure == "count" else f"harm proxy {self.proxy}",
            "statistic": self.statistic,
            "resolution": str(self.resolution),
            "area share": f"{self.area_share * 100:g} %",
            **({} if self.harm_score is None else {"harm score": self.harm_score}),
            **({"proactive": "put in"} if self.proactive else {}),
        }


@dataclass(frozen=True, slots=True)
class Held:
    """Say what some cells hold of a whole over some months."""

    period: Period
    events: float
    events_all: float
    area_m2: float
    area_all_m2: float
    harm: float | None = None
    harm_all: float | None = None

    @property
    def area_share(self) -> float:
        """Return the cells' share of the area."""
        return self.area_m2 / self.area_all_m2

    @property
    def events_share(self) -> float:
        """Return the cells' share of the events; nan where there are none."""
        return self.events / self.events_all if self.events_all else float("nan")

    @property
    def harm_share(self) -> float | None:
        """Return the cells' share of the harm, where harm is weighed."""
        if self.harm is None or self.harm_all is None:
            return None
        return self.harm / self.harm_all if self.harm_all else float("nan")

    @property
    def pai(self) -> float:
        """Return the predictive accuracy index: share of events over share of area (Chainey et al. 2008).

        nan where no cell was chosen, for there is no share of the area to divide by.
        """
        return self.events_share / self.area_share if self.area_m2 else float("nan")

    @property
    def pai_harm(self) -> float | None:
        """Return the same index by harm."""
        if self.harm_share is None:
            return None
        return self.harm_share / self.area_share if self.area_m2 else float("nan")


@dataclass(frozen=True, slots=True)
class HotspotSurface:
    """Answer a HotspotQuery cell by cell, with the sentence that sums it up."""

    query: HotspotQuery
    area: Area
    table: CellTable
    """Cells of the area."""
    events: Floats
    """Incidents of the set in the covered part of each cell."""
    harm: Floats | None
    harm_label: str | None
    surface: Surface
    chosen: NDArray[np.bool_]
    """The best cells: those within the area share."""
    in_sample: Held
    after: Held | None
    """What the same cells held in the following months that the data has."""
    located: int
    """Incidents of the set in the area and period that have a position."""
    unlocated: int
    """Incidents of the set and period, of the whole data, without a position."""
    months_missing: tuple[Month, ...]
    """Months of the period that no source holds."""
    provenance: Provenance
    licences: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    """Everything that must be said with the answer."""

    @property
    def sentence(self) -> str:
        """Return `x % of the area holds y % of the events and z % of the harm`, with the PAI."""
        held = self.in_sample
        if not held.events_all:
            return (
                f"No located incident of the set {self.query.offence_set} in {self.area.name} in {self.query.period}."
            )
        return _spaced(
            f"{held.area_share:.1%} of the area of {self.area.name} holds {self._shares(held)} "
            f"({self.query.period}, in-sample; {self._pai(held)})."
        )

    @property
    def sentence_after(self) -> str:
        """Return what the same cells held afterwards, or why that is not known."""
        if self.after is None:
            return "The month after the period is not loaded, so nothing is known of how the cells held afterwards."
        if not (self.chosen.any() and self.after.events_all):
            return f"Nothing can be said of the following months ({self.after.period}): there is nothing to compare."
        return _spaced(
            f"In the following months ({self.after.period}) the same cells held {self._shares(self.after)} "
            f"({self._pai(self.after)})."
        )

    def _shares(self, held: Held) -> str:
        """Return `x % of the events and y % of the harm`."""
        said = f"{held.events_share:.1%} of the events"
        if held.harm_share is None:
            return said
        return (
            f"{said} and {held.harm_share:.1%} of the {self.harm_label}"
            if held.harm_all
            else f"{said} (no incident there carries {self.harm_label})"
        )

    def _pai(self, held: Held) -> str:
        """Return `PAI x, by harm y`."""
        return f"PAI {held.pai:.1f}" + (f", by harm {held.pai_harm:.1f}" if held.harm_all else "")


def _spaced(sentence: str) -> str:
    """Set the sign off the number, as SI has it."""
    return sentence.replace("%", " %")


@dataclass(frozen=True, slots=True)
class PatrolZone:
    """Name a contiguous place that can be patrolled."""

    id: str
    """Eight hexadecimal digits; the same data, parameters and cells give the same id."""
    number: int
    """Rank in its run, from 1; printed on maps."""
    name: str
    cells: Cells
    area_ha: float
    """Hectares of whole cells."""
    events: int
    harm: float | None
    score: float
    grid_reference: str
    member_code: str
    """Member of the boundary set that holds most of the zone."""
    member_name: str
    mix: tuple[tuple[str, int], ...] = ()
    """Offences with their counts, most first."""
    stability: float | None = None
    """Mean share of its area that is found again where the grid of cells lies elsewhere; None where not asked."""
    overlap: float | None = None
    """Mean Jaccard index with the zone that it overlaps best there."""


@dataclass(frozen=True, slots=True)
class ZoneChange:
    """Say what became of some zones between two runs."""

    kind: str
    """`kept`, `moved`, `merged`, `split`, `new` or `dropped`."""
    before: tuple[str, ...]
    """Ids of the earlier run's zones."""
    after: tuple[str, ...]
    """Ids of the later run's zones; a kept zone keeps its id."""


@dataclass(frozen=True, slots=True)
class ZoneRun:
    """Hold the zones of one question, with what is needed to ask it again and what must be said with them."""

    id: str
    """Eight hexadecimal digits."""
    query: HotspotQuery
    """With `as_of` and `boundary_set` filled in, so that asking again gives the same answer."""
    area_name: str
    vintage: str
    sentence: str
    sentence_after: str
    zones: tuple[PatrolZone, ...]
    without: tuple[str, ...]
    """Names of the members of the area without a qualifying zone."""
    rules: str
    """The rules that a zone had to meet, in words."""
    harm_label: str | None
    provenance: Provenance
    licences: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    compared: str = ""
    """Id of the earlier run that its zones were held against; empty where there was none."""
    changes: tuple[ZoneChange, ...] = ()
    """What became of the zones since."""
    shifts: int = 0
    """Positions of the grid that the stability of its zones was found over."""
    sight: tuple[str, ...] | None = None
    """Areas that the asker could look into, ascending; None for the whole force."""
    below_bar: bool = False
    """Whether its places stand in for zones where none qualifies; such a run is never the newest one."""
