"""`geo-service serve` and `demo`."""

from __future__ import annotations

import asyncio
import secrets
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, Any

import typer

from geo_service.cli.output import progress_bar, say, write_file
from geo_service.cli.wiring import Json, principal, services_of, settings_of

if TYPE_CHECKING:
    from collections.abc import Callable

    import uvicorn
    from fastapi import FastAPI

    from geo_service.settings import Settings
    from geo_service.workflows.services import Services

LOOPBACK = "127.0.0.1"
STAFF_PORT, PUBLIC_PORT = 8800, 8801
SEED = 20_241_101


def serve(
    context: typer.Context,
    site: Annotated[str, typer.Option(help="staff or public.")],
    host: Annotated[str, typer.Option(help="Address to listen on.")] = LOOPBACK,
    port: Annotated[int, typer.Option(help="Port; 0 takes a free one.", show_default="8800 staff, 8801 public")] = -1,
    show_unverified: Annotated[bool, typer.Option(help="Public site: list unverified places, saying so.")] = False,
    json: Json = False,
) -> None:
    """Serve one of the two sites until interrupted."""
    from geo_service import app as root
    from geo_service.errors import QueryError

    if site not in ("staff", "public"):
        raise QueryError("Unknown site", found=site, do="Use --site staff or --site public", field="site")
    settings = settings_of(context)
    if site == "public":
        release = root.public_release(settings, services_of(context), show_unverified=show_unverified)
        door = _Door(host, PUBLIC_PORT if port < 0 else port)
        door.open(root.public_site(settings, release))
        words, facts = f"Public site: {door.address}/", {"site": site, "url": f"{door.address}/"}
    else:
        _refuse_other_hosts(host)
        door = _Door(host, STAFF_PORT if port < 0 else port)
        keys = _staff(settings, services_of(context), door)
        words = (
            f"Staff site, one-time link: {keys.link}\n"
            f"API: curl -H 'Authorization: Bearer {keys.api_token}' {door.address}/api/collections"
        )
        facts = {"site": site, "link": keys.link, "api": f"{door.address}/api", "api_token": keys.api_token}
    asyncio.run(_serve(door, announce=lambda: say(words, facts, as_json=json)))


def demo(
    context: typer.Context,
    seed: Annotated[int, typer.Option(help="Seed of the invented area.")] = SEED,
    staff_port: Annotated[int, typer.Option(help="Port of the staff site; 0 takes a free one.")] = STAFF_PORT,
    public_port: Annotated[int, typer.Option(help="Port of the public site; 0 takes a free one.")] = PUBLIC_PORT,
    build_only: Annotated[bool, typer.Option(help="Build the area and the sheet, then stop.")] = False,
) -> None:
    """Build the invented demonstration area in a fresh data directory and serve both sites."""
    from geo_service import app as root
    from geo_service.settings import SETTINGS_FILE
    from geo_service.workflows import demonstration
    from geo_service.workflows.sheets import choose_zones, print_sheet

    folder = settings_of(context).data_dir
    marker = folder / SETTINGS_FILE
    if not marker.exists():
        write_file(marker, b'demonstration = true\narea = "Nonesuch Borough"\n')
    settings, services = settings_of(context), services_of(context)
    with progress_bar() as progress:
        built = demonstration.build(services, folder / "demonstration", seed, principal(), progress)
    counts = built.incidents.counts
    typer.echo(
        f"Demonstration area, seed {seed}: {counts.read:,} rows read, {counts.accepted:,} accepted "
        f"({counts.unlocated:,} unlocated), {counts.rejected:,} rejected; {len(built.run.zones)} patrol zones.\n"
        f"{built.run.sentence}"
    )
    run, zones = choose_zones(services, [], built.run.zones[0].member_code, built.run.id)
    day = demonstration.data_end(services)
    name, pdf = print_sheet(services, run, zones, printed_for=day, principal=principal())
    sheet = (folder / name).resolve()
    write_file(sheet, pdf)
    staff, public = _Door(LOOPBACK, staff_port), _Door(LOOPBACK, public_port)
    keys = _staff(settings, services, staff)
    public.open(root.public_site(settings, root.public_release(settings, services, show_unverified=False)))
    words = (
        f"Sergeant:  {keys.link}  and the sheet {sheet}\n"
        f"Public:    {public.address}/\n"
        f"Analyst:   curl -H 'Authorization: Bearer {keys.api_token}' '{staff.address}/api/collections/zones/items'"
    )
    if build_only:
        typer.echo(words)
    else:
        asyncio.run(_serve(staff, public, announce=lambda: typer.echo(words)))


class _Door:
    """Hold a listening address and the site behind it."""

    def __init__(self, host: str, port: int) -> None:
        from geo_service.errors import InputError

        self.host = host
        self._config = _config(None, host, port)
        try:
            self._socket = self._config.bind_socket()
        except SystemExit:
            raise InputError(
                "The port cannot be listened on", found=f"{host}:{port}", do="Choose another one with --port"
            ) from None
        self.port: int = self._socket.getsockname()[1]

    @property
    def address(self) -> str:
        """Return the site's address without a closing slash."""
        return f"http://{self.host}:{self.port}"

    def open(self, site: FastAPI) -> None:
        """Put a site behind the address."""
        self._config = _config(site, self.host, self.port)

    async def serve(self, started: Callable[[], None]) -> None:
        """Serve until interrupted; call `started` once requests are answered."""
        import uvicorn

        class Server(uvicorn.Server):
            async def startup(self, sockets: list[Any] | None = None) -> None:
                await super().startup(sockets)
                if self.started:
                    started()

        await Server(self._config).serve(sockets=[self._socket])


def _config(site: FastAPI | None, host: str, port: int) -> uvicorn.Config:
    import uvicorn

    # No access log: what a member of the public looks for must not be written down.
    return uvicorn.Config(
        site,  # type: ignore[arg-type]  # set before it serves
        host=host,
        port=port,
        log_level="critical",
        access_log=False,
        server_header=False,
        timeout_keep_alive=5,
        h11_max_incomplete_event_size=16_384,
    )


class _Keys:
    """Hold what the command prints so that somebody can come in."""

    def __init__(self, link: str, api_token: str) -> None:
        self.link = link
        self.api_token = api_token


def _staff(settings: Settings, services: Services, door: _Door) -> _Keys:
    from geo_service import app as root

    token, api_token = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
    hosts = [f"{door.host}:{door.port}", f"localhost:{door.port}"]
    door.open(root.staff_site(settings, services, token=token, api_token=api_token, allowed_hosts=hosts))
    return _Keys(f"{door.address}/sign-in?token={token}", api_token)


def _refuse_other_hosts(host: str) -> None:
    from geo_service.errors import AccessError

    if host not in (LOOPBACK, "localhost", "::1"):
        raise AccessError(
            "The staff site has no accounts yet, so it listens on this machine only",
            found=f"--host {host}",
            do=f"Leave --host out (it is {LOOPBACK})",
            field="host",
        )


async def _serve(*doors: _Door, announce: Callable[[], None]) -> None:
    """Serve every site until interrupted; announce them once all of them answer."""
    waiting = len(doors)

    def started() -> None:
        nonlocal waiting
        waiting -= 1
        if not waiting:
            announce()

    with suppress(asyncio.CancelledError):
        await asyncio.gather(*(door.serve(started) for door in doors))


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(serve)
    app.command()(demo)
