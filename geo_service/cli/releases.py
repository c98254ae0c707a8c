"""`geo-service safe-places publish`, `releases` and `use`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from geo_service.cli.output import say, table
from geo_service.cli.wiring import Json, services_of, settings_of

if TYPE_CHECKING:
    from geo_service.model.release import ReleaseLine


def publish(
    context: typer.Context,
    show_unverified: Annotated[
        bool, typer.Option(help="List places that nobody has verified too; every page then says so.")
    ] = False,
    json: Json = False,
) -> None:
    """Make a numbered release of the Safe Places and show it on the public site at once."""
    from geo_service.workflows import releases

    made = releases.publish(services_of(context), area=settings_of(context).area, show_unverified=show_unverified)
    words = [made.sentence, *made.notes, "Serve it: geo-service --data-dir DIR serve --site public"]
    say("\n".join(words), made.facts, as_json=json)


def use(
    context: typer.Context,
    number: Annotated[int, typer.Argument(metavar="NUMBER", min=1, help="Release to show, as `releases` lists it.")],
    anyway: Annotated[bool, typer.Option("--anyway", help="Show it even if it lists places suspended by now.")] = False,
    json: Json = False,
) -> None:
    """Show another release on the public site at once, for example the one before."""
    from geo_service.workflows import releases

    before = releases.use(services_of(context), number, anyway=anyway)
    was = "" if before is None else f" in place of {before}"
    say(f"The public site shows release {number}{was}.", {"number": number, "before": before}, as_json=json)


def list_releases(context: typer.Context, json: Json = False) -> None:
    """List the releases, and check every file of each."""
    from geo_service.workflows import releases

    lines = releases.lines(services_of(context))
    if not lines:
        say("Nothing has been published yet: `geo-service safe-places publish`.", {"releases": []}, as_json=json)
        return
    rows: list[list[object]] = [
        [line.number, "shown" if line.current else "", _made(line), line.places, line.damage or "sound"]
        for line in lines
    ]
    facts = [{**line._asdict(), "made": None if line.made is None else line.made.isoformat()} for line in lines]
    say(table(["release", "", "made", "places", "files"], rows), {"releases": facts}, as_json=json)


def _made(line: ReleaseLine) -> str:
    from geo_service.safe_places.opening import LONDON

    return "not known" if line.made is None else f"{line.made.astimezone(LONDON):%Y-%m-%d %H:%M}"


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command(short_help="Make a release and show it on the public site.")(publish)
    app.command(name="releases", short_help="List the releases and check their files.")(list_releases)
    app.command(short_help="Show another release, for example the one before.")(use)
