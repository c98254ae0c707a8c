"""Locate features by their postcode once a postcode file is imported."""

from __future__ import annotations

from typing import Final

import numpy as np
import polars as pl
import shapely

from geo_service.model.layers import POSTCODE_CENTRE
from geo_service.registry.checking import WKB
from geo_service.registry.columns import squeezed

_DECIMALS: Final = 7


def locate_by_postcode(frame: pl.DataFrame, postcodes: pl.DataFrame) -> pl.DataFrame:
    """Give each feature without a position the centre of its postcode.

    frame: features with `postcode` and `wkb`. postcodes: `postcode`, `lon`, `lat`, located rows only. `lon`, `lat` and
    `position_source` are filled where the layer has them; a postcode that is in no postcode file is named in `note`.
    """
    centres = postcodes.select(
        squeezed(pl.col("postcode")).alias("__key"),
        pl.col("lon").round(_DECIMALS).alias("__lon"),
        pl.col("lat").round(_DECIMALS).alias("__lat"),
    ).unique("__key", keep="first")
    found = frame.with_columns(squeezed(pl.col("postcode")).alias("__key")).join(
        centres, on="__key", how="left", maintain_order="left"
    )
    placed = found.select(pl.col(WKB).is_null() & pl.col("__lon").is_not_null()).to_series()
    unknown = pl.col("postcode").is_not_null() & pl.col("__lon").is_null()
    wkb = np.array(found[WKB].to_list(), dtype=object)
    wkb[placed.to_numpy()] = shapely.to_wkb(shapely.points(found.filter(placed).select("__lon", "__lat").to_numpy()))
    filled = {
        "lon": pl.when(placed).then("__lon").otherwise("lon"),
        "lat": pl.when(placed).then("__lat").otherwise("lat"),
        "position_source": pl.when(placed).then(pl.lit(POSTCODE_CENTRE)).otherwise("position_source"),
        "note": pl.when(unknown).then(_noted()).otherwise("note"),
    }
    columns = [value.alias(name) for name, value in filled.items() if name in frame.columns]
    return found.with_columns(*columns, pl.Series(WKB, wkb.tolist(), dtype=pl.Binary)).select(frame.columns)


def _noted() -> pl.Expr:
    """Return the note with the sentence on the postcode, once."""
    sentence = pl.format("{} is in no postcode file.", pl.col("postcode"))
    said = pl.col("note").fill_null("").str.contains(sentence, literal=True)
    return (
        pl.when(said)
        .then("note")
        .otherwise(pl.concat_str([sentence, pl.col("note")], separator=" ", ignore_nulls=True))
    )
