"""Turn the text cells of a column into values, and say what is wrong with those that are none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import opening_hours
import polars as pl

if TYPE_CHECKING:
    from collections.abc import Callable

    from geo_service.model.layers import LayerField

POLARS_TYPES: Final[dict[str, pl.DataType]] = {
    "text": pl.String(),
    "integer": pl.Int64(),
    "number": pl.Float64(),
    "boolean": pl.Boolean(),
    "date": pl.Date(),
    "hours": pl.String(),
    "choice": pl.String(),
}

_TRUE: Final = ("yes", "y", "true", "t", "1")
_FALSE: Final = ("no", "n", "false", "f", "0")
_LONGEST: Final = 10_000
_NUMBER: Final = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"
_ID: Final = r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$"
"""An id goes into addresses and anchors."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """Hold what becomes of a column, as expressions over its text."""

    value: pl.Expr
    """The value, null where the text is empty or none."""
    reason: pl.Expr
    """What is wrong, null where nothing is; only read where the text is not empty."""


def parse(field: LayerField) -> Parsed:
    """Return how a field's texts become values of its type."""
    return _PARSERS[field.type](pl.col(field.name), field)


def number(cell: pl.Expr) -> pl.Expr:
    """Return finite numbers, null where a text is none."""
    value = pl.when(cell.str.contains(_NUMBER)).then(cell.cast(pl.Float64, strict=False))
    return pl.when(value.is_finite()).then(value)


def _value(value: pl.Expr, what: str) -> Parsed:
    return Parsed(value, pl.when(value.is_null()).then(pl.lit(f"is not {what}")))


def _integer(cell: pl.Expr, _: LayerField) -> Parsed:
    whole = cell.str.replace(r"\.0+$", "")  # spreadsheets write 7 as 7.0
    value = pl.when(whole.str.contains(r"^[+-]?\d+$")).then(whole.cast(pl.Int64, strict=False))
    return _value(value, "a whole number")


def _number(cell: pl.Expr, _: LayerField) -> Parsed:
    return _value(number(cell), "a number")


def _boolean(cell: pl.Expr, _: LayerField) -> Parsed:
    word = cell.str.to_lowercase()
    value = pl.when(word.is_in(_TRUE)).then(statement=True).when(word.is_in(_FALSE)).then(statement=False)
    return _value(value, "yes or no")


def _date(cell: pl.Expr, _: LayerField) -> Parsed:
    iso = pl.when(cell.str.contains(r"^\d{4}-\d{2}-\d{2}$")).then(cell.str.to_date("%Y-%m-%d", strict=False))
    british = pl.when(cell.str.contains(r"^\d{1,2}/\d{1,2}/\d{4}$")).then(cell.str.to_date("%d/%m/%Y", strict=False))
    return _value(pl.coalesce(iso, british), "a date such as 2025-05-01 or 01/05/2025")


def _hours(cell: pl.Expr, _: LayerField) -> Parsed:
    def valid(texts: pl.Series) -> pl.Series:
        known = {text: opening_hours.validate(text) for text in texts.drop_nulls().unique().to_list()}
        return texts.replace_strict(list(known), list(known.values()), default=None, return_dtype=pl.Boolean)

    fits = cell.map_batches(valid, return_dtype=pl.Boolean)
    said = pl.lit("is not in the OpenStreetMap notation, for example Mo-Fr 09:00-17:00; PH off")
    return Parsed(pl.when(fits).then(cell), pl.when(~fits).then(said))


def _choice(cell: pl.Expr, field: LayerField) -> Parsed:
    written = {choice.lower(): choice for choice in field.choices}
    value = cell.str.to_lowercase().replace_strict(
        list(written), list(written.values()), default=None, return_dtype=pl.String
    )
    return Parsed(value, pl.when(value.is_null()).then(pl.lit(f"is none of {', '.join(field.choices)}")))


def _text(cell: pl.Expr, field: LayerField) -> Parsed:
    too_long = pl.when(cell.str.len_chars() > _LONGEST).then(pl.lit(f"is longer than {_LONGEST:,} characters"))
    if field.name == "id":
        said = "may hold letters, digits and . _ : - only, at most 100 of them"
        return Parsed(cell, pl.when(~cell.str.contains(_ID)).then(pl.lit(said)))
    if field.name == "postcode":
        return Parsed(postcode(cell), too_long)
    if field.name == "web":  # a page will make a link of it
        address = (
            pl.when(cell.str.contains(r"^(?i)www\.")).then(pl.concat_str(pl.lit("https://"), cell)).otherwise(cell)
        )
        wrong = pl.when(~address.str.contains(r"^(?i)https?://[^\s/]+\.[^\s]+$")).then(
            pl.lit("is no address that begins with https://")
        )
        return Parsed(address, pl.coalesce(wrong, too_long))
    return Parsed(cell, too_long)


def postcode(cell: pl.Expr) -> pl.Expr:
    """Return postcodes in capitals with one space before the last three characters."""
    return squeezed(cell).str.replace(r"^(.+)(.{3})$", "$1 $2")


def squeezed(cell: pl.Expr) -> pl.Expr:
    """Return postcodes in capitals without a space, as they are compared."""
    return cell.str.to_uppercase().str.replace_all(r"\s", "")


_PARSERS: Final[dict[str, Callable[[pl.Expr, LayerField], Parsed]]] = {
    "text": _text,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "date": _date,
    "hours": _hours,
    "choice": _choice,
}
