"""From a question to which statistics held, kept so that it can be asked again when there are more months."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from geo_service import hotspots, spatial
from geo_service.errors import QueryError
from geo_service.hotspots.backtesting.backtest import FineZones, Plan, backtest
from geo_service.hotspots.backtesting.origins import lay_origins
from geo_service.hotspots.backtesting.scores import REFERENCE
from geo_service.hotspots.zones.budget import ZoneFiller
from geo_service.model.backtests import BacktestQuery
from geo_service.model.hotspots import HotspotQuery
from geo_service.model.layers import Provenance
from geo_service.model.periods import Month, Period, month_words
from geo_service.workflows import views, words
from geo_service.workflows.finding import runs
from geo_service.workflows.finding.hotspots import look_up
from geo_service.workflows.validating import backtest_words
from geo_service.workflows.validating.backtest_report import BacktestReport, line_from_json

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from geo_service.hotspots.backtesting.origins import Origins
    from geo_service.model.cells import CellTable
    from geo_service.model.ports import Progress
    from geo_service.workflows.finding.hotspots import Question
    from geo_service.workflows.services import Services

KIND: Final = "backtest"
_MOST_ORIGINS: Final = 9_999
"""Loaded months that may be counted."""
FINE: Final = ("total", "blended")
"""Statistics whose zones are grown of finer cells too: seven times as many cells for each step would take hours for
those that look far around."""


def run(services: Services, query: BacktestQuery, progress: Progress | None = None) -> BacktestReport:
    """Try the statistics from origin to origin and keep the answer.

    Raises QueryError for a parameter that cannot be answered or months that do not suffice, NotFoundError for an
    unknown boundary or set. Nothing is kept where it is interrupted.
    """
    question, whole = _look_up(services, query)
    report = _answer(services, question, whole, query, progress)
    _keep(services, report, question)
    return report


def again(services: Services, report_id: str, progress: Progress | None = None) -> BacktestReport:
    """Ask a kept question again of today's data, and say what changed; raise NotFoundError.

    report_id: of the kept answer, or `latest`.
    """
    kept = runs.find_analysis(services.store, KIND, report_id)
    query = replace(BacktestQuery.from_json(kept["query"]), as_of=None)
    question, whole = _look_up(services, query)
    report = _answer(services, question, whole, query, progress)
    then = [line_from_json(said) for said in kept["lines"]]
    report = replace(
        report, earlier=kept["id"], changed=backtest_words.changes(then, report.lines, kept["provenance"], report)
    )
    _keep(services, report, question)
    return report


def _look_up(services: Services, query: BacktestQuery) -> tuple[Question, Period]:
    """Look up everything that is named, over all months of the data."""
    months = services.store.snapshot(query.as_of).months()
    # Without a month there is no period to ask about; `look_up` says so.
    whole = Period(months[0], months[-1]) if months else Period(Month.parse("2000-01"), Month.parse("2000-01"))
    asked = HotspotQuery(
        boundary=query.boundary,
        period=whole,
        boundary_set=query.boundary_set,
        offence_set=query.offence_set,
        measure=query.measure,
        harm_table=query.harm_table,
        proxy=query.proxy,
        harm_score=query.harm_score,
        proactive=query.proactive,
        resolution=query.resolution,
        statistic=REFERENCE,
        tuning=query.tuning,
        as_of=query.as_of,
    )
    unknown = [name for name in query.statistics if name not in hotspots.statistics()]
    if unknown:
        raise QueryError(
            "Unknown statistic", found=unknown[0], do=f"Use all, or {', '.join(hotspots.statistics())}",
            field="statistics",
        )  # fmt: skip
    return look_up(services, asked), whole


def _answer(
    services: Services, question: Question, whole: Period, query: BacktestQuery, progress: Progress | None
) -> BacktestReport:
    loaded = [month for month in whole if question.cube.is_held_alike(month, whole)]
    origins = _origins(loaded, query)
    table = views.lay(question)
    names = tuple(dict.fromkeys((REFERENCE, *(query.statistics or hotspots.statistics()))))
    seen, counted = views.views(question, table, names, whole)
    fine = _fine_zones(services, question, query, [name for name in FINE if name in names], whole)
    plan = Plan(
        origins=origins.kept,
        shares=sorted(query.shares),
        statistics={name: hotspots.statistics()[name] for name in names},
        tunings=dict.fromkeys(names, query.tuning),
        make_zones=_filler(table) if query.zones else None,
        seed=query.tuning.seed,
        resolution=query.resolution,
        fine=fine,
    )
    found = backtest(seen, plan, progress)
    asked = replace(query, as_of=question.snapshot.version, boundary_set=question.area.boundary_set.id,
                    statistics=names)  # fmt: skip
    told = query.tuning.parameters(
        sorted({each for name in names for each in hotspots.statistics()[name].TUNED_BY} - {"seed"})
    )
    unlocated = [month for month in whole if month not in loaded]
    return BacktestReport(
        id=_digest(asked, services.principal.areas),
        query=asked,
        area_name=question.area.name,
        sentences=backtest_words.sentences(found.lines, origins.kept, question.area.name),
        lines=found.lines,
        origins=tuple(str(origin.month) for origin in origins.kept),
        left_out=origins.left_out,
        refused=found.refused,
        provenance=Provenance(
            data_version=question.snapshot.version,
            data_to=str(question.snapshot.months()[-1]),
            parameters={**query.parameters(), "statistics": ", ".join(names), **told},
            seed=query.tuning.seed,
            demonstration=services.demonstration,
        ),
        licences=words.licences_of(services, question.snapshot, question.area),
        notes=(*backtest_words.method(query, names, FINE), *_missing(unlocated), *counted, *_notes(services, question)),
    )


def _origins(loaded: Sequence[Month], query: BacktestQuery) -> Origins:
    def month(text: str | None, field: str) -> Month | None:
        if text is None:
            return None
        if not (text.isascii() and text.isdecimal()):
            return Month.parse(text, field=field)
        if not 1 <= int(text) <= _MOST_ORIGINS:
            raise QueryError(
                f"Not what --{field.replace('_', '-')} takes",
                found=text,
                do="Count the loaded months from 1, or write one as YYYY-MM",
                field=field,
            )
        return loaded[0] + (int(text) - 1)

    if not loaded:
        raise QueryError("No month is held by every source", do="Import the months that are missing", field="boundary")
    return lay_origins(
        loaded,
        fit_months=query.fit_months,
        ahead=sorted(query.ahead),
        first=month(query.first_origin, "first_origin"),
        last=month(query.last_origin, "last_origin"),
    )


def _filler(table: CellTable) -> ZoneFiller:
    indptr, indices = spatial.neighbours(table.cells, 1)
    return ZoneFiller(table.area_m2 / 1e4, indptr, indices)


def _fine_zones(
    services: Services, question: Question, query: BacktestQuery, names: Collection[str], whole: Period
) -> FineZones | None:
    """Lay the finer cells that zones are grown of; None where they are those of the question."""
    if not query.has_fine_zones:
        return None
    finer = look_up(services, replace(question.query, resolution=query.zones_of))
    table = views.lay(finer)
    seen, _ = views.views(finer, table, names, whole)
    return FineZones(query.zones_of, seen, _filler(table).fill)


def _missing(months: Sequence[Month]) -> tuple[str, ...]:
    if not months:
        return ()
    return (f"Not loaded, or not by every source, so missing and not zero: {month_words(months)}.",)


def _notes(services: Services, question: Question) -> tuple[str, ...]:
    """Return what must be said of the data; what is in-sample is not reported here."""
    said = words.notes_of(services, question.snapshot, question.area, question.offence_set, question.weights, 0, (), {})
    return tuple(note for note in said if not note.startswith("In-sample"))


def _keep(services: Services, report: BacktestReport, question: Question) -> None:
    payload = {name: value for name, value in report.to_json().items() if name != "id"}
    runs.save_analysis(services.store, KIND, report.id, payload, report.provenance.data_version, question.area)


def _digest(query: BacktestQuery, areas: tuple[str, ...] | None) -> str:
    said = json.dumps([query.to_json(), None if areas is None else sorted(areas)], sort_keys=True, default=str)
    return hashlib.sha256(said.encode()).hexdigest()[:8]
