"""The options of a question, named once for every command that asks one."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Annotated, Any

import typer

from geo_service.model.asked import Asked

if TYPE_CHECKING:
    from collections.abc import Callable

Boundary = Annotated[str, typer.Option(metavar="AREA", help="Code or name of a ward, district or policing area.")]
SetId = Annotated[
    str | None, typer.Option("--set", metavar="SET", help="Boundary set to look in.", show_default="by date")
]
From = Annotated[str, typer.Option("--from", metavar="MONTH", help="First month, YYYY-MM.")]
To = Annotated[str, typer.Option("--to", metavar="MONTH", help="Last month, YYYY-MM.")]
Offences = Annotated[str, typer.Option("--offences", metavar="SET", help="Offence set.")]
MeasureOption = Annotated[str, typer.Option(metavar="MEASURE", help="count or harm.")]
Proxy = Annotated[str | None, typer.Option(metavar="LEVEL", help="On category-only data: low, middle or high.")]
HarmTableOption = Annotated[str | None, typer.Option("--harm-table", metavar="TABLE", help="Harm table by id.")]
Statistic = Annotated[
    str, typer.Option(metavar="STATISTIC", help="How cells are ranked: total, gi_star, kde … (see docs/analyst.md).")
]
Resolution = Annotated[int, typer.Option(metavar="NUMBER", help="H3 resolution, 8 to 12.")]
Ring = Annotated[int, typer.Option(metavar="NUMBER", help="k-ring of statistics that look at neighbours, 1 to 3.")]
HalfLife = Annotated[float, typer.Option(metavar="MONTHS", help="recent: months after which an incident counts half.")]
Kernel = Annotated[str, typer.Option(metavar="KERNEL", help="kde: quartic or gaussian.")]
Bandwidth = Annotated[
    float | None, typer.Option(metavar="METRES", help="kde: bandwidth.", show_default="by held-out likelihood")
]
Permutations = Annotated[
    int, typer.Option(metavar="NUMBER", help="Conditional permutations behind p; 0 takes the analytical one.")
]
Seed = Annotated[int, typer.Option(metavar="NUMBER", help="Seed of everything random.")]
Per = Annotated[str, typer.Option(metavar="DENOMINATOR", help="rate: km2, or the id of an imported denominator.")]
Share = Annotated[
    float, typer.Option("--area-share", metavar="PERCENT", help="Percentage of the area that the best cells may cover.")
]
HarmScoreOption = Annotated[
    str | None,
    typer.Option(
        "--harm-score", metavar="SCORE", help="Code with several weights: lowest or highest.", show_default="0"
    ),
]
Proactive = Annotated[
    bool, typer.Option("--include-proactive", help="Put in what police activity found, which the sets leave out.")
]
AsOf = Annotated[int | None, typer.Option(metavar="VERSION", help="Data version to ask.", show_default="the newest")]


def asked_of(
    boundary: Boundary,
    first: From,
    last: To,
    boundary_set: SetId = Asked.boundary_set,
    offences: Offences = Asked.offences,
    measure: MeasureOption = Asked.measure,
    proxy: Proxy = Asked.proxy,
    harm_table: HarmTableOption = Asked.harm_table,
    statistic: Statistic = Asked.statistic,
    resolution: Resolution = Asked.resolution,
    ring: Ring = Asked.ring,
    half_life: HalfLife = Asked.half_life,
    kernel: Kernel = Asked.kernel,
    bandwidth: Bandwidth = Asked.bandwidth,
    permutations: Permutations = Asked.permutations,
    seed: Seed = Asked.seed,
    per: Per = Asked.per,
    area_share: Share = Asked.area_share,
    as_of: AsOf = Asked.as_of,
    harm_score: HarmScoreOption = Asked.harm_score,
    proactive: Proactive = Asked.proactive,
) -> Asked:
    """Name the options of a question once, for every command that asks one."""
    return Asked(
        boundary,
        first,
        last,
        boundary_set,
        offences,
        measure,
        proxy,
        harm_table,
        statistic,
        resolution,
        ring,
        half_life,
        kernel,
        bandwidth,
        permutations,
        seed,
        per,
        area_share,
        as_of,
        harm_score,
        proactive,
    )


def asks(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of a question in place of its argument `asked`."""
    question = inspect.signature(asked_of, eval_str=True).parameters
    context, _, *rest = inspect.signature(command, eval_str=True).parameters.values()

    def run(context: typer.Context, **given: Any) -> None:  # noqa: ANN401 - typer has checked them
        command(context, asked_of(**{name: given.pop(name) for name in question}), **given)

    # By name only, so that an option with a default may stand before one without.
    options = [each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in (*question.values(), *rest)]
    run.__signature__ = inspect.Signature([context, *options])  # type: ignore[attr-defined] # what typer reads
    run.__annotations__ = {each.name: each.annotation for each in (context, *options)}
    run.__doc__, run.__name__ = command.__doc__, command.__name__
    return run
