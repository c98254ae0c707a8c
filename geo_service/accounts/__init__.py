"""Who comes in: local accounts, sessions, API keys and sign-in through an organisation."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable
    from pathlib import Path

    from geo_service.accounts.authority import LocalAuthority
    from geo_service.accounts.oidc import OidcRedirects
    from geo_service.model.ports import AccountRows


def open_authority(rows: AccountRows, clock: Callable[[], dt.datetime]) -> LocalAuthority:
    """Return who knows the accounts of this installation (ports Authority and Credentials)."""
    # A command that lets nobody in loads no password hashing.
    from geo_service.accounts.authority import LocalAuthority  # noqa: PLC0415
    from geo_service.accounts.passwords import Passwords  # noqa: PLC0415

    return LocalAuthority(rows, clock, Passwords())


def open_redirects(  # noqa: PLR0913 - one argument for each setting
    *,
    issuer: str,
    client_id: str,
    client_secret: str,
    redirect_uri: str,
    groups: Path,
    clock: Callable[[], dt.datetime],
) -> OidcRedirects:
    """Return the sign-in through an organisation (port Redirects); nothing is asked of it yet.

    issuer: its address, https. redirect_uri: where it sends browsers back to, as it was told. groups: TOML file that
    gives its groups roles and areas. Raises InputError for an address or file that cannot be used.
    """
    from geo_service.accounts.groups import read_groups  # noqa: PLC0415
    from geo_service.accounts.oidc import OidcRedirects, Provider  # noqa: PLC0415

    provider = Provider(issuer, client_id, redirect_uri, client_secret)
    return OidcRedirects(provider, read_groups(groups), clock)
