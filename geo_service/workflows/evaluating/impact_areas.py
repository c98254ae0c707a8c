"""Which areas an impact report is about: members of a set, policing areas, or lists of members."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from geo_service.errors import NotFoundError, QueryError, UserError
from geo_service.model.boundaries import Area

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from geo_service.model.boundaries import BoundaryDescriptor
    from geo_service.model.impact import ImpactQuery, NamedArea
    from geo_service.model.periods import Month
    from geo_service.model.ports import Snapshot
    from geo_service.workflows.services import Services


@dataclass(frozen=True, slots=True)
class Chosen:
    """Hold some areas of one boundary set, and all of them together."""

    areas: tuple[Area, ...]
    whole: Area
    notes: tuple[str, ...] = ()

    def codes_of(self, area: Area) -> tuple[str, ...]:
        """Return the codes of an area's members."""
        return tuple(self.whole.boundary_set.codes[at] for at in area.members.tolist())

    @property
    def shared(self) -> tuple[str, ...]:
        """Return the names of members that more than one area holds."""
        held, times = np.unique(np.concatenate([area.members for area in self.areas]), return_counts=True)
        return tuple(self.whole.boundary_set.names[at] for at in held[times > 1].tolist())


def choose(services: Services, snapshot: Snapshot, query: ImpactQuery) -> Chosen:
    """Find the areas of a question, all of one boundary set; raise QueryError or NotFoundError."""
    if query.areas:
        found = [_of_list(snapshot, named, query.boundary_set, query.to) for named in query.areas]
        return _together(found, query.boundary_set or "areas")
    wanted = query.boundary_set or ""
    members = snapshot.boundary_sets().get(wanted)
    if members is not None:
        every = [
            Area(code, name, members, np.array([at], dtype=np.int32), members.vintage)
            for at, (code, name) in enumerate(zip(members.codes, members.names, strict=True))
        ]
        return _together(every, members.title)
    described = services.registry.boundaries().get(wanted)
    if described is None or not described.areas:
        # Says which sets there are, or how to get this one.
        snapshot.area(wanted, boundary_set=wanted, on=query.to.last_day)
        raise QueryError("That is no set of areas", found=wanted, do="Name a boundary set", field="boundary_set")
    return _of_descriptor(services, snapshot, wanted, described, query.to)


def _of_descriptor(
    services: Services, snapshot: Snapshot, listed: str, described: BoundaryDescriptor, to: Month
) -> Chosen:
    """Resolve a list of policing areas; those that cannot be answered are left out, and said.

    Of those that whoever asks may not see nothing is said; a list of such alone is as good as none.
    """
    found: list[Area] = []
    notes: list[str] = []
    last: UserError | None = None
    for area in described.areas:
        try:
            found.append(snapshot.area(area.code, boundary_set=listed, on=to.last_day))
        except UserError as problem:
            if services.principal.areas is None or not isinstance(problem, NotFoundError):
                notes.append(f"Left out: {area.code}. {problem.what}.")
                last = problem
    if not found and last is None:
        # Says which sets there are.
        snapshot.area(listed, boundary_set=listed, on=to.last_day)
    if not found:
        raise last or NotFoundError("No boundary set of that name", found=listed, field="boundary_set")
    return _together(found, described.title, notes)


def _of_list(snapshot: Snapshot, named: NamedArea, boundary_set: str | None, to: Month) -> Area:
    """Resolve one area of a list to members of one set."""
    parts = [snapshot.area(code, boundary_set=boundary_set, on=to.last_day) for code in named.codes]
    sets = {part.boundary_set.id for part in parts}
    if len(sets) != 1:
        raise QueryError(
            f"The members of {named.name} are of several boundary sets",
            found=", ".join(sorted(sets)) or "no members",
            do="Name the set with --set",
            field="areas",
        )
    members = np.unique(np.concatenate([part.members for part in parts])).astype(np.int32)
    alone = parts[0] if len(parts) == 1 else None
    return Area(
        code=alone.code if alone else named.name,
        name=named.name,
        boundary_set=parts[0].boundary_set,
        members=members,
        vintage=parts[0].vintage,
        notes=tuple(dict.fromkeys(note for part in parts for note in part.notes)),
    )


def _together(areas: Sequence[Area], title: str, notes: Iterable[str] = ()) -> Chosen:
    sets = {area.boundary_set.id: area.boundary_set for area in areas}
    if len(sets) != 1:
        raise QueryError(
            "The areas are of several boundary sets",
            found=", ".join(sorted(sets)),
            do="Name the set with --set",
            field="boundary_set",
        )
    names = [area.name for area in areas]
    twice = sorted({name for name in names if names.count(name) > 1 and len({a.code for a in areas}) < len(areas)})
    if twice:
        raise QueryError("An area is named twice", found=", ".join(twice), do="Name each once", field="areas")
    members = np.unique(np.concatenate([area.members for area in areas])).astype(np.int32)
    boundary_set = next(iter(sets.values()))
    said = tuple(dict.fromkeys(note for area in areas for note in area.notes))
    whole = Area(boundary_set.id, title, boundary_set, members, areas[0].vintage, said)
    return Chosen(tuple(areas), whole, tuple(notes))
