"""What is read from files: incidents, boundaries, base maps, numbers, harm, postcodes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    import polars as pl
    import shapely

    from geo_service.model.basemaps import Basemap
    from geo_service.model.boundaries import BoundaryDescriptor, BoundarySet
    from geo_service.model.harm_imports import HarmFile
    from geo_service.model.incidents import CleanBatch
    from geo_service.model.ports.progress import Progress


class IncidentFile(Protocol):
    """Be one file of incidents, found on disk or inside a zip."""

    @property
    def name(self) -> str:
        """Return the file's own name, without folders of this machine."""

    @property
    def reader(self) -> str:
        """Return the name of the reader that takes it."""

    @property
    def sha256(self) -> str:
        """Return the hash of the (uncompressed) bytes."""

    @property
    def size_bytes(self) -> int:
        """Return the uncompressed size."""

    def batches(self, progress: Callable[[int], None] | None = None) -> Iterator[CleanBatch]:
        """Read and clean in batches; call `progress` with the bytes read so far."""


class FoundFiles(Protocol):
    """Be the files that were found."""

    @property
    def notes(self) -> tuple[str, ...]:
        """Return what was passed over or read in an unusual way, in words."""

    def __iter__(self) -> Iterator[IncidentFile]:
        """Yield the files in order."""


class IncidentFiles(Protocol):
    """Find files of incidents."""

    def find(self, paths: Sequence[Path], *, mapping: Path | None = None, force: str = "") -> FoundFiles:
        """List the files below `paths` (files, folders, zips), refusing what no reader takes.

        mapping: TOML that names the columns of a force export. force: slug that its rows belong to.
        """


class BoundaryFiles(Protocol):
    """Read boundaries from any OGR format and CRS."""

    def read(self, path: Path, descriptor: BoundaryDescriptor) -> BoundarySet:
        """Read one set; raise InputError naming the members whose geometry is invalid."""


class BasemapFiles(Protocol):
    """Read extracts of a map."""

    def read(self, path: Path, *, within: shapely.Geometry | None = None, progress: Progress | None = None) -> Basemap:
        """Read what meets `within` (EPSG:4326), else all; raise InputError for another file, and for nothing there."""


class NumberFiles(Protocol):
    """Read tables that name an area or an offence in each row, from CSV or a workbook."""

    def denominator(self, path: Path, *, code: str, value: str, sheet: str = "") -> tuple[Mapping[str, float], int]:
        """Return code -> number, and how many rows have none; raise InputError naming the row that is wrong."""


class HarmFiles(Protocol):
    """Read harm tables from a user's own file."""

    def read(self, path: Path, table_id: str, *, mapping: Path | None = None, sheet: str = "") -> HarmFile:
        """Read CSV or a workbook by the TOML that names its columns: the table's own, or `mapping`."""


class PostcodeFiles(Protocol):
    """Read postcode centres."""

    def read(self, path: Path) -> pl.DataFrame:
        """Read Code-Point Open: `postcode`, `lon`, `lat`, `quality`, `district`, `ward`; located rows only."""
