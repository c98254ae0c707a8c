"""The hotspot form: what it offers, what was filled in, and what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

from geo_service import hotspots
from geo_service.errors import QueryError
from geo_service.model.asked import Asked
from geo_service.model.hotspots import HotspotQuery
from geo_service.model.incidents import RESOLUTIONS
from geo_service.model.offences import PROXY_LEVELS
from geo_service.model.periods import Month, Period
from geo_service.model.surfaces import RINGS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from geo_service.errors import GeoServiceError
    from geo_service.model.boundaries import BoundarySet
    from geo_service.model.hotspots import ZoneRun
    from geo_service.workflows.services import Services

FIELDS: Mapping[str, str] = {
    "boundary": "",
    "from": "",
    "to": "",
    "offence_set": Asked.offences,
    "measure": Asked.measure,
    "proxy": "",
    "area_share": f"{Asked.area_share:g}",
    "statistic": Asked.statistic,
    "resolution": str(Asked.resolution),
    "ring": str(Asked.ring),
    "boundary_set": "",
}
"""Every field of the form with what it holds where the data says nothing else."""
_LAST_MONTHS = 12
_CELLS = {8: "about 0.7 km²", 9: "about 10 ha", 10: "about 1.4 ha", 11: "about 0.2 ha", 12: "about 300 m²"}
_ADVICE = {
    "proxy": "Ask for a count, or choose a proxy here; every page and file then says that the figure is a proxy.",
}
"""What to do on the form, where the error itself speaks of the command line."""
_PROXIES = {"": "No proxy: measured harm", "low": "Proxy, low", "middle": "Proxy, middle", "high": "Proxy, high"}


@dataclass(frozen=True, slots=True)
class Choice:
    """Offer one value of a field."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Problem:
    """Say what is wrong, and in which field; empty for none of them."""

    field: str
    message: str


@dataclass(frozen=True, slots=True)
class FindForm:
    """Hold the form as it is shown."""

    values: Mapping[str, str]
    choices: Mapping[str, Sequence[Choice]]
    areas: Sequence[Choice]
    """Suggestions for the boundary; anything may be typed."""
    months: Sequence[str]
    problems: Sequence[Problem] = ()

    def problem(self, field: str) -> str:
        """Return the message of a field, empty where nothing is wrong."""
        return next((problem.message for problem in self.problems if problem.field == field), "")

    @property
    def further_open(self) -> bool:
        """Return whether the further choices must be unfolded: they were changed or are wrong."""
        further = ("statistic", "resolution", "ring", "boundary_set")
        return any(self.problem(name) or self.values[name] != FIELDS[name] for name in further)

    def wrong(self, *problems: Problem) -> FindForm:
        """Return the form with problems; all that was filled in stays."""
        return replace(self, problems=problems)


def find_form(services: Services, runs: Sequence[ZoneRun], filled: Mapping[str, str]) -> FindForm:
    """Return the form with what was filled in, else the last twelve months and the area that was asked for last."""
    snapshot = services.store.snapshot()
    months = [str(month) for month in snapshot.months()]
    sets = snapshot.boundary_sets()
    values = dict(FIELDS)
    if months:
        last = Month.parse(months[-1])
        values |= {"from": max(months[0], str(last - (_LAST_MONTHS - 1))), "to": months[-1]}
    if runs:
        values["boundary"] = runs[0].query.boundary
    elif sets:
        values["boundary"] = _first_area(next(iter(sets.values())))
    if Asked.offences not in services.registry.offence_sets():
        values["offence_set"] = next(iter(services.registry.offence_sets()), "")
    values |= {name: filled[name].strip() for name in FIELDS if name in filled}
    return FindForm(values, _choices(services, sets, months, values), areas_of(services), months)


def read_query(values: Mapping[str, str]) -> HotspotQuery | list[Problem]:
    """Return the question, or everything that is wrong with its fields."""
    problems: list[Problem] = []

    def read(field: str, convert: Callable[[str], object], what: str) -> object:
        try:
            return convert(values[field])
        except QueryError as problem:
            problems.append(problem_of(problem, field))
        except ValueError:
            problems.append(Problem(field, what))
        return None

    first = read("from", lambda text: Month.parse(text, field="from"), "")
    last = read("to", lambda text: Month.parse(text, field="to"), "")
    if first and last:
        read("to", lambda _: Period(first, last), "")  # type: ignore[arg-type]
    resolution = read("resolution", int, "Choose one of the resolutions.")
    ring = read("ring", int, "Choose one of the rings.")
    share = read("area_share", _percent, "Give the area share as a number of percent, for example 1.4.")
    if not values["boundary"]:
        problems.insert(0, Problem("boundary", "Name the area: a ward, a district or a policing area."))
    if problems:
        return problems
    try:
        return HotspotQuery.asked(
            Asked(
                boundary=values["boundary"],
                first=values["from"],
                last=values["to"],
                boundary_set=values["boundary_set"] or None,
                offences=values["offence_set"],
                measure=values["measure"],
                proxy=values["proxy"] or None,
                resolution=cast("int", resolution),
                statistic=values["statistic"],
                ring=cast("int", ring),
                area_share=cast("float", share),
            )
        )
    except QueryError as problem:
        return [problem_of(problem)]


def problem_of(problem: GeoServiceError, field: str = "") -> Problem:
    """Return an error of ours beside the field that it concerns."""
    named = (problem.field or field).replace("-", "_")
    if "--" in problem.do and named in _ADVICE:
        return Problem(named, f"{problem.what.rstrip('.')}. {_ADVICE[named]}")
    return Problem(named if named in FIELDS else "", problem.message)


def _percent(text: str) -> float:
    share = float(text.removesuffix("%").strip().replace(",", "."))
    if share != share:  # noqa: PLR0124 - not a number is the one value that differs from itself
        raise ValueError
    return share


def _first_area(found: BoundarySet) -> str:
    """Return the largest kind of area that a set knows: a parent, else its first member."""
    return next((name for name in found.parent_names if name), found.names[0] if len(found) else "")


def areas_of(services: Services) -> list[Choice]:
    """Suggest every area once; a name that means several is suggested by its code."""
    sets = services.store.snapshot().boundary_sets()
    offered: dict[str, list[Choice]] = {}
    for found in sets.values():
        rows = [(found.id, found.title, "all of the set")]
        rows += sorted(
            {
                (code, name, found.title)
                for code, name in zip(found.parent_codes, found.parent_names, strict=True)
                if name
            }
        )
        parents = found.parent_names
        rows += [
            (code, name, f"{parent}, {found.title}" if parent else found.title)
            for code, name, parent in zip(found.codes, found.names, parents, strict=True)
        ]
        for code, name, label in rows:
            offered.setdefault(name, []).append(Choice(code, label))
    for described in services.registry.boundaries().values():
        if any(members in sets for members in described.members_of):
            for area in described.areas:
                offered.setdefault(area.name, []).append(Choice(area.code, described.title))
    return [
        Choice(choice.value or name, f"{name}, {choice.label}") if len(meant) > 1 else Choice(name, choice.label)
        for name, meant in offered.items()
        for choice in meant
    ]


def _choices(
    services: Services, sets: Mapping[str, BoundarySet], months: Sequence[str], values: Mapping[str, str]
) -> dict[str, list[Choice]]:
    offered = {
        "from": [Choice(month, month) for month in months],
        "to": [Choice(month, month) for month in reversed(months)],
        "offence_set": [Choice(found.id, found.title) for found in services.registry.offence_sets().values()],
        "measure": [Choice("count", "Count of incidents"), Choice("harm", "Harm, in days of imprisonment")],
        "proxy": [Choice(level, _PROXIES[level]) for level in ("", *PROXY_LEVELS)],
        "statistic": [Choice(name, found.TITLE) for name, found in sorted(hotspots.statistics().items(), reverse=True)],
        "resolution": [Choice(str(level), f"{level}: {_CELLS[level]} a cell") for level in RESOLUTIONS],
        "ring": [Choice(str(ring), f"{ring}") for ring in RINGS],
        "boundary_set": [
            Choice("", "The set that was valid at the time"),
            *(Choice(found.id, f"{found.title}, {found.vintage}") for found in sets.values()),
        ],
    }
    for name, choices in offered.items():
        # What was sent is kept, also where it was never offered.
        if values[name] not in {choice.value for choice in choices}:
            choices.append(Choice(values[name], values[name]))
    return offered
