"""A rolling origin looks at nothing that it must not know, and says what it left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_service.errors import QueryError
from geo_service.hotspots.backtesting.origins import fitted, lay_origins
from geo_service.model.periods import Month, Period

if TYPE_CHECKING:
    from collections.abc import Callable

    from geo_service.model.surfaces import Observed

FIRST = Month.parse("2019-08")
MONTHS = [FIRST + step for step in range(26)]


def test_twenty_six_months_give_fourteen_origins_of_a_year_each() -> None:
    laid = lay_origins(MONTHS, fit_months=12, ahead=(1, 3, 6), first=None, last=None)
    assert [origin.number for origin in laid.kept] == list(range(13, 27))
    assert [sum(ahead in origin.ahead for origin in laid.kept) for ahead in (1, 3, 6)] == [14, 12, 9]
    assert str(laid.kept[0].fit) == "2019-08 to 2020-07"
    assert str(laid.kept[0].scored(3)) == "2020-08 to 2020-10"
    assert laid.left_out == ()


def test_what_is_reserved_is_not_looked_at_by_any_score() -> None:
    laid = lay_origins(MONTHS, fit_months=12, ahead=(1, 3), first=None, last=FIRST + 18)
    assert [origin.number for origin in laid.kept] == list(range(13, 20))
    assert max(origin.scored(ahead).last for origin in laid.kept for ahead in origin.ahead) == FIRST + 18
    reserved = lay_origins(MONTHS, fit_months=12, ahead=(1,), first=FIRST + 19, last=None)
    assert [origin.number for origin in reserved.kept] == list(range(20, 27))


def test_all_months_since_the_first_can_be_fitted() -> None:
    laid = lay_origins(MONTHS, fit_months=None, ahead=(1,), first=None, last=None)
    assert [len(origin.fit) for origin in laid.kept] == list(range(12, 26))
    assert {origin.fit.first for origin in laid.kept} == {FIRST}


def test_an_origin_with_a_missing_month_is_left_out_and_named() -> None:
    some = [month for month in MONTHS if str(month) != "2021-02"]
    laid = lay_origins(some, fit_months=12, ahead=(1, 3), first=None, last=None)
    # February 2021 is month 19: it cannot be scored, nor fitted by any origin from 20 on.
    assert [(origin.number, origin.ahead) for origin in laid.kept] == [
        *((number, (1, 3)) for number in range(13, 17)),
        (17, (1,)),
        (18, (1,)),
    ]
    assert laid.left_out[0] == "origin 17 (2020-12): 2021-02 is missing from the months scored"
    assert laid.left_out[-1] == "origin 26 (2021-09): 2021-02 is missing from the months fitted"


def test_too_few_months_are_refused() -> None:
    with pytest.raises(QueryError, match=r"No origin can be scored.*2019-08 to 2020-07") as refused:
        lay_origins(MONTHS[:12], fit_months=12, ahead=(1,), first=None, last=None)
    assert refused.value.field == "fit_months"


@given(
    missing=st.sets(st.integers(0, 25), max_size=6),
    fit=st.integers(1, 13),
    ahead=st.lists(st.integers(1, 6), min_size=1, unique=True),
)
def test_no_origin_fits_or_scores_a_month_that_is_not_there_or_that_it_must_not_know(
    missing: set[int], fit: int, ahead: list[int]
) -> None:
    held = {month for step, month in enumerate(MONTHS) if step not in missing}
    try:
        laid = lay_origins(held, fit_months=fit, ahead=ahead, first=None, last=None)
    except QueryError:
        return
    for origin in laid.kept:
        assert set(origin.fit) <= held
        for months in origin.ahead:
            assert set(origin.scored(months)) <= held
            assert origin.scored(months).first > origin.fit.last


def test_what_is_fitted_is_what_an_observer_would_have_seen(observed: Callable[..., Observed]) -> None:
    value = np.random.default_rng(2).poisson(1.0, (6, 61 + 30)).astype(np.float64)
    whole = observed(value)
    seen = fitted(whole, Period(whole.months[1], whole.months[3]))
    alone = observed(value[1:4])
    assert seen.months == whole.months[1:4]
    for name in ("value", "value_inside"):
        np.testing.assert_array_equal(getattr(seen, name), getattr(alone, name))
    for name in ("by_month", "by_month_inside"):
        np.testing.assert_array_equal(getattr(seen, name).toarray(), getattr(alone, name).toarray())
    assert seen.indices is whole.indices
