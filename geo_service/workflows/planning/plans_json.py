"""Plans as JSON, and back: what their editable rows hold."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any

import numpy as np

from geo_service.model.clock import LONDON
from geo_service.model.layers import Provenance
from geo_service.model.patrol import (
    Commitment,
    Loop,
    PatrolPlan,
    PatrolRules,
    PlanRequest,
    PlanZone,
    Shift,
    Travel,
    Visit,
)
from geo_service.model.places import EastNorth

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from geo_service.model.access import Item


def to_content(plan: PatrolPlan, travel: Travel, made: dt.datetime) -> dict[str, object]:
    """Return a plan as the content of its row, with the travel times that every edit is checked by."""
    return to_facts(plan) | {"travel": _travel_facts(travel), "made": made.isoformat()}


def to_facts(plan: PatrolPlan) -> dict[str, object]:
    """Return a plan as JSON has it, without the number of its version."""
    said = {field.name: getattr(plan, field.name) for field in fields(plan) if field.name not in _NESTED}
    provenance = asdict(plan.provenance) | {"destroy_after": None, "parameters": dict(plan.provenance.parameters)}
    return _plain(said) | {
        "request": request_facts(plan.request),
        "zones": [_plain(asdict(zone)) for zone in plan.zones],
        "loops": [_plain(asdict(loop)) for loop in plan.loops],
        "provenance": provenance,
    }


_NESTED = frozenset({"version", "request", "zones", "loops", "provenance"})


def request_facts(request: PlanRequest) -> dict[str, Any]:
    """Return a request as JSON has it."""
    shift = {"start": request.shift.start.isoformat(), "minutes": request.shift.minutes}
    said = {field.name: getattr(request, field.name) for field in fields(request) if field.name != "shift"}
    rules = asdict(request.rules)
    commitments = [asdict(one) for one in request.commitments]
    return _plain(said | {"rules": rules, "commitments": commitments}) | {"shift": shift}


def _plain(said: Mapping[str, Any]) -> dict[str, Any]:
    """Return values with tuples as JSON's arrays, so that what is read back compares with what was written."""
    return {name: _listed(value) for name, value in said.items()}


def _listed(value: object) -> Any:  # noqa: ANN401 - whatever JSON holds
    return [_listed(each) for each in value] if isinstance(value, tuple | list) else value


def _travel_facts(travel: Travel) -> dict[str, object]:
    return {
        "minutes": np.asarray(travel.minutes).tolist(),
        "metres": np.asarray(travel.metres).tolist(),
        "by": travel.by,
        "notes": list(travel.notes),
    }


def plan_of(item: Item) -> PatrolPlan:
    """Read a plan back from its row."""
    said = dict(item.content)
    held = {field.name: said[field.name] for field in fields(PatrolPlan) if field.name in said}
    return PatrolPlan(
        **_tupled(held)
        | {
            "request": request_of(_mapping(said["request"])),
            "zones": tuple(_zone(zone) for zone in _rows(said["zones"])),
            "station": EastNorth(*_numbers(said["station"])),
            "loops": tuple(_loop(loop) for loop in _rows(said["loops"])),
            "provenance": Provenance(**_mapping(said["provenance"])),
            "version": item.version,
        }
    )


def travel_of(item: Item) -> Travel:
    """Read the travel times of a plan back from its row."""
    said = _mapping(item.content["travel"])
    return Travel(np.array(said["minutes"]), np.array(said["metres"]), said["by"], tuple(said["notes"]))


def made_at(item: Item) -> str:
    """Return when a plan was made, ISO 8601 in UTC."""
    return dt.datetime.fromisoformat(str(item.content["made"])).astimezone(dt.UTC).isoformat()


def shift_day(item: Item) -> dt.date:
    """Return the day on which the shift of a plan begins."""
    start = str(_mapping(_mapping(item.content["request"])["shift"])["start"])
    return dt.datetime.fromisoformat(start).astimezone(LONDON).date()


def request_of(said: Mapping[str, Any]) -> PlanRequest:
    """Read a request back."""
    shift = said["shift"]
    start = dt.datetime.fromisoformat(shift["start"]).astimezone(LONDON)
    return PlanRequest(
        **_tupled(said)
        | {
            "shift": Shift(start, shift["minutes"]),
            "rules": PatrolRules(**said["rules"]),
            "windows": tuple((key, text) for key, text in said["windows"]),
            "commitments": tuple(Commitment(**one) for one in said["commitments"]),
            "caps": tuple((key, most) for key, most in said["caps"]),
        }
    )


def _zone(said: Mapping[str, Any]) -> PlanZone:
    windows = tuple((start, end) for start, end in said["windows"])
    return PlanZone(**{**said, "at": EastNorth(*said["at"]), "windows": windows})


def _loop(said: Mapping[str, Any]) -> Loop:
    return Loop(**_tupled(said) | {"visits": tuple(Visit(**visit) for visit in said["visits"])})


def _tupled(said: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in said.items()}


def _mapping(value: object) -> dict[str, Any]:
    assert isinstance(value, dict)  # noqa: S101 - it was written here
    return value


def _rows(value: object) -> Sequence[Mapping[str, Any]]:
    assert isinstance(value, list)  # noqa: S101 - it was written here
    return value


def _numbers(value: object) -> Sequence[float]:
    assert isinstance(value, list)  # noqa: S101 - it was written here
    return value
