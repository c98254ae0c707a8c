"""Measures and offence sets side by side: the same question, and what each would choose."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest

from geo_service.errors import QueryError
from geo_service.model.hotspots import HotspotQuery
from geo_service.model.periods import Period
from geo_service.workflows.finding.hotspots import ask
from geo_service.workflows.validating import compare, compare_outputs

if TYPE_CHECKING:
    from geo_service.workflows.services import Services

QUERY = HotspotQuery("demonstration-wards", Period.parse("2025-08", "2026-07"), harm_table="starting-points")


@pytest.fixture(scope="module")
def found(demonstration: Services) -> compare.Comparison:
    return compare.ask(demonstration, compare.sides_of(QUERY, ("count", "harm"), (), proactive_too=False))


def test_each_side_is_what_hotspots_answers(demonstration: Services, found: compare.Comparison) -> None:
    for side in found.sides:
        alone = ask(demonstration, side.query)
        np.testing.assert_array_equal(side.chosen, alone.chosen)
        assert side.sentence == alone.sentence
    assert [side.query.measure for side in found.sides] == ["count", "harm"]


def test_the_pair_agrees_as_sets_say(found: compare.Comparison) -> None:
    one, other = (set(np.flatnonzero(side.chosen).tolist()) for side in found.sides)
    zones = [{cell for zone in side.zones for cell in zone.tolist()} for side in found.sides]
    pair = found.pairs[0]
    assert pair.cells == pytest.approx(len(one & other) / len(one | other))
    assert pair.zone_cells == pytest.approx(len(zones[0] & zones[1]) / len(zones[0] | zones[1]))
    assert 0 < pair.rank_biased_overlap < 1


def test_zones_are_led_by_whoever_chose_most_of_them_alone(found: compare.Comparison) -> None:
    labels = [side.label for side in found.sides]
    assert {zone.led_by for zone in found.zones} == {*labels, "both"}
    for zone in found.zones:
        own, other = zone.shares if zone.side == labels[0] else zone.shares[::-1]
        if zone.led_by == "both":
            assert own - other <= 0.5
        else:
            assert own > 0.5 > other


def test_a_question_beside_itself_agrees_wholly(demonstration: Services) -> None:
    sides = compare.sides_of(QUERY, (), ("burglary",), proactive_too=True)
    found = compare.ask(demonstration, sides)
    pair = found.pairs[0]
    # Burglaries are not found by police activity, so nothing is put in.
    assert (pair.cells, pair.zone_cells, pair.rank_biased_overlap) == (1.0, 1.0, pytest.approx(1.0))
    assert "police finds put in" in found.sides[1].label


def test_police_finds_change_what_is_chosen(demonstration: Services) -> None:
    found = compare.ask(demonstration, compare.sides_of(QUERY, (), (), proactive_too=True))
    assert found.pairs[0].rank_biased_overlap < 1


@pytest.mark.parametrize(
    ("measures", "sets", "field"),
    [
        (("count",), (), "measures"),
        (("count", "count"), (), "measures"),
        (("count", "days"), (), "measures"),
        (("count", "harm:proxy-much"), (), "measures"),
        (("count:harm", "harm"), (), "measures"),
        (("count", "harm"), ("all", "burglary", "robbery", "violence"), "measures"),
    ],
)
def test_sides_that_cannot_be_compared_are_refused(
    measures: tuple[str, ...], sets: tuple[str, ...], field: str
) -> None:
    with pytest.raises(QueryError) as refused:
        compare.sides_of(QUERY, measures, sets, proactive_too=False)
    assert refused.value.field == field


def test_a_proxy_and_a_table_are_read() -> None:
    sides = compare.sides_of(QUERY, ("harm:proxy-low", "harm:starting-points"), (), proactive_too=False)
    assert [(side.proxy, side.harm_table) for side in sides] == [("low", "starting-points"), (None, "starting-points")]


def test_words_json_and_table_say_the_same(found: compare.Comparison) -> None:
    said = json.loads(json.dumps(found.to_json(), allow_nan=False, default=str))
    table = compare_outputs.zone_table(found)
    assert table.rows["id"].to_list() == [zone["id"] for zone in said["zones"]]
    assert table.rows["led_by"].to_list() == [zone.led_by for zone in found.zones]
    assert table.rows["id"].n_unique() == table.rows.height > 0
    assert all(shape.area > 0 for shape in table.geometry)
