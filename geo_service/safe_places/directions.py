"""The way to a place as a short list of plain sentences."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeAlias

import numpy as np
import shapely

from geo_service.model.language import ENGLISH

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geo_service.model.cells import Floats
    from geo_service.model.language import Language

LINES: Final = 12
"""Sentences at most; what is left of a longer way is said as metres."""
LOOK_M: Final = 15.0
"""How far before and behind a corner its turn is measured: nearer, the drawing of a crossing decides."""
STRAIGHT_DEG: Final = 35.0
PATH_TURN_DEG: Final = 55.0
"""A path without a name that turns as sharply is said as another path."""
CROSSING_M: Final = 25.0
"""A nameless piece as short as this is a part of what comes before it: a crossing, the mouth of a street."""
AT_GOAL_M: Final = 5.0
_PATH_STEP_M: Final = 30.0
"""A part of a path that is shorter is not said on its own."""
_KILOMETRE_M: Final = 1000.0
_FINE_BELOW_M: Final = 100.0
Kind: TypeAlias = Literal["street", "path", "road", "steps"]
Turn: TypeAlias = Literal["first", "straight", "left", "right"]
Side: TypeAlias = Literal["left", "right", "ahead"]
_PATHS: Final = frozenset({"", "footway", "path", "cycleway", "bridleway", "track", "pedestrian", "corridor"})


@dataclass(frozen=True, slots=True)
class Step:
    """Hold one part of a way, along one street or path."""

    turn: Turn
    """From the part before; `first` for the first."""
    kind: Kind
    name: str
    """Of a street; empty for the others."""
    start_m: float
    """Along the way."""
    end_m: float

    @property
    def metres(self) -> float:
        """Return its length."""
        return self.end_m - self.start_m

    @property
    def along(self) -> tuple[Kind, str]:
        """Return what it goes along."""
        return self.kind, self.name


class _Run(NamedTuple):
    kind: Kind
    name: str
    start_m: float
    end_m: float
    left_m: float
    """Where it is left, before the crossing that follows."""


def directions(
    coords: Floats,
    names: Sequence[str],
    classes: Sequence[str] = (),
    *,
    goal: tuple[float, float] | None = None,
    language: Language = ENGLISH,
) -> tuple[str, ...]:
    """Say the way in at most LINES sentences; empty where there is no way of two points.

    coords, names, classes: as in `steps`. goal: the place itself, EPSG:27700, to say on which side it is; None where
    its position is not exact. language: of the sentences; street names stay as they are.
    """
    parts = steps(coords, names, classes)
    if not parts:
        return ()
    said = []
    for number, step in enumerate(parts[:LINES]):
        following = parts[number + 1].name if number + 1 < len(parts) else ""
        said.append(f"{_turn_words(step, following, language)} {_far_words(step.metres, language)}")
    if len(parts) > LINES:
        left_m = parts[-1].end_m - parts[LINES - 1].start_m
        goes_on = language.gettext("The way goes on from there.")
        said[-1] = f"{goes_on} {_far_words(left_m, language)}"
    side = None if goal is None else side_of(coords, goal)
    said[-1] = f"{said[-1]} {_goal_words(side, language)}"
    return tuple(said)


def steps(coords: Floats, names: Sequence[str], classes: Sequence[str] = ()) -> tuple[Step, ...]:
    """Cut a way into parts, one for each street; no two neighbours go along the same, but for paths that turn.

    coords: (k, 2) corners of the way in metres, EPSG:27700. names, classes: (k - 1) name of the street that each piece
    goes along, empty for a path without one, and its kind as OpenStreetMap writes it; no classes: all are paths.
    """
    if len(coords) < 2:  # noqa: PLR2004 - from somewhere to somewhere
        return ()
    line = shapely.LineString(coords)
    ends_m = np.cumsum(np.hypot(*np.diff(coords, axis=0).T)).tolist()
    pieces = [
        _Run(_kind(name, kind), name, start_m, end_m, end_m)
        for name, kind, start_m, end_m in zip(
            names, classes or [""] * len(names), [0.0, *ends_m[:-1]], ends_m, strict=True
        )
    ]
    runs = _joined(_without_crossings(_joined(pieces)))
    parts = [part for run in runs for part in (_at_turns(run, line, ends_m) if run.kind == "path" else [run])]
    turns = ["first", *(_turn(line, before.left_m, after) for before, after in pairwise(parts))]
    return tuple(Step(turn, *run[:4]) for turn, run in zip(turns, parts, strict=True))


def side_of(coords: Floats, goal: tuple[float, float]) -> Side:
    """Return on which side of the end of a way a place is, seen by who comes along it; `ahead` also on it."""
    line = shapely.LineString(coords)
    came = _heading(line, line.length - LOOK_M, line.length)
    beyond = np.asarray(goal, dtype=np.float64) - coords[-1]
    if math.hypot(*beyond) < AT_GOAL_M or abs(angle := _angle(came, beyond)) < STRAIGHT_DEG:
        return "ahead"
    return "left" if angle > 0 else "right"


def _kind(name: str, kind: str) -> Kind:
    if name:
        return "street"
    if kind == "steps":
        return "steps"
    return "path" if kind in _PATHS else "road"


def _joined(runs: Sequence[_Run]) -> list[_Run]:
    """Join neighbours that go along the same."""
    kept: list[_Run] = []
    for run in runs:
        if kept and kept[-1][:2] == run[:2]:
            kept[-1] = kept[-1]._replace(end_m=run.end_m, left_m=run.left_m)
        else:
            kept.append(run)
    return kept


def _without_crossings(runs: Sequence[_Run]) -> list[_Run]:
    """Count a short nameless piece between two others to the one before; steps are always said."""
    kept: list[_Run] = []
    for number, run in enumerate(runs):
        short = run.kind in {"path", "road"} and run.end_m - run.start_m <= CROSSING_M
        if short and 0 < number < len(runs) - 1:
            kept[-1] = kept[-1]._replace(end_m=run.end_m)
        else:
            kept.append(run)
    return kept


def _at_turns(run: _Run, line: shapely.LineString, corners_m: Sequence[float]) -> list[_Run]:
    """Cut a path where it turns sharply and goes on for a while before and behind."""
    parts = [run]
    for corner_m in corners_m:
        part = parts[-1]
        if not part.start_m + _PATH_STEP_M <= corner_m <= part.left_m - _PATH_STEP_M:
            continue
        after = part._replace(start_m=corner_m)
        if abs(_turned(line, corner_m, after)) >= PATH_TURN_DEG:
            parts[-1:] = [part._replace(end_m=corner_m, left_m=corner_m), after]
    return parts


def _turn(line: shapely.LineString, left_m: float, after: _Run) -> Turn:
    turned = _turned(line, left_m, after)
    if abs(turned) < STRAIGHT_DEG:
        return "straight"
    return "left" if turned > 0 else "right"


def _turned(line: shapely.LineString, left_m: float, after: _Run) -> float:
    """Return by how many degrees the way turns from where a part is left into the next, to the left positive."""
    came = _heading(line, left_m - LOOK_M, left_m)
    goes = _heading(line, after.start_m, min(after.start_m + LOOK_M, max(after.left_m, after.start_m + 1)))
    return _angle(came, goes)


def _heading(line: shapely.LineString, from_m: float, to_m: float) -> Floats:
    begins, ends = shapely.get_coordinates(line.interpolate([max(0.0, from_m), to_m]))
    heading: Floats = ends - begins
    return heading


def _angle(came: Floats, goes: Floats) -> float:
    cross, dot = came[0] * goes[1] - came[1] * goes[0], came[0] * goes[0] + came[1] * goes[1]
    return math.degrees(math.atan2(cross, dot))


def _turn_words(step: Step, following: str, language: Language) -> str:
    say = language.gettext
    if step.kind == "street":
        if step.turn == "first" and following:
            return say("Go along %(street)s towards %(next)s.", street=step.name, next=following)
        # Whole messages: in other languages the street's name changes with the words before it.
        return {
            "first": say("Go along %(street)s.", street=step.name),
            "straight": say("Go straight on into %(street)s.", street=step.name),
            "left": say("Turn left into %(street)s.", street=step.name),
            "right": say("Turn right into %(street)s.", street=step.name),
        }[step.turn]
    if step.kind == "path" and step.turn == "first" and following:
        return say("Go along a path towards %(next)s.", next=following)
    said = {
        ("path", "first"): say("Go along a path."),
        ("path", "straight"): say("Go straight on along a path."),
        ("path", "left"): say("Turn left onto a path."),
        ("path", "right"): say("Turn right onto a path."),
        ("road", "first"): say("Go along a road without a name."),
        ("road", "straight"): say("Go straight on into a road without a name."),
        ("road", "left"): say("Turn left into a road without a name."),
        ("road", "right"): say("Turn right into a road without a name."),
        ("steps", "first"): say("Take the steps."),
        ("steps", "straight"): say("Go straight on, along steps."),
        ("steps", "left"): say("Turn left, along steps."),
        ("steps", "right"): say("Turn right, along steps."),
    }
    return said[step.kind, step.turn]


def rounded_m(metres: float) -> int:
    """Round metres as they are said: to 10 below 100, else to 50."""
    step = 10 if metres < _FINE_BELOW_M else 50
    return max(10, round(metres / step) * step)


def _far_words(metres: float, language: Language) -> str:
    whole = rounded_m(metres)
    if whole < _KILOMETRE_M:
        return language.gettext("About %(metres)s metres.", metres=whole)
    return language.gettext("About %(kilometres)s kilometres.", kilometres=language.number(whole / _KILOMETRE_M))


def _goal_words(side: Side | None, language: Language) -> str:
    say = language.gettext
    if side is None:
        return say("The place is near there.")
    return {
        "left": say("The place is on the left."),
        "right": say("The place is on the right."),
        "ahead": say("The place is straight ahead."),
    }[side]
