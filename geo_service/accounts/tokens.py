"""What an ID token must be before it is believed (OpenID Connect Core 1.0, section 3.1.3.7)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from geo_service.errors import SignInError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ALGORITHM: Final = "RS256"
LEEWAY_S: Final = 30
"""How far the clocks of the two machines may differ."""
_REQUIRED: Final = ("iss", "aud", "exp", "iat", "nonce", "sub")
_SHORTEST_KEY: Final = 2_048
_LONGEST_TOKEN: Final = 16_384
_LONGEST_SUBJECT: Final = 255


def signing_keys(document: object) -> dict[str, RSAPublicKey]:
    """Return key id -> RSA key of those in a JSON Web Key Set that may sign ID tokens; others are passed over."""
    listed = document.get("keys") if isinstance(document, dict) else None
    keys: dict[str, RSAPublicKey] = {}
    for described in listed if isinstance(listed, list) else []:
        if not isinstance(described, dict) or described.get("kty") != "RSA":
            continue
        if described.get("use", "sig") != "sig" or described.get("alg", ALGORITHM) != ALGORITHM:
            continue
        try:
            known = jwt.PyJWK(described, ALGORITHM)
        except jwt.PyJWTError:
            continue
        # A private key that was published by mistake signs for everybody.
        if known.key_id and isinstance(known.key, RSAPublicKey) and known.key.key_size >= _SHORTEST_KEY:
            keys[known.key_id] = known.key
    return keys


def verified(
    token: object, key_of: Callable[[str], RSAPublicKey | None], *, issuer: str, client_id: str, nonce: str
) -> Mapping[str, Any]:
    """Return the claims of an ID token; raise SignInError unless all that it must be is proved.

    key_of: the issuer's key of an id. Neither algorithm nor key is ever taken from the token: its header may name a
    key id of the issuer, nothing else.
    """
    if not isinstance(token, str) or not 0 < len(token) <= _LONGEST_TOKEN or not token.isascii():
        raise _refused("it is no ID token")
    try:
        header = jwt.get_unverified_header(token)
        if header.get("alg") != ALGORITHM or header.get("typ", "JWT") not in {"JWT", "jwt"}:
            raise _refused("it is signed in another way")
        key = key_of(str(header.get("kid", "")))
        if key is None:
            raise _refused("its key is not one of the issuer's")
        claims: Mapping[str, Any] = jwt.decode(
            token,
            key,
            algorithms=[ALGORITHM],
            audience=client_id,
            issuer=issuer,
            leeway=LEEWAY_S,
            options={"require": list(_REQUIRED)},
        )
    except jwt.PyJWTError as problem:
        raise _refused(str(problem)) from None
    except (ValueError, TypeError, RecursionError, OverflowError):
        raise _refused("it cannot be read") from None
    _refuse_other_claims(claims, client_id, nonce)
    return claims


def _refuse_other_claims(claims: Mapping[str, Any], client_id: str, nonce: str) -> None:
    """Raise SignInError for what PyJWT does not look at."""
    audience, party = claims["aud"], claims.get("azp")
    if (isinstance(audience, list) and len(audience) > 1 and party is None) or party not in {None, client_id}:
        raise _refused("it was made for another program")
    if not isinstance(claims["nonce"], str) or claims["nonce"] != nonce:
        raise _refused("it belongs to another sign-in")
    subject = claims["sub"]
    if not isinstance(subject, str) or not subject.isprintable() or not 0 < len(subject) <= _LONGEST_SUBJECT:
        raise _refused("it names nobody")


def _refused(why: str) -> SignInError:
    return SignInError("The organisation's answer does not prove who you are", found=why, do="Sign in again")
