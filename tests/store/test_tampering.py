"""A sample of the tamperings of `make faults`: each is found by the store, the doctor, or the lines of the log."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from faults import tampering
from faults.hands import Hand

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_whatever_is_altered_by_hand_is_found() -> None:
    counts = tampering.tamperings(len(tampering.WAYS), seed=3)
    assert counts.wrong == []
    assert all(counts.outcomes[f"found {how}"] > 0 for how in ("at opening", "by the doctor", "by the log's lines"))


def test_a_ledger_and_its_head_rolled_back_together_are_found_by_the_log_alone(tmp_path: Path) -> None:
    victim = tampering.Victim(tmp_path)
    victim.fresh()
    victim.copy_old(head=True)
    assert victim.examine() == ("found by the log's lines", None)
    victim.told.lines.clear()
    assert victim.examine() == ("not found", "nobody found it")


def test_the_tamperings_are_such_that_a_careless_store_would_not_find_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    victim = tampering.Victim(tmp_path)
    monkeypatch.setattr("geo_service.store.rows.Chained._problems", lambda *_: ())
    monkeypatch.setattr("geo_service.store.rows.Chained.has", lambda *_: True)
    monkeypatch.setattr("geo_service.store.auditing._unlike", lambda *_: ())
    chance = random.Random(3)  # noqa: S311 - the same tampering every time
    victim.fresh()
    tampering._by_hand(Hand.rewrite)(victim, chance)
    assert victim.examine() == ("not found", "nobody found it")
