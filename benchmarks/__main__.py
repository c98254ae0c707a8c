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
LARGE, SMALL = (-2.3, 52.2, -1.7, 52.5), (-2.1, 52.2, -1.95, 52.3)
"""Boxes of some 100,000 cells, and of some 8,000."""


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


def gi_star_world(rng: np.random.Generator, box: tuple[float, float, float, float]) -> Observed:
    """Return every cell of a box with counts that are as uneven as real ones, and the graph of ring 2."""
    table = spatial.cover(shapely.box(*box), 10)
    n = len(table.cells)
    value = rng.poisson(rng.gamma(0.3, 2.0, n)).astype(float)
    indptr, indices = spatial.neighbours(table.cells, 2)
    return Observed(
        cells=table.cells, inside=np.ones(n, dtype=bool), covered_m2=table.covered_m2, area_m2=table.area_m2,
        east_north_m=np.column_stack(spatial.to_grid(*spatial.cell_centres(table.cells))),
        indptr=indptr, indices=indices, months=(Month.parse("2025-06"),), by_month=sparse.csr_array(value[None]),
        by_month_inside=sparse.csr_array(value[None]), value=value, value_inside=value,
    )  # fmt: skip


def esda_weights(seen: Observed) -> libpysal.weights.W:
    """Return the same graph as libpysal has it."""
    rows = {row: seen.indices[seen.indptr[row] : seen.indptr[row + 1]].tolist() for row in range(len(seen.cells))}
    return libpysal.weights.W(rows, silence_warnings=True)


def h3_graph(words: list[str]) -> libpysal.weights.W:
    """Build the graph of some cells as one does with h3 and libpysal alone."""
    place = {word: row for row, word in enumerate(words)}
    rows = {
        row: [place[other] for other in h3.grid_disk(word, 2) if other != word and other in place]
        for word, row in place.items()
    }
    return libpysal.weights.W(rows, silence_warnings=True)


def bench_gi_star(rng: np.random.Generator) -> None:
    """Gi*, its graph and its permutations against esda on the identical graph."""
    surface = hotspots.statistics()["gi_star"].surface
    large, small = (gi_star_world(rng, box) for box in (LARGE, SMALL))
    n, words = len(large.cells), spatial.cell_words(large.cells)
    plain, drawn = Tuning(ring=2), Tuning(ring=2, permutations=999)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        weights, few = esda_weights(large), esda_weights(small)
        ours = seconds(lambda: surface(large, plain))
        peer = seconds(lambda: G_Local(large.value, weights, star=True, transform="B", permutations=0), 3)
        say(f"Gi* on {n:,} cells, ring 2", ours, "esda.G_Local", peer)
        ours_graph = seconds(lambda: spatial.neighbours(large.cells, 2))
        peer_graph = seconds(lambda: h3_graph(words), 1)
        say("graph of the same cells", ours_graph, "h3.grid_disk, libpysal.W", peer_graph)
        say("graph and Gi*", ours_graph + ours, "both of these", peer_graph + peer)
        G_Local(small.value, few, star=True, transform="B", permutations=9, n_jobs=1, seed=1)  # compiles
        peer = seconds(
            lambda: G_Local(
                small.value, few, star=True, transform="B", permutations=999, n_jobs=1, seed=1, keep_simulations=False
            ),
            1,
        )
        share = n / len(small.cells)
        say(f"the same, 999 permutations (esda: {len(small.cells):,} cells)", seconds(lambda: surface(large, drawn)),
            "esda.G_Local", peer, share)  # fmt: skip


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
    asked.add_argument("--only-gi-star", action="store_true", help="time Gi* alone")
    options = asked.parse_args()
    if options.rows:
        measure(options.rows, options.folder)
        return
    rng = np.random.default_rng(SEED)
    lon, lat = points(rng)
    print(f"{POINTS:,} generated points, seed {SEED}; medians of {ROUNDS} rounds; ratio = peer / ours")
    bench_gi_star(rng)
    if options.only_gi_star:
        return
    bench_cells(lon, lat)
    bench_assign(lon, lat)
    bench_cube(rng, lon, lat)


main()
