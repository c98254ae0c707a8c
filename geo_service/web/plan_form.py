"""The form that plans a shift: what it offers, what was filled in, and what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from geo_service.model.patrol import MODES
from geo_service.web.find import Choice, Problem, areas_of
from geo_service.workflows.planning.plan_asked import TypedPlan
from geo_service.workflows.planning.plan_ground import stations

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from geo_service.errors import GeoServiceError
    from geo_service.workflows.services import Services

FIELDS: Final[Mapping[str, str]] = {
    "team": "",
    "date": "",
    "shift": "15:00-23:00",
    "officers": "4",
    "crew": "2",
    "mode": "foot",
    "windows": "",
    "commitments": "",
    "caps": "",
    "visit": "15",
    "loop": "60",
    "every": "120",
    "gap": "45",
    "pause": "15",
    "zones": "4",
    "seed": "1",
    "station": "",
    "run": "",
}
"""Every field of the form with what it holds at first."""
_NUMBERS: Final = ("officers", "crew", "visit", "loop", "every", "gap", "pause", "zones", "seed")
_LINES: Final = ("windows", "commitments", "caps")
_FURTHER: Final = ("visit", "loop", "every", "gap", "pause", "zones", "seed", "caps", "station", "run")
_MODES: Final = {"foot": "On foot", "cycle": "By cycle", "car": "By car"}
_NAMED: Final = {"window": "windows", "commitment": "commitments", "cap": "caps", "speed": "mode"}
"""Fields of a request that stand under another name on the form."""
_WIDEST: Final = 9


@dataclass(frozen=True, slots=True)
class PlanForm:
    """Hold the form as it is shown."""

    values: Mapping[str, str]
    choices: Mapping[str, Sequence[Choice]]
    teams: Sequence[Choice]
    """Suggestions; anything may be typed."""
    problems: Sequence[Problem] = ()

    def problem(self, field: str) -> str:
        """Return the message of a field, empty where nothing is wrong."""
        return next((problem.message for problem in self.problems if problem.field == field), "")

    @property
    def further_open(self) -> bool:
        """Return whether the further choices must be unfolded: they were changed or are wrong."""
        return any(self.problem(name) or self.values[name] != FIELDS[name] for name in _FURTHER)

    def wrong(self, *problems: Problem) -> PlanForm:
        """Return the form with problems; all that was filled in stays."""
        return replace(self, problems=problems)


def plan_form(services: Services, filled: Mapping[str, str], team: str = "") -> PlanForm:
    """Return the form with what was filled in, else a late shift of today.

    team: the one that was planned for last.
    """
    values = {**FIELDS, "date": services.today().isoformat(), "team": team}
    values |= {name: filled[name].strip() for name in FIELDS if name in filled}
    choices = {
        "crew": [Choice("2", "In pairs"), Choice("1", "Singly")],
        "mode": [Choice(mode, _MODES[mode]) for mode in MODES],
        "station": [Choice("", "The team's own"), *(Choice(known, name) for known, name in stations(services))],
    }
    suggested = areas_of(services)
    teams = {area.code for one in services.registry.boundaries().values() for area in one.areas}
    # Teams before wards: it is teams that have shifts.
    names = {area.name for one in services.registry.boundaries().values() for area in one.areas}
    first = [choice for choice in suggested if choice.value in teams | names]
    return PlanForm(values, choices, [*first, *(choice for choice in suggested if choice not in first)])


def read_typed(values: Mapping[str, str]) -> TypedPlan | list[Problem]:
    """Return what was typed, or the fields that are no numbers."""
    problems = [Problem(name, "Give a whole number.") for name in _NUMBERS if not _is_number(values[name])]
    if problems:
        return problems
    lines = {name: tuple(line.strip() for line in values[name].splitlines() if line.strip()) for name in _LINES}
    words = {name: values[name] for name in ("team", "date", "shift", "mode", "station")}
    numbers = {name: int(values[name]) for name in _NUMBERS}
    return TypedPlan(**words, **lines, **numbers, run=values["run"] or "latest")  # type: ignore[arg-type]


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= _WIDEST


def problem_of(problem: GeoServiceError) -> Problem:
    """Return an error of ours beside the field that it concerns."""
    field = _NAMED.get(problem.field, problem.field)
    return Problem(field if field in FIELDS else "", problem.message)
