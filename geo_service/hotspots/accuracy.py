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


class Hindsight:
    """Know the most that whole cells of any area could have held: what PEI* measures a choice against."""

    def __init__(self, later: Floats, covered_m2: Floats) -> None:
        """Rank the cells by what they held afterwards, per square metre.

        later, covered_m2: one entry for each cell of the area (n).
        """
        some = later > 0
        later, covered_m2 = later[some], covered_m2[some]
        order = np.argsort(-later / covered_m2, kind="stable")
        self._held = np.concatenate([[0.0], np.cumsum(later[order])])
        self._used_m2 = np.concatenate([[0.0], np.cumsum(covered_m2[order])])
        self._whole = bool((later == np.rint(later)).all())

    def most(self, area_m2: float) -> float:
        """Return the most that cells of at most so many square metres held.

        Exact where cells are of one size. Else it is the bound that taking a part of one cell gives, rounded down for
        counts: less than one cell's content above what can be had, so that PEI* flatters nobody (Dantzig 1957,
        Operations Research 5, 266-288).
        """
        room_m2 = area_m2 * (1 + _ROUNDING)
        fits = int(np.searchsorted(self._used_m2, room_m2, side="right")) - 1
        most = float(self._held[fits])
        if fits + 1 < len(self._held):
            next_m2 = float(self._used_m2[fits + 1] - self._used_m2[fits])
            # What is left beside rounding may take a part of the next cell.
            left_m2 = max(area_m2 * (1 - _ROUNDING) - float(self._used_m2[fits]), 0.0)
            most += float(self._held[fits + 1] - self._held[fits]) * left_m2 / next_m2
        return float(np.floor(most + _ROUNDING)) if self._whole else most


def pei_star(chosen: Held, hindsight: Hindsight) -> float:
    """Return the PAI of some cells over the best PAI that was possible for the same area, from 0 to 1.

    Both PAIs have the same area, so it is what they held over the most that could be held; nan where nothing could
    (Joshi, Curtis-Ham, D'Ath and Searle 2021, ISPRS International Journal of Geo-Information 10, 597).
    """
    most = hindsight.most(chosen.area_m2)
    return chosen.events / most if most else float("nan")


def rri(this: Held, following: Held) -> float:
    """Return the PAI of the next period over the PAI of this one: 1 where the cells held as much of it afterwards.

    nan where this period's is nan or 0 (Levine 2008, Security Journal 21, 295-302).
    """
    return following.pai / this.pai if this.pai else float("nan")
