"""A name or code finds its area, of the vintage that a date asks for, and says what it found."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest
import shapely

from geo_service.errors import NotFoundError, QueryError
from geo_service.model.boundaries import BoundaryDescriptor, PolicingArea
from geo_service.overlay import find_area

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from geo_service.model.boundaries import Area, BoundarySet

MID_2025, MID_2023, LONG_AGO = dt.date(2025, 6, 30), dt.date(2023, 6, 30), dt.date(2000, 1, 1)
TOWN, VALE = ("D1", "Wyreford"), ("D2", "Vale of Arrow")


def square(place: int) -> shapely.Polygon:
    return shapely.box(place, 0, place + 1, 1)


@pytest.fixture(scope="module")
def sets(make_set: Callable[..., BoundarySet]) -> dict[str, BoundarySet]:
    """Return two editions of the wards and one set of other areas; `Mill` was split between them."""
    new = make_set(
        [("N1", "Mill North", square(0)), ("N2", "Mill & South", square(1)), ("N3", "Central", square(2)),
         ("N4", "Central", square(3)), ("N5", "St John's", square(4))],
        [TOWN, TOWN, TOWN, VALE, VALE],
        "wards-2025",
        dt.date(2025, 5, 1),
    )  # fmt: skip
    old = make_set(
        [("O1", "Mill", square(0)), ("O3", "St John's", square(4))],
        [TOWN, VALE],
        "wards-2022",
        dt.date(2022, 5, 5),
    )
    beats = make_set([("B1", "Harbour", square(7)), ("B2", "Quay", square(8))], name="beats")
    return {"wards-2025": new, "wards-2022": old, "beats": beats}


@pytest.fixture(scope="module")
def descriptors() -> dict[str, BoundaryDescriptor]:
    """Return a list of policing areas, and an official set that is not imported."""
    areas = (
        PolicingArea("P1", "Arrow", parents=("D2",)),
        PolicingArea("P2", "Mills", members=("N2", "N1")),
        PolicingArea("P3", "Undocumented"),
        PolicingArea("P4", "Elsewhere", parents=("D9",)),
        PolicingArea("P5", "Wyreford", parents=("D1",)),
        PolicingArea("P6", "Harbour", members=("N5",)),
    )
    common = {"licence": "", "source": "", "valid_from": dt.date(2023, 4, 3)}
    return {
        "teams-2023": BoundaryDescriptor(
            "teams-2023",
            "Teams",
            "TEAMS23",
            how_to_get="",
            members_of=("parishes", "wards-2025"),
            areas=areas,
            notes=("As listed in 2023.",),
            **common,
        ),
        "parishes": BoundaryDescriptor("parishes", "Parishes", "PAR", how_to_get="Download and import it", **common),
        "hamlets": BoundaryDescriptor(
            "hamlets",
            "Hamlets",
            "HAM",
            how_to_get="",
            members_of=("parishes",),
            areas=(PolicingArea("H1", "Upton", members=("X1",)),),
            **common,
        ),
    }


@pytest.fixture(scope="module")
def find(sets: Mapping[str, BoundarySet], descriptors: Mapping[str, BoundaryDescriptor]) -> Callable[..., Area]:
    """Return find_area over these sets."""

    def ask(wanted: str, on: dt.date = MID_2025, within: str | None = None) -> Area:
        return find_area(sets, descriptors, wanted, boundary_set=within, on=on)

    return ask


def test_a_member_is_found_by_code_or_name_in_any_case(find: Callable[..., Area]) -> None:
    for wanted in ("N1", "n1", "Mill North", "  mill   NORTH "):
        area = find(wanted)
        assert (area.code, area.name, area.members.tolist()) == ("N1", "Mill North", [0])
        assert area.vintage == "wards-2025, valid from 2025-05-01"
        assert area.notes == ()


@pytest.mark.parametrize("wanted", ["mill and south", "Mill & South", "MILL AND SOUTH"])
def test_an_ampersand_is_an_and(find: Callable[..., Area], wanted: str) -> None:
    assert find(wanted).code == "N2"


@pytest.mark.parametrize("wanted", ["St Johns", "St. John's", "st john\N{RIGHT SINGLE QUOTATION MARK}s"])
def test_apostrophes_and_stops_do_not_matter(find: Callable[..., Area], wanted: str) -> None:
    assert find(wanted).code == "N5"


@pytest.mark.parametrize("wanted", ["D1", "wyreford"])
def test_a_larger_area_is_all_its_members(find: Callable[..., Area], wanted: str) -> None:
    area = find(wanted)
    assert (area.code, area.name, area.members.tolist()) == ("D1", "Wyreford", [0, 1, 2])
    assert area.boundary_set.id == "wards-2025"


def test_a_policing_area_is_found_in_the_set_whose_members_it_lists_and_in_no_other(find: Callable[..., Area]) -> None:
    alone, within = find("P2"), find("P2", within="wards-2025")
    assert within.boundary_set.id == alone.boundary_set.id == "wards-2025"
    assert within.members.tolist() == alone.members.tolist() == [0, 1]
    assert within.vintage == alone.vintage
    for elsewhere in ("wards-2022", "beats"):
        with pytest.raises(NotFoundError, match="No area of that code or name"):
            find("P2", within=elsewhere)


def test_the_id_of_a_set_means_all_of_it(find: Callable[..., Area]) -> None:
    area = find("wards-2022")
    assert (area.code, area.name, area.members.tolist()) == ("wards-2022", "Title of wards-2022", [0, 1])


@pytest.mark.parametrize(
    ("on", "edition"),
    [
        (dt.date(2025, 5, 1), "wards-2025"),
        (dt.date(2025, 4, 30), "wards-2022"),
        (dt.date(2022, 5, 5), "wards-2022"),
    ],
)
def test_a_date_gets_the_edition_that_is_valid_on_it(find: Callable[..., Area], on: dt.date, edition: str) -> None:
    area = find("D2", on)
    assert (area.boundary_set.id, area.notes) == (edition, ())


def test_before_every_edition_the_earliest_answers_and_says_so(find: Callable[..., Area]) -> None:
    area = find("D2", LONG_AGO)
    assert area.boundary_set.id == "wards-2022"
    assert area.notes == ("wards-2022 is valid from 2022-05-05, after the date asked about (2000-01-01).",)


def test_a_set_that_is_named_answers_whatever_the_date(find: Callable[..., Area]) -> None:
    area = find("D2", MID_2023, within="wards-2025")
    assert area.boundary_set.id == "wards-2025"
    assert area.notes == ("wards-2025 is valid from 2025-05-01, after the date asked about (2023-06-30).",)
    assert find("D2", MID_2025, within="wards-2022").notes == ()


def test_an_area_that_was_abolished_is_still_found_and_says_so(find: Callable[..., Area]) -> None:
    area = find("Mill")
    assert area.code == "O1"
    assert area.notes == ("Mill is an area of wards-2022; it is not in wards-2025, newer.",)


def test_a_policing_area_is_its_listed_members(find: Callable[..., Area]) -> None:
    area = find("mills")
    assert (area.code, area.members.tolist(), area.boundary_set.id) == ("P2", [0, 1], "wards-2025")
    assert area.vintage == "TEAMS23; members of wards-2025, valid from 2025-05-01"
    assert area.notes == ("As listed in 2023.",)


def test_a_policing_area_is_all_members_of_its_larger_areas(find: Callable[..., Area]) -> None:
    assert find("Arrow").members.tolist() == [3, 4]
    assert find("P1", within="teams-2023").members.tolist() == [3, 4]


def test_two_names_for_the_same_members_are_no_ambiguity(find: Callable[..., Area]) -> None:
    assert find("Wyreford").code == "D1"
    assert find("Wyreford", within="teams-2023").code == "P5"


def test_a_code_is_meant_before_a_name(make_set: Callable[..., BoundarySet]) -> None:
    cross = make_set([("A", "B", square(0)), ("B", "C", square(1))])
    assert find_area({cross.id: cross}, {}, "b", boundary_set=None, on=MID_2025).members.tolist() == [1]


def test_members_that_the_documents_do_not_name_are_not_guessed(find: Callable[..., Area]) -> None:
    with pytest.raises(QueryError, match="documents do not say which members of parishes or wards-2025"):
        find("Undocumented")


def test_a_policing_area_with_members_that_are_missing_is_not_answered_in_part(find: Callable[..., Area]) -> None:
    with pytest.raises(QueryError, match=r"lists areas that wards-2025, as imported, does not have\. Found: D9"):
        find("Elsewhere")


def test_a_policing_area_of_a_set_that_is_not_imported_says_which(find: Callable[..., Area]) -> None:
    with pytest.raises(NotFoundError, match=r"Upton is a list of members .* Import parishes"):
        find("Upton")


def test_the_first_listed_set_that_has_every_member_answers(
    sets: Mapping[str, BoundarySet], make_set: Callable[..., BoundarySet], descriptors: Mapping[str, BoundaryDescriptor]
) -> None:
    part = make_set([("N1", "Mill North", square(0))], name="parishes")
    both = {"parishes": part, **sets}
    on = {"boundary_set": "teams-2023", "on": MID_2025}
    assert find_area(both, descriptors, "Mills", **on).boundary_set.id == "wards-2025"
    whole = make_set([("N1", "Mill North", square(0)), ("N2", "Mill & South", square(1))], name="parishes")
    assert find_area({**both, "parishes": whole}, descriptors, "Mills", **on).boundary_set.id == "parishes"


def test_one_name_of_two_members_is_not_decided_by_chance(find: Callable[..., Area]) -> None:
    with pytest.raises(QueryError, match=r"Several areas .*Central \(N3\) of wards-2025.*Central \(N4\) of wards-2025"):
        find("central")


def test_one_name_in_unrelated_sets_is_not_decided_by_chance(find: Callable[..., Area]) -> None:
    with pytest.raises(QueryError, match=r"Harbour \(B1\) of beats.*Harbour \(P6\) of teams-2023"):
        find("Harbour")
    assert find("Harbour", within="beats").code == "B1"


def test_what_was_not_yet_listed_gives_way_to_what_was(find: Callable[..., Area]) -> None:
    assert find("Harbour", LONG_AGO).code == "B1"


def test_editions_of_one_date_that_both_know_a_name_are_not_decided_by_chance(
    make_set: Callable[..., BoundarySet],
) -> None:
    day = dt.date(2025, 5, 1)
    halves = {
        name: make_set([(code, "Newtown", square(0))], name=name, valid_from=day)
        for name, code in (("wards-2025-north", "N1"), ("wards-2025-south", "S1"))
    }
    with pytest.raises(QueryError, match=r"wards-2025-north.*wards-2025-south"):
        find_area(halves, {}, "Newtown", boundary_set=None, on=MID_2025)
    assert find_area(halves, {}, "S1", boundary_set=None, on=MID_2025).boundary_set.id == "wards-2025-south"


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ("Wyrford", "Close to it: Wyreford"),
        ("Mil North", "Close to it: Mill North"),
        ("zzzzzz", r"Found: zzzzzz\. Looked in wards-2025, wards-2022, beats, teams-2023 and hamlets"),
        ("", "Found: nothing"),
        ("x" * 100_000, r"100000 characters"),
    ],
)
def test_what_is_not_found_comes_with_what_is_close_and_where_was_looked(
    find: Callable[..., Area], wanted: str, said: str
) -> None:
    with pytest.raises(NotFoundError, match=said):
        find(wanted)


def test_an_area_is_not_found_outside_the_set_that_is_named(find: Callable[..., Area]) -> None:
    with pytest.raises(NotFoundError, match=r"Looked in beats\.$"):
        find("Wyreford", within="beats")


def test_an_unknown_set_is_answered_with_those_that_there_are(find: Callable[..., Area]) -> None:
    with pytest.raises(
        NotFoundError, match=r"Imported are wards-2025, wards-2022 and beats; .* teams-2023 and hamlets"
    ):
        find("Wyreford", within="wards-1999")


def test_a_known_set_that_is_not_imported_says_how_to_get_it(find: Callable[..., Area]) -> None:
    with pytest.raises(NotFoundError, match=r"known but not imported.*Download and import it"):
        find("Wyreford", within="parishes")


def test_without_any_set_the_answer_is_to_import_one(descriptors: Mapping[str, BoundaryDescriptor]) -> None:
    with pytest.raises(NotFoundError, match="No boundary set is imported yet"):
        find_area({}, descriptors, "N1", boundary_set=None, on=MID_2025)


@pytest.mark.shared
def test_redditch_had_twelve_wards_and_has_nine(worcestershire: BoundarySet, old_redditch: BoundarySet) -> None:
    both = {"wards-2025": worcestershire, "wards-2022": old_redditch}
    for day, number in ((MID_2025, 9), (MID_2023, 12)):
        area = find_area(both, {}, "Redditch", boundary_set=None, on=day)
        assert (area.code, len(area.members)) == ("E07000236", number)
