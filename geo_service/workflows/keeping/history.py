"""What was imported, refused, undone and looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from geo_service.model.access import CONSULTATION, DISCLOSURE
from geo_service.model.layers import FeatureTable, LayerStyle, Provenance
from geo_service.workflows import exports, words
from geo_service.workflows.importing import imports
from geo_service.workflows.markings import USUAL, Handling

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from geo_service.model.access import AuditEvent, Version
    from geo_service.model.ports import Progress, Saved
    from geo_service.model.release import PublicCopy
    from geo_service.workflows.markings import Export
    from geo_service.workflows.services import Services


def versions(services: Services) -> Sequence[Version]:
    """List the versions of the data, oldest first."""
    return services.store.versions()


def undo(services: Services, version: int, *, only: str = "") -> Version:
    """Put back what a version changed, or only the part whose slot contains `only` (for example a month).

    Incidents and boundary sets that meet for the first time by it are assigned in one more version.
    """
    undone = services.store.undo(version, only=only)
    imports.assign_missing(services)
    return undone


def rejected_rows(services: Services, version: int | None = None) -> pl.DataFrame:
    """Return the rejected rows with file, row, field, value and reason; record the look at them first."""
    of = "of every import" if version is None else f"of import {version}"
    services.store.record(f"{CONSULTATION}: rejected rows", f"the rejected rows {of}")
    return services.store.snapshot(version).rejects(version)


def export_rejected(services: Services, version: int | None = None, handling: Handling = USUAL) -> Export:
    """Write the rejected rows as CSV, each with a number as its `id`; record the disclosure."""
    snapshot = services.store.snapshot(version)
    rows = snapshot.rejects(version)
    table = FeatureTable(
        id="rejected-rows",
        title="Rejected rows" if version is None else f"Rejected rows of import {version}",
        rows=rows.select(pl.int_range(1, pl.len() + 1).cast(pl.String).alias("id"), pl.all()),
        geometry=np.full(rows.height, None, dtype=object),
        provenance=Provenance(snapshot.version, "", demonstration=services.demonstration),
        notes=(words.DEMONSTRATION,) if services.demonstration else (),
        style=LayerStyle(shape="none", colour="#505a5f"),
    )
    return exports.export(services, table, ".csv", handling)


def events(services: Services, limit: int | None = 100) -> Sequence[AuditEvent]:
    """List the newest audit events first."""
    return services.store.events(limit)


def backup(services: Services, target: Path, progress: Progress | None = None) -> tuple[Saved, PublicCopy]:
    """Copy all that is stored to a new folder, and record it first: the copy tells of itself.

    The public release that is shown goes along, with the reports that nobody has taken in yet.
    """
    services.store.record(f"{DISCLOSURE}: backup", f"all data to {target.name}")
    public = []
    saved = services.store.backup(target, progress, lambda folder: public.append(services.releases.copy_to(folder)))
    return saved, public[0]


def check(services: Services, progress: Progress | None = None) -> Sequence[str]:
    """Return what is wrong with the store and the public releases, in words."""
    return [*services.store.check(progress), *services.releases.problems()]
