"""Flow B: from a question to hotspots, cell by cell."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from geo_service import harm, hotspots, overlay, spatial
from geo_service.errors import QueryError
from geo_service.model.access import CONSULTATION
from geo_service.model.cells import UNLOCATED
from geo_service.model.hotspots import HotspotSurface
from geo_service.model.layers import Provenance
from geo_service.model.periods import Period
from geo_service.workflows import words
from geo_service.workflows.answers import key_of
from geo_service.workflows.finding.points import points_of
from geo_service.workflows.importing.denominators import KM2, denominator_of
from geo_service.workflows.importing.harm_tables import ambiguous_notes, harm_tables, without_ambiguous

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from numpy.typing import NDArray

    from geo_service.model.boundaries import Area
    from geo_service.model.cells import Cube, Floats
    from geo_service.model.hotspots import Held, HotspotQuery
    from geo_service.model.offences import OffenceSet, Weights
    from geo_service.model.periods import Month
    from geo_service.model.ports import Snapshot
    from geo_service.model.surfaces import Observed, Surface
    from geo_service.workflows.importing.denominators import Apportioned
    from geo_service.workflows.services import Services

_WITHIN_CELLS: Final = frozenset({"total", "rate", "recent", "shrunk"})
"""Statistics that look at no neighbour."""
_SIGHT: Final = (
    "Nothing beyond your own areas is looked at, so near their border this statistic may rank cells otherwise than for "
    "those who see more."
)


@dataclass(frozen=True, slots=True)
class Question:
    """Hold a question with everything that it names looked up."""

    query: HotspotQuery
    snapshot: Snapshot
    area: Area
    offence_set: OffenceSet
    cube: Cube
    groups: NDArray[np.bool_]
    """Offence groups that the set takes."""
    weights: Weights | None


def look(services: Services, query: HotspotQuery) -> HotspotSurface:
    """Answer a question for somebody who looks at it and takes nothing along; record that (raises as `ask` does)."""
    found = ask(services, query)
    services.store.record(f"{CONSULTATION}: hotspots", "the best cells", dict(found.provenance.parameters))
    return found


def ask(services: Services, query: HotspotQuery) -> HotspotSurface:
    """Answer a question cell by cell; the last answers are kept (see `answers`), for whoever may ask for them again.

    Raises QueryError for a parameter that cannot be answered, NotFoundError for an unknown boundary or set.
    """
    question = look_up(services, query)
    key = key_of(question.query, question.area, services.principal)
    found = services.answers.get(key)
    if found is None:
        found = answer(services, question)[0]
        services.answers.keep(key, found)
    return found


def look_up(services: Services, query: HotspotQuery) -> Question:
    """Look up everything that a question names; raise QueryError or NotFoundError."""
    snapshot = services.store.snapshot(query.as_of)
    if not snapshot.months():
        raise QueryError(
            "No incidents are loaded",
            do="Import some first: `geo-service import incidents PATH`"
            if query.as_of is None
            else f"Version {query.as_of} is from before they came: ask a later one, see `geo-service versions`",
            field="from" if query.as_of is None else "as_of",
        )
    sets = services.registry.offence_sets()
    _refuse_unknown("statistic", query.statistic, hotspots.statistics())
    _refuse_unknown("offence_set", query.offence_set, sets)
    area = snapshot.area(query.boundary, boundary_set=query.boundary_set, on=query.period.last.last_day)
    cube = snapshot.cube(query.resolution, area.boundary_set.id)
    groups = harm.select(cube.groups, sets[query.offence_set], proactive=query.proactive)
    weights = harm.choose_weights(
        cube.groups,
        measure=query.measure,
        proxy=query.proxy,
        harm_table=query.harm_table,
        tables=harm_tables(services, snapshot),
        proxies=services.registry.proxies(),
        selected=groups,
        score=query.harm_score,
        proactive=query.proactive,
    )
    # Filled in, so that the same question can be asked again when newer data and sets are there.
    asked = replace(query, as_of=snapshot.version, boundary_set=area.boundary_set.id)
    return Question(asked, snapshot, area, sets[query.offence_set], cube, groups, weights)


def _refuse_unknown(field: str, found: str, known: Collection[str]) -> None:
    if found not in known:
        raise QueryError(
            f"Unknown {field.replace('_', ' ')}", found=found, do=f"Use one of {', '.join(known)}", field=field
        )


def answer(services: Services, question: Question) -> tuple[HotspotSurface, Observed]:
    """Return the answer, and what the statistic looked at."""
    query, weights = question.query, question.weights
    observe = _observer(question)
    table = observe.table
    days = None if weights is None else np.asarray(weights.days)
    counted = _denominator(question, observe)
    observed, surface, events, chosen = _rank(question, observe, days, counted)
    harm_inside = None if days is None else observe.inside(query.period, days)
    change: tuple[str, ...] = ()
    if query.proactive and question.offence_set.proactive:
        groups = harm.select(question.cube.groups, question.offence_set)
        without = _rank(replace(question, groups=groups), replace(observe, groups=groups), days, counted)
        change = words.change_notes(chosen, without[-1])
    unlocated, missing = _unlocated(question), _missing(question.cube, query.period)
    lacking = question.cube.lacking(query.period)
    in_sample = hotspots.held(chosen, period=query.period, events=events, covered_m2=table.covered_m2, harm=harm_inside)
    return (
        HotspotSurface(
            query=query,
            area=question.area,
            table=table,
            events=events,
            harm=harm_inside,
            harm_label=None if weights is None else weights.label,
            surface=surface,
            chosen=chosen,
            in_sample=in_sample,
            after=_afterwards(observe, query.period, days, chosen),
            located=int(events.sum()),
            unlocated=unlocated,
            months_missing=missing,
            provenance=Provenance(
                data_version=question.snapshot.version,
                data_to=str(question.snapshot.months()[-1]),
                parameters=_parameters(query, weights),
                demonstration=services.demonstration,
            ),
            licences=words.licences_of(services, question.snapshot, question.area)
            + (() if counted is None else counted.licences),
            notes=surface.notes
            + _sight_notes(services, query)
            + words.notes_of(
                services,
                question.snapshot,
                question.area,
                question.offence_set,
                without_ambiguous(weights),
                unlocated,
                missing,
                lacking,
            )
            + words.proactive_notes(question.offence_set, proactive=query.proactive)
            + change
            + ambiguous_notes(weights, question.cube, query.period, question.area.members)
            + (() if counted is None else counted.notes),
        ),
        observed,
    )


def _rank(
    question: Question, observe: hotspots.Observer, days: Floats | None, counted: Apportioned | None
) -> tuple[Observed, Surface, Floats, NDArray[np.bool_]]:
    """Return what the statistic looked at, its surface, the incidents in each cell, and the best cells."""
    query, statistic = question.query, hotspots.statistics()[question.query.statistic]
    observed = observe(query.period, days if query.measure == "harm" else None)
    if counted is not None:
        observed = replace(observed, denominator=counted.values)
    if "points" in statistic.NEEDS:
        observed = replace(observed, points=points_of(question, observed))
    events, table = observe.inside(query.period), observe.table
    surface = statistic.surface(observed, query.tuning)
    return (
        observed,
        surface,
        events,
        hotspots.choose(surface.score, events, table.covered_m2, table.cells, query.area_share),
    )


def _sight_notes(services: Services, query: HotspotQuery) -> tuple[str, ...]:
    """Say that the neighbours beyond somebody's areas are not looked at, where the statistic would look at them."""
    limited = services.principal.areas is not None and query.statistic not in _WITHIN_CELLS
    return (_SIGHT,) if limited else ()


def _observer(question: Question) -> hotspots.Observer:
    """Lay the cells of the area, a halo around them, and the graph over both."""
    query, area = question.query, question.area
    table = spatial.cover(overlay.area_geometry(area), query.resolution)
    halo = spatial.halo(table.cells, _halo_steps(query))
    cells = np.concatenate([table.cells, halo])
    indptr, indices = spatial.neighbours(cells, query.tuning.ring)
    return hotspots.Observer(
        cube=question.cube,
        table=table,
        halo=halo,
        area_m2=spatial.cell_areas_m2(cells),
        east_north_m=np.column_stack(spatial.to_grid(*spatial.cell_centres(cells))),
        indptr=indptr,
        indices=indices,
        members=area.members,
        groups=question.groups,
    )


def _denominator(question: Question, observe: hotspots.Observer) -> Apportioned | None:
    """Share the denominator that the statistic needs out over the cells; None where it needs none."""
    query = question.query
    if "denominator" not in hotspots.statistics()[query.statistic].NEEDS or query.tuning.per == KM2:
        return None
    return denominator_of(question.snapshot, question.area, observe.table, len(observe.halo), query.tuning.per)


def _halo_steps(query: HotspotQuery) -> int:
    """Return how many steps of cells around the area the statistic looks at."""
    reach_m = hotspots.statistics()[query.statistic].REACH_M
    return max(query.tuning.ring, math.ceil(reach_m / spatial.least_step_m(query.resolution)))


def _unlocated(question: Question) -> int:
    """Count the incidents of the set and period, of the whole data, without a position."""
    cube = question.cube
    counts = cube.window(question.query.period)
    return int(counts[question.groups[cube.group] & (cube.cell == UNLOCATED)].sum())


def _parameters(query: HotspotQuery, weights: Weights | None) -> Mapping[str, str]:
    tuning = query.tuning.parameters(hotspots.statistics()[query.statistic].TUNED_BY)
    return {**query.parameters(), **tuning} | ({} if weights is None else {"harm table": weights.table})


def _missing(cube: Cube, period: Period) -> tuple[Month, ...]:
    loaded = set(cube.months_loaded(period))
    return tuple(month for month in period if month not in loaded)


def _afterwards(
    observe: hotspots.Observer, period: Period, days: Floats | None, chosen: NDArray[np.bool_]
) -> Held | None:
    """Say what the chosen cells held in the months right after the period, at most as many as it has.

    Only months that all sources of the period hold: fewer sources would find fewer incidents in the same cells.
    """
    cube = observe.cube
    after = [period.last + 1]
    while len(after) < len(period) and cube.is_held_alike(after[-1] + 1, period):
        after.append(after[-1] + 1)
    if not cube.is_held_alike(after[0], period):
        return None
    later = Period(after[0], after[-1])
    weighed = None if days is None else observe.inside(later, days)
    return hotspots.held(
        chosen, period=later, events=observe.inside(later), covered_m2=observe.table.covered_m2, harm=weighed
    )
