"""Tables and offence sets as they ship, read as the registry reads them."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from geo_service.model.incidents import GROUP_COLUMNS, INCIDENT_SCHEMA
from geo_service.model.offences import HarmTable, OffenceRule, OffenceSet, ProxyTable

if TYPE_CHECKING:
    from collections.abc import Callable

DATA = Path(__file__).parents[2] / "data"

CATEGORIES = (
    "Anti-social behaviour",
    "Bicycle theft",
    "Burglary",
    "Criminal damage and arson",
    "Drugs",
    "Other crime",
    "Other theft",
    "Possession of weapons",
    "Public order",
    "Robbery",
    "Shoplifting",
    "Theft from the person",
    "Vehicle crime",
    "Violence and sexual offences",
)
"""The 14 categories of data.police.uk."""


@pytest.fixture(scope="session")
def categories() -> pl.DataFrame:
    """Return one offence group for each category of data.police.uk."""
    return _groups(*((None, category) for category in CATEGORIES))


@pytest.fixture(scope="session")
def groups() -> Callable[..., pl.DataFrame]:
    """Return a maker of offence groups from (code, offence, markers that are true…)."""
    return _groups


@pytest.fixture(scope="session")
def harm_table() -> Callable[..., HarmTable]:
    """Return a maker of a harm table from (code, offence, days)."""
    return _harm_table


def _groups(*rows: tuple[str | None, ...]) -> pl.DataFrame:
    records = [
        {"offence_code": code, "offence": offence, **dict.fromkeys(markers, True)} for code, offence, *markers in rows
    ]
    return pl.DataFrame(records, schema={column: INCIDENT_SCHEMA[column] for column in GROUP_COLUMNS})


def _harm_table(*rows: tuple[str | None, str | None, float]) -> HarmTable:
    schema = {"offence_code": pl.String, "offence": pl.String, "days": pl.Float64}
    return HarmTable("own", "Own", "a test", pl.DataFrame(list(rows), schema=schema, orient="row"))


def read(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        return tomllib.load(file)


def rules(raw: list[dict[str, list[str]]]) -> tuple[OffenceRule, ...]:
    return tuple(
        OffenceRule(**{key: value if isinstance(value, str) else tuple(value) for key, value in rule.items()})
        for rule in raw
    )


@pytest.fixture(scope="session")
def offence_sets() -> dict[str, OffenceSet]:
    sets = {}
    for path in sorted((DATA / "offence_sets").glob("*.toml")):
        raw = read(path)
        for key in ("include", "exclude", "proactive"):
            raw[key] = rules(raw.get(key, []))
        raw["notes"] = tuple(raw["notes"])
        sets[raw["id"]] = OffenceSet(**raw)
    return sets


@pytest.fixture(scope="session")
def starting_points() -> HarmTable:
    raw = read(DATA / "harm" / "starting-points.toml")
    return HarmTable(raw["id"], raw["title"], raw["source"], pl.DataFrame(raw["row"]).rename({"code": "offence_code"}))


@pytest.fixture(scope="session")
def proxy_table() -> ProxyTable:
    raw = read(DATA / "harm" / "police-uk-proxy.toml")
    return ProxyTable(raw["id"], raw["title"], raw["source"], pl.DataFrame(raw["row"], strict=False))
