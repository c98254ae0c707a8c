"""From zones to a printed patrol sheet."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from geo_service.model.access import Principal
    from geo_service.model.hotspots import ZoneRun
    from geo_service.model.sheets import SheetContent
    from geo_service.workflows.services import Services


def sheet_content(
    services: Services, run: ZoneRun, zone_ids: Sequence[str], *, printed_for: dt.date, marking: str = "OFFICIAL"
) -> SheetContent:
    """Decide every word, number and shape of a sheet for at most four zones of one run."""
    raise NotImplementedError


def print_sheet(
    services: Services, run: ZoneRun, zone_ids: Sequence[str], *, printed_for: dt.date, principal: Principal
) -> tuple[str, bytes]:
    """Return the file name (marking included) and the PDF; record the disclosure."""
    raise NotImplementedError
