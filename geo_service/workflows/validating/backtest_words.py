"""What a backtest says in words, and what changed since it was asked before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from geo_service.hotspots.backtesting.scores import REFERENCE, UNITS

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from geo_service.hotspots.backtesting.origins import Origin
    from geo_service.hotspots.backtesting.scores import Line
    from geo_service.model.backtests import BacktestQuery
    from geo_service.workflows.validating.backtest_report import BacktestReport

METHOD: Final = (
    "Out of sample: each choice was made on the months before and scored on months that it had not seen.",
    (
        f"Every statistic chose as many cells as `{REFERENCE}`, ties being broken alike; differences are in points of "
        "the captured share, with 95 % intervals from a bootstrap by origin. Each verdict by itself is wrong in 5 of "
        "100 where there is nothing to tell apart, so of many comparisons some err."
    ),
    "Zones are contiguous, 2 to 10 ha, without a least number of events, as many as fit in the share of the area.",
)
ANCHORS: Final = (
    "Where the source moves incidents to anchors (data.police.uk does), part of what finer cells gain is that a zone "
    "drawn finely around an anchor leaves out ground where nothing can be recorded."
)
_CLEARLY: Final = 0.005
"""Change of a captured share, in itself, that is worth a sentence: half a point."""


def method(query: BacktestQuery, names: Collection[str], fine: Collection[str]) -> tuple[str, ...]:
    """Say how it was tried, and of which statistics (`fine`, where they are among the names) zones are finer."""
    if not query.has_fine_zones:
        return METHOD
    finer, coarse = ([f"`{name}`" for name in names if (name in fine) is wanted] for wanted in (True, False))
    said = (
        f"Zones of resolution {query.zones_of} are those of {' and '.join(finer)}, on the hectares of `{REFERENCE}`'s "
        "single cells of the same share, by one search for all shares; each is held against what those cells captured."
    )
    if coarse:
        said += f" Not tried so, because it would take too long, and of resolution {query.resolution} alone: "
        said += f"{', '.join(coarse)}."
    return (*METHOD, said, ANCHORS)


def points(share: float) -> str:
    """Write a difference of shares in points."""
    return f"{share * 100:+.1f}"


def sentences(lines: Sequence[Line], origins: Sequence[Origin], area: str) -> tuple[str, ...]:
    """Say what was tried, and for each unit and share which statistics did better or worse, the fewest months ahead."""
    numbers = f"{origins[0].number} to {origins[-1].number}"
    head = f"{len(origins)} origins in {area}, {origins[0].month} to {origins[-1].month} (months {numbers})."
    nearest = min((line.ahead for line in lines), default=0)
    said = [head]
    for line in lines:
        if line.statistic == REFERENCE and line.ahead == nearest:
            same = [each for each in lines if _group(each) == _group(line)]
            said.append(_sentence(line, same))
    return tuple(said)


def _sentence(total: Line, lines: Sequence[Line]) -> str:
    ranked = sorted(lines, key=lambda line: -line.difference)
    better = [f"{line.statistic} ({points(line.difference)})" for line in ranked if line.verdict == "better"]
    worse = [f"{line.statistic} ({points(line.difference)})" for line in ranked if line.verdict == "worse"]
    unclear = any(line.verdict == "too few months to tell" for line in ranked)
    told = [f"better: {', '.join(better)}"] if better else []
    told += [f"worse: {', '.join(worse)}"] if worse else []
    told += ["too few months to tell"] if unclear else []
    told = told or ["no statistic was any different"] * (len(lines) > 1)
    beside = ""
    if total.from_cells_verdict is not None:
        beside = f", {points(total.from_cells)} against its single cells ({total.from_cells_verdict})"
    return (
        f"{_unit(total).capitalize()}, {total.share:.1%} of the area, {_months(total.ahead)} ahead: `{REFERENCE}` "
        f"captured {total.captured:.1%} (PAI {total.pai:.1f}){beside}{'; ' * bool(told)}{'; '.join(told)}."
    ).replace("%", " %")


def _unit(line: Line) -> str:
    return line.unit if line.unit == UNITS[0] else f"{line.unit} of resolution {line.resolution}"


def _months(count: int) -> str:
    return "1 month" if count == 1 else f"{count} months"


def changes(
    then: Sequence[Line], now: Sequence[Line], provenance: Mapping[str, Any], report: BacktestReport
) -> tuple[str, ...]:
    """Say what is not as it was: origins, verdicts, and captured shares by half a point or more."""
    before = {_case(line): line for line in then}
    told = report.provenance
    when = f"Asked before of data version {provenance['data_version']}, to {provenance['data_to']}; "
    said = [f"{when}now of version {told.data_version}, to {told.data_to}."]
    for line in now:
        old = before.pop(_case(line), None)
        if old is None:
            said.append(f"{_named(line)}: not tried before.")
        elif old.verdict != line.verdict:
            said.append(f"{_named(line)}: {old.verdict} before, now {line.verdict}.")
        elif abs(old.captured - line.captured) >= _CLEARLY:
            said.append(f"{_named(line)}: captured {old.captured:.1%} before, now {line.captured:.1%}.")
    said += [f"{_named(line)}: could not be tried now." for line in before.values()]
    if len(said) == 1:
        said.append("No verdict changed, and no captured share by half a point.")
    return tuple(each.replace("%", " %") for each in said)


def _case(line: Line) -> tuple[str, str, int, float, int]:
    return line.statistic, *_group(line)


def _group(line: Line) -> tuple[str, int, float, int]:
    return line.unit, line.resolution, line.share, line.ahead


def _named(line: Line) -> str:
    return f"{line.statistic}, {_unit(line)}, {line.share * 100:g}%, {_months(line.ahead)} ahead"
