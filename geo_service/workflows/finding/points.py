"""Read the incidents behind what a statistic observed, one by one."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from geo_service import harm, spatial
from geo_service.model.incidents import CELL_COLUMNS, GROUP_COLUMNS
from geo_service.model.periods import Month
from geo_service.model.surfaces import Points

if TYPE_CHECKING:
    from geo_service.model.cells import Cells, Floats, Ints
    from geo_service.model.surfaces import Observed
    from geo_service.workflows.finding.hotspots import Question

_EPOCH: Final = dt.date(1970, 1, 1)
_US_IN_DAY: Final = 86_400_000_000


def points_of(question: Question, observed: Observed) -> Points:
    """Return the located incidents of the question's offence set in the loaded months and cells that were observed.

    Each is worth 1, or its harm where harm is measured. Its moment lies between the two that the source gives; a lone
    moment is exact, unless it is midnight, which stands for the whole day. Where the source gives none, as
    data.police.uk, it may have happened at any moment of its month.
    """
    query = question.query
    column = CELL_COLUMNS[query.resolution]
    rows = question.snapshot.incidents(
        ["lon", "lat", "month", "committed_from", "committed_to", column, *GROUP_COLUMNS],
        period=query.period,
        cells=observed.cells,
        resolution=query.resolution,
    )
    loaded = pl.Series([month.ordinal for month in observed.months], dtype=pl.Int32)
    rows = rows.filter(pl.col("month").is_in(loaded.implode()))
    rows = rows.filter(harm.select(rows, question.offence_set, proactive=query.proactive))
    first_day, last_day = _moments(rows)
    return Points(
        at=_positions(rows[column].to_numpy(), observed.cells),
        east_north_m=np.column_stack(spatial.to_grid(rows["lon"].to_numpy(), rows["lat"].to_numpy())),
        first_day=first_day,
        last_day=last_day,
        value=_values(question, rows),
    )


def _positions(wanted: Cells, cells: Cells) -> Ints:
    """Return where each cell stands among the observed ones; all of them do."""
    order = np.argsort(cells)
    at: Ints = order[np.searchsorted(cells, wanted, sorter=order)].astype(np.int64)
    return at


def _moments(rows: pl.DataFrame) -> tuple[Floats, Floats]:
    """Return the first and the last moment of each incident, in days since 1970-01-01."""
    ordinals = rows["month"].unique().sort()
    starts = pl.Series([(Month(ordinal).first_day - _EPOCH).days for ordinal in ordinals], dtype=pl.Float64)
    ends = pl.Series([((Month(ordinal) + 1).first_day - _EPOCH).days for ordinal in ordinals], dtype=pl.Float64)
    begun, ended = (pl.col(name).dt.epoch("us") / _US_IN_DAY for name in ("committed_from", "committed_to"))
    known = rows.select(
        start=pl.col("month").replace_strict(ordinals, starts, return_dtype=pl.Float64),
        end=pl.col("month").replace_strict(ordinals, ends, return_dtype=pl.Float64),
        begun=begun,
        ended=ended,
    )
    midnight = pl.col("ended").is_null() & (pl.col("begun") % 1 == 0)
    # A source that gives only when it ended leaves the month before that open, and never ends before it begins.
    first = pl.coalesce("begun", pl.min_horizontal("start", "ended"))
    last = pl.coalesce(pl.when(midnight).then(pl.col("begun") + 1), pl.max_horizontal("begun", "ended"), pl.col("end"))
    span = known.select(first=first, last=last)
    return span["first"].to_numpy(), span["last"].to_numpy()


def _values(question: Question, rows: pl.DataFrame) -> Floats:
    """Return the worth of each incident: 1, or the days that its offence group weighs."""
    if question.query.measure != "harm" or question.weights is None:
        return np.ones(rows.height)
    weighed = question.cube.groups.select(*GROUP_COLUMNS).with_columns(days=pl.Series(question.weights.days))
    found = rows.select(*GROUP_COLUMNS).join(
        weighed, on=list(GROUP_COLUMNS), how="left", nulls_equal=True, maintain_order="left"
    )
    return found["days"].to_numpy()
