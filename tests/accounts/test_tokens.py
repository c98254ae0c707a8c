"""An ID token is refused for just the thing that is wrong with it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from faults.issuer import described, new_key
from geo_service.accounts.tokens import LEEWAY_S, signing_keys, verified
from geo_service.errors import SignInError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

ISSUER, CLIENT, NONCE = "https://id.example", "geo-service", "once"


@pytest.fixture(scope="module")
def key() -> RSAPrivateKey:
    return new_key()


def claims(**said: object) -> dict[str, Any]:
    """Return good claims and what is said otherwise; moments in seconds from now, None for no claim."""
    good = {"iss": ISSUER, "aud": CLIENT, "exp": 60, "iat": 0, "nonce": NONCE, "sub": "77", **said}
    now = int(time.time())
    return {name: now + value if isinstance(value, int) else value for name, value in good.items() if value is not None}


def check(token: object, key: RSAPrivateKey) -> Any:  # noqa: ANN401 - claims of any kind
    keys = {"k": key.public_key()}
    return verified(token, keys.get, issuer=ISSUER, client_id=CLIENT, nonce=NONCE)


def signed(key: RSAPrivateKey, said: dict[str, Any], **header: object) -> str:
    return jwt.encode(said, key, "RS256", headers={"kid": "k", **header})


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"aud": [CLIENT]},
        {"aud": [CLIENT, "another"], "azp": CLIENT},
        {"azp": CLIENT},
        {"exp": 10 - LEEWAY_S, "iat": -100},
        {"nbf": 0},
        {"groups": ["a"]},
    ],
)
def test_a_token_that_is_all_it_must_be_is_believed(key: RSAPrivateKey, said: dict[str, Any]) -> None:
    assert check(signed(key, claims(**said)), key)["sub"] == "77"


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"iss": "https://other.example"}, "Invalid issuer"),
        ({"aud": "another"}, "Audience doesn't match"),
        ({"aud": [CLIENT, "another"]}, "made for another program"),
        ({"azp": "another"}, "made for another program"),
        ({"exp": -LEEWAY_S - 5}, "expired"),
        ({"nbf": LEEWAY_S + 60}, "not yet valid"),
        ({"iat": LEEWAY_S + 60}, "not yet valid"),
        ({"nonce": "another"}, "another sign-in"),
        ({"sub": ""}, "names nobody"),
        *[({name: None}, f'missing the "{name}" claim') for name in ("iss", "aud", "exp", "iat", "nonce", "sub")],
    ],
    ids=str,
)
def test_each_claim_is_looked_at(key: RSAPrivateKey, said: dict[str, Any], why: str) -> None:
    with pytest.raises(SignInError, match=why):
        check(signed(key, claims(**said)), key)


def test_the_signature_is_looked_at(key: RSAPrivateKey) -> None:
    with pytest.raises(SignInError, match="Signature verification failed"):
        check(signed(new_key(), claims()), key)


def test_neither_algorithm_nor_key_is_taken_from_the_token(key: RSAPrivateKey) -> None:
    with pytest.raises(SignInError, match="signed in another way"):
        check(jwt.encode(claims(), key, "RS512", headers={"kid": "k"}), key)
    with pytest.raises(SignInError, match="not one of the issuer's"):
        check(signed(key, claims(), kid="other"), key)
    with pytest.raises(SignInError, match="signed in another way"):
        check(signed(key, claims(), typ="at+jwt"), key)


def test_only_public_rsa_keys_that_are_long_enough_and_meant_for_signing_are_taken(key: RSAPrivateKey) -> None:
    short = rsa.generate_private_key(public_exponent=65_537, key_size=1_024)  # noqa: S505 - it must be refused
    private = {**described(key, "private"), "d": "AQAB"}
    listed = [
        described(key, "good"),
        {name: said for name, said in described(key, "bare").items() if name != "use"},
        described(key, "for encryption", use="enc"),
        described(key, "another way", alg="RS512"),
        described(short, "short"),
        private,
        {"kty": "oct", "k": "c2VjcmV0", "kid": "secret"},
        {"kty": "RSA", "kid": "broken", "n": "!", "e": "AQAB"},
        {name: said for name, said in described(key, "").items() if name != "kid"},
        "no key",
    ]
    assert set(signing_keys({"keys": listed})) == {"good", "bare"}
    for nothing in ({}, {"keys": "no"}, [], None):
        assert signing_keys(nothing) == {}
