"""Decide what a map file says beside its map: key, notes, licences, where each table comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import markupsafe
import polars as pl
import shapely

from geo_service.formats.columns import DEMONSTRATION, said
from geo_service.formats.symbols import symbol
from geo_service.model.layers import PUBLIC, marks_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geo_service.model.layers import FeatureTable

NAMES: Final = ("name", "title", "label", "zone", "id")
"""Columns that name a feature, the first that there is."""
_MOST_NAMED: Final = 40


def beside(tables: Sequence[FeatureTable], dashes: Sequence[str]) -> dict[str, Any]:
    """Decide what the page says beside the map.

    dashes: how the outline of each table is dashed. Returns the values of `map_page.html`.
    """
    marks = marks_of(tables)
    return {
        "marks": marks,
        "destroy": marks.destroy_after if marks.destroy_after == PUBLIC else f"destroy after {marks.destroy_after}",
        "demonstration": DEMONSTRATION if marks.demonstration else "",
        "entries": [_entry(table, dashed) for table, dashed in zip(tables, dashes, strict=True)],
        "notes": _notes(tables),
        "licences": list(dict.fromkeys(licence for table in tables for licence in table.licences)),
        "provenance": [f"{table.title}: {_provenance(table)}" for table in tables],
    }


def _notes(tables: Sequence[FeatureTable]) -> list[str]:
    """Return each note once, after the names of the tables that it speaks of where it is not all of them."""
    speakers: dict[str, list[str]] = {}
    for table in tables:
        for note in said(table):
            speakers.setdefault(note, []).append(table.title)
    speakers.pop(DEMONSTRATION, None)
    return [note if len(titles) == len(tables) else f"{', '.join(titles)}: {note}" for note, titles in speakers.items()]


def _entry(table: FeatureTable, dashes: str) -> dict[str, Any]:
    nowhere = shapely.is_missing(table.geometry) | shapely.is_empty(table.geometry)
    rows = table.rows.filter(pl.Series(nowhere))
    names = (
        rows.select(pl.coalesce(pl.col(n).cast(pl.String) for n in NAMES if n in rows.columns)).to_series().to_list()
    )
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return {
        "symbol": markupsafe.Markup(symbol(table.style, dashes=dashes)),  # noqa: S704 (escapes what it takes)
        "title": table.title,
        "count": f"{table.rows.height:,}",
        "missing": ", ".join(names[:_MOST_NAMED]) + more,
    }


def _provenance(table: FeatureTable) -> str:
    provenance = table.provenance
    parts = [f"data version {provenance.data_version}"]
    if provenance.data_to:
        parts.append(f"data to {provenance.data_to}")
    parts.extend(f"{name} {value}" for name, value in provenance.parameters.items())
    if provenance.seed is not None:
        parts.append(f"seed {provenance.seed}")
    return "; ".join(parts)
