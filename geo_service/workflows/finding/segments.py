"""Answer a question street segment by street segment, beside the cells."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from geo_service import overlay, spatial
from geo_service.errors import QueryError
from geo_service.model.access import CONSULTATION
from geo_service.model.asked import Asked
from geo_service.model.layers import FeatureTable, LayerStyle, Provenance
from geo_service.workflows import streets, words
from geo_service.workflows.finding import hotspots
from geo_service.workflows.importing.harm_tables import ambiguous_notes, without_ambiguous

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geo_service.model.cells import Floats
    from geo_service.model.hotspots import HotspotQuery
    from geo_service.workflows.finding.hotspots import Question
    from geo_service.workflows.services import Services
    from geo_service.workflows.streets import Along

STYLE = LayerStyle(shape="line", colour="#d4351c")
_TOTAL = "total"
_PARTS = 1e-9
"""Slack on the share of the length."""


@dataclass(frozen=True, slots=True)
class SegmentAnswer:
    """Hold the segments of an area, fullest first, and what the best of them hold."""

    table: FeatureTable
    """The best segments."""
    sentence: str
    segments: int
    """Segments of the area."""
    beyond: int
    """Incidents farther than `streets.WITHIN_M` from every segment."""


def segment_answer(services: Services, query: HotspotQuery, *, looked: bool = True) -> SegmentAnswer:
    """Rank street segments by what lies nearest to them; the best are those of so much of the street's length.

    query.area_share: share of the length of the segments. looked: whether somebody looks at it and takes nothing along,
    which is recorded here. Raises QueryError (field `unit`) where no streets are loaded, (field `statistic`) where
    another statistic than `total` was asked for, and as `hotspots.look_up`.
    """
    if query.statistic not in (_TOTAL, Asked.statistic):
        raise QueryError(
            "Street segments are ranked by their total alone",
            found=query.statistic,
            do="Leave --statistic out, or ask for cells",
            field="statistic",
        )
    question = hotspots.look_up(services, replace(query, statistic=_TOTAL))
    cells = spatial.cover(overlay.area_geometry(question.area), question.query.resolution)
    found = streets.along(services, question, cells)
    if found is None:
        raise QueryError(
            "No streets are loaded there",
            found=question.area.name,
            do="Import them: `geo-service import basemap FILE` or `geo-service import layer streets FILE`",
            field="unit",
        )
    amount, events = _amounts(question, found)
    order = np.lexsort((np.arange(len(amount)), -events, -amount))
    best = order[_within(found.length_m[order], query.area_share) & (events[order] > 0)]
    sentence = _sentence(question, found, amount, best)
    if looked:
        parameters = {**question.query.parameters(), "unit": "segment"}
        services.store.record(f"{CONSULTATION}: hotspots", "the best street segments", parameters)
    table = _table(services, question, found, best, amount, events, sentence)
    return SegmentAnswer(table, sentence, len(amount), found.beyond)


def _amounts(question: Question, found: Along) -> tuple[Floats, Floats]:
    """Return the measure and the incidents of each segment."""
    weights = question.weights if question.query.measure == "harm" else None
    counts, worth = found.kinds(question, weights)
    return (counts * worth[:, None]).sum(axis=0).astype(np.float64), counts.sum(axis=0).astype(np.float64)


def _within(length_m: Floats, share: float) -> NDArray[np.bool_]:
    """Tell which segments, best first, fit in a share of the whole length; at least the first one."""
    fits: NDArray[np.bool_] = np.cumsum(length_m) <= share * length_m.sum() + _PARTS
    fits[:1] = True
    return fits


def _sentence(question: Question, found: Along, amount: Floats, best: NDArray[np.int64]) -> str:
    length = 100 * found.length_m[best].sum() / found.length_m.sum()
    held = 100 * amount[best].sum() / (amount.sum() or float("nan"))
    weights = question.weights
    what = "events" if question.query.measure == "count" or weights is None else weights.label
    return (
        f"{length:.1f} % of the street length of {question.area.name}, {len(best):,} of {len(amount):,} segments, "
        f"holds {held:.1f} % of the {what} ({question.query.period}, in-sample)."
    )


def _table(  # noqa: PLR0913, PLR0917 - the parts of one table
    services: Services,
    question: Question,
    found: Along,
    best: NDArray[np.int64],
    amount: Floats,
    events: Floats,
    sentence: str,
) -> FeatureTable:
    query, area = question.query, question.area
    rows = found.line[best].rename({"id": "line"})
    rows = rows.select(
        pl.concat_str("line", pl.lit("."), pl.Series(best.astype(np.str_))).alias("id"),
        pl.Series("rank", np.arange(1, len(best) + 1)),
        "name",
        "class",
        pl.Series("events", events[best].astype(np.int64)),
        pl.Series("length_m", found.length_m[best].round(1)),
        pl.Series("events_per_100_m", (events[best] / np.maximum(found.length_m[best], 1) * 100).round(1)),
    )
    if query.measure == "harm" and question.weights is not None:
        rows = rows.with_columns(pl.Series("harm", amount[best]), pl.lit(question.weights.label).alias("harm_label"))
    missing = tuple(month for month in query.period if month not in set(question.cube.months_loaded(query.period)))
    notes = words.notes_of(
        services, question.snapshot, area, question.offence_set, without_ambiguous(question.weights), 0, missing,
        question.cube.lacking(query.period),
    )  # fmt: skip
    beyond = f"Farther than {streets.WITHIN_M:g} m from every street, and in no segment: {found.beyond:,} incidents."
    return FeatureTable(
        id="hotspot-segments",
        title=f"Street segments of {area.name}, {query.period}",
        rows=rows,
        geometry=found.lonlat[best],
        provenance=Provenance(
            data_version=question.snapshot.version,
            data_to=str(question.snapshot.months()[-1]),
            parameters={
                **query.parameters(),
                "unit": "segment",
                "area share": f"{query.area_share * 100:g} % of length",
            },
            demonstration=services.demonstration,
        ),
        licences=tuple(dict.fromkeys([*words.licences_of(services, question.snapshot, area), *found.licences])),
        notes=(
            sentence,
            beyond,
            *(note for note in notes if not note.startswith("In-sample")),  # it speaks of cells; the sentence says it
            *words.proactive_notes(question.offence_set, proactive=query.proactive),
            *ambiguous_notes(question.weights, question.cube, query.period, area.members),
        ),
        style=STYLE,
    )
