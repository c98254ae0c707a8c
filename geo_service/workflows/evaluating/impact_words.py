"""The words of an impact report: every sentence and number of it as it is printed, decided once."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from geo_service.evaluation import gaps, impact
from geo_service.model.periods import Month, month_words

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from geo_service.model.impact import ImpactArea, ImpactQuery, ImpactReport
    from geo_service.model.offences import Weights
    from geo_service.model.periods import Period

WINDOWS: Final = 4
"""Rolling sums that the table shows side by side: what a status by three changes needs."""
NOT_KNOWN: Final = "-"
_MOST_LATE: Final = 10
_SAME: Final = 1e-9
RULE: Final = (
    "Status by the latest run of months that moved the same way: three falls OUTSTANDING, one or two GOOD, one or two "
    "rises NEEDS IMPROVEMENT, three POOR; a month without change ends a run. Arrow: better (↑) or worse (↓) than "
    f"the month before; '{impact.EARLIER}' where the run may have begun before the first month that is known."
)
FUNNEL: Final = (
    "Funnel: the change of each area on the year beside that of all of them; beyond 95 % is about one area in twenty "
    "by chance, beyond 99.8 % one in five hundred, and more where few offences carry most of the harm."
)
CHANCE: Final = (
    "A status says which way the figures went, not why: an area where nothing changed rises or falls each month by "
    "chance, and one in four such areas has moved the same way for three months."
)


def number(value: float | None) -> str:
    """Return a number with thousands apart, a decimal only where there is one."""
    if value is None:
        return NOT_KNOWN
    return f"{value:,.0f}" if abs(value - round(value)) < 0.05 else f"{value:,.1f}"  # noqa: PLR2004 - of a decimal


def percent(change: float | None) -> str:
    """Return a relative change in per cent to two decimals."""
    return NOT_KNOWN if change is None else f"{change * 100:.2f} %"


def measure(query: ImpactQuery, weights: Weights | None) -> str:
    """Return what the figures are."""
    return "incidents" if query.measure == "count" or weights is None else weights.label


def parameters(query: ImpactQuery, weights: Weights | None, boundary_set: str) -> Mapping[str, str]:
    """Return every parameter as words."""
    said = {
        "areas": "; ".join(area.name for area in query.areas) or f"all of {query.boundary_set}",
        "boundary set": boundary_set,
        "to": str(query.to),
        "offence set": query.offence_set,
        "measure": query.measure if query.proxy is None or query.measure == "count" else f"harm proxy {query.proxy}",
        "year from": query.year_from,
        "against": ", ".join(map(str, query.earlier)),
    }
    said |= {} if weights is None or query.measure == "count" else {"harm table": weights.table}
    # In the order in which they come back from the ledger: a report is the same byte for byte.
    return dict(sorted(said.items()))


def headline(areas: Sequence[ImpactArea], to: Month | str) -> str:
    """Return how many areas fell and rose, and how many have each status."""
    moves = [area.on_month[-1] for area in areas]
    known = [move for move in moves if move is not None]
    if not known:
        return f"How the twelve months to {to} differ from those a month before is not known of any area."
    fell, rose = sum(move < 0 for move in known), sum(move > 0 for move in known)
    held = Counter(area.statuses[-1] or impact.EARLIER for area in areas)
    listed = [f"{held[each]} {each}" for each in (*impact.BEST_FIRST, impact.EARLIER) if held[each]]
    return f"Twelve months to {to}: {fell} of {len(areas)} areas fell on the month, {rose} rose. {', '.join(listed)}."


def gap_notes(
    unknown: Sequence[Month], needed: Period, compared: Collection[Month], to: Month, breaks: Sequence[Month]
) -> Iterator[str]:
    """Say which months keep rolling sums from being known, and comparisons from being made.

    needed: months of the rolling sums that are shown. compared: those of the comparisons on the year that are shown.
    """
    near = [month for month in unknown if month in set(needed)]
    before = [month for month in unknown if month not in set(needed) and month in compared]
    if near:
        lacking = [month for month in near if month > to - impact.WINDOW]
        yield (
            f"Not known for all sources, so missing and not zero: {month_words(near)}. A rolling sum needs twelve "
            f"whole months in a row, so {'none ends' if lacking else 'some do not end'} in the months up to {to}."
        )
    if before:
        yield f"Earlier months that a comparison on the year would need are missing: {month_words(before)}."
    if any(gaps.is_parted(needed.first - 2 * impact.WINDOW, needed.last, [each]) for each in breaks):
        yield (
            f"{gaps.ANCHOR_WORDS}: no sum is taken over both sides of it and no comparison is made across it, so "
            "figures that would need that are not shown."
        )


def late(areas: Sequence[ImpactArea], months: Sequence[Month], published: Iterable[ImpactReport]) -> tuple[str, ...]:
    """Say how much records that came later changed what an earlier report said of the same windows.

    published: earlier reports of the same areas, newest first; the first that has a window in common is compared.
    """
    ends = [str(month) for month in months]
    for before in published:
        compared = [pair for area in areas for pair in _pairs(area, ends, before)]
        if compared:
            return _changed(before, compared)
    return ()


def _pairs(area: ImpactArea, ends: Sequence[str], before: ImpactReport) -> Iterator[tuple[str, str, float, float]]:
    """Yield name, month, what was published and what is known now, of the latest window that both know."""
    told = next((each for each in before.areas if each.code == area.code), None)
    for month in reversed(before.months if told is not None else ()):
        then = told.rolling[before.months.index(month)] if told is not None else None
        now = area.rolling[ends.index(month)] if month in ends else None
        if then is not None and now is not None:
            yield area.name, month, then, now
            return


def _changed(before: ImpactReport, compared: Sequence[tuple[str, str, float, float]]) -> tuple[str, ...]:
    found = []
    for name, month, then, now in compared:
        if abs(now - then) > _SAME * max(now, then):
            change = f" ({(now / then - 1) * 100:+.2f} %)" if then else ""
            said = f"{name}, twelve months to {month}: published {number(then)}, now {number(now)}{change}"
            found.append((abs(now - then), said))
    version = before.provenance.data_version
    head = (
        f"Late records since report {before.id} (data version {version}) changed {len(found)} of {len(compared)} areas"
    )
    ranked = [said for _, said in sorted(found, key=lambda each: (-each[0], each[1]))]
    more = [f"and {len(ranked) - _MOST_LATE} more"] if len(ranked) > _MOST_LATE else []
    return (head + (":" if ranked else "."), *ranked[:_MOST_LATE], *more)


def lines(report: ImpactReport) -> list[str]:
    """Return all lines of a report."""
    said = [report.title, f"Figures: {report.measure}.", report.headline, ""]
    said += _table(*windows(report))
    if report.to_date_label:
        said += ["", *_table(*to_date(report))]
    if report.late:
        said += ["", "As published then and as known now", *(f"- {line}" for line in report.late)]
    told = report.provenance
    given = "; ".join(f"{name} {value}" for name, value in told.parameters.items())
    origin = f"Data version {told.data_version}, data to {told.data_to}; {given}." if told.data_version else given
    return [
        *said,
        "",
        *(f"- {note}" for note in (RULE, CHANCE, *report.notes)),
        origin,
        *([f"Report {report.id}. See it again as it is with `geo-service impact --replay {report.id}`."]
          if report.question else []),
        *report.licences,
    ]  # fmt: skip


def windows(report: ImpactReport) -> tuple[list[str], list[list[str]]]:
    """Return the table of rolling sums: its heads and rows."""
    most = min(WINDOWS, len(report.months))
    if all(value is None for area in report.areas for value in area.rolling[-most:]):
        return _by_month(report)
    heads = ["area", f"to {report.months[-most]}"]
    for month in report.months[1 - most :] if most > 1 else ():
        heads += [f"to {month}", "change"]
    heads += ["status", "arrow"]
    rows = []
    for area in report.areas:
        row = [area.name, number(area.rolling[-most])]
        for at in range(1 - most, 0):
            row += [number(area.rolling[at]), percent(area.on_month[at])]
        rows.append([*row, *standing(area)])
    return heads, rows


def standing(area: ImpactArea) -> tuple[str, str]:
    """Return status and arrow of the last month in words; nothing where there is no figure to give one to."""
    if area.rolling[-1] is None:
        return NOT_KNOWN, NOT_KNOWN
    status, arrow = area.statuses[-1], area.arrows[-1]
    return status or impact.EARLIER, impact.EARLIER if arrow is None else "" if arrow == "=" else arrow


def _by_month(report: ImpactReport) -> tuple[list[str], list[list[str]]]:
    """Return the months themselves where no rolling sum is known."""
    most = min(WINDOWS, len(report.months))
    monthly = [(area, area.counts if area.harms is None or report.measure == "incidents" else area.harms)
               for area in report.areas]  # fmt: skip
    heads = ["area", *(f"in {month}" for month in report.months[-most:]), "status"]
    return heads, [[area.name, *(number(value) for value in held[-most:]), NOT_KNOWN] for area, held in monthly]


def to_date(report: ImpactReport) -> tuple[list[str], list[list[str]]]:
    """Return the table of the year: change on the year, year to date, funnel."""
    heads = ["area", "on the year", report.to_date_label]
    for label in report.earlier_labels:
        heads += [label, "change"]
    rows = []
    for area in report.areas:
        row = [area.name, percent(area.on_year[-1]), number(area.to_date)]
        for then in area.to_date_earlier:
            is_known = then and area.to_date is not None
            row += [
                number(then),
                percent(area.to_date / then - 1 if is_known and then and area.to_date is not None else None),
            ]
        rows.append([*row, area.verdict])
    return [*heads, "among all areas"], rows


def _table(heads: list[str], rows: list[list[str]]) -> list[str]:
    """Lay out columns, words to the left and numbers to the right."""
    cells = [heads, *rows]
    widths = [max(len(row[column]) for row in cells) for column in range(len(heads))]
    is_text = {0, *(at for at, head in enumerate(heads) if head in ("status", "arrow", "among all areas"))}
    return [
        "  ".join(
            word.ljust(width) if at in is_text else word.rjust(width)
            for at, (word, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in cells
    ]
