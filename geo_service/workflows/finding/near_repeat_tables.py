"""The Knox table and the visits of live cocoons as feature tables."""

from __future__ import annotations

import datetime as dt
import math
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from geo_service.model.layers import FeatureTable, LayerStyle

if TYPE_CHECKING:
    from geo_service.workflows.finding.near_repeat import CocoonAnswer, NearRepeatAnswer

STYLE: Final = LayerStyle(shape="area", colour="#4c2c92", letter="N")
_EPOCH: Final = dt.date(1970, 1, 1)
_KNOX: Final = {
    "id": pl.String,
    "distance": pl.String,
    "days": pl.String,
    "observed": pl.Int64,
    "expected": pl.Float64,
    "ratio": pl.Float64,
    "p": pl.Float64,
    "permutations": pl.Int64,
}
_VISITS: Final = {
    "id": pl.String,
    "crime_number": pl.String,
    "offence_place": pl.String,
    "happened": pl.Date,
    "recorded": pl.Date,
    "order": pl.Int64,
    "visit": pl.String,
    "distance_m": pl.Float64,
    "days_left": pl.Int64,
    "last_day": pl.Date,
}
ITSELF: Final = "follow-up at the place itself"


def knox_table(answer: NearRepeatAnswer) -> FeatureTable:
    """Return the Knox table, one row for each band of distance and days; it has no places."""
    told, table = answer.told, answer.knox
    bands = [(row, column) for row in range(len(table.bands.rows)) for column in range(len(table.bands.columns))]
    rows = [
        {
            "id": f"r{row + 1}c{column + 1}",
            "distance": table.bands.rows[row],
            "days": table.bands.columns[column],
            "observed": int(table.observed[row, column]),
            "expected": float(table.expected[row, column]),
            "ratio": number(float(table.ratio[row, column])),
            "p": number(float(table.p[row, column])),
            "permutations": table.permutations,
        }
        for row, column in bands
    ]
    return FeatureTable(
        id="near-repeat",
        title=f"Near repeats of {told.area_name}, {told.asked.query.period}",
        rows=pl.DataFrame(rows, schema=_KNOX),
        geometry=np.full(len(rows), None, dtype=object),
        provenance=told.provenance,
        licences=told.licences,
        notes=(answer.sentence, answer.sentence_preventable, *told.notes),
        style=LayerStyle(shape="none", colour=STYLE.colour),
    )


def cocoon_table(answer: CocoonAnswer) -> FeatureTable:
    """Return the visits of live cocoons, newest offence first, closest first: places with their order and last day."""
    told, visits, offences = answer.told, answer.visits, answer.offences
    of = visits.incident
    columns = {name: offences[name].gather(of) for name in ("crime_id", "place", "happened", "recorded")}
    own = visits.place < 0
    named = [ITSELF if itself else answer.places.names[at] for itself, at in zip(own, visits.place, strict=True)]
    last = [_EPOCH + dt.timedelta(days=day) for day in visits.last_day.tolist()]
    geometry = np.empty(len(of), dtype=object)
    geometry[own], geometry[~own] = answer.own[of[own]], answer.places.shapes[visits.place[~own]]
    rows = pl.DataFrame(
        {
            "id": [f"{offence + 1}-{order}" for offence, order in zip(of.tolist(), visits.order.tolist(), strict=True)],
            "crime_number": columns["crime_id"],
            "offence_place": columns["place"],
            "happened": columns["happened"],
            "recorded": columns["recorded"],
            "order": visits.order,
            "visit": named,
            "distance_m": visits.distance_m.round(1),
            "days_left": [(day - answer.on).days for day in last],
            "last_day": last,
        },
        schema=_VISITS,
    )
    return FeatureTable(
        id="cocoons",
        title=f"Cocoons of {told.area_name} on {answer.on.isoformat()}",
        rows=rows,
        geometry=geometry,
        provenance=told.provenance,
        licences=told.licences,
        notes=(answer.sentence, *told.notes),
        time_columns=("recorded", "last_day"),
        style=STYLE,
    )


def number(value: float) -> float | None:
    """Return a number, None where it is none."""
    return None if math.isnan(value) else value
