"""An offence set is a file, and it chooses the same offences on both kinds of data."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from geo_service.errors import QueryError
from geo_service.harm import select
from geo_service.model.offences import OffenceRule, OffenceSet

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import polars as pl

    from geo_service.model.offences import HarmTable, Under25


def chosen(groups: pl.DataFrame, offence_set: OffenceSet) -> set[str]:
    return set(groups.filter(select(groups, offence_set))["offence"])


@pytest.mark.parametrize(
    ("id_", "wanted"),
    [
        ("violence", {"Violence and sexual offences"}),
        ("robbery", {"Robbery"}),
        ("burglary", {"Burglary"}),
        ("vehicle-crime", {"Vehicle crime"}),
        ("anti-social-behaviour", {"Anti-social behaviour"}),
        ("neighbourhood-crime", {"Burglary", "Vehicle crime", "Theft from the person", "Robbery"}),
        ("serious-youth-violence", set()),
        (
            "neighbourhood-crime-wider",
            {"Burglary", "Vehicle crime", "Theft from the person", "Robbery", "Anti-social behaviour"},
        ),
        ("priorities-violence", {"Violence and sexual offences"}),
        ("priorities-theft", {"Burglary", "Shoplifting"}),
        ("priorities-nuisance", {"Anti-social behaviour", "Criminal damage and arson"}),
        (
            "priorities",
            {
                "Violence and sexual offences",
                "Burglary",
                "Shoplifting",
                "Anti-social behaviour",
                "Criminal damage and arson",
            },
        ),
    ],
)
def test_sets_choose_the_categories_of_open_data(
    id_: str, wanted: set[str], categories: pl.DataFrame, offence_sets: Mapping[str, OffenceSet]
) -> None:
    assert chosen(categories, offence_sets[id_]) == wanted


def test_public_place_leaves_out_what_follows_the_police_or_the_shops(
    categories: pl.DataFrame, offence_sets: Mapping[str, OffenceSet]
) -> None:
    left_out = set(categories["offence"]) - chosen(categories, offence_sets["public-place"])
    assert left_out == {"Shoplifting", "Drugs", "Possession of weapons"}


@pytest.mark.parametrize(
    ("id_", "wanted"),
    [
        ("robbery", {"034/01"}),
        ("burglary", {"028/03", "030/02"}),
        ("vehicle-crime", {"045/10", "048/01", "126/00"}),
        ("neighbourhood-crime", {"028/03", "034/01", "039/00", "045/10", "048/01", "126/00"}),
        ("violence", {"003/01", "005/01", "008/01", "008/06", "019/08", "020/05", "105/01", "195/94"}),
        ("serious-youth-violence", {"005/01", "008/01", "008/06"}),
        (
            "neighbourhood-crime-wider",
            {"028/03", "034/01", "039/00", "045/10", "048/01", "126/00", "005/01", "008/01", "008/06"},
        ),
        ("priorities-theft", {"028/03", "030/02", "046/00"}),
    ],
)
def test_sets_choose_the_codes_of_a_force_export(
    id_: str,
    wanted: set[str],
    starting_points: HarmTable,
    groups: Callable[..., pl.DataFrame],
    offence_sets: Mapping[str, OffenceSet],
) -> None:
    shipped = starting_points.rows.filter(starting_points.rows["offence_code"] != "")
    young = groups(
        *((code, offence, "victim_under_25") for code, offence in shipped.select("offence_code", "offence").rows())
    )
    assert set(young.filter(select(young, offence_sets[id_]))["offence_code"]) == wanted


@pytest.mark.parametrize("marker", ["found_by_police", "domestic_abuse"])
def test_public_place_leaves_out_what_is_marked_as_found_by_police_or_domestic(
    marker: str, groups: Callable[..., pl.DataFrame], offence_sets: Mapping[str, OffenceSet]
) -> None:
    frame = groups(("105/01", "Common assault and battery"), ("105/01", "Common assault and battery", marker))
    assert select(frame, offence_sets["public-place"]).tolist() == [True, False]


def test_public_place_keeps_a_weapon_that_somebody_reported(
    groups: Callable[..., pl.DataFrame], offence_sets: Mapping[str, OffenceSet]
) -> None:
    blade = ("008/26", "Possession of an article with a blade or point")
    frame = groups(blade, (*blade, "found_by_police"), ("092/61", "Possession of cannabis"))
    assert select(frame, offence_sets["public-place"]).tolist() == [True, False, False]


def test_youth_violence_needs_an_age_that_the_export_gives(
    groups: Callable[..., pl.DataFrame], offence_sets: Mapping[str, OffenceSet]
) -> None:
    abh = ("008/06", "Assault occasioning actual bodily harm")
    frame = groups(abh, (*abh, "victim_under_25"), (*abh, "suspect_under_25"), (*abh, "knife"))
    assert select(frame, offence_sets["serious-youth-violence"]).tolist() == [False, True, True, False]


def test_a_class_with_a_slash_takes_its_sub_codes_and_no_other_class(groups: Callable[..., pl.DataFrame]) -> None:
    frame = groups(("45/10", "a"), ("045/11", "b"), ("145/10", "c"), ("04510", "d"), (None, "e"))
    rule = OffenceSet("x", "X", "x", include=(OffenceRule(codes=("45/",)),))
    assert select(frame, rule).tolist() == [True, True, False, True, False]


def test_every_condition_of_a_rule_must_hold_and_any_rule_is_enough(groups: Callable[..., pl.DataFrame]) -> None:
    frame = groups(("1/1", "one"), ("1/1", "two"), ("2/1", "one"), ("3/1", "three", "knife"))
    both = OffenceRule(codes=("001/01",), offences=("ONE",))
    marked = OffenceRule(any_marker=("knife", "hate"))
    assert select(frame, OffenceSet("x", "X", "x", include=(both, marked))).tolist() == [True, False, False, True]
    assert select(frame, OffenceSet("x", "X", "x", exclude=(both, marked))).tolist() == [False, True, True, False]


def test_all_takes_everything_and_nothing_is_chosen_of_nothing(
    categories: pl.DataFrame, groups: Callable[..., pl.DataFrame], offence_sets: Mapping[str, OffenceSet]
) -> None:
    assert select(categories, offence_sets["all"]).all()
    for offence_set in offence_sets.values():
        assert select(groups(), offence_set).tolist() == []


def test_an_unknown_marker_is_refused_by_name(groups: Callable[..., pl.DataFrame]) -> None:
    wrong = OffenceSet("mine", "Mine", "x", include=(OffenceRule(any_marker=("victim_under_18",)),))
    with pytest.raises(QueryError, match=r"mine names an unknown marker.*victim_under_18.*victim_under_25"):
        select(groups((None, "x")), wrong)


def test_what_follows_the_police_comes_in_when_it_is_asked_for(
    groups: Callable[..., pl.DataFrame], offence_sets: Mapping[str, OffenceSet]
) -> None:
    blade, abh = ("008/26", "Blade"), ("008/06", "Assault")
    frame = groups(("092/61", "Cannabis"), (*blade, "found_by_police"), (None, "Drugs"), (*abh, "domestic_abuse"), abh)
    assert select(frame, offence_sets["public-place"]).tolist() == [False, False, False, False, True]
    assert select(frame, offence_sets["public-place"], proactive=True).tolist() == [True, True, True, False, True]


@pytest.mark.parametrize(
    ("whose", "wanted"),
    [
        ("", [True, True, True, True]),
        ("victim", [False, True, False, True]),
        ("suspect", [False, False, True, True]),
        ("either", [False, True, True, True]),
    ],
)
def test_a_rule_says_whose_age_counts(whose: Under25, wanted: list[bool], groups: Callable[..., pl.DataFrame]) -> None:
    abh = ("008/06", "Assault")
    ages = ("victim_under_25", "suspect_under_25")
    frame = groups(abh, (*abh, ages[0]), (*abh, ages[1]), (*abh, *ages))
    assert select(frame, OffenceSet("x", "X", "x", include=(OffenceRule(("8/",), under_25=whose),))).tolist() == wanted


def test_the_wider_list_takes_violence_of_the_young_alone(
    groups: Callable[..., pl.DataFrame], offence_sets: Mapping[str, OffenceSet]
) -> None:
    abh = ("008/06", "Assault")
    frame = groups(abh, (*abh, "suspect_under_25"), ("34/1", "Robbery"), (None, "Anti-social behaviour"))
    assert select(frame, offence_sets["neighbourhood-crime-wider"]).tolist() == [False, True, True, True]
    assert select(frame, offence_sets["neighbourhood-crime"]).tolist() == [False, False, True, False]


def test_drugs_are_a_priority_that_follows_the_police(
    groups: Callable[..., pl.DataFrame], offence_sets: Mapping[str, OffenceSet]
) -> None:
    frame = groups(("092/61", "Cannabis"), ("195/94", "Harassment", "hate"), ("049/10", "Other theft"))
    assert select(frame, offence_sets["priorities"]).tolist() == [False, True, False]
    assert select(frame, offence_sets["priorities"], proactive=True).tolist() == [True, True, False]
