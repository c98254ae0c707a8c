"""Turn columns of text into columns of facts; a row that cannot be taken becomes a rejected row with its reason."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import polars as pl

from geo_service.model.incidents import INCIDENT_SCHEMA, MARKERS, REJECT_SCHEMA, CleanBatch

if TYPE_CHECKING:
    from geo_service.ingest.records import RawBatch

LONGEST_VALUE: Final = 200
"""Characters of a value that a rejected row keeps."""
EARLIEST_YEAR, LATEST_YEAR = 1900, 2199
_CONTROLS: Final = r"[\x00-\x1f\x7f\u{2028}\u{2029}]+"


def tidy(column: str) -> pl.Expr:
    """Return a text column without control characters and outer blanks; null where nothing is left."""
    text = pl.col(column).str.replace_all(_CONTROLS, " ").str.strip_chars()
    return pl.when(text != "").then(text)


def month_ordinal(date: pl.Expr) -> pl.Expr:
    """Return `Month.ordinal` of a date or time column."""
    return date.dt.year().cast(pl.Int32) * 12 + date.dt.month().cast(pl.Int32) - 1


@dataclass(slots=True)
class Checks:
    """Gather the reasons to refuse a row; the first that holds is the one that is said."""

    _rules: list[tuple[pl.Expr, str, str, str]] = field(default_factory=list)

    def refuse(self, when: pl.Expr, field_name: str, column: str, reason: str) -> None:
        """Refuse rows where `when` holds; `field_name` is the source's column, `column` holds the value to show."""
        self._rules.append((when, field_name, column, reason))

    def split(self, frame: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Return (rows that pass, rejected rows without `file`)."""
        rules = [
            pl.when(when.fill_null(value=False)).then(pl.lit(number, pl.UInt8))
            for number, (when, *_) in enumerate(self._rules)
        ]
        judged = frame.with_columns(_failed=pl.coalesce(rules))
        failed = judged.filter(pl.col("_failed").is_not_null())
        parts = [
            rejects(failed.filter(pl.col("_failed") == number), field_name, column, pl.lit(reason))
            for number, (_, field_name, column, reason) in enumerate(self._rules)
            if failed.height
        ]
        rejected = pl.concat(parts) if parts else empty_rejects()
        return judged.filter(pl.col("_failed").is_null()).drop("_failed"), rejected


def rejects(frame: pl.DataFrame, field_name: str, column: str, reason: pl.Expr) -> pl.DataFrame:
    """Return rejected rows without `file`, all for the same field."""
    return frame.select(
        pl.col("row"),
        field=pl.lit(field_name),
        value=pl.col(column).cast(pl.String).str.slice(0, LONGEST_VALUE).fill_null(""),
        reason=reason.cast(pl.String),
    )


def empty_rejects() -> pl.DataFrame:
    """Return no rejected rows."""
    return pl.DataFrame(schema={name: kind for name, kind in REJECT_SCHEMA.items() if name != "file"})


def finish(
    file: str, raw: RawBatch, accepted: pl.DataFrame, rejected: list[pl.DataFrame], *, show_text: bool
) -> CleanBatch:
    """Put a batch together in the schemas of the model.

    show_text: whether a row with the wrong number of fields may keep its text; it holds columns that nobody mapped.
    """
    malformed = raw.malformed.select(
        pl.col("row"),
        field=pl.lit("row"),
        value=pl.col("text") if show_text else pl.lit("(not kept: the row holds columns that are not mapped)"),
        reason=pl.col("reason"),
    )
    missing = [
        pl.lit(None, INCIDENT_SCHEMA[name]).alias(name)
        for name in ("committed_from", "committed_to", "recorded", "offence_code", *MARKERS)
        if name not in accepted.columns
    ]
    taken = accepted.with_columns(missing).select(
        *(pl.col(name).cast(kind) for name, kind in INCIDENT_SCHEMA.items()), pl.col("partition")
    )
    refused = (
        pl.concat([*rejected, malformed])
        .with_columns(file=pl.lit(file))
        .select(pl.col(name).cast(kind) for name, kind in REJECT_SCHEMA.items())
        .sort("row")
    )
    return CleanBatch(raw.read, taken, refused)
