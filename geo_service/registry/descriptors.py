"""Turn descriptors into the model's values: layers, offence sets, harm and proxy tables, boundary sets."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, cast, get_args

import polars as pl

from geo_service.model.access import Audience
from geo_service.model.boundaries import BoundaryDescriptor, PolicingArea
from geo_service.model.incidents import MARKERS
from geo_service.model.layers import FieldType, Layer, LayerField, LayerStyle
from geo_service.model.offences import PROXY_LEVELS, UNDER_25, HarmTable, OffenceRule, OffenceSet, ProxyTable, Under25
from geo_service.registry.described import LayerDescriptor
from geo_service.registry.kinds import kinds
from geo_service.registry.positions import GEOMETRY_TYPES

if TYPE_CHECKING:
    from pathlib import Path

    from geo_service.registry.strict import Keys

SHAPES: Final = ("circle", "square", "triangle", "diamond", "cross", "line", "area")
_AUDIENCES: Final = {audience.word: audience for audience in Audience}
_COLOUR: Final = re.compile(r"#[0-9a-f]{6}")
_COLUMN: Final = re.compile(r"[a-z][a-z0-9_]*")


def layer(keys: Keys, folder: Path) -> LayerDescriptor:
    """Read `layers/<id>.toml`; raise InputError naming file and key."""
    audience = _AUDIENCES[keys.word("audience", _AUDIENCES)]
    fields = tuple(_field(table, audience) for table in keys.tables("field"))
    _check_fields(keys, fields)
    source = keys.table("source")
    kind = source.word("kind", kinds())
    style = keys.table("style")
    read = Layer(
        id=keys.text("id"),
        title=keys.text("title"),
        description=keys.text("description"),
        audience=audience,
        kind=kind,
        source=kinds()[kind].options(source),
        fields=fields,
        style=_style(style),
        licence=keys.text("licence"),
    )
    described = LayerDescriptor(
        layer=read,
        folder=folder,
        time=_time(keys, fields),
        position_required=keys.flag("position_required", default=True),
        geometry=_geometry(keys),
    )
    source.close()
    keys.close()
    return described


def _field(keys: Keys, audience: Audience) -> LayerField:
    word = keys.word("audience", _AUDIENCES, audience.word)
    field = LayerField(
        name=keys.text("name"),
        title=keys.text("title"),
        type=cast("FieldType", keys.word("type", get_args(FieldType))),
        required=keys.flag("required", default=False),
        choices=keys.texts("choices"),
        audience=_AUDIENCES[word],
    )
    if not _COLUMN.fullmatch(field.name):
        raise keys.refuse("not a column name", key="name", found=field.name, do="Use small letters, digits and _")
    if (field.type == "choice") != bool(field.choices):
        raise keys.refuse("`choices` goes with the type choice", key="choices", do="Give both or neither")
    if field.audience < audience:
        raise keys.refuse(
            "a field cannot be shown to more people than its layer",
            key="audience",
            found=word,
            do=f"Use {audience.word}",
        )
    keys.close()
    return field


def _check_fields(keys: Keys, fields: tuple[LayerField, ...]) -> None:
    names = [field.name for field in fields]
    if not fields or (fields[0].name, fields[0].type, fields[0].required) != ("id", "text", True):
        raise keys.refuse("the first field must be `id`, a required text", key="field", found=names[:1])
    for name in names:
        if names.count(name) > 1:
            raise keys.refuse("two fields of one name", key="field", found=name, do="Keep one of them")


def _style(keys: Keys) -> LayerStyle:
    style = LayerStyle(
        shape=keys.word("shape", SHAPES), colour=keys.text("colour").lower(), letter=keys.text("letter", "")
    )
    if not _COLOUR.fullmatch(style.colour):
        raise keys.refuse("not a colour", key="colour", found=style.colour, do="Write it as #1d70b8")
    if len(style.letter) > 1:
        raise keys.refuse("more than one letter", key="letter", found=style.letter, do="Give one letter or none")
    keys.close()
    return style


def _geometry(keys: Keys) -> tuple[str, ...]:
    names = keys.texts("geometry")
    for name in names:
        if name not in GEOMETRY_TYPES:
            raise keys.refuse(
                "unknown type of geometry", key="geometry", found=name, do=f"Use some of {', '.join(GEOMETRY_TYPES)}"
            )
    return names


def _time(keys: Keys, fields: tuple[LayerField, ...]) -> tuple[str, str] | None:
    names = keys.texts("time")
    if not names:
        return None
    dates = [field.name for field in fields if field.type == "date"]
    if len(names) != 2 or not set(names) <= set(dates):  # noqa: PLR2004 (first and last)
        raise keys.refuse("`time` must name two fields of the type date", key="time", found=names)
    return names[0], names[1]


def offence_set(keys: Keys) -> OffenceSet:
    """Read `data/offence_sets/<id>.toml`; raise InputError naming file and key."""
    read = OffenceSet(
        id=keys.text("id"),
        title=keys.text("title"),
        description=keys.text("description"),
        include=tuple(_rule(table) for table in keys.tables("include")),
        exclude=tuple(_rule(table) for table in keys.tables("exclude")),
        proactive=tuple(_rule(table) for table in keys.tables("proactive")),
        proactive_words=keys.text("proactive_words", ""),
        notes=keys.texts("notes"),
    )
    if bool(read.proactive) != bool(read.proactive_words):
        raise keys.refuse("`proactive` and `proactive_words` go together", key="proactive", do="Give both or neither")
    keys.close()
    return read


def _rule(keys: Keys) -> OffenceRule:
    rule = OffenceRule(
        keys.texts("codes"),
        keys.texts("offences"),
        keys.texts("any_marker"),
        cast("Under25", keys.word("under_25", UNDER_25, "")),
    )
    keys.close()
    for marker in rule.any_marker:
        if marker not in MARKERS:
            raise keys.refuse("unknown marker", key="any_marker", found=marker, do=f"Use one of {', '.join(MARKERS)}")
    if not (rule.codes or rule.offences or rule.any_marker or rule.under_25):
        raise keys.refuse(
            "a rule without a condition matches everything", do="Give codes, offences, any_marker or under_25"
        )
    return rule


def harm(keys: Keys) -> HarmTable | ProxyTable:
    """Read `data/harm/<id>.toml`, a harm or a proxy table by its `kind`; raise InputError naming file and key."""
    proxy = keys.word("kind", ("harm", "proxy")) == "proxy"
    method = keys.text("method", "")
    source = keys.text("source") + (f". Method: {method}" if method else "")
    tables = keys.tables("row")
    if not tables:
        raise keys.refuse("no rows", key="row", do="Write each offence under [[row]]")
    rows = pl.DataFrame([_proxy_row(row) if proxy else _harm_row(row) for row in tables], infer_schema_length=None)
    read: HarmTable | ProxyTable
    if proxy:
        key = ["offence"]
        read = ProxyTable(keys.text("id"), keys.text("title"), source, rows)
    else:
        key = ["offence_code", "offence"]
        rows = rows.with_columns(pl.col(key).cast(pl.String))
        read = HarmTable(keys.text("id"), keys.text("title"), source, rows)
    if (twice := rows.filter(rows.select(key).is_duplicated())).height:
        raise keys.refuse("two rows for one offence", key="row", found=twice.select(key).row(0), do="Keep one of them")
    keys.close()
    return read


def _harm_row(keys: Keys) -> dict[str, object]:
    row: dict[str, object] = {
        "offence_code": keys.text("code", "") or None,
        "offence": keys.text("offence", "") or None,
        "days": keys.number("days"),
        "source": keys.text("source"),
    }
    if row["offence_code"] is None and row["offence"] is None:
        raise keys.refuse("neither `code` nor `offence`", do="Give one or both")
    keys.close()
    return row


def _proxy_row(keys: Keys) -> dict[str, object]:
    levels: dict[str, float] = {level: keys.number(level) for level in PROXY_LEVELS}
    row: dict[str, object] = {"offence": keys.text("offence"), **levels, "source": keys.text("source")}
    if list(levels.values()) != sorted(levels.values()):
        raise keys.refuse("low, middle and high must rise", key="low", found=list(levels.values()))
    keys.close()
    return row


def boundary(keys: Keys) -> tuple[BoundaryDescriptor, bool]:
    """Read `data/boundaries/<id>.toml` and whether it belongs to the demonstration area."""
    read = BoundaryDescriptor(
        id=keys.text("id"),
        title=keys.text("title"),
        vintage=keys.text("vintage"),
        valid_from=keys.date("valid_from"),
        licence=keys.text("licence"),
        source=keys.text("source"),
        how_to_get=keys.text("how_to_get"),
        code_field=keys.text("code_field", ""),
        name_field=keys.text("name_field", ""),
        parent_code_field=keys.text("parent_code_field", ""),
        parent_name_field=keys.text("parent_name_field", ""),
        member=keys.text("member", "member"),
        members_of=keys.texts("members_of"),
        areas=tuple(_area(table) for table in keys.tables("area")),
        notes=keys.texts("notes"),
    )
    codes = [area.code for area in read.areas]
    for code in codes:
        if codes.count(code) > 1:
            raise keys.refuse("two areas of one code", key="area", found=code)
    if read.areas and not read.members_of:
        raise keys.refuse("areas without `members_of`", key="members_of", do="Name the sets whose members they list")
    demonstration = keys.flag("demonstration", default=False)
    keys.close()
    return read, demonstration


def _area(keys: Keys) -> PolicingArea:
    area = PolicingArea(keys.text("code"), keys.text("name"), keys.texts("members"), keys.texts("parents"))
    keys.close()
    return area
