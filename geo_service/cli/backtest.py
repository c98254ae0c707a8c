"""`geo-service backtest`: which statistic held."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from geo_service.cli.asking import (
    AsOf,
    Bandwidth,
    HalfLife,
    HarmScoreOption,
    HarmTableOption,
    Kernel,
    MeasureOption,
    Offences,
    Per,
    Permutations,
    Proactive,
    Proxy,
    Resolution,
    Ring,
    Seed,
    SetId,
)
from geo_service.cli.output import progress_bar, say, table, write_export
from geo_service.cli.wiring import Json, KeepDays, Marking, Output, check_format, handling_of, refuse_empty, services_of
from geo_service.model.asked import Asked

if TYPE_CHECKING:
    from geo_service.workflows.validating.backtest_report import BacktestReport


def backtest(
    context: typer.Context,
    boundary: Annotated[
        str | None, typer.Option(metavar="AREA", help="Code or name of a ward, district or policing area.")
    ] = None,
    boundary_set: SetId = None,
    offences: Offences = Asked.offences,
    measure: MeasureOption = Asked.measure,
    proxy: Proxy = Asked.proxy,
    harm_table: HarmTableOption = Asked.harm_table,
    harm_score: HarmScoreOption = Asked.harm_score,
    proactive: Proactive = Asked.proactive,
    statistics: Annotated[str, typer.Option(metavar="NAMES", help="all, or names with commas between them.")] = "all",
    resolution: Resolution = Asked.resolution,
    ring: Ring = Asked.ring,
    half_life: HalfLife = Asked.half_life,
    kernel: Kernel = Asked.kernel,
    bandwidth: Bandwidth = Asked.bandwidth,
    permutations: Permutations = Asked.permutations,
    per: Per = Asked.per,
    seed: Seed = Asked.seed,
    fit_months: Annotated[
        str, typer.Option(metavar="NUMBER", help="Months before each origin that are fitted, or all.")
    ] = "12",
    ahead: Annotated[str, typer.Option(metavar="NUMBERS", help="Months that are scored.")] = "1,3,6",
    shares: Annotated[str, typer.Option(metavar="PERCENTAGES", help="Shares of the area.")] = "0.5,1.4,3",
    first_origin: Annotated[
        str | None,
        typer.Option(
            metavar="MONTH",
            help="First month that is scored: YYYY-MM, or its number, the first of the data being 1.",
            show_default="the first possible",
        ),
    ] = None,
    last_origin: Annotated[
        str | None,
        typer.Option(
            metavar="MONTH", help="Last month that any score may look at, written likewise.", show_default="the last"
        ),
    ] = None,
    zones: Annotated[bool, typer.Option("--zones/--cells-only", help="Score patrol zones beside single cells.")] = True,
    zone_resolution: Annotated[
        int | None,
        typer.Option(
            metavar="NUMBER",
            help="H3 resolution of the cells that zones are grown of, at least that of the cells. Finer ones are tried "
            "for total and blended, on the hectares of total's cells.",
            show_default="11",
        ),
    ] = None,
    as_of: AsOf = None,
    again: Annotated[
        str | None, typer.Option(metavar="ID", help="Ask a kept backtest again of today's data: its id, or latest.")
    ] = None,
    output: Output = None,
    keep_days: KeepDays = None,
    marking: Marking = None,
    json: Json = False,
) -> None:
    """Try statistics on months that they have not seen, and hold each against the plain total.

    -o writes a table (.csv) or a chart (.svg, .png).
    """
    from geo_service.errors import QueryError
    from geo_service.model.backtests import asked as read
    from geo_service.workflows.exports import CHARTS
    from geo_service.workflows.validating import backtest as work
    from geo_service.workflows.validating.backtest_outputs import write

    refuse_empty(boundary, "--boundary")
    if (boundary is None) == (again is None):
        raise QueryError(
            "One of --boundary and --again says what to try", do="Give an area, or a kept backtest", field="boundary"
        )
    handling = handling_of(marking, keep_days)
    query = None
    if boundary is not None:
        typed = Asked(
            boundary,
            "",
            "",
            boundary_set,
            offences,
            measure,
            proxy,
            harm_table,
            harm_score=harm_score,
            proactive=proactive,
            resolution=resolution,
            ring=ring,
            half_life=half_life,
            kernel=kernel,
            bandwidth=bandwidth,
            permutations=permutations,
            seed=seed,
            per=per,
            as_of=as_of,
        )
        query = read(
            typed, statistics, fit_months, ahead, shares, first_origin, last_origin,
            zones=zones, zone_resolution=zone_resolution,
        )  # fmt: skip
    services = services_of(context)
    check_format(services, output, *CHARTS)
    with progress_bar() as progress:
        report = work.again(services, again or "", progress) if query is None else work.run(services, query, progress)
    path = None if output is None else write_export(output, write(services, report, output.suffix, handling))
    lines = _words(report) if path is None else [*_words(report), f"Written: {path}"]
    say("\n".join(lines), report.to_json() | {"file": path and str(path)}, as_json=json)


def _words(report: BacktestReport) -> list[str]:
    heads = ["unit", "resolution", "ahead", "area", "statistic", "captured", "PAI", "PEI*", "RRI", "of cells",
             "difference", "verdict", "from total's cells"]  # fmt: skip
    rows: list[list[object]] = [
        [
            line.unit,
            line.resolution,
            line.ahead,
            f"{line.share * 100:g} %",
            line.statistic,
            f"{line.captured * 100:.1f} %",
            f"{line.pai:.1f}",
            f"{line.pei_star:.2f}",
            f"{line.rri:.2f}",
            f"{line.of_singles * 100:.0f} %",
            "" if line.verdict is None else _interval(line.difference, line.low, line.high),
            line.verdict or "-",
            ""
            if line.from_cells_verdict is None
            else f"{_interval(line.from_cells, line.from_cells_low, line.from_cells_high)} {line.from_cells_verdict}",
        ]
        for line in report.lines
    ]
    told = report.provenance
    return [
        *report.sentences,
        table(heads, rows),
        *(f"Not tried, {name}: {why}" for name, why in report.refused.items()),
        *(f"Left out, {each}." for each in report.left_out),
        *report.changed,
        *(f"- {note}" for note in report.notes),
        f"Data version {told.data_version}, to {told.data_to}; "
        + "; ".join(f"{name} {value}" for name, value in told.parameters.items())
        + f"; seed {told.seed}.",
        f"Backtest {report.id}. Ask it again in a year: `geo-service backtest --again {report.id}`.",
        *report.licences,
    ]


def _interval(difference: float, low: float, high: float) -> str:
    return f"{difference * 100:+.2f} ({low * 100:+.2f} to {high * 100:+.2f})"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(short_help="Try statistics on months that they have not seen.")(backtest)
