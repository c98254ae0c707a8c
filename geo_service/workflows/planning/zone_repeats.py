"""Whether there was burglary near a zone lately, in words that point at no home."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from geo_service import harm, spatial
from geo_service.hotspots.repeats.cocoon import CocoonRules, cocoons
from geo_service.model.incidents import GROUP_COLUMNS
from geo_service.model.periods import Month, Period
from geo_service.workflows.finding.zone_stability import zone_outlines
from geo_service.workflows.words import POLICE_UK

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from geo_service.model.cells import Cells, Floats, Ints
    from geo_service.model.offences import OffenceSet
    from geo_service.model.ports import Snapshot
    from geo_service.workflows.services import Services

BURGLARY: Final = "burglary"
NEAR: Final = CocoonRules()
WIDER: Final = CocoonRules(radius_m=2 * NEAR.radius_m, days=2 * NEAR.days)
_MONTHS: Final = 3
"""Months that are read: they hold the days of the wider rules however the last month lies."""
_EPOCH_DAYS: Final = 719_163
"""1970-01-01 as a proleptic ordinal."""


def near_repeats(services: Services, snapshot: Snapshot, zones: Sequence[Cells]) -> list[str]:
    """Say of each zone whether there was burglary nearby in the last weeks of the data; empty without that set.

    By the rules of a super-cocoon (200 m, 21 days), and of one twice as wide and long. No place, number or day of an
    offence is given. Where the source has months only, an incident counts as of the last day of its month.
    """
    offence_set = services.registry.offence_sets().get(BURGLARY)
    months = snapshot.months()
    if offence_set is None or not months:
        return [""] * len(zones)
    last = months[-1]
    at_m, day = _burglaries(snapshot, offence_set, last)
    on = last.last_day
    outlines = zone_outlines(list(zones))
    near, wider = (_reached(at_m, day, outlines, on, rules) for rules in (NEAR, WIDER))
    return [_words(bool(one), bool(two), on, snapshot) for one, two in zip(near, wider, strict=True)]


def _burglaries(snapshot: Snapshot, offence_set: OffenceSet, last: Month) -> tuple[Floats, Ints]:
    """Return where (EPSG:27700) and on which day (since 1970) those of the last months were."""
    rows = snapshot.incidents(
        ["month", "committed_from", "committed_to", "lon", "lat", *GROUP_COLUMNS],
        period=Period(last - (_MONTHS - 1), last),
    )
    rows = rows.filter(harm.select(rows, offence_set)).drop_nulls(["lon", "lat"])
    rows = rows.filter(~pl.col("domestic_abuse").fill_null(value=False))
    ended = rows.select(pl.coalesce("committed_to", "committed_from").dt.date())["committed_to"]
    months = rows["month"].to_list()
    of_month = pl.Series([Month(ordinal).last_day for ordinal in months], dtype=pl.Date)
    day = ended.zip_with(ended.is_not_null(), of_month).to_physical().to_numpy().astype(np.int64)
    return np.column_stack(spatial.to_grid(rows["lon"], rows["lat"])), day


def _reached(
    at_m: Floats, day: Ints, outlines: np.ndarray[tuple[int], np.dtype[np.object_]], on: dt.date, rules: CocoonRules
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Tell which zones lie in a live cocoon."""
    every = CocoonRules(rules.radius_m, rules.days, most=max(len(outlines), 1))
    found = cocoons(at_m, day, outlines, on=on.toordinal() - _EPOCH_DAYS, rules=every)
    reached = np.zeros(len(outlines), dtype=np.bool_)
    reached[found.place[found.place >= 0]] = True
    return reached


def _words(near: bool, wider: bool, on: dt.date, snapshot: Snapshot) -> str:  # noqa: FBT001 - two levels
    if set(snapshot.sources()) == {POLICE_UK}:
        before = Month.of(on) + -1
        spans, rough = (
            {NEAR: f"in {on:%B %Y}", WIDER: f"in {before.first_day:%B} or {on:%B %Y}"},
            " (anchor points only)",
        )
    else:
        spans = {rules: f"in the {rules.days // 7} weeks to {on.day} {on:%B %Y}" for rules in (NEAR, WIDER)}
        rough = ""
    weeks = {rules: f"within {rules.radius_m:g} m {span}" for rules, span in spans.items()}
    if near:
        return f"Burglary {weeks[NEAR]}: homes near it are at raised risk{rough}."
    if wider:
        return f"Burglary {weeks[WIDER]}: the risk is fading{rough}."
    return f"No burglary {weeks[WIDER]}{rough}."
