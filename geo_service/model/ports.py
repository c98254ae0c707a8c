"""What the workflows need done, as Protocols; `app` alone knows who does it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    import numpy as np
    import polars as pl
    import shapely
    from numpy.typing import NDArray

    from geo_service.model.access import Audience, AuditEvent, Item, Principal, Version
    from geo_service.model.accounts import ApiKey, Failures, KeyRequest, Passed, Session
    from geo_service.model.audit import AuditQuery, AuditTrail
    from geo_service.model.basemaps import Basemap
    from geo_service.model.boundaries import Area, BoundaryDescriptor, BoundarySet, Geometries
    from geo_service.model.cells import Cells, Cube
    from geo_service.model.charts import Chart
    from geo_service.model.cocoon_sheets import CocoonSheet
    from geo_service.model.denominators import Denominator
    from geo_service.model.harm_imports import HarmFile
    from geo_service.model.incidents import CleanBatch
    from geo_service.model.layers import FeatureTable, Layer
    from geo_service.model.offences import HarmTable, OffenceSet, ProxyTable
    from geo_service.model.periods import Month, Period
    from geo_service.model.place_reports import PlaceReport
    from geo_service.model.place_sheets import PlaceSheet
    from geo_service.model.plan_sheets import LaidOut, PlanSheet, WallMap
    from geo_service.model.prompts import PromptKind
    from geo_service.model.release import NewRelease, OldRelease, PublicCopy, PublicRelease, ReleaseLine
    from geo_service.model.reports import ReportContent
    from geo_service.model.retention import BackupCopy, Erased, Kept, Rule, Wanted
    from geo_service.model.safe_places import SafePlace, WrittenRows, WrongReport
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


# --- the store ------------------------------------------------------------------------------------


class TileFile(Protocol):
    """Name a stored file of map tiles (PMTiles); it never changes, and may be read in pieces."""

    @property
    def path(self) -> Path:
        """Return where it lies."""

    @property
    def sha256(self) -> str:
        """Return the hash of its bytes."""

    @property
    def bytes(self) -> int:
        """Return its size."""


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
        """Return the imported boundary sets by id, with the members that may be seen."""

    def area(self, wanted: str, *, boundary_set: str | None, on: dt.date) -> Area:
        """Find the area that a question means (see `overlay.find_area`), all of which may be seen.

        Raises NotFoundError for an unknown area and, in the same words, for one that may not be seen.
        """

    def inside(self, geometry: Geometries) -> NDArray[np.bool_]:
        """Tell which features lie where they may be seen; those without a position do not, unless all may be."""

    def cube(self, resolution: int, boundary_set: str | None = None) -> Cube:
        """Return the cube at a resolution, split by the members of a boundary set where one is named."""

    def postcodes(self) -> pl.DataFrame | None:
        """Return the imported postcode centres, None where there are none."""

    def features(self, layer: str, columns: Sequence[str] | None = None) -> pl.DataFrame | None:
        """Return the imported features of a layer (`wkb` column for geometry), None where there are none.

        columns: those that are read, where the features have them; all by default.
        """

    def tiles(self, name: str) -> TileFile | None:
        """Return a file of map tiles, None where there is none."""

    def denominators(self) -> Mapping[str, Denominator]:
        """Return the imported denominators by id."""

    def harm_tables(self) -> Mapping[str, HarmTable]:
        """Return the imported harm tables by id."""

    def rejects(self, version: int | None = None) -> pl.DataFrame:
        """Return the rejected rows in force, or those of one import, with the column `version` first."""


class Staging(Protocol):
    """Gather the parts of one change; nothing is seen by anybody until `commit`."""

    def erased(self, crime_id: pl.Series) -> pl.Series:
        """Return the day on which each crime number was erased (String, YYYY-MM-DD), null for all others."""

    def add_incidents(self, slot: str, frame: pl.DataFrame) -> None:
        """Put a batch of rows (INCIDENT_SCHEMA and the cell columns) aside for a slot."""

    @property
    def rows(self) -> int:
        """Return the rows put aside so far."""

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

    def put_tiles(self, name: str, content: bytes) -> None:
        """Write a file of map tiles (PMTiles)."""

    def drop_tiles(self, name: str) -> None:
        """Take a file of map tiles out of the data, where there is one."""

    def put_denominator(self, denominator: Denominator) -> None:
        """Write a denominator."""

    def put_harm_table(self, table: HarmTable) -> None:
        """Write a harm table."""

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


class Items(Protocol):
    """Keep the editable rows of one kind; every edit names the version that it was made on."""

    def get(self, item_id: str) -> Item:
        """Return one; raise NotFoundError."""

    def all(self, prefix: str = "") -> Sequence[Item]:
        """List them by id; prefix: only those whose id begins so."""

    def add_all(self, rows: Mapping[str, Mapping[str, object]]) -> Sequence[str]:
        """Write new rows and one event in one transaction; return the ids that were not there.

        A row that is there already is left as it is.
        """

    def put(self, item_id: str, content: Mapping[str, object], *, version: int | None) -> Item:
        """Write one and its event in one transaction; return it with its new version.

        version: the one that the edit was made on, 0 for a new row. Raises UnconditionalError for None, LostRaceError,
        saying what changed meanwhile, where it is no longer the newest, ConflictError where a new one is there already.
        """

    def remove(self, item_id: str, *, version: int | None) -> None:
        """Take one away and write its event in one transaction; raises as `put` does, and NotFoundError."""


class Repository(Protocol):
    """Keep incidents, boundaries and what was done, for one principal: nothing outside their areas is there.

    Every method raises AccessError where their roles do not have it.
    """

    @property
    def principal(self) -> Principal:
        """Return who it is for."""

    @property
    def id(self) -> str:
        """Return what tells this store from every other one: a backup of it and what is restored keep it."""

    def snapshot(self, as_of: int | None = None) -> Snapshot:
        """Return the data as of a version, the newest by default; raise NotFoundError for an unknown one."""

    def stage(self) -> AbstractContextManager[Staging]:
        """Open a change; leaving without commit leaves nothing behind."""

    def versions(self) -> Sequence[Version]:
        """List the versions, oldest first."""

    def undo(self, version: int, *, only: str = "") -> Version:
        """Put back what a version changed (of the slots that contain `only`), as a new version."""

    def same_person(self, one: str, other: str) -> bool:
        """Tell whether two accounts are known to be one person's: of one id, or of one subject elsewhere."""

    def record(self, act: str, what: str, detail: Mapping[str, object] | None = None) -> None:
        """Write an audit event; what cannot be written down must not be done."""

    def trail(self, query: AuditQuery, limit: int | None = None) -> AuditTrail:
        """Return the audit events that are wanted, oldest first: the newest `limit` of them, or all for None.

        For auditors only. Raises DamagedFileError where one is not what was written; for None all of the chain is
        checked.
        """

    def unlike_log(self, lines: Iterable[str]) -> tuple[int, Sequence[str]]:
        """Hold the ledger to the lines of the system's log; return how many were of it, and what is wrong in words."""

    def events(self, limit: int | None = 100) -> Sequence[AuditEvent]:
        """List the newest audit events first, all of them for None; for auditors only."""

    def save_run(
        self, run_id: str, payload: str, version: int, area: Area, asked: Mapping[str, object] | None = None
    ) -> None:
        """Keep the zones of a question about an area, and record in the same transaction what was asked.

        Saving the same run again makes it the newest.
        """

    def runs(self) -> Sequence[tuple[str, str]]:
        """List (run id, payload) of the runs whose area they may see, newest asked first."""

    def items(self, kind: str) -> Items:
        """Return the editable rows of a kind."""

    def kept_places(self) -> Sequence[SafePlace]:
        """Return every Safe Place that a row is kept of, wherever it stands, without its notes and its history."""

    def check(self, progress: Progress | None = None) -> Sequence[str]:
        """Return what is wrong with the store, in words; empty when all is well."""

    def backup(
        self, target: Path, progress: Progress | None = None, also: Callable[[Path], object] | None = None
    ) -> Saved:
        """Copy all that is stored to a new folder while others read and write; whole or not there.

        also: puts more into the folder before it is there, first of all.
        """

    def erase(self, wanted: Wanted, reason: str, *, look: bool = False) -> Erased:
        """Erase here and in every backup that can be reached; look: only say exactly what that would take.

        Raises InputError where the reason names a crime number, ConflictError where another change got in between,
        FaultError, saying that the erasure was kept, where the disk fails after it.
        """

    def reach_backups(self) -> Sequence[BackupCopy]:
        """Go on with erasing in the backups that no erasure has reached yet, and say what became of each."""

    def backups(self) -> Sequence[BackupCopy]:
        """List the backups that were made, oldest first."""

    def old_backups(self, wanted: Wanted) -> Sequence[BackupCopy]:
        """List the backups that are older than they may be; never the newest one that is there."""

    def forget_backup(self, path: Path, *, remove: bool) -> None:
        """Take a backup from the list: remove it, or believe that it was destroyed; raise NotFoundError."""

    def holdings(self, wanted: Wanted) -> Sequence[Kept]:
        """Count what is kept of each kind, and how much of it is wanted; of kinds and in the order of KINDS."""


# --- public releases (room: releases) -------------------------------------------------------------


class PublicReleases(Protocol):
    """Know which release the public site shows."""

    def current(self) -> PublicRelease:
        """Return it; asked for each request, so that a switch shows at once.

        A request asks once and goes by the answer to its end. Raises NotFoundError where there never was one.
        """


class Inbox(Protocol):
    """Take what people say is wrong with a place; the public site writes nothing else."""

    def put(self, report: PlaceReport, sender: str) -> bool:
        """Keep a report; return False where too many came, or where it could not be kept.

        sender: network address, empty where it is not known; it may be counted, and is not kept.
        """


class Reports(Protocol):
    """Hold what people said is wrong with a place until the coordinator's side has taken it in."""

    def waiting(self) -> Sequence[WrongReport]:
        """List the reports that wait, oldest day first; what cannot be read as one is left out."""

    def discard(self, keys: Collection[str]) -> None:
        """Remove reports that were taken in."""


class ReleaseShelf(PublicReleases, Protocol):
    """Keep public releases, which never change, and say which of them is shown."""

    def pictures(self, places: Collection[str]) -> Mapping[str, bytes]:
        """Return the pictures of some places, by file name (the id of the place, and an ending); raise InputError."""

    def number(self) -> int | None:
        """Return the number of the release that is shown, None where none is, or where that cannot be read."""

    def numbers(self) -> Sequence[int]:
        """List the numbers of the releases, oldest first."""

    def shows(self, new: NewRelease) -> bool:
        """Tell whether the release that is shown holds the same as a new one, but for its number and moment."""

    def keep(self, new: NewRelease, made: dt.datetime) -> PublicRelease:
        """Write a new release, read it back and return it; it is shown only after `use`."""

    def read(self, number: int) -> PublicRelease:
        """Prove and read a release; raise NotFoundError, DamagedFileError naming what is wrong with it."""

    def use(self, number: int) -> None:
        """Show a release from now on; raise NotFoundError for an unknown one, DamagedFileError for one not sound."""

    def lines(self) -> Sequence[ReleaseLine]:
        """List the releases and what is wrong with them, oldest first."""

    def old(self, keep: int) -> Sequence[OldRelease]:
        """List the releases that may go where `keep` of the newest stay, oldest first; raise DamagedFileError.

        The one that is shown stays too, and the one before it.
        """

    def remove(self, number: int) -> bool:
        """Take a release away whole, False where a site serves it; raise ConflictError for the one that is shown."""

    def problems(self) -> Sequence[str]:
        """Return what is wrong with the releases, in words; empty when all is well."""

    def copy_to(self, data_dir: Path) -> PublicCopy:
        """Copy the release that is shown and what lies beside the releases, to where they lie in a data directory."""


# --- accounts -------------------------------------------------------------------------------------


class AccountRows(Protocol):
    """Keep the secrets of accounts, hashed, and who is in; what is written with an event is one transaction with it."""

    def account(self, account_id: str) -> Item | None:
        """Return the account of that sign-in name."""

    def accounts_of(self, subject: str) -> Sequence[Item]:
        """List the accounts of somebody whom the organisation knows by that subject."""

    def has_passwords(self) -> bool:
        """Tell whether any account has a password."""

    def password_hash(self, account_id: str) -> str | None:
        """Return the hash of an account's password."""

    def set_password(self, account_id: str, hashed: str, event: AuditEvent) -> None:
        """Keep a new hash; every session of the account ends."""

    def failures(self, sha256s: Sequence[str]) -> Sequence[Failures]:
        """List the refused sign-ins that are counted for some names and addresses."""

    def count_failures(
        self, sha256s: Sequence[str], count: Callable[[Sequence[Failures]], Sequence[Failures]], event: AuditEvent
    ) -> None:
        """Let `count` make new counts of those of some names and addresses."""

    def open_session(self, session: Session, event: AuditEvent, passed: Passed | None = None) -> bool:
        """Keep a session, unless the password that was given is no longer the one; return whether it was kept."""

    def session(self, sha256: str) -> Session | None:
        """Return a session by the hash of its token."""

    def touch_session(self, sha256: str, at: dt.datetime) -> None:
        """Keep when a session was last used."""

    def end_sessions(self, account_id: str, sha256: str, event: AuditEvent) -> None:
        """End every session of an account, or, where it is empty, the one of that hash."""

    def drop_ended(self, *, failed: dt.datetime, opened: dt.datetime, seen: dt.datetime) -> None:
        """Remove refused sign-ins and sessions that are older than that, and sessions not used since."""

    def add_key(self, key: ApiKey, event: AuditEvent) -> None:
        """Keep an API key."""

    def key(self, key_id: str) -> ApiKey | None:
        """Return an API key by its id."""

    def keys(self) -> Sequence[ApiKey]:
        """List the API keys, oldest first."""

    def revoke_key(self, key_id: str, at: dt.datetime, event: AuditEvent) -> None:
        """End an API key."""


class Credentials(Protocol):
    """Give accounts their passwords and keys."""

    def set_password(self, account_id: str, password: str, actor: Principal) -> None:
        """Set a password and end every session of the account; raise InputError for one that is easily guessed."""

    def refuse_weak(self, account_id: str, password: str) -> None:
        """Raise InputError for a password that is too short or easily guessed."""

    def end_sessions(self, account_id: str, actor: Principal) -> None:
        """End every session of an account."""

    def make_key(self, wanted: KeyRequest, actor: Principal) -> tuple[str, ApiKey]:
        """Return a new API key, which is never shown again, and what is kept of it; raise InputError, NotFoundError."""

    def keys(self) -> Sequence[ApiKey]:
        """List the API keys, oldest first."""

    def revoke_key(self, key_id: str, actor: Principal) -> ApiKey:
        """End an API key; raise NotFoundError."""


class Authority(Protocol):
    """Know who comes in: by name and password, by session, by API key. Each sign-in, refused or not, is an event."""

    def has_accounts(self) -> bool:
        """Tell whether there is any local account."""

    def sign_in(self, name: str, password: str, address: str = "") -> str:
        """Return the token of a new session; raise SignInError, the same for an unknown name and a wrong password.

        address: where they come from; who fails there often has to wait.
        """

    def admit(self, principal: Principal) -> str:
        """Return the token of a new session for somebody who was proved elsewhere (OIDC, one-time link)."""

    def by_session(self, token: str) -> Principal | None:
        """Return who holds a session that has not ended: 15 minutes idle, ten hours in all, signed out, disabled."""

    def by_key(self, key: str) -> Principal | None:
        """Return whose API key it is, never more than their account may; None for unknown, expired and revoked."""

    def sign_out(self, token: str) -> None:
        """End every session of whoever holds this one."""


class Accounts(Authority, Credentials, Protocol):
    """Know who comes in, and give them what they come in with."""


class Redirects(Protocol):
    """Sign in through an organisation's own server (OpenID Connect, authorization code with PKCE)."""

    def begin(self) -> tuple[str, str]:
        """Return the address to send the browser to, and what must come back with it (keep it in a cookie)."""

    def finish(self, address: str, kept: str) -> Principal:
        """Return who came back, proved by the ID token; raise SignInError.

        address: all of the address that the browser came back to. kept: what `begin` gave.
        """


# --- descriptors and features (room: registry) ----------------------------------------------------


class Registry(Protocol):
    """Know layers, offence sets, harm tables and boundary descriptors by id."""

    def layers(self, audience: Audience) -> Sequence[Layer]:
        """List the layers that an audience may see."""

    def features(self, layer: str, audience: Audience, snapshot: Snapshot | None) -> FeatureTable:
        """Return a layer's features, columns above the audience left out; raise NotFoundError."""

    def read_features(self, layer: str, path: Path) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Check a file against a layer's schema; return the good rows (with `wkb`) and the rejects."""

    def written_rows(self, name: str, data: bytes) -> WrittenRows:
        """Read a directory of Safe Places as it was written; raise InputError where it cannot be read at all."""

    def place_names(self) -> Sequence[str]:
        """Return names of buildings, streets and towns that are right; raise InputError."""

    def retention(self) -> Mapping[str, Rule]:
        """Return how long each kind of data is kept; raise InputError where the rules cannot be read."""

    def prompts(self) -> Sequence[PromptKind]:
        """Return the problem solving prompts by kind of offence; raise InputError where they cannot be read."""

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
