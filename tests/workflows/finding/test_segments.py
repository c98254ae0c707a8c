"""Street segments as units beside cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
import shapely

from geo_service.errors import QueryError
from geo_service.model.hotspots import HotspotQuery
from geo_service.model.periods import Period
from geo_service.workflows.finding import hotspots
from geo_service.workflows.finding.segments import segment_answer

if TYPE_CHECKING:
    from geo_service.workflows.services import Services

YEAR = Period.parse("2025-08", "2026-07")


def query(**given: object) -> HotspotQuery:
    return HotspotQuery("Quillholt", YEAR, **given)  # type: ignore[arg-type]


def test_with_all_of_the_length_every_incident_near_a_street_is_held(demonstration: Services) -> None:
    found = segment_answer(demonstration, query(area_share=1.0))
    located = hotspots.ask(demonstration, query()).located
    assert found.table.rows["events"].sum() + found.beyond == pytest.approx(located, abs=3)
    assert "holds 100.0 % of the events" in found.sentence
    assert found.table.rows["id"].is_unique().all()


def test_the_best_segments_are_the_fullest_that_fit(demonstration: Services) -> None:
    whole, best = (segment_answer(demonstration, query(area_share=share)).table for share in (1.0, 0.05))
    assert best.rows["events"].to_list() == whole.rows["events"].to_list()[: best.rows.height]
    assert (np.diff(whole.rows["events"].to_numpy()) <= 0).all()
    assert best.rows["length_m"].sum() <= 0.05 * whole.rows["length_m"].sum() * 2
    assert set(shapely.get_type_id(best.geometry)) == {1}
    rate = best.rows.select(pl.col("events") / pl.col("length_m") * 100).to_series()
    assert np.allclose(best.rows["events_per_100_m"], rate, atol=0.06)


def test_harm_ranks_by_harm(demonstration: Services) -> None:
    rows = segment_answer(demonstration, query(measure="harm", area_share=0.1)).table.rows
    assert rows["harm"].is_sorted(descending=True)
    assert rows["harm_label"][0] == "harm (starting-points)"


def test_what_is_said_with_it(demonstration: Services) -> None:
    table = segment_answer(demonstration, query()).table
    assert table.notes[0].startswith("1.0 % of the street length of Quillholt")
    assert any(note.startswith("Farther than 50 m from every street") for note in table.notes)
    assert any("Streets, railways and rivers" in line for line in table.licences)
    assert table.provenance.parameters["unit"] == "segment"


def test_another_statistic_is_refused(demonstration: Services) -> None:
    with pytest.raises(QueryError, match="ranked by their total alone") as caught:
        segment_answer(demonstration, query(statistic="gi_star"))
    assert caught.value.field == "statistic"
