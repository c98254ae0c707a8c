"""Which months may be joined to one series: none over a missing month, none over a change of what a point is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from geo_service.errors import QueryError
from geo_service.model.periods import Month, Period, month_words

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from numpy.typing import NDArray

ANCHORS: Final = Month(2022 * 12 + 6)
"""First month of data.police.uk with the anchor points of July 2022: points of before stand elsewhere."""
ANCHOR_WORDS: Final = f"data.police.uk moved its anchor points in {ANCHORS}"


def is_parted(first: Month, last: Month, breaks: Iterable[Month]) -> bool:
    """Tell whether a break lies within some months: a break is the first month of the new series."""
    return any(first < each <= last for each in breaks)


def whole_windows(
    months: Sequence[Month], loaded: Collection[Month], breaks: Sequence[Month], window: int
) -> NDArray[np.bool_]:
    """Tell for each month whether the window that ends with it is loaded and not parted (m)."""
    return np.array(
        [
            all(month - back in loaded for back in range(window)) and not is_parted(month - (window - 1), month, breaks)
            for month in months
        ],
        dtype=np.bool_,
    )


def refuse_parted(phases: Sequence[tuple[str, Period]], loaded: Collection[Month], breaks: Sequence[Month]) -> None:
    """Raise QueryError where a phase misses a month, or phases lie on two sides of a break.

    phases: name and months of each, as they are compared with one another.
    """
    for name, period in phases:
        missing = [month for month in period if month not in loaded]
        if missing:
            raise QueryError(
                f"Months of the period {name} are missing, so its incidents are not all there",
                found=f"{period} without {month_words(missing)}",
                do=f"Choose whole months that are loaded: {month_words(sorted(loaded)) or 'none'}",
                field=name,
            )
    first, last = min(period.first for _, period in phases), max(period.last for _, period in phases)
    if is_parted(first, last, breaks):
        raise QueryError(
            f"The periods lie on both sides of a change: {ANCHOR_WORDS}",
            found=", ".join(f"{name} {period}" for name, period in phases),
            do=f"Compare months before {ANCHORS} with one another, or months from then on",
            field=phases[-1][0],
        )
