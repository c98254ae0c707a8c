"""The sentences that must go with every answer: licences, proxies, anchors, gaps in the data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo_service.model.periods import month_words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from geo_service.model.boundaries import Area
    from geo_service.model.offences import OffenceSet, Weights
    from geo_service.model.periods import Month
    from geo_service.model.ports import Snapshot
    from geo_service.workflows.services import Services

DEMONSTRATION = "DEMONSTRATION: an invented borough and invented incidents. Nothing here is a real place or event."
DEMONSTRATION_LICENCE = "Invented demonstration data, MIT licence."
POLICE_UK = "police_uk"
POLICE_UK_LICENCE = (
    "Contains public sector information licensed under the Open Government Licence v3.0 (data.police.uk)."
)
FORCE_LICENCE = "Contains the force's own recorded crime; not for publication."
TWO_SOURCES = (
    "Both data.police.uk and a force's own export are loaded: where they are of one force and month, each crime is "
    "counted twice."
)
_MOST_NAMED = 3
"""Sources that a note names; the national archive has more than forty."""
UNWEIGHED = "No weight is known for, so counted as 0:"
"""Beginning of the note that names offences without a weight."""
ANCHOR = "On data.police.uk a point is an anchor (a street's middle or a landmark), not an address."
POLICE_UK_NOTES = (
    ANCHOR,
    "data.police.uk has months and no hours; domestic incidents cannot be told apart and are counted with the rest.",
)


def lacking_words(lacking: Mapping[str, Sequence[Month]]) -> str:
    """Name the sources that lack months which others hold, and the months."""
    named = [f"{_source_words(source)} lacks {month_words(months)}" for source, months in lacking.items()]
    more = len(named) - _MOST_NAMED
    said = "; ".join(named[:_MOST_NAMED]) + (f"; and {more:,} more sources lack some" if more > 0 else "")
    return f"Not every source holds every month, so some months count less than the whole: {said}."


def _source_words(source: str) -> str:
    reader, _, force = source.partition("/")
    return f"{'data.police.uk' if reader == POLICE_UK else 'the export'} of {force}"


def notes_of(  # noqa: PLR0913, PLR0917 - each is a part of one answer
    services: Services,
    snapshot: Snapshot,
    area: Area,
    offence_set: OffenceSet,
    weights: Weights | None,
    unlocated: int,
    months_missing: Sequence[Month],
    lacking: Mapping[str, Sequence[Month]],
) -> tuple[str, ...]:
    """Return everything that must be said with an answer, gravest first."""
    said: list[str] = []
    if services.demonstration:
        said.append(DEMONSTRATION)
    if months_missing:
        said.append(f"Not loaded, so missing and not zero: {month_words(months_missing)}.")
    if lacking:
        said.append(lacking_words(lacking))
    if len(snapshot.sources()) > 1:
        said.append(TWO_SOURCES)
    said.append(
        "In-sample: the cells were chosen on the same months that the shares are measured on, "
        "so expect less of the months that follow."
    )
    if weights is not None and weights.is_proxy:
        said.append(f"Harm here is a proxy by category ({weights.table}), not a measured harm: {weights.label}.")
    said += () if weights is None else weights.notes
    if weights is not None and weights.unmatched:
        said.append(f"{UNWEIGHED} {', '.join(weights.unmatched)}.")
    if unlocated:
        said.append(f"{unlocated:,} incidents of the set and period, in the whole of the data, have no position.")
    if POLICE_UK in snapshot.sources():
        said += POLICE_UK_NOTES
    # What a set says of data.police.uk matters only where such data is loaded.
    of_police_uk = POLICE_UK in snapshot.sources()
    said += [note for note in offence_set.notes if note not in said and (of_police_uk or "data.police.uk" not in note)]
    said += area.notes
    said.append(f"Boundaries: {area.vintage}.")
    return tuple(said)


def proactive_notes(offence_set: OffenceSet, *, proactive: bool) -> tuple[str, ...]:
    """Say what a set leaves out because it follows the police, or that it was put in."""
    named = offence_set.proactive_words
    if not named:
        return ()
    if proactive:
        return (f"Put in, as asked, although they follow where officers already go: {named}.",)
    return (f"Left out, since they follow where officers already go: {named}.",)


def change_notes(chosen: NDArray[np.bool_], without: NDArray[np.bool_]) -> tuple[str, ...]:
    """Say how the best cells changed when offences found by police activity were put in."""
    both, old = int((chosen & without).sum()), int(without.sum())
    return (f"With them {both} of the {old} best cells stay the same; new: {int(chosen.sum()) - both}.",)


def first_notes(notes: Sequence[str], count: int) -> tuple[str, ...]:
    """Return the first few notes for where there is little room, and with them that a point is no address."""
    return tuple(dict.fromkeys([*notes[:count], *(note for note in notes if note == ANCHOR)]))


def member_word(services: Services, boundary_set: str | None) -> str:
    """Return what a member of a set is called, `ward` or `LSOA`; `member` where the set is not described."""
    described = services.registry.boundaries().get(boundary_set or "")
    return "member" if described is None else described.member


def licences_of(services: Services, snapshot: Snapshot, area: Area) -> tuple[str, ...]:
    """Return the licence lines of the data and boundaries behind an answer."""
    held = DEMONSTRATION_LICENCE if services.demonstration else FORCE_LICENCE
    lines = [POLICE_UK_LICENCE if source == POLICE_UK else held for source in snapshot.sources()]
    return tuple(dict.fromkeys([*lines, area.boundary_set.licence]))
