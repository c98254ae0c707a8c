"""What the next release would change on the public site, in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from geo_service.errors import InputError, NotFoundError
from geo_service.workflows.places import finding
from geo_service.workflows.places.listing import field_title, value_words
from geo_service.workflows.releasing import releases

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from geo_service.model.layers import FeatureTable
    from geo_service.model.release import PublicRelease, ReleaseLine
    from geo_service.workflows.services import Services

_SHOWN: Final = 12
_QUIET: Final = frozenset({"id", "position_source", "next_review", "lon", "lat"})
"""Columns whose change is not told: they follow from others, or nobody reads them."""


@dataclass(frozen=True, slots=True)
class Next:
    """Say what publishing would do."""

    current: PublicRelease | None
    show_unverified: bool
    count: int
    """Places of the next release."""
    changes: tuple[str, ...]
    left_out: Mapping[str, int]
    lines: Sequence[ReleaseLine]
    """Releases so far, newest first."""
    problem: str = ""
    """Why nothing can be published."""


def next_release(services: Services, *, show_unverified: bool | None = None) -> Next:
    """Compare what is approved with what the public site shows; nothing is written.

    show_unverified: as the release that is shown, where it is not said. Raises AccessError.
    """
    finding.refuse_others(services)
    finding.refuse_limited(services)
    try:
        current: PublicRelease | None = services.releases.current()
    except NotFoundError:
        current = None
    wanted = show_unverified if show_unverified is not None else bool(current and current.show_unverified)
    lines = list(reversed(services.releases.lines()))
    try:
        found, left_out = releases.candidates(services, show_unverified=wanted)
    except InputError as problem:
        return Next(current, wanted, 0, (), {}, lines, problem.message)
    changes = tuple(_changes(None if current is None else current.places, found))
    return Next(current, wanted, found.rows.height, changes, left_out, lines)


def _changes(before: FeatureTable | None, after: FeatureTable) -> list[str]:
    old = {} if before is None else {row["id"]: row for row in before.rows.iter_rows(named=True)}
    new = {row["id"]: row for row in after.rows.iter_rows(named=True)}
    said = [f"New: {_named(new[key])}." for key in sorted(new.keys() - old.keys())]
    said += [f"No longer there: {_named(old[key])}." for key in sorted(old.keys() - new.keys())]
    for key in sorted(new.keys() & old.keys()):
        fields = [name for name in new[key] if name not in _QUIET and new[key][name] != old[key].get(name)]
        moved = any(new[key].get(axis) != old[key].get(axis) for axis in ("lon", "lat"))
        told = [f"{field_title(name)}: {value_words(new[key][name])}" for name in fields]
        told += ["its position" if moved else ""]
        if any(told):
            said.append(f"{_named(new[key])}: {'; '.join(filter(None, told))}.")
    return said if len(said) <= _SHOWN else [*said[:_SHOWN], f"And {len(said) - _SHOWN} more."]


def _named(row: Mapping[str, Any]) -> str:
    where = ", ".join(str(row[name]) for name in ("address", "town") if row.get(name))
    return f"{row['name']} ({where})" if where else str(row["name"])
