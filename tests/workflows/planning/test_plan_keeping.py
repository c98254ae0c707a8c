"""Two people edit one plan at once: one is applied, the other told, nothing lost, on both databases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from faults import plan_edits

if TYPE_CHECKING:
    from faults.cluster import Cluster


def test_of_edits_by_two_at_once_none_that_was_acknowledged_is_lost(postgres: Cluster) -> None:
    for counts in (plan_edits.plan_collisions(12, 1), plan_edits.plan_collisions(12, 1, postgres)):
        assert counts.wrong == []
        assert counts.points == 24
        assert counts.outcomes["applied"] == counts.outcomes["refused"] == 12


def test_an_acknowledged_edit_that_is_not_in_the_plan_would_be_found() -> None:
    first, travel = plan_edits.a_plan()
    change = plan_edits.patrol.Change("lock", first.visits[0].id)
    done = plan_edits.patrol.edit(first, change, travel)
    sent = [plan_edits.Sent(change, 2, done.edits[-1])]
    kept = plan_edits.replace(done, version=2)
    assert plan_edits._lost(first, travel, kept, sent) == []
    assert plan_edits._lost(first, travel, plan_edits.replace(first, version=2), sent) != []
    assert plan_edits._lost(first, travel, kept, [*sent, sent[0]]) != []
