"""The words of an evaluation: what was found, how sure it is, and what must be said with it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geo_service.evaluation.before_after import Contrast
    from geo_service.evaluation.wdd import DisplacementDifference
    from geo_service.model.evaluation import EvaluationQuery
    from geo_service.workflows.evaluating.evaluate import Evaluation

NO_CAUSE: Final = (
    "What changed in the treated places beyond the comparison places is not proved to come of what was done: places "
    "are often treated when they are at their worst, and would fall again by themselves (regression to the mean)."
)
POISSON: Final = (
    "Intervals take incidents to fall independently (Poisson). Where they come in bursts, the truth is less certain."
)
OWN_RINGS: Final = (
    "A ring holds only what lies in your own areas: where it reaches beyond them, it is not whole and its difference "
    "is not to be relied on."
)
_MONTHS: Final = 12
_UNEVEN: Final = 1.5
"""Times as many incidents before, beyond which a change in numbers is no fair comparison."""


def number(value: float) -> str:
    """Return a number with thousands apart and one decimal where it has one."""
    if math.isnan(value):
        return "not known"
    return f"{value:,.0f}" if abs(value - round(value)) < 0.05 else f"{value:,.1f}"  # noqa: PLR2004 - of a decimal


def difference(found: DisplacementDifference, unit: str) -> str:
    """Say a displacement difference with its interval, and what may be concluded."""
    if found.low > 0:
        verdict = "the treated places did worse"
    elif found.high < 0:
        verdict = "the treated places did better"
    else:
        verdict = "no difference that chance alone would not give"
    return (
        f"{found.estimate:+,.1f} {unit} (standard error {found.standard_error:,.5g}, {found.level:.0%} interval "
        f"{found.low:,.1f} to {found.high:,.1f}): {verdict}"
    )


def sentences(made: Evaluation) -> list[str]:
    """Return what was found, a few sentences for each later phase."""
    said = []
    for each in made.contrasts:
        found = made.differences[each.phase]
        said.append(
            f"{each.phase.capitalize()} beside before: treated {each.before:,} in {each.months_before:g} months to "
            f"{each.then:,} in {each.months_then:g} ({_percent(each.change)} a month), comparison "
            f"{each.comparison_before:,} to {each.comparison_then:,} ({_percent(each.comparison_change)})."
        )
        rings = " with rings" if made.query.ring_m else ""
        said.append(f"Weighted displacement difference{rings}: {difference(found, 'incidents')}.")
        if made.query.ring_m:
            said.append(
                f"Of it {found.local:+,.1f} in the places and {found.displaced:+,.1f} in the rings of "
                f"{made.query.ring_m:g} m ({found.level:.0%} interval {found.displaced_low:,.1f} to "
                f"{found.displaced_high:,.1f}): {_moved(found)}."
            )
        if made.harm_differences is not None:
            of_harm = made.harm_differences[each.phase]
            said.append(f"By harm{rings}: {difference(of_harm, f'days, {made.harm_label}')}.")
        if not math.isnan(each.ratio):
            said.append(
                f"Relative rate {each.ratio:.2f} ({made.query.level:.0%} interval {each.low:.2f} to {each.high:.2f}); "
                "below 1 the treated places did better."
            )
    return said


def _percent(change: float) -> str:
    return "change not known" if math.isnan(change) else f"{change:+.1%}"


def _moved(found: DisplacementDifference) -> str:
    if found.displaced_low > 0:
        return "as if some moved there"
    return "as if the benefit spread" if found.displaced_high < 0 else "no movement that chance alone would not give"


def cautions(query: EvaluationQuery, contested: int, contrasts: Sequence[Contrast], *, few: bool) -> list[str]:
    """Return what must be said of the design; few: whether some place or ring holds few incidents in a period."""
    said = [NO_CAUSE, POISSON]
    calendar = [{month.ordinal % _MONTHS for month in period} for _, period in query.phases]
    whole = [len(period) % _MONTHS == 0 for _, period in query.phases]
    if not all(whole) and any(months != calendar[0] for months in calendar):
        said.append(
            "The periods are not the same months of the year, so seasons are part of each change; the comparison "
            "places take them out only as far as their seasons are alike."
        )
    lengths = {len(period) for _, period in query.phases}
    if len(lengths) > 1:
        said.append("The periods are of unequal length: what came later is brought to the length before.")
    if few:
        said.append("Fewer than five incidents in a place and period: the normal intervals are a poor guide there.")
    uneven = [
        max(each.before, each.comparison_before) / max(1, min(each.before, each.comparison_before))
        for each in contrasts
    ]
    if max(uneven) >= _UNEVEN:
        said.append(
            f"One side held {max(uneven):.1f} times as many incidents before as the other. The "
            "weighted displacement difference compares numbers, so it is fair among places of about one size; the "
            "relative rate does not depend on it."
        )
    if contested:
        said.append(f"{contested} cells lie in both rings and were given to neither.")
    if query.ring_m or query.treated.features or query.comparison.features:
        said.append("Rings and circles are made of the cells whose centre lies within them.")
    return said


def lines(made: Evaluation) -> list[str]:
    """Return all lines of an evaluation but its table of counts."""
    told = made.provenance
    given = "; ".join(f"{name} {value}" for name, value in told.parameters.items())
    return [
        *sentences(made),
        *(f"- {note}" for note in made.notes),
        f"Data version {told.data_version}, data to {told.data_to}; {given}.",
        f"Kept as evaluation {made.id}.",
        *made.licences,
    ]
