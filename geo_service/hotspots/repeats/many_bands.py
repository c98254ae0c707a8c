"""Tell whether the best of many bands is more than the best that chance finds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geo_service.model.cells import Ints

_SAME: Final = 1e-9


def p_of_any(observed: Ints, shuffled: Sequence[Ints]) -> float:
    """Return the p that some band holds so many more than expected by chance: one p for all bands together.

    observed, shuffled: counts of the same bands, in the data and in each permutation (bands). Each table is judged by
    its largest deviate sqrt(x) + sqrt(x + 1) - sqrt(4 mean + 1), which lets bands of few and of many counts be set
    beside each other, the mean being that of all tables; p is (permutations with as large a one + 1) / (permutations +
    1). nan without permutations. Sources: Freeman and Tukey (1950), Annals of Mathematical Statistics 21, 607-611;
    Westfall and Young (1993), Resampling-Based Multiple Testing.
    """
    if not len(shuffled):
        return float("nan")
    tables = np.stack([observed, *shuffled]).astype(np.float64)
    largest = (np.sqrt(tables) + np.sqrt(tables + 1) - np.sqrt(4 * tables.mean(axis=0) + 1)).max(axis=1)
    return float((largest >= largest[0] - _SAME).mean())
