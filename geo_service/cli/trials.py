"""`geo-service evaluate trial`: draw and seal a crossover trial, and analyse it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from geo_service.cli.area_lists import read_rows
from geo_service.cli.asking import AsOf, HarmTableOption, Offences, Proxy
from geo_service.cli.output import say, write_export
from geo_service.cli.wiring import Json, KeepDays, Marking, Output, check_format, day_of, handling_of, services_of
from geo_service.model.asked import Asked

if TYPE_CHECKING:
    from collections.abc import Sequence

trial = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


@trial.command()
def allocate(
    context: typer.Context,
    first_day: Annotated[str, typer.Option("--from", metavar="DAY", help="First operational day, YYYY-MM-DD.")],
    days: Annotated[int, typer.Option(metavar="NUMBER", help="Operational days, 06:00 to 06:00: whole blocks.")],
    seed: Annotated[int, typer.Option(metavar="NUMBER", help="Seed of the draw; choose one that nobody can guess.")],
    zones: Annotated[str, typer.Option(metavar="RUN", help="Run of `zones`.")] = "latest",
    zone: Annotated[
        list[str] | None, typer.Option(metavar="ZONE", help="Zone of the run by id or number; repeatable.")
    ] = None,
    period_days: Annotated[int, typer.Option(metavar="DAYS", help="Days in a row in one condition.")] = 1,
    block_periods: Annotated[int, typer.Option(metavar="NUMBER", help="Periods of a block, half with patrol.")] = 2,
    wash_out: Annotated[int, typer.Option(metavar="DAYS", help="First days of each period, not analysed.")] = 0,
    output: Output = None,
    keep_days: KeepDays = None,
    marking: Marking = None,
    json: Json = False,
) -> None:
    """Draw which hotspot is patrolled on which day, and print the SHA-256 that seals the draw."""
    from geo_service.errors import QueryError
    from geo_service.model.evaluation import TrialQuery
    from geo_service.workflows.evaluating.trials import allocate, allocation_table
    from geo_service.workflows.exports import export

    handling, day = handling_of(marking, keep_days), day_of(first_day, "from")
    if output is None:
        raise QueryError("The allocation has no file to go to", do="Give -o allocation.csv", field="output")
    services = services_of(context)
    check_format(services, output)
    query = TrialQuery(zones, first_day, days, seed, tuple(zone or ()), period_days, block_periods, wash_out)
    made = allocate(services, query, day or dt.date.min)
    path = write_export(output, export(services, allocation_table(made), output.suffix, handling))
    each_day = made.patrolled.sum(axis=0)
    lines = [
        (
            f"{len(made.design.zones)} hotspots, {days} operational days from {first_day}; with patrol on each day: "
            f"{each_day.min()} to {each_day.max()}."
        ),
        f"Sealed: SHA-256 {made.sealed}",
        *(f"- {note}" for note in made.notes),
        f"Written: {path}",
    ]
    say("\n".join(lines), made.facts | {"file": str(path)}, as_json=json)


@trial.command()
def analyse(
    context: typer.Context,
    allocation: Annotated[Path, typer.Option(metavar="FILE", help="CSV that `allocate` wrote.")],
    sealed: Annotated[str, typer.Option("--hash", metavar="SHA256", help="Hash that was published.")],
    visits: Annotated[
        Path | None, typer.Option(metavar="FILE", help="CSV of visits: zone, and arrived (date and time) or day.")
    ] = None,
    offences: Offences = Asked.offences,
    harm_table: HarmTableOption = None,
    proxy: Proxy = None,
    level: Annotated[float, typer.Option(metavar="SHARE", help="Level of the intervals.")] = 0.9,
    as_of: AsOf = None,
    json: Json = False,
) -> None:
    """Prove an allocation by its hash, and say what the trial showed: intention to treat, compliance, placebo check."""
    from geo_service.errors import QueryError
    from geo_service.model.surfaces import one_of
    from geo_service.workflows.evaluating import trial_results, trials

    if not 0 < level < 1:
        raise QueryError("The level is no share", found=level, do="Give 0.9 for 90 %", field="level")
    if proxy is not None:
        one_of("proxy", proxy, ("low", "middle", "high"))
    heads, rows = read_rows(allocation, "allocation")
    proved = trials.prove([dict(zip(heads, row, strict=False)) for row in rows], sealed)
    made = trial_results.analyse(
        services_of(context),
        proved,
        sealed,
        offence_set=offences,
        harm_table=harm_table,
        proxy=proxy,  # type: ignore[arg-type] # checked above
        level=level,
        visits=None if visits is None else _visits(visits),
        as_of=as_of,
    )
    told = made.provenance
    lines = [
        *made.sentences,
        *(f"- {note}" for note in made.notes),
        f"Data version {told.data_version}; " + "; ".join(f"{name} {value}" for name, value in told.parameters.items()),
        *made.licences,
    ]
    say("\n".join(lines), made.facts, as_json=json)


def _visits(path: Path) -> Sequence[tuple[str, dt.date]]:
    """Read visits: before six in the morning is the day before."""
    from geo_service.errors import InputError
    from geo_service.evaluation.crossover import DAY_BEGINS

    heads, rows = read_rows(path, "visits")
    column = next((name for name in ("arrived", "day") if name in heads), None)
    if column is None or "zone" not in heads:
        raise InputError(
            "The file of visits lacks a column",
            found=", ".join(heads[:8]),
            do="Give `zone`, and `arrived` (2026-03-02 21:15) or `day` (2026-03-02)",
            field="visits",
        )
    found = []
    for number, row in enumerate(rows, start=2):
        said = dict(zip(heads, row, strict=False))
        try:
            if column == "day":
                day = dt.date.fromisoformat(said[column].strip())
            else:
                arrived = dt.datetime.fromisoformat(said[column].strip())
                day = arrived.date() - dt.timedelta(days=arrived.time() < DAY_BEGINS)
            found.append((said["zone"].strip(), day))
        except (KeyError, ValueError):
            raise InputError(
                f"Line {number} of the visits has no {column}",
                found=said.get(column),
                do="Write 2026-03-02 21:15",
                field="visits",
            ) from None
    return found


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(trial, name="trial", short_help="Draw and seal a crossover trial, and analyse it.")
