"""Sessions and API keys that are nearly right, or were right once; and, with ID tokens, all that must not come in."""

from __future__ import annotations

import datetime as dt
import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from faults.counts import Counts, expect, expect_nobody
from faults.id_tokens import forged_id_tokens
from faults.people import KEEPER, PASSWORD, House, open_house
from geo_service.accounts.sessions import token_hash
from geo_service.model.access import Principal, Role

if TYPE_CHECKING:
    from collections.abc import Callable


def guessed_sessions(house: House) -> Counts:
    """Come in with tokens that are nearly a session's, or were one once."""
    counts = Counts("guessed and ended sessions")
    house.add("jane")
    door = house.authority
    token = door.sign_in("jane", PASSWORD)
    secret, _ = house.key("jane")
    nearly = {
        "empty": "",
        "its hash": token_hash(token),
        "cut": token[:-1],
        "longer": f"{token}A",
        "other case": token.swapcase(),
        "blank before": f" {token}",
        "line break": f"{token}\n",
        "zero byte": f"{token}\x00",
        "quoted": f'"{token}"',
        "another script": f"{token[:-1]}\u0430",
        "half a character": f"{token[:-1]}\ud800",
        "huge": token * 100_000,
        "wildcard": "%" * 43,
        "an API key": secret,
        "random": "A" * 43,
    }
    for name, wrong in nearly.items():
        expect_nobody(counts, name, partial(door.by_session, wrong))
    expect(counts, door.by_session(token) is not None)
    house.clock.wait(minutes=15)
    expect_nobody(counts, "idle for 15 minutes", partial(door.by_session, token))
    ends: dict[str, Callable[[], object]] = {
        "signed out elsewhere": lambda: door.sign_out(door.sign_in("jane", PASSWORD)),
        "password changed": lambda: door.set_password("jane", PASSWORD, KEEPER),
        "account disabled": lambda: house.change("jane", active=False),
        "account removed": lambda: house.items.remove("jane", version=house.items.get("jane").version),
    }
    for name, end in ends.items():
        house.change("jane", active=True)
        token = door.sign_in("jane", PASSWORD)
        expect(counts, door.by_session(token) is not None)
        end()
        expect_nobody(counts, name, partial(door.by_session, token))
    return counts


def forged_keys(house: House) -> Counts:
    """Come in with what is nearly an API key, or was one once."""
    counts = Counts("forged and ended API keys")
    house.add("kay", areas=("W1", "W2"))
    house.add("lee")
    door = house.authority
    (key, key_id), (other, other_id) = house.key("kay"), house.key("lee")
    secret = key.rpartition(f"{key_id}_")[2]
    nearly = {
        "empty": "",
        "prefix alone": "gsk_",
        "id alone": f"gsk_{key_id}",
        "id with no secret": f"gsk_{key_id}_",
        "secret alone": secret,
        "its hash": token_hash(key),
        "hash as the secret": f"gsk_{key_id}_{token_hash(key)[:43]}",
        "cut": key[:-1],
        "longer": f"{key}A",
        "other case": key.swapcase(),
        "capital letters": key.upper(),
        "another's id": key.replace(key_id, other_id),
        "another's secret": f"gsk_{key_id}_{other.rpartition(f'{other_id}_')[2]}",
        "blank before": f" {key}",
        "line break": f"{key}\n",
        "zero byte": f"{key}\x00",
        "with its scheme": f"Bearer {key}",
        "another script": key.replace("g", "\u0261", 1),
        "half a character": f"{key[:-1]}\ud800",
        "huge": key * 10_000,
        "wildcard": f"gsk_{'%' * 12}_{'%' * 43}",
        "a session": door.sign_in("kay", PASSWORD),
    }
    for name, wrong in nearly.items():
        expect_nobody(counts, name, partial(door.by_key, wrong))
    expect_nobody(counts, "key as a session", partial(door.by_session, key))
    held = door.by_key(key)
    expect(counts, held == Principal(f"kay, API key {key_id}", frozenset({Role.ANALYST}), ("W1", "W2"), "kay"))
    house.change("kay", roles=["officer"])
    expect_nobody(counts, "role taken away", partial(door.by_key, key))
    house.change("kay", roles=["analyst"], active=False)
    expect_nobody(counts, "account disabled", partial(door.by_key, key))
    house.change("kay", active=True)
    expect(counts, door.by_key(key) is not None)
    door.revoke_key(key_id, KEEPER)
    expect_nobody(counts, "revoked", partial(door.by_key, key))
    house.clock.wait(days=30)
    expect_nobody(counts, "expired", partial(door.by_key, other))
    house.clock.now -= dt.timedelta(days=31)
    expect_nobody(counts, "before it was made", partial(door.by_key, other))
    return counts


def forgeries() -> list[Counts]:
    """Try every kind, each in a store of its own."""
    done = []
    for kind in (forged_id_tokens, guessed_sessions, forged_keys):
        with tempfile.TemporaryDirectory() as folder, open_house(Path(folder) / "data") as house:
            done.append(kind(house))
    return done
