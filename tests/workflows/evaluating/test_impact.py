"""Impact reports on the demonstration data: brute force, replay after late records, gaps, lists of areas."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest

from geo_service import harm
from geo_service.app import open_area
from geo_service.errors import NotFoundError, QueryError
from geo_service.evaluation import gaps
from geo_service.model.access import OPERATOR, Principal, Role
from geo_service.model.impact import ImpactQuery, ImpactReport, NamedArea
from geo_service.model.periods import Month, Period
from geo_service.workflows.demonstration import FORCE
from geo_service.workflows.evaluating.impact import replay, report
from geo_service.workflows.importing import imports

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from geo_service.workflows.services import Office, Services

LAST = Month.parse("2026-10")
WARDS = "demonstration-wards"


def counted(services: Services, set_id: str, offences: str) -> pl.DataFrame:
    """Count incidents by member and month, row by row: no cube, no sparse sums."""
    snapshot, sets = services.store.snapshot(), services.registry.offence_sets()
    frames = []
    for slot in snapshot.slots("incidents/"):
        rows = snapshot.incident_slot(slot)
        rows = rows.with_columns(pl.Series("member", snapshot.assignment(slot, set_id)))
        frames.append(rows.filter(harm.select(rows, sets[offences])).select("member", "month"))
    return pl.concat(frames).group_by("member", "month").len()


def test_counts_rolling_sums_and_years_to_date_agree_with_rows_counted_one_by_one(demonstration: Services) -> None:
    made = report(demonstration, ImpactQuery(LAST, boundary_set=WARDS, measure="count", against=(2025,)))
    rows = counted(demonstration, WARDS, "public-place")
    held = {(member, month): number for member, month, number in rows.iter_rows()}

    def between(member: int, first: Month, last: Month) -> int:
        return sum(held.get((member, month.ordinal), 0) for month in Period(first, last))

    assert made.months[-1] == "2026-10"
    assert len(made.months) == 13
    for at, area in enumerate(made.areas):
        assert area.counts == tuple(between(at, LAST - back, LAST - back) for back in range(12, -1, -1))
        assert area.rolling == tuple(between(at, LAST - back - 11, LAST - back) for back in range(12, -1, -1))
        assert area.to_date == between(at, Month.parse("2026-04"), LAST)
        assert area.to_date_earlier == (between(at, Month.parse("2025-04"), Month.parse("2025-10")),)
        now, before = area.rolling[-1], area.rolling[-2]
        assert now is not None
        assert before is not None
        assert area.on_month[-1] == pytest.approx(now / before - 1)
    assert len(made.areas) == 9


def test_harm_is_the_weighed_count(demonstration: Services) -> None:
    by_harm = report(demonstration, ImpactQuery(LAST, boundary_set=WARDS, measure="harm"))
    by_count = report(demonstration, ImpactQuery(LAST, boundary_set=WARDS, measure="count"))
    assert by_harm.measure == "harm (starting-points)"
    for heavy, plain in zip(by_harm.areas, by_count.areas, strict=True):
        assert heavy.rolling_counts == plain.rolling
        assert heavy.harms == plain.harms
    assert sum(area.rolling[-1] or 0 for area in by_harm.areas) > sum(area.rolling[-1] or 0 for area in by_count.areas)


def test_lists_of_wards_add_up_their_members_and_shared_ones_are_said(demonstration: Services) -> None:
    listed = (NamedArea("One", ("Lanternby", "Quillholt")), NamedArea("Two", ("X99000003", "Kettlewick")))
    made = report(demonstration, ImpactQuery(LAST, listed, WARDS, measure="count"))
    alone = report(demonstration, ImpactQuery(LAST, boundary_set=WARDS, measure="count"))
    held = {area.name: area.rolling[-1] or 0 for area in alone.areas}
    assert [area.rolling[-1] for area in made.areas] == [
        held["Lanternby"] + held["Quillholt"],
        held["Quillholt"] + held["Kettlewick"],
    ]
    assert any("In more than one area, so counted in each: Quillholt." in note for note in made.notes)


def test_a_list_of_policing_areas_is_a_set(demonstration: Services) -> None:
    made = report(demonstration, ImpactQuery(LAST, boundary_set="demonstration-teams", measure="count"))
    assert [area.name.split()[1] for area in made.areas] == ["Central", "West", "Fringe"]
    assert made.areas[0].members == ("X99000001", "X99000002", "X99000003")


def test_before_enough_months_the_figures_are_not_known_and_the_missing_ones_are_named(demonstration: Services) -> None:
    made = report(demonstration, ImpactQuery(Month.parse("2025-03"), boundary_set=WARDS, measure="count"))
    assert all(area.rolling[-1] is None and area.statuses[-1] is None for area in made.areas)
    assert "is not known of any area" in made.headline
    assert any("missing and not zero: 2023-12 to 2024-10." in note for note in made.notes)
    assert "in 2025-03" in made.text


def test_a_year_of_months_gives_statuses_only_where_they_are_decided(demonstration: Services) -> None:
    # The data begins in 2024-11: the first rolling sum ends in 2025-10, so its status needs an earlier month.
    made = report(demonstration, ImpactQuery(Month.parse("2025-11"), boundary_set=WARDS, measure="count"))
    assert all(area.rolling[-2] is not None and area.rolling[-3] is None for area in made.areas)
    assert {area.statuses[-1] for area in made.areas} <= {None, "NO CHANGE"}
    assert "earlier month needed" in made.text


@pytest.fixture
def own(demonstration_copy: Path) -> Iterator[Services]:
    services = open_area(demonstration_copy)
    yield services
    services.close()


def later_rows(folder: Path, month: str, path: Path) -> Path:
    """Write the incidents of a month again as records that came late, with numbers of their own."""
    with (folder / "demonstration/incidents.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.DictReader(file) if f"/{month}" in row["committed_from"]][:40]
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(row | {"crime_number": f"NB/9{number:05d}/26"} for number, row in enumerate(rows))
    return path


def test_late_records_leave_a_published_report_as_it_was_and_are_said_in_the_next(
    own: Services, demonstration_copy: Path, tmp_path: Path
) -> None:
    query = ImpactQuery(Month.parse("2026-07"), boundary_set=WARDS, measure="count")
    published = report(own, query)
    assert published.late == ()
    version = own.store.snapshot().version
    imports.import_incidents(own, [later_rows(demonstration_copy, "05/2026", tmp_path / "late.csv")], force=FORCE)
    again = replay(own, published.id)
    assert again == published
    assert again.text.encode() == published.text.encode()
    assert json.dumps(again.to_json()) == json.dumps(published.to_json())
    now = report(own, query)
    assert now.id != published.id
    gained = [new.rolling[-1] - old.rolling[-1] for new, old in zip(now.areas, published.areas, strict=True)]  # type: ignore[operator]
    assert sum(gained) > 0
    assert now.late[0].startswith(f"Late records since report {published.id} (data version {version}) changed ")
    assert len(now.late) == 1 + sum(each > 0 for each in gained)
    assert report(own, ImpactQuery(query.to, boundary_set=WARDS, measure="count", as_of=version)) == published


def test_a_report_once_kept_is_given_back_and_not_written_again(demonstration: Services) -> None:
    query = ImpactQuery(Month.parse("2026-06"), boundary_set=WARDS, measure="count")
    first = report(demonstration, query)
    assert report(demonstration, query) == first
    assert replay(demonstration, "latest") == first
    assert ImpactReport.from_json(first.to_json()) == first


def test_who_may_see_one_ward_reports_on_it_alone_and_sees_no_report_on_others(
    office: Office, demonstration: Services
) -> None:
    whole = report(demonstration, ImpactQuery(LAST, boundary_set=WARDS, measure="count"))
    scoped = office.services(Principal("constable", OPERATOR, ("X99000002",)))
    own = report(scoped, ImpactQuery(LAST, boundary_set=WARDS, measure="count"))
    assert [area.code for area in own.areas] == ["X99000002"]
    assert own.areas[0].rolling == next(area.rolling for area in whole.areas if area.code == "X99000002")
    with pytest.raises(NotFoundError):
        replay(scoped, whole.id)
    with pytest.raises(NotFoundError):
        report(scoped, ImpactQuery(LAST, (NamedArea("Other", ("X99000003",)),), WARDS, measure="count"))


def test_of_a_list_of_policing_areas_only_those_that_may_be_seen_are_told(office: Office) -> None:
    scoped = office.services(Principal("constable", OPERATOR, ("NSUCH-T2",)))
    own = report(scoped, ImpactQuery(LAST, boundary_set="demonstration-teams", measure="count"))
    assert [area.code for area in own.areas] == ["NSUCH-T2"]
    assert not any(other in json.dumps(own.to_json()) for other in ("NSUCH-T1", "NSUCH-T3"))
    alone = office.services(Principal("constable", OPERATOR, ("X99000002",)))
    said = []
    for name in ("demonstration-teams", "demonstration-tides"):
        with pytest.raises(NotFoundError) as raised:
            report(alone, ImpactQuery(LAST, boundary_set=name, measure="count"))
        said.append(str(raised.value).replace(name, "…"))
    assert said[0] == said[1]


def test_one_question_of_two_sights_is_kept_as_two_reports(office: Office, demonstration: Services) -> None:
    query = ImpactQuery(LAST, (NamedArea("One", ("X99000002",)),), WARDS, measure="count")
    scoped = office.services(Principal("constable", OPERATOR, ("X99000002",)))
    assert report(scoped, query).id != report(demonstration, query).id


def test_a_kept_report_is_recorded_under_its_own_name(demonstration: Services, office: Office) -> None:
    made = report(demonstration, ImpactQuery(Month.parse("2026-04"), boundary_set=WARDS, measure="count"))
    newest = office.services(Principal("auditor", frozenset({Role.AUDITOR}))).store.events(1)[0]
    assert (newest.act, newest.what) == ("combination: keep impact", f"impact {made.id}")


def test_missing_months_are_said_only_where_a_comparison_that_is_shown_needs_them(demonstration: Services) -> None:
    """The data begins in 2024-11: the year before is there for 2026-10 itself."""
    made = report(demonstration, ImpactQuery(LAST, boundary_set=WARDS, measure="count", against=(2025,)))
    assert made.areas[0].on_year[-1] is not None
    assert not any("Earlier months" in note for note in made.notes)
    further = report(demonstration, ImpactQuery(LAST, boundary_set=WARDS, measure="count", against=(2025, 2023)))
    assert further.areas[0].to_date_earlier[1] is None
    assert any(note.endswith("are missing: 2023-04 to 2023-10.") for note in further.notes)


def test_a_report_that_was_never_kept_is_refused(demonstration: Services) -> None:
    with pytest.raises(NotFoundError):
        replay(demonstration, "nothing")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"to": Month.parse("2031-01")}, "to"),
        ({"offence_set": "violense"}, "offences"),
        ({"boundary_set": "wards-1999"}, "boundary_set"),
        ({"areas": (NamedArea("One", ("Lanternbee",)),)}, "boundary"),
    ],
)
def test_what_is_not_there_is_refused_by_its_field(
    demonstration: Services, wrong: dict[str, object], field: str
) -> None:
    query = ImpactQuery(**({"to": LAST, "boundary_set": WARDS} | wrong))  # type: ignore[arg-type]
    with pytest.raises((QueryError, NotFoundError)) as raised:
        report(demonstration, query)
    assert raised.value.field == field


@pytest.mark.shared
def test_months_that_are_missing_on_real_data_give_reasons_and_no_numbers(redditch: Services) -> None:
    to = Month.parse("2025-09")
    made = report(redditch, ImpactQuery(to, (NamedArea("Redditch", ("Redditch",)),), "wards-2025", "count"))
    (area,) = made.areas
    assert set(area.rolling) == {None}
    assert area.counts[:4] == (None, None, None, None)
    assert all(area.counts[4:])
    assert (area.to_date is None, area.to_date_earlier) == (False, (None,))
    assert any("missing and not zero: 2024-06 to 2024-12" in note for note in made.notes)
    assert not any(gaps.ANCHOR_WORDS in note for note in made.notes)


def test_sums_are_not_taken_over_both_sides_of_the_anchor_change() -> None:
    months = list(Period.parse("2021-01", "2023-12"))
    whole = gaps.whole_windows(months, set(months), [gaps.ANCHORS], 12)
    ends = [str(month) for month, is_whole in zip(months, whole, strict=True) if is_whole]
    assert ends == [str(month) for month in (*Period.parse("2021-12", "2022-06"), *Period.parse("2023-06", "2023-12"))]
    assert np.flatnonzero(whole)[0] == 11
