"""What `geo-service hotspots` says of street segments, and of incidents that are spread over catchments."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from geo_service.cli.answers import answer_facts, answer_words, provenance_words, written
from geo_service.cli.output import say, table, write_export

if TYPE_CHECKING:
    from geo_service.model.hotspots import HotspotQuery
    from geo_service.workflows.markings import Handling
    from geo_service.workflows.services import Services

_MOST_CELLS = 20
"""Spread cells that are printed; an export has them all."""


def say_segments(
    services: Services, query: HotspotQuery, output: Path | None, handling: Handling, *, as_json: bool
) -> None:
    """Say which street segments hold the most."""
    from geo_service.workflows.exports import export
    from geo_service.workflows.finding.segments import segment_answer

    found = segment_answer(services, query, looked=output is None)
    path = None if output is None else write_export(output, export(services, found.table, output.suffix, handling))
    rows = found.table.rows
    lines = [table(rows.columns, [list(row) for row in rows.head(_MOST_CELLS).rows()])]
    if rows.height > _MOST_CELLS:
        lines.append(f"… and {rows.height - _MOST_CELLS} more: write them with -o.")
    provenance = found.table.provenance
    said = [found.sentence, *lines, *(f"- {note}" for note in found.table.notes[1:])]
    said += [provenance_words(provenance.data_version, dict(provenance.parameters)), *found.table.licences]
    facts = {
        "sentence": found.sentence,
        "segments": found.segments,
        "beyond": found.beyond,
        "best": rows.to_dicts(),
        "notes": found.table.notes,
        "licences": found.table.licences,
        "provenance": asdict(provenance),
        "file": path and str(path),
    }
    say("\n".join([*said, *written(path)]), facts, as_json=as_json)


def say_spread(
    services: Services, query: HotspotQuery, output: Path | None, handling: Handling, *, as_json: bool
) -> None:
    """Say what the best cells hold once incidents are spread over catchments."""
    from geo_service.workflows.exports import export
    from geo_service.workflows.finding.spreading import spread_answer, spread_table

    found = spread_answer(services, query, looked=output is None)
    cells = spread_table(services, found)
    path = None if output is None else write_export(output, export(services, cells, output.suffix, handling))
    columns = ["rank", "id", "snapped", "spread", "spread_low", "spread_high", "at_least", "at_most", "cells_meant"]
    rows = cells.rows.select(columns)
    lines = [found.sentence, table(columns, [list(row) for row in rows.head(_MOST_CELLS).rows()])]
    if rows.height > _MOST_CELLS:
        lines.append(f"… and {rows.height - _MOST_CELLS} more: write them with -o.")
    facts = answer_facts(found.surface) | {
        "file": path and str(path),
        "spread": {
            "sentence": found.sentence,
            "anchors": found.anchors,
            "share": found.shares,
            "chosen_again": found.same,
            "cells": rows.to_dicts(),
        },
    }
    say("\n".join([*answer_words(found.surface), *lines, *written(path)]), facts, as_json=as_json)
