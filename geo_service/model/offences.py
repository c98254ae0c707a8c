"""Offence sets and harm tables as values; the files that hold them are read by the registry."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    import polars as pl

ProxyLevel: TypeAlias = Literal["low", "middle", "high"]
PROXY_LEVELS: tuple[ProxyLevel, ...] = ("low", "middle", "high")


@dataclass(frozen=True, slots=True)
class OffenceRule:
    """Match offence groups by code, name and markers: every condition that is given must hold."""

    codes: tuple[str, ...] = ()
    """Home Office codes; a code that ends in `/` matches all its sub-codes. Empty: no condition."""
    offences: tuple[str, ...] = ()
    """Descriptions or data.police.uk categories, compared without regard to case. Empty: no condition."""
    any_marker: tuple[str, ...] = ()
    """At least one of these markers is true. Empty: no condition."""


@dataclass(frozen=True, slots=True)
class OffenceSet:
    """Name a choice of offences: any `include` rule (none: everything) and no `exclude` rule."""

    id: str
    title: str
    description: str
    include: tuple[OffenceRule, ...] = ()
    exclude: tuple[OffenceRule, ...] = ()
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


@dataclass(frozen=True, slots=True)
class ProxyTable:
    """Weigh the categories of data.police.uk by a stated proxy; never a measured harm."""

    id: str
    title: str
    source: str
    rows: pl.DataFrame
    """Columns `offence` (category), `low`, `middle`, `high`, `source`."""


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
