"""`geo-service evaluate`: did it work? Displacement differences, the e-test, before and after, crossover trials."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from geo_service.cli.asking import AsOf, HarmTableOption, Offences, Proxy, SetId
from geo_service.cli.output import say, table, write_export
from geo_service.cli.wiring import Json, KeepDays, Marking, Output, check_format, handling_of, services_of
from geo_service.model.asked import Asked

if TYPE_CHECKING:
    from geo_service.model.evaluation import EvaluationQuery
    from geo_service.workflows.evaluating.evaluate import Evaluation
    from geo_service.workflows.markings import Handling

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
"""The sub-commands; those of a trial are in `cli/trials.py`."""

Treated = Annotated[list[str] | None, typer.Option(metavar="AREA", help="Treated area by code or name; repeatable.")]
TreatedZone = Annotated[list[str] | None, typer.Option(metavar="ZONE", help="Treated patrol zone by id; repeatable.")]
TreatedFeature = Annotated[
    list[str] | None, typer.Option(metavar="LAYER/ID", help="Treated camera, order …; repeatable.")
]
Comparison = Annotated[
    list[str] | None, typer.Option(metavar="AREA", help="Comparison area by code or name; repeatable.")
]
ComparisonZone = Annotated[
    list[str] | None, typer.Option(metavar="ZONE", help="Comparison patrol zone by id; repeatable.")
]
ComparisonFeature = Annotated[
    list[str] | None, typer.Option(metavar="LAYER/ID", help="Comparison feature of a layer; repeatable.")
]
Months = "YYYY-MM..YYYY-MM"
Before = Annotated[str | None, typer.Option(metavar=Months, help="Months before.")]
During = Annotated[str | None, typer.Option(metavar=Months, help="Months of a camera, order or operation.")]
After = Annotated[str | None, typer.Option(metavar=Months, help="Months after.")]
RingM = Annotated[float, typer.Option("--ring", metavar="METRES", help="Displacement ring around the places; 0: none.")]
Radius = Annotated[float, typer.Option(metavar="METRES", help="Around a feature that is a point.")]
Level = Annotated[float, typer.Option(metavar="SHARE", help="Level of the intervals.")]
Pair = Annotated[str | None, typer.Option(metavar="BEFORE,AFTER", help="Counts that you have, instead of places.")]
Lengths = Annotated[str, typer.Option(metavar="BEFORE,AFTER", help="Lengths of the two periods, any unit.")]


@app.command(short_help="Change of treated places beyond that of comparison places.")
def wdd(
    context: typer.Context,
    treated: Treated = None,
    treated_zone: TreatedZone = None,
    treated_feature: TreatedFeature = None,
    comparison: Comparison = None,
    comparison_zone: ComparisonZone = None,
    comparison_feature: ComparisonFeature = None,
    before: Before = None,
    after: After = None,
    ring: RingM = 0.0,
    radius: Radius = 100.0,
    boundary_set: SetId = None,
    offences: Offences = Asked.offences,
    harm_table: HarmTableOption = None,
    proxy: Proxy = None,
    level: Level = 0.9,
    as_of: AsOf = None,
    treated_counts: Pair = None,
    comparison_counts: Pair = None,
    ring_counts: Annotated[str | None, typer.Option(metavar="BEFORE,AFTER", help="Counts of the treated ring.")] = None,
    comparison_ring_counts: Annotated[
        str | None, typer.Option(metavar="BEFORE,AFTER", help="Counts of the comparison ring.")
    ] = None,
    lengths: Lengths = "1,1",
    output: Output = None,
    keep_days: KeepDays = None,
    marking: Marking = None,
    json: Json = False,
) -> None:
    """Weighted displacement difference: the change of treated places beyond that of comparison places.

    Of places in the data, or of counts that you have (--treated-counts 20,10 --comparison-counts 20,20).
    """
    from geo_service.errors import QueryError

    if treated_counts is not None or comparison_counts is not None:
        named = [*(treated or ()), *(treated_zone or ()), *(treated_feature or ())]
        named += [*(comparison or ()), *(comparison_zone or ()), *(comparison_feature or ())]
        if named:
            raise QueryError(
                "Counts are given and places are named, so it is not clear which is meant",
                found=named[0],
                do="Give counts alone, or places with --before and --after",
                field="treated_counts",
            )
        counts = (treated_counts, comparison_counts, ring_counts or "0,0", comparison_ring_counts or "0,0")
        _of_counts(counts, lengths, level, as_json=json)
        return
    query = _query(
        (treated, treated_zone, treated_feature),
        (comparison, comparison_zone, comparison_feature),
        (before, None, after),
        ring=ring,
        radius=radius,
        boundary_set=boundary_set,
        offences=offences,
        harm_table=harm_table,
        proxy=proxy,
        level=level,
        as_of=as_of,
    )
    _answer(context, query, output, handling_of(marking, keep_days), as_json=json)


@app.command("before-after", short_help="Before, during and after a camera, an order or an operation.")
def before_after(
    context: typer.Context,
    treated: Treated = None,
    treated_zone: TreatedZone = None,
    treated_feature: TreatedFeature = None,
    comparison: Comparison = None,
    comparison_zone: ComparisonZone = None,
    comparison_feature: ComparisonFeature = None,
    before: Before = None,
    during: During = None,
    after: After = None,
    ring: RingM = 0.0,
    radius: Radius = 100.0,
    boundary_set: SetId = None,
    offences: Offences = Asked.offences,
    harm_table: HarmTableOption = None,
    proxy: Proxy = None,
    level: Level = 0.9,
    as_of: AsOf = None,
    output: Output = None,
    keep_days: KeepDays = None,
    marking: Marking = None,
    json: Json = False,
) -> None:
    """Before, during and after a camera, an order or an operation, beside comparison places."""
    query = _query(
        (treated, treated_zone, treated_feature),
        (comparison, comparison_zone, comparison_feature),
        (before, during, after),
        ring=ring,
        radius=radius,
        boundary_set=boundary_set,
        offences=offences,
        harm_table=harm_table,
        proxy=proxy,
        level=level,
        as_of=as_of,
    )
    _answer(context, query, output, handling_of(marking, keep_days), as_json=json)


@app.command(short_help="Do two counts come from one rate?")
def etest(
    before: Annotated[int, typer.Argument(metavar="BEFORE", help="Incidents before.")],
    after: Annotated[int, typer.Argument(metavar="AFTER", help="Incidents after.")],
    lengths: Lengths = "1,1",
    json: Json = False,
) -> None:
    """E-test: do two counts come from one rate? Without a comparison place, so a first look and no evaluation."""
    from geo_service.evaluation.etest import REFERENCE, e_test

    given = _pair(lengths, "lengths")
    p = e_test(before, after, lengths=given)
    verdict = "unlike one rate" if p < 0.1 else "chance alone may well give that"  # noqa: PLR2004 - the usual level
    words = f"{before} against {after}: p {p:.4f}, {verdict}."
    said = "Nothing is compared with another place, so whatever else changed is part of it."
    facts = {"before": before, "after": after, "lengths": given, "p": p, "notes": [said], "reference": REFERENCE}
    say(f"{words}\n- {said}\n{REFERENCE}", facts, as_json=json)


def _of_counts(counts: tuple[str | None, ...], lengths: str, level: float, *, as_json: bool) -> None:
    from dataclasses import asdict

    from geo_service.evaluation.wdd import REFERENCE, Places, displacement_difference
    from geo_service.model.evaluation import finite
    from geo_service.workflows.evaluating.evaluation_words import NO_CAUSE, POISSON, difference

    names = ("treated_counts", "comparison_counts", "ring_counts", "comparison_ring_counts")
    pairs = [_pair(text or "", name) for text, name in zip(counts, names, strict=True)]
    found = displacement_difference(Places.of(*pairs), lengths=_pair(lengths, "lengths"), level=level)
    lines = [f"Weighted displacement difference: {difference(found, 'incidents')}.", f"p {found.p:.4f}, one-sided."]
    if found.few:
        lines.append("- Fewer than five incidents in a place and period: the normal interval is a poor guide.")
    lines += [f"- {NO_CAUSE}", f"- {POISSON}", REFERENCE]
    say(
        "\n".join(lines),
        finite(asdict(found)) | {"notes": [NO_CAUSE, POISSON], "reference": REFERENCE},
        as_json=as_json,
    )


def _pair(text: str, name: str) -> tuple[float, float]:
    from geo_service.errors import QueryError

    try:
        first, second = (float(part) for part in text.split(","))
    except ValueError:
        raise QueryError(
            "Not two numbers", found=text, do="Write before and after, for example 20,10", field=name
        ) from None
    return first, second


def _query(
    treated: tuple[list[str] | None, ...],
    comparison: tuple[list[str] | None, ...],
    phases: tuple[str | None, ...],
    *,
    ring: float,
    radius: float,
    boundary_set: str | None,
    offences: str,
    harm_table: str | None,
    proxy: str | None,
    level: float,
    as_of: int | None,
) -> EvaluationQuery:
    from geo_service.errors import QueryError
    from geo_service.model.evaluation import EvaluationQuery, Named, months_of

    if phases[0] is None:
        raise QueryError("The months before are not given", do="Give --before 2025-01..2025-06", field="before")
    before, during, after = (
        None if text is None else months_of(text, name)
        for text, name in zip(phases, ("before", "during", "after"), strict=True)
    )
    assert before is not None  # noqa: S101 - refused above
    return EvaluationQuery(
        treated=Named(*(tuple(names or ()) for names in treated)),
        comparison=Named(*(tuple(names or ()) for names in comparison)),
        before=before,
        during=during,
        after=after,
        ring_m=ring,
        radius_m=radius,
        boundary_set=boundary_set,
        offence_set=offences,
        harm_table=harm_table,
        proxy=proxy,  # type: ignore[arg-type] # the query refuses what it is not
        level=level,
        as_of=as_of,
    )


def _answer(
    context: typer.Context, query: EvaluationQuery, output: Path | None, handling: Handling, *, as_json: bool
) -> None:
    from geo_service.workflows.evaluating import evaluate, evaluation_words
    from geo_service.workflows.exports import export

    services = services_of(context)
    check_format(services, output)
    made = evaluate.evaluate(services, query)
    path = None
    if output is not None:
        path = write_export(output, export(services, evaluate.table(made), output.suffix, handling))
    lines = [_counts_words(made), "", *evaluation_words.lines(made), *([] if path is None else [f"Written: {path}"])]
    say("\n".join(lines), made.facts | {"file": path and str(path)}, as_json=as_json)


def _counts_words(made: Evaluation) -> str:
    heads = ["incidents", *(f"{name} ({period})" for name, period in made.query.phases)]
    if made.harms is not None:
        heads += [f"{made.harm_label}, {name}" for name, _ in made.query.phases]
    rows: list[list[object]] = []
    for place, counts in made.counts.items():
        if made.query.ring_m or "ring" not in place:
            harms = [] if made.harms is None else [f"{harm:,.0f}" for harm in made.harms[place]]
            rows.append([place, *(f"{count:,}" for count in counts), *harms])
    return table(heads, rows)


def register(main: typer.Typer) -> None:
    """Add the commands."""
    from geo_service.cli import trials

    trials.register(app)
    main.add_typer(app, name="evaluate", short_help="Say whether what was done worked, beside comparison places.")
