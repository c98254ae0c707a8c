"""Tell whether series rise or fall: the Mann-Kendall test, many series at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from geo_service.model.cells import Floats


def mann_kendall(series: Floats) -> Floats:
    """Return the Z of the Mann-Kendall test of each series: above 0 where it rises, normal where it does not change.

    series: one column for each series, equal values being ties (m steps, n series). Returns (n), with the correction
    for ties and for continuity; 0 where all steps are tied. Source: Mann (1945), Econometrica 13, 245-259; Kendall
    (1975), Rank Correlation Methods; ties: Gilbert (1987), Statistical Methods for Environmental Pollution Monitoring,
    section 16.4.
    """
    steps, n = series.shape
    s, tied = np.zeros(n), np.zeros((steps, n))
    for early in range(steps):
        s += np.sign(series[early + 1 :] - series[early]).sum(axis=0)
        tied += series == series[early]
    # Summed over the members of a group of t ties, (t - 1)(2 t + 5) gives the t (t - 1)(2 t + 5) of the formula.
    variance = (steps * (steps - 1) * (2 * steps + 5) - ((tied - 1) * (2 * tied + 5)).sum(axis=0)) / 18
    z: Floats = np.divide(s - np.sign(s), np.sqrt(variance), out=np.zeros(n), where=variance > 0)
    return z
