"""Keep the zones of a question in the ledger as JSON, and bring them back."""

from __future__ import annotations

import json
from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any

from geo_service import spatial
from geo_service.errors import NotFoundError
from geo_service.model.hotspots import HotspotQuery, PatrolZone, ZoneChange, ZoneRun
from geo_service.model.layers import Provenance
from geo_service.model.periods import Month, Period
from geo_service.model.surfaces import Tuning

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from geo_service.model.boundaries import Area
    from geo_service.model.ports import Repository

NEWEST = "latest"
_MOST_LISTED = 10


def to_json(run: ZoneRun) -> str:
    """Return a run as JSON: cells as hexadecimal words, months as `YYYY-MM`."""
    said = {field.name: getattr(run, field.name) for field in fields(run)}
    said["query"] = {name: value for name, value in _plain(run.query).items() if name != "period"} | {
        "tuning": asdict(run.query.tuning),
        "from": str(run.query.period.first),
        "to": str(run.query.period.last),
    }
    said["zones"] = [_plain(zone) | {"cells": spatial.cell_words(zone.cells)} for zone in run.zones]
    said["provenance"] = asdict(run.provenance)
    said["changes"] = [asdict(change) for change in run.changes]
    return json.dumps(said, ensure_ascii=False, sort_keys=True)


def _plain(value: HotspotQuery | PatrolZone) -> dict[str, Any]:
    return {field.name: getattr(value, field.name) for field in fields(value)}


def from_json(payload: str) -> ZoneRun:
    """Read a run back."""
    said = json.loads(payload)
    query = dict(said["query"])
    period = Period(Month.parse(query.pop("from")), Month.parse(query.pop("to")))
    # Runs of before there was more to tell a statistic than a ring.
    tuning = Tuning(**query.pop("tuning", {"ring": query.pop("ring", Tuning().ring)}))
    zones = [
        PatrolZone(
            **{
                **zone,
                "cells": spatial.cells_from_words(zone["cells"]),
                "mix": tuple((offence, rows) for offence, rows in zone["mix"]),
            }
        )
        for zone in said["zones"]
    ]
    return ZoneRun(
        **{
            **said,
            "query": HotspotQuery(period=period, tuning=tuning, **query),
            "zones": tuple(zones),
            "without": tuple(said["without"]),
            "licences": tuple(said["licences"]),
            "notes": tuple(said["notes"]),
            "provenance": Provenance(**said["provenance"]),
            "changes": tuple(
                ZoneChange(change["kind"], tuple(change["before"]), tuple(change["after"]))
                for change in said.get("changes", ())
            ),
            "sight": None if said.get("sight") is None else tuple(said["sight"]),
        }
    )


def save_analysis(  # noqa: PLR0913, PLR0917 - the parts of one row
    store: Repository,
    kind: str,
    analysis_id: str,
    payload: Mapping[str, object],
    version: int,
    area: Area,
) -> None:
    """Keep the answer of an analysis with the parameters that give it again, beside the runs of zones.

    kind: `backtest`, `impact` … payload: what JSON can hold, with the key `parameters`. The same again becomes the
    newest.
    """
    said = json.dumps({"analysis": kind, "id": analysis_id, **payload}, ensure_ascii=False, sort_keys=True)
    store.save_run(analysis_id, said, version, area, {"analysis": kind, **_mapping(payload.get("parameters"))})


def _mapping(parameters: object) -> Mapping[str, object]:
    return parameters if isinstance(parameters, dict) else {}


def analyses(store: Repository, kind: str) -> Iterator[Mapping[str, Any]]:
    """Yield the kept answers of one kind of analysis, newest asked first."""
    read = (json.loads(payload) for _, payload in store.runs() if _is_analysis(payload))
    return (said for said in read if said["analysis"] == kind)


def find_analysis(store: Repository, kind: str, analysis_id: str) -> Mapping[str, Any]:
    """Return one kept answer by its id, or the newest for `latest`; raise NotFoundError."""
    found = list(analyses(store, kind))
    for said in found:
        if analysis_id in (said["id"], NEWEST):
            return said
    raise NotFoundError(
        f"No such {kind} is kept",
        found=analysis_id,
        do=f"There is: {', '.join(said['id'] for said in found[:_MOST_LISTED]) or 'none yet'}",
        field="id",
    )


def _stands_in(payload: str) -> bool:
    """Tell a run of places below the bar, which is found by its id alone."""
    return '"below_bar": true' in payload and from_json(payload).below_bar


def _is_analysis(payload: str) -> bool:
    # Keys are sorted, so this one stands first.
    return payload.startswith('{"analysis": ')


def save(store: Repository, run: ZoneRun, area: Area, asked: Mapping[str, object]) -> None:
    """Keep a run about an area; the same run again becomes the newest."""
    store.save_run(run.id, to_json(run), run.provenance.data_version, area, asked)


def kept(store: Repository) -> Iterator[ZoneRun]:
    """Yield the kept runs, newest asked first."""
    return (from_json(payload) for _, payload in _of_zones(store) if not _stands_in(payload))


def _of_zones(store: Repository) -> list[tuple[str, str]]:
    return [(saved_id, payload) for saved_id, payload in store.runs() if not _is_analysis(payload)]


def find(store: Repository, run_id: str) -> ZoneRun:
    """Return one run by its id, or the newest for `latest`; raise NotFoundError."""
    saved = _of_zones(store)
    for saved_id, payload in saved:
        if run_id == saved_id or (run_id == NEWEST and not _stands_in(payload)):
            return from_json(payload)
    if not saved or run_id == NEWEST:
        raise NotFoundError("No zones have been found yet", do="Run `geo-service zones` first", field="run")
    raise NotFoundError(
        "No such run of zones",
        found=run_id,
        do=f"Ask for {NEWEST} or one of {', '.join(saved_id for saved_id, _ in saved[:_MOST_LISTED])}; "
        "`geo-service zones` makes another",
        field="run",
    )


def known(store: Repository, run_id: str) -> ZoneRun | None:
    """Return one run by its id, None where it is not kept."""
    return next((from_json(payload) for saved_id, payload in _of_zones(store) if saved_id == run_id), None)


def holding(store: Repository, zone_id: str) -> ZoneRun:
    """Return the newest run that holds a zone; raise NotFoundError."""
    for _, payload in _of_zones(store):
        # Most runs do not name it at all, and need not be read to know.
        run = from_json(payload) if zone_id in payload else None
        if run is not None and any(zone.id == zone_id for zone in run.zones):
            return run
    raise NotFoundError(
        "No such zone",
        found=zone_id,
        do="List the zones with `geo-service zones` and give the id of each with a --zone of its own",
        field="zone",
    )
