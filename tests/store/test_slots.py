"""Every kind of slot says how its damage is mended."""

from __future__ import annotations

import pytest

from geo_service.store import slots

JAN = "incidents/police_uk/west-mercia/2025-01"


@pytest.mark.parametrize(
    ("slot", "said"),
    [
        (JAN, "import the month again"),
        ("incidents/force_csv/demonstration/0", "undo the imports"),
        (slots.assignment_slot("wards", JAN), "import the boundary set again"),
        (slots.boundary_slot("wards"), "import the boundary set again"),
        (slots.POSTCODES, "import the postcodes again"),
        (slots.feature_slot("cctv"), "import the layer's features again"),
        (slots.reject_slot("january"), "import the file"),
    ],
)
def test_a_slot_says_how_it_is_mended(slot: str, said: str) -> None:
    assert said in slots.mend(slot)
    assert "backup" in slots.mend(slot)
    assert slots.kind_of(slot) in slots.KINDS


def test_an_assignment_slot_gives_its_parts_back() -> None:
    assert slots.parts_of_assignment(slots.assignment_slot("wards", JAN)) == ("wards", JAN)


@pytest.mark.parametrize("name", ["", "a/b", "a\nb"])
def test_an_id_that_cannot_be_part_of_a_slot_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="not an id"):
        slots.boundary_slot(name)
    with pytest.raises(ValueError, match="not an id"):
        slots.feature_slot(name)
