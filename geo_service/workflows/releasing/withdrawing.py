"""Take places off the public site that are suspended by now; of all else that it shows nothing changes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import polars as pl

from geo_service.errors import AccessError, ConflictError
from geo_service.model.access import ALTERATION
from geo_service.model.release import NewRelease
from geo_service.workflows.places.approved import counted_anew
from geo_service.workflows.releasing.releases import PUBLISHERS, listed_of, open_data_of, taken_off

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geo_service.model.release import PublicRelease
    from geo_service.workflows.services import Services

_TRIES: Final = 4
"""Others may publish or suspend while a release is made; then it is made anew from what they left."""


def withdraw(services: Services) -> int | None:
    """Show what is shown without the places that are suspended by now; return the number of the new release.

    None where the release that is shown lists none of them. Whoever keeps Safe Places may, also within areas: nothing
    goes public by it. Raises AccessError for others, NotFoundError where nothing was published, DamagedFileError,
    FaultError, ConflictError where others change what is shown again and again.
    """
    if not services.principal.may(PUBLISHERS):
        raise AccessError("Only coordinators and admins take places off", found=services.principal.name)
    for _ in range(_TRIES):
        shown = services.releases.current()
        gone = taken_off(services)
        names = listed_of(shown, gone)
        if not names:
            return None
        made = services.releases.keep(_without(services, shown, gone), services.clock())
        if services.releases.number() == shown.number and not listed_of(made, taken_off(services)):
            detail = {"number": made.number, "in place of": shown.number, "taken off": names}
            services.store.record(
                f"{ALTERATION}: take Safe Places off the public site", f"release {made.number}", detail
            )
            services.releases.use(made.number)
            return made.number
    raise ConflictError("Others changed what the public site shows at the same time", do="Publish, which leaves it out")


def _without(services: Services, shown: PublicRelease, gone: Sequence[str]) -> NewRelease:
    """Return a new release with what one shows but for some places."""
    table = shown.places
    stays = ~table.rows.select(pl.col("id").is_in(gone)).to_series()
    places = replace(table, rows=table.rows.filter(stays), geometry=table.geometry[stays.to_numpy()])
    release = replace(shown, places=counted_anew(places))
    pictures = {path.name: path.read_bytes() for place, path in shown.pictures.items() if place not in gone}
    return NewRelease(
        release,
        services.store.snapshot().version,
        pictures=pictures,
        open_data=lambda number: open_data_of(services, release, number),
    )
