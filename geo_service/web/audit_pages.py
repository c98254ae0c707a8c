"""The auditor's page: what was done by whom, and the same as a file that can be proved."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING

from starlette.responses import Response

from geo_service.errors import QueryError
from geo_service.model.access import KINDS
from geo_service.web.staff_pages import nav_of
from geo_service.workflows.keeping import audit

if TYPE_CHECKING:
    from starlette.requests import Request

    from geo_service.model.audit import AuditQuery
    from geo_service.web.pages import Pages
    from geo_service.workflows.services import Services

_HIDDEN = frozenset({"proves", "sha256"})
"""Hashes in the detail of an event: the file has them, a reader needs none."""


class AuditPages:
    """Show and hand out the audit trail; the workflow records each look and each file."""

    def __init__(self, pages: Pages) -> None:
        self.pages = pages

    def show(self, services: Services, request: Request) -> Response:
        """Show the newest events that are asked for, newest first."""
        trail = audit.events(services, _query(request))
        shown = [
            {
                "entry": entry,
                "at": dt.datetime.fromisoformat(entry.at),
                "detail": {name: value for name, value in json.loads(entry.detail).items() if name not in _HIDDEN},
            }
            for entry in reversed(trail.entries)
        ]
        return self.pages(
            "audit.html",
            nav=nav_of(services.principal),
            events=shown,
            head=trail.head,
            most=audit.SHOWN,
            kinds=KINDS,
            asked={name: request.query_params.get(name, "") for name in ("kind", "actor", "from", "to")},
            words=request.url.query,
        )

    def csv(self, services: Services, request: Request) -> Response:
        """Hand out all events that are asked for as CSV."""
        return self._file(services, request, ".csv")

    def json(self, services: Services, request: Request) -> Response:
        """Hand out all events that are asked for as JSON."""
        return self._file(services, request, ".json")

    def _file(self, services: Services, request: Request, suffix: str) -> Response:
        made = audit.export(services, _query(request), suffix)
        headers = {"Content-Disposition": f'attachment; filename="{made.name}"'}
        return Response(made.content, media_type=made.media_type, headers=headers)


def _query(request: Request) -> AuditQuery:
    asked = request.query_params
    return audit.query_of(
        asked.get("kind", ""), asked.get("actor", "").strip(), _day(asked.get("from", "")), _day(asked.get("to", ""))
    )


def _day(text: str) -> dt.date | None:
    if not text:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise QueryError("Not a day", found=text, do="Write it as 2025-06-30", field="from") from None
