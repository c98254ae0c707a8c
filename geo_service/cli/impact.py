"""`geo-service impact`: how the harm or count of named areas moves, month by month."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from geo_service.cli.area_lists import read_areas, read_rows
from geo_service.cli.asking import AsOf, HarmTableOption, MeasureOption, Offences, Proxy, SetId
from geo_service.cli.output import say, write_export
from geo_service.cli.wiring import Json, KeepDays, Marking, Output, check_format, handling_of, refuse_empty, services_of
from geo_service.model.asked import Asked

if TYPE_CHECKING:
    from geo_service.model.impact import ImpactQuery, ImpactReport
    from geo_service.workflows.markings import Handling
    from geo_service.workflows.services import Services


def impact(
    context: typer.Context,
    to: Annotated[str | None, typer.Option("--to", metavar="MONTH", help="Last month, YYYY-MM.")] = None,
    boundary_set: SetId = None,
    boundary: Annotated[
        list[str] | None,
        typer.Option("--boundary", metavar="AREA", help="Code or name of an area; as often as wanted."),
    ] = None,
    areas: Annotated[
        Path | None,
        typer.Option("--areas", metavar="FILE", help="TOML with an [[area]] for each: name and codes of its wards."),
    ] = None,
    measure: MeasureOption = "harm",
    offences: Offences = Asked.offences,
    harm_table: HarmTableOption = None,
    proxy: Proxy = None,
    year_from: Annotated[
        str, typer.Option("--year-from", metavar="MONTH", help="Begin of the year to date: april or january.")
    ] = "april",
    against: Annotated[
        str | None,
        typer.Option(
            metavar="YEARS",
            help="Years in which the earlier years to compare with begin, for example 2024,2022.",
            show_default="the year before",
        ),
    ] = None,
    as_of: AsOf = None,
    figures: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="CSV of rolling sums (area, then a column for each month) to report on."),
    ] = None,
    replay: Annotated[
        str | None, typer.Option(metavar="REPORT", help="Kept report to print as it was published, or latest.")
    ] = None,
    output: Output = None,
    keep_days: KeepDays = None,
    marking: Marking = None,
    json: Json = False,
) -> None:
    """Report rolling 12-month harm or count of areas: changes, statuses, the year to date, and limits of chance.

    -o writes a CSV or GeoJSON table, a chart (.svg, .png) or a page (.pdf).
    """
    from geo_service.errors import QueryError

    given = [name for name, value in (("--to", to), ("--figures", figures), ("--replay", replay)) if value is not None]
    if len(given) != 1:
        raise QueryError(
            "One of --to, --figures and --replay says what to report",
            found=" and ".join(given) or "none",
            do="Give one: a month, a file of figures, or a report that is kept",
            field="to",
        )
    refuse_empty(replay, "--replay")
    handling = handling_of(marking, keep_days)
    if figures is not None:
        _report_figures(context, figures, output, handling, as_json=json)
        return
    services = services_of(context)
    _check_ending(services, output)
    if replay is not None:
        from geo_service.workflows.evaluating.impact import replay as see

        _finish(services, see(services, replay), output, handling, as_json=json)
        return
    query = _query(to or "", boundary_set, boundary, areas, measure, offences, harm_table, proxy, year_from, against,
                   as_of)  # fmt: skip
    from geo_service.workflows.evaluating.impact import report

    _finish(services, report(services, query), output, handling, as_json=json)


def _query(
    to: str,
    boundary_set: str | None,
    boundary: list[str] | None,
    areas: Path | None,
    measure: str,
    offences: str,
    harm_table: str | None,
    proxy: str | None,
    year_from: str,
    against: str | None,
    as_of: int | None,
) -> ImpactQuery:
    from geo_service.errors import QueryError
    from geo_service.model.impact import ImpactQuery, NamedArea
    from geo_service.model.periods import Month

    listed, named = read_areas(areas) if areas is not None else ((), None)
    if listed and boundary:
        raise QueryError("Areas are named twice, by --areas and by --boundary", do="Give one of them", field="areas")
    for name in boundary or ():
        refuse_empty(name, "--boundary")
    return ImpactQuery(
        to=Month.parse(to, field="to"),
        areas=listed or tuple(NamedArea(name, (name,)) for name in boundary or ()),
        boundary_set=boundary_set or named,
        measure=measure,  # type: ignore[arg-type] # the query refuses what it is not
        offence_set=offences,
        harm_table=harm_table,
        proxy=proxy,  # type: ignore[arg-type] # the query refuses what it is not
        year_from=year_from,  # type: ignore[arg-type] # the query refuses what it is not
        against=_years(against),
        as_of=as_of,
    )


def _years(text: str | None) -> tuple[int, ...]:
    from geo_service.errors import QueryError

    if text is None:
        return ()
    parts = [part.strip() for part in text.split(",")]
    if not all(len(part) == len("2024") and part.isascii() and part.isdecimal() for part in parts):
        raise QueryError("Not years", found=text, do="Write them as 2024,2022", field="against")
    return tuple(map(int, parts))


def _check_ending(services: Services, output: Path | None) -> None:
    from geo_service.workflows.evaluating.impact_outputs import PAGE
    from geo_service.workflows.exports import CHARTS

    check_format(services, output, *CHARTS, PAGE)


def _report_figures(
    context: typer.Context, figures: Path, output: Path | None, handling: Handling, *, as_json: bool
) -> None:
    from geo_service.workflows.evaluating.impact_figures import report_on_figures

    made = report_on_figures(*read_rows(figures, "figures"), figures.name)
    if output is None:
        _say(made, None, as_json=as_json)
        return
    services = services_of(context)
    _check_ending(services, output)
    _finish(services, made, output, handling, as_json=as_json)


def _finish(
    services: Services, report: ImpactReport, output: Path | None, handling: Handling, *, as_json: bool
) -> None:
    from geo_service.workflows.evaluating.impact_outputs import write

    path = None
    if output is not None:
        path = write_export(output, write(services, report, output.suffix, handling))
    _say(report, path, as_json=as_json)


def _say(report: ImpactReport, path: Path | None, *, as_json: bool) -> None:
    said = [report.text] if path is None else [report.text, f"Written: {path}"]
    say("\n".join(said), report.to_json() | {"file": path and str(path)}, as_json=as_json)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(short_help="Report how the harm or count of areas moves, month by month.")(impact)
