"""`geo-service safe-places list`, `show`, `add`, `edit`, `verify`, `submit`, `approve` and so on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from geo_service.cli.output import say, table
from geo_service.cli.wiring import Json, services_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from geo_service.model.safe_places import SafePlace
    from geo_service.safe_places.problems import Problem
    from geo_service.workflows.services import Services

PlaceId = Annotated[str, typer.Argument(metavar="ID", help="Id of the place, as `list` shows it.")]
Version = Annotated[
    int | None,
    typer.Option(
        metavar="NUMBER",
        min=0,
        help="Version that you saw, so that nothing written since is passed over.",
        show_default="newest",
    ),
]
Why = Annotated[str, typer.Option("--why", metavar="WORDS", help="Reason, which stands in the history.")]


def problem_lines(problems: Sequence[Problem], *, rows: bool = False) -> list[str]:
    """Return what is wrong as a table."""
    if not problems:
        return ["Nothing is wrong."] if rows else []
    heads = ["row", "field", "", "problem"] if rows else ["field", "", "problem"]
    lines: list[list[object]] = [
        [*([one.row] if rows else []), one.field or "-", str(one.level), one.sentence] for one in problems
    ]
    return [table(heads, lines)]


def list_places(
    context: typer.Context,
    state: Annotated[
        str, typer.Option(metavar="STATE", help="draft, waiting, public or suspended.", show_default="all")
    ] = "",
    due: Annotated[bool, typer.Option("--due", help="Only those to review within 30 days, or overdue.")] = False,
    json: Json = False,
) -> None:
    """List the Safe Places, how far each has come and when it is to be asked again."""
    from geo_service.workflows.places import listing

    lines = listing.lines(services_of(context), state=state, due=due)
    rows: list[list[object]] = [
        [one.place.id, one.place.name, one.place.fields.get("town", ""), one.state_words, one.review_words]
        for one in lines
    ]
    words = table(["id", "name", "town", "state", "review"], rows) if rows else "No Safe Place of that kind."
    facts = {"places": [{**_facts(one.place), "review": one.review_words} for one in lines]}
    say(words, facts, as_json=json)


def show(context: typer.Context, place_id: PlaceId, json: Json = False) -> None:
    """Show one place: what it says, what is wrong with it, and all that was done."""
    from geo_service.workflows.places import finding, listing

    services = services_of(context)
    place = finding.find(services, place_id)
    wrong = finding.problems(services, place)
    words = [
        f"{place.name} ({place.id}), version {place.version}: {listing.state_words(place)}.",
        *(f"  {title}: {value}" for title, value in listing.said(place)),
        *(f"  Not approved yet: {line}" for line in listing.pending_words(place)),
        *problem_lines(wrong),
        *(f"  {line}" for line in listing.history_words(place)),
    ]
    problems = [{"field": one.field, "level": str(one.level), "problem": one.sentence} for one in wrong]
    say("\n".join(words), {**_facts(place), "problems": problems, "log": list(place.log)}, as_json=json)


def add(
    context: typer.Context,
    values: Annotated[list[str], typer.Argument(metavar="FIELD=VALUE...", help="For example name='The Library'.")],
    place_id: Annotated[str, typer.Option("--id", metavar="ID", show_default="made of name and postcode")] = "",
    json: Json = False,
) -> None:
    """Write a new place, as a draft."""
    from geo_service.workflows.places import keeping

    _say_done("Added", keeping.add(services_of(context, new=True), _texts(values), place_id), as_json=json)


def edit(
    context: typer.Context,
    place_id: PlaceId,
    values: Annotated[
        list[str], typer.Argument(metavar="FIELD=VALUE...", help="For example phone='01632 960001'; phone= empties it.")
    ],
    version: Version = None,
    json: Json = False,
) -> None:
    """Change a place; of a public one, the last approved content stays public until another person approves."""
    from geo_service.workflows.places import keeping

    services = services_of(context)
    _say_done("Changed", keeping.edit(services, *_at(services, place_id, version), _texts(values)), as_json=json)


def submit(context: typer.Context, place_id: PlaceId, version: Version = None, json: Json = False) -> None:
    """Ask for a place to go public; another person has to approve it."""
    from geo_service.workflows.places import keeping

    services = services_of(context)
    _say_done("Asked for approval", keeping.submit(services, *_at(services, place_id, version)), as_json=json)


def approve(
    context: typer.Context,
    place_id: PlaceId,
    version: Annotated[int, typer.Option(metavar="NUMBER", min=1, help="Version that you saw, as `show` says it.")],
    json: Json = False,
) -> None:
    """Approve just what you saw and another person wrote and asked for; it goes public with the next release."""
    from geo_service.workflows.places import keeping

    _say_done("Approved", keeping.approve(services_of(context), place_id, version), as_json=json)


def give_back(context: typer.Context, place_id: PlaceId, why: Why, version: Version = None, json: Json = False) -> None:
    """Return what is waiting, with a reason."""
    from geo_service.workflows.places import keeping

    services = services_of(context)
    _say_done("Returned", keeping.give_back(services, *_at(services, place_id, version), why), as_json=json)


def verify(
    context: typer.Context,
    place_id: PlaceId,
    next_review: Annotated[
        str, typer.Option(metavar="DAY", help="When to ask again, YYYY-MM-DD.", show_default="in a year")
    ] = "",
    version: Version = None,
    json: Json = False,
) -> None:
    """Write down that you asked the place itself today and all is right."""
    from geo_service.workflows.places import keeping

    services = services_of(context)
    _say_done("Verified", keeping.verify(services, *_at(services, place_id, version), next_review), as_json=json)


def suspend(context: typer.Context, place_id: PlaceId, why: Why, version: Version = None, json: Json = False) -> None:
    """Take a place off at once, from the public site too."""
    from geo_service.workflows.places import keeping, listing

    services = services_of(context)
    done = keeping.suspend(services, *_at(services, place_id, version), why)
    facts = {**_facts(done.place), "release": done.release, "problem": done.problem}
    say(listing.suspended_words(done), facts, as_json=json)


def remove(context: typer.Context, place_id: PlaceId, version: Version = None, json: Json = False) -> None:
    """Take a draft away that was never public."""
    from geo_service.workflows.places import keeping

    services = services_of(context)
    keeping.remove(services, *_at(services, place_id, version))
    say(f"Removed: {place_id}.", {"removed": place_id}, as_json=json)


def _at(services: Services, place_id: str, version: int | None) -> tuple[str, int]:
    from geo_service.workflows.places import finding

    return place_id, finding.find(services, place_id).version if version is None else version


def _texts(values: Sequence[str]) -> dict[str, str]:
    """Read `field=value`; raise InputError for anything else, and for a field given twice."""
    from geo_service.errors import InputError

    texts: dict[str, str] = {}
    for value in values:
        name, equals, text = value.partition("=")
        if not equals or not name.strip():
            raise InputError("Not a field and its value", found=value, do="Write name=value", field=name)
        if name.strip() in texts:
            raise InputError("A field is given twice", found=name, do="Give it once", field=name)
        texts[name.strip().replace("-", "_")] = text
    return texts


def _facts(place: SafePlace) -> dict[str, Any]:
    return {
        "id": place.id,
        "version": place.version,
        "state": str(place.state),
        "public": place.approved is not None,
        "fields": dict(place.fields),
        "approved": None if place.approved is None else dict(place.approved),
        "pending": {name: list(values) for name, values in place.pending.items()},
        "why": place.why,
    }


def _say_done(done: str, place: SafePlace, *, as_json: bool) -> None:
    from geo_service.workflows.places import listing

    facts: Mapping[str, object] = _facts(place)
    say(f"{done}: {place.name} ({place.id}), now {listing.state_words(place)}.", facts, as_json=as_json)


def register(app: typer.Typer) -> None:
    """Add the commands to the group."""
    app.command("list")(list_places)
    app.command()(show)
    app.command()(add)
    app.command()(edit)
    app.command()(submit)
    app.command()(approve)
    app.command("return")(give_back)
    app.command()(verify)
    app.command()(suspend)
    app.command()(remove)
