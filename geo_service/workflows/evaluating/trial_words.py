"""The words of a crossover trial: what it showed, and how sure that is."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from geo_service.evaluation.trial import Effect
    from geo_service.workflows.evaluating.trial_results import TrialResult


def sentences(made: TrialResult) -> list[str]:
    """Return what was found, sentence by sentence."""
    design, effect = made.design, made.effect
    of_harm, label, placebo, compliance = made.effect_harm, made.harm_label, made.placebo, made.compliance
    said = [
        (
            f"{len(design.zones)} hotspots, {design.days} operational days from {design.first_day}: "
            f"{effect.treated_days} hotspot-days with patrol and {effect.control_days} without are analysed."
        ),
        (
            f"Intention to treat: {effect.treated:,.0f} incidents with patrol, {effect.control:,.0f} without; "
            f"{_difference(effect)} incidents a hotspot-day."
        ),
    ]
    if effect.ratio == effect.ratio:
        said.append(
            f"Ratio {effect.ratio:.2f} ({effect.level:.0%} Poisson interval {effect.ratio_low:.2f} to "
            f"{effect.ratio_high:.2f}; too narrow where incidents come in bursts)."
        )
    if of_harm is not None:
        said.append(f"By {label}: {_difference(of_harm)} days a hotspot-day.")
    if compliance is not None:
        said.append(
            f"Visited: {compliance.treated_visited:.0%} of the days with patrol "
            f"({compliance.visits_per_treated_day:.1f} visits each), and {compliance.control_visited:.0%} of those "
            "without, which should be none."
        )
        said.append(
            "Had every drawn day been visited and no other: "
            f"{compliance.difference_if_visited:+.3f} incidents a hotspot-day ({effect.level:.0%} interval "
            f"{compliance.low:.3f} to {compliance.high:.3f})."
        )
    if placebo is not None:
        fits = placebo.p > 1 - effect.level
        said.append(
            f"Placebo check, the same draw over the {design.days} days before: {_difference(placebo)}; "
            + (
                "no more than chance gives, as it should be."
                if fits
                else "the hotspots differed before anything was done: be careful."
            )
        )
    return said


def _difference(effect: Effect) -> str:
    return (
        f"{effect.difference:+.3f} ({effect.level:.0%} interval {effect.low:.3f} to {effect.high:.3f}, "
        f"p {effect.p:.3f} by {effect.redraws:,} redraws)"
    )
