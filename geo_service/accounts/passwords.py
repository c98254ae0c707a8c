"""Passwords: what may be one, and how they are hashed (argon2id, RFC 9106)."""

from __future__ import annotations

import threading
import unicodedata
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

from geo_service.errors import InputError, SignInError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from argon2 import Parameters

SHORTEST, MOST_BYTES = 12, 1_024
"""Fewest characters, and most bytes as UTF-8: a longer one is no password but work for the machine."""

_WAIT_S: Final = 5.0
_AT_ONCE = threading.BoundedSemaphore(2)
"""Each hash takes 64 MiB on purpose: many at once would take the machine's memory."""

_COMMON_WORDS: Final = """
    000000000000 111111111111 123123123123 123456123456 123456654321 123456789000 1234567890123 12345678910
    123456789012 123456789101112 123456789123 123456789abc 1234567891011 123456abcdef 12345qwert12345 123qwe123qwe
    1q2w3e4r5t6y 1q2w3e4r5t6y7u 1qaz2wsx3edc 1qaz2wsx3edc4rfv a1b2c3d4e5f6 abc123abc123 abcd12345678 abcdefghijkl
    abcdefghijklmnopqrstuvwxyz adminadmin12 adminadminadmin administrator administrator1 asdfasdfasdf asdfghjkl123
    changeme1234 changemechangeme changemenow1 charlie12345 computer1234 correcthorsebatterystaple default12345
    dragondragon football1234 geo-service1 geo-service123 geoservice123 iloveyou1234 iloveyou12345 iloveyouiloveyou
    letmein12345 letmeinletmein liverpool123 liverpool1234 manchester123 michael12345 monkeymonkey password0000
    password1111 password1234 password12345 password123456 password2023 password2024 password2025 password2026
    passwordpassword passw0rd1234 p@ssw0rd1234 p@ssword1234 password123! password1234! policeofficer policepolice
    princess1234 q1w2e3r4t5y6 qazwsxedcrfv qwerty123456 qwertyqwerty qwertyuiop12 qwertyuiop123 qwertyuiop[]
    qwertyuiopasdfghjkl secretsecret sunshine1234 superman1234 thisisapassword trustno1trustno1 welcome12345
    welcome123456 welcomewelcome westmercia123 westmidlands1 westmidlands123 zaq12wsxcde3 zxcvbnm12345 zxcvbnmzxcvbnm
"""
_COMMON: Final = frozenset({"correct horse battery staple", *_COMMON_WORDS.split()})
"""What people choose first when they need twelve characters, in small letters."""


class Passwords:
    """Hash passwords and check them, at most two at a time in this process."""

    def __init__(self, parameters: Parameters = RFC_9106_LOW_MEMORY, *, wait_s: float = _WAIT_S) -> None:
        """Hash with `parameters` (RFC 9106's second choice: 64 MiB, three passes); wait `wait_s` seconds for a turn."""
        self._hasher = PasswordHasher.from_parameters(parameters)
        self._wait_s = wait_s
        # The work for a name that nobody has must be the work for one that somebody has.
        self._nobody = self._hasher.hash("nobody has this name")

    def hashed(self, password: str) -> str:
        """Return what is kept of a password; raise SignInError where too many are being checked."""
        with self.turn():
            return self._hasher.hash(_plain(password))

    def matches(self, hashed: str | None, password: str) -> bool:
        """Tell whether a password is the one; None for a name that nobody has takes as long and never matches.

        The caller holds a `turn`.
        """
        try:
            plain = _plain(password)
        except InputError:
            plain = b""
        try:
            self._hasher.verify(self._nobody if hashed is None else hashed, plain)
        except (VerificationError, InvalidHashError):
            return False
        return hashed is not None and plain != b""

    def renewed(self, hashed: str, password: str) -> str:
        """Return a new hash where the way of hashing has grown since, empty where it has not.

        The caller holds a `turn`.
        """
        return self._hasher.hash(_plain(password)) if self._hasher.check_needs_rehash(hashed) else ""

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Hold one of the two turns; raise SignInError where none comes free in time."""
        if not _AT_ONCE.acquire(timeout=self._wait_s):
            raise SignInError("Too many people are signing in at this moment", do="Try again in a few seconds")
        try:
            yield
        finally:
            _AT_ONCE.release()


def refuse_weak(account_id: str, password: str) -> None:
    """Raise InputError for a password that is too short, too long or easily guessed.

    Length and a list of what everybody chooses, no rules about signs and digits: NCSC, Password policy (2018).
    """
    plain = _plain(password).decode()
    if len(plain) < SHORTEST:
        raise InputError(
            "The password is too short",
            found=f"{len(plain)} characters",
            do=f"Use {SHORTEST} or more; three words that have nothing to do with each other are good",
            field="password",
        )
    small = plain.casefold()
    own = account_id.partition("@")[0]
    if small in _COMMON or len(set(small)) == 1 or _is_own(own, small):
        raise InputError(
            "The password is one that is tried first",
            do="Use three words that have nothing to do with each other or with you",
            field="password",
        )


def _is_own(own: str, small: str) -> bool:
    """Tell whether a password is the account's own name, repeated or with something short around it."""
    return bool(own) and own in small and len(small.replace(own, "")) < SHORTEST // 2


def _plain(password: str) -> bytes:
    """Return a password as bytes, the same from every keyboard (Unicode NFC); raise InputError for what is none."""
    try:
        plain = unicodedata.normalize("NFC", password).encode()
    except UnicodeEncodeError:
        raise InputError("The password is not text", do="Type it again", field="password") from None
    if len(plain) > MOST_BYTES:
        raise InputError(
            "The password is too long",
            found=f"{len(plain):,} bytes",
            do=f"Use at most {MOST_BYTES:,}",
            field="password",
        )
    return plain
