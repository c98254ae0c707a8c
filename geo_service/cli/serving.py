"""`geo-service serve` and `demo`."""

from __future__ import annotations

import asyncio
import secrets
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from geo_service.cli.output import progress_bar, say, write_export, write_file
from geo_service.cli.wiring import Json, office_of, principal, services_of, settings_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geo_service.cli.doors import Door, Tls
    from geo_service.cli.openness import Openness
    from geo_service.model.patrol import PatrolPlan
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
        min=0,
        max=LAST_PORT,
        metavar="PORT",
        help="Port; 0 takes a free one.",
        show_default=f"{STAFF_PORT} staff, {PUBLIC_PORT} public",
    ),
]


def serve(
    context: typer.Context,
    site: Annotated[str, typer.Option(metavar="SITE", help="staff or public.")],
    host: Annotated[str, typer.Option(metavar="ADDRESS", help="Address to listen on.")] = LOOPBACK,
    port: Port = None,
    certificate: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="PEM file: the site's certificate with its chain.", show_default="plain HTTP"
        ),
    ] = None,
    key: Annotated[
        Path | None, typer.Option(metavar="FILE", help="PEM file: the key of the certificate.", show_default="none")
    ] = None,
    behind_proxy: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS", help="A proxy stands in front and is reached as https://NAME.", show_default="no proxy"
        ),
    ] = None,
    releases: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Public site: folder of releases; nothing else is read.",
            show_default="public/releases in the data directory",
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Serve one of the two sites until interrupted."""
    from geo_service.cli.openness import openness, refuse_open
    from geo_service.errors import QueryError

    if site not in ("staff", "public"):
        raise QueryError("Unknown site", found=site, do="Use --site staff or --site public", field="site")
    if site == "public":
        _serve_public(context, host, port, _Opened(certificate, key, behind_proxy), releases, as_json=json)
        return
    if releases is not None:
        raise QueryError("--releases is for the public site", do="Leave it out, or use --site public", field="releases")
    settings = settings_of(context)
    found = openness(settings, certificate, key, behind_proxy)
    office = office_of(context)
    refuse_open(host, found, by_name=_by_name(settings, office))
    door = _door(context, host, STAFF_PORT if port is None else port, tls=found.tls)
    keys = _staff(settings, office, door, found)
    _until_interrupted(door, words=keys.words, facts={"site": site} | keys.facts, as_json=json)


class _Opened(NamedTuple):
    """Hold the options that say how far a site is open."""

    certificate: Path | None
    key: Path | None
    behind_proxy: str | None


def _serve_public(
    context: typer.Context, host: str, port: int | None, opened: _Opened, releases: Path | None, *, as_json: bool
) -> None:
    """Serve the public site from a folder of releases; no store is opened, and with `releases` no data directory."""
    from geo_service import app as root
    from geo_service.cli.openness import openness
    from geo_service.settings import environment_settings

    settings = settings_of(context) if releases is None else environment_settings()
    found = openness(settings, *opened)
    site = root.public_site(settings, releases)
    door = _door(context, host, PUBLIC_PORT if port is None else port, tls=found.tls)
    door.open(site)
    url = f"{found.address(door)}/"
    _until_interrupted(door, words=f"Public site: {url}", facts={"site": "public", "url": url}, as_json=as_json)


def demo(
    context: typer.Context,
    seed: Annotated[int, typer.Option(min=0, metavar="NUMBER", help="Seed of the invented area.")] = SEED,
    staff_port: Annotated[
        int, typer.Option(min=0, max=LAST_PORT, metavar="PORT", help="Port of the staff site; 0 takes a free one.")
    ] = STAFF_PORT,
    public_port: Annotated[
        int, typer.Option(min=0, max=LAST_PORT, metavar="PORT", help="Port of the public site; 0 takes a free one.")
    ] = PUBLIC_PORT,
    build_only: Annotated[bool, typer.Option(help="Build the area and the sheet, then stop.")] = False,
    json: Json = False,
) -> None:
    """Build the invented demonstration area in a fresh data directory and serve both sites."""
    from geo_service import app as root
    from geo_service.cli.openness import Openness
    from geo_service.workflows import demonstration
    from geo_service.workflows.releasing import releases

    _refuse_taken(context)
    doors = () if build_only else _doors(context, staff_port, public_port)
    settings = _marked(context)
    office = office_of(context, new=True)
    services = office.services(principal())
    with progress_bar() as progress:
        built = demonstration.build(services, settings.data_dir / "demonstration", seed, progress)
    release = releases.publish(services, area=settings.area, show_unverified=False).release
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
        "release": release.number,
    }
    if not doors:
        words.append(f"Sheet: {sheet}\nServe it: geo-service --data-dir {settings.data_dir} serve --site staff")
        say("\n".join(words), facts, as_json=json)
        return
    staff, public = doors
    planned, plan_sheets = _plan(settings, services)
    keys = _staff(settings, office, staff, Openness())
    public.open(root.public_site(settings))
    words += [
        f"Sergeant:  {keys.link or keys.address}  and the sheet {sheet}",
        f"Plan:      {planned.team_name}, {planned.request.shift.words} ({planned.id}), and its sheets {plan_sheets}",
        f"Public:    {public.address}/",
        f"Analyst:   {keys.curl('/zones/items')}",
    ]
    facts |= {"plan": planned.id, "plan_sheets": str(plan_sheets)}
    facts |= {"link": keys.link, "public": f"{public.address}/", **keys.facts}
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


def _door(context: typer.Context, host: str, port: int, option: str = "--port", *, tls: Tls | None = None) -> Door:
    from geo_service.cli.doors import Door

    door = Door(host, port, option, tls=tls)
    context.call_on_close(door.close)
    return door


def _sheet(settings: Settings, services: Services, built: DemonstrationBuilt) -> Path:
    """Print the sheet of the first zone's ward, beside the data."""
    from geo_service.workflows.demonstration import data_end
    from geo_service.workflows.sheets import choose_zones, print_sheet

    run, zones = choose_zones(services, [], built.run.zones[0].member_code, built.run.id)
    made = print_sheet(services, run, zones, printed_for=data_end(services))
    return write_export(settings.data_dir.resolve(), made)


def _plan(settings: Settings, services: Services) -> tuple[PatrolPlan, Path]:
    """Plan a late shift and print its sheets, beside the data."""
    from geo_service.workflows.demonstration import plan_late_shift
    from geo_service.workflows.paper.plan_sheets import Wanted, print_sheets

    planned = plan_late_shift(services)
    return planned, write_export(settings.data_dir.resolve(), print_sheets(services, planned, Wanted()).export)


class _Keys(NamedTuple):
    """Hold what the command prints so that somebody can come in; link and token only where nobody has an account."""

    address: str
    token: str
    api_token: str

    @property
    def link(self) -> str:
        """Return the one-time link, empty where people sign in by name."""
        return f"{self.address}/sign-in?token={self.token}" if self.token else ""

    @property
    def words(self) -> str:
        """Say how to come in."""
        if self.link:
            return f"Staff site, one-time link: {self.link}\nAPI: {self.curl('')}"
        return f"Staff site: {self.address}/sign-in\nAPI: {self.curl('')}"

    @property
    def facts(self) -> dict[str, object]:
        """Return the same for a program."""
        if self.link:
            return {"link": self.link, "api": f"{self.address}/api", "api_token": self.api_token}
        return {"url": f"{self.address}/", "api": f"{self.address}/api"}

    def curl(self, below: str) -> str:
        """Return a command that asks the API for its collections, or what is below them."""
        key = self.api_token or "KEY"
        return f"curl -H 'Authorization: Bearer {key}' '{self.address}/api/collections{below}'"


def _by_name(settings: Settings, office: Office) -> bool:
    """Tell whether people sign in by name, here or through an organisation."""
    return bool(settings.oidc_issuer) or office.authority().has_accounts()


def _staff(settings: Settings, office: Office, door: Door, found: Openness) -> _Keys:
    from geo_service import app as root

    token, api_token = (
        ("", "") if _by_name(settings, office) else (secrets.token_urlsafe(24), secrets.token_urlsafe(24))
    )
    keys = _Keys(found.address(door), token, api_token)
    site = root.staff_site(
        settings,
        office,
        token=token,
        api_token=api_token,
        allowed_hosts=found.hosts(door),
        address=keys.address,
        proxied=bool(found.proxy),
    )
    door.open(site)
    return keys


def _until_interrupted(*doors: Door, words: str, facts: Mapping[str, object], as_json: bool) -> None:
    """Serve until Ctrl-C, which is how a site is meant to end."""
    from geo_service.cli import doors as listening

    with suppress(KeyboardInterrupt):
        asyncio.run(listening.serve(*doors, announce=lambda: say(words, facts, as_json=as_json)))


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(serve)
    app.command(short_help="Build the invented demonstration area and serve it.")(demo)
