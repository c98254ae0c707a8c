"""Gi* is esda's G_Local, cell for cell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import h3
import numpy as np
import polars as pl
import pytest
from esda import G_Local
from hypothesis import given, settings
from hypothesis import strategies as st
from libpysal.weights import W
from scipy import sparse, stats

from geo_service.hotspots.statistics import gi_star
from geo_service.model.periods import Month
from geo_service.model.surfaces import Observed, Tuning

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SIZES = 61 + 30
"""Cells of the small world: an area of four steps and a halo of one."""


def esda_z(seen: Observed) -> np.ndarray:
    near = {at: seen.indices[seen.indptr[at] : seen.indptr[at + 1]].tolist() for at in range(len(seen.cells))}
    weights = W(near, silence_warnings=True)
    return np.asarray(G_Local(seen.value, weights, transform="B", permutations=0, star=True).Zs)


@pytest.mark.parametrize("ring", [1, 2, 3])
@pytest.mark.parametrize("seed", [1, 2])
def test_gi_star_equals_esda_on_simulated_counts(ring: int, seed: int, observed: Callable[..., Observed]) -> None:
    seen = observed(steps=9, ring=ring, seed=seed)
    surface = gi_star.surface(seen, Tuning(ring=ring))
    expected = esda_z(seen)[seen.inside]
    np.testing.assert_allclose(surface.score, expected, rtol=0, atol=1e-9)
    assert surface.p is not None
    assert surface.q is not None
    np.testing.assert_allclose(surface.p, 1 - stats.norm.cdf(expected), atol=1e-9)
    # Benjamini-Hochberg by its definition: the smallest p * m / rank among the ranks from its own upwards.
    m, ranked = len(surface.p), np.sort(surface.p)
    by_hand = [min(min(ranked[k] * m / (k + 1), 1.0) for k in range(at, m)) for at in range(m)]
    np.testing.assert_allclose(np.sort(surface.q), by_hand, atol=1e-12)


@given(
    a=st.floats(1e-3, 1e3),
    b=st.floats(-1e4, 1e4),
    value=st.lists(st.integers(0, 40), min_size=SIZES, max_size=SIZES),
)
@settings(max_examples=40, deadline=None)
def test_gi_star_is_unchanged_by_a_scale_and_a_shift(
    observed: Callable[..., Observed], a: float, b: float, value: list[int]
) -> None:
    counts = np.array(value, dtype=np.float64)
    plain = gi_star.surface(observed(counts), Tuning(ring=1)).score
    moved = gi_star.surface(observed(a * counts + b), Tuning(ring=1)).score
    np.testing.assert_allclose(moved, plain, atol=1e-5)


@pytest.mark.parametrize("value", [0.0, 7.0])
def test_the_same_value_everywhere_is_no_hotspot(value: float, observed: Callable[..., Observed]) -> None:
    surface = gi_star.surface(observed(np.full(SIZES, value)), Tuning(ring=1))
    assert not surface.score.any()
    assert surface.q is not None
    assert (surface.q > 0.4).all()


@pytest.mark.parametrize("ring", [1, 2])
def test_permuted_p_agrees_with_esda_within_what_chance_allows(ring: int, observed: Callable[..., Observed]) -> None:
    seen, draws = observed(ring=ring), 9_999
    near = {at: seen.indices[seen.indptr[at] : seen.indptr[at + 1]].tolist() for at in range(len(seen.cells))}
    with pytest.warns(DeprecationWarning, match="alternative hypothesis"):
        peer = G_Local(
            seen.value, W(near, silence_warnings=True), transform="B", permutations=draws, star=True, seed=4, n_jobs=1
        )
    p = gi_star.surface(seen, Tuning(ring=ring, permutations=draws)).p
    assert p is not None
    # esda folds the p of a cold cell over.
    folded = (np.minimum(p * (draws + 1) - 1, draws + 1 - p * (draws + 1)) + 1) / (draws + 1)
    expected = np.asarray(peer.p_sim)[seen.inside]
    error = np.sqrt(2 * expected * (1 - expected) / draws) + 1 / draws
    # Some 60 cells: beyond 5 standard errors by chance once in 30,000 runs; both seeds are fixed.
    assert (np.abs(folded - expected) < 5 * error).all()
    assert np.count_nonzero(expected < 0.05) > 3


def test_permuted_p_hangs_on_the_seed_alone(observed: Callable[..., Observed]) -> None:
    seen = observed()
    first, again, other = (gi_star.surface(seen, Tuning(permutations=99, seed=seed)).p for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()
    assert first is not None
    assert first.min() >= 0.01


def test_a_neighbourhood_that_is_everything_has_no_score(observed: Callable[..., Observed]) -> None:
    seen = observed(np.arange(7.0), steps=0)
    assert gi_star.surface(seen, Tuning(ring=1)).score.tolist() == [0.0]


def test_incidents_beyond_the_border_heat_the_cells_at_it(observed: Callable[..., Observed]) -> None:
    counts = np.zeros(SIZES)
    counts[-3] = 50.0  # a cell of the halo
    surface = gi_star.surface(observed(counts), Tuning(ring=1))
    assert surface.score.max() > 3
    assert surface.score.argmax() != 0


@pytest.mark.shared
def test_gi_star_equals_esda_on_a_real_month(shared: Path, graph: Callable[..., tuple[np.ndarray, np.ndarray]]) -> None:
    month = pl.read_csv(next((shared / "police-uk/west-mercia/2025-06").glob("*-street.csv")))
    # Redditch and its surroundings: every cell of the disk, zeros included.
    centre = h3.latlng_to_cell(52.3066, -1.9408, 10)
    cells = np.array(sorted(h3.str_to_int(cell) for cell in h3.grid_disk(centre, 40)), dtype=np.uint64)
    near = month.drop_nulls(["Longitude", "Latitude"]).filter(
        pl.col("Longitude").is_between(-2.1, -1.8), pl.col("Latitude").is_between(52.2, 52.4)
    )
    points = [
        h3.str_to_int(h3.latlng_to_cell(lat, lon, 10)) for lat, lon in near.select("Latitude", "Longitude").rows()
    ]
    value = (
        pl.Series(cells)
        .to_frame("cell")
        .join(
            pl.Series(points, dtype=pl.UInt64).alias("cell").value_counts(),
            on="cell",
            how="left",
            maintain_order="left",
        )["count"]
        .fill_null(0)
        .cast(pl.Float64)
        .to_numpy()
    )
    assert value.sum() > 500
    indptr, indices = graph(cells, 2)
    everything = np.ones(len(cells), dtype=np.bool_)
    area_m2 = np.full(len(cells), 13_600.0)
    seen = Observed(
        cells=cells, inside=everything, covered_m2=area_m2, area_m2=area_m2, east_north_m=np.zeros((len(cells), 2)),
        indptr=indptr, indices=indices, months=(Month.parse("2025-06"),), by_month=sparse.csr_array(value[None]),
        by_month_inside=sparse.csr_array(value[None]), value=value, value_inside=value,
    )  # fmt: skip
    np.testing.assert_allclose(gi_star.surface(seen, Tuning(ring=2)).score, esda_z(seen), rtol=0, atol=1e-9)
