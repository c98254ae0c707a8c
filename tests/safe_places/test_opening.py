"""Whether a place is open now, and what is said of it."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_service.safe_places.bank_holidays import also_unusual, england
from geo_service.safe_places.opening import LONDON, opening, openings

OFFICE = "Mo-Fr 09:00-17:00; PH off"


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=LONDON)


@pytest.mark.parametrize(
    ("hours", "time", "state", "words"),
    [
        (OFFICE, "2025-06-03 10:00", "open", "open now, closes at 17:00"),
        (OFFICE, "2025-06-03 16:20", "open", "open now, closes in 40 minutes"),
        (OFFICE, "2025-06-03 16:20:30", "open", "open now, closes in 39 minutes"),
        (OFFICE, "2025-06-03 16:59:30", "open", "open now, closes in less than a minute"),
        (OFFICE, "2025-06-03 17:00", "closed", "closed now, opens tomorrow at 09:00"),
        (OFFICE, "2025-06-03 08:59", "closed", "closed now, opens today at 09:00"),
        (OFFICE, "2025-06-06 18:00", "closed", "closed now, opens on Monday at 09:00"),
        (OFFICE, "2025-12-24 18:00", "closed", "closed now, opens on Monday at 09:00"),
        ("Mo-Su 10:00-24:00", "2025-06-03 20:00", "open", "open now, closes at midnight"),
        ("Fr-Sa 22:00-04:00", "2025-06-06 23:30", "open", "open now, closes tomorrow at 04:00"),
        ("Sa 00:00-24:00; Su 00:00-24:00", "2025-06-07 12:00", "open", "open now, closes tomorrow at midnight"),
        ("Dec 20 10:00-12:00", "2025-12-08 10:00", "closed", "closed now, opens on Saturday 20 December at 10:00"),
        ("off", "2025-06-03 10:00", "closed", "closed now, next opening not known, phone first"),
        ("24/7", "2025-12-25 03:00", "open", "open now, day and night"),
    ],
)
def test_the_words_say_until_when(hours: str, time: str, state: str, words: str) -> None:
    found = opening(hours, at(time))
    assert (found.state, found.words) == (state, words)


@pytest.mark.parametrize("day", ["2025-04-21", "2025-08-25", "2026-12-28"])
def test_england_s_bank_holidays_close_what_the_library_s_own_calendar_calls_open(day: str) -> None:
    assert opening(OFFICE, at(f"{day} 10:00")).state == "closed"


@pytest.mark.parametrize("day", ["2025-01-02", "2025-08-04", "2025-12-01"])
def test_scotland_s_bank_holidays_are_ordinary_days(day: str) -> None:
    assert opening(OFFICE, at(f"{day} 10:00")).state == "open"


@pytest.mark.parametrize("hours", ["Mo-Sa,PH 09:00-17:00", "PH,Mo-Sa 09:00-17:00", "Mo-Sa 09:00-17:00; PH 09:00-17:00"])
def test_hours_that_hold_on_bank_holidays_are_believed(hours: str) -> None:
    assert opening(hours, at("2025-08-25 10:00")).state == "open"


def test_closed_on_bank_holidays_is_meant_wherever_it_is_written() -> None:
    assert opening("PH off; Mo-Fr 09:00-17:00", at("2025-08-25 10:00")).state == "closed"


def test_a_place_whose_hours_do_not_mention_bank_holidays_is_not_called_open_on_one() -> None:
    found = opening("Mo-Fr 09:00-17:00", at("2025-08-25 10:00"))
    assert (found.state, found.words) == ("unknown", "holiday today, hours not known, phone first")


@pytest.mark.parametrize("time", ["2027-12-25 10:00", "2025-04-20 10:00"])
def test_christmas_on_a_saturday_and_easter_sunday_are_not_ordinary_days(time: str) -> None:
    assert opening("Mo-Su 09:00-17:00; PH off", at(time)).state == "unknown"


@pytest.mark.parametrize(
    "hours",
    [
        None, "", "   ", ";;", '"by appointment"', 'Mo-Fr 09:00-17:00 "ring the bell"', "Mon-Fri 9am-5pm", "9-5",
        "Mo-Fr 09:00+", "Mo-Fr sunrise-sunset", "SH Mo-Fr 09:00-17:00", "Mo-Fr 09:00-17:00 || Tu 10:00-12:00",
        "Apr-Sep PH 10:00-12:00", "Mo-Fr 09:00-17:00, PH off", "PH-Mo 09:00-17:00", "Tu 09:00-17:00; " * 500,
    ],
)  # fmt: skip
def test_hours_that_promise_nothing_never_count_as_open(hours: str | None) -> None:
    found = opening(hours, at("2025-06-03 10:00"))
    assert found.state == "unknown"
    assert found.words.endswith("phone first")


def test_nobody_is_told_to_phone_a_place_without_a_number() -> None:
    assert opening(None, at("2025-06-03 10:00"), phone=False).words == "hours not known, check before you go"


@pytest.mark.parametrize(
    ("time", "state"), [("2025-12-27 01:00", "closed"), ("2025-12-27 23:00", "open"), ("2025-12-28 01:00", "open")]
)
def test_a_night_after_an_evening_that_was_off_is_not_called_open(time: str, state: str) -> None:
    assert opening("Mo-Su 22:00-04:00; PH off", at(time)).state == state


@pytest.mark.parametrize(
    ("hours", "time", "state"),
    [
        ("Th 20:00-01:00; Fr-Sa 20:00-04:00", "2025-06-06 00:30", "open"),
        ("Th 20:00-01:00; Fr-Sa 20:00-04:00", "2025-06-06 01:30", "closed"),
        ("Sa 22:00-04:00; Su 10:00-16:00", "2025-06-08 02:00", "open"),
        ("Sa 22:00-28:00; Su 10:00-16:00", "2025-06-08 02:00", "open"),
        ("Mo-Su 22:00-04:00; Su 10:00-12:00", "2025-06-09 02:00", "closed"),
        ("Mo-Su,PH 22:00-04:00", "2026-05-25 02:00", "open"),
        ("Sa 22:00-04:00; Su off", "2025-06-08 02:00", "unknown"),
        ("Mo-Su 22:00-04:00; PH off", "2026-05-25 02:00", "unknown"),
        ("Mo-Su 22:00-04:00", "2026-05-25 02:00", "unknown"),
        ("Mo-Su 22:00-04:00", "2026-05-26 02:00", "unknown"),
        ("Su 20:00-01:15; Mo 22:00-03:00", "2025-03-31 01:20", "closed"),
        ("Mo-Su 25:00-27:00", "2025-06-08 02:00", "unknown"),
    ],
)
def test_a_night_belongs_to_the_day_on_which_it_begins_unless_the_next_is_off(
    hours: str, time: str, state: str
) -> None:
    assert opening(hours, at(time)).state == state


@pytest.mark.parametrize(
    ("own", "building", "time", "state", "words"),
    [
        ("Mo-Su 08:00-22:00", "Mo-Su 09:00-18:00", "17:30", "open", "open now, closes in 30 minutes"),
        ("Mo-Su 08:00-22:00", "Mo-Su 09:00-18:00", "18:30", "closed", "closed now, opens tomorrow at 09:00"),
        ("Mo-Su 08:00-22:00", "Mo-Su 09:00-18:00", "08:30", "closed", "closed now, opens today at 09:00"),
        ("24/7", "Mo-Su 09:00-18:00", "20:00", "closed", "closed now, opens tomorrow at 09:00"),
        ("Mo-Su 08:00-22:00", "24/7", "21:30", "open", "open now, closes in 30 minutes"),
        ("24/7", "24/7", "03:00", "open", "open now, day and night"),
        ("Mo-Su 08:00-22:00", None, "12:00", "unknown", "hours not known, phone first"),
        ("Mo-Su 08:00-22:00", None, "23:00", "closed", "closed now, next opening not known, phone first"),
        (None, "Mo-Su 09:00-18:00", "12:00", "unknown", "hours not known, phone first"),
        (None, "Mo-Su 09:00-18:00", "20:00", "closed", "closed now, next opening not known, phone first"),
        ("Mo-Su 08:00-22:00", "ask inside", "12:00", "unknown", "hours not clear, phone first"),
    ],
)
def test_a_place_in_a_building_is_open_at_most_while_the_building_is(
    own: str | None, building: str | None, time: str, state: str, words: str
) -> None:
    found = opening(own, at(f"2025-06-03 {time}"), buildings=[building])
    assert (found.state, found.words) == (state, words)


@pytest.mark.parametrize(
    ("hours", "time", "fold", "state"),
    [
        ("Su 00:00-01:30", "01:10", 0, "open"), ("Su 00:00-01:30", "01:40", 0, "closed"),
        ("Su 00:00-01:30", "01:10", 1, "unknown"), ("Su 00:00-01:30", "01:40", 1, "closed"),
        ("Su 01:15-05:00", "01:20", 0, "unknown"), ("Su 01:15-05:00", "01:20", 1, "open"),
        ("Sa 22:00-04:00", "01:20", 0, "open"), ("Sa 22:00-04:00", "01:20", 1, "open"),
    ],
)  # fmt: skip
def test_in_the_hour_that_the_clock_shows_twice_only_what_is_certain_is_open(
    hours: str, time: str, fold: int, state: str
) -> None:
    assert opening(hours, at(f"2025-10-26 {time}").replace(fold=fold)).state == state


def test_hours_that_end_in_the_hour_shown_twice_end_when_it_is_first_shown() -> None:
    assert opening("Su 00:00-01:30", at("2025-10-26 00:50")).words == "open now, closes in 40 minutes"


def test_what_is_kept_for_a_minute_is_what_holds_at_its_end_and_the_two_passes_of_an_hour_are_kept_apart() -> None:
    texts, rings = [(OFFICE,), ("24/7", "Mo-Su 09:00-18:00"), ("Su 00:00-01:30",)], [True, False, True]
    for time in ("2025-06-03 16:20:00", "2025-06-03 16:20:31", "2025-06-03 16:59:59", "2025-06-03 17:00:00"):
        end = at(time).replace(second=59)
        assert openings(texts, at(time), rings) == tuple(
            opening(hours[0], end, phone=phone, buildings=hours[1:]) for hours, phone in zip(texts, rings, strict=True)
        )
    twice = at("2025-10-26 01:10")
    assert [openings(texts, twice.replace(fold=fold), rings)[2].state for fold in (0, 1, 0)] == [
        "open", "unknown", "open",
    ]  # fmt: skip


def test_the_clock_is_london_s_whatever_zone_the_time_is_given_in() -> None:
    summer = dt.datetime(2025, 6, 3, 16, 30, tzinfo=dt.UTC)
    assert opening(OFFICE, summer).state == "closed"


@pytest.mark.parametrize(
    ("time", "words"),
    [("2025-03-30 00:30", "open now, closes in 30 minutes"), ("2025-10-26 00:30", "open now, closes at 02:00")],
)
def test_minutes_are_counted_across_the_change_of_clocks(time: str, words: str) -> None:
    hours = "Su 00:00-01:00" if "03-30" in time else "Su 00:00-02:00"
    assert opening(hours, at(time)).words == words


@given(
    st.integers(0, 7 * 365 * 24 * 60),
    st.sets(st.sampled_from(["Mo", "Tu", "We", "Th", "Fr"]), min_size=1),
    st.integers(0, 11),
    st.integers(12, 23),
)
def test_a_place_is_open_exactly_within_its_written_hours(minute: int, days: set[str], first: int, last: int) -> None:
    time = at("2024-01-01 00:00") + dt.timedelta(minutes=minute)
    found = opening(f"{','.join(sorted(days))} {first:02d}:00-{last:02d}:00; PH off", time)
    within = f"{time:%a}"[:2] in days and first <= time.hour < last and time.date() not in england(time.year)
    assert found.state == "open" if within and time.date() not in also_unusual(time.year) else found.state != "open"
