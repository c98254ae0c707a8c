"""One table out, in the format that a file name or an address asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo_service.errors import QueryError
from geo_service.model.access import DISCLOSURE
from geo_service.model.layers import marks_of
from geo_service.workflows.markings import USUAL, Export, Handling, marked, name_of

if TYPE_CHECKING:
    from geo_service.model.layers import FeatureTable
    from geo_service.model.ports import Format
    from geo_service.workflows.services import Services


def format_of(services: Services, suffix: str) -> Format:
    """Return the format of a file ending; raise QueryError for an unknown one."""
    for form in services.formats.values():
        if suffix.lstrip(".").casefold() in (form.name, form.suffix.lstrip(".")):
            return form
    raise QueryError(
        "Unknown format",
        found=suffix or "no ending",
        do=f"Use one of {', '.join(services.formats)}",
        field="output",
    )


def export(services: Services, table: FeatureTable, suffix: str, handling: Handling = USUAL) -> Export:
    """Write a table, marked, in the format of a file ending; record the disclosure.

    Raises QueryError for an unknown ending.
    """
    form, leaving = format_of(services, suffix), marked(services, table, handling)
    made = Export(name_of(leaving, form.suffix), form.write(leaving), form.media_type, marks_of([leaving]))
    services.store.record(
        DISCLOSURE,
        f"{table.id} as {form.name}",
        {"rows": table.rows.height, "data version": table.provenance.data_version, "file": made.name},
    )
    return made
