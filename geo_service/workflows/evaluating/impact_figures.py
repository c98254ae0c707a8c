"""An impact report on figures that somebody has: rolling sums by area and month, as a table."""

from __future__ import annotations

import hashlib
import itertools
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from geo_service.errors import InputError, QueryError
from geo_service.evaluation import impact
from geo_service.model.impact import ImpactArea, ImpactReport
from geo_service.model.layers import Provenance
from geo_service.model.periods import Month
from geo_service.workflows.evaluating import impact_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geo_service.model.impact import Known

SOURCE: Final = "The figures are those that were given; nothing was added up from incidents."


def report_on_figures(heads: Sequence[str], rows: Sequence[Sequence[str]], name: str) -> ImpactReport:
    """Report on rolling twelve-month sums, one row for each area and one column for each month.

    heads: `area`, then months as YYYY-MM, each following the one before. rows: as texts, thousands apart or not; an
    empty one is not known. name: of the file, for provenance. Raises InputError naming the row and column.
    """
    months = _months(heads, name)
    if not rows:
        raise InputError("There is no area in the figures", found=name, do="Add a row for each", field="figures")
    names = [row[0].strip() if row else "" for row in rows]
    for number, area in enumerate(names, start=2):
        if not area or names.index(area) != number - 2:
            raise InputError(
                f"Line {number} names no area of its own", found=area, do="Name each area once", field="area"
            )
    rolled = np.array([_figures(row, months, number) for number, row in enumerate(rows, start=2)])
    on_month, moved = impact.changes(rolled), impact.directions(rolled)
    on_year = impact.changes(rolled, impact.WINDOW)
    areas = tuple(
        ImpactArea(
            code=area,
            name=area,
            members=(),
            counts=(),
            harms=None,
            rolling=_known(rolled[at]),
            rolling_counts=(),
            on_month=_known(on_month[at]),
            on_year=_known(on_year[at]),
            statuses=tuple(impact.status(moved[at, :end].tolist()) for end in range(1, len(months) + 1)),
            arrows=tuple(impact.arrow(moved[at, :end].tolist()) for end in range(1, len(months) + 1)),
        )
        for at, area in enumerate(names)
    )
    made = ImpactReport(
        id=hashlib.sha256(repr((list(heads), [list(row) for row in rows])).encode()).hexdigest()[:8],
        question="",
        title=f"Impact areas, twelve months to {months[-1]}",
        headline=impact_words.headline(areas, months[-1]),
        measure="figures as given",
        months=tuple(map(str, months)),
        areas=areas,
        to_date_label="",
        earlier_labels=(),
        late=(),
        notes=(SOURCE,),
        licences=(),
        provenance=Provenance(0, str(months[-1]), parameters={"figures": name, "to": str(months[-1])}),
    )
    return replace(made, text="\n".join(impact_words.lines(made)))


def _months(heads: Sequence[str], name: str) -> list[Month]:
    first, *rest = [head.strip() for head in heads] or [""]
    if first.casefold() != "area" or not rest:
        raise InputError(
            "The figures do not begin with the heads that are needed",
            found=f"{name}: {', '.join(heads[:6])}",
            do="Let the first line be: area,2022-08,2022-09 and so on",
            field="figures",
        )
    months = [_month(head, number, name) for number, head in enumerate(rest, start=2)]
    for before, month in itertools.pairwise(months):
        if month != before + 1:
            raise InputError(
                "The months of the figures do not follow one another",
                found=f"{name}: {before}, then {month}",
                do="Give every month its column, with empty figures where none are known",
                field="figures",
            )
    return months


def _month(head: str, number: int, name: str) -> Month:
    try:
        return Month.parse(head)
    except QueryError:
        raise InputError(
            f"The head of column {number} is no month",
            found=f"{name}: {head or 'nothing'}",
            do="Let the first line be: area,2022-08,2022-09 and so on",
            field="figures",
        ) from None


def _figures(row: Sequence[str], months: Sequence[Month], number: int) -> list[float]:
    if len(row) != len(months) + 1:
        raise InputError(
            f"Line {number} has another number of figures than there are months",
            found=f"{len(row) - 1} figures, {len(months)} months",
            do="Write 2655679 without commas, or between quotation marks",
            field="figures",
        )
    return [_figure(text, month, number) for text, month in zip(row[1:], months, strict=True)]


def _figure(text: str, month: Month, number: int) -> float:
    plain = text.replace(",", "").strip()
    if not plain:
        return float("nan")
    try:
        value = float(plain)
    except ValueError:
        value = -1.0
    if not 0 <= value < float("inf"):
        raise InputError(f"Line {number} has no figure for {month}", found=text, do="Write a number", field="figures")
    return value


def _known(values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> Known:
    return tuple(None if np.isnan(value) else float(value) for value in values)
