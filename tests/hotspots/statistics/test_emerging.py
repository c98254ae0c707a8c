"""Emerging hot spots: Gi* of each month, the trend between them, and 17 classes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from esda import G_Local
from libpysal.weights import W
from scipy import stats

from geo_service.errors import QueryError
from geo_service.hotspots.statistics import emerging
from geo_service.model.surfaces import Tuning

if TYPE_CHECKING:
    from collections.abc import Callable

    from geo_service.model.surfaces import Observed

SIZES = 61 + 30

# Ten months by hand: H hot, C cold, a dot neither; then the trend of z.
HISTORIES = [
    (".........H", 0, "new hot spot"),
    ("......HHHH", 0, "consecutive hot spot"),
    ("HHHHHHHHHH", 1, "intensifying hot spot"),
    (".HHHHHHHHH", 0, "persistent hot spot"),
    ("HHHH.HHHHH", -1, "diminishing hot spot"),
    ("..H..HH.HH", 0, "sporadic hot spot"),
    ("..C..H...H", 0, "oscillating hot spot"),
    ("HHHHHHHHH.", 0, "historical hot spot"),
    (".........C", 0, "new cold spot"),
    ("........CC", 0, "consecutive cold spot"),
    ("CCCCCCCCCC", -1, "intensifying cold spot"),
    ("CCCCCCCCCC", 0, "persistent cold spot"),
    ("C.CCCCCCCC", 1, "diminishing cold spot"),
    ("C.C.C.C.CC", 0, "sporadic cold spot"),
    ("HHHHHH...C", 0, "oscillating cold spot"),
    ("CCCCCCCCC.", 1, "historical cold spot"),
    ("HHHH.HHHH.", 0, "no pattern"),
    # Beside the seventeen: what lies on the edge of a class.
    ("C........H", 0, "oscillating hot spot"),
    ("CHHHHHHHHH", 0, "persistent hot spot"),
    (".HHHHHHHH.", 1, "no pattern"),
    ("HHHHHHHHHC", 0, "oscillating cold spot"),
    ("CCCCCCCCCH", 0, "oscillating hot spot"),
    ("..HHHHHHHH", 1, "consecutive hot spot"),
    ("..........", 1, "no pattern"),
]


@pytest.mark.parametrize(("history", "trend", "name"), HISTORIES)
def test_a_history_has_the_class_that_its_definition_gives(history: str, trend: int, name: str) -> None:
    months = np.array(list(history))[:, None]
    assert emerging.classify(months == "H", months == "C", np.array([trend])).tolist() == [name]


def test_there_are_seventeen_classes() -> None:
    assert len({name for _, _, name in HISTORIES}) == 17


def test_each_month_is_esda_alone_and_the_score_is_stouffers(observed: Callable[..., Observed]) -> None:
    seen = observed()
    near = {at: seen.indices[seen.indptr[at] : seen.indptr[at + 1]].tolist() for at in range(len(seen.cells))}
    weights = W(near, silence_warnings=True)
    z = np.array(
        [G_Local(month, weights, transform="B", permutations=0, star=True).Zs for month in seen.by_month.toarray()]
    )
    surface = emerging.surface(seen, Tuning())
    together = [stats.combine_pvalues(stats.norm.sf(column), method="stouffer") for column in z[:, seen.inside].T]
    np.testing.assert_allclose(surface.score, [each.statistic for each in together], atol=1e-6)
    assert surface.p is not None
    np.testing.assert_allclose(surface.p, [each.pvalue for each in together], atol=1e-6)


def test_places_that_rise_fall_and_begin_are_told_apart(observed: Callable[..., Observed]) -> None:
    rng = np.random.default_rng(11)
    blank = observed(np.zeros(817), steps=15)
    months, level = np.arange(12), np.full((12, 817), 1.0)
    histories = {
        "intensifying hot spot": 20 + 4 * months,
        "diminishing hot spot": 64 - 4 * months,
        "persistent hot spot": np.full(12, 30),
        "consecutive hot spot": np.where(months > 9, 40, 1),
    }
    hearts = []
    for shift, rate in zip(([900, 0], [-900, 0], [0, 900], [0, -900]), histories.values(), strict=True):
        apart = np.hypot(*(blank.east_north_m - blank.east_north_m.mean(axis=0) - shift).T)
        hearts.append(int(apart.argmin()))
        level[:, apart < 200] = rate[:, None]
    seen = observed(rng.poisson(level).astype(np.float64), steps=15)
    classes = emerging.surface(seen, Tuning()).classes
    assert classes is not None
    assert [classes[np.flatnonzero(seen.inside) == heart].item() for heart in hearts] == list(histories)
    assert (classes == emerging.NO_PATTERN).mean() > 0.7


def test_too_few_months_are_refused_by_name(observed: Callable[..., Observed]) -> None:
    with pytest.raises(QueryError, match="9 loaded") as refused:
        emerging.surface(observed(np.ones((9, SIZES))), Tuning())
    assert refused.value.field == "from"


def test_nothing_at_all_has_no_pattern(observed: Callable[..., Observed]) -> None:
    surface = emerging.surface(observed(np.zeros((10, SIZES))), Tuning())
    assert not surface.score.any()
    assert surface.classes is not None
    assert set(surface.classes) == {emerging.NO_PATTERN}
