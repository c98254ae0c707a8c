"""Flow A: file to cube. Read, clean, index, assign, write, commit once."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from geo_service import overlay, spatial
from geo_service.errors import ConflictError, InputError
from geo_service.model.boundaries import BoundaryDescriptor
from geo_service.model.incidents import ImportCounts
from geo_service.workflows.importing import basemaps
from geo_service.workflows.importing.imported import BoundaryImport, FileCounts, IncidentImport, RowsImport, reasons_of
from geo_service.workflows.keeping.retention import without_erased
from geo_service.workflows.places.approved import PLACES

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from geo_service.model.access import Version
    from geo_service.model.boundaries import BoundarySet
    from geo_service.model.ports import IncidentFile, Progress, Snapshot, Staging
    from geo_service.workflows.services import Services

INCIDENTS, ASSIGNMENTS = "incidents/", "assignments/"
"""How the names of slots begin; an assignment's goes on with the id of the set and the slot of the incidents."""
_SET_ID: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")


def import_incidents(
    services: Services,
    paths: Sequence[Path],
    *,
    mapping: Path | None = None,
    force: str = "",
    progress: Progress | None = None,
) -> IncidentImport:
    """Import files, folders or zips of incidents as one version.

    Raises InputError where a file cannot be read at all, and then nothing is kept; and where no row of any file can be
    taken, the rejected rows being kept all the same.
    """
    found = services.incident_files.find(paths, mapping=mapping, force=force)
    with services.store.stage() as staging:
        done = _stage_files(staging, list(found), progress)
        _refuse_empty(done)
        outside = _assign(staging, services.store.snapshot().boundary_sets(), progress)
        version = staging.commit("import incidents", services.principal, _detail(done))
    _refuse_useless(done)
    if version is not None:
        # The usual questions are asked at once after an import; their cube is made here, not then.
        services.store.snapshot().cube(10)
    return IncidentImport(version, tuple(done), outside, found.notes)


def _stage_files(staging: Staging, files: Sequence[IncidentFile], progress: Progress | None) -> list[FileCounts]:
    total_bytes = sum(file.size_bytes for file in files)
    bytes_before = 0
    done: list[FileCounts] = []
    for file in files:

        def report(bytes_read: int, *, before: int = bytes_before, name: str = file.name) -> None:
            if progress is not None:
                progress(before + bytes_read, total_bytes, name)

        counts, reasons, first_rejected = ImportCounts(), dict[str, int](), None
        for cleaned in file.batches(report):
            batch = without_erased(staging, cleaned, file.name)
            located = batch.accepted["lon"].count()
            counts += ImportCounts(batch.read, located, batch.accepted.height - located, batch.rejected.height)
            for (slot,), rows in spatial.index_all(batch.accepted).partition_by("partition", as_dict=True).items():
                staging.add_incidents(str(slot), rows.drop("partition"))
            if batch.rejected.height:
                first_rejected = first_rejected or batch.rejected.row(0, named=True)
                staging.add_rejects(f"rejects/{file.sha256[:16]}", batch.rejected)
                for reason, rows in _kinds_of(batch.rejected["reason"]).value_counts().iter_rows():
                    reasons[reason] = reasons.get(reason, 0) + rows
        bytes_before += file.size_bytes
        done.append(FileCounts(file.name, file.reader, file.sha256, counts, reasons, first_rejected))
    return done


def _refuse_empty(done: Sequence[FileCounts]) -> None:
    if not any(file.counts.read for file in done):
        names = ", ".join(file.name for file in done)
        raise InputError("The header is followed by no rows", found=names, do="Export it again")


def _refuse_useless(done: Sequence[FileCounts]) -> None:
    """Refuse an import of nothing but rejected rows: it is the wrong file, or wrongly read."""
    first = next((file.first_rejected for file in done if file.first_rejected), None)
    if first is None or any(file.counts.accepted for file in done):
        return
    reasons = "; ".join(f"{rows:,} rejected, {reason}" for reason, rows in reasons_of(done).items())
    raise InputError(
        f"No row of {', '.join(file.name for file in done)} can be taken: {reasons}",
        found=f"{first['value'] or 'nothing'} as {first['field']} in row {first['row']} of {first['file']}",
        do="Mend the file, or how it is read (--mapping), and import it again; `geo-service issues` lists the rows",
        field=str(first["field"]),
    )


def _kinds_of(reasons: pl.Series) -> pl.Series:
    """Leave out what differs from row to row (`repeats row 17 exactly`), so that reasons can be counted."""
    # The day of an erasure is the same for many rows, and what somebody looks for.
    return reasons.zip_with(reasons.str.starts_with("erased on "), reasons.str.replace_all(r"\b[0-9]+\b", "N"))


def _assign(
    staging: Staging, sets: Mapping[str, BoundarySet], progress: Progress | None
) -> Mapping[str, tuple[int, int]]:
    """Write the final rows of each slot with their members; memory holds one slot, or one partition of one, at a time.

    Returns (located rows in no member, located rows) of each set.
    """
    outside = dict.fromkeys(sets, (0, 0))
    rows_kept, rows_put_aside = 0, staging.rows
    for slot, frame in staging.partitions():
        staging.put_incidents(slot, frame)
        rows_kept += frame.height
        if progress is not None:
            progress(min(rows_kept, rows_put_aside), rows_put_aside, f"keeping {slot.removeprefix(INCIDENTS)}")
        for set_id, boundary_set in sets.items():
            member = _members(frame, boundary_set)
            staging.put_assignment(slot, set_id, member)
            located = frame["lon"].count()
            beyond, all_located = outside[set_id]
            in_none = int((member < 0).sum()) - (frame.height - located)
            outside[set_id] = (beyond + in_none, all_located + located)
    return outside


def _members(frame: pl.DataFrame, boundary_set: BoundarySet) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
    lon, lat = (frame[axis].cast(pl.Float64).fill_null(np.nan).to_numpy() for axis in ("lon", "lat"))
    return overlay.assign(lon, lat, boundary_set)


def _detail(files: Sequence[FileCounts]) -> Mapping[str, object]:
    return {
        "files": [
            {
                "name": file.name,
                "reader": file.reader,
                "sha256": file.sha256,
                "read": file.counts.read,
                "located": file.counts.located,
                "unlocated": file.counts.unlocated,
                "rejected": file.counts.rejected,
            }
            for file in files
        ]
    }


def import_boundaries(  # noqa: PLR0913 - one argument for each option of the command
    services: Services,
    path: Path,
    set_id: str,
    *,
    code_field: str = "",
    name_field: str = "",
    parent_code_field: str = "",
    parent_name_field: str = "",
    valid_from: dt.date | None = None,
    title: str = "",
    licence: str = "",
    progress: Progress | None = None,
) -> BoundaryImport:
    """Import one boundary set and assign every incident that is there to its members.

    What is not given is taken from `data/boundaries/<set>.toml`, where there is one.
    """
    known = services.registry.boundaries().get(set_id)
    given = {
        "title": title,
        "licence": licence,
        "code_field": code_field,
        "name_field": name_field,
        "parent_code_field": parent_code_field,
        "parent_name_field": parent_name_field,
    }
    descriptor = _descriptor(set_id, known, valid_from, given, path.name)
    boundary_set = services.boundary_files.read(path, descriptor)
    overlaps, gaps = overlay.check_coverage(boundary_set)
    with services.store.stage() as staging:
        staging.put_boundary_set(boundary_set)
        # Looked at after the change is opened, so that what others commit meanwhile is noticed.
        outside = _assign_all(staging, services.store.snapshot(), boundary_set, progress)
        version = staging.commit("import boundaries", services.principal, {"set": set_id, "file": path.name})
    return BoundaryImport(version, boundary_set, tuple(map(str, overlaps)), tuple(map(str, gaps)), outside)


def _descriptor(
    set_id: str, known: BoundaryDescriptor | None, valid_from: dt.date | None, given: Mapping[str, str], file: str
) -> BoundaryDescriptor:
    """Describe a set by what is given and, for the rest, by what is known of it; raise InputError where that lacks."""
    if not _SET_ID.fullmatch(set_id):
        raise InputError(
            "A boundary set needs a short id",
            found=set_id,
            do="Write it in small letters, digits and hyphens, for example wards-2025",
            field="set",
        )
    if known is None:
        known = BoundaryDescriptor(set_id, set_id, set_id, None, "licence not stated", source=file, how_to_get="")
    said = {name: value for name, value in given.items() if value}
    if valid_from not in (None, known.valid_from):
        said["vintage"] = f"{set_id}, valid from {valid_from}"
    described = replace(known, valid_from=valid_from or known.valid_from, **said)  # type: ignore[arg-type]
    if not (described.code_field and described.name_field):
        raise InputError(
            "The set has no description, so the fields with code and name must be given",
            found=set_id,
            do="Add --code FIELD and --name FIELD",
            field="set",
        )
    return described


def _assign_all(
    staging: Staging, snapshot: Snapshot, boundary_set: BoundarySet, progress: Progress | None
) -> tuple[int, int]:
    slots = list(snapshot.slots(INCIDENTS))
    beyond = all_located = 0
    for done, slot in enumerate(slots):
        if progress is not None:
            progress(done, len(slots), f"assigning {slot.removeprefix(INCIDENTS)}")
        frame = snapshot.incident_slot(slot)
        member = _members(frame, boundary_set)
        staging.put_assignment(slot, boundary_set.id, member)
        located = frame["lon"].count()
        beyond += int((member < 0).sum()) - (frame.height - located)
        all_located += located
    return beyond, all_located


def assign_missing(services: Services) -> Version | None:
    """Assign the incidents that stand beside a boundary set without having been assigned to it; None for none.

    So they do when an undo brings incidents back, or a set, and the other came in between.
    """
    with services.store.stage() as staging:
        snapshot = services.store.snapshot()
        assigned = snapshot.slots(ASSIGNMENTS)
        done = []
        for slot in snapshot.slots(INCIDENTS):
            lacking = [found for found in snapshot.boundary_sets().values() if _assignment(found, slot) not in assigned]
            frame = snapshot.incident_slot(slot) if lacking else pl.DataFrame()
            for found in lacking:
                staging.put_assignment(slot, found.id, _members(frame, found))
                done.append(_assignment(found, slot))
        return staging.commit("assign", services.principal, {"assigned": len(done)}) if done else None


def _assignment(boundary_set: BoundarySet, slot: str) -> str:
    return f"{ASSIGNMENTS}{boundary_set.id}/{slot}"


def import_postcodes(services: Services, path: Path) -> RowsImport:
    """Import postcode centres (Code-Point Open layout), in place of those that were there."""
    frame = services.postcode_files.read(path)
    with services.store.stage() as staging:
        staging.put_postcodes(frame)
        version = staging.commit("import postcodes", services.principal, {"file": path.name, "rows": frame.height})
    return RowsImport(version, frame.height, pl.DataFrame())


def import_layer(services: Services, layer: str, path: Path) -> RowsImport:
    """Import the features of a layer, in place of those that were there; rejected rows are kept and listed."""
    if layer == PLACES and services.store.kept_places():
        raise ConflictError(
            "The Safe Places are in the coordinators' hands: a layer would make places public that nobody approved",
            found=path.name,
            do="Bring the list in with `geo-service safe-places import FILE`",
        )
    good, rejected = services.registry.read_features(layer, path)
    if good.is_empty() and rejected.height:
        first = rejected.row(0, named=True)
        raise InputError(
            f"No row of {path.name} can be taken; the first, row {first['row']}, because {first['reason']}",
            found=first["value"],
            do="Mend the file and import it again",
            field=first["field"] or "",
        )
    with services.store.stage() as staging:
        staging.put_features(layer, good)
        if layer in basemaps.DRAWN:
            basemaps.redraw(services, staging, {layer: good})
        staging.add_rejects(f"rejects/layer-{layer}", rejected)  # none take the place of the earlier ones too
        detail = {"layer": layer, "file": path.name, "rows": good.height, "rejected": rejected.height}
        version = staging.commit("import layer", services.principal, detail)
    return RowsImport(version, good.height, rejected)
