"""Windows of the week as a feature table and as a heat map."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl
import shapely

from geo_service import spatial
from geo_service.model.charts import Chart, Heat, Panel
from geo_service.model.layers import FeatureTable, LayerStyle
from geo_service.model.windows import DAY_MIN, DAYS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geo_service.model.windows import Place, Window, WindowsAnswer

MOST_PANELS: Final = 3
STYLE: Final = LayerStyle(shape="area", colour="#1d70b8", letter="W")
_SCHEMA: Final = {
    "id": pl.String,
    "place": pl.String,
    "zone": pl.Int64,
    "name": pl.String,
    "rank": pl.Int64,
    "window": pl.String,
    "day": pl.String,
    "start": pl.String,
    "end": pl.String,
    "length_min": pl.Int64,
    "incidents": pl.Int64,
    "known": pl.Float64,
    "measure": pl.String,
    "share": pl.Float64,
    "expected": pl.Float64,
    "even": pl.Float64,
    "p": pl.Float64,
    "q": pl.Float64,
    "held": pl.Float64,
    "held_of": pl.Float64,
    "period_first": pl.Date,
    "period_last": pl.Date,
}


def window_table(answer: WindowsAnswer) -> FeatureTable:
    """Return one row for each window, best first; a zone's rows have its outline, the area's have none.

    Shares are of the measure with a known time: `share` in the months asked about, `expected` steadied by the area,
    `even` of an even week, `held` in the months of the check (of `held_of` incidents). p is of the window, q of the
    place's best one over all zones.
    """
    listed = [(place, rank, window) for place in answer.places for rank, window in enumerate(place.windows, 1)]
    rows = [_row(answer, *each) for each in listed]
    shapes = {place.id: _outline(place) for place in answer.places}
    geometry = np.empty(len(listed), dtype=object)
    geometry[:] = [shapes[place.id] for place, _, _ in listed]
    return FeatureTable(
        id="windows",
        title=f"Windows of the week of {answer.area_name}, {answer.asked.query.period}",
        rows=pl.DataFrame(rows, schema=_SCHEMA),
        geometry=geometry,
        provenance=answer.provenance,
        licences=answer.licences,
        notes=(*answer.sentences, *answer.notes),
        time_columns=("period_first", "period_last"),
        style=STYLE,
    )


def _outline(place: Place) -> shapely.Geometry | None:
    return None if place.cells is None else shapely.union_all(spatial.cell_polygons(place.cells))


def _row(answer: WindowsAnswer, place: Place, rank: int, window: Window) -> dict[str, object]:
    day, _, clock = window.words.partition(" ")
    period = answer.asked.query.period
    return {
        "id": f"{place.id}-{rank}",
        "place": place.id,
        "zone": place.number,
        "name": place.name,
        "rank": rank,
        "window": window.words,
        "day": day,
        "start": clock[:5],
        "end": clock[-5:],
        "length_min": window.length_min,
        "incidents": place.incidents,
        "known": round(place.known, 1),
        "measure": answer.measure,
        "share": window.share,
        "expected": window.expected,
        "even": window.chance,
        "p": window.p,
        "q": place.q,
        "held": place.held[rank - 1] if place.held else None,
        "held_of": round(place.checked, 1) if place.held else None,
        "period_first": period.first.first_day,
        "period_last": period.last.last_day,
    }


def window_chart(answer: WindowsAnswer) -> Chart:
    """Describe the week as shades, 7 days by 24 hours, with a frame around the hours of the best window.

    Of the zones that were named, or of the area and the first two zones: at most three side by side.
    """
    places: Sequence[Place] = answer.zones if answer.asked.zones else answer.places
    shown = places[:MOST_PANELS]
    return Chart(
        id="windows",
        title=f"When it happens: {answer.area_name}, {answer.asked.query.period}. Dark is much; the frame is the best "
        f"window of {answer.asked.length_min} minutes.",
        panels=[Panel(title=_title(place), x_label="hour of the day", heat=_heat(answer, place)) for place in shown],
        provenance=answer.provenance,
        licences=answer.licences,
        notes=(*answer.sentences, *answer.notes),
    )


def _title(place: Place) -> str:
    best = f"{place.windows[0].words}" if place.windows else "no known time"
    named = place.name if place.number is None else f"{place.number} {place.name}"
    return f"{named}\nbest: {best}; {place.known:,.0f} known"


def _heat(answer: WindowsAnswer, place: Place) -> Heat:
    known = float(place.hours.sum())
    shares = place.hours.reshape(len(DAYS), -1) / (known or 1.0) * 100
    marked = _hours(place.windows[0]) if place.windows else ()
    return Heat(
        values=shares,
        rows=DAYS,
        columns=[f"{hour:02d}" for hour in range(24)],
        label=f"% of the {answer.measure}",
        marked=marked,
    )


def _hours(window: Window) -> tuple[tuple[int, int], ...]:
    """Return the (day, hour) that a window touches."""
    first, last = window.start_min // 60, (window.start_min + window.length_min - 1) // 60
    a_day = DAY_MIN // 60
    return tuple(divmod(hour % (a_day * len(DAYS)), a_day) for hour in range(first, last + 1))
