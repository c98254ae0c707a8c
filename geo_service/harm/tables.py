"""Weigh offence groups in days by a harm table, or by a proxy of their category."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from geo_service.harm.codes import code_key, description_key
from geo_service.model.offences import Weights

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from geo_service.model.offences import HarmTable, ProxyLevel, ProxyTable

_ANY = ""
"""Description key of a row that stands for every description of its code."""


class Weighed(NamedTuple):
    """Hold the days of each group, and why a group has none."""

    days: pl.Series
    """Float64, null where nothing matched."""
    reason: pl.Series
    """Why nothing matched, null where something did."""


def weigh(groups: pl.DataFrame, table: HarmTable, *, selected: NDArray[np.bool_] | None = None) -> Weights:
    """Weigh offence groups by a harm table.

    A row is found by code and description; failing that by a row of the code without description; failing that by the
    code alone, where all its rows weigh the same. A code with several weights and no fitting description stays
    unmatched. selected: groups whose misses are reported, all by default.
    """
    weighed = by_table(groups, table)
    return Weights(
        label=f"harm ({table.id})",
        table=table.id,
        is_proxy=False,
        days=tuple(weighed.days.fill_null(0.0)),
        unmatched=misses(groups, weighed, selected),
    )


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


def by_table(groups: pl.DataFrame, table: HarmTable) -> Weighed:
    """Return days and reasons of offence groups by a harm table, in the order of the groups."""
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
    alone = _agreed(rows.filter(pl.col("code") != ""), ["code"], "alone").with_columns(
        pl.lit(value=True).alias("known")
    )
    found = (
        keyed.join(exact, on=["code", "said"], how="left", maintain_order="left")
        .join(general, on="code", how="left", maintain_order="left")
        .join(alone, on="code", how="left", maintain_order="left")
        .with_columns(pl.coalesce("exact", "general", "alone").alias("days"))
    )
    reason = (
        pl.when(pl.col("days").is_not_null())
        .then(None)
        .when(pl.col("code") == "")
        .then(pl.lit("it has no offence code"))
        .when(pl.col("known").is_null())
        .then(pl.lit("its code is not in the table"))
        .otherwise(pl.lit("its code has several weights and none for this description"))
    )
    answer = found.select("days", reason.alias("reason"))
    return Weighed(answer["days"], answer["reason"])


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
