"""Write offence codes and descriptions in one form, so that tables and data meet."""

from __future__ import annotations

import polars as pl

_SLASHED = r"^0*(\d{1,3})\s*/\s*(\d{1,2})$"
_RUN_TOGETHER = r"^(\d{3})(\d{2})$"


def code_key(code: pl.Expr) -> pl.Expr:
    """Return Home Office codes as class/subclass, three digits and two: `8/6` and `00806` become `008/06`.

    A missing code becomes the empty string; anything else is kept as written, in capitals.
    """
    text = code.cast(pl.String).fill_null("").str.strip_chars().str.to_uppercase()
    return pl.coalesce(_joined(text, _SLASHED), _joined(text, _RUN_TOGETHER), text)


def description_key(offence: pl.Expr) -> pl.Expr:
    """Return descriptions without regard to case and runs of spaces; a missing one becomes the empty string."""
    text = offence.cast(pl.String).fill_null("").str.strip_chars().str.to_lowercase()
    return text.str.replace_all(r"\s+", " ")


def _joined(text: pl.Expr, pattern: str) -> pl.Expr:
    """Return class/subclass where the pattern matches and null elsewhere."""
    return pl.concat_str(
        text.str.extract(pattern, 1).str.zfill(3), text.str.extract(pattern, 2).str.zfill(2), separator="/"
    )
