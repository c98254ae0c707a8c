"""Forged ID tokens of an organisation's sign-in, and ways back from it that were not begun so."""

from __future__ import annotations

import base64
import hmac
import json
import time
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from faults.counts import Counts, expect, expect_nobody
from faults.issuer import BACK, CLIENT, KEY_ID, SECRET, Issuer, described, new_key
from geo_service.accounts.groups import GroupMap
from geo_service.accounts.oidc import OidcRedirects, Provider
from geo_service.model.access import Role

if TYPE_CHECKING:
    from collections.abc import Callable

    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    from faults.people import House

    Forge = Callable[[dict[str, Any]], object]

GROUPS: Final = GroupMap(
    roles={
        "Sergeants": frozenset({Role.SERGEANT}),
        "Keepers": frozenset({Role.ADMIN}),
        "Auditors": frozenset({Role.AUDITOR}),
    },
    areas={"Sergeants": ("W1",)},
)


def redirects(issuer: Issuer, house: House) -> OidcRedirects:
    """Return the sign-in through an issuer."""
    return OidcRedirects(Provider(issuer.address, CLIENT, BACK, SECRET), GROUPS, house.clock)


def _b64(said: object) -> str:
    raw = said if isinstance(said, bytes) else json.dumps(said).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _unsigned(alg: str, claims: dict[str, Any]) -> str:
    return f"{_b64({'alg': alg, 'typ': 'JWT', 'kid': KEY_ID})}.{_b64(claims)}."


def _by_secret(secret: bytes, alg: str, claims: dict[str, Any], *, key_id: str = KEY_ID) -> str:
    """Return a token signed with what everybody knows; PyJWT itself would refuse to make it."""
    signed = f"{_b64({'alg': alg, 'typ': 'JWT', 'kid': key_id})}.{_b64(claims)}"
    return f"{signed}.{_b64(hmac.digest(secret, signed.encode(), f'sha{alg[2:]}'))}"


def _saying(issuer: Issuer, said: dict[str, Any], claims: dict[str, Any]) -> str:
    return issuer.signed(claims | said)


def _without(issuer: Issuer, name: str, claims: dict[str, Any]) -> str:
    return issuer.signed({had: said for had, said in claims.items() if had != name})


def _headed(issuer: Issuer, key: RSAPrivateKey, headers: dict[str, Any], claims: dict[str, Any]) -> str:
    return issuer.signed(claims, key, headers=headers)


def _by(issuer: Issuer, key: object, algorithm: str, claims: dict[str, Any]) -> str:
    return issuer.signed(claims, key, algorithm=algorithm)


def _headers(issuer: Issuer) -> dict[str, Forge]:
    """Return tokens whose header or signature is another."""
    mine, curve, public = new_key(), ec.generate_private_key(ec.SECP256R1()), issuer.key.public_key()
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    by_me: dict[str, dict[str, Any]] = {
        "own key under the issuer's id": {},
        "own key under an id of its own": {"kid": "mine"},
        "key address (jku)": {"kid": "mine", "jku": f"{issuer.address}/mine"},
        "certificate address (x5u)": {"kid": "mine", "x5u": f"{issuer.address}/mine"},
        "key in the header (jwk)": {"jwk": described(mine, KEY_ID)},
        "certificate in the header (x5c)": {"x5c": [base64.b64encode(der).decode()]},
        "id that is a path": {"kid": "../../../../dev/null"},
        "id that is a query": {"kid": "first' OR '1'='1"},
        "id of another script": {"kid": "f\u0456rst"},
    }
    theirs: dict[str, dict[str, Any]] = {
        "no key id": {"kid": ""},
        "an extension that must be understood": {"crit": ["exp2"], "exp2": 1},
        "an access token": {"typ": "at+jwt"},
        "a logout token": {"typ": "logout+jwt"},
    }
    return {
        **{name: partial(_headed, issuer, mine, header) for name, header in by_me.items()},
        **{name: partial(_headed, issuer, issuer.key, header) for name, header in theirs.items()},
        **{f"alg {alg!r}, no signature": partial(_unsigned, alg) for alg in ("none", "None", "nOnE", "", "RS256")},
        **{f"{alg} by the public key": partial(_by_secret, pem, alg) for alg in ("HS256", "HS384", "HS512")},
        **{f"the issuer's key with {alg}": partial(_by, issuer, None, alg) for alg in ("RS384", "RS512", "PS256")},
        "HS256 by the public key as DER": partial(_by_secret, der, "HS256"),
        "HS256 by an empty secret": partial(_by_secret, b"", "HS256", key_id="../../dev/null"),
        "HS256 by the client's secret": partial(_by_secret, SECRET.encode(), "HS256"),
        "a curve's key": partial(_by, issuer, curve, "ES256"),
    }


def _claims(issuer: Issuer) -> dict[str, Forge]:
    """Return tokens that are signed as they should be, and say what they should not."""
    now = time.time()
    others: dict[str, dict[str, Any]] = {
        "another issuer": {"iss": "https://elsewhere.example"},
        "issuer with a slash": {"iss": f"{issuer.address}/"},
        "a list of issuers": {"iss": [issuer.address]},
        "another audience": {"aud": "another"},
        "audiences without us": {"aud": ["another", "third"]},
        "audience that begins as ours": {"aud": f"{CLIENT}-test"},
        "two audiences, made for nobody": {"aud": [CLIENT, "another"]},
        "two audiences, made for another": {"aud": [CLIENT, "another"], "azp": "another"},
        "made for another": {"azp": "another"},
        "ended": {"exp": now - 60},
        "ended long ago": {"iat": 1, "exp": 2},
        "end as words": {"exp": "tomorrow"},
        "end as a list": {"exp": [now + 300]},
        "begins later": {"nbf": now + 600},
        "made later": {"iat": now + 600},
        "other nonce": {"nonce": "another"},
        "empty nonce": {"nonce": ""},
        "nonce as a list": {"nonce": ["x"]},
        "nobody": {"sub": ""},
        "a number for somebody": {"sub": 1234},
        "a line break in the subject": {"sub": "12\n34"},
        "endless subject": {"sub": "1" * 256},
        "no group": {"groups": []},
        "unknown group": {"groups": ["sergeants", "Sergeants ", "*"]},
        "groups that are no list": {"groups": {"Sergeants": True}},
        "admin and auditor": {"groups": ["Keepers", "Auditors"]},
    }
    required = ("iss", "aud", "exp", "iat", "nonce", "sub", "groups")
    return {
        **{name: partial(_saying, issuer, said) for name, said in others.items()},
        **{f"no {name}": partial(_without, issuer, name) for name in required},
    }


def _shapes(issuer: Issuer) -> dict[str, Forge]:
    """Return what is no token at all, or a good one that was changed on the way."""

    def flipped(claims: dict[str, Any]) -> str:
        head, _, sign = issuer.signed(claims).split(".")
        return f"{head}.{_b64(claims | {'sub': '1235'})}.{sign}"

    def swapped(claims: dict[str, Any]) -> str:
        head, body, _ = issuer.signed(claims).split(".")
        return f"{head}.{body}.{issuer.signed(claims | {'sub': '1235'}).split('.')[2]}"

    def encrypted(_: dict[str, Any]) -> str:
        head = _b64({"alg": "RSA-OAEP", "enc": "A256GCM", "kid": KEY_ID})
        return ".".join([head, *(_b64(b"x" * 32) for _ in range(4))])

    return {
        "claims changed": flipped,
        "signature of another": swapped,
        "signature cut": lambda claims: issuer.signed(claims)[:-40],
        "signature away": lambda claims: issuer.signed(claims).rpartition(".")[0] + ".",
        "two parts": lambda claims: issuer.signed(claims).rpartition(".")[0],
        "four parts": lambda claims: f"{issuer.signed(claims)}.x",
        "encrypted (JWE)": encrypted,
        "JSON serialization": lambda claims: {"payload": _b64(claims), "protected": "", "signature": ""},
        "empty": lambda _: "",
        "nothing": lambda _: None,
        "a number": lambda _: 7,
        "dots": lambda _: "..",
        "huge": lambda claims: issuer.signed(claims | {"more": "x" * 100_000}),
        "deep": lambda _: f"{_b64({'alg': 'RS256', 'kid': KEY_ID})}.{_b64(b'[' * 5_000)}.x",
        "another script": lambda claims: issuer.signed(claims).replace("a", "\u0430"),
        "blanks": lambda claims: f" {issuer.signed(claims)} ",
        "zero byte": lambda claims: f"{issuer.signed(claims)}\x00",
    }


def forged_id_tokens(house: House) -> Counts:
    """Sign in with each forged ID token and in each wrong way, and once as one should."""
    counts = Counts("forged ID tokens")
    with Issuer() as issuer:
        door = redirects(issuer, house)
        for name, forge in {**_headers(issuer), **_claims(issuer), **_shapes(issuer)}.items():
            issuer.forge = forge
            address, kept = door.begin()
            expect_nobody(counts, name, partial(door.finish, issuer.let_in(address), kept))
        for broken in issuer.broken:
            counts.note("not tried", broken)
        issuer.forge = None
        address, kept = door.begin()
        back = issuer.let_in(address)
        expect(counts, door.finish(back, kept).roles == frozenset({Role.SERGEANT}))
        expect_nobody(counts, "replayed", partial(door.finish, back, kept))
        for name, change in _WAYS_BACK.items():
            address, kept = door.begin()
            expect_nobody(counts, name, partial(door.finish, change(issuer.let_in(address)), kept))
        for name, cookie in _cookies(door, kept).items():
            address, _ = door.begin()
            expect_nobody(counts, name, partial(door.finish, issuer.let_in(address), cookie))
    return counts


_WAYS_BACK: Final[dict[str, Callable[[str], str]]] = {
    "state away": lambda back: back.partition("&state")[0],
    "other state": lambda back: back.partition("&state=")[0] + "&state=x",
    "code away": lambda back: back.replace("code=", "cod="),
    "other code": lambda back: back.replace("code=", "code=x"),
    "token in the fragment": lambda back: f"{back.partition('?')[0]}#id_token=x&access_token=y&state=z",
    "another server's answer": lambda back: f"{back}&iss=https%3A%2F%2Felsewhere.example",
    "an error": lambda back: f"{back.partition('?')[0]}?error=access_denied",
    "endless address": lambda back: back + "&x=1" * 10_000,
}
"""What is wrong with the address that a browser comes back to."""


def _cookies(door: OidcRedirects, kept: str) -> dict[str, str]:
    """Return what a browser may keep that was not given to it for this sign-in."""
    begun = jwt.decode(kept, options={"verify_signature": False})
    return {
        "used cookie": kept,
        "cookie of another sign-in": door.begin()[1],
        "cookie signed by somebody": jwt.encode(begun, "x" * 32, "HS256"),
        "cookie without signature": _unsigned("none", begun),
        "no cookie": "",
        "cookie that is no token": "\u00e9" * 50,
    }
