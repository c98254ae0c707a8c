"""What the sheets of plans are filled from, read once and kept for the next plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo_service.errors import GeoServiceError
from geo_service.workflows import words
from geo_service.workflows.finding import runs
from geo_service.workflows.paper.plan_sheet_ground import load_ground
from geo_service.workflows.paper.plan_sheet_places import load_places
from geo_service.workflows.planning.plan_keeping import find_plan
from geo_service.workflows.planning.zone_facts import facts_of

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from geo_service.model.hotspots import PatrolZone, ZoneRun
    from geo_service.model.patrol import PatrolPlan
    from geo_service.model.ports import Snapshot
    from geo_service.model.zone_facts import ZoneFacts
    from geo_service.workflows.paper.plan_sheet_ground import Ground
    from geo_service.workflows.paper.plan_sheet_places import Places
    from geo_service.workflows.services import Services


class Sources:
    """Hand out runs, the ground, places and facts; each is read when it is first asked for.

    One object serves every team of a force: streets and buildings are read and projected once.
    """

    def __init__(self, services: Services) -> None:
        """Take the services of whoever asks."""
        self.services = services
        self._newest: Snapshot | None = None
        self._snapshots: dict[int, Snapshot] = {}
        self._facts: dict[tuple[str, str], ZoneFacts] = {}
        self._runs: dict[str, ZoneRun] = {}
        self._grounds: dict[tuple[int, str], Ground] = {}
        self._places: dict[dt.date, Places] = {}

    @property
    def newest(self) -> Snapshot:
        """Return the newest data, of which streets, cameras and places are taken."""
        if self._newest is None:
            self._newest = self.services.store.snapshot()
        return self._newest

    def data(self, version: int) -> Snapshot:
        """Return the data of a version; raise NotFoundError."""
        if version not in self._snapshots:
            self._snapshots[version] = self.services.store.snapshot(version)
        return self._snapshots[version]

    def run(self, run_id: str) -> ZoneRun:
        """Return a run of zones; raise NotFoundError."""
        if run_id not in self._runs:
            self._runs[run_id] = runs.find(self.services.store, run_id)
        return self._runs[run_id]

    def ground(self, plan: PatrolPlan) -> Ground:
        """Return the ground below a plan."""
        key = plan.provenance.data_version, plan.boundary_set
        if key not in self._grounds:
            self._grounds[key] = load_ground(self.services, self.newest, self._data_or_none(key[0]), key[1])
        return self._grounds[key]

    def places(self, day: dt.date) -> Places:
        """Return what stands on the ground on a day."""
        if day not in self._places:
            self._places[day] = load_places(self.services, self.newest, day)
        return self._places[day]

    def member(self, plan: PatrolPlan) -> str:
        """Return what the areas of a plan's boundary set are called."""
        return words.member_word(self.services, plan.boundary_set)

    def warm(self, run: ZoneRun, zones: Sequence[PatrolZone]) -> None:
        """Find out what is known of many zones at once, which is much faster than one by one."""
        wanted = [zone for zone in zones if (run.id, zone.id) not in self._facts]
        found = facts_of(self.services, run, wanted, self.data(run.provenance.data_version)) if wanted else ()
        self._facts |= {(run.id, zone.id): fact for zone, fact in zip(wanted, found, strict=True)}

    def facts(self, run: ZoneRun, zone: PatrolZone) -> ZoneFacts:
        """Return what is known of a zone beside its cells; raises as `facts_of` does."""
        self.warm(run, [zone])
        return self._facts[run.id, zone.id]

    def before(self, plan: PatrolPlan) -> PatrolPlan:
        """Return the team's last plan; raise NotFoundError."""
        return find_plan(self.services, plan.before)

    def _data_or_none(self, version: int) -> Snapshot | None:
        try:
            return self.data(version)
        except GeoServiceError:
            return None
