"""An answer is worked out once, for whoever may ask for it, and only the last few are kept."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from geo_service.errors import AccessError, NotFoundError
from geo_service.model.access import OPERATOR, Principal, Role
from geo_service.model.hotspots import HotspotQuery
from geo_service.model.periods import Period
from geo_service.workflows import answers
from geo_service.workflows.answers import Answers, key_of
from geo_service.workflows.finding import hotspots

if TYPE_CHECKING:
    from geo_service.model.hotspots import HotspotSurface
    from geo_service.workflows.services import Office, Services

ANALYST = frozenset({Role.ANALYST})
TEAM = HotspotQuery("NSUCH-T1", Period.parse("2025-08", "2026-07"))


@pytest.fixture
def worked_out(monkeypatch: pytest.MonkeyPatch) -> list[HotspotQuery]:
    """Return the questions that were worked out, in a list that grows."""
    asked: list[HotspotQuery] = []
    real = hotspots.answer

    def answer(services: Services, question: hotspots.Question) -> object:
        asked.append(question.query)
        return real(services, question)

    monkeypatch.setattr(hotspots, "answer", answer)
    return asked


@pytest.fixture
def fresh(office: Office) -> Office:
    """Return an office that has answered nothing yet."""
    return replace(office, doers=replace(office.doers, answers=Answers()))


def asker(office: Office, *areas: str, roles: frozenset[Role] = ANALYST) -> Services:
    return office.services(Principal("somebody", roles, areas or None))


def test_the_same_question_is_worked_out_once_also_for_a_colleague_of_the_same_areas(
    fresh: Office, worked_out: list[HotspotQuery]
) -> None:
    first = hotspots.ask(asker(fresh), TEAM)
    colleague = fresh.services(Principal("colleague", ANALYST))
    assert hotspots.ask(colleague, TEAM) is first
    # The newest version, the set that is found by date: the same question with both filled in.
    assert hotspots.ask(colleague, first.query) is first
    assert len(worked_out) == 1


def test_another_question_or_asker_is_worked_out_anew(fresh: Office, worked_out: list[HotspotQuery]) -> None:
    hotspots.ask(asker(fresh), TEAM)
    hotspots.ask(asker(fresh), replace(TEAM, area_share=0.02))
    hotspots.ask(asker(fresh), replace(TEAM, resolution=9))
    hotspots.ask(asker(fresh, "NSUCH-T1"), TEAM)
    hotspots.ask(asker(fresh, roles=OPERATOR), TEAM)
    assert len(worked_out) == 5


@pytest.mark.parametrize(
    ("areas", "role"),
    [(("NSUCH-T2",), Role.ANALYST), (("X99000001",), Role.ANALYST), ((), Role.COORDINATOR), ((), Role.AUDITOR)],
)
def test_a_kept_answer_is_not_given_to_who_may_not_ask_for_it(
    fresh: Office, areas: tuple[str, ...], role: Role
) -> None:
    hotspots.ask(asker(fresh), TEAM)
    with pytest.raises((AccessError, NotFoundError)):
        hotspots.ask(asker(fresh, *areas, roles=frozenset({role})), TEAM)


def test_no_principal_is_given_what_another_one_would_be(fresh: Office) -> None:
    """A law: with answers kept for everybody else, each gets what they would get alone."""
    queries = [TEAM, replace(TEAM, boundary="Nonesuch Borough"), replace(TEAM, boundary="X99000001")]
    askers = [(), ("NSUCH-T1",), ("NSUCH-T2",), ("NSUCH-T1", "NSUCH-T2", "NSUCH-T3")]
    for areas in askers:
        for query in queries:
            alone = replace(fresh, doers=replace(fresh.doers, answers=Answers()))
            expected = answered = None
            with suppress(NotFoundError):
                expected = hotspots.ask(asker(alone, *areas), query)
            with suppress(NotFoundError):
                answered = hotspots.ask(asker(fresh, *areas), query)
            assert (expected is None) == (answered is None)
            if expected is not None and answered is not None:
                assert expected.sentence == answered.sentence
                np.testing.assert_array_equal(expected.events, answered.events)


def test_the_answer_that_was_not_used_for_longest_makes_room(demonstration: Services) -> None:
    surface = hotspots.ask(demonstration, TEAM)
    kept = Answers()
    for number in range(answers.MOST):
        kept.keep(number, surface)
    assert kept.get(0) is surface
    kept.keep("new", surface)
    assert kept.get(1) is None
    assert [kept.get(key) is surface for key in (0, 2, "new")] == [True, True, True]


def test_answers_that_are_too_large_are_not_kept(demonstration: Services) -> None:
    surface = hotspots.ask(demonstration, TEAM)

    def large(share: float) -> HotspotSurface:
        return replace(surface, events=np.zeros(int(answers.MOST_BYTES * share / 8)))

    kept = Answers()
    kept.keep("too large", large(1.0))
    assert kept.get("too large") is None
    for name in ("a", "b", "c"):
        kept.keep(name, large(0.4))
    assert [kept.get(name) is None for name in ("a", "b", "c")] == [True, False, False]


def test_a_key_names_the_version_the_areas_and_the_roles(demonstration: Services) -> None:
    surface = hotspots.ask(demonstration, TEAM)
    who = demonstration.principal

    def key(query: HotspotQuery, principal: Principal) -> object:
        return key_of(query, surface.area, principal)

    assert surface.query.as_of is not None
    older = replace(surface.query, as_of=surface.query.as_of - 1)
    others = [key(older, who), key(surface.query, replace(who, areas=("NSUCH-T1",)))]
    others.append(key(surface.query, replace(who, roles=ANALYST)))
    assert len({key(surface.query, who), *others}) == 4
    assert key(surface.query, replace(who, name="else", account="7")) == key(surface.query, who)
