"""Forged tokens of `make faults`: none comes in, and they would be noticed if they did."""

from __future__ import annotations

from typing import TYPE_CHECKING

import jwt
import pytest

from faults.forgeries import forged_keys, guessed_sessions
from faults.id_tokens import forged_id_tokens

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from faults.counts import Counts
    from faults.people import House

LEAST = {guessed_sessions: 20, forged_keys: 25, forged_id_tokens: 90}
"""Kinds of forgery that there are, at least."""


@pytest.mark.parametrize("kind", [guessed_sessions, forged_keys, forged_id_tokens])
def test_no_forged_token_comes_in_and_a_good_one_does(kind: Callable[[House], Counts], house: House) -> None:
    counts = kind(house)
    assert counts.wrong == []
    assert counts.outcomes["good"] >= 1
    assert set(counts.outcomes) == {"good", "refused"}
    assert counts.outcomes["refused"] >= LEAST[kind]


def test_forgeries_would_come_in_if_nobody_looked_at_signature_and_claims(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def believed(token: str, *_: object, **__: object) -> Mapping[str, object]:
        return {"sub": "?", **jwt.decode(token, options={"verify_signature": False})}

    monkeypatch.setattr("geo_service.accounts.oidc.verified", believed)
    assert forged_id_tokens(house).outcomes["let in"] >= 30
