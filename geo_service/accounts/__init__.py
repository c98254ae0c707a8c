"""Who comes in: local accounts, sessions, API keys and sign-in through an organisation."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable

    from geo_service.accounts.authority import LocalAuthority
    from geo_service.model.ports import AccountRows


def open_authority(rows: AccountRows, clock: Callable[[], dt.datetime]) -> LocalAuthority:
    """Return who knows the accounts of this installation (ports Authority and Credentials)."""
    # A command that lets nobody in loads no password hashing.
    from geo_service.accounts.authority import LocalAuthority  # noqa: PLC0415
    from geo_service.accounts.passwords import Passwords  # noqa: PLC0415

    return LocalAuthority(rows, clock, Passwords())
