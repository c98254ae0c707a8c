"""Edits of one plan by two at once: of each pair made on one version one is applied, the other is told why not."""

from __future__ import annotations

import datetime as dt
import multiprocessing
import random
import tempfile
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from faults.acts import Clock
from faults.counts import Counts
from geo_service import patrol
from geo_service.errors import ConflictError, LostRaceError, QueryError
from geo_service.model.access import OPERATOR, Principal
from geo_service.model.layers import Provenance
from geo_service.model.patrol import PATROL_PLAN, PatrolPlan, PlanRequest, PlanZone, Shift
from geo_service.model.places import EastNorth
from geo_service.store import ScopeShelf, StoreRepository, open_store
from geo_service.workflows.planning import plan_keeping

if TYPE_CHECKING:
    from multiprocessing.synchronize import Barrier

    from faults.cluster import Cluster
    from geo_service.model.patrol import Travel
    from geo_service.patrol import Change
    from geo_service.store import DiskStore

_SPAWNING = multiprocessing.get_context("forkserver")
_SPAWNING.set_forkserver_preload([__name__, "geo_service.store.sqlite", "geo_service.store.postgres"])
_PLAN: Final = "0badcafe"
_LONGEST_WAIT_S: Final = 120
_start: Barrier | None = None


class Sent(NamedTuple):
    """Say what became of one edit."""

    change: Change
    version: int
    """The version that it made; 0 where it was refused."""
    words: str = ""
    """What the plan says of it, as it was acknowledged."""
    wrong: str = ""
    by_rule: bool = False


@dataclass(frozen=True)
class _Job:
    data_dir: Path
    url: str
    rounds: int
    seed: int


def plan_collisions(rounds: int, seed: int, cluster: Cluster | None = None) -> Counts:
    """Let two edit the same version of a plan at once, round after round; look afterwards for every acknowledged edit.

    What is applied must stand in the plan's `edits` at its version, and all of it together, done again one after the
    other, must make the plan that is kept; who is refused must be told what the other one changed.
    """
    counts = Counts(f"plan edits by two at once on {'PostgreSQL' if cluster else 'SQLite'}, {rounds} rounds")
    with tempfile.TemporaryDirectory(prefix="plan-edits-") as folder:
        job = _Job(Path(folder) / "data", cluster.new_database() if cluster else "", rounds, seed)
        first, travel = a_plan()
        with open_store(job.data_dir, Clock(), job.url) as store:
            services = _services(store, "first")
            plan_keeping.keep(services, first, travel)
            with _SPAWNING.Pool(2, _meet_at, [_SPAWNING.Barrier(2)]) as pool:
                sent = [one for some in pool.map(partial(_send, job), range(2), 1) for one in some]
            for one in sent:
                outcome = "applied" if one.version else "against a rule" if one.by_rule else "refused"
                counts.note(outcome, one.wrong or None)
            counts.wrong += _lost(first, travel, plan_keeping.find_plan(services, _PLAN), sent)
            events = sum(event.act.endswith(f"{PATROL_PLAN} changed") for event in store.events(None))
            if events != counts.outcomes["applied"]:
                counts.wrong.append(f"{counts.outcomes['applied']} were applied, {events} written down")
            if len(sent) != 2 * rounds:
                counts.wrong.append(f"{2 * rounds} were sent, {len(sent)} answered")
            counts.wrong += store.check()
    return counts


def _lost(first: PatrolPlan, travel: Travel, held: PatrolPlan, sent: list[Sent]) -> list[str]:
    """Return in words where the plan is not what the applied edits together make of it."""
    applied = sorted((one for one in sent if one.version), key=lambda one: one.version)
    wrong = []
    if [one.version for one in applied] != list(range(2, len(applied) + 2)) or held.version != len(applied) + 1:
        wrong.append("two edits made one version, or none made it")
    if [one.words for one in applied] != list(held.edits):
        wrong.append(f"{len(applied)} edits were acknowledged, and the plan tells others: {len(held.edits)}")
    done = first
    try:
        for one in applied:
            done = patrol.edit(done, one.change, travel)
    except QueryError as problem:
        wrong.append(f"the acknowledged edits cannot be made one after the other: {problem.message}")
    if replace(done, version=held.version) != held:
        wrong.append("the plan is not what the acknowledged edits make of it")
    return wrong


def a_plan() -> tuple[PatrolPlan, Travel]:
    """Return an invented plan of a late shift, and the travel times of its places."""
    shift = Shift.asked(dt.date(2026, 10, 23), "15:00-23:00")
    request = PlanRequest("TEAM", shift, officers=6)
    zones = tuple(
        PlanZone(f"zone{number}", number, f"Street {number}", EastNorth(400_000 + 300 * number, 200_000), 5 - number,
                 ((0, shift.minutes),))
        for number in (1, 2, 3, 4)
    )  # fmt: skip
    station = EastNorth(400_700, 200_200)
    travel = patrol.travel([station, *(zone.at for zone in zones)], None, request.rules)
    solved = patrol.solve(zones, request.crews, shift.minutes, request.rules, travel, seed=1)
    made = PatrolPlan(
        id=_PLAN,
        request=request,
        team_code="TEAM",
        team_name="Invented team",
        boundary_set="wards",
        members=("W1",),
        run="00000000",
        zones=zones,
        station=station,
        station_name="Parade room",
        loops=solved.loops,
        travel_by=travel.by,
        harm_minutes=solved.harm_minutes,
        unkept=solved.unkept,
        provenance=Provenance(1, "2026-09", {}, seed=1),
    )
    return made, travel


def _services(store: DiskStore, name: str) -> Any:  # noqa: ANN401 - as much of the services as plans need
    repository = StoreRepository(store, Principal(name, OPERATOR), Clock(), ScopeShelf({}))
    return SimpleNamespace(store=repository, now=Clock(), principal=repository.principal)


def _meet_at(barrier: Barrier) -> None:
    global _start  # noqa: PLW0603 - a worker is given it once, when it is made
    _start = barrier


def _send(job: _Job, worker: int) -> list[Sent]:
    """Edit the plan, round after round, each time on the version that both have read."""
    assert _start is not None  # noqa: S101 - given when the worker was made
    chance = random.Random(job.seed + worker)
    sent = []
    with open_store(job.data_dir, Clock(), job.url) as store:
        services = _services(store, f"worker {worker}")
        travel = a_plan()[1]
        for _ in range(job.rounds):
            _start.wait(_LONGEST_WAIT_S)
            read = plan_keeping.find_plan(services, _PLAN)
            _start.wait(_LONGEST_WAIT_S)
            sent.append(_edit(services, read, _change(read, travel, chance)))
    return sent


def _change(read: PatrolPlan, travel: Travel, chance: random.Random) -> Change:
    """Choose a change that the plan allows, lock or unlock if no other is found soon."""
    for _ in range(3):
        one, other = chance.sample(read.visits, 2)
        kind = chance.choice(["swap", "move", "lock"])
        minute = max(one.start_min + chance.choice([-10, -5, 5, 10]), 0)
        change = {
            "swap": lambda: patrol.Change("swap", one.id, other.id),  # noqa: B023 - called at once
            "move": lambda: patrol.Change("move", one.id, start=read.request.shift.clock(minute)),  # noqa: B023
            "lock": lambda: patrol.Change("unlock" if one.locked else "lock", one.id),  # noqa: B023
        }[kind]()
        try:
            patrol.edit(read, change, travel)
        except QueryError:
            continue
        return change
    visit = chance.choice(read.visits)
    return patrol.Change("unlock" if visit.locked else "lock", visit.id)


def _edit(services: Any, read: PatrolPlan, change: Change) -> Sent:  # noqa: ANN401 - see `_services`
    try:
        made = plan_keeping.edit_plan(services, read.id, change, version=read.version)
    except LostRaceError as lost:
        now = plan_keeping.find_plan(services, read.id)
        told = lost.changed and now.edits[read.version - 1 :] and now.edits[read.version - 1] in lost.what
        return Sent(change, 0, wrong="" if told else f"refused without saying what changed: {lost.message}")
    except QueryError:
        return Sent(change, 0, by_rule=True)
    except ConflictError:  # it waited too long for its turn
        return Sent(change, 0)
    return Sent(change, made.version, made.edits[-1])
