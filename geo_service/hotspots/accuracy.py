"""Choose the best cells of an area and say what they hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from geo_service.errors import QueryError
from geo_service.model.hotspots import Held

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geo_service.model.cells import Cells, Floats
    from geo_service.model.periods import Period

_ROUNDING = 1e-9
"""Slack on the area share, relative, so that a sum of square metres is not refused for its last digit."""


def choose(score: Floats, events: Floats, covered_m2: Floats, cells: Cells, share: float) -> NDArray[np.bool_]:
    """Choose the best cells that together cover at most a share of the area.

    score, events, covered_m2, cells: one entry for each cell of the area (n). Ranked by score, then events, then cell
    number, so that the same data gives the same cells; the first that does not fit ends the choice. A cell without an
    event is never chosen. Returns a flag for each cell. Raises QueryError (field `area_share`) where not even the best
    cell fits.
    """
    chosen = np.zeros(len(cells), dtype=np.bool_)
    ranked = np.lexsort((cells, -events, -score))
    ranked = ranked[events[ranked] > 0]
    if not len(ranked):
        return chosen
    whole_m2 = float(covered_m2.sum())
    used_m2 = np.cumsum(covered_m2[ranked])
    fits = int(np.searchsorted(used_m2, share * whole_m2 * (1 + _ROUNDING), side="right"))
    if not fits:
        smallest = np.ceil(used_m2[0] / whole_m2 * 1e4) / 1e4
        raise QueryError(
            "The area share is so small that not even the best cell fits in it",
            found=f"{share * 100:g} % of {whole_m2 / 1e4:,.1f} ha, and the cell has {used_m2[0] / 1e4:,.2f} ha",
            do=f"Give at least {smallest * 100:g} %, a larger area or a finer resolution",
            field="area_share",
        )
    chosen[ranked[:fits]] = True
    return chosen


def held(
    chosen: NDArray[np.bool_],
    *,
    period: Period,
    events: Floats,
    covered_m2: Floats,
    harm: Floats | None = None,
) -> Held:
    """Say what the chosen cells hold of the whole area over a period.

    chosen, events, covered_m2, harm: one entry for each cell of the area, its part inside the area alone. Shares and
    the predictive accuracy index follow from the answer (Chainey, Tompson and Uhlig 2008).
    """
    return Held(
        period=period,
        events=float(events[chosen].sum()),
        events_all=float(events.sum()),
        area_m2=float(covered_m2[chosen].sum()),
        area_all_m2=float(covered_m2.sum()),
        harm=None if harm is None else float(harm[chosen].sum()),
        harm_all=None if harm is None else float(harm.sum()),
    )
