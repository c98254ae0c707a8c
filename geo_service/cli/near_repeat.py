"""`geo-service near-repeat`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from geo_service.cli.asking import asks
from geo_service.cli.output import folder_or_pdf, is_pdf, make_folder, say, table, write_export
from geo_service.cli.wiring import Json, KeepDays, Marking, check_format, day_of, handling_of, refuse_empty, services_of
from geo_service.model.asked import Asked

if TYPE_CHECKING:
    from geo_service.workflows.finding.near_repeat import CocoonAnswer, NearRepeatAnswer, NearRepeatQuery, Told
    from geo_service.workflows.markings import Handling
    from geo_service.workflows.services import Services

Cocoon = Annotated[
    str | None,
    typer.Option(metavar="DAY", help="List the visits of the cocoons that are live on that day, YYYY-MM-DD."),
]
Distances = Annotated[
    str, typer.Option(metavar="METRES", help="Upper ends of the bands of distance, ascending, with commas.")
]
Days = Annotated[
    str, typer.Option("--bands", metavar="DAYS", help="Upper ends of the bands of days, each left out of its band.")
]
MetricOption = Annotated[str, typer.Option("--distance", metavar="METRIC", help="euclidean or manhattan.")]
Radius = Annotated[float, typer.Option(metavar="METRES", help="Of the ring or cocoon around an offence, 10 to 1,000.")]
Lasting = Annotated[int, typer.Option("--days", metavar="DAYS", help="Days after an offence that it lasts, 1 to 90.")]
Places = Annotated[
    str, typer.Option(metavar="LAYER", help="What a cocoon visits: cells, or a layer of homes (points) or streets.")
]
Nearest = Annotated[
    int | None,
    typer.Option(
        metavar="NUMBER",
        help="Places around one offence, nearest first.",
        min=1,
        show_default="40; with --sheet 150, of which it lists up to 40",
    ),
]
Sheet = Annotated[
    bool, typer.Option("--sheet", help="With --cocoon: a sheet for each live cocoon as PDF, without where it was.")
]
Crime = Annotated[
    str | None, typer.Option(metavar="NUMBER", help="With --sheet: only the cocoon of that crime number.")
]
Copies = Annotated[
    int | None, typer.Option(metavar="NUMBER", help="With --sheet: numbered copies of each.", show_default="1")
]
Place = Annotated[
    Path | None,
    typer.Option(
        "-o",
        "--output",
        metavar="FILE|FOLDER",
        help="File to write; its ending chooses the format. With --sheet a PDF or a folder. Marking, data version and "
        "destroy-after are added to the name where they are missing.",
    ),
]
_LISTED, _SHEETED = 40, 150
_MOST_LISTED = 60
"""Visits that are printed; a file holds all."""


@asks
def near_repeat(
    context: typer.Context,
    asked: Asked,
    cocoon: Cocoon = None,
    distances: Distances = "0.1,100,200,300,400",
    bands: Days = "1,8,15,29,43",
    distance: MetricOption = "euclidean",
    radius: Radius = 200.0,
    days: Lasting = 21,
    places: Places = "cells",
    nearest: Nearest = None,
    sheet: Sheet = False,
    crime: Crime = None,
    copies: Copies = None,
    output: Place = None,
    keep_days: KeepDays = None,
    marking: Marking = None,
    json: Json = False,
) -> None:
    """Say whether offences follow each other nearby and soon, or list whom to visit after them."""
    from geo_service.model.hotspots import HotspotQuery
    from geo_service.workflows.finding.near_repeat import NearRepeatQuery, read_bands, read_rules

    _refuse_mixed(cocoon, crime, copies, sheet=sheet)
    query = NearRepeatQuery(
        HotspotQuery.asked(asked),
        read_bands(distances, bands, distance),
        read_rules(radius, days, nearest or (_SHEETED if sheet else _LISTED)),
        day_of(cocoon, "cocoon"),
        places,
    )
    if sheet:
        place, handling = folder_or_pdf(output), handling_of(marking or "OFFICIAL-SENSITIVE", keep_days)
        number = 1 if copies is None else copies
        _sheets(services_of(context), query, place, crime or "", handling, number, json)
    else:
        _answer(services_of(context), query, output, handling_of(marking, keep_days), json)


def _refuse_mixed(cocoon: str | None, crime: str | None, copies: int | None, *, sheet: bool) -> None:
    """Refuse options that have no meaning together."""
    from geo_service.errors import QueryError

    refuse_empty(crime, "--crime")
    if sheet and cocoon is None:
        raise QueryError(
            "--sheet goes with --cocoon", do="Add the day of the visits, such as --cocoon 2026-10-20", field="sheet"
        )
    for option, value in (("--crime", crime), ("--copies", copies)):
        if value is not None and not sheet:
            raise QueryError(f"{option} goes with --sheet", found=value, do="Add --sheet", field=option.strip("-"))


def _answer(services: Services, query: NearRepeatQuery, output: Path | None, handling: Handling, as_json: bool) -> None:  # noqa: FBT001
    """Print the table or the visits, and write them where a file is named."""
    from geo_service.workflows.exports import export
    from geo_service.workflows.finding.near_repeat import CocoonAnswer, ask, look
    from geo_service.workflows.finding.near_repeat_tables import cocoon_table, knox_table

    check_format(services, output)
    answer = look(services, query) if output is None else ask(services, query)
    features = cocoon_table(answer) if isinstance(answer, CocoonAnswer) else knox_table(answer)
    path = None
    if output is not None:
        path = write_export(output, export(services, features, output.suffix, handling))
    facts = {
        "sentence": answer.sentence,
        "rows": features.rows.to_dicts(),
        **({} if isinstance(answer, CocoonAnswer) else _preventable(answer)),
        **_facts(answer.told),
        "file": path and str(path),
    }
    lines = _visits(answer) if isinstance(answer, CocoonAnswer) else _table(answer)
    written = [] if path is None else [f"Written: {path}"]
    say("\n".join([*lines, *_told(answer.told), *written]), facts, as_json=as_json)


def _sheets(
    services: Services,
    query: NearRepeatQuery,
    place: Path,
    crime: str,
    handling: Handling,
    copies: int,
    as_json: bool,  # noqa: FBT001
) -> None:
    """Write the sheets of the live cocoons."""
    from geo_service.workflows.finding.near_repeat import CocoonAnswer, ask
    from geo_service.workflows.paper.cocoon_sheets import print_cocoons

    answer = ask(services, query)
    assert isinstance(answer, CocoonAnswer)  # noqa: S101 - a day is named
    printed = print_cocoons(services, answer, crime=crime, handling=handling, copies=copies)
    if not is_pdf(place):
        make_folder(place)
    path = write_export(place, printed.export)
    listed = ", ".join(map(str, printed.numbers))
    lines = [
        f"Sheets of {len(printed.numbers)} cocoon(s), {handling.marking}. No sheet tells where the offence was.",
        f"By the numbers that the ids of the list of the same day begin with: {listed}.",
        *(f"- None for {reason[:1].lower()}{reason[1:]}" for reason in printed.without),
        *_told(answer.told),
        f"Written: {path}",
    ]
    facts = {
        "cocoons": printed.numbers,
        "sheets": len(printed.sheets),
        "without": printed.without,
        "marking": handling.marking,
        "footers": [sheet.footer for sheet in printed.sheets],
        **_facts(answer.told),
        "file": str(path),
    }
    say("\n".join(lines), facts, as_json=as_json)


def _facts(told: Told) -> dict[str, object]:
    return {
        "notes": told.notes,
        "licences": told.licences,
        "provenance": asdict(told.provenance),
        "vintage": told.vintage,
    }


def _preventable(answer: NearRepeatAnswer) -> dict[str, object]:
    return {
        "sentence_preventable": answer.sentence_preventable,
        "preventable": asdict(answer.preventable) | {"share": answer.preventable.share},
        "incidents": answer.knox.incidents,
        "undated": answer.undated,
    }


def _table(answer: NearRepeatAnswer) -> list[str]:
    """Lay the table out: pairs, how many times what chance gives, and p below 0.1 in brackets."""
    found = answer.knox
    rows: list[list[object]] = [
        [
            label,
            *(
                _cell(int(found.observed[row, column]), float(found.ratio[row, column]), float(found.p[row, column]))
                for column in range(len(found.bands.columns))
            ),
        ]
        for row, label in enumerate(found.bands.rows)
    ]
    return [
        answer.sentence,
        answer.sentence_preventable,
        table(["pairs (times chance, p)", *found.bands.columns], rows),
    ]


def _cell(observed: int, ratio: float, p: float) -> str:
    said = "-" if ratio != ratio else f"{ratio:.2f}"  # noqa: PLR0124 - not a number
    return f"{observed:,} ({said}, {p:.3f})"


def _visits(answer: CocoonAnswer) -> list[str]:
    from geo_service.workflows.finding.near_repeat_tables import cocoon_table

    rows = cocoon_table(answer).rows
    shown = rows.head(_MOST_LISTED).select(
        "crime_number", "happened", "order", "visit", "distance_m", "days_left", "last_day"
    )
    more = [] if rows.height <= _MOST_LISTED else [f"… and {rows.height - _MOST_LISTED:,} more; -o FILE writes all."]
    return [answer.sentence, table(shown.columns, [list(row) for row in shown.iter_rows()]), *more]


def _told(told: Told) -> list[str]:
    provenance = told.provenance
    said = "; ".join(f"{name} {value}" for name, value in provenance.parameters.items())
    return [
        *(f"- {note}" for note in told.notes),
        f"Data version {provenance.data_version}; {said}; seed {provenance.seed}.",
        *told.licences,
    ]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("near-repeat", short_help="Say whether offences follow each other, and whom to visit.")(near_repeat)
