"""Offence sets and harm tables as values; the files that hold them are read by the registry."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

ProxyLevel: TypeAlias = Literal["low", "middle", "high"]
PROXY_LEVELS: tuple[ProxyLevel, ...] = ("low", "middle", "high")
HarmScore: TypeAlias = Literal["lowest", "highest"]
HARM_SCORES: tuple[HarmScore, ...] = ("lowest", "highest")
"""How an offence is weighed whose code has several weights and whose description tells none of them."""


SEVERAL: Final = "its code has several weights"
"""How the reason begins why an ambiguous offence weighs nothing."""
Under25: TypeAlias = Literal["", "victim", "suspect", "either"]
UNDER_25: Mapping[Under25, tuple[str, ...]] = MappingProxyType(
    {
        "": (),
        "victim": ("victim_under_25",),
        "suspect": ("suspect_under_25",),
        "either": ("victim_under_25", "suspect_under_25"),
    }
)
"""Markers of which one at least must be set."""


@dataclass(frozen=True, slots=True)
class OffenceRule:
    """Match offence groups by code, name and markers: every condition that is given must hold."""

    codes: tuple[str, ...] = ()
    """Home Office codes; a code that ends in `/` matches all its sub-codes. Empty: no condition."""
    offences: tuple[str, ...] = ()
    """Descriptions or data.police.uk categories, compared without regard to case. Empty: no condition."""
    any_marker: tuple[str, ...] = ()
    """At least one of these markers is true. Empty: no condition."""
    under_25: Under25 = ""
    """Who must be under 25: `victim`, `suspect` or `either` of them. Empty: no condition."""


@dataclass(frozen=True, slots=True)
class OffenceSet:
    """Name a choice of offences: any `include` rule (none: everything) and no `exclude` rule."""

    id: str
    title: str
    description: str
    include: tuple[OffenceRule, ...] = ()
    exclude: tuple[OffenceRule, ...] = ()
    proactive: tuple[OffenceRule, ...] = ()
    """Offences that follow police activity: left out unless they are asked for."""
    proactive_words: str = ""
    """Those, in a few words."""
    notes: tuple[str, ...] = ()
    """Sentences that every answer made with this set must show."""


@dataclass(frozen=True, slots=True)
class HarmTable:
    """Weigh offences in days of imprisonment, by Home Office code and, where given, description."""

    id: str
    title: str
    source: str
    rows: pl.DataFrame
    """Columns `offence_code`, `offence` (null: any description), `days`, `source`."""
    notes: tuple[str, ...] = ()
    """Sentences that every answer weighed by it must show."""
    leaves_out: tuple[str, ...] = ()
    """Markers of incidents that the index does not weigh: `found_by_police`."""


@dataclass(frozen=True, slots=True)
class ProxyTable:
    """Weigh the categories of data.police.uk by a stated proxy; never a measured harm."""

    id: str
    title: str
    source: str
    rows: pl.DataFrame
    """Columns `offence` (category), `low`, `middle`, `high`, `source`."""


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """Name an offence whose code has several weights, none of which its description names."""

    code: str
    offence: str
    """Its description; empty where it has none."""
    lowest: float
    highest: float
    groups: tuple[int, ...]
    """Positions of its offence groups."""

    def __str__(self) -> str:
        """Return code and description."""
        return f"{self.code} {self.offence}".strip()


@dataclass(frozen=True, slots=True)
class Weights:
    """Hold one weight for each offence group of a cube."""

    label: str
    """How an output names the figure, for example `harm (proxy, middle)`."""
    table: str
    """Id of the harm or proxy table."""
    is_proxy: bool
    days: tuple[float, ...]
    """Weight of each group in order; 0 where nothing matched."""
    unmatched: tuple[str, ...] = field(default=())
    """Offences of the groups that no row of the table matches; they count as 0 and are reported."""
    ambiguous: tuple[Ambiguous, ...] = ()
    """Offences whose code has several weights, none of which their description names."""
    score: HarmScore | None = None
    """How the ambiguous ones are weighed; None: as 0."""
    notes: tuple[str, ...] = ()
    """Sentences of the table that must be shown."""
