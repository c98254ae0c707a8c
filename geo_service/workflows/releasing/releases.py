"""Publish the Safe Places: what goes public, which release is shown, and going back to an earlier one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

import orjson
import polars as pl

from geo_service.errors import AccessError, ConflictError, InputError
from geo_service.model.access import ALTERATION, DISCLOSURE, KEEPERS, Audience, Role
from geo_service.model.release import MARKING, NewRelease, PublicRelease
from geo_service.model.safe_places import KIND, PlaceState, SafePlace
from geo_service.safe_places.open_referral import open_referral
from geo_service.workflows import tables
from geo_service.workflows.places.approved import with_approved
from geo_service.workflows.releasing.release_ground import POSTCODES_LICENCE, ground

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from geo_service.model.layers import FeatureTable
    from geo_service.model.release import ReleaseLine
    from geo_service.workflows.services import Services

PLACES: Final = "safe-places"
PUBLISHERS: Final = KEEPERS | {Role.COORDINATOR}
LICENCE: Final = (
    "This list is published under the Open Government Licence v3.0: "
    "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/"
)
GEOJSON, CSV, OPEN_REFERRAL = "safe-places.geojson", "safe-places.csv", "safe-places-open-referral.json"
_VERIFIED: Final = "verified"
_UNVERIFIED: Final = "unverified"


@dataclass(frozen=True, slots=True)
class Published:
    """Say what was published."""

    release: PublicRelease
    left_out: Mapping[str, int]
    """Places that are not in it, by their status."""
    without_position: int
    before: int | None
    """Release that was shown until then."""

    @property
    def sentence(self) -> str:
        """Say what was published."""
        count = self.release.places.rows.height
        return f"Release {self.release.number} is shown on the public site: {count} place{'' if count == 1 else 's'}."

    @property
    def notes(self) -> tuple[str, ...]:
        """Say what is missing."""
        notes = [f"Left out, because {status}: {count}." for status, count in self.left_out.items()]
        if _UNVERIFIED in self.left_out:
            notes.append("Places that nobody has verified are listed with --show-unverified; every page then says so.")
        if self.without_position:
            notes.append(f"Not on the map, because their position is not known: {self.without_position}.")
        if self.release.gazetteer.postcodes.is_empty():
            notes.append("Nobody can search by postcode: none is loaded (`geo-service import postcodes FILE`).")
        if self.release.ways is None:
            notes.append("There are no directions: no streets are loaded (`geo-service import basemap FILE`).")
        return tuple(notes)

    @property
    def facts(self) -> dict[str, object]:
        """Return the same for a program."""
        release = self.release
        return {
            "number": release.number,
            "made": None if release.made is None else release.made.isoformat(),
            "places": release.places.rows.height,
            "left_out": dict(self.left_out),
            "without_position": self.without_position,
            "show_unverified": release.show_unverified,
            "postcodes": release.gazetteer.postcodes.height,
            "towns": release.gazetteer.towns.height,
            "streets": release.gazetteer.streets.height,
            "ways": 0 if release.ways is None else len(release.ways.lines),
            "basemap": release.basemap is not None,
            "pictures": len(release.pictures),
            "open_data": sorted(release.open_data),
            "before": self.before,
        }


def publish(services: Services, *, area: str, show_unverified: bool) -> Published:
    """Make a numbered release of what may be public, and show it.

    Raises AccessError for others than coordinators and keepers of the whole force, InputError where there is no place
    to publish, ConflictError where the public site shows the same already.
    """
    refuse_others(services)
    new, left_out = draft(services, area=area, show_unverified=show_unverified)
    places = new.release.places
    before = services.releases.number()
    if services.releases.shows(new):
        raise ConflictError(
            "Nothing has changed since the release that is shown",
            found=f"release {before}",
            do="Change the Safe Places first; `geo-service safe-places releases` lists what was published",
        )
    release = services.releases.keep(new, services.clock())
    detail = {
        "number": release.number,
        "places": places.rows.height,
        "left out": dict(left_out),
        "unverified shown": show_unverified,
        "data version": new.data_version,
        "in place of": before,
    }
    if gone := listed_of(release, taken_off(services)):
        raise ConflictError(
            "A place was suspended while the release was made, so it is not shown",
            found=", ".join(gone),
            do="Publish again, which leaves it out",
        )
    # Kept before it is written down, shown only after: what cannot be written down is not done.
    services.store.record(f"{DISCLOSURE}: publish Safe Places", f"release {release.number}", detail)
    services.releases.use(release.number)
    return Published(
        release, left_out, sum(shape is None for shape in places.geometry), before if before != release.number else None
    )


def use(services: Services, number: int, *, anyway: bool = False) -> int | None:
    """Show another release; return the one that was shown.

    Raises AccessError as `publish`, NotFoundError for an unknown number, DamagedFileError where it is not sound, and
    ConflictError where it lists a place that is suspended by now: anyway shows even that.
    """
    refuse_others(services)
    before = services.releases.number()
    release = services.releases.read(number)
    gone = listed_of(release, taken_off(services))
    if gone and not anyway:
        raise ConflictError(
            f"Release {number} lists places that are suspended by now",
            found=", ".join(gone),
            do="Publish again instead, which leaves them out; `safe-places use NUMBER --anyway` lists them again",
        )
    detail = {"number": number, "in place of": before, "suspended and listed again": gone}
    services.store.record(f"{ALTERATION}: switch public release", f"release {number}", detail)
    services.releases.use(number)
    return before


def listed_of(release: PublicRelease, ids: Sequence[str]) -> list[str]:
    """Return the names of those places that a release lists."""
    return release.places.rows.filter(pl.col("id").is_in(ids))["name"].to_list()


def taken_off(services: Services) -> list[str]:
    """Return the ids of the places that are suspended now, here or in the older list.

    One that was suspended stays so until a second person approves it, whoever has asked for it since: until then it is
    kept with nothing approved.
    """
    kept = {item.id: SafePlace.of(item).approved for item in services.store.items(KIND).all()}
    older = services.registry.features(PLACES, Audience.PUBLIC, services.store.snapshot()).rows
    there = older.filter(pl.col("status") == PlaceState.SUSPENDED.value)["id"].to_list()
    return [place for place, approved in kept.items() if approved is None] + [
        place for place in there if place not in kept
    ]


def lines(services: Services) -> Sequence[ReleaseLine]:
    """List the releases, oldest first, and what is wrong with their files; raise AccessError as `publish`."""
    refuse_others(services)
    return services.releases.lines()


def draft(services: Services, *, area: str, show_unverified: bool) -> tuple[NewRelease, Mapping[str, int]]:
    """Gather what a release would hold, and count the places left out of it by status; nothing is written."""
    snapshot = services.store.snapshot()
    places, left_out = candidates(services, show_unverified=show_unverified)
    named = [town for town in places.rows["town"].unique(maintain_order=True).to_list() if town]
    area = area or (named[0] if len(named) == 1 else "")
    sets = snapshot.boundary_sets()
    outline = tables.boundary_table(services, next(iter(sets))) if services.demonstration and sets else None
    gazetteer, ways, basemap, licences = ground(services, snapshot, places)
    release = PublicRelease(
        area=area,
        places=places,
        show_unverified=show_unverified,
        outline=outline,
        gazetteer=gazetteer,
        ways=ways,
        basemap=basemap,
        licences=(*licences, LICENCE),
    )
    return NewRelease(
        release,
        snapshot.version,
        pictures=services.releases.pictures(places.rows["id"].to_list()),
        open_data=lambda number: open_data_of(services, release, number),
    ), left_out


def candidates(services: Services, *, show_unverified: bool) -> tuple[FeatureTable, Mapping[str, int]]:
    """Return the places that may be public, public columns only; raise InputError where there is none."""
    older = services.registry.features(PLACES, Audience.PUBLIC, services.store.snapshot())
    found, not_approved = with_approved(services, older)
    shown = [_VERIFIED, _UNVERIFIED] if show_unverified else [_VERIFIED]
    keep = found.rows.select(pl.col("status").is_in(shown)).to_series()
    counted = found.rows.filter(~keep)["status"].value_counts().sort("status")
    left_out = {**not_approved}
    for status, count in counted.iter_rows():
        left_out[status] = left_out.get(status, 0) + count
    if not keep.any():
        waiting = found.rows["status"].is_in([_UNVERIFIED]).any()
        how = "Verify them, or add --show-unverified" if waiting else "Import them: `geo-service safe-places import`"
        raise InputError("There is no Safe Place to publish", found=f"{found.rows.height} places, {left_out}", do=how)
    kept = replace(
        found,
        rows=found.rows.filter(keep),
        geometry=found.geometry[keep.to_numpy()],
        provenance=replace(found.provenance, marking=MARKING),
    )
    return kept, left_out


def open_data_of(services: Services, release: PublicRelease, number: int) -> dict[str, bytes]:
    """Return the files to download; the same release gives the same bytes."""
    places = release.places
    notes = [*places.notes]
    if release.show_unverified and (places.rows["status"] == _UNVERIFIED).any():
        notes.append("Places with the status unverified were checked by nobody: check before you go.")
    leaving = replace(
        places,
        # Of the ground only the postcodes are in these files: places stand at their centres.
        licences=(*places.licences, *(line for line in release.licences if line in {POSTCODES_LICENCE, LICENCE})),
        notes=tuple(notes),
        provenance=replace(places.provenance, data_version=number),
    )
    return {
        GEOJSON: services.formats["geojson"].write(leaving),
        CSV: services.formats["csv"].write(leaving),
        OPEN_REFERRAL: orjson.dumps(
            open_referral(leaving, services.store.id, lambda place: _page(services.public_site, place)),
            option=orjson.OPT_INDENT_2,
        ),
    }


def _page(site: str, place: str) -> str:
    """Return the address of a place's page; empty where nobody has said that of the site."""
    return f"{site}/place/{quote(place, safe='')}" if site else ""


def refuse_others(services: Services) -> None:
    """Raise AccessError for whoever may not publish, or sees only a part of what would be published."""
    principal = services.principal
    if not principal.may(PUBLISHERS) or principal.areas is not None:
        raise AccessError(
            "Only a coordinator or admin of the whole force publishes the Safe Places",
            found=principal.name,
            do="Ask one of them",
        )
