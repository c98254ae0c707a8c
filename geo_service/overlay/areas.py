"""Which area a question means: a member, a larger area, a policing area or a whole set, of the right vintage."""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from geo_service.errors import GeoServiceError, NotFoundError, QueryError
from geo_service.model.boundaries import Area
from geo_service.overlay.suggestions import close_to, listed, plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from geo_service.model.boundaries import BoundaryDescriptor, BoundarySet, PolicingArea

_YEAR: Final = re.compile(r"(?<=.)-?\d{4}.*")
_CODE, _NAME = 0, 1
_MOST_MEANT: Final = 12


@dataclass(frozen=True, slots=True)
class _Match:
    """Be one thing that the words may mean."""

    owner: str
    """Id of the boundary set or list of policing areas that names it."""
    valid_from: dt.date
    """`date.min` where the set does not say."""
    by: int
    """_CODE or _NAME: a code is meant before a name."""
    area: Area

    @property
    def family(self) -> str:
        """Return what editions of one set have in common: `wards` of `wards-2025`."""
        return _family(self.owner)


def find_area(
    sets: Mapping[str, BoundarySet],
    descriptors: Mapping[str, BoundaryDescriptor],
    wanted: str,
    *,
    boundary_set: str | None,
    on: dt.date,
) -> Area:
    """Find the area that a question means.

    sets: imported sets by id. descriptors: described sets and lists of policing areas by id. wanted: code or
    name of a member, of a larger area (all its members) or of a policing area, or the id of a set (all its
    members); case, blanks and `&` for `and` do not matter. boundary_set: id of the set or list to look in; it always
    answers, with a note where it is not yet valid; the policing areas of a set are made of its own members. Without
    it, of the editions of a set (`wards-2022`, `wards-2025`) that know the area the one valid on the date answers, or
    the earliest, with a note, where none is valid yet. A code goes before a name.

    Raises NotFoundError with close matches, QueryError where several areas are meant or where the documents do not
    say which members a policing area has.
    """
    searched = _searched(sets, descriptors, boundary_set)
    matches, problems = _matches(searched, wanted)
    if not matches:
        raise problems[0] if problems else _not_found(searched, wanted, imported=bool(sets))
    matches = [match for match in matches if match.by == min(other.by for other in matches)]
    distinct = _distinct(_valid(matches, on))
    if len(distinct) > 1:
        raise _ambiguous(distinct, wanted)
    return _with_notes(distinct[0], searched, on)


@dataclass(frozen=True, slots=True)
class _Searched:
    sets: Sequence[BoundarySet]
    lists: Sequence[BoundaryDescriptor]
    members: Mapping[str, BoundarySet]
    """Sets whose members the areas of a list may be."""


def _searched(
    sets: Mapping[str, BoundarySet], descriptors: Mapping[str, BoundaryDescriptor], named: str | None
) -> _Searched:
    every = [described for described in descriptors.values() if described.areas]
    if named is None:
        return _Searched(list(sets.values()), every, sets)
    if named in sets:
        # Lists of its members too: what was asked of a policing area can then be asked again of the set that answered.
        of_set = [described for described in every if named in described.members_of]
        return _Searched([sets[named]], of_set, {named: sets[named]})
    described = descriptors.get(named)
    if described is not None and described.areas:
        return _Searched([], [described], sets)
    if described is not None:
        raise NotFoundError(
            "The boundary set is known but not imported", found=named, do=described.how_to_get, field="boundary_set"
        )
    raise NotFoundError(
        "No boundary set of that name",
        found=named,
        do=f"Imported are {listed(sets)}; policing areas are listed by {listed(one.id for one in every)}",
        field="boundary_set",
    )


def _matches(searched: _Searched, wanted: str) -> tuple[list[_Match], list[GeoServiceError]]:
    """Return everything that the words may mean, and why a policing area of that name cannot be answered."""
    matches = [match for members in searched.sets for match in _in_set(members, wanted)]
    problems: list[GeoServiceError] = []
    for described in searched.lists:
        for policing in described.areas:
            by = _by(wanted, policing.code, policing.name)
            if by is None:
                continue
            try:
                area = _policing_area(policing, described, searched.members)
            except GeoServiceError as problem:
                problems.append(problem)
            else:
                matches.append(_Match(described.id, described.valid_from or dt.date.min, by, area))
    return matches, problems


def _by(wanted: str, code: str, name: str) -> int | None:
    """Say whether the words are a code, a name or neither."""
    asked = plain(wanted)
    if not asked:
        return None
    return _CODE if asked == plain(code) else _NAME if asked == plain(name) else None


def _in_set(members: BoundarySet, wanted: str) -> Iterator[_Match]:
    def match(code: str, name: str, places: Sequence[int], by: int) -> _Match:
        area = Area(code, name, members, np.array(places, dtype=np.int32), members.vintage)
        return _Match(members.id, members.valid_from or dt.date.min, by, area)

    if plain(wanted) == plain(members.id):
        yield match(members.id, members.title, range(len(members)), _CODE)
    for place, (code, name) in enumerate(zip(members.codes, members.names, strict=True)):
        by = _by(wanted, code, name)
        if by is not None:
            yield match(code, name, [place], by)
    larger: dict[tuple[str, str], list[int]] = defaultdict(list)
    for place, parent in enumerate(zip(members.parent_codes, members.parent_names, strict=True)):
        larger[parent].append(place)
    for (code, name), places in larger.items():
        by = _by(wanted, code, name)
        if by is not None:
            yield match(code or name, name or code, places, by)


def _policing_area(policing: PolicingArea, described: BoundaryDescriptor, sets: Mapping[str, BoundarySet]) -> Area:
    """Resolve a policing area to members of the first imported set of its list that has them all."""
    listable = listed(described.members_of, last="or")
    if not policing.members and not policing.parents:
        raise QueryError(
            f"The documents do not say which members of {listable} make up {policing.name}",
            found=f"{policing.code} without members in {described.id}",
            do="Ask for its wards or district by name, or add the members to the list of policing areas",
            field="boundary",
        )
    imported = [sets[key] for key in described.members_of if key in sets]
    if not imported:
        raise NotFoundError(
            f"{policing.name} is a list of members of a set that is not imported",
            found=f"imported: {listed(sets)}",
            do=f"Import {listable} (`geo-service import boundaries`)",
            field="boundary",
        )
    # An import may hold only a part of the official set: the first that has every member answers.
    missing = [(set(policing.members) - set(s.codes)) | (set(policing.parents) - set(s.parent_codes)) for s in imported]
    members = next((s for s, lost in zip(imported, missing, strict=True) if not lost), None)
    if members is None:
        raise QueryError(
            f"{policing.name} lists areas that {imported[0].id}, as imported, does not have",
            found=listed(sorted(missing[0])),
            do=f"Import a file for {listable} that holds them",
            field="boundary",
        )
    belongs = np.isin(members.codes, policing.members) | np.isin(members.parent_codes, policing.parents)
    places = np.flatnonzero(belongs).astype(np.int32)
    vintage = f"{described.vintage}; members of {members.vintage}"
    return Area(policing.code, policing.name, members, places, vintage, described.notes)


def _valid(matches: list[_Match], on: dt.date) -> list[_Match]:
    """Keep the edition of each family that a date asks for; what is not yet valid only where nothing is."""
    families: dict[str, list[_Match]] = defaultdict(list)
    for match in matches:
        families[match.family].append(match)
    kept: list[_Match] = []
    for editions in families.values():
        begun = [match.valid_from for match in editions if match.valid_from <= on]
        chosen = max(begun) if begun else min(match.valid_from for match in editions)
        kept += [match for match in editions if match.valid_from == chosen]
    return [match for match in kept if match.valid_from <= on] or kept


def _distinct(matches: list[_Match]) -> list[_Match]:
    """Leave one of several names for the same members; a boundary set comes before a list of policing areas."""
    same: dict[tuple[str, bytes], _Match] = {}
    for match in matches:
        same.setdefault((match.area.boundary_set.id, match.area.members.tobytes()), match)
    return list(same.values())


def _with_notes(match: _Match, searched: _Searched, on: dt.date) -> Area:
    notes = list(match.area.notes)
    if match.valid_from > on:
        notes.append(f"{match.owner} is valid from {match.valid_from}, after the date asked about ({on}).")
    newer = [
        other.id
        for other in searched.sets
        if _family(other.id) == match.family and match.valid_from < (other.valid_from or dt.date.min) <= on
    ]
    if newer:
        notes.append(f"{match.area.name} is an area of {match.owner}; it is not in {listed(newer, last='or')}, newer.")
    return replace(match.area, notes=tuple(notes))


def _family(owner: str) -> str:
    return _YEAR.sub("", owner)


def _ambiguous(matches: list[_Match], wanted: str) -> QueryError:
    meant = [
        f"{match.area.name} ({match.area.code}) of {match.owner}, {len(match.area.members)} members"
        for match in matches
    ]
    return QueryError(
        "Several areas may be meant",
        found=wanted.strip(),
        do=f"Give the code, or name the boundary set to look in: {'; '.join(meant[:_MOST_MEANT])}",
        field="boundary",
    )


def _not_found(searched: _Searched, wanted: str, *, imported: bool) -> NotFoundError:
    if not imported:
        do = "No boundary set is imported yet: see `geo-service import boundaries --help`"
    else:
        near = close_to(wanted, searched.sets, searched.lists)
        do = f"Close to it: {listed(near, last='or')}. " if near else ""
        do += f"Looked in {listed([*(one.id for one in searched.sets), *(one.id for one in searched.lists)])}"
    return NotFoundError("No area of that code or name", found=wanted.strip() or "nothing", do=do, field="boundary")
