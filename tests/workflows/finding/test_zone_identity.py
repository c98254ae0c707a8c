"""Zones of one question keep id and name from period to period."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from geo_service.app import open_area
from geo_service.errors import NotFoundError, QueryError
from geo_service.model.hotspots import HotspotQuery
from geo_service.model.periods import Period
from geo_service.workflows.finding import runs, zones

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from geo_service.workflows.services import Services

EARLIER = HotspotQuery("Nonesuch Borough", Period.parse("2025-03", "2026-02"), offence_set="all")
LATER = replace(EARLIER, period=Period.parse("2025-08", "2026-07"))


@pytest.fixture
def area(demonstration_copy: Path) -> Iterator[Services]:
    opened = open_area(demonstration_copy)
    yield opened
    opened.close()


def test_a_kept_zone_has_the_id_and_name_of_before_and_every_zone_is_told_of(area: Services) -> None:
    before, after = zones.find_zones(area, EARLIER)[1], zones.find_zones(area, LATER)[1]
    assert (before.compared, after.compared) == ("", before.id)
    kept = [change for change in after.changes if change.kind == "kept"]
    assert kept
    names = {zone.id: zone.name for zone in before.zones}
    for change in kept:
        assert change.before == change.after
        assert next(zone.name for zone in after.zones if zone.id == change.after[0]) == names[change.before[0]]
    assert {each for change in after.changes for each in change.before} == {zone.id for zone in before.zones}
    assert {each for change in after.changes for each in change.after} == {zone.id for zone in after.zones}
    assert len({zone.id for zone in after.zones}) == len({zone.name for zone in after.zones}) == len(after.zones)
    assert runs.from_json(runs.to_json(after)).changes == after.changes
    # The newest run that holds the zone is the one that its id stands for.
    assert zones.run_of_zone(area, kept[0].after[0]).id == after.id


def test_a_run_is_compared_once_and_asking_again_changes_nothing(area: Services) -> None:
    after = zones.find_zones(area, LATER)[1]
    zones.find_zones(area, EARLIER)
    again = zones.find_zones(area, LATER)[1]
    assert runs.to_json(again) == runs.to_json(after)
    assert zones.find_zones(area, LATER, compare_with="none")[1].compared == ""


def test_only_zones_of_the_same_question_can_be_the_same(area: Services) -> None:
    other = zones.find_zones(area, replace(EARLIER, offence_set="public-place"))[1]
    assert zones.find_zones(area, LATER)[1].compared == ""
    with pytest.raises(QueryError, match="offence set public-place, not all") as refused:
        zones.find_zones(area, LATER, compare_with=other.id)
    assert refused.value.field == "compare"
    with pytest.raises(NotFoundError):
        zones.find_zones(area, LATER, compare_with="00000000")
