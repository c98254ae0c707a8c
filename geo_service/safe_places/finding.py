"""Where somebody says they are: a postcode, a part of one, a town or a street. Nothing of it is kept or logged."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np
from scipy.spatial import cKDTree

from geo_service import spatial
from geo_service.safe_places.place_names import Named, NameIndex, folded

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

    from geo_service.model.cells import Floats
    from geo_service.model.release import Gazetteer

POSTCODE_M: Final = 100.0
STREET_M: Final = 300.0
TOWN_M: Final = 2_000.0
"""How far from the point given somebody may be, at least: conventions; the gazetteer holds middles alone."""
MOST_CHOICES: Final = 12
_LONGEST: Final = 200
_OUTWARD: Final = r"[A-Z]{1,2}[0-9][0-9A-Z]?"
_WHOLE: Final = re.compile(rf"(?<![0-9A-Z])({_OUTWARD})[\s.\-]*([0-9][A-Z]{{2}})(?![0-9A-Z])")
_MISREAD: Final = re.compile(rf"({_OUTWARD})([OI])([A-Z]{{2}})")
"""A letter where only a digit can stand: what it looks like is meant."""
_DIGITS: Final = {"O": "0", "I": "1"}
_PART: Final = re.compile(rf"({_OUTWARD})(?:[\s.\-]*([0-9][A-Z]?))?")
_PART_AT_END: Final = re.compile(rf"(?<![0-9A-Z]){_PART.pattern}$")
_MOST: Final = 0.9
"""Of the streets of a town: as far as these somebody may be who names the town."""
_NEIGHBOURS: Final = 8


@dataclass(frozen=True, slots=True, repr=False)
class Origin:
    """Say where somebody is; it shows nothing of that in a log (`repr`)."""

    lon_lat: tuple[float, float]
    """Degrees, WGS84."""
    label: str
    """What was meant, for example `B98 8AE` or `High Street, Redditch`; given to `find_origin` it is found again."""
    precision_m: float
    """How far from there somebody may be, about; a page says it where it is more than a street."""
    guessed: bool = False
    """Whether what was typed differs from the label, so that a page says what it was taken for."""


Found: TypeAlias = Origin | tuple[Origin, ...] | None
"""One place, several to choose from (at most MOST_CHOICES), or nothing."""


def find_origin(text: str, gazetteer: Gazetteer) -> Found:
    """Return where somebody says they are, several places where the words fit several, None where they fit none.

    text: a postcode in any case and spacing, its district (`B98`) or sector (`B98 8`), a town, a street, or a street
    and its town; a house number before a street is passed over. Slips of the finger are forgiven in names (`guessed`),
    never in postcodes, but for the letter O or I where only a digit can stand: of a postcode that is not in the list
    the sector is taken, else the district, `guessed` again, and `label` says which.
    """
    said = " ".join(unicodedata.normalize("NFKC", text[:_LONGEST]).upper().split())
    together = re.sub(r"[^0-9A-Z]", "", said)
    index = _index(_Same(gazetteer))
    if whole := _WHOLE.fullmatch(together) or _WHOLE.search(said):
        found = index.postcode(whole[1], whole[2])
        # The rest of an address is tried where its postcode is not known here at all.
        return found or (index.named(said[: whole.start()]) if whole.string is said else None)
    if misread := _MISREAD.fullmatch(together):
        meant = index.postcode(misread[1], _DIGITS[misread[2]] + misread[3])
        return replace(meant, guessed=True) if meant else index.named(said)
    if part := _PART.fullmatch(said) or _PART.fullmatch(together):
        return index.part(part[1], part[2] or "") or index.named(said)
    named = index.named(said)
    if named is None and (part := _PART_AT_END.search(said)):
        return index.part(part[1], part[2] or "") or index.named(said[: part.start()])
    return named


def prepare(gazetteer: Gazetteer) -> None:
    """Read a gazetteer before anybody asks, so that the first search does not wait for it."""
    _index(_Same(gazetteer))


class _Same:
    """Be the same key for the same gazetteer, which cannot be one itself: it holds tables."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self.gazetteer = gazetteer

    def __hash__(self) -> int:
        return id(self.gazetteer)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.gazetteer is other.gazetteer


@lru_cache(maxsize=2)
def _index(same: _Same) -> _Index:
    """Read a gazetteer once; two are kept, for the moment in which one release follows another."""
    return _Index(same.gazetteer)


class _Index:
    """Look names up in one gazetteer; positions are kept in metres, EPSG:27700."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self.postcodes: list[str] = gazetteer.postcodes["postcode"].to_list()
        self.lon_lat = _pairs(gazetteer.postcodes)
        self.centres_m = _on_grid(self.lon_lat)
        self.around_m = np.maximum(POSTCODE_M, _to_the_next(self.centres_m))
        streets = _streets(gazetteer)
        self.names = NameIndex([*_towns(gazetteer, streets), *streets])

    def named(self, said: str) -> Found:
        """Return the town or street of a name."""
        found, guessed = self.names.find(said)
        origins = tuple(
            Origin(named.lon_lat, named.label, named.precision_m, guessed) for named in found[:MOST_CHOICES]
        )
        return origins[0] if len(origins) == 1 else origins or None

    def postcode(self, outward: str, inward: str) -> Origin | None:
        """Return a whole postcode; the sector or district of one that is not in the list."""
        whole = f"{outward} {inward}"
        at = bisect_left(self.postcodes, whole)
        if at < len(self.postcodes) and self.postcodes[at] == whole:
            return Origin(_pair(self.lon_lat[at]), whole, float(self.around_m[at]))
        return self._wider(outward, inward)

    def part(self, outward: str, inward: str) -> Found:
        """Return the middle of a district, of a sector, or of what is typed of a postcode so far.

        `B98` is the district B98, or sector 8 of B9 where only that is near; where both are, they are the choice.
        """
        if inward:
            return self._beginning(f"{outward} {inward}") or self._wider(outward, inward)
        readings = [self._beginning(f"{outward} ")]
        if outward[-1].isdigit() and outward[-2].isdigit():
            readings.append(self._beginning(f"{outward[:-1]} {outward[-1]}"))
        found_all = tuple(found for found in readings if found)
        return found_all[0] if len(found_all) == 1 else found_all or None

    def _wider(self, outward: str, inward: str) -> Origin | None:
        """Return the sector of what is not in the list, else its district."""
        for prefix in (f"{outward} {inward[0]}", f"{outward} "):
            if found := self._beginning(prefix):
                return replace(found, guessed=True)
        return None

    def _beginning(self, prefix: str) -> Origin | None:
        """Return the middle of all postcodes that begin so, and how far the furthest of them is from it."""
        first, end = bisect_left(self.postcodes, prefix), bisect_left(self.postcodes, prefix + "\N{DELETE}")
        if first == end:
            return None
        centres_m = self.centres_m[first:end]
        middle_m = centres_m.mean(axis=0)
        furthest_m = float(np.hypot(*(centres_m - middle_m).T).max())
        lon, lat = spatial.to_lonlat(*middle_m)
        return Origin((float(lon), float(lat)), prefix.strip(), max(POSTCODE_M, furthest_m))


def _towns(gazetteer: Gazetteer, streets: list[Named]) -> list[Named]:
    """Return the towns; as far as most of its streets somebody who names a town may be."""
    of_street = np.array([street.town for street in streets], dtype=str)
    streets_m = _on_grid(np.array([street.lon_lat for street in streets], dtype=np.float64).reshape(-1, 2))
    towns_m = _on_grid(_pairs(gazetteer.towns))
    towns = []
    for (name, *at), town_m in zip(gazetteer.towns.select("name", "lon", "lat").iter_rows(), towns_m, strict=True):
        far_m = np.hypot(*(streets_m[of_street == name] - town_m).T)
        precision_m = max(TOWN_M, float(np.quantile(far_m, _MOST)) if len(far_m) else 0.0)
        towns.append(Named(name, "", name, _pair(np.array(at)), precision_m))
    return towns


def _streets(gazetteer: Gazetteer) -> list[Named]:
    """Return the streets, each with a label of its own.

    Streets of one name in one town are told apart by the nearest street of another name, the last by a number.
    """
    names = [str(name) for name in gazetteer.streets["name"].to_list()]
    towns = [town or "" for town in gazetteer.streets["town"].to_list()]
    lon_lat = _pairs(gazetteer.streets)
    plain = [", ".join(filter(None, both)) for both in zip(names, towns, strict=True)]
    counts = Counter(folded(label) for label in plain)
    beside = _beside(names, _on_grid(lon_lat), np.array([counts[folded(label)] > 1 for label in plain], dtype=np.bool_))
    taken: set[str] = set()
    found = []
    for name, town, label, near, at in zip(names, towns, plain, beside, lon_lat, strict=True):
        longer = label if counts[folded(label)] == 1 else ", ".join(filter(None, (name, near, town)))
        unique, again = longer, 2
        while folded(unique) in taken:
            unique, again = f"{longer} ({again})", again + 1
        taken.add(folded(unique))
        found.append(Named(name, town, unique, _pair(at), STREET_M))
    return found


def _beside(names: list[str], at_m: Floats, asked: NDArray[np.bool_]) -> list[str]:
    """Return the nearest street of another name to each that is asked about, as `near Mill Lane`; else empty."""
    said = [""] * len(names)
    if not asked.any():
        return said
    _, near = cKDTree(at_m).query(at_m[asked], k=min(_NEIGHBOURS, len(names)))
    for number, others in zip(np.flatnonzero(asked).tolist(), near.reshape(asked.sum(), -1).tolist(), strict=True):
        other = next((names[row] for row in others if folded(names[row]) != folded(names[number])), "")
        said[number] = f"near {other}" if other else ""
    return said


def _to_the_next(at_m: Floats) -> Floats:
    """Return metres from each point to the nearest that stands elsewhere, of those close by; 0 where none is."""
    if len(at_m) < 2:  # noqa: PLR2004 - itself and another
        return np.zeros(len(at_m))
    metres, _ = cKDTree(at_m).query(at_m, k=min(_NEIGHBOURS, len(at_m)))
    nearest: Floats = np.where(metres > 0, metres, np.inf).min(axis=1)
    return np.where(np.isfinite(nearest), nearest, 0.0)


def _pairs(frame: pl.DataFrame) -> Floats:
    return frame.select("lon", "lat").to_numpy().astype(np.float64).reshape(-1, 2)


def _on_grid(lon_lat: Floats) -> Floats:
    return np.column_stack(spatial.to_grid(*lon_lat.T))


def _pair(at: Floats) -> tuple[float, float]:
    return float(at[0]), float(at[1])
