"""Every kind of slot says how its damage is mended."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
        (slots.denominator_slot("residents"), "import the denominator again"),
        (slots.harm_table_slot("chi"), "import the harm table again"),
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


@given(st.sets(st.integers(22_800, 26_399), max_size=40))
def test_months_are_written_as_runs_and_read_back(months: set[int]) -> None:
    written = slots.months_written(months)
    assert slots.months_read(written) == months
    assert written.count(",") + 1 == max(sum(month - 1 not in months for month in months), 1)


@pytest.mark.parametrize("parts", [1, 2, 64])
def test_partitions_of_a_slot_know_their_whole(parts: int) -> None:
    whole = "incidents/force_csv/north.shire/05"
    names = [slots.part_slot(whole, part, parts) for part in range(parts)]
    assert len(set(names)) == parts
    assert {slots.whole_slot(name) for name in names} == {slots.family_of(name) for name in names} == {whole}
    assert slots.parts_in(names) == parts
    assert all(slots.incident_slot(name) and slots.month_of(name) is None for name in names)
    # An assignment goes with its incidents; it is not of their family.
    assert slots.family_of(slots.assignment_slot("wards", names[0])) == slots.assignment_slot("wards", names[0])
