"""Score a cell by Gi* over all months, and say how it came to it: new, persistent, fading … of 17 classes.

The classes are those of ArcGIS Pro's Emerging Hot Spot Analysis ("How Emerging Hot Spot Analysis works",
pro.arcgis.com, tool reference of Space Time Pattern Mining). A cell is hot (cold) in a month where the two-sided p of
its Gi* in that month passes at a false discovery rate of 5 % over the area. For hot spots, and in the same way for
cold:

- new: hot in the last month and never before.
- consecutive: hot in an unbroken run of at least two months up to the last, never before it, in fewer than 90 %.
- intensifying: hot in at least 90 % of the months and in the last; z rises (Mann-Kendall, two-sided 5 %).
- persistent: hot in at least 90 % of the months and in the last; z neither rises nor falls.
- diminishing: hot in at least 90 % of the months and in the last; z falls.
- sporadic: hot in the last month and on and off before, in fewer than 90 %; never cold.
- oscillating: hot in the last month, in fewer than 90 %, and cold in an earlier one.
- historical: hot in at least 90 % of the months but not in the last.

Everything else is `no pattern`. Where the source lets two classes hold, as a first hot month after a cold one, the cold
month decides (oscillating), as in the R package sfdep; so too in a cell that was cold in nine months of ten and is hot
now, which is oscillating hot and not historical cold. Unlike ArcGIS, neighbours in time are not part of Gi*: each
month stands alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import scipy

from geo_service.errors import QueryError
from geo_service.hotspots.significance import class_notes, discovery_rate, normal_notes
from geo_service.hotspots.statistics.gi_star import z_scores
from geo_service.hotspots.trend import mann_kendall
from geo_service.model.surfaces import Surface

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geo_service.model.cells import Floats
    from geo_service.model.surfaces import Observed, Tuning

    Flags = NDArray[np.bool_]

NAME: Final = "emerging"
TITLE: Final = "Emerging: Gi* month by month, new, persistent or fading"
REFERENCE: Final = (
    "Classes: Esri, How Emerging Hot Spot Analysis works; trend: Mann (1945), Econometrica 13, 245-259; "
    "Gi*: Ord and Getis (1995), Geographical Analysis 27, 286-306; score: Stouffer et al. (1949), The American Soldier"
)
TUNED_BY: Final = ("ring",)
NEEDS: Final = frozenset[str]()
REACH_M: Final = 0.0

LEAST_MONTHS: Final = 10
"""Fewer steps carry no trend; the same bar as the source's."""
LEVEL: Final = 0.05
MOSTLY: Final = 0.9
NO_PATTERN: Final = "no pattern"
_DIGITS: Final = 9
"""Decimals of z beyond which months are tied."""


def surface(observed: Observed, tuning: Tuning) -> Surface:  # noqa: ARG001 - the graph spans the ring already
    """Score each cell of the area by the z of its months taken together, with p, q and one of 17 classes.

    The score is the sum of the monthly z over the square root of the months (Stouffer): where incidents fall without
    regard to place it is normal, and every month weighs the same, so that one month with very many does not decide.
    Raises QueryError (field `from`) for fewer than ten loaded months.
    """
    months = len(observed.months)
    if months < LEAST_MONTHS:
        raise QueryError(
            "There are too few months to tell what emerges",
            found=f"{months} loaded",
            do=f"Ask for a period with at least {LEAST_MONTHS} loaded months, or for gi_star",
            field="from",
        )
    z = monthly_z(observed)[:, observed.inside]
    score = z.sum(axis=0) / np.sqrt(months)
    p = scipy.stats.norm.sf(score)
    significant = np.array([discovery_rate(2 * scipy.stats.norm.sf(np.abs(month))) for month in z]) <= LEVEL
    hot, cold = significant & (z > 0), significant & (z < 0)
    classes = classify(hot, cold, trend(z, hot, cold))
    return Surface(
        statistic=NAME,
        score=score,
        p=p,
        q=discovery_rate(p),
        classes=classes,
        notes=class_notes(classes)
        + normal_notes(
            observed.by_month.toarray(),
            np.diff(observed.indptr) + 1,
            "take the classes for a hint, a larger ring, or gi_star with 999 permutations",
        ),
    )


def monthly_z(observed: Observed) -> Floats:
    """Return the analytical z of Gi* in each month (m, n)."""
    rows = (observed.by_month[[month], :].toarray().ravel() for month in range(len(observed.months)))
    return np.array([np.round(z_scores(observed, row), _DIGITS) for row in rows])


def trend(z: Floats, hot: Flags, cold: Flags) -> NDArray[np.int64]:
    """Return 1 where z rises over the months, -1 where it falls, 0 where neither is sure (n).

    Tested where it decides between classes: in cells that are hot, or cold, in most of the months.
    """
    found = np.zeros(z.shape[1], dtype=np.int64)
    asked = np.flatnonzero(_mostly(hot) | _mostly(cold))
    by = mann_kendall(z[:, asked])
    found[asked] = np.where(2 * scipy.stats.norm.sf(np.abs(by)) < LEVEL, np.sign(by), 0)
    return found


def classify(hot: Flags, cold: Flags, trend: NDArray[np.int64]) -> NDArray[np.str_]:
    """Name the class of each cell.

    hot, cold: whether the cell was so in each month (m, n). trend: of z, -1, 0 or 1 (n).
    """
    names = np.full(hot.shape[1], NO_PATTERN, dtype="<U22")
    for this, other, rises, word in ((hot, cold, trend, "hot"), (cold, hot, -trend, "cold")):
        count, last, mostly = this.sum(axis=0), this[-1], _mostly(this)
        run = np.cumprod(this[::-1], axis=0).sum(axis=0)
        been_other = other.any(axis=0)
        kinds = (
            ("historical", mostly & ~last & ~other[-1]),
            ("intensifying", mostly & last & (rises > 0)),
            ("diminishing", mostly & last & (rises < 0)),
            ("persistent", mostly & last & (rises == 0)),
            ("oscillating", ~mostly & last & been_other),
            ("new", ~mostly & last & ~been_other & (count == 1)),
            ("consecutive", ~mostly & last & ~been_other & (count > 1) & (run == count)),
            ("sporadic", ~mostly & last & ~been_other & (run < count)),
        )
        for kind, holds in kinds:
            names[holds] = f"{kind} {word} spot"
    return names


def _mostly(flags: Flags) -> Flags:
    mostly: Flags = flags.mean(axis=0) >= MOSTLY
    return mostly
