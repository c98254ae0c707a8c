"""`geo-service serve` and `demo`."""

from __future__ import annotations

import asyncio
import secrets
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from geo_service.cli.output import progress_bar, say, write_export, write_file
from geo_service.cli.wiring import Json, office_of, principal, services_of, settings_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from geo_service.cli.doors import Door
    from geo_service.settings import Settings
    from geo_service.workflows.demonstration import DemonstrationBuilt
    from geo_service.workflows.services import Office, Services

LOOPBACK = "127.0.0.1"
STAFF_PORT, PUBLIC_PORT = 8800, 8801
LAST_PORT = 65_535
SEED = 20_241_101
MARKER = b'demonstration = true\narea = "Nonesuch Borough"\n'

Port = Annotated[
    int | None,
    typer.Option(
        min=0, max=LAST_PORT, help="Port; 0 takes a free one.", show_default=f"{STAFF_PORT} staff, {PUBLIC_PORT} public"
    ),
]


def serve(
    context: typer.Context,
    site: Annotated[str, typer.Option(help="staff or public.")],
    host: Annotated[str, typer.Option(help="Address to listen on.")] = LOOPBACK,
    port: Port = None,
    show_unverified: Annotated[bool, typer.Option(help="Public site: list unverified places, saying so.")] = False,
    json: Json = False,
) -> None:
    """Serve one of the two sites until interrupted."""
    from geo_service import app as root
    from geo_service.errors import QueryError

    if site not in ("staff", "public"):
        raise QueryError("Unknown site", found=site, do="Use --site staff or --site public", field="site")
    if site == "staff":
        _refuse_other_hosts(host)
    settings, office = settings_of(context), office_of(context)
    if site == "public":
        release = root.public_release(settings, office.services(principal()), show_unverified=show_unverified)
        office.doers.close()
        door = _door(context, host, PUBLIC_PORT if port is None else port)
        door.open(root.public_site(settings, release))
        words, facts = f"Public site: {door.address}/", {"site": site, "url": f"{door.address}/"}
    else:
        door = _door(context, host, STAFF_PORT if port is None else port)
        keys = _staff(settings, office, door)
        words = f"Staff site, one-time link: {keys.link}\nAPI: {keys.curl('')}"
        facts = {"site": site, "link": keys.link, "api": keys.api, "api_token": keys.api_token}
    _until_interrupted(door, words=words, facts=facts, as_json=json)


def demo(
    context: typer.Context,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the invented area.")] = SEED,
    staff_port: Annotated[
        int, typer.Option(min=0, max=LAST_PORT, help="Port of the staff site; 0 takes a free one.")
    ] = STAFF_PORT,
    public_port: Annotated[
        int, typer.Option(min=0, max=LAST_PORT, help="Port of the public site; 0 takes a free one.")
    ] = PUBLIC_PORT,
    build_only: Annotated[bool, typer.Option(help="Build the area and the sheet, then stop.")] = False,
    json: Json = False,
) -> None:
    """Build the invented demonstration area in a fresh data directory and serve both sites."""
    from geo_service import app as root
    from geo_service.workflows import demonstration

    _refuse_taken(context)
    doors = () if build_only else _doors(context, staff_port, public_port)
    settings = _marked(context)
    office = office_of(context, new=True)
    services = office.services(principal())
    with progress_bar() as progress:
        built = demonstration.build(services, settings.data_dir / "demonstration", seed, progress)
    sheet, counts = _sheet(settings, services, built), built.incidents.counts
    words = [
        (
            f"Demonstration area, seed {seed}: {counts.read:,} rows read, {counts.accepted:,} accepted "
            f"({counts.unlocated:,} unlocated), {counts.rejected:,} rejected; {len(built.run.zones)} patrol zones."
        ),
        built.run.sentence,
    ]
    facts: dict[str, object] = {
        "data_dir": str(settings.data_dir),
        "seed": seed,
        "read": counts.read,
        "accepted": counts.accepted,
        "unlocated": counts.unlocated,
        "rejected": counts.rejected,
        "zones": len(built.run.zones),
        "sentence": built.run.sentence,
        "run": built.run.id,
        "sheet": str(sheet),
    }
    if not doors:
        words.append(f"Sheet: {sheet}\nServe it: geo-service --data-dir {settings.data_dir} serve --site staff")
        say("\n".join(words), facts, as_json=json)
        return
    staff, public = doors
    keys = _staff(settings, office, staff)
    public.open(root.public_site(settings, root.public_release(settings, services, show_unverified=False)))
    words += [
        f"Sergeant:  {keys.link}  and the sheet {sheet}",
        f"Public:    {public.address}/",
        f"Analyst:   {keys.curl('/zones/items')}",
    ]
    facts |= {"link": keys.link, "public": f"{public.address}/", "api": keys.api, "api_token": keys.api_token}
    _until_interrupted(staff, public, words="\n".join(words), facts=facts, as_json=json)


def _refuse_taken(context: typer.Context) -> None:
    """Raise ConflictError where a data directory is, or may be, a real area's; nothing is written."""
    from geo_service import app as root
    from geo_service.errors import ConflictError
    from geo_service.settings import ENVIRONMENT, SETTINGS_FILE
    from geo_service.workflows import demonstration

    settings = settings_of(context)
    if root.holds_data(settings):
        demonstration.refuse_taken(services_of(context))
    marker = settings.data_dir / SETTINGS_FILE
    if not settings.demonstration and (marker.exists() or "demonstration" in settings.model_fields_set):
        raise ConflictError(
            "The settings say that the data directory is no demonstration's",
            found=marker if marker.exists() else f"{ENVIRONMENT}DEMONSTRATION in the environment",
            do="Give the demonstration a new data directory with --data-dir, or take that setting away",
            field="data_dir",
        )


def _marked(context: typer.Context) -> Settings:
    """Mark the data directory as the demonstration's, for every map, page and sheet that is ever made of it."""
    from geo_service.errors import InputError
    from geo_service.settings import SETTINGS_FILE

    marker = settings_of(context).data_dir / SETTINGS_FILE
    if not marker.exists():
        try:
            marker.parent.mkdir(parents=True, exist_ok=True)
        except OSError as problem:
            found = f"{marker.parent}: {problem.strerror}"
            do = "Choose another with --data-dir"
            raise InputError("The data directory cannot be made", found=found, do=do, field="data_dir") from None
        write_file(marker, MARKER)
    return settings_of(context)


def _doors(context: typer.Context, staff_port: int, public_port: int) -> tuple[Door, Door]:
    staff = _door(context, LOOPBACK, staff_port, "--staff-port")
    return staff, _door(context, LOOPBACK, public_port, "--public-port")


def _door(context: typer.Context, host: str, port: int, option: str = "--port") -> Door:
    from geo_service.cli.doors import Door

    door = Door(host, port, option)
    context.call_on_close(door.close)
    return door


def _sheet(settings: Settings, services: Services, built: DemonstrationBuilt) -> Path:
    """Print the sheet of the first zone's ward, beside the data."""
    from geo_service.workflows.demonstration import data_end
    from geo_service.workflows.sheets import choose_zones, print_sheet

    run, zones = choose_zones(services, [], built.run.zones[0].member_code, built.run.id)
    made = print_sheet(services, run, zones, printed_for=data_end(services))
    return write_export(settings.data_dir.resolve(), made)


class _Keys(NamedTuple):
    """Hold what the command prints so that somebody can come in."""

    link: str
    api: str
    api_token: str

    def curl(self, below: str) -> str:
        """Return a command that asks the API for its collections, or what is below them."""
        return f"curl -H 'Authorization: Bearer {self.api_token}' '{self.api}/collections{below}'"


def _staff(settings: Settings, office: Office, door: Door) -> _Keys:
    from geo_service import app as root

    token, api_token = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
    hosts = [f"{door.name}:{door.port}", f"localhost:{door.port}"]
    door.open(root.staff_site(settings, office, token=token, api_token=api_token, allowed_hosts=hosts))
    return _Keys(f"{door.address}/sign-in?token={token}", f"{door.address}/api", api_token)


def _refuse_other_hosts(host: str) -> None:
    from geo_service.errors import AccessError

    if host not in (LOOPBACK, "localhost", "::1"):
        raise AccessError(
            "The staff site has no accounts yet, so it listens on this machine only",
            found=f"--host {host}",
            do=f"Leave --host out (it is {LOOPBACK})",
            field="host",
        )


def _until_interrupted(*doors: Door, words: str, facts: Mapping[str, object], as_json: bool) -> None:
    """Serve until Ctrl-C, which is how a site is meant to end."""
    from geo_service.cli import doors as listening

    with suppress(KeyboardInterrupt):
        asyncio.run(listening.serve(*doors, announce=lambda: say(words, facts, as_json=as_json)))


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(serve)
    app.command(short_help="Build the invented demonstration area and serve it.")(demo)
