"""Counts of residents, households … by area: import them, and share them out over the cells of a question."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from geo_service import overlay, spatial
from geo_service.errors import InputError, NotFoundError, QueryError
from geo_service.model.denominators import Denominator

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from geo_service.model.access import Version
    from geo_service.model.boundaries import Area
    from geo_service.model.cells import CellTable, Floats
    from geo_service.model.ports import Snapshot
    from geo_service.workflows.services import Services

KM2: Final = "km2"
"""What needs no import."""
_ID: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_NO_LICENCE: Final = "licence not stated"


@dataclass(frozen=True, slots=True)
class DenominatorImport:
    """Say what an import of a denominator did."""

    version: Version | None
    denominator: Denominator
    members: int
    """Members of the boundary set."""
    lacking: tuple[str, ...]
    """Members of the set that the file gives no number for, by name."""
    beyond: int
    """Rows of the file whose code is no member of the set."""
    without: int
    """Rows of the file without a number."""


def import_denominator(  # noqa: PLR0913 - one argument for each option of the command
    services: Services,
    path: Path,
    denominator_id: str,
    *,
    boundary_set: str,
    code: str,
    value: str,
    sheet: str = "",
    title: str = "",
    licence: str = "",
) -> DenominatorImport:
    """Import a number for each member of a boundary set, in place of an earlier one of that id.

    Raises InputError for a file or id that cannot be taken, NotFoundError where the set is not imported.
    """
    if not _ID.fullmatch(denominator_id) or denominator_id == KM2:
        raise InputError(
            "A denominator needs a short id",
            found=denominator_id,
            do=f"Write it in small letters, digits and hyphens, for example residents; {KM2} is taken",
            field="id",
        )
    sets = services.store.snapshot().boundary_sets()
    if boundary_set not in sets:
        raise NotFoundError(
            "No boundary set of that name is imported",
            found=boundary_set,
            do=f"Import it first (`geo-service import boundaries`); there is: {', '.join(sets) or 'none'}",
            field="set",
        )
    members = sets[boundary_set]
    numbers, without = services.number_files.denominator(path, code=code, value=value, sheet=sheet)
    known = {member: numbers[member] for member in members.codes if member in numbers}
    if not known:
        raise InputError(
            f"No code of {path.name} is a member of {boundary_set}",
            found=", ".join(list(numbers)[:3]),
            do=f"Its members are {', '.join(members.codes[:3])} …: check --code, and the vintage of the set",
            field=code,
        )
    values = np.array(list(known.values()), dtype=np.float64)
    made = Denominator(
        denominator_id, title or value, boundary_set, path.name, licence or _NO_LICENCE, tuple(known), values
    )
    with services.store.stage() as staging:
        staging.put_denominator(made)
        detail = {"denominator": denominator_id, "file": path.name, "set": boundary_set, "rows": len(known)}
        version = staging.commit("import denominator", services.principal, detail)
    lacking = tuple(name for member, name in zip(members.codes, members.names, strict=True) if member not in known)
    return DenominatorImport(version, made, len(members), lacking, len(numbers) - len(known), without)


@dataclass(frozen=True, slots=True)
class Apportioned:
    """Hold a denominator over the cells of an area."""

    values: Floats
    """Number of the part of each cell in the area (n area cells), then 0 for each cell of the halo."""
    notes: tuple[str, ...]
    """Where it comes from, and what it lacks."""
    licences: tuple[str, ...]


def denominator_of(snapshot: Snapshot, area: Area, table: CellTable, halo_count: int, per: str) -> Apportioned:
    """Share a denominator out over the cells of an area, each member's number evenly over its ground.

    table: cells of the area. halo_count: cells around it. per: id of the denominator. Raises QueryError (field `per`)
    where it is not imported, or its boundary set is not, or where no member with a number lies in the area.
    """
    found = _find(snapshot, per)
    members = snapshot.boundary_sets().get(found.boundary_set)
    if members is None:
        raise QueryError(
            f"The boundary set {found.boundary_set}, whose members {per} counts, is not imported",
            do="Import it, or use km2",
            field="per",
        )
    within = overlay.area_geometry(area)
    position = {code: at for at, code in enumerate(found.codes)}
    at = np.array([position.get(code, -1) for code in members.codes], dtype=np.int64)
    near = overlay.meeting(members.geometry, within)
    taken = near & (at >= 0)
    if not taken.any():
        raise QueryError(
            f"No member of {found.boundary_set} with a number of {per} lies in the area",
            found=area.name,
            do="Import a file that covers it, or use km2",
            field="per",
        )
    outlines = spatial.cell_polygons(table.cells)
    spread = overlay.apportion(outlines, table.area_m2, members.geometry[taken], found.values[at[taken]], within=within)
    lacking = [members.names[place] for place in np.flatnonzero(near & (at < 0)).tolist()]
    return Apportioned(
        np.concatenate([spread, np.zeros(halo_count)]), _notes(found, members.vintage, lacking), (found.licence,)
    )


def _find(snapshot: Snapshot, per: str) -> Denominator:
    there = snapshot.denominators()
    if per not in there:
        raise QueryError(
            "No denominator of that name is imported",
            found=per,
            do=f"Use {', '.join([KM2, *there])}, or import it: `geo-service import denominator FILE --id {per} …`",
            field="per",
        )
    return there[per]


def _notes(found: Denominator, vintage: str, lacking: Sequence[str]) -> tuple[str, ...]:
    counted = f"Denominator {found.id}: {found.title} of {found.boundary_set} ({vintage}) from {found.source}"
    said = [f"{counted}, each member's number spread evenly over its ground. {found.licence}."]
    if lacking:
        named = ", ".join(lacking[:3]) + (" …" if len(lacking) > 3 else "")  # noqa: PLR2004 (three say enough)
        said.append(f"Members in the area without a number of {found.id}, which count as 0: {len(lacking)} ({named}).")
    return tuple(said)
