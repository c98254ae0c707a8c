"""`geo-service safe-places publish`, `releases`, `use` and `prune`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from geo_service.cli.output import say, table
from geo_service.cli.wiring import Json, services_of, settings_of

if TYPE_CHECKING:
    from geo_service.model.release import ReleaseLine
    from geo_service.workflows.releasing.release_pruning import Pruned


def publish(
    context: typer.Context,
    show_unverified: Annotated[
        bool, typer.Option(help="List places that nobody has verified too; every page then says so.")
    ] = False,
    json: Json = False,
) -> None:
    """Make a numbered release of the Safe Places and show it on the public site at once."""
    from geo_service.workflows.releasing import releases

    settings = settings_of(context)
    made = releases.publish(services_of(context), area=settings.area, show_unverified=show_unverified)
    words = [made.sentence, *made.notes, f"Serve it: geo-service --data-dir {settings.data_dir} serve --site public"]
    say("\n".join(words), made.facts, as_json=json)


def use(
    context: typer.Context,
    number: Annotated[int, typer.Argument(metavar="NUMBER", min=1, help="Release to show, as `releases` lists it.")],
    anyway: Annotated[bool, typer.Option("--anyway", help="Show it even if it lists places suspended by now.")] = False,
    json: Json = False,
) -> None:
    """Show another release on the public site at once, for example the one before."""
    from geo_service.workflows.releasing import releases

    before = releases.use(services_of(context), number, anyway=anyway)
    was = "" if before in {None, number} else f" in place of {before}"
    still = "still shows" if before == number else "shows"
    say(f"The public site {still} release {number}{was}.", {"number": number, "before": before}, as_json=json)


def list_releases(context: typer.Context, json: Json = False) -> None:
    """List the releases, and check every file of each."""
    from geo_service.workflows.releasing import releases

    lines = releases.lines(services_of(context))
    if not lines:
        say("Nothing has been published yet: `geo-service safe-places publish`.", {"releases": []}, as_json=json)
        return
    rows: list[list[object]] = [
        [line.number, "shown" if line.current else "", _made(line), line.places, _which(line), line.damage or "sound"]
        for line in lines
    ]
    facts = [{**line._asdict(), "made": None if line.made is None else line.made.isoformat()} for line in lines]
    say(table(["release", "", "made", "places", "which", "files"], rows), {"releases": facts}, as_json=json)


def prune(
    context: typer.Context,
    keep: Annotated[int, typer.Option(metavar="N", min=1, help="How many of the newest releases stay.")] = 10,
    yes: Annotated[bool, typer.Option("--yes", help="Do it. Without, say exactly what it would take.")] = False,
    json: Json = False,
) -> None:
    """Remove old releases for good; the one that is shown, the one before it and those being served stay."""
    from geo_service.workflows.releasing.release_pruning import prune as remove

    found = remove(services_of(context), keep, look=not yes)
    facts = {
        "removed": yes,
        "releases": [old.number for old in found.gone],
        "bytes": found.bytes,
        "served": [old.number for old in found.served],
        "kept": list(found.kept),
        "shown": found.shown,
    }
    say("\n".join(_pruned_words(found, keep, done=yes)), facts, as_json=json)


def _pruned_words(found: Pruned, keep: int, *, done: bool) -> list[str]:
    """Say what went, or would go, and what stays."""
    from geo_service.workflows.releasing.release_pruning import in_short

    lines = []
    if found.gone:
        which = in_short([old.number for old in found.gone])
        head = "Removed" if done else "Would be removed"
        lines.append(f"{head}: {_counted(len(found.gone))}, {found.bytes / 1e6:,.1f} MB ({which}).")
    else:
        newest = "the newest" if keep == 1 else f"the {keep} newest"
        stay = f"{newest}, the one that is shown, the one before it and any that a site serves"
        lines.append(f"There is nothing to remove. What stays: {stay}.")
    if found.served:
        lines.append(f"Stays because a site serves it still: {in_short([old.number for old in found.served])}.")
    if found.kept:
        shown = "none is shown" if found.shown is None else f"{found.shown} is shown"
        lines.append(f"{'Kept' if done else 'Would be kept'}: {in_short(found.kept)}; {shown}.")
    if found.gone and not done:
        lines.append("Nothing was changed yet: add --yes to do it.")
    return lines


def _counted(count: int) -> str:
    return f"{count} release{'' if count == 1 else 's'}"


def _which(line: ReleaseLine) -> str:
    if line.made is None:
        return "not known"
    return "unverified too" if line.show_unverified else "verified"


def _made(line: ReleaseLine) -> str:
    from geo_service.safe_places.opening import LONDON

    return "not known" if line.made is None else f"{line.made.astimezone(LONDON):%Y-%m-%d %H:%M}"


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command(short_help="Make a release and show it on the public site.")(publish)
    app.command(name="releases", short_help="List the releases and check their files.")(list_releases)
    app.command(short_help="Show another release, for example the one before.")(use)
    app.command(short_help="Remove old releases.")(prune)
