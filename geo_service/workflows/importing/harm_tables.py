"""Harm tables that somebody imported, beside those that ship; and what a question's weights must say."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from geo_service import harm
from geo_service.errors import InputError
from geo_service.model.offences import SEVERAL

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from geo_service.model.access import Version
    from geo_service.model.cells import Cube
    from geo_service.model.harm_imports import HarmFile, SeveralWeights
    from geo_service.model.offences import HarmTable, Weights
    from geo_service.model.periods import Period
    from geo_service.model.ports import Snapshot
    from geo_service.workflows.services import Services

_ID: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")


@dataclass(frozen=True, slots=True)
class HarmImport:
    """Say what an import of a harm table did."""

    version: Version | None
    read: HarmFile
    codes: int
    several: tuple[SeveralWeights, ...]
    """Codes with several weights, which a description must tell apart."""


def harm_tables(services: Services, snapshot: Snapshot) -> Mapping[str, HarmTable]:
    """Return the harm tables that ship and those that were imported, by id."""
    return {**services.registry.harm_tables(), **snapshot.harm_tables()}


def import_harm(
    services: Services, path: Path, table_id: str, *, mapping: Path | None = None, sheet: str = ""
) -> HarmImport:
    """Import a harm table, in place of an earlier one of that id; nothing of it ever ships with the product.

    Raises InputError for a file, mapping or id that cannot be taken, NotFoundError for a table without a mapping.
    """
    if not _ID.fullmatch(table_id) or table_id in services.registry.harm_tables():
        raise InputError(
            "An imported harm table needs a short id of its own",
            found=table_id,
            do="Write it in small letters, digits and hyphens, for example chi or css",
            field="table",
        )
    read = services.harm_files.read(path, table_id, mapping=mapping, sheet=sheet)
    codes, several = harm.several_weights(read.table)
    with services.store.stage() as staging:
        staging.put_harm_table(read.table)
        detail = {"table": table_id, "file": path.name, "offences": read.offences}
        version = staging.commit("import harm", services.principal, detail)
    return HarmImport(version, read, codes, several)


def without_ambiguous(weights: Weights | None) -> Weights | None:
    """Return weights whose misses leave out what is ambiguous, for an answer that says more of it."""
    if weights is None:
        return None
    return replace(weights, unmatched=tuple(offence for offence in weights.unmatched if SEVERAL not in offence))


def ambiguous_notes(weights: Weights | None, cube: Cube, period: Period, members: NDArray[np.int32]) -> tuple[str, ...]:
    """Say what is ambiguous, beyond what `words.notes_of` says of weights.

    Of each offence whose code has several weights: the lowest, the highest and the incidents that it concerns.
    members: of the boundary set of the cube that make the area asked about. Offences without an incident there are
    left out.
    """
    if weights is None or not weights.ambiguous:
        return ()
    rows = np.isin(cube.member, members)
    counts = np.bincount(cube.group[rows], weights=cube.window(period)[rows], minlength=cube.groups.height)
    found = [(one, int(counts[list(one.groups)].sum())) for one in weights.ambiguous]
    held = sorted(((one, count) for one, count in found if count), key=lambda each: -each[1])
    if not held:
        return ()
    said = [
        f"{one}: lowest {one.lowest:g}, highest {one.highest:g}, {count:,} incident{'s' * (count > 1)}"
        for one, count in held
    ]
    low, high = (sum(count * getattr(one, end) for one, count in held) for end in ("lowest", "highest"))
    how = (
        "they count as 0; --harm-score lowest or highest weighs them"
        if weights.score is None
        else f"they count with the {weights.score}"
    )
    return (
        f"Code with several weights and no description that tells which, so {how} ({low:,.0f} to {high:,.0f} in all): "
        + "; ".join(said)
        + ".",
    )
