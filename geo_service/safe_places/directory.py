"""Check a whole directory before any of it is taken: row by row, field by field, and rows against each other."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher, get_close_matches
from typing import TYPE_CHECKING, Final

from geo_service.model.safe_places import BY_NAME, Value
from geo_service.safe_places.entries import good_id, read_entry
from geo_service.safe_places.problems import HEADER, Level, Problem
from geo_service.safe_places.spelling import Speller
from geo_service.safe_places.whereabouts import Whole, whereabouts

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping, Sequence

    import polars as pl

    from geo_service.model.places import BBox

MOST_ROWS: Final = 5_000
_ALIKE: Final = 0.8
_SPELT: Final = ("name", "address", "town")
_ALIASES: Final = {
    "place": "name", "place_name": "name", "venue": "name", "organisation": "name", "telephone": "phone",
    "tel": "phone", "phone_number": "phone", "website": "web", "url": "web", "hours": "opening_hours",
    "opening_times": "opening_hours", "post_code": "postcode", "type": "category", "kind": "category",
    "wheelchair": "step_free", "language": "languages", "tel_no": "phone", "telephone_number": "phone",
    "contact_number": "phone", "town/city": "town", "town_city": "town", "premises": "name", "business": "name",
    "last_checked": "last_verified", "verified_on": "last_verified", "lng": "lon", "long": "lon",
}  # fmt: skip
_GRID: Final = frozenset({"easting", "eastings", "northing", "northings", "x", "y", "grid_reference"})
_TAKEN_NOT: Final = frozenset({"status", "position_source"})
"""Columns of the older list that no file decides."""
_HARMLESS: Final = frozenset({"", "unverified", "draft", "verified"})


@dataclass(frozen=True, slots=True)
class Known:
    """Hold what a directory is checked against."""

    today: dt.date
    postcodes: pl.DataFrame | None = None
    """`postcode`, `lon`, `lat`, `district`; None where none are loaded."""
    area: BBox | None = None
    """Around the boundaries that are loaded."""
    names: tuple[str, ...] = ()
    """Names of towns, streets and buildings that are right."""
    places: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)
    """Places that are kept already, by id."""


@dataclass(frozen=True, slots=True)
class Row:
    """Say of one row what becomes of it."""

    row: int
    id: str
    name: str
    values: Mapping[str, Value]
    problems: tuple[Problem, ...]
    outcome: str
    """`new`, `same`, `differs` or `refused`."""
    differing: tuple[str, ...] = ()
    """Fields in which a place that is kept already says something else."""

    def refused(self, field: str, what: str, do: str) -> Row:
        """Return the row as one that is not taken, and why."""
        found = str(self.values.get(field) or "")
        problem = Problem(self.row, field, Level.REFUSED, what, found, do)
        return replace(self, problems=(*self.problems, problem), outcome="refused")


@dataclass(frozen=True, slots=True)
class Report:
    """Say of a directory what would be taken, and all that is wrong."""

    rows: tuple[Row, ...]
    columns: tuple[Problem, ...] = ()
    """What is wrong with the columns."""

    def of(self, outcome: str) -> list[Row]:
        """Return the rows of an outcome."""
        return [row for row in self.rows if row.outcome == outcome]

    @property
    def problems(self) -> list[Problem]:
        """Return all that is wrong, the columns first, then row by row."""
        return [*self.columns, *(problem for row in self.rows for problem in row.problems)]


def check_directory(
    rows: Sequence[int], cells: Sequence[Mapping[str, str]], known: Known, unread: Mapping[int, str] | None = None
) -> Report:
    """Check every row; nothing is changed, and the same rows give the same report.

    rows: number of each, as its reader knows it. cells: texts by column as they were written, what is empty left out.
    unread: why a row cannot be read at all, by its number.
    """
    renamed, columns = _columns(cells)
    checked: list[tuple[int, dict[str, str], dict[str, Value], list[Problem]]] = []
    for row, texts in zip(rows, renamed, strict=True):
        broken = (unread or {}).get(row)
        if broken:
            checked.append(
                (row, texts, {}, [Problem(row, "", Level.REFUSED, f"The row cannot be read: {broken}", do="Mend it")])
            )
        else:
            values, problems = read_entry(row, texts, known.today)
            problems += _status(row, texts)
            checked.append((row, texts, values, problems))
    ids = [_id_of(texts, values) for _, texts, values, _ in checked]
    of_row: dict[int, list[Problem]] = {row: problems for row, _, _, problems in checked}
    for problem in (
        *_between(checked, ids, known),
        *_misspelt([(row, values) for row, _, values, _ in checked], known),
        *whereabouts([Whole(row, values) for row, _, values, _ in checked if values], known.postcodes, known.area,
                     tuple(known.places.values())),
    ):  # fmt: skip
        of_row[problem.row].append(problem)
    return Report(
        tuple(_row(row, at, values, of_row[row], known) for (row, _, values, _), at in zip(checked, ids, strict=True)),
        tuple(columns),
    )


def problems_of(place_id: str, values: Mapping[str, Value], known: Known) -> tuple[Problem, ...]:
    """Check one place that is kept or edited, against the others; its row is 1."""
    texts = {name: text for name, value in values.items() if (text := as_text(value))}
    others = {key: held for key, held in known.places.items() if key != place_id}
    beside = Known(known.today, known.postcodes, known.area, known.names, others)
    return check_directory([1], [{**texts, "id": place_id}], beside).rows[0].problems


def as_text(value: Value) -> str:
    """Return a value as it is written in a file."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)


def _columns(cells: Sequence[Mapping[str, str]]) -> tuple[list[dict[str, str]], list[Problem]]:
    """Give the columns the names of the fields, and say which are none."""
    problems, names, listed = [], {}, False
    for column in dict.fromkeys(name for texts in cells for name in texts):
        plain = _ALIASES.get(column, column)
        if plain in BY_NAME or plain in _TAKEN_NOT or plain == "id":
            names[column] = plain
            continue
        near = get_close_matches(column, [*BY_NAME, *_ALIASES], n=1, cutoff=0.75)
        do = f"Did you mean {near[0]}?" if near else "It is not taken"
        if column in _GRID:
            do = "Positions are taken in degrees, as lon and lat; without them, the postcode gives the position"
        elif not near and not listed:
            listed, do = True, f"{do}. The columns are {', '.join(BY_NAME)}"
        problems.append(Problem(HEADER, column, Level.LOOK, "The column is not known", column, do))
    renamed = []
    for texts in cells:
        kept: dict[str, str] = {}
        for column, text in texts.items():
            if column in names and text.strip():
                kept.setdefault(names[column], text.strip())
        renamed.append(kept)
    return renamed, problems


def _status(row: int, texts: Mapping[str, str]) -> list[Problem]:
    written = texts.get("status", "").strip().casefold()
    if written in _HARMLESS:
        return []
    do = "Every row comes in as a draft; a second person approves it here"
    return [Problem(row, "status", Level.LOOK, "No file makes a place public or suspended", texts["status"], do)]


def _id_of(texts: Mapping[str, str], values: Mapping[str, Value]) -> str:
    """Return the id of a row: its own, or one of its name and where it is, the same each time."""
    if texts.get("id"):
        return texts["id"]
    where = values.get("postcode") or values.get("address") or values.get("town") or ""
    return slug(f"{values.get('name', '')} {where}")


def slug(text: str) -> str:
    """Return a text as an id: small letters, digits and hyphens."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().casefold()
    return re.sub(r"[^a-z0-9]+", "-", plain.replace("'", "")).strip("-")[:80] or "place"


def _between(
    checked: Sequence[tuple[int, Mapping[str, str], Mapping[str, Value], list[Problem]]],
    ids: Sequence[str],
    known: Known,
) -> Iterable[Problem]:
    """Yield what is wrong between rows: ids, and places that are listed twice."""
    by_id: dict[str, int] = {}
    by_name: dict[tuple[str, str], str] = {}
    at_address: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for key, values in known.places.items():
        _remember(values, f"the place {key}", by_name, at_address)
    for (row, texts, values, _), place_id in zip(checked, ids, strict=True):
        if not values:
            continue
        if "id" in texts and not good_id(place_id):
            do = "Use letters, digits and . _ : - only, at most 100, or leave it empty"
            yield Problem(row, "id", Level.REFUSED, "That cannot be an id", place_id, do)
        same_id = by_id.setdefault(place_id, row)
        own = known.places.get(place_id)
        name = key_of(values)
        listed = by_name.get(name) if name[0] else None
        if listed == f"the place {place_id}":
            listed = None
        if listed:
            do = "Keep one of the two"
            yield Problem(
                row, "name", Level.REFUSED, f"This place is listed already, as {listed}", str(values.get("name")), do
            )
        elif same_id != row:
            do = "Give each place an id of its own"
            yield Problem(row, "id", Level.REFUSED, f"Row {same_id} has the same id", place_id, do)
        elif own is None or key_of(own) != name:
            yield from _alike(row, place_id, values, at_address)
        _remember(values, f"row {row}", by_name, at_address)


def key_of(values: Mapping[str, Value]) -> tuple[str, str]:
    """Return what two entries of one place have in common: its name without signs, and its postcode or address."""
    where = str(values.get("postcode") or values.get("address") or "")
    return slug(str(values.get("name") or "")).replace("-", ""), slug(where).replace("-", "")


def _wheres(values: Mapping[str, Value]) -> list[tuple[str, str]]:
    """Return the postcode and the address with its town, as far as they are known."""
    found = [("postcode", slug(str(values["postcode"])))] if values.get("postcode") else []
    if values.get("address"):
        found.append((slug(str(values["address"])), slug(str(values.get("town") or ""))))
    return found


def _remember(
    values: Mapping[str, Value],
    whose: str,
    by_name: dict[tuple[str, str], str],
    at_address: dict[tuple[str, str], list[tuple[str, str]]],
) -> None:
    by_name.setdefault(key_of(values), whose)
    for where in _wheres(values):
        at_address.setdefault(where, []).append((key_of(values)[0], whose))


def _alike(
    row: int, place_id: str, values: Mapping[str, Value], at_address: Mapping[tuple[str, str], list[tuple[str, str]]]
) -> Iterable[Problem]:
    """Yield a place at the same address or postcode whose name is nearly the same."""
    name = key_of(values)[0]
    for other, whose in (held for where in _wheres(values) for held in at_address.get(where, ())):
        if whose != f"the place {place_id}" and SequenceMatcher(None, name, other).ratio() >= _ALIKE:
            what = f"At the same address or postcode, {whose} has nearly the same name"
            yield Problem(
                row, "name", Level.LOOK, what, str(values.get("name")), "Is it one place? Then keep one of the two"
            )
            return


def _misspelt(rows: Sequence[tuple[int, Mapping[str, Value]]], known: Known) -> Iterable[Problem]:
    written = [str(values.get(name) or "") for _, values in rows for name in _SPELT]
    written += [str(values.get(name) or "") for values in known.places.values() for name in _SPELT]
    speller = Speller(known.names, written)
    for row, values in rows:
        for name in _SPELT:
            text = str(values.get(name) or "")
            for word, meant in speller.meant(text):
                yield Problem(row, name, Level.LOOK, f"{word} may be misspelt", text, f"Did you mean {meant}?")


def _row(row: int, place_id: str, values: Mapping[str, Value], problems: list[Problem], known: Known) -> Row:
    place_name = str(values.get("name") or "")
    ordered = tuple(sorted(problems, key=lambda problem: [*BY_NAME, problem.field].index(problem.field)))
    if any(problem.level is Level.REFUSED for problem in problems):
        return Row(row, place_id, place_name, values, ordered, "refused")
    kept = known.places.get(place_id)
    if kept is None:
        return Row(row, place_id, place_name, values, ordered, "new")
    differing = tuple(name for name in BY_NAME if values.get(name) is not None and values.get(name) != kept.get(name))
    return Row(row, place_id, place_name, values, ordered, "differs" if differing else "same", differing)
