"""Stores in fresh directories, and invented incidents to put into them."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Protocol

import numpy as np
import polars as pl
import pytest
import shapely

from geo_service.model.access import OPERATOR, Principal, Version
from geo_service.model.boundaries import BoundarySet
from geo_service.model.incidents import CELL_COLUMNS, MARKERS, REJECT_SCHEMA
from geo_service.model.periods import Month
from geo_service.store import DiskStore, open_store
from geo_service.store.columns import STORED_SCHEMA

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from faults.cluster import Cluster
    from geo_service.store import DiskStore as Store

ANALYST = Principal("analyst", OPERATOR)


class OpenAt(Protocol):
    """Open a store as another process would."""

    def __call__(self, path: Path, database_url: str = "") -> DiskStore:
        """Return it; it is closed at the end of the test."""


class Import(Protocol):
    """Import frames by slot, assigning them to boundary sets."""

    def __call__(
        self, store: Store, frames: dict[str, pl.DataFrame], *, boundary_sets: tuple[BoundarySet, ...] = ()
    ) -> Version | None:
        """Return the version."""


@pytest.fixture
def analyst() -> Principal:
    return ANALYST


@pytest.fixture
def clock() -> Callable[[], dt.datetime]:
    """Tell a time that moves on by one minute with every look."""
    start = dt.datetime(2025, 11, 1, 9, 0, tzinfo=dt.UTC)
    minutes = iter(range(1_000_000))
    return lambda: start + dt.timedelta(minutes=next(minutes))


@pytest.fixture
def open_at(clock: Callable[[], dt.datetime]) -> Iterator[OpenAt]:
    """Open stores as other processes would, and close them at the end."""
    opened: list[DiskStore] = []

    def open_one(path: Path, database_url: str = "") -> DiskStore:
        opened.append(open_store(path, clock, database_url))
        return opened[-1]

    yield open_one
    for store in opened:
        store.close()


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    # A name like a Hive partition, which must not turn into a column.
    return tmp_path / "area=north"


@pytest.fixture
def store(open_at: OpenAt, data_dir: Path) -> DiskStore:
    return open_at(data_dir)


def incidents(seed: int, rows: int, months: tuple[str, ...] = ("2025-01",), *, numbered: bool = False) -> pl.DataFrame:
    """Return invented incidents of the stored columns; the cells of a resolution are a few invented numbers."""
    rng = np.random.default_rng(seed)
    ordinals = np.array([Month.parse(month).ordinal for month in months])
    site = rng.integers(0, 40, rows)
    unlocated = rng.random(rows) < 0.05

    def maybe(values: np.ndarray, share: float) -> list[object]:
        return [
            None if blank else value for value, blank in zip(values.tolist(), rng.random(rows) < share, strict=True)
        ]

    columns: dict[str, object] = {
        "row": np.arange(2, rows + 2),
        "crime_id": [f"{seed}/{row}" for row in range(rows)] if numbered else maybe(rng.integers(0, 10**9, rows), 0.3),
        "month": rng.choice(ordinals, rows),
        "offence_code": maybe(rng.choice(["8/1", "30A"], rows), 0.5),
        "offence": rng.choice(["Robbery", "Burglary", "Anti-social behaviour"], rows),
        "committed_from": maybe(rng.integers(0, 10**15, rows), 0.5),
        "committed_to": maybe(rng.integers(0, 10**15, rows), 0.5),
        "recorded": maybe(rng.integers(18_000, 20_000, rows), 0.5),
        "lon": [None if gone else float(place) for place, gone in zip(site, unlocated, strict=True)],
        "lat": [None if gone else float(place) for place, gone in zip(site, unlocated, strict=True)],
        "place": maybe(rng.choice(["On or near High Street", "On or near Mill Lane"], rows), 0.1),
    }
    columns |= {marker: maybe(rng.random(rows) < 0.3, 0.4) for marker in MARKERS}
    for resolution, name in CELL_COLUMNS.items():
        cell = (site.astype(np.uint64) * np.uint64(7)) % np.uint64(resolution * 3) + np.uint64(resolution << 40)
        columns[name] = np.where(unlocated, np.uint64(0), cell)
    frame = pl.DataFrame({name: pl.Series(values, dtype=_raw(name), strict=False) for name, values in columns.items()})
    return frame.select(pl.col(name).cast(dtype) for name, dtype in STORED_SCHEMA.items())


def _raw(name: str) -> pl.DataType | None:
    if name == "crime_id":
        return None
    return pl.Int64() if name in {"committed_from", "committed_to", "recorded"} else None


@pytest.fixture
def make_incidents() -> Callable[..., pl.DataFrame]:
    return incidents


@pytest.fixture
def make_rejects() -> Callable[..., pl.DataFrame]:
    def make(file: str, rows: int) -> pl.DataFrame:
        return pl.DataFrame(
            {
                "file": [file] * rows,
                "row": range(2, rows + 2),
                "field": ["latitude"] * rows,
                "value": ["91"] * rows,
                "reason": ["off the globe"] * rows,
            },
            schema=REJECT_SCHEMA,
        )

    return make


def boundary_set(name: str = "wards", members: int = 3, title: str = "Wards") -> BoundarySet:
    """Return squares side by side."""
    return BoundarySet(
        id=name,
        title=title,
        vintage="invented, valid from 2025-05-01",
        valid_from=dt.date(2025, 5, 1),
        licence="none needed",
        codes=tuple(f"W{number}" for number in range(members)),
        names=tuple(f"Ward {number}" for number in range(members)),
        parent_codes=("",) * members,
        parent_names=("Über-Stadt",) * members,
        geometry=np.array([shapely.box(number, 0, number + 1, 1) for number in range(members)], dtype=object),
    )


@pytest.fixture
def make_boundary_set() -> Callable[..., BoundarySet]:
    return boundary_set


def members_of(frame: pl.DataFrame, boundary_set: BoundarySet) -> np.ndarray:
    """Return an invented assignment that follows from the rows and the set alone."""
    by_cell = (frame["cell_9"].to_numpy() % np.uint64(len(boundary_set) + 1)).astype(np.int32)
    return np.where(frame["cell_9"].to_numpy() == 0, -1, by_cell - 1).astype(np.int32)


@pytest.fixture
def members() -> Callable[[pl.DataFrame, BoundarySet], np.ndarray]:
    return members_of


@pytest.fixture
def put() -> Import:
    """Import frames by slot in small batches, as the import workflow does."""

    def run(
        store: Store, frames: dict[str, pl.DataFrame], *, boundary_sets: tuple[BoundarySet, ...] = ()
    ) -> Version | None:
        with store.stage() as staging:
            for slot, frame in frames.items():
                staging.add_incidents(slot, frame[:0])
                for start in range(0, frame.height, 100):
                    staging.add_incidents(slot, frame[start : start + 100])
            for boundary_set in boundary_sets:
                staging.put_boundary_set(boundary_set)
            for slot, rows in staging.partitions():
                staging.put_incidents(slot, rows)
                for boundary_set in boundary_sets:
                    staging.put_assignment(slot, boundary_set.id, members_of(rows, boundary_set))
            return staging.commit("import incidents", ANALYST, {"files": sorted(frames)})

    return run


@pytest.fixture
def put_boundaries() -> Callable[[Store, BoundarySet], Version | None]:
    """Import a boundary set and assign every stored incident to it, as the import workflow does."""

    def run(store: Store, boundary_set: BoundarySet) -> Version | None:
        snapshot = store.snapshot()
        with store.stage() as staging:
            staging.put_boundary_set(boundary_set)
            for slot in snapshot.slots("incidents/"):
                staging.put_assignment(slot, boundary_set.id, members_of(snapshot.incident_slot(slot), boundary_set))
            return staging.commit("import boundaries", ANALYST, {"set": boundary_set.id})

    return run


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Return the address of an empty ledger on each database that the product knows."""
    if request.param == "sqlite":
        return ""
    cluster: Cluster = request.getfixturevalue("postgres")
    return cluster.new_database()


@pytest.fixture
def any_store(open_at: OpenAt, data_dir: Path, database_url: str) -> Store:
    """Open an empty store on each database."""
    return open_at(data_dir, database_url)


@pytest.fixture
def jan(make_incidents: Callable[..., pl.DataFrame]) -> pl.DataFrame:
    return make_incidents(1, 250)


@pytest.fixture
def feb(make_incidents: Callable[..., pl.DataFrame]) -> pl.DataFrame:
    return make_incidents(2, 180, ("2025-02",))


@pytest.fixture
def reopen(open_at: OpenAt, data_dir: Path) -> Callable[[], DiskStore]:
    """Open the data directory once more, as another process would."""
    return lambda: open_at(data_dir)


@pytest.fixture
def filled(store: DiskStore, put: Import, jan: pl.DataFrame) -> DiskStore:
    """Hold one month, as version 1."""
    put(store, {"incidents/police_uk/west-mercia/2025-01": jan})
    return store
