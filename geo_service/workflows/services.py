"""The doers that the workflows are handed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Mapping

    from geo_service.model.ports import (
        BoundaryFiles,
        Format,
        IncidentFiles,
        MapWriter,
        PostcodeFiles,
        Registry,
        SheetPrinter,
        Store,
    )


@dataclass(frozen=True, slots=True)
class Services:
    """Hold one doer for each port, wired by `app`."""

    store: Store
    registry: Registry
    incident_files: IncidentFiles
    boundary_files: BoundaryFiles
    postcode_files: PostcodeFiles
    formats: Mapping[str, Format]
    map_writer: MapWriter
    printer: SheetPrinter
    clock: Callable[[], dt.datetime]
    """Time now, with its zone; an argument so that tests and printed sheets are repeatable."""
    demonstration: bool = False
    """Whether the data directory holds the invented demonstration area."""
