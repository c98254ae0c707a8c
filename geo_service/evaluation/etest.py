"""The e-test: do two counts come from one rate?"""

from __future__ import annotations

from typing import Final

import scipy

from geo_service.errors import QueryError

REFERENCE: Final = (
    "Krishnamoorthy, K. and Thomson, J. (2004): A more powerful test for comparing two Poisson means. "
    "Journal of Statistical Planning and Inference 119(1), 23-35."
)
_MOST: Final = 20_000
"""Largest count: the sum over both goes through every pair of counts that is likely."""


def e_test(first: int, second: int, *, lengths: tuple[float, float] = (1.0, 1.0)) -> float:
    """Return the two-sided p that two counts come from one Poisson rate.

    lengths: of the periods (or sizes of the places) that they were counted in, any unit. Raises QueryError for a count
    that is below zero or too large, or a length that is none. Source: REFERENCE, by scipy.
    """
    for name, count in (("before", first), ("after", second)):
        if not 0 <= count <= _MOST:
            raise QueryError(
                "The count cannot be tested", found=count, do=f"Give a whole number from 0 to {_MOST:,}", field=name
            )
    if not min(lengths) > 0:
        raise QueryError(
            "A period has no length", found=lengths, do="Give lengths above zero, for example 12,6", field="lengths"
        )
    if first == second == 0:
        return 1.0
    return float(scipy.stats.poisson_means_test(first, lengths[0], second, lengths[1]).pvalue)
