"""A plan that breaks a rule is told so, rule by rule."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from geo_service.model.patrol import Commitment, Loop, PatrolRules, PlanZone, Travel, Visit
from geo_service.model.places import EastNorth
from geo_service.patrol import check, harm_minutes, lack_words, lacks

MINUTES = np.array([[0, 5.2, 8], [6, 0, 4], [8, 4, 0]], dtype=float)
TRAVEL = Travel(MINUTES, MINUTES * 80, "straight line")
RULES = PatrolRules(cap=3)
ZONES = (
    PlanZone("a", 1, "The Parade", EastNorth(0, 0), 6.0, ((0, 240),)),
    PlanZone("b", 2, "Mill Lane", EastNorth(400, 0), 2.0, ((30, 100), (150, 240))),
)
FIRST = Loop(1, 0, 50, (Visit("v1", "a", 6, 21), Visit("v2", "b", 30, 45)), (5.2, 4, 8))
FIRST = replace(FIRST, end_min=53)
SECOND = Loop(1, 75, 116, (Visit("v3", "a", 81, 96),), (5.2, 6))
OTHER = Loop(2, 160, 195, (Visit("v4", "b", 168, 183),), (8, 8))
LOOPS = (FIRST, SECOND, OTHER)
BOUND = (Commitment(120, 150, "school gate", crew=1), Commitment(200, 240, "briefing"))


def broken(*loops: Loop, **given: object) -> tuple[str, ...]:
    asked = {"crews": 2, "shift_min": 240, "rules": RULES, "commitments": BOUND} | given
    return check(loops, ZONES, asked.pop("crews"), asked.pop("shift_min"), asked.pop("rules"), TRAVEL, **asked)


def test_a_plan_that_keeps_every_rule_is_not_told_anything() -> None:
    assert broken(*LOOPS) == ()


def at(loop: Loop, start: int, *, place: int = 0, zone: str | None = None, minutes: int = 15) -> Loop:
    visits = list(loop.visits)
    visits[place] = replace(visits[place], start_min=start, end_min=start + minutes, zone=zone or visits[place].zone)
    return replace(loop, visits=tuple(visits))


@pytest.mark.parametrize(
    ("loops", "given", "words"),
    [
        ((FIRST, SECOND), {"shift_min": 100}, "outside the shift"),
        ((replace(FIRST, start_min=-1),), {}, "outside the shift"),
        ((replace(FIRST, end_min=61),), {}, "lasts 61 minutes; the rule `loop` allows 60"),
        ((at(FIRST, 5),), {}, "has 5 minutes from the station to zone 1; it takes 5.2"),
        (
            (at(FIRST, 12),),
            {},
            "has 3 minutes from zone 1 to zone 2; it takes 4.0",
        ),
        ((replace(FIRST, end_min=52),), {}, "has 7 minutes from zone 2 to the station; it takes 8.0"),
        ((replace(FIRST, legs_min=(5.2, 4, 7)),), {}, "other travel times"),
        ((at(FIRST, 6, minutes=14),), {}, "lasts 14 minutes; the rule `visit` says 15"),
        ((at(FIRST, 29, place=1),), {}, "outside the windows of zone 2"),
        ((FIRST, replace(SECOND, start_min=50, end_min=102)), {}, "on two loops at once"),
        ((FIRST, replace(SECOND, start_min=67)), {}, "begins 14 minutes after the last; the rule `pause` says 15"),
        ((FIRST, replace(at(SECOND, 65), crew=2, start_min=59)), {}, "has 44 minutes between visits; the rule `gap`"),
        ((FIRST, SECOND), {"rules": replace(RULES, cap=1)}, "has 2 visits; its cap is 1"),
        ((replace(SECOND, end_min=121),), {}, "runs into the commitment `school gate`"),
        ((replace(OTHER, end_min=201),), {}, "runs into the commitment `briefing`"),
        ((replace(OTHER, crew=3),), {}, "given to crew 3, and there are 2"),
        ((at(OTHER, 168, zone="c"),), {}, "zone c, which the plan does not have"),
        ((Loop(1, 0, 10, (), (0,)),), {}, "visits nothing"),
        ((FIRST, at(OTHER, 168), replace(SECOND, visits=(replace(SECOND.visits[0], id="v1"),))), {}, "id v1 stands"),
        (
            (FIRST,),
            {"commitments": (Commitment(60, 90, "market", crew=2, zone="a"),)},
            "has 39 minutes between visits; the rule `gap`",
        ),
    ],
)
def test_each_broken_rule_is_named(loops: tuple[Loop, ...], given: dict[str, object], words: str) -> None:
    (said,) = broken(*loops, **given)
    assert words in said


def test_a_way_that_there_is_not_is_broken_however_long_the_leg() -> None:
    cut = np.where(MINUTES == 8, np.inf, MINUTES)
    said = check((replace(OTHER, legs_min=(np.inf, np.inf)),), ZONES, 2, 240, RULES, Travel(cut, cut, "streets"))
    assert [words.split(";")[1] for words in said] == [" it takes inf", " it takes inf"]


def test_harm_minutes_count_only_minutes_inside_a_window() -> None:
    # By hand: 15 minutes twice at 6, 15 once at 2; then half a visit before the window of zone 2 opens.
    assert harm_minutes((FIRST, SECOND), ZONES) == 2 * 15 * 6 + 15 * 2
    assert harm_minutes((at(FIRST, 22, place=1),), ZONES) == 15 * 6 + 7 * 2
    assert harm_minutes((at(OTHER, 168, zone="c"),), ZONES) == 0


def test_a_window_is_late_from_its_opening_between_visits_and_to_its_close() -> None:
    found = {(lack.zone.number, lack.start_min): lack for lack in lacks((FIRST, SECOND), ZONES, 240, RULES)}
    # Zone 1: starts at 6 and 81, then nothing for 159 minutes; zone 2 is not seen in its second window.
    assert {key: (lack.visits, lack.late_min, lack.longest_min) for key, lack in found.items()} == {
        (1, 0): (2, 39, 159),
        (2, 150): (0, 90, 90),
    }
    assert lack_words(found[1, 0], RULES) == (
        "Zone 1 (The Parade) is left for up to 159 minutes between 0:00 into the shift and 4:00 into the shift, "
        "39 more than the rule of every 120"
    )
    assert lack_words(found[2, 150], RULES, clock=lambda minute: f"{15 + minute / 60:g} h") == (
        "Zone 2 (Mill Lane) gets no visit between 17.5 h and 19 h"
    )


def test_a_commitment_in_a_zone_is_a_visit_of_it() -> None:
    market = (Commitment(100, 130, "market", zone="a"), Commitment(180, 200, "market", zone="b"))
    assert lacks((FIRST,), ZONES, 240, RULES, commitments=market[1:]) != ()
    assert lacks((FIRST, OTHER), ZONES, 200, RULES, commitments=market) == ()
