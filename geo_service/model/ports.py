"""What the workflows need done, as Protocols; `app` alone knows who does it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

    from geo_service.model.access import Audience, AuditEvent, Principal, Version
    from geo_service.model.boundaries import BoundaryDescriptor, BoundarySet
    from geo_service.model.cells import Cells, Cube
    from geo_service.model.incidents import CleanBatch
    from geo_service.model.layers import FeatureTable, Layer
    from geo_service.model.offences import HarmTable, OffenceSet, ProxyTable
    from geo_service.model.periods import Month, Period
    from geo_service.model.sheets import SheetContent


class Progress(Protocol):
    """Tell somebody how far a long job is."""

    def __call__(self, done: int, total: int, what: str) -> None:
        """Report `done` of `total` units."""


# --- reading files (room: ingest) -----------------------------------------------------------------


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


class PostcodeFiles(Protocol):
    """Read postcode centres."""

    def read(self, path: Path) -> pl.DataFrame:
        """Read Code-Point Open: `postcode`, `lon`, `lat`, `quality`, `district`, `ward`; located rows only."""


# --- the store ------------------------------------------------------------------------------------


class Snapshot(Protocol):
    """Read the data as it was at one version."""

    @property
    def version(self) -> int:
        """Return the version's number; 0 is the empty store."""

    def slots(self, prefix: str = "") -> Mapping[str, str]:
        """Return slot -> SHA-256 of its file, of the slots that begin with `prefix`."""

    def months(self) -> tuple[Month, ...]:
        """Return the months that any source holds, ascending."""

    def sources(self) -> tuple[str, ...]:
        """Return the readers whose incidents are present, for example `police_uk`."""

    def incidents(
        self,
        columns: Sequence[str],
        *,
        period: Period | None = None,
        cells: Cells | None = None,
        resolution: int = 10,
    ) -> pl.DataFrame:
        """Read columns of the incidents of some months and cells."""

    def incident_slot(self, slot: str) -> pl.DataFrame:
        """Read all columns of one incident file."""

    def assignment(self, slot: str, boundary_set: str) -> NDArray[np.int32]:
        """Return the member of each row of an incident file, in row order; OUTSIDE where in none."""

    def boundary_sets(self) -> Mapping[str, BoundarySet]:
        """Return the imported boundary sets by id."""

    def cube(self, resolution: int, boundary_set: str | None = None) -> Cube:
        """Return the cube at a resolution, split by the members of a boundary set where one is named."""

    def postcodes(self) -> pl.DataFrame | None:
        """Return the imported postcode centres, None where there are none."""

    def features(self, layer: str) -> pl.DataFrame | None:
        """Return the imported features of a layer (`wkb` column for geometry), None where there are none."""

    def rejects(self, version: int | None = None) -> pl.DataFrame:
        """Return the rejected rows in force, or those of one import, with the column `version` first."""


class Staging(Protocol):
    """Gather the parts of one change; nothing is seen by anybody until `commit`."""

    def add_incidents(self, slot: str, frame: pl.DataFrame) -> None:
        """Put a batch of rows (INCIDENT_SCHEMA and the cell columns) aside for a slot."""

    def add_rejects(self, slot: str, frame: pl.DataFrame) -> None:
        """Put rejected rows aside."""

    def partitions(self) -> Iterable[tuple[str, pl.DataFrame]]:
        """Yield each staged slot with its final rows in stored order, after republished rows gave way."""

    def put_incidents(self, slot: str, frame: pl.DataFrame) -> None:
        """Write the final rows of a slot."""

    def put_assignment(self, slot: str, boundary_set: str, member: NDArray[np.int32]) -> None:
        """Write the members of the rows of a slot."""

    def put_boundary_set(self, boundary_set: BoundarySet) -> None:
        """Write a boundary set."""

    def put_postcodes(self, frame: pl.DataFrame) -> None:
        """Write postcode centres."""

    def put_features(self, layer: str, frame: pl.DataFrame) -> None:
        """Write the features of a layer."""

    def commit(self, act: str, actor: Principal, detail: Mapping[str, object]) -> Version | None:
        """Make the change and its audit event one transaction; None where nothing differs."""


class Saved(Protocol):
    """Say what a backup holds."""

    @property
    def version(self) -> int:
        """Return the newest version of the data in it."""

    @property
    def files(self) -> int:
        """Return the number of data files, of every version."""

    @property
    def bytes(self) -> int:
        """Return their size."""


class Store(Protocol):
    """Keep incidents, boundaries and what was done."""

    def snapshot(self, as_of: int | None = None) -> Snapshot:
        """Return the data as of a version, the newest by default; raise NotFoundError for an unknown one."""

    def stage(self) -> AbstractContextManager[Staging]:
        """Open a change; leaving without commit leaves nothing behind."""

    def versions(self) -> Sequence[Version]:
        """List the versions, oldest first."""

    def undo(self, version: int, actor: Principal, *, only: str = "") -> Version:
        """Put back what a version changed (of the slots that contain `only`), as a new version."""

    def record(self, event: AuditEvent) -> None:
        """Write an audit event."""

    def events(self, limit: int = 100) -> Sequence[AuditEvent]:
        """List the newest audit events first."""

    def save_run(self, run_id: str, payload: str, version: int) -> None:
        """Keep the zones of a question; saving the same run again changes nothing."""

    def runs(self) -> Sequence[tuple[str, str]]:
        """List (run id, payload), newest first."""

    def check(self, progress: Progress | None = None) -> Sequence[str]:
        """Return what is wrong with the store, in words; empty when all is well."""

    def backup(self, target: Path, progress: Progress | None = None) -> Saved:
        """Copy all that is stored to a new folder while others read and write; whole or not there."""

    def close(self) -> None:
        """Give back files and connections."""


# --- descriptors and features (room: registry) ----------------------------------------------------


class Registry(Protocol):
    """Know layers, offence sets, harm tables and boundary descriptors by id."""

    def layers(self, audience: Audience) -> Sequence[Layer]:
        """List the layers that an audience may see."""

    def features(self, layer: str, audience: Audience, snapshot: Snapshot | None) -> FeatureTable:
        """Return a layer's features, columns above the audience left out; raise NotFoundError."""

    def read_features(self, layer: str, path: Path) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Check a file against a layer's schema; return the good rows (with `wkb`) and the rejects."""

    def offence_sets(self) -> Mapping[str, OffenceSet]:
        """Return the offence sets by id."""

    def harm_tables(self) -> Mapping[str, HarmTable]:
        """Return the harm tables by id."""

    def proxies(self) -> Mapping[str, ProxyTable]:
        """Return the proxy tables by id."""

    def boundaries(self) -> Mapping[str, BoundaryDescriptor]:
        """Return the boundary descriptors by id."""


# --- outputs (rooms: formats, printing) -----------------------------------------------------------


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


class SheetPrinter(Protocol):
    """Turn a sheet into paper."""

    def print(self, content: SheetContent) -> bytes:
        """Return a PDF; the same content gives the same bytes."""
