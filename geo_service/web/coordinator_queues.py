"""More pages of the coordinator: bring a directory in, what people reported, what is published."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING

from starlette.responses import RedirectResponse, Response

from geo_service.errors import GeoServiceError, QueryError
from geo_service.workflows.places import importing, listing, publishing, reports
from geo_service.workflows.releasing import releases

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

    from geo_service.web.coordinator_pages import CoordinatorPages
    from geo_service.workflows.places.importing import Directory
    from geo_service.workflows.services import Services


class CoordinatorQueues:
    """Answer with the pages of imports, reports and releases."""

    def __init__(self, shown: CoordinatorPages) -> None:
        self._page = shown.page

    # --- import -------------------------------------------------------------------------------

    def import_form(self, services: Services, request: Request) -> Response:
        """Ask for a file."""
        del request
        return self._import(services)

    def look(self, services: Services, name: str, data: bytes) -> Response:
        """Show the report of a file; nothing is written."""
        try:
            found = importing.look(services, name, data)
        except GeoServiceError as problem:
            return self.not_read(services, problem)
        return self._import(services, found=found, data=base64.b64encode(data).decode())

    def not_read(self, services: Services, problem: GeoServiceError) -> Response:
        """Ask for a file again, and say what was wrong."""
        if problem.exit_code == 1:
            raise problem
        return self._import(services, problem.http_status, problem=problem.message)

    def take(self, services: Services, filled: Mapping[str, str]) -> Response:
        """Take the drafts of a file in that was looked at: it is checked again, as others may have been there."""
        try:
            data = base64.b64decode(filled.get("data", ""), validate=True)
            if not data:
                raise QueryError("The file did not come back", do="Choose it again", field="file")
            found = importing.take(services, filled.get("name", "file.csv"), data)
        except binascii.Error:
            return self.not_read(services, QueryError("The file did not come back whole", do="Choose it again"))
        except GeoServiceError as problem:
            return self.not_read(services, problem)
        return self._import(services, found=found)

    def _import(
        self,
        services: Services,
        status: int = 200,
        *,
        found: Directory | None = None,
        data: str = "",
        problem: str = "",
    ) -> Response:
        return self._page(services, "places_import.html", status, found=found, data=data, problem=problem)

    # --- reports ------------------------------------------------------------------------------

    def reports(self, services: Services, request: Request) -> Response:
        """Take in what people said is wrong, and list it."""
        return self._reports(services, everything="all" in request.query_params)

    def settle(self, services: Services, report_id: str, filled: Mapping[str, str]) -> Response:
        """Mark a report as done."""
        version = filled.get("version", "")
        try:
            reports.settle(services, report_id, int(version) if version.isdecimal() else 0, filled.get("outcome", ""))
        except GeoServiceError as problem:
            if problem.exit_code == 1 or problem.http_status == 404:  # noqa: PLR2004
                raise
            return self._reports(services, problem.http_status, problem=problem.message)
        return RedirectResponse("/places/reports", 303)

    def _reports(
        self, services: Services, status: int = 200, *, everything: bool = False, problem: str = ""
    ) -> Response:
        queued = reports.queue(services, all_of_them=everything)
        return self._page(
            services,
            "places_reports.html",
            status,
            queued=[(one, listing.reason_words(one.reason)) for one in queued],
            names=reports.names(services, [one.place for one in queued]),
            everything=everything,
            problem=problem,
        )

    # --- releases -----------------------------------------------------------------------------

    def publishing(self, services: Services, request: Request) -> Response:
        """Say what publishing would change."""
        asked = request.query_params.get("unverified")
        return self._publishing(services, unverified=None if asked is None else asked == "yes")

    def publish(self, services: Services, filled: Mapping[str, str]) -> Response:
        """Publish what was approved."""
        unverified = filled.get("unverified") == "yes"
        try:
            made = releases.publish(services, area=_area(services), show_unverified=unverified)
        except GeoServiceError as problem:
            return self._not_done(services, problem)
        return self._publishing(services, done=[made.sentence, *made.notes])

    def use(self, services: Services, filled: Mapping[str, str]) -> Response:
        """Show another release."""
        number = filled.get("number", "")
        try:
            if not number.isdecimal():
                raise QueryError("No release was chosen", do="Choose one of the list", field="number")
            releases.use(services, int(number))
        except GeoServiceError as problem:
            return self._not_done(services, problem)
        return self._publishing(services, done=[f"The public site shows release {number}."])

    def _not_done(self, services: Services, problem: GeoServiceError) -> Response:
        if problem.exit_code == 1:
            raise problem
        return self._publishing(services, problem.http_status, problem=problem.message)

    def _publishing(
        self,
        services: Services,
        status: int = 200,
        *,
        unverified: bool | None = None,
        done: list[str] | None = None,
        problem: str = "",
    ) -> Response:
        found = publishing.next_release(services, show_unverified=unverified)
        return self._page(services, "places_publish.html", status, found=found, done=done or [], problem=problem)


def _area(services: Services) -> str:
    """Return the name of the area as the public site has it now; empty where nothing was published."""
    return "" if services.releases.number() is None else services.releases.current().area
