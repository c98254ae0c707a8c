"""What staff do, and the public site, which must give nothing of it away: every byte and header stays."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import random
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import urldefrag, urljoin

import httpx
import polars as pl

from faults.counts import Counts
from geo_service.app import wire
from geo_service.model.access import DISCLOSURE, OPERATOR, Principal
from geo_service.model.hotspots import HotspotQuery
from geo_service.model.patrol import PATROL_PLAN
from geo_service.model.periods import Period
from geo_service.releases import FOLDER, WatchedReleases
from geo_service.settings import read_settings
from geo_service.web.public import create_public
from geo_service.workflows.finding import zones
from geo_service.workflows.importing import imports
from geo_service.workflows.keeping import people
from geo_service.workflows.releasing import releases

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from fastapi import FastAPI

    from geo_service.workflows.services import Office, Services

AREA: Final = "Nonesuch Borough"
COMMAND: Final = str(Path(sys.executable).with_name("geo-service"))
_NOON: Final = dt.datetime(2026, 11, 3, 12, 5, tzinfo=dt.UTC)
_ORIGIN: Final = "http://public.example"
_LINK: Final = re.compile(r'(?:href|src|data-[a-z-]+)="((?:/|\./|https?:)[^"#]*)')
_GEOMETRIC: Final = ("cctv", "cctv-redeployable", "pspo", "street-watch", "street-pastors", "knife-arch")
_UNCHANGED: Final = "left every byte and header"
_SEARCHES: Final = {
    "a search for the town": ("/near", {"where": "Nonesuch"}),
    "a search for nothing known": ("/near", {"where": "nowhere at all"}),
    "a filtered search in Welsh": ("/cy/near", {"where": "Nonesuch", "open": "1", "step_free": "1"}),
    "a way to a place": ("/way", {"where": "Nonesuch", "place": "{place}"}),
}
"""What is answered to a form: path and fields, `{place}` standing for a place that is listed."""


class Answer(NamedTuple):
    """Hold what was answered: status, headers but Date, and the bytes."""

    status: int
    headers: tuple[tuple[str, str], ...]
    content: bytes


def ask_all(site: FastAPI, paths: Sequence[str]) -> dict[str, Answer]:
    """Ask a site for some paths or searches, without a network."""
    place = next((path.removeprefix("/place/") for path in paths if path.startswith("/place/")), "")

    async def ask() -> dict[str, Answer]:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(site), base_url=_ORIGIN) as client:
            return {path: _answer(await _asked(client, path, place)) for path in paths}

    return asyncio.run(ask())


async def _asked(client: httpx.AsyncClient, path: str, place: str) -> httpx.Response:
    if path not in _SEARCHES:
        return await client.get(path)
    to, form = _SEARCHES[path]
    return await client.post(to, data={name: value.format(place=place) for name, value in form.items()})


def _answer(answer: httpx.Response) -> Answer:
    headers = tuple((name, value) for name, value in answer.headers.multi_items() if name != "date")
    return Answer(answer.status_code, headers, answer.content)


def links(page: str, text: str) -> set[str]:
    """Return the addresses of the same site that a page names."""
    found = {urldefrag(urljoin(f"{_ORIGIN}{page}", link)).url for link in _LINK.findall(text)}
    return {url.removeprefix(_ORIGIN) for url in found if url.startswith(f"{_ORIGIN}/")}


def crawl(site: FastAPI) -> dict[str, Answer]:
    """Return every page and file that can be reached from the first page, and what some searches answer."""
    found: dict[str, Answer] = {}
    wanted = {"/", "/nowhere"}
    while wanted:
        answers = ask_all(site, sorted(wanted))
        found |= answers
        wanted = {
            link
            for path, answer in answers.items()
            if b"<html" in answer.content
            for link in links(path, answer.content.decode())
        } - set(found)
    return found | ask_all(site, [*found, *_SEARCHES])


# --- what staff do --------------------------------------------------------------------------------


class _Staff:
    """Change at random what is not public."""

    def __init__(self, office: Office, source: Path, scratch: Path, seed: int) -> None:
        self.office = office
        self.services = office.services(Principal("staff", OPERATOR))
        self.source = source
        self.scratch = scratch
        self.drawn = random.Random(seed)
        self.made = 0

    def layer(self) -> str:
        """Import a layer for staff with some of its features, at other places."""
        layer = self.drawn.choice([name for name in _GEOMETRIC if (self.source / f"{name}.geojson").is_file()])
        said = json.loads((self.source / f"{layer}.geojson").read_bytes())
        kept = self.drawn.sample(said["features"], self.drawn.randint(1, len(said["features"])))
        path = self.scratch / f"{layer}.geojson"
        path.write_text(json.dumps(said | {"features": kept}))
        imports.import_layer(self.services, layer, path)
        return f"a layer for staff: {layer}"

    def incidents(self) -> str:
        """Import incidents that were not there."""
        rows = pl.read_csv(self.source / "incidents.csv", infer_schema=False).sample(
            20, seed=self.drawn.randrange(2**31)
        )
        renumbered = [f"NEW/{self.made:06d}/{row}" for row in range(rows.height)]
        path = self.scratch / f"incidents-{self.made}.csv"
        rows.with_columns(pl.Series("crime_number", renumbered)).write_csv(path)
        imports.import_incidents(self.services, [path], force="demonstration")
        return "incidents"

    def run(self) -> str:
        """Find zones by another question."""
        last = self.services.store.snapshot().months()[-1]
        length = self.drawn.randint(1, 12)
        zones.find_zones(self.services, HotspotQuery(boundary=AREA, period=Period(last - length, last - 1)))
        return "a run"

    def plan(self) -> str:
        """Keep another plan, or take one away."""
        plans = self.services.store.items(PATROL_PLAN)
        there = [item for item in plans.all() if item.id.startswith("drawn-")]
        if there and self.drawn.random() < 0.3:  # noqa: PLR2004 - some of them
            plans.remove(there[0].id, version=there[0].version)
        else:
            plans.put(f"drawn-{self.made}", {"member_codes": [], "note": self.drawn.random()}, version=0)
        return "a plan"

    def account(self) -> str:
        """Add an account."""
        wanted = people.Wanted(f"Officer {self.made}", ["officer"])
        people.put(self.services, self.office.authority(), f"officer{self.made}", wanted, version=0)
        return "an account"

    def note(self) -> str:
        """Write something else into the column of the directory that only the force sees."""
        rows = pl.read_csv(self.source / "safe-places.csv", infer_schema=False)
        notes = [
            self.drawn.choice(["", "Known to police.", f"Reported {self.made} times."]) for _ in range(rows.height)
        ]
        path = self.scratch / "safe-places.csv"
        rows.with_columns(note=pl.Series(notes)).write_csv(path)
        imports.import_layer(self.services, releases.PLACES, path)
        return "a column for the force"

    def event(self) -> str:
        """Look at something."""
        self.services.store.record(DISCLOSURE, f"an export {self.made}", {"rows": self.drawn.randrange(1000)})
        return "an event"

    def undo(self) -> str:
        """Undo the last change of the data, if it was one of a layer for staff."""
        newest = self.services.store.versions()[-1]
        if not any(slot.endswith(name) for slot in newest.changed for name in _GEOMETRIC):
            return self.event()
        self.services.store.undo(newest.number)
        return "an undo"

    def change(self) -> str:
        """Change something at random and say what kind of thing it was."""
        self.made += 1
        acts: Sequence[tuple[Callable[[], str], int]] = (
            (self.layer, 4), (self.incidents, 3), (self.run, 2), (self.plan, 3), (self.account, 2), (self.note, 3),
            (self.event, 3), (self.undo, 1),
        )  # fmt: skip
        return self.drawn.choices([act for act, _ in acts], [weight for _, weight in acts])[0]()


def staff_changes(changes: int, seed: int, area: Path | None = None) -> Counts:
    """Change what is for staff, and ask after each change for every public page, file and header.

    area: a demonstration area that may be changed; one is built where none is given. After each change a new release
    would have to be the one that is shown, too: what is published is made from public columns alone.
    """
    counts = Counts("staff-only changes and the public site")
    with tempfile.TemporaryDirectory(prefix="leaks-") as folder:
        root = Path(folder) / "demo" if area is None else area
        if area is None:
            build(root)
        office = wire(read_settings(root))
        site = create_public(WatchedReleases(root / FOLDER), clock=lambda: _NOON, assets=read_settings(root).assets_dir)
        staff = _Staff(office, root / "demonstration", Path(folder), seed)
        before = crawl(site)
        print(f"  {len(before)} public pages, files and searches", flush=True)
        for _ in range(changes):
            counts.note(f"{staff.change()} {_UNCHANGED}", _difference(site, before) or _would_differ(staff.services))
        office.doers.close()
    return counts


def _difference(site: FastAPI, before: Mapping[str, Answer]) -> str | None:
    after = ask_all(site, list(before))
    different = [path for path, answer in before.items() if after[path] != answer]
    return f"other bytes or headers of {', '.join(different[:5])}" if different else None


def _would_differ(services: Services) -> str | None:
    new, _ = releases.draft(services, area=AREA, show_unverified=False)
    return None if services.releases.shows(new) else "a release made now would differ"


def build(folder: Path) -> None:
    """Build the demonstration area by the command that a user gives."""
    subprocess.run([COMMAND, "--data-dir", folder, "demo", "--build-only"], check=True, capture_output=True)
