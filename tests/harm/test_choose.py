"""Harm is weighed by a table, by a named proxy, by both, or refused in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from geo_service.errors import NotFoundError, QueryError
from geo_service.harm import choose_weights

if TYPE_CHECKING:
    from collections.abc import Callable

    import polars as pl

    from geo_service.model.offences import HarmTable, ProxyTable, Weights


@pytest.fixture
def ask(starting_points: HarmTable, proxy_table: ProxyTable) -> Callable[..., Weights | None]:
    """Return `choose_weights` with the shipped tables and a plain question."""

    def asking(groups: pl.DataFrame, **changes: object) -> Weights | None:
        question: dict[str, object] = {
            "measure": "harm",
            "proxy": None,
            "harm_table": None,
            "tables": {starting_points.id: starting_points},
            "proxies": {proxy_table.id: proxy_table},
        }
        return choose_weights(groups, **(question | changes))  # type: ignore[arg-type]

    return asking


@pytest.fixture
def coded(groups: Callable[..., pl.DataFrame]) -> pl.DataFrame:
    return groups(("034/01", "Robbery of personal property"), (None, "Anti-social behaviour"))


@pytest.fixture
def mixed(groups: Callable[..., pl.DataFrame]) -> pl.DataFrame:
    return groups(("008/06", "Assault occasioning actual bodily harm"), (None, "Robbery"), (None, "Burglary"))


def test_harm_of_category_data_without_a_proxy_is_refused_and_the_levels_are_named(
    categories: pl.DataFrame, ask: Callable[..., Weights | None]
) -> None:
    with pytest.raises(QueryError, match="low, middle or high") as refused:
        ask(categories)
    assert refused.value.field == "proxy"
    assert "Burglary" in refused.value.message


def test_harm_of_category_data_with_a_proxy_is_labelled_one(
    categories: pl.DataFrame, ask: Callable[..., Weights | None]
) -> None:
    weights = ask(categories, proxy="middle")
    assert weights is not None
    assert weights.label == "harm (proxy, middle)"


def test_a_count_of_category_data_has_no_harm_unless_a_proxy_is_named(
    categories: pl.DataFrame, ask: Callable[..., Weights | None]
) -> None:
    assert ask(categories, measure="count") is None
    weights = ask(categories, measure="count", proxy="low")
    assert weights is not None
    assert weights.is_proxy


@pytest.mark.parametrize("measure", ["count", "harm"])
def test_coded_data_is_weighed_by_the_one_table_although_incidents_without_code_are_among_it(
    measure: str, coded: pl.DataFrame, ask: Callable[..., Weights | None]
) -> None:
    weights = ask(coded, measure=measure)
    assert weights is not None
    assert (weights.days, weights.is_proxy) == ((365.0, 0.0), False)


def test_a_proxy_of_data_that_has_codes_is_refused(coded: pl.DataFrame, ask: Callable[..., Weights | None]) -> None:
    with pytest.raises(QueryError, match="has a code") as refused:
        ask(coded, proxy="low")
    assert refused.value.field == "proxy"


def test_mixed_data_without_a_proxy_is_refused_and_says_which_part_lacks_codes(
    mixed: pl.DataFrame, ask: Callable[..., Weights | None]
) -> None:
    with pytest.raises(QueryError, match=r"Some of the offences.*the others have codes.*Found: Burglary, Robbery"):
        ask(mixed)


def test_mixed_data_with_a_proxy_weighs_each_part_its_own_way_and_says_so(
    mixed: pl.DataFrame, ask: Callable[..., Weights | None]
) -> None:
    weights = ask(mixed, proxy="high")
    assert weights is not None
    assert weights.days == (10.0, 730.0, 730.0)
    assert weights.is_proxy
    assert weights.label == "harm (starting-points, and proxy, high, where there is no offence code)"


def test_only_the_offences_asked_about_decide(mixed: pl.DataFrame, ask: Callable[..., Weights | None]) -> None:
    weights = ask(mixed, selected=np.array([True, False, False]))
    assert weights is not None
    assert not weights.is_proxy
    assert weights.unmatched == ()


def test_offences_without_any_weight_have_no_harm(
    groups: Callable[..., pl.DataFrame], ask: Callable[..., Weights | None]
) -> None:
    nuisance = groups((None, "Anti-social behaviour"))
    assert ask(nuisance, measure="count") is None
    with pytest.raises(QueryError, match="carries a harm weight") as refused:
        ask(nuisance)
    assert refused.value.field == "measure"


def test_an_unknown_table_is_named_with_those_that_there_are(
    coded: pl.DataFrame, ask: Callable[..., Weights | None]
) -> None:
    with pytest.raises(NotFoundError, match=r"Found: cambridge.*There is: starting-points") as refused:
        ask(coded, harm_table="cambridge")
    assert refused.value.field == "harm_table"


def test_with_several_tables_harm_needs_a_name_and_a_count_goes_without(
    coded: pl.DataFrame,
    harm_table: Callable[..., HarmTable],
    starting_points: HarmTable,
    ask: Callable[..., Weights | None],
) -> None:
    tables = {"own": harm_table(("034/01", None, 5.0)), "starting-points": starting_points}
    with pytest.raises(QueryError, match="own, starting-points"):
        ask(coded, tables=tables)
    assert ask(coded, tables=tables, measure="count") is None
    weights = ask(coded, tables=tables, harm_table="own")
    assert weights is not None
    assert weights.days == (5.0, 0.0)


def test_a_proxy_without_a_proxy_table_is_refused(categories: pl.DataFrame, ask: Callable[..., Weights | None]) -> None:
    with pytest.raises(QueryError, match="one proxy table"):
        ask(categories, proxy="low", proxies={})
