"""Tables and their geometry as Parquet files; what else is known of a table as JSON."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl
import shapely

from geo_service.model.access import Audience
from geo_service.model.layers import FeatureTable, LayerStyle, Provenance
from geo_service.model.release import MARKING, Ways

if TYPE_CHECKING:
    from collections.abc import Mapping

_GEOMETRY: Final = "wkb"


def dump_frame(frame: pl.DataFrame) -> bytes:
    """Return a table as Parquet; the same table gives the same bytes."""
    sink = io.BytesIO()
    frame.write_parquet(sink, compression="zstd", statistics=False)
    return sink.getvalue()


def load_frame(content: bytes) -> pl.DataFrame:
    """Read what `dump_frame` wrote."""
    return pl.read_parquet(io.BytesIO(content))


def dump_features(table: FeatureTable) -> bytes:
    """Return rows and geometry as Parquet."""
    return dump_frame(table.rows.with_columns(_wkb(table.geometry)))


def load_features(content: bytes, said: Mapping[str, Any], data_version: int) -> FeatureTable:
    """Read what `dump_features` wrote, with what `said_of` wrote of it."""
    frame = load_frame(content)
    style = said["style"]
    return FeatureTable(
        id=said["id"],
        title=said["title"],
        rows=frame.drop(_GEOMETRY),
        geometry=_shapes(frame[_GEOMETRY]),
        provenance=Provenance(
            data_version=data_version,
            data_to=said["data_to"],
            parameters=said["parameters"],
            marking=MARKING,
            demonstration=said["demonstration"],
        ),
        licences=tuple(said["licences"]),
        notes=tuple(said["notes"]),
        audience=Audience.PUBLIC,
        style=LayerStyle(style["shape"], style["colour"], style["letter"]),
    )


def said_of(table: FeatureTable) -> dict[str, Any]:
    """Return what is known of a table besides its rows, as JSON takes it."""
    return {
        "id": table.id,
        "title": table.title,
        "data_to": table.provenance.data_to,
        "parameters": dict(table.provenance.parameters),
        "demonstration": table.provenance.demonstration,
        "licences": list(table.licences),
        "notes": list(table.notes),
        "style": {"shape": table.style.shape, "colour": table.style.colour, "letter": table.style.letter},
    }


def dump_ways(ways: Ways) -> bytes:
    """Return streets as Parquet."""
    return dump_frame(
        pl.DataFrame(
            {"class": list(ways.classes), "name": list(ways.names)}, schema={"class": pl.String, "name": pl.String}
        ).with_columns(_wkb(ways.lines))
    )


def load_ways(content: bytes) -> Ways:
    """Read what `dump_ways` wrote."""
    frame = load_frame(content)
    return Ways(_shapes(frame[_GEOMETRY]), tuple(frame["class"].to_list()), tuple(frame["name"].to_list()))


def _wkb(geometry: np.ndarray[Any, Any]) -> pl.Series:
    return pl.Series(_GEOMETRY, list(shapely.to_wkb(geometry)), dtype=pl.Binary)


def _shapes(written: pl.Series) -> np.ndarray[Any, Any]:
    return np.asarray(shapely.from_wkb(np.array(written.to_list(), dtype=object)), dtype=object).reshape(len(written))
