"""The incidents behind a question one by one, for what the cube cannot say: hours, days and exact places."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from geo_service import overlay, spatial
from geo_service.errors import QueryError
from geo_service.model.incidents import GROUP_COLUMNS
from geo_service.workflows.words import POLICE_UK

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geo_service.model.periods import Period
    from geo_service.workflows.finding.hotspots import Question

WEIGHT: Final = "weight"
"""Column of `rows_of` that holds 1, or the harm of each incident."""
_COARSE: Final = 8
"""Resolution of the cells by which the files are searched; who is inside is decided by the outlines."""


def rows_of(question: Question, columns: Sequence[str], period: Period | None = None) -> pl.DataFrame:
    """Return the located incidents of a question, of its offence set and inside its area.

    columns: of the incident files. period: the question's own by default. Adds `lon`, `lat` and WEIGHT. Exactly the
    incidents that the cube counts: a point on a shared edge goes to the member whose code sorts first.
    """
    area = question.area
    cells = spatial.cover(overlay.area_geometry(area), _COARSE).cells
    rows = question.snapshot.incidents(
        list(dict.fromkeys([*columns, "lon", "lat", *GROUP_COLUMNS])),
        period=period or question.query.period,
        cells=np.concatenate([cells, spatial.halo(cells, 1)]),
        resolution=_COARSE,
    )
    groups = question.cube.groups.select(GROUP_COLUMNS).with_row_index("_group")
    rows = rows.join(groups, on=GROUP_COLUMNS, how="left", nulls_equal=True, maintain_order="left")
    taken = pl.Series(question.groups)
    rows = rows.filter(taken.gather(rows["_group"]).fill_null(value=False))
    member = overlay.assign(rows["lon"], rows["lat"], area.boundary_set)
    rows = rows.filter(pl.Series(np.isin(member, area.members)))
    days = np.ones(len(taken)) if question.query.measure == "count" else _days(question)
    weight = pl.Series(WEIGHT, days).gather(rows["_group"])
    return rows.select(*dict.fromkeys([*columns, "lon", "lat"])).with_columns(weight.alias(WEIGHT))


def _days(question: Question) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    assert question.weights is not None  # noqa: S101 - a question about harm has weights
    return np.asarray(question.weights.days, dtype=np.float64)


def refuse_month_only(question: Question, what: str, rows: pl.DataFrame | None = None) -> None:
    """Refuse a question about hours or days of data that has months only; raise QueryError naming the source.

    what: what was asked for. rows: the incidents, once they are read; before, the sources alone are judged.
    """
    sources = question.snapshot.sources()
    untimed = bool(sources) and set(sources) == {POLICE_UK}
    if rows is not None and rows.height:
        untimed = rows["committed_from"].null_count() == rows.height
    if untimed:
        raise QueryError(
            f"{what} cannot be said: none of the incidents has more than a month",
            found=", ".join(_source_words(source) for source in sorted(question.cube.held)),
            do="Import the force's own export, which says from when to when (committed_from and committed_to)",
            field="source",
        )


def _source_words(source: str) -> str:
    reader, _, force = source.partition("/")
    return f"data.police.uk ({force}), which gives the month" if reader == POLICE_UK else f"the export of {force}"
