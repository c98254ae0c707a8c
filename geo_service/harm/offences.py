"""Choose the offence groups of a set."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from geo_service.errors import QueryError
from geo_service.harm.codes import code_key, description_key
from geo_service.model.incidents import MARKERS
from geo_service.model.offences import UNDER_25

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from geo_service.model.offences import OffenceRule, OffenceSet


def select(groups: pl.DataFrame, offence_set: OffenceSet, *, proactive: bool = False) -> NDArray[np.bool_]:
    """Say which offence groups belong to a set: any `include` rule (none: all) and no `exclude` rule.

    groups: one row for each group, GROUP_COLUMNS. proactive: whether what the set names as found by police activity is
    put in. Returns one flag for each row. A marker
    that the source leaves unsaid (null) counts as not set. Raises QueryError for a rule that names an unknown marker.
    """
    included = _any_rule(offence_set, offence_set.include) if offence_set.include else pl.lit(value=True)
    chosen = included & ~_any_rule(offence_set, offence_set.exclude)
    if not proactive:
        chosen &= ~_any_rule(offence_set, offence_set.proactive)
    flags: NDArray[np.bool_] = groups.select(
        pl.repeat(value=True, n=groups.height, dtype=pl.Boolean).and_(chosen).alias("chosen")
    )["chosen"].to_numpy()
    return flags


def _any_rule(offence_set: OffenceSet, rules: Sequence[OffenceRule]) -> pl.Expr:
    return pl.any_horizontal(pl.lit(value=False), *(_matches(offence_set, rule) for rule in rules))


def _matches(offence_set: OffenceSet, rule: OffenceRule) -> pl.Expr:
    """Return whether every condition that the rule gives holds."""
    conditions = [pl.lit(value=True)]
    if rule.codes:
        conditions.append(_code_among(rule.codes))
    if rule.offences:
        wanted = [" ".join(offence.split()).lower() for offence in rule.offences]
        conditions.append(description_key(pl.col("offence")).is_in(wanted))
    if rule.any_marker:
        unknown = sorted(set(rule.any_marker) - set(MARKERS))
        if unknown:
            raise QueryError(
                f"The offence set {offence_set.id} names an unknown marker",
                found=", ".join(unknown),
                do=f"Use some of {', '.join(MARKERS)}",
                field="any_marker",
            )
        conditions.append(_any_set(rule.any_marker))
    if rule.under_25:
        conditions.append(_any_set(UNDER_25[rule.under_25]))
    return pl.all_horizontal(conditions)


def _any_set(markers: Sequence[str]) -> pl.Expr:
    return pl.any_horizontal(pl.col(marker).fill_null(value=False) for marker in markers)


def _code_among(codes: Sequence[str]) -> pl.Expr:
    """Return whether the code is one of those given, or of a class that is given with a closing slash."""
    key = code_key(pl.col("offence_code"))
    classes = [f"{code[:-1].strip().zfill(3)}/" for code in codes if code.endswith("/")]
    single = pl.Series([code for code in codes if not code.endswith("/")], dtype=pl.String).to_frame("code")
    wanted = single.select(code_key(pl.col("code")))["code"].to_list()
    return pl.any_horizontal(key.is_in(wanted), *(key.str.starts_with(start) for start in classes))
