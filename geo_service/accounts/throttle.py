"""How long somebody has to wait who has failed to sign in: a growing delay, never a lock for ever."""

from __future__ import annotations

import datetime as dt
import hashlib
import ipaddress
from math import ceil
from typing import TYPE_CHECKING, Final

from geo_service.errors import SignInError
from geo_service.model.accounts import Failures

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

FREE: Final = {"name": 4, "address": 20}
"""Refused sign-ins that cost nothing, by what is counted: people mistype, and a whole station may share an address."""
LONGEST: Final = dt.timedelta(minutes=1)
"""Longest delay: nobody can keep somebody else out for longer by failing in their name."""
FORGIVEN_EVERY: Final = dt.timedelta(minutes=3)
"""After each such time without another one, one refused sign-in is forgotten."""
_STEPS: Final = 7
"""Delays of 1, 2, 4 … seconds until the longest; what is counted beyond would only take longer to be forgotten."""
FORGOTTEN: Final = (max(FREE.values()) + _STEPS) * FORGIVEN_EVERY
"""After so long nothing is left to be forgotten."""


def subjects(name: str, address: str) -> dict[str, str]:
    """Return the hash of each thing that is counted -> what it is."""
    counted = {_hash("name", name): "name"}
    return counted | ({_hash("address", _network(address)): "address"} if address else {})


def of_name(name: str) -> str:
    """Return the hash that the refused sign-ins of a name are counted by."""
    return _hash("name", name)


def refuse_early(known: Sequence[Failures], now: dt.datetime) -> None:
    """Raise SignInError while somebody has to wait; attempts meanwhile cost nothing and count for nothing."""
    # Of a clock that was put back nobody has to wait for longer than the longest delay.
    until = min(max((found.locked_until for found in known if found.failed_at <= now), default=now), now + LONGEST)
    if until > now:
        seconds = ceil((until - now).total_seconds())
        raise SignInError(
            "Too many sign-ins were refused", do=f"Wait {seconds} second{'' if seconds == 1 else 's'}, then try again"
        )


def counter(counted: dict[str, str], now: dt.datetime) -> Callable[[Sequence[Failures]], list[Failures]]:
    """Return what makes the new counts of the old ones, after one more refused sign-in.

    counted: hash -> `name` or `address`.
    """

    def count(known: Sequence[Failures]) -> list[Failures]:
        before = {found.sha256: _left(found, now) for found in known}
        return [_failed(sha256, before.get(sha256, 0) + 1, what, now) for sha256, what in counted.items()]

    return count


def _left(found: Failures, now: dt.datetime) -> int:
    """Return how many refused sign-ins are not forgotten yet; a clock that was put back forgets none."""
    return max(0, found.failures - max(0, (now - found.failed_at) // FORGIVEN_EVERY))


def _failed(sha256: str, failures: int, what: str, now: dt.datetime) -> Failures:
    over = min(failures - FREE[what], _STEPS)
    delay = dt.timedelta(seconds=2 ** (over - 1)) if over > 0 else dt.timedelta(0)
    return Failures(sha256, min(failures, FREE[what] + _STEPS), now, now + min(delay, LONGEST))


def _hash(what: str, said: str) -> str:
    return hashlib.sha256(f"{what}:{said}".encode("utf-8", "backslashreplace")).hexdigest()


def _network(address: str) -> str:
    """Return what one subscriber has: an IPv4 address, or the first 64 bits of an IPv6 address."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(known, ipaddress.IPv6Address):
        if known.ipv4_mapped is not None:
            return str(known.ipv4_mapped)
        return str(ipaddress.ip_network((int(known), 64), strict=False))
    return str(known)
