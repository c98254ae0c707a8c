"""What several statistics look at in one question: the cells laid once, the months counted once."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from geo_service import hotspots, overlay, spatial
from geo_service.workflows.finding.points import points_of
from geo_service.workflows.importing.denominators import KM2, denominator_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from geo_service.model.cells import CellTable
    from geo_service.model.periods import Period
    from geo_service.model.surfaces import Observed
    from geo_service.workflows.finding.hotspots import Question


def lay(question: Question) -> CellTable:
    """Lay the cells of the area of a question."""
    return spatial.cover(overlay.area_geometry(question.area), question.query.resolution)


def views(
    question: Question, table: CellTable, names: Collection[str], period: Period
) -> tuple[Mapping[str, Observed], tuple[str, ...]]:
    """Return what each statistic looks at over a period, and what must be said of a denominator.

    period: that of the question. Statistics that look equally far, and at the same, share one view. Raises QueryError
    where no month is loaded.
    """
    query = question.query
    ring, members = query.tuning.ring, hotspots.statistics()
    reach = {name: _steps(members[name].REACH_M, ring, query.resolution) for name in names}
    wants = {name: (reach[name], frozenset(members[name].NEEDS)) for name in names}
    seen = {steps: _observe(question, table, steps, period) for steps in sorted(set(reach.values()))}
    laid: dict[tuple[int, frozenset[str]], Observed] = {}
    notes: tuple[str, ...] = ()
    for steps, needs in set(wants.values()):
        view = seen[steps]
        if "denominator" in needs and query.tuning.per != KM2:
            halo = len(view.cells) - len(table.cells)
            counted = denominator_of(question.snapshot, question.area, table, halo, query.tuning.per)
            view, notes = replace(view, denominator=counted.values), counted.notes
        if "points" in needs:
            view = replace(view, points=points_of(question, view))
        laid[steps, needs] = view
    return {name: laid[wants[name]] for name in names}, notes


def _steps(reach_m: float, ring: int, resolution: int) -> int:
    """Return how many steps of cells around the area a statistic looks at."""
    return max(ring, math.ceil(reach_m / spatial.least_step_m(resolution)))


def _observe(question: Question, table: CellTable, steps: int, period: Period) -> Observed:
    halo = spatial.halo(table.cells, steps)
    cells = np.concatenate([table.cells, halo])
    indptr, indices = spatial.neighbours(cells, question.query.tuning.ring)
    weights = question.weights
    days = np.asarray(weights.days) if weights is not None and question.query.measure == "harm" else None
    return hotspots.Observer(
        cube=question.cube,
        table=table,
        halo=halo,
        area_m2=spatial.cell_areas_m2(cells),
        east_north_m=np.column_stack(spatial.to_grid(*spatial.cell_centres(cells))),
        indptr=indptr,
        indices=indices,
        members=question.area.members,
        groups=question.groups,
    )(period, days)
