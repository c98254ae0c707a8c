"""One table out, in the format that a file name or an address asks for."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from geo_service.errors import QueryError
from geo_service.model.access import DISCLOSURE
from geo_service.model.layers import Marks, marks_of
from geo_service.workflows.markings import USUAL, Export, Handling, file_name, marked, name_of

if TYPE_CHECKING:
    import datetime as dt

    from geo_service.model.charts import Chart
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


CHARTS: Final = (".svg", ".png")
"""File endings of a chart."""
_CHART_TYPES: Final = {".svg": "image/svg+xml", ".png": "image/png"}


def export_chart(services: Services, chart: Chart, suffix: str, handling: Handling = USUAL) -> Export:
    """Draw a chart, marked, as the picture of a file ending; record the disclosure.

    Raises QueryError for an unknown ending.
    """
    form = suffix.casefold()
    if form not in _CHART_TYPES:
        raise QueryError(
            "Unknown format of a chart", found=suffix or "no ending", do=f"Use {' or '.join(CHARTS)}", field="output"
        )
    last = handling.destroy_after(services.today())
    leaving = replace(chart, provenance=replace(chart.provenance, marking=handling.marking, destroy_after=last))
    told = leaving.provenance
    marks = Marks(told.marking, told.data_version, last.isoformat(), told.demonstration)
    name = file_name(marks, chart.title, form)
    made = Export(name, services.charts.write(leaving, form.lstrip(".")), _CHART_TYPES[form], marks)
    services.store.record(DISCLOSURE, f"{chart.id} as a chart", {"data version": told.data_version, "file": name})
    return made


def export(
    services: Services, table: FeatureTable, suffix: str, handling: Handling = USUAL, *, day: dt.date | None = None
) -> Export:
    """Write a table, marked, in the format of a file ending; record the disclosure.

    day: the day that it is for, after which its copies are kept so long; today if left out. Raises QueryError for an
    unknown ending.
    """
    form, leaving = format_of(services, suffix), marked(services, table, handling, day)
    made = Export(name_of(leaving, form.suffix), form.write(leaving), form.media_type, marks_of([leaving]))
    services.store.record(
        DISCLOSURE,
        f"{table.id} as {form.name}",
        {"rows": table.rows.height, "data version": table.provenance.data_version, "file": made.name},
    )
    return made
