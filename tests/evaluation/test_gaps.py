"""No series is joined over a missing month or over the anchors of July 2022."""

from __future__ import annotations

import pytest

from geo_service.errors import QueryError
from geo_service.evaluation.gaps import ANCHORS, is_parted, refuse_parted, whole_windows
from geo_service.model.periods import Month, Period


def test_the_anchors_changed_in_july_2022() -> None:
    assert str(ANCHORS) == "2022-07"


def test_only_months_on_both_sides_of_a_break_are_parted() -> None:
    june, july = Month.parse("2022-06"), Month.parse("2022-07")
    assert is_parted(june, july, [ANCHORS])
    assert not is_parted(july, july + 11, [ANCHORS])
    assert not is_parted(june - 11, june, [ANCHORS])
    assert not is_parted(june, july, [])


def test_a_window_is_whole_where_each_month_is_loaded_and_no_break_lies_within() -> None:
    months = list(Period.parse("2022-04", "2022-10"))
    loaded = {month for month in months if str(month) != "2022-05"}
    assert whole_windows(months, loaded, [ANCHORS], 2).tolist() == [False, False, False, False, True, True, True]


def phases(*named: tuple[str, str, str]) -> list[tuple[str, Period]]:
    return [(name, Period.parse(first, last)) for name, first, last in named]


def test_a_phase_without_one_of_its_months_is_refused_and_the_month_is_named() -> None:
    loaded = {month for month in Period.parse("2024-01", "2025-06") if str(month) != "2024-05"}
    with pytest.raises(QueryError, match="2024-01 to 2024-06 without 2024-05") as raised:
        refuse_parted(phases(("before", "2024-01", "2024-06"), ("after", "2025-01", "2025-06")), loaded, [])
    assert raised.value.field == "before"


def test_phases_on_both_sides_of_the_anchor_change_are_refused() -> None:
    loaded = set(Period.parse("2021-01", "2023-12"))
    across = phases(("before", "2021-07", "2022-06"), ("after", "2022-07", "2023-06"))
    with pytest.raises(QueryError, match="anchor points in 2022-07"):
        refuse_parted(across, loaded, [ANCHORS])
    refuse_parted(across, loaded, [])
    refuse_parted(phases(("before", "2022-07", "2022-12"), ("after", "2023-07", "2023-12")), loaded, [ANCHORS])
