"""`geo-service safe-places print`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from geo_service.cli.output import make_folder, say, write_export
from geo_service.cli.wiring import Json, refuse_empty, services_of

if TYPE_CHECKING:
    from geo_service.workflows.handouts.place_prints import PrintedPapers

Folder = Annotated[
    Path, typer.Option("-o", "--output", metavar="FOLDER", help="Folder for the PDFs; made where it is not there.")
]
Town = Annotated[
    str | None, typer.Option(metavar="TOWN", help="Print for one town only.", show_default="every town of the release")
]
LargePrint = Annotated[bool, typer.Option("--large-print", help="Directory and poster on A3, in large print.")]
Wallet = Annotated[bool, typer.Option("--wallet", help="Cards for a wallet too, ten on A4, printed on both sides.")]
Stickers = Annotated[bool, typer.Option("--stickers", help="Stickers for windows too, six on A4.")]
Poster = Annotated[bool, typer.Option("--poster", help="A poster with a QR code too; needs --url.")]
Url = Annotated[
    str | None, typer.Option("--url", metavar="ADDRESS", help="With --poster: address of the public site, https://…")
]
Lang = Annotated[
    str, typer.Option("--lang", metavar="LANGUAGE", help="Language of the paper: en, cy, pl, ur, pa or ro.")
]


def print_places(
    context: typer.Context,
    output: Folder,
    town: Town = None,
    large_print: LargePrint = False,
    wallet: Wallet = False,
    stickers: Stickers = False,
    poster: Poster = False,
    url: Url = None,
    lang: Lang = "en",
    json: Json = False,
) -> None:
    """Print the Safe Places of the release that the public site shows: a directory for each town, A4, to fold.

    Nothing is left out: a town of many places takes smaller letters, then a second page.
    """
    from geo_service.workflows.handouts.place_prints import Papers, print_papers

    refuse_empty(town, "--town")
    wanted = Papers(
        town=town, large_print=large_print, wallet=wallet, stickers=stickers, poster=poster, url=url, language=lang
    )
    _check(output)
    printed = print_papers(services_of(context), wanted)
    make_folder(output)
    _say(printed, [write_export(output, export) for export in printed.exports], as_json=json)


def _check(folder: Path) -> None:
    from geo_service.errors import InputError

    if folder.exists() and not folder.is_dir():
        raise InputError("That is not a folder", found=folder, do="Name a folder with -o", field="output")
    if not folder.parent.is_dir():
        raise InputError(
            "There is no folder to make it in", found=folder.parent, do="Choose another place with -o", field="output"
        )


def _say(printed: PrintedPapers, files: list[Path], *, as_json: bool) -> None:
    number = printed.release.number
    lines = [
        f"Release {number}, {printed.release.places.provenance.marking}.",
        *(f"{town or 'Places without a town'}: {count} place(s)." for town, count in printed.towns.items()),
    ]
    if printed.never_checked:
        lines.append(f"Never checked by anybody: {printed.never_checked}; the paper says so.")
    if printed.draft:
        lines.append(f"Draft: no reviewer has approved all of the translation ({printed.language}); the paper says so.")
    lines += [*printed.release.all_licences, *(f"Written: {path}" for path in files)]
    facts = {
        "release": number,
        "marking": printed.release.places.provenance.marking,
        "towns": dict(printed.towns),
        "never_checked": printed.never_checked,
        "language": printed.language,
        "draft": printed.draft,
        "licences": printed.release.all_licences,
        "files": [str(path) for path in files],
    }
    say("\n".join(lines), facts, as_json=as_json)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(name="print", short_help="Print directories, wallet cards, stickers and a poster.")(print_places)
