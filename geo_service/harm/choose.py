"""Decide how a question weighs harm: by a table, by a named proxy, by both, or not at all."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from geo_service.errors import NotFoundError, QueryError
from geo_service.harm.tables import (
    Weighed,
    by_category,
    by_table,
    misses,
    notes_of,
    of_selected,
    weigh,
    weigh_by_proxy,
)
from geo_service.model.offences import Weights

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from geo_service.model.hotspots import Measure
    from geo_service.model.offences import HarmScore, HarmTable, ProxyLevel, ProxyTable


def choose_weights(  # noqa: PLR0913 - one argument for each part of the question
    groups: pl.DataFrame,
    *,
    measure: Measure,
    proxy: ProxyLevel | None,
    harm_table: str | None,
    tables: Mapping[str, HarmTable],
    proxies: Mapping[str, ProxyTable],
    selected: NDArray[np.bool_] | None = None,
    score: HarmScore | None = None,
    proactive: bool = False,
) -> Weights | None:
    """Return the weights of offence groups for a question, None where it neither asks for harm nor can show it.

    Groups with an offence code are weighed by a harm table, groups that are only a category by the named proxy; where
    the data holds both, the label says so. selected: the groups of the question's offence set, all by default. score,
    proactive: see `weigh`.

    Offences that weigh nothing at all give None for a count. Raises QueryError (field `measure`) where harm is asked of
    them; QueryError (field `proxy`) where harm is asked of category-only data without a proxy, or a proxy of data
    that has codes; QueryError or NotFoundError (field `harm_table`) where the table is not clear or not there.
    """
    asked = np.ones(groups.height, dtype=np.bool_) if selected is None else selected
    coded = groups.select(pl.col("offence_code").fill_null("").str.strip_chars() != "").to_series().to_numpy()
    category = asked & ~coded & ~_known_without_code(groups, tables)
    if measure == "count" and proxy is None and (category.any() or not _one_table(tables, harm_table)):
        return None
    if proxy is None:
        if category.any():
            raise _needs_proxy(groups, category, mixed=bool((coded & asked).any()))
        weights = weigh(groups, _table(tables, harm_table), selected=selected, score=score, proactive=proactive)
    elif not (coded & asked).any():
        weights = weigh_by_proxy(groups, _proxy_table(proxies), proxy, selected=selected)
    elif category.any():
        table = _table(tables, harm_table)
        weighed = by_table(groups, table, score, proactive=proactive)
        weights = replace(
            _both(groups, coded, selected, weighed, table=table, proxy=_proxy_table(proxies), level=proxy, score=score),
            score=score,
            notes=notes_of(table, proactive=proactive),
        )
    else:
        raise QueryError(
            "Every offence asked about has a code, so harm is weighed by a harm table and not by a proxy",
            found=proxy,
            do="Leave the proxy out",
            field="proxy",
        )
    if np.asarray(weights.days)[asked].any():
        return weights
    if measure == "count":
        return None
    raise QueryError(
        "None of the offences asked about carries a harm weight",
        found=", ".join(weights.unmatched) or weights.table,
        do=(
            "Say how a code with several weights counts (--harm-score lowest or highest), " if weights.ambiguous else ""
        )
        + "ask for a count, or name another offence set or harm table",
        field="measure",
    )


def _both(  # noqa: PLR0913 - the parts of one answer
    groups: pl.DataFrame,
    coded: NDArray[np.bool_],
    selected: NDArray[np.bool_] | None,
    by_code: Weighed,
    *,
    table: HarmTable,
    proxy: ProxyTable,
    level: ProxyLevel,
    score: HarmScore | None,
) -> Weights:
    """Weigh groups with a code by the table and the rest by the proxy."""
    by_proxy, has_code = by_category(groups, proxy, level), pl.Series(coded)
    weighed = Weighed(
        by_code.days.zip_with(has_code, by_proxy.days), by_code.reason.zip_with(has_code, by_proxy.reason)
    )
    named = f"{table.id}, {score} score" if score else table.id
    return Weights(
        label=f"harm ({named}, and proxy, {level}, where there is no offence code)",
        table=f"{table.id}+{proxy.id}",
        is_proxy=True,
        days=tuple(weighed.days.fill_null(0.0)),
        unmatched=misses(groups, weighed, selected),
        ambiguous=of_selected(by_code.ambiguous, selected),
    )


def _known_without_code(groups: pl.DataFrame, tables: Mapping[str, HarmTable]) -> NDArray[np.bool_]:
    """Return the groups that some table weighs although they have no code: incidents that are no crime."""
    known = np.zeros(groups.height, dtype=np.bool_)
    without = groups.with_columns(pl.lit(None, dtype=pl.String).alias("offence_code"))
    for table in tables.values():
        known |= by_table(without, table).days.is_not_null().to_numpy()
    return known


def _one_table(tables: Mapping[str, HarmTable], named: str | None) -> bool:
    return named is not None or len(tables) == 1


def _table(tables: Mapping[str, HarmTable], named: str | None) -> HarmTable:
    listed = ", ".join(sorted(tables)) or "none"
    if named is not None:
        if named not in tables:
            raise NotFoundError("No harm table of that name", found=named, do=f"There is: {listed}", field="harm_table")
        return tables[named]
    if len(tables) != 1:
        raise QueryError(
            "Which harm table to weigh by is not clear", found=listed, do="Name one harm table", field="harm_table"
        )
    return next(iter(tables.values()))


def _proxy_table(proxies: Mapping[str, ProxyTable]) -> ProxyTable:
    if len(proxies) != 1:
        raise QueryError(
            "There must be one proxy table to weigh categories by",
            found=", ".join(sorted(proxies)) or "none",
            do="Keep one table of kind `proxy` in data/harm",
            field="proxy",
        )
    return next(iter(proxies.values()))


def _needs_proxy(groups: pl.DataFrame, category: NDArray[np.bool_], *, mixed: bool) -> QueryError:
    names = groups.filter(pl.Series(category))["offence"].drop_nulls().unique().sort().to_list()
    return QueryError(
        ("Some of the offences asked about are" if mixed else "The data has")
        + " only categories without offence codes, for which no harm is known"
        + (" (the others have codes)" if mixed else ""),
        found=", ".join(names),
        do=(
            "Ask for a count, or name a proxy: low, middle or high (--proxy middle); "
            + ("offences with a code keep the harm table, and " if mixed else "")
            + "every output then says that the figure is a proxy"
        ),
        field="proxy",
    )
