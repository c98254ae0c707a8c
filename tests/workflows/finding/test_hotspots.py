"""From a question to hotspots: exact totals, oracles, and errors that name the parameter."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import libpysal
import numpy as np
import polars as pl
import pytest
from esda import G_Local

from geo_service import spatial
from geo_service.errors import GeoServiceError, NotFoundError, QueryError
from geo_service.model.hotspots import HotspotQuery
from geo_service.model.periods import Period
from geo_service.model.surfaces import Tuning
from geo_service.workflows.finding import hotspots

if TYPE_CHECKING:
    from geo_service.workflows.services import Services

BOROUGH = HotspotQuery("Nonesuch Borough", Period.parse("2025-08", "2026-07"), offence_set="all")
REDDITCH = HotspotQuery("Redditch", Period.parse("2025-01", "2025-06"))


def test_cells_hold_every_located_incident_of_the_area_and_no_other(demonstration: Services) -> None:
    surface = hotspots.ask(demonstration, BOROUGH)
    snapshot = demonstration.store.snapshot()
    expected = 0
    for slot in snapshot.slots("incidents/"):
        rows = snapshot.incident_slot(slot)
        member = snapshot.assignment(slot, "demonstration-wards")
        period = BOROUGH.period
        within = rows["month"].is_between(period.first.ordinal, period.last.ordinal).to_numpy()
        expected += int((within & (member >= 0)).sum())
    assert surface.events.sum() == expected


def test_wards_add_up_to_the_borough_in_events_and_area(demonstration: Services) -> None:
    whole = hotspots.ask(demonstration, BOROUGH)
    codes = whole.area.boundary_set.codes
    wards = [hotspots.ask(demonstration, replace(BOROUGH, boundary=code)) for code in codes]
    assert sum(ward.in_sample.events_all for ward in wards) == whole.in_sample.events_all
    assert sum(ward.in_sample.area_all_m2 for ward in wards) == pytest.approx(whole.in_sample.area_all_m2, rel=1e-6)


def test_a_team_is_its_wards_and_needs_no_geometry_of_its_own(demonstration: Services) -> None:
    team = hotspots.ask(demonstration, replace(BOROUGH, boundary="NSUCH-T1"))
    wards = [hotspots.ask(demonstration, replace(BOROUGH, boundary=f"X9900000{n}")) for n in (1, 2, 3)]
    assert team.in_sample.events_all == sum(ward.in_sample.events_all for ward in wards)


@pytest.mark.parametrize("share", [0.002, 0.014, 0.1, 1.0])
def test_the_best_cells_stay_within_the_area_share_and_no_unchosen_cell_is_better(
    demonstration: Services, share: float
) -> None:
    surface = hotspots.ask(demonstration, replace(BOROUGH, area_share=share, statistic="total"))
    assert 0 < surface.in_sample.area_share <= share
    assert surface.events[surface.chosen].min() >= surface.events[~surface.chosen].max(initial=0)


def test_the_sentence_says_what_the_shares_are(demonstration: Services) -> None:
    surface = hotspots.ask(demonstration, BOROUGH)
    held = surface.in_sample
    assert f"{held.area_share * 100:.1f} % of the area of Nonesuch Borough" in surface.sentence
    assert f"{held.events_share * 100:.1f} % of the events" in surface.sentence
    assert "in-sample" in surface.sentence
    assert held.pai == pytest.approx((held.events / held.events_all) / (held.area_m2 / held.area_all_m2))


def test_harm_of_a_force_export_is_weighed_by_the_table_row_by_row(demonstration: Services) -> None:
    surface = hotspots.ask(demonstration, replace(BOROUGH, measure="harm"))
    table = demonstration.registry.harm_tables()["starting-points"].rows
    snapshot = demonstration.store.snapshot()
    total = 0.0
    for slot in snapshot.slots("incidents/"):
        rows = snapshot.incident_slot(slot).with_columns(
            member=pl.Series(snapshot.assignment(slot, "demonstration-wards"))
        )
        rows = rows.filter(
            (pl.col("member") >= 0)
            & pl.col("month").is_between(BOROUGH.period.first.ordinal, BOROUGH.period.last.ordinal)
        )
        known = table.select(
            pl.col("offence_code").fill_null("").alias("offence_code"), "offence", pl.col("days").cast(pl.Float64)
        )
        weighed = rows.with_columns(pl.col("offence_code").fill_null("")).join(
            known, on=["offence_code", "offence"], how="left"
        )
        total += weighed["days"].fill_null(0.0).sum()
    assert surface.harm is not None
    assert surface.harm.sum() == pytest.approx(total, rel=1e-9)


def test_both_sentences_give_the_shares_of_harm_where_it_is_weighed(demonstration: Services) -> None:
    surface = hotspots.ask(demonstration, replace(BOROUGH, measure="harm"))
    assert surface.after is not None
    for held, sentence in ((surface.in_sample, surface.sentence), (surface.after, surface.sentence_after)):
        assert held.harm_share is not None
        assert held.pai_harm is not None
        assert f"and {held.harm_share * 100:.1f} % of the harm (starting-points)" in sentence
        assert f"by harm {held.pai_harm:.1f}" in sentence


def test_an_area_whose_incidents_carry_no_harm_says_so_and_gives_no_share_of_it(demonstration: Services) -> None:
    surface = hotspots.ask(demonstration, BOROUGH)
    none = replace(surface.in_sample, harm=0.0, harm_all=0.0)
    surface = replace(surface, in_sample=none, after=none)
    for sentence in (surface.sentence, surface.sentence_after):
        assert "no incident there carries harm" in sentence
        assert "nan" not in sentence


def test_an_older_version_answers_as_it_was(demonstration: Services) -> None:
    newest = demonstration.store.snapshot().version
    surface = hotspots.ask(demonstration, replace(BOROUGH, as_of=newest))
    np.testing.assert_array_equal(surface.events, hotspots.ask(demonstration, BOROUGH).events)
    with pytest.raises(QueryError, match="No incidents are loaded"):
        hotspots.ask(demonstration, replace(BOROUGH, as_of=1))


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"boundary": "Atlantis"}, ""),
        ({"boundary_set": "wards-1066"}, ""),
        ({"offence_set": "piracy"}, "offence_set"),
        ({"statistic": "astrology"}, "statistic"),
        ({"harm_table": "none", "measure": "harm"}, "harm_table"),
        ({"area_share": 1e-6}, "area_share"),
        ({"period": Period.parse("1999-01", "1999-02")}, "from"),
        ({"as_of": 999}, ""),
    ],
)
def test_what_cannot_be_answered_is_refused_in_words(
    demonstration: Services, changed: dict[str, object], field: str
) -> None:
    with pytest.raises(GeoServiceError) as refused:
        hotspots.ask(demonstration, replace(BOROUGH, **changed))
    assert isinstance(refused.value, QueryError | NotFoundError)
    assert refused.value.do
    assert field in ("", refused.value.field)


def _esda_scores(value: np.ndarray, cells: np.ndarray, ring: int) -> np.ndarray:
    indptr, indices = spatial.neighbours(cells, ring)
    graph = {row: indices[indptr[row] : indptr[row + 1]].tolist() for row in range(len(cells))}
    weights = libpysal.weights.W(graph, silence_warnings=True)
    return np.asarray(G_Local(value, weights, transform="B", star=True, permutations=0).Zs)


@pytest.mark.filterwarnings("ignore")  # esda and its numba speak of their own future
@pytest.mark.shared
def test_gi_star_of_a_real_month_equals_esda(redditch: Services) -> None:
    query = replace(
        REDDITCH,
        period=Period.parse("2025-06", "2025-06"),
        statistic="gi_star",
        tuning=Tuning(ring=2),
        offence_set="all",
    )
    surface = hotspots.ask(redditch, query)
    halo = spatial.halo(surface.table.cells, 2)
    everywhere = np.concatenate([surface.table.cells, halo])
    month = redditch.store.snapshot().incidents(["cell_10"], period=query.period)["cell_10"].value_counts()
    counts = dict(month.iter_rows())
    value = np.array([counts.get(int(cell), 0) for cell in everywhere], dtype=float)
    expected = _esda_scores(value, everywhere, 2)[: len(surface.table.cells)]
    np.testing.assert_allclose(surface.surface.score, expected, rtol=0, atol=1e-9)


@pytest.mark.shared
def test_redditch_by_count_says_what_it_must(redditch: Services) -> None:
    surface = hotspots.ask(redditch, REDDITCH)
    assert surface.area.vintage.startswith("WD25")
    assert len(surface.area.members) == 9  # Redditch's wards since 2024
    assert surface.in_sample.area_share <= 0.014
    assert surface.after is not None
    assert str(surface.after.period) == "2025-07 to 2025-09"
    assert surface.harm is None
    assert any("cannot be told apart" in note for note in surface.notes)
    assert any("anchor" in note for note in surface.notes)


@pytest.mark.shared
def test_harm_on_categories_needs_a_named_proxy_and_is_labelled_one(redditch: Services) -> None:
    with pytest.raises(QueryError, match="proxy") as refused:
        hotspots.ask(redditch, replace(REDDITCH, measure="harm"))
    assert refused.value.field == "proxy"
    surface = hotspots.ask(redditch, replace(REDDITCH, measure="harm", proxy="middle"))
    assert "proxy" in surface.sentence
    assert any("proxy" in note for note in surface.notes)


@pytest.mark.shared
def test_missing_months_are_missing_and_not_zero(redditch: Services) -> None:
    surface = hotspots.ask(redditch, replace(REDDITCH, period=Period.parse("2024-03", "2025-02")))
    assert len(surface.months_missing) == 8
    assert "Not loaded, so missing and not zero: 2024-05 to 2024-12." in surface.notes


@pytest.mark.shared
def test_a_month_after_the_period_that_is_not_loaded_says_nothing_of_how_the_cells_held(redditch: Services) -> None:
    surface = hotspots.ask(redditch, replace(REDDITCH, period=Period.parse("2024-01", "2024-04")))
    assert surface.after is None
    assert surface.sentence_after.startswith("The month after the period is not loaded")
    with pytest.raises(QueryError, match="The data has 2024-01 to 2024-04, 2025-01 to 2025-09"):
        hotspots.ask(redditch, replace(REDDITCH, period=Period.parse("2024-06", "2024-08")))
