"""Whoever writes a hundred reports must not keep others from writing one; and nobody may be known by it."""

from __future__ import annotations

import hashlib
import ipaddress
import secrets
import time
from collections import deque
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

HOUR_S: Final = 3_600.0
FOR_ALL: Final = 60
"""Reports an hour that are taken whoever sends them."""
FOR_OTHERS: Final = 60
"""As many again, for senders of whom few have come: one sender alone cannot use them up."""
FEW: Final = 5
ABOUT_ONE_PLACE: Final = 20
"""An hour, whoever sends them; as many again for senders of whom few have come: nobody can keep what others know of one
place from being said."""
_IPV6_NETWORK: Final = 64
"""Bits that one household or phone is given: it has all addresses below."""


class _Came(NamedTuple):
    at_s: float
    sender: bytes
    place: str


class Crowd:
    """Count the reports of the last hour by sender and place.

    A sender is a digest of a network address with a key that is drawn when the process starts: it is held in memory for
    an hour and written nowhere. Senders behind one proxy, or one school's network, count as one.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Begin with nobody; clock: seconds that only grow."""
        self._clock = clock
        self._key = secrets.token_bytes(32)
        self._came: deque[_Came] = deque()

    def admits(self, sender: str, place: str, *, crowded: bool = False) -> bool:
        """Tell whether one more is taken; crowded: only of a sender of whom few have come."""
        self._forget()
        about = sum(one.place == place for one in self._came)
        if len(self._came) >= FOR_ALL + FOR_OTHERS or about >= 2 * ABOUT_ONE_PLACE:
            return False
        if not crowded and len(self._came) < FOR_ALL and about < ABOUT_ONE_PLACE:
            return True
        digest = self._digest(sender)
        return sum(one.sender == digest for one in self._came) < FEW

    def note(self, sender: str, place: str) -> None:
        """Count one that was taken."""
        self._came.append(_Came(self._clock(), self._digest(sender), place))

    def _forget(self) -> None:
        now_s = self._clock()
        while self._came and now_s - self._came[0].at_s > HOUR_S:
            self._came.popleft()

    def _digest(self, sender: str) -> bytes:
        return hashlib.blake2b(_network(sender).encode(), key=self._key, digest_size=16).digest()


def _network(sender: str) -> str:
    try:
        address = ipaddress.ip_address(sender.partition("%")[0])
    except ValueError:
        return sender
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, _IPV6_NETWORK), strict=False))
    return str(address)
