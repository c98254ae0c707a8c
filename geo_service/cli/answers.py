"""The words and facts of an answer, as the commands that ask for hotspots say them."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from geo_service.model.hotspots import Held, HotspotSurface


def written(path: Path | None) -> list[str]:
    """Return the line that names a file, where one was written."""
    return [] if path is None else [f"Written: {path}"]


def answer_words(surface: HotspotSurface) -> list[str]:
    """Return an answer line by line."""
    return [
        surface.sentence,
        surface.sentence_after,
        f"{int(surface.chosen.sum())} of {len(surface.table.cells)} cells; {surface.located:,} located incidents.",
        *(f"- {note}" for note in surface.notes),
        provenance_words(surface.provenance.data_version, dict(surface.provenance.parameters)),
        *surface.licences,
    ]


def provenance_words(version: int, parameters: dict[str, str]) -> str:
    """Say of which data and parameters an answer is."""
    return f"Data version {version}; " + "; ".join(f"{name} {value}" for name, value in parameters.items()) + "."


def _held_facts(held: Held | None) -> dict[str, object] | None:
    if held is None:
        return None
    return asdict(held) | {
        "period": str(held.period),
        "area_share": held.area_share,
        "events_share": held.events_share,
        "harm_share": held.harm_share,
        "pai": held.pai,
        "pai_harm": held.pai_harm,
    }


def answer_facts(surface: HotspotSurface) -> dict[str, object]:
    """Return an answer as JSON has it."""
    from geo_service import spatial

    return {
        "sentence": surface.sentence,
        "sentence_after": surface.sentence_after,
        "in_sample": _held_facts(surface.in_sample),
        "after": _held_facts(surface.after),
        "cells": spatial.cell_words(surface.table.cells[surface.chosen]),
        "located": surface.located,
        "unlocated": surface.unlocated,
        "notes": surface.notes,
        "licences": surface.licences,
        "provenance": asdict(surface.provenance),
        "vintage": surface.area.vintage,
    }
