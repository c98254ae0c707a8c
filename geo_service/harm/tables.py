"""Weigh offence groups in days by a harm table, or by a proxy of their category."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from geo_service.harm.codes import code_key, description_key
from geo_service.model.harm_imports import SeveralWeights
from geo_service.model.offences import SEVERAL, Ambiguous, Weights

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from geo_service.model.offences import HarmScore, HarmTable, ProxyLevel, ProxyTable

_ANY = ""
"""Description key of a row that stands for every description of its code."""


class Weighed(NamedTuple):
    """Hold the days of each group, and why a group has none."""

    days: pl.Series
    """Float64, null where nothing matched."""
    reason: pl.Series
    """Why nothing matched, null where something did."""
    ambiguous: tuple[Ambiguous, ...] = ()
    """Offences whose code has several weights and none for their description."""


def weigh(
    groups: pl.DataFrame,
    table: HarmTable,
    *,
    selected: NDArray[np.bool_] | None = None,
    score: HarmScore | None = None,
    proactive: bool = False,
) -> Weights:
    """Weigh offence groups by a harm table.

    A row is found by code and description; failing that by a row of the code without description; failing that by the
    code alone, where all its rows weigh the same. An offence whose code has several weights and whose description
    names none of them is reported as ambiguous and weighs nothing, or, where score says so, the lowest or highest of
    them. What the index leaves out weighs nothing unless proactive. selected: groups whose misses are reported, all by
    default.
    """
    weighed = by_table(groups, table, score, proactive=proactive)
    return Weights(
        label=f"harm ({table.id}{f', {score} score' if score else ''})",
        table=table.id,
        is_proxy=False,
        days=tuple(weighed.days.fill_null(0.0)),
        unmatched=misses(groups, weighed, selected),
        ambiguous=of_selected(weighed.ambiguous, selected),
        score=score,
        notes=notes_of(table, proactive=proactive),
    )


def notes_of(table: HarmTable, *, proactive: bool = False) -> tuple[str, ...]:
    """Return what must be said with everything that a table weighs."""
    if not table.leaves_out or not proactive:
        return table.notes
    said = f"What police activity found is weighed all the same, as asked: {table.title} leaves it out."
    return (*table.notes, said)


def of_selected(ambiguous: Sequence[Ambiguous], selected: NDArray[np.bool_] | None) -> tuple[Ambiguous, ...]:
    """Return the ambiguous offences that are asked about, with their groups that are."""
    if selected is None:
        return tuple(ambiguous)
    asked = [replace(one, groups=tuple(group for group in one.groups if selected[group])) for one in ambiguous]
    return tuple(one for one in asked if one.groups)


def weigh_by_proxy(
    groups: pl.DataFrame, table: ProxyTable, level: ProxyLevel, *, selected: NDArray[np.bool_] | None = None
) -> Weights:
    """Weigh the categories of data.police.uk by one level of a proxy table; never a measured harm."""
    weighed = by_category(groups, table, level)
    return Weights(
        label=f"harm (proxy, {level})",
        table=table.id,
        is_proxy=True,
        days=tuple(weighed.days.fill_null(0.0)),
        unmatched=misses(groups, weighed, selected),
    )


def by_table(
    groups: pl.DataFrame, table: HarmTable, score: HarmScore | None = None, *, proactive: bool = False
) -> Weighed:
    """Return days and reasons of offence groups by a harm table, in the order of the groups (see `weigh`)."""
    keyed = groups.select(
        code_key(pl.col("offence_code")).alias("code"), description_key(pl.col("offence")).alias("said")
    )
    rows = table.rows.select(
        code_key(pl.col("offence_code")).alias("code"),
        description_key(pl.col("offence")).alias("said"),
        pl.col("days").cast(pl.Float64),
    )
    exact = _agreed(rows, ["code", "said"], "exact")
    general = _agreed(rows.filter(pl.col("said") == _ANY), ["code"], "general")
    # Incidents without a code share nothing but that, so they are found by description only.
    alone = (
        rows.filter(pl.col("code") != "")
        .group_by("code", maintain_order=True)
        .agg(pl.col("days").min().alias("lowest"), pl.col("days").max().alias("highest"))
    )
    found = (
        keyed.join(exact, on=["code", "said"], how="left", maintain_order="left")
        .join(general, on="code", how="left", maintain_order="left")
        .join(alone, on="code", how="left", maintain_order="left")
        .with_columns(
            left_out=_marked(groups, () if proactive else table.leaves_out),
            only=pl.when(pl.col("lowest") == pl.col("highest")).then("lowest"),
        )
        .with_columns(known=pl.coalesce("exact", "general", "only"))
        .with_columns(several=pl.col("known").is_null() & pl.col("lowest").is_not_null() & ~pl.col("left_out"))
    )
    days = pl.when("left_out").then(0.0).otherwise(pl.coalesce("known", score or pl.lit(None, pl.Float64)))
    reason = (
        pl.when(days.is_not_null())
        .then(None)
        .when("several")
        .then(
            pl.format(
                "{}, {} to {}, and none for this description", pl.lit(SEVERAL), _plain("lowest"), _plain("highest")
            )
        )
        .when(pl.col("code") == "")
        .then(pl.lit("it has no offence code"))
        .otherwise(pl.lit("its code is not in the table"))
    )
    answer = found.select(days.alias("days"), reason.alias("reason"))
    return Weighed(answer["days"], answer["reason"], _ambiguous(groups, found))


def _plain(name: str) -> pl.Expr:
    return pl.col(name).cast(pl.String).str.strip_suffix(".0")


def several_weights(table: HarmTable) -> tuple[int, tuple[SeveralWeights, ...]]:
    """Return how many codes a table has, and those with several weights; of incidents without a code nothing."""
    rows = table.rows.select(code_key(pl.col("offence_code")).alias("code"), "days", "source").filter(
        pl.col("code") != ""
    )
    by_code = rows.group_by("code").agg(
        pl.col("days").min().alias("lowest"),
        pl.col("days").max().alias("highest"),
        pl.col("source").n_unique().alias("rows"),
    )
    several = by_code.filter(pl.col("lowest") < pl.col("highest")).sort("code")
    return by_code.height, tuple(SeveralWeights(**row) for row in several.iter_rows(named=True))


def _marked(groups: pl.DataFrame, markers: Sequence[str]) -> pl.Series:
    """Tell which groups have one of some markers."""
    flags = [pl.col(marker).fill_null(value=False) for marker in markers if marker in groups.columns]
    return groups.select(pl.any_horizontal(pl.repeat(value=False, n=groups.height), *flags).alias("left_out"))[
        "left_out"
    ]


def _ambiguous(groups: pl.DataFrame, found: pl.DataFrame) -> tuple[Ambiguous, ...]:
    """List the offences that have several weights, once each."""
    several = (
        found.with_row_index("group")
        .with_columns(offence=groups["offence"])
        .filter("several")
        .group_by("code", "said", maintain_order=True)
        .agg(pl.col("offence").first(), pl.col("lowest", "highest").first(), "group")
        .sort("code", "said")
    )
    return tuple(
        Ambiguous(row["code"], row["offence"] or "", row["lowest"], row["highest"], tuple(row["group"]))
        for row in several.iter_rows(named=True)
    )


def by_category(groups: pl.DataFrame, table: ProxyTable, level: ProxyLevel) -> Weighed:
    """Return days and reasons of offence groups by the proxy of their category, in the order of the groups."""
    keyed = groups.select(description_key(pl.col("offence")).alias("said"))
    rows = table.rows.select(
        description_key(pl.col("offence")).alias("said"), pl.col(level).cast(pl.Float64).alias("days")
    )
    days = keyed.join(_agreed(rows, ["said"], "days"), on="said", how="left", maintain_order="left")["days"]
    reason = pl.select(pl.when(days.is_null()).then(pl.lit("its category is not in the proxy table")))
    return Weighed(days, reason.to_series())


def misses(groups: pl.DataFrame, weighed: Weighed, selected: NDArray[np.bool_] | None) -> tuple[str, ...]:
    """List the unmatched offences once each, with the reason."""
    code = pl.col("offence_code").fill_null("").str.strip_chars()
    name = pl.concat_str(
        pl.when(code != "").then(code + " ").otherwise(pl.lit("")), pl.col("offence").fill_null("no description")
    )
    said = groups.select(pl.concat_str(name, pl.lit(": "), weighed.reason).alias("said"))
    if selected is not None:
        said = said.filter(pl.Series(selected))
    return tuple(said["said"].drop_nulls().unique(maintain_order=True))


def _agreed(rows: pl.DataFrame, keys: list[str], name: str) -> pl.DataFrame:
    """Return the one weight that all rows of a key agree on, null where they differ."""
    one = pl.when(pl.col("days").n_unique() == 1).then(pl.col("days").first())
    return rows.group_by(keys, maintain_order=True).agg(one.alias(name))
