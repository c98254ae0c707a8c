"""Descriptors are read strictly: what is wrong is named by file and key."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from geo_service.errors import InputError
from geo_service.model.access import Audience
from geo_service.registry import open_registry

if TYPE_CHECKING:
    from pathlib import Path

LAYER = """id = "lamps"
title = "Lamps"
description = "Where a street is lit."
audience = "partner"
licence = "Nobody's"

[source]
kind = "imported"

[style]
shape = "circle"
colour = "#1d70b8"
letter = "L"

[[field]]
name = "id"
title = "Number"
type = "text"
required = true

[[field]]
name = "watts"
title = "Watts"
type = "integer"
"""
SET = 'id = "night"\ntitle = "Night"\ndescription = "After dark"\n\n[[include]]\ncodes = ["028"]\n'
HARM = """id = "days"
kind = "harm"
title = "Days"
source = "A guideline"
method = "Counted"

[[row]]
code = "034A"
offence = "Robbery"
days = 365
source = "Page 1"

[[row]]
offence = "Affray"
days = 12.5
source = "Page 2"
"""
PROXY = """id = "guess"
kind = "proxy"
title = "Guess"
source = "A guess"

[[row]]
offence = "Burglary"
low = 10
middle = 20
high = 30
source = "Page 3"
"""
BOUNDARY = """id = "beats"
title = "Beats"
vintage = "B26"
valid_from = 2026-04-01
licence = "Ours"
source = "The force"
how_to_get = "Ask"
members_of = ["wards"]

[[area]]
code = "north"
name = "North"
parents = ["E1"]
"""


def put(share: Path, name: str, text: str) -> Path:
    path = share / name
    path.parent.mkdir(parents=True, exist_ok=True)
    (share / "layers").mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return share


def test_a_layer_is_there_because_its_file_is(tmp_path: Path) -> None:
    assert open_registry(put(tmp_path, "layers/note.txt", "")).layers(Audience.FORCE) == []
    (layer,) = open_registry(put(tmp_path, "layers/lamps.toml", LAYER)).layers(Audience.FORCE)
    assert (layer.id, layer.title, layer.audience, layer.kind) == ("lamps", "Lamps", Audience.PARTNER, "imported")
    assert [(field.name, field.type, field.audience) for field in layer.fields] == [
        ("id", "text", Audience.PARTNER),
        ("watts", "integer", Audience.PARTNER),
    ]


@pytest.mark.parametrize(
    ("old", "new", "key", "words"),
    [
        (
            'audience = "partner"',
            'audience = "police"',
            "audience",
            "unknown audience. Found: police. Use one of force",
        ),
        ('shape = "circle"', 'shape = "star"', "shape", "unknown shape. Found: star"),
        ('type = "integer"', 'type = "int"', "type", "unknown type. Found: int"),
        ('kind = "imported"', 'kind = "oracle"', "kind", "unknown kind. Found: oracle. Use one of file, imported"),
        ('kind = "imported"', 'kind = "imported"\nurl = "x"', "url", "unknown key. Found: url"),
        ('licence = "Nobody\'s"', 'licence = "N"\nlicense = "N"', "license", "unknown key. Found: license"),
        ('title = "Lamps"', "title = 7", "title", "`title` must be text. Found: 7"),
        ('title = "Lamps"', 'title = " "', "title", "`title` is empty"),
        ('licence = "Nobody\'s"', "", "licence", "`licence` is missing"),
        ('colour = "#1d70b8"', 'colour = "blue"', "colour", "not a colour. Found: blue"),
        (
            'audience = "partner"',
            'audience = "partner"\ngeometry = ["Star"]',
            "geometry",
            "geometry. Found: Star. Use some",
        ),
        ('letter = "L"', 'letter = "LL"', "letter", "more than one letter. Found: LL"),
        ('title = "Watts"', 'title = "Watts"\naudience = "public"', "audience", "more people than its layer"),
        ('title = "Watts"', 'title = "Watts"\nchoices = ["a"]', "choices", "goes with the type choice"),
        ('name = "watts"', 'name = "id"', "field", "two fields of one name. Found: id"),
        ('name = "watts"', 'name = "Watts, all"', "name", "not a column name"),
        ('name = "id"', 'name = "number"', "field", "the first field must be `id`"),
        ('id = "lamps"', 'id = "lights"', "id", 'Write id = "lamps"'),
        ('audience = "partner"', 'audience = "partner"\ntime = ["watts", "id"]', "time", "two fields of the type date"),
    ],
)
def test_a_wrong_layer_is_refused_by_file_and_key(tmp_path: Path, old: str, new: str, key: str, words: str) -> None:
    assert old in LAYER
    with pytest.raises(InputError) as caught:
        open_registry(put(tmp_path, "layers/lamps.toml", LAYER.replace(old, new, 1)))
    assert words in caught.value.message
    assert caught.value.field.startswith("layers/lamps.toml")
    assert caught.value.field.endswith(key)


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("layers/lamps.toml", "id = ", "layers/lamps.toml is not TOML"),
        ("data/offence_sets/night.toml", SET.replace("codes", "code"), "unknown key. Found: code"),
        ("data/offence_sets/night.toml", SET.replace('codes = ["028"]', ""), "matches everything"),
        ("data/offence_sets/night.toml", SET + 'any_marker = ["drunk"]', "unknown marker. Found: drunk"),
        ("data/offence_sets/night.toml", SET.replace('["028"]', "[28]"), "`codes` must be a list of texts"),
        ("data/harm/days.toml", HARM.replace("365", "-1"), "number of at least 0. Found: -1"),
        ("data/harm/days.toml", HARM.replace("365", "nan"), "number of at least 0. Found: nan"),
        ("data/harm/days.toml", HARM.replace("365", "true"), "number of at least 0. Found: True"),
        ("data/harm/days.toml", HARM.replace('offence = "Affray"\n', ""), "neither `code` nor `offence`"),
        (
            "data/harm/days.toml",
            HARM + '\n[[row]]\noffence = "Affray"\ndays = 1\nsource = "x"\n',
            "two rows for one offence",
        ),
        ("data/harm/days.toml", HARM.split("[[row]]", maxsplit=1)[0], "no rows"),
        ("data/harm/guess.toml", PROXY.replace("30", "15"), "low, middle and high must rise"),
        ("data/boundaries/beats.toml", BOUNDARY.replace("2026-04-01", '"2026-04-01"'), "`valid_from` must be a date"),
        ("data/boundaries/beats.toml", BOUNDARY.replace("2026-04-01", "2026-04-01T00:00:00"), "a date without a time"),
        ("data/boundaries/beats.toml", BOUNDARY.replace('members_of = ["wards"]', ""), "areas without `members_of`"),
        ("data/boundaries/beats.toml", BOUNDARY.replace("parents", "parent"), "unknown key. Found: parent"),
        ("data/boundaries/beats.toml", BOUNDARY + '\n[[area]]\ncode = "north"\nname = "N"\n', "two areas of one code"),
    ],
)
def test_a_wrong_descriptor_is_refused_by_name(tmp_path: Path, name: str, text: str, words: str) -> None:
    with pytest.raises(InputError) as caught:
        open_registry(put(tmp_path, name, text))
    assert words in caught.value.message
    assert name in caught.value.message


def test_descriptors_become_the_models_values(tmp_path: Path) -> None:
    put(tmp_path, "data/offence_sets/night.toml", SET)
    put(tmp_path, "data/harm/days.toml", HARM)
    put(tmp_path, "data/harm/guess.toml", PROXY)
    registry = open_registry(put(tmp_path, "data/boundaries/beats.toml", BOUNDARY))
    assert registry.offence_sets()["night"].include[0].codes == ("028",)
    harm = registry.harm_tables()["days"]
    assert harm.source == "A guideline. Method: Counted"
    assert harm.rows.rows() == [("034A", "Robbery", 365.0, "Page 1"), (None, "Affray", 12.5, "Page 2")]
    assert registry.proxies()["guess"].rows.rows() == [("Burglary", 10.0, 20.0, 30.0, "Page 3")]
    beats = registry.boundaries()["beats"]
    assert (beats.valid_from, beats.areas[0].parents) == (dt.date(2026, 4, 1), ("E1",))


def test_the_demonstration_area_knows_only_the_boundaries_marked_for_it(tmp_path: Path) -> None:
    put(tmp_path, "data/boundaries/beats.toml", BOUNDARY)
    marked = BOUNDARY.replace('id = "beats"', 'id = "invented"\ndemonstration = true')
    put(tmp_path, "data/boundaries/invented.toml", marked)
    assert list(open_registry(tmp_path).boundaries()) == ["beats"]
    assert list(open_registry(tmp_path, demonstration=True).boundaries()) == ["invented"]


def test_a_folder_without_layers_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No folder `layers` there"):
        open_registry(tmp_path)


def test_a_data_directory_may_keep_offence_sets_of_its_own(tmp_path: Path) -> None:
    put(tmp_path / "share", "data/offence_sets/night.toml", SET)
    own = SET.replace("Night", "Our night")
    put(tmp_path / "own", "offence_sets/night.toml", own)
    put(tmp_path / "own", "offence_sets/young.toml", own.replace('"night"', '"young"') + 'under_25 = "victim"\n')
    sets = open_registry(tmp_path / "share", own=tmp_path / "own").offence_sets()
    assert {name: found.title for name, found in sets.items()} == {"night": "Our night", "young": "Our night"}
    assert sets["young"].include[0].under_25 == "victim"


def test_a_data_directory_may_describe_teams_of_its_own(tmp_path: Path) -> None:
    put(tmp_path / "share", "data/boundaries/beats.toml", BOUNDARY)
    own = BOUNDARY.replace('id = "beats"', 'id = "teams"')
    put(tmp_path / "own", "boundaries/teams.toml", own)
    put(tmp_path / "own", "boundaries/beats.toml", BOUNDARY.replace("2026-04-01", "2027-04-01"))
    found = open_registry(tmp_path / "share", own=tmp_path / "own").boundaries()
    assert list(found) == ["beats", "teams"]
    assert found["beats"].valid_from == dt.date(2027, 4, 1)


@pytest.mark.parametrize(
    ("extra", "words"),
    [
        ('under_25 = "child"\n', "unknown under_25. Found: child. Use one of"),
        ('[[proactive]]\ncodes = ["092/"]\n', "`proactive` and `proactive_words` go together"),
    ],
)
def test_a_wrong_offence_set_is_refused(tmp_path: Path, extra: str, words: str) -> None:
    with pytest.raises(InputError) as caught:
        open_registry(put(tmp_path, "data/offence_sets/night.toml", SET + extra))
    assert words in str(caught.value)
