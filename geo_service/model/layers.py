"""Layers and the one table shape that every map, page, export and API answer is made from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeAlias

from geo_service.errors import FaultError
from geo_service.model.access import Audience

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping

    import polars as pl

    from geo_service.model.boundaries import Geometries

POSTCODE_CENTRE = "postcode centre"
"""What the column `position_source` says of a feature that stands at the centre of its postcode."""
STREETS: Final = "streets"
"""Layer of lines that incidents are counted along and that a patrol zone does not cross."""
EXCLUDED_PLACES: Final = "excluded-places"
"""Layer of places that no patrol zone takes in."""
ADDRESSES: Final = "addresses"
"""Layer of homes that are visited after a burglary."""
GROUND: Final = "ground"
"""Layer of areas that lie under everything else: water, parks, woods."""
BUILDINGS: Final = "buildings"
"""Layer of the outlines of buildings."""
LANDMARKS: Final = "landmarks"
"""Layer of what people find their way by: stations, schools, hospitals …"""
UNDRAWN: Final = frozenset({STREETS, ADDRESSES, BUILDINGS, LANDMARKS})
"""Layers that are worked with and not drawn as features: a county has a hundred thousand streets, and more homes.

A base map draws streets, buildings and landmarks as tiles."""
PUBLIC: Final = "public, no destroy-after"
"""What stands in place of a day where copies need not be destroyed."""
FORMULA: Final = (
    r"[\s\p{Cf}\p{Cc}\"'`\x{2018}\x{2019}\x{201C}\x{201D}]*"
    r"[=+\-@\t\r\n\x{FF1D}\x{FF0B}\x{FF0D}\x{FF20}]"
)
"""Beginning that may make a spreadsheet run a text as a formula: an operator, full-width ones included, also after
quotes, spaces and unseen characters, which some programs strip (OWASP, CSV injection).

Written, such a text has an apostrophe before it. Since that is among the quotes, a text that was read is of this kind
if and only if an apostrophe stands before such a beginning, and taking one away gives back what it was.
"""
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
    """`circle`, `square`, `triangle`, `diamond`, `cross`, `line` or `area`; `none` for a table without places."""
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
    destroy_after: dt.date | None = None
    """Last day that copies may be kept; decided when a table is exported, and never where it is public."""


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

    @property
    def destroy_after(self) -> str:
        """Return the last day that copies may be kept, ISO 8601, or PUBLIC.

        Raises FaultError where none was decided: no copy leaves without it.
        """
        if self.audience is Audience.PUBLIC:
            return PUBLIC
        if self.provenance.destroy_after is None:
            raise FaultError("An export must say when its copies are destroyed", found=self.id)
        return self.provenance.destroy_after.isoformat()


class Marks(NamedTuple):
    """Hold what every copy says inside and in its name."""

    marking: str
    data_version: int
    destroy_after: str
    """A day, ISO 8601, or PUBLIC."""
    demonstration: bool


def marks_of(tables: Iterable[FeatureTable]) -> Marks:
    """Return the marks of a file that holds some tables: the strictest of each, and the newest data version.

    Raises FaultError where a table that is not public says no day.
    """
    held = list(tables)
    return Marks(
        marking=max((table.provenance.marking for table in held), key=len, default="OFFICIAL"),
        data_version=max((table.provenance.data_version for table in held), default=0),
        # Digits stand before letters: the earliest day, or PUBLIC where there is none.
        destroy_after=min((table.destroy_after for table in held), default=PUBLIC),
        demonstration=any(table.provenance.demonstration for table in held),
    )
