"""Weights come from the row that fits code and description; what fits nothing is reported."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest

from geo_service.harm import several_weights, weigh, weigh_by_proxy

if TYPE_CHECKING:
    from collections.abc import Callable

    from geo_service.model.offences import HarmTable, ProxyTable


def test_one_code_with_two_descriptions_weighs_by_description(
    groups: Callable[..., pl.DataFrame], starting_points: HarmTable
) -> None:
    wound = "Wounding or inflicting grievous bodily harm"
    frame = groups(("008/01", f"{wound} (serious wound)"), ("8/1", f"{wound.upper()}  (minor wound)"))
    weights = weigh(frame, starting_points)
    assert weights.days == (365.0, 182.0)
    assert (weights.label, weights.is_proxy, weights.unmatched) == ("harm (starting-points)", False, ())


def test_a_code_with_several_weights_and_no_fitting_description_is_reported_not_guessed(
    groups: Callable[..., pl.DataFrame], starting_points: HarmTable
) -> None:
    weights = weigh(groups(("008/01", "Wounding")), starting_points)
    assert weights.days == (0.0,)
    assert weights.unmatched == (
        "008/01 Wounding: its code has several weights, 182 to 365, and none for this description",
    )


def test_a_description_of_the_forces_own_weighs_by_code_where_the_code_has_one_weight(
    groups: Callable[..., pl.DataFrame], starting_points: HarmTable
) -> None:
    weights = weigh(groups(("034/01", "ROBBERY - TAXI DRIVER"), ("8/6", "ABH")), starting_points)
    assert weights.days == (365.0, 10.0)


def test_a_row_without_description_stands_for_the_others_of_its_code(
    groups: Callable[..., pl.DataFrame], harm_table: Callable[..., HarmTable]
) -> None:
    table = harm_table(("045/10", None, 2.0), ("045/10", "From a van", 7.0))
    assert weigh(groups(("45/10", "from a VAN"), ("45/10", "from a car")), table).days == (7.0, 2.0)


def test_a_table_that_contradicts_itself_weighs_nothing(
    groups: Callable[..., pl.DataFrame], harm_table: Callable[..., HarmTable]
) -> None:
    table = harm_table(("1/1", "Murder", 1.0), ("001/01", "murder", 2.0))
    assert weigh(groups(("1/1", "Murder")), table).unmatched != ()


def test_an_incident_without_code_is_found_by_its_description_only(
    groups: Callable[..., pl.DataFrame], starting_points: HarmTable
) -> None:
    weights = weigh(groups((None, "Anti-social behaviour"), ("", "Burglary"), ("999/01", "New")), starting_points)
    assert weights.days == (0.0, 0.0, 0.0)
    assert weights.unmatched == ("Burglary: it has no offence code", "999/01 New: its code is not in the table")


def test_unmatched_offences_are_named_once_and_only_where_asked(
    groups: Callable[..., pl.DataFrame], harm_table: Callable[..., HarmTable]
) -> None:
    frame = groups(("1/1", "a"), ("1/1", "a", "knife"), ("2/1", "b"))
    empty = harm_table()
    assert len(weigh(frame, empty).unmatched) == 2
    selected = np.array([False, False, True])
    assert weigh(frame, empty, selected=selected).unmatched == ("2/1 b: its code is not in the table",)


def test_every_row_of_the_shipped_table_weighs_its_own_offence(
    groups: Callable[..., pl.DataFrame], starting_points: HarmTable
) -> None:
    rows = starting_points.rows
    frame = groups(*rows.select("offence_code", "offence").rows())
    weights = weigh(frame, starting_points)
    assert weights.days == tuple(rows["days"].cast(float))
    assert weights.unmatched == ()
    assert rows["source"].str.len_chars().min() > 10


@pytest.mark.parametrize(("level", "robbery", "violence"), [("low", 365, 1), ("middle", 365, 10), ("high", 730, 1825)])
def test_a_proxy_weighs_all_fourteen_categories_and_says_that_it_is_one(
    level: str, robbery: float, violence: float, categories: pl.DataFrame, proxy_table: ProxyTable
) -> None:
    weights = weigh_by_proxy(categories, proxy_table, level)  # type: ignore[arg-type]
    by_name = dict(zip(categories["offence"], weights.days, strict=True))
    assert (by_name["Robbery"], by_name["Violence and sexual offences"]) == (robbery, violence)
    assert weights.unmatched == ()
    assert weights.is_proxy
    assert weights.label == f"harm (proxy, {level})"


def test_the_levels_of_a_proxy_never_fall(proxy_table: ProxyTable) -> None:
    rows = proxy_table.rows
    assert rows.height == 14
    assert ((rows["low"] <= rows["middle"]) & (rows["middle"] <= rows["high"])).all()


def test_a_category_that_the_proxy_does_not_know_is_reported(
    groups: Callable[..., pl.DataFrame], proxy_table: ProxyTable
) -> None:
    assert weigh_by_proxy(groups((None, "Piracy")), proxy_table, "low").unmatched == (
        "Piracy: its category is not in the proxy table",
    )


def test_an_ambiguous_offence_is_weighed_by_the_score_that_is_asked_for(
    groups: Callable[..., pl.DataFrame], starting_points: HarmTable
) -> None:
    frame = groups(("034/01", "Robbery of personal property"), ("008/01", "Wounding"), ("8/1", "WOUNDING ", "knife"))
    assert weigh(frame, starting_points).days == (365.0, 0.0, 0.0)
    for score, days in (("lowest", 182.0), ("highest", 365.0)):
        weights = weigh(frame, starting_points, score=score)
        assert (weights.days, weights.unmatched) == ((365.0, days, days), ())
        assert weights.label == f"harm (starting-points, {score} score)"
    (one,) = weigh(frame, starting_points).ambiguous
    assert (one.code, one.offence, one.lowest, one.highest, one.groups) == ("008/01", "Wounding", 182.0, 365.0, (1, 2))


def test_only_offences_that_are_asked_about_are_ambiguous(
    groups: Callable[..., pl.DataFrame], starting_points: HarmTable
) -> None:
    frame = groups(("008/01", "Wounding"), ("008/01", "Wounding", "knife"), ("8/01", "GBH"))
    found = weigh(frame, starting_points, selected=np.array([False, True, False])).ambiguous
    assert [(one.offence, one.groups) for one in found] == [("Wounding", (1,))]


def test_what_an_index_leaves_out_weighs_nothing_unless_it_is_put_in(
    groups: Callable[..., pl.DataFrame], harm_table: Callable[..., HarmTable]
) -> None:
    table = replace(harm_table(("092/61", None, 3.0)), leaves_out=("found_by_police",), notes=("Cite it.",))
    frame = groups(("092/61", "Cannabis"), ("092/61", "Cannabis", "found_by_police"))
    weights = weigh(frame, table)
    assert (weights.days, weights.unmatched, weights.notes) == ((3.0, 0.0), (), ("Cite it.",))
    put_in = weigh(frame, table, proactive=True)
    assert put_in.days == (3.0, 3.0)
    assert "leaves it out" in put_in.notes[1]


def test_codes_with_several_weights_are_listed(harm_table: Callable[..., HarmTable]) -> None:
    table = harm_table(("1/1", "a", 5.0), ("001/01", "b", 5.0), ("2/1", "a", 7.0), ("2/1", "b", 1.0), (None, "c", 9.0))
    rows = table.rows.with_row_index("at").with_columns(source=pl.format("row {}", "at")).drop("at")
    codes, several = several_weights(replace(table, rows=rows))
    assert (codes, [(one.code, one.lowest, one.highest, one.rows) for one in several]) == (2, [("002/01", 1.0, 7.0, 2)])
