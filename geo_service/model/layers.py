"""Layers and the one table shape that every map, page, export and API answer is made from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

from geo_service.model.access import Audience

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

    from geo_service.model.boundaries import Geometries

POSTCODE_CENTRE = "postcode centre"
"""What the column `position_source` says of a feature that stands at the centre of its postcode."""
FieldType: TypeAlias = Literal["text", "integer", "number", "boolean", "date", "hours", "choice"]


@dataclass(frozen=True, slots=True)
class LayerField:
    """Describe one column of a layer."""

    name: str
    title: str
    type: FieldType
    required: bool = False
    choices: tuple[str, ...] = ()
    audience: Audience = Audience.PUBLIC
    """Lowest audience that may see the column."""


@dataclass(frozen=True, slots=True)
class LayerStyle:
    """Say how a layer is drawn; the shape tells layers apart without colour."""

    shape: str
    """`circle`, `square`, `triangle`, `diamond`, `cross`, `line` or `area`."""
    colour: str
    letter: str = ""
    """One letter for print and for pins."""


@dataclass(frozen=True, slots=True)
class Layer:
    """Describe a layer: `layers/<id>.toml`."""

    id: str
    title: str
    description: str
    audience: Audience
    kind: str
    """Source kind: a file in `registry/kinds/`."""
    source: Mapping[str, object]
    fields: tuple[LayerField, ...]
    style: LayerStyle
    licence: str


@dataclass(frozen=True, slots=True)
class Provenance:
    """Say where numbers come from, so that the same answer can be had again."""

    data_version: int
    data_to: str
    """Last day or month that the data covers."""
    parameters: Mapping[str, str] = field(default_factory=dict)
    seed: int | None = None
    marking: str = "OFFICIAL"
    demonstration: bool = False


@dataclass(frozen=True, slots=True)
class FeatureTable:
    """Hold features of one kind: attributes, geometry and what must be said with them."""

    id: str
    title: str
    rows: pl.DataFrame
    """Attributes; the first column is `id` (text, unique)."""
    geometry: Geometries
    """One shapely geometry or None for each row, EPSG:4326."""
    provenance: Provenance
    licences: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    """Sentences that go with every copy: proxy, in-sample, demonstration, anchors …"""
    audience: Audience = Audience.FORCE
    time_columns: tuple[str, str] | None = None
    """Columns with the first and last day (date) that a feature speaks of, where it has them."""
    style: LayerStyle = field(default_factory=lambda: LayerStyle(shape="area", colour="#1d70b8"))

    def __post_init__(self) -> None:
        """Refuse a table whose parts do not fit."""
        if self.rows.height != len(self.geometry):
            msg = f"table {self.id}: {self.rows.height} rows but {len(self.geometry)} geometries"
            raise ValueError(msg)
        if not self.rows.columns or self.rows.columns[0] != "id":
            msg = f"table {self.id}: the first column must be `id`, found {self.rows.columns[:1]}"
            raise ValueError(msg)


@dataclass(frozen=True, slots=True)
class PublicRelease:
    """Hold all that the public site is given: public layers, nothing else."""

    area: str
    """Name of the area, for headings."""
    places: FeatureTable
    """Safe Places, public columns only."""
    show_unverified: bool
    """Whether places that nobody has verified are among them; every page then says so."""
    postcodes_loaded: bool
    """Whether places could be located by their postcode."""
    outline: FeatureTable | None = None
    """Outlines to draw under the pins, where the licence of a loaded boundary set allows it."""
