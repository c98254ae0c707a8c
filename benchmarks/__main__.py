"""`make bench`: print each ratio with the medians behind it; nothing here can pass or fail."""

from __future__ import annotations

import argparse
import statistics
import time
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas
import h3
import libpysal
import numpy as np
import polars as pl
import shapely
from esda import G_Local
from scipy import sparse

from benchmarks.large import measure
from geo_service import hotspots, overlay, spatial
from geo_service.model.boundaries import BoundarySet
from geo_service.model.incidents import INCIDENT_SCHEMA
from geo_service.model.periods import Month, Period
from geo_service.model.surfaces import Observed, Tuning

if TYPE_CHECKING:
    from collections.abc import Callable

SEED, POINTS, ROUNDS = 1, 200_000, 5
WEST, SOUTH, EAST, NORTH = -2.1, 52.2, -1.7, 52.5


def seconds(job: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Return the median time of a job."""
    taken = []
    for _ in range(rounds):
        start = time.perf_counter()
        job()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def say(what: str, ours_s: float, peer: str, peer_s: float, scale: float = 1) -> None:
    """Print one ratio; scale: how many times the peer's job must be taken to equal ours."""
    peer_ms, ours_ms = peer_s * scale * 1e3, ours_s * 1e3
    print(f"{what:<46} {peer_ms / ours_ms:8.1f} x   ours {ours_ms:9.2f} ms   {peer} {peer_ms:9.2f} ms")


def points(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return distinct points, the hardest case: real data repeats its coordinates."""
    return rng.uniform(WEST, EAST, POINTS), rng.uniform(SOUTH, NORTH, POINTS)


def bench_cells(lon: np.ndarray, lat: np.ndarray) -> None:
    """Bulk cells against a loop over h3."""
    part = 20_000
    ours = seconds(lambda: spatial.index_cells(lon, lat, 10))
    peer = seconds(lambda: [h3.latlng_to_cell(y, x, 10) for x, y in zip(lon[:part], lat[:part], strict=True)], 3)
    say("points to cells, resolution 10", ours, "loop over h3", peer, POINTS / part)


def squares() -> BoundarySet:
    """Tile the area with 100 squares."""
    x, y = np.meshgrid(np.linspace(WEST, EAST, 11), np.linspace(SOUTH, NORTH, 11))
    boxes = shapely.box(x[:-1, :-1].ravel(), y[:-1, :-1].ravel(), x[1:, 1:].ravel(), y[1:, 1:].ravel())
    codes = tuple(f"S{number:03d}" for number in range(len(boxes)))
    none = ("",) * len(boxes)
    return BoundarySet("squares", "Squares", "generated", None, "ours", codes, codes, none, none, boxes)


def bench_assign(lon: np.ndarray, lat: np.ndarray) -> None:
    """Assignment against geopandas.sjoin."""
    tiles = squares()
    frame = geopandas.GeoDataFrame({"code": tiles.codes}, geometry=tiles.geometry, crs=4326)
    located = geopandas.GeoDataFrame(geometry=geopandas.points_from_xy(lon, lat), crs=4326)
    ours = seconds(lambda: overlay.assign(lon, lat, tiles))
    say("assign to 100 boundaries", ours, "geopandas.sjoin", seconds(lambda: located.sjoin(frame), 3))


def bench_gi_star(rng: np.random.Generator) -> None:
    """Gi* and its graph against esda on the identical graph."""
    table = spatial.cover(shapely.box(WEST, SOUTH, EAST, NORTH), 10)
    n = len(table.cells)
    value = rng.poisson(0.5, n).astype(float)
    indptr, indices = spatial.neighbours(table.cells, 2)
    inside = np.ones(n, dtype=bool)
    observed = Observed(
        cells=table.cells, inside=inside, covered_m2=table.covered_m2, area_m2=table.area_m2,
        east_north_m=np.column_stack(spatial.to_grid(*spatial.cell_centres(table.cells))),
        indptr=indptr, indices=indices, months=(Month.parse("2025-06"),), by_month=sparse.csr_array(value[None]),
        by_month_inside=sparse.csr_array(value[None]), value=value, value_inside=value,
    )  # fmt: skip
    graph = {row: indices[indptr[row] : indptr[row + 1]].tolist() for row in range(n)}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        weights = libpysal.weights.W(graph, silence_warnings=True)
        peer = seconds(lambda: G_Local(value, weights, star=True, permutations=0), 3)
    ours = seconds(lambda: hotspots.statistics()["gi_star"].surface(observed, Tuning(ring=2)))
    say(f"Gi* on {n:,} cells, ring 2", ours, "esda.G_Local", peer)
    say("graph of the same cells", seconds(lambda: spatial.neighbours(table.cells, 2)), "h3.grid_disk loop",
        seconds(lambda: [h3.grid_disk(word, 2) for word in spatial.cell_words(table.cells)], 1))  # fmt: skip


def bench_cube(rng: np.random.Generator, lon: np.ndarray, lat: np.ndarray) -> None:
    """A window of the cube against a filter and group-by on the rows."""
    first = Month.parse("2024-01")
    frame = pl.DataFrame(
        {
            "row": np.arange(POINTS),
            "month": rng.integers(first.ordinal, first.ordinal + 24, POINTS).astype(np.int32),
            "offence": rng.choice(["Burglary", "Robbery", "Violence"], POINTS),
            "lon": lon,
            "lat": lat,
        }
    )
    frame = frame.with_columns(
        pl.lit(None, dtype=dtype).alias(name) for name, dtype in INCIDENT_SCHEMA.items() if name not in frame.columns
    )
    frame = spatial.index_all(frame)
    builder = spatial.CubeBuilder(10)
    builder.add(frame, None)
    cube = builder.build({"police_uk/generated": Period(first, first + 23)})
    period = Period(first + 3, first + 14)
    asked = pl.col("month").is_between(period.first.ordinal, period.last.ordinal)
    ours = seconds(lambda: cube.window(period), 20)
    peer = seconds(lambda: frame.filter(asked).group_by("cell_10", "offence").len(), 20)
    say(f"12 months of {POINTS:,} rows by cell and offence", ours, "polars on rows", peer)


def main() -> None:
    """Run every benchmark, or with --rows the one large import alone."""
    asked = argparse.ArgumentParser(prog="python -m benchmarks")
    asked.add_argument("--rows", type=int, help="import so many generated rows instead, for example 50000000")
    asked.add_argument("--folder", type=Path, help="where the generated file and its store lie meanwhile")
    options = asked.parse_args()
    if options.rows:
        measure(options.rows, options.folder)
        return
    rng = np.random.default_rng(SEED)
    lon, lat = points(rng)
    print(f"{POINTS:,} generated points, seed {SEED}; medians of {ROUNDS} rounds; ratio = peer / ours")
    bench_cells(lon, lat)
    bench_assign(lon, lat)
    bench_gi_star(rng)
    bench_cube(rng, lon, lat)


main()
