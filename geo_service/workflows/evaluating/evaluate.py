"""Flow B for what was done: treated places beside comparison places, before and after."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from geo_service import harm
from geo_service.errors import QueryError
from geo_service.evaluation import before_after, gaps, wdd
from geo_service.model.evaluation import finite
from geo_service.model.layers import FeatureTable, LayerStyle, Provenance
from geo_service.model.periods import Period
from geo_service.workflows import words
from geo_service.workflows.evaluating import evaluation_words
from geo_service.workflows.evaluating.evaluation_places import sides_of
from geo_service.workflows.finding import runs
from geo_service.workflows.importing.harm_tables import harm_tables

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geo_service.evaluation.before_after import Contrast
    from geo_service.evaluation.wdd import DisplacementDifference
    from geo_service.model.cells import Floats
    from geo_service.model.evaluation import EvaluationQuery
    from geo_service.workflows.evaluating.evaluation_places import Sides
    from geo_service.workflows.services import Services

KIND = "evaluation"
PLACES = ("treated", "comparison", "treated ring", "comparison ring")


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Answer an EvaluationQuery."""

    id: str
    query: EvaluationQuery
    title: str
    counts: Mapping[str, tuple[int, ...]]
    """Incidents of each of PLACES in each phase."""
    harms: Mapping[str, tuple[float, ...]] | None
    harm_label: str | None
    contrasts: tuple[Contrast, ...]
    """Each later phase beside the one before, rings left out."""
    differences: Mapping[str, DisplacementDifference]
    """Of each later phase, rings included."""
    harm_differences: Mapping[str, DisplacementDifference] | None
    notes: tuple[str, ...]
    licences: tuple[str, ...]
    provenance: Provenance

    @property
    def facts(self) -> dict[str, object]:
        """Return what JSON can hold."""
        found: dict[str, object] = finite(self._facts())
        return found

    def _facts(self) -> dict[str, object]:
        harm_facts = None if self.harm_differences is None else {k: asdict(v) for k, v in self.harm_differences.items()}
        return {
            "id": self.id,
            "title": self.title,
            "sentences": evaluation_words.sentences(self),
            "counts": self.counts,
            "harms": self.harms,
            "harm_label": self.harm_label,
            "contrasts": [
                asdict(each) | {"change": each.change, "comparison_change": each.comparison_change}
                for each in self.contrasts
            ],
            "weighted_displacement_difference": {name: asdict(each) for name, each in self.differences.items()},
            "weighted_displacement_difference_harm": harm_facts,
            "notes": self.notes,
            "licences": self.licences,
            "provenance": asdict(self.provenance),
            "parameters": dict(self.provenance.parameters),
        }


def evaluate(services: Services, query: EvaluationQuery) -> Evaluation:
    """Set treated places beside comparison places, and keep the answer.

    Raises QueryError where a month is missing, the periods lie on both sides of the anchor change of data.police.uk or
    the places overlap; NotFoundError for an unknown place.
    """
    snapshot = services.store.snapshot(query.as_of)
    sets = services.registry.offence_sets()
    if query.offence_set not in sets:
        raise QueryError(
            "Unknown offence set", found=query.offence_set, do=f"Use one of {', '.join(sets)}", field="offences"
        )
    if not snapshot.months():
        raise QueryError("No incidents are loaded", do="Import some first", field="before")
    sides = sides_of(services, snapshot, query)
    cube = sides.cube
    has_anchors = words.POLICE_UK in snapshot.sources()
    span = Period(query.before.first, query.phases[-1][1].last)
    known = {month for month in span if cube.is_held_alike(month, span)}
    gaps.refuse_parted(query.phases, known, [gaps.ANCHORS] if has_anchors else [])
    groups = harm.select(cube.groups, sets[query.offence_set])
    weights = harm.choose_weights(
        cube.groups,
        measure="count",
        proxy=query.proxy,
        harm_table=query.harm_table,
        tables=harm_tables(services, snapshot),
        proxies=services.registry.proxies(),
        selected=groups,
    )
    counted = _counts(sides, query, groups)
    days = None if weights is None else np.asarray(weights.days)
    lengths = [float(len(period)) for _, period in query.phases]
    names = [name for name, _ in query.phases]
    contrasts = before_after.contrasts(
        names, lengths, counted["treated"], counted["comparison"], days=days, level=query.level
    )
    differences = _differences(counted, names, lengths, query.level, None)
    few = any(each.few for each in differences.values())
    unlocated = 0
    for _, period in query.phases:
        unlocated += int(cube.window(period)[groups[cube.group] & (cube.cell == 0)].sum())
    notes = words.notes_of(
        services, snapshot, sides.area, sets[query.offence_set], weights, unlocated, (), cube.lacking(span)
    )
    sight = services.principal.areas
    parameters = dict(query.parameters()) | ({} if weights is None else {"harm table": weights.table})
    made = Evaluation(
        id=_digest(parameters, snapshot.version, sight and sorted(sight)),
        query=query,
        title=f"{query.treated} beside {query.comparison}, {query.before} and after",
        counts={place: tuple(map(int, held.sum(axis=0))) for place, held in counted.items()},
        harms=None if days is None else {
            place: tuple(map(float, (held * days[:, None]).sum(axis=0))) for place, held in counted.items()
        },
        harm_label=None if weights is None else weights.label,
        contrasts=contrasts,
        differences=differences,
        harm_differences=None if days is None else _differences(counted, names, lengths, query.level, days),
        notes=(
            *evaluation_words.cautions(query, sides.contested, contrasts, few=few),
            *((evaluation_words.OWN_RINGS,) if query.ring_m and sight is not None else ()),
            *(note for note in notes if not note.startswith("In-sample")),
        ),
        licences=words.licences_of(services, snapshot, sides.area),
        provenance=Provenance(
            data_version=snapshot.version,
            data_to=str(snapshot.months()[-1]),
            parameters=parameters,
            demonstration=services.demonstration,
        ),
    )  # fmt: skip
    payload = {name: value for name, value in made.facts.items() if name != "id"}
    runs.save_analysis(services.store, KIND, made.id, payload, snapshot.version, sides.area)
    return made


def _digest(*parts: object) -> str:
    return hashlib.sha256(json.dumps(parts, default=str, sort_keys=True).encode()).hexdigest()[:8]


def _counts(
    sides: Sides, query: EvaluationQuery, groups: np.ndarray[tuple[int], np.dtype[np.bool_]]
) -> dict[str, Floats]:
    """Count by offence group and phase (k, f) in each of PLACES."""
    cube, size = sides.cube, sides.cube.groups.height
    wanted = groups[cube.group]
    held = (sides.treated, sides.comparison, sides.ring_treated, sides.ring_comparison)
    windows = [cube.window(period).astype(np.float64) for _, period in query.phases]
    return {
        place: np.column_stack(
            [
                np.bincount(cube.group[rows & wanted], weights=window[rows & wanted], minlength=size)
                for window in windows
            ]
        )
        for place, rows in zip(PLACES, held, strict=True)
    }


def _differences(
    counted: Mapping[str, Floats], names: list[str], lengths: list[float], level: float, days: Floats | None
) -> dict[str, DisplacementDifference]:
    found = {}
    for at, name in enumerate(names[1:], start=1):
        places = wdd.Places.of(*(counted[place][:, [0, at]] for place in PLACES))
        length = (lengths[0], lengths[at])
        weigh = 1.0 if days is None else days
        found[name] = wdd.displacement_difference(places, days=weigh, lengths=length, level=level)
    return found


def table(made: Evaluation) -> FeatureTable:
    """Return a row for each place and phase, with what each phase shows in the rows of the treated places."""
    rows: list[dict[str, object]] = []
    for at, (phase, period) in enumerate(made.query.phases):
        contrast = next((each for each in made.contrasts if each.phase == phase), None)
        difference, of_harm = made.differences.get(phase), (made.harm_differences or {}).get(phase)
        for place in PLACES:
            shown = place == "treated" and contrast is not None and difference is not None
            rows.append(
                {
                    "id": f"{place}/{phase}",
                    "place": place,
                    "phase": phase,
                    "period": str(period),
                    "months": len(period),
                    "incidents": made.counts[place][at],
                    "harm": None if made.harms is None else made.harms[place][at],
                    "harm_label": made.harm_label,
                    "wdd": difference.estimate if shown and difference else None,
                    "wdd_low": difference.low if shown and difference else None,
                    "wdd_high": difference.high if shown and difference else None,
                    "wdd_p": difference.p if shown and difference else None,
                    "wdd_harm": of_harm.estimate if shown and of_harm else None,
                    "wdd_harm_low": of_harm.low if shown and of_harm else None,
                    "wdd_harm_high": of_harm.high if shown and of_harm else None,
                    "relative_rate": contrast.ratio if shown and contrast else None,
                    "relative_rate_low": contrast.low if shown and contrast else None,
                    "relative_rate_high": contrast.high if shown and contrast else None,
                }
            )
    numbers = ("harm", *(name for name in rows[0] if name.startswith(("wdd", "relative"))))
    frame = pl.DataFrame(rows, schema_overrides={"harm_label": pl.String, **dict.fromkeys(numbers, pl.Float64)})
    return FeatureTable(
        id="evaluation",
        title=made.title,
        rows=frame,
        geometry=np.full(frame.height, None, dtype=object),
        provenance=made.provenance,
        licences=made.licences,
        notes=(*evaluation_words.sentences(made), *made.notes),
        style=LayerStyle(shape="none", colour="#505a5f"),
    )
