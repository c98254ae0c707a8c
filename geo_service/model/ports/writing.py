"""What is written for people: files, maps, tiles, paper, charts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import polars as pl

    from geo_service.model.charts import Chart
    from geo_service.model.cocoon_sheets import CocoonSheet
    from geo_service.model.layers import FeatureTable
    from geo_service.model.place_sheets import PlaceSheet
    from geo_service.model.plan_sheets import LaidOut, PlanSheet, WallMap
    from geo_service.model.reports import ReportContent
    from geo_service.model.sheets import SheetContent


class Format(Protocol):
    """Write a feature table in one file format."""

    name: str
    media_type: str
    suffix: str

    def write(self, table: FeatureTable) -> bytes:
        """Return the whole file."""


class MapWriter(Protocol):
    """Write one self-contained HTML file."""

    def write(self, tables: Sequence[FeatureTable], *, title: str) -> bytes:
        """Draw the tables, lowest first, on a map that needs no network."""


class TileWriter(Protocol):
    """Draw the layers of a base map as tiles for the screen."""

    def write(self, layers: Mapping[str, pl.DataFrame]) -> bytes | None:
        """Return a PMTiles archive of vector tiles, None where no layer holds anything; equal layers, equal bytes.

        layers: features (with `wkb`, EPSG:4326) by layer: streets, ground, buildings, landmarks; others are left out.
        """


class SheetPrinter(Protocol):
    """Turn a sheet into paper."""

    def print(self, content: SheetContent) -> bytes:
        """Return a PDF; the same content gives the same bytes."""

    def print_plan(self, sheets: Sequence[PlanSheet]) -> bytes:
        """Return the sheets of a plan, one after the other, as one PDF; the same sheets give the same bytes.

        At most two A4 pages for each, but in large print.
        """

    def lay_out(self, sheets: Sequence[PlanSheet]) -> tuple[LaidOut, ...]:
        """Measure the sheets of a plan and draw their maps, which is what takes long."""

    def print_laid_out(self, laid: Sequence[LaidOut]) -> bytes:
        """Return sheets of any plans, laid out before, as one PDF; `print_plan` is both for one plan."""

    def print_cocoons(self, sheets: Sequence[CocoonSheet]) -> bytes:
        """Return the sheets of super-cocoons, two A4 pages each, as one PDF; the same sheets give the same bytes."""

    def print_wall_map(self, content: WallMap) -> bytes:
        """Return an A3 map as PDF; the same content gives the same bytes."""

    def print_report(self, content: ReportContent) -> bytes:
        """Return a report of tables and a picture as PDF; the same content gives the same bytes."""

    def print_places(self, content: PlaceSheet) -> bytes:
        """Return Safe Places on paper as PDF, the same bytes for the same content; leave nothing out.

        Raises InputError, with the words, for letters that the print font does not have.
        """


class ChartWriter(Protocol):
    """Draw charts."""

    def write(self, chart: Chart, form: str) -> bytes:
        """Return a chart as `svg`, `png` or `pdf`; the same chart gives the same bytes."""
