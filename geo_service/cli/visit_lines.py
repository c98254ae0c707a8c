"""The lines and facts in which the commands of visits answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from geo_service.model.layers import FeatureTable
    from geo_service.model.patrol import VisitMade

MOST_LISTED: Final = 40


def facts_of_visit(made: VisitMade) -> dict[str, object]:
    """Return a visit as JSON has it."""
    from geo_service.workflows.visiting.visits_table import facts_of

    return facts_of(made)


def line_of(made: VisitMade) -> str:
    """Say one visit in a line."""
    ended = f"{made.end:%H:%M}" if made.end.date() == made.start.date() else f"{made.end:%Y-%m-%d %H:%M}"
    off = f" ± {made.error_min:.1f}" if made.error_min else ""
    outcome = f", {made.outcome}" if made.outcome else ""
    outcome += ", not ended" if made.not_ended else ""
    when = f"{made.start:%Y-%m-%d %H:%M} to {ended}"
    return f"zone {made.zone}, {when}, {made.minutes:.0f}{off} min, {made.officers} officers{outcome}"


def listed(found: Sequence[VisitMade]) -> list[str]:
    """Say the first MOST_LISTED visits, a line each, and how many more there are."""
    more = [f"… and {len(found) - MOST_LISTED} more; -o FILE writes all."] if len(found) > MOST_LISTED else []
    return [*(line_of(made) for made in found[:MOST_LISTED]), *more]


def told(features: FeatureTable) -> str:
    """Say which data and parameters a table was made of."""
    of = features.provenance
    said = "; ".join(f"{name} {value}" for name, value in of.parameters.items())
    return f"Data version {of.data_version}; {said}."


def provenance_facts(features: FeatureTable) -> dict[str, object]:
    """Return the same as JSON has it, with the licences."""
    of = features.provenance
    return {
        "data_version": of.data_version,
        "parameters": dict(of.parameters),
        "licences": features.licences,
    }


def written(path: Path | None) -> list[str]:
    """Say which file was written, if any."""
    return [] if path is None else [f"Written: {path}"]
