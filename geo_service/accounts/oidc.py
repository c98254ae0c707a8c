"""Sign-in through an organisation's own server: OpenID Connect, authorization code with PKCE.

The only module that opens a connection out, and only to the issuer that the settings name.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import secrets
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs, urlsplit

import httpx
import jwt
from authlib.common.errors import AuthlibBaseError
from authlib.oauth2.client import OAuth2Client

from geo_service.accounts.tokens import signing_keys, verified
from geo_service.errors import InputError, SignInError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

    from geo_service.accounts.groups import GroupMap
    from geo_service.model.access import Principal

DISCOVERY: Final = "/.well-known/openid-configuration"
_TIMEOUT_S, _MOST_BYTES = 5.0, 262_144
_FRESH_S, _REFRESH_S = 3_600.0, 60.0
"""How long documents of the issuer are believed, and how often an unknown key may make us ask again."""
LASTS: Final = dt.timedelta(minutes=10)
"""How long somebody may take to sign in there."""
_COOKIE: Final = "HS256"
_ENDPOINTS: Final = ("authorization_endpoint", "token_endpoint", "jwks_uri")


@dataclass(frozen=True, slots=True)
class Provider:
    """Name the organisation's server, and us to it."""

    issuer: str
    client_id: str
    redirect_uri: str
    """Where it sends the browser back to."""
    client_secret: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        """Refuse an issuer whose answers somebody on the way could change."""
        refuse_open(self.issuer, "oidc_issuer")
        if not self.client_id:
            raise InputError("The organisation's sign-in needs a client id", do="Set oidc_client_id")


def refuse_open(address: object, name: str) -> None:
    """Raise InputError for an address that is neither https nor on this machine."""
    said = str(address)
    try:
        parts = urlsplit(said)
        local = parts.hostname == "localhost" or ipaddress.ip_address(parts.hostname or "").is_loopback
    except ValueError:
        local = False
    sound = parts.hostname and not parts.username and said.isprintable() and " " not in said
    if not sound or not (parts.scheme == "https" or (parts.scheme == "http" and local)):
        raise InputError("The address must begin with https://", found=said, do="Mend it", field=name)


class Issuer:
    """Ask the organisation's server, and remember what it said for an hour."""

    def __init__(self, provider: Provider) -> None:
        """Nothing is asked before it is needed."""
        self._provider = provider
        # One for all: each would read the machine's certificates anew. Nothing is redirected, no connection is kept.
        self.http = httpx.Client(timeout=_TIMEOUT_S, limits=httpx.Limits(max_keepalive_connections=0))
        self._lock = threading.Lock()
        self._document: Mapping[str, Any] = {}
        self._keys: Mapping[str, RSAPublicKey] = {}
        self._document_at = self._keys_at = float("-inf")

    def document(self) -> Mapping[str, Any]:
        """Return the discovery document; raise SignInError where it cannot be had or is another's."""
        with self._lock:
            if time.monotonic() - self._document_at > _FRESH_S:
                found = _json(_fetch(self.http, "GET", f"{self._provider.issuer.rstrip('/')}{DISCOVERY}"))
                if found.get("issuer") != self._provider.issuer:
                    raise _unreachable("it calls itself something else")
                for name in _ENDPOINTS:
                    try:
                        refuse_open(found.get(name), name)
                    except InputError:
                        raise _unreachable(f"its {name} is not https") from None
                self._document, self._document_at = found, time.monotonic()
            return self._document

    def key(self, key_id: str) -> RSAPublicKey | None:
        """Return its signing key of an id; an unknown one makes us ask again, at most once a minute."""
        address = str(self.document()["jwks_uri"])
        with self._lock:
            age = time.monotonic() - self._keys_at
            if age > _FRESH_S or (key_id not in self._keys and age > _REFRESH_S):
                # Noted first: a server that does not answer is not asked by everybody who comes.
                self._keys_at = time.monotonic()
                self._keys = signing_keys(_json(_fetch(self.http, "GET", address)))
            return self._keys.get(key_id)


class OidcRedirects:
    """Send browsers to the organisation's server, and prove who comes back."""

    def __init__(self, provider: Provider, groups: GroupMap, clock: Callable[[], dt.datetime]) -> None:
        """Take who is asked, and what the organisation's groups may do here."""
        self._provider = provider
        self._groups = groups
        self._clock = clock
        self._issuer = Issuer(provider)
        # What the browser keeps meanwhile is signed with a key that only this process has.
        self._secret = secrets.token_bytes(32)
        self._used: dict[str, dt.datetime] = {}
        self._lock = threading.Lock()

    def begin(self) -> tuple[str, str]:
        """Return the address to send the browser to, and what must come back with it (keep it in a cookie)."""
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        document = self._issuer.document()
        address, _ = self._client(document).create_authorization_url(
            document["authorization_endpoint"], state=state, code_verifier=verifier, nonce=nonce
        )
        until = (self._clock() + LASTS).timestamp()
        kept = {"state": state, "nonce": nonce, "verifier": verifier, "until": until}
        return str(address), jwt.encode(kept, self._secret, _COOKIE)

    def finish(self, address: str, kept: str) -> Principal:
        """Return who came back, proved by the ID token; raise SignInError.

        address: all of the address that the browser came back to. kept: what `begin` gave; it is good for one time.
        """
        begun = self._begun(kept)
        self._refuse_other_issuer(address)
        document = self._issuer.document()
        try:
            answer = self._client(document).fetch_token(
                document["token_endpoint"],
                authorization_response=address.partition("#")[0],
                state=begun["state"],
                code_verifier=begun["verifier"],
            )
        except (AuthlibBaseError, httpx.HTTPError, ValueError, TypeError, AttributeError, RecursionError) as problem:
            raise SignInError("The organisation did not let you in", found=problem, do="Sign in again") from None
        claims = verified(
            answer.get("id_token"),
            self._issuer.key,
            issuer=self._provider.issuer,
            client_id=self._provider.client_id,
            nonce=begun["nonce"],
        )
        return self._groups.principal(claims)

    def _begun(self, kept: str) -> Mapping[str, Any]:
        """Return what was begun, once; raise SignInError for what we did not write, or too long ago."""
        now = self._clock()
        try:
            begun: Mapping[str, Any] = jwt.decode(kept, self._secret, algorithms=[_COOKIE])
        except (jwt.PyJWTError, ValueError, TypeError):
            raise _late() from None
        with self._lock:
            self._used = {state: until for state, until in self._used.items() if until > now}
            if begun["until"] <= now.timestamp() or begun["state"] in self._used:
                raise _late()
            self._used[begun["state"]] = now + LASTS
        return begun

    def _refuse_other_issuer(self, address: str) -> None:
        """Raise SignInError where another server sent the browser back, and says so (RFC 9207)."""
        try:
            said = parse_qs(urlsplit(address).query, max_num_fields=50)
        except ValueError:
            raise _late() from None
        if any(issuer != self._provider.issuer for issuer in said.get("iss", [])):
            raise SignInError("Another server answered", found=said["iss"][0], do="Sign in again")

    def _client(self, document: Mapping[str, Any]) -> OAuth2Client:
        methods = document.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        chosen = "client_secret_basic" if "client_secret_basic" in methods else "client_secret_post"
        return OAuth2Client(
            session=_Session(self._issuer.http),
            client_id=self._provider.client_id,
            client_secret=self._provider.client_secret,
            token_endpoint_auth_method=chosen if self._provider.client_secret else "none",
            scope="openid profile email",
            redirect_uri=self._provider.redirect_uri,
            code_challenge_method="S256",
        )


class _Session:
    """Send what Authlib asks for, within our caps."""

    def __init__(self, http: httpx.Client) -> None:
        self._http = http

    def post(self, url: str, *, data: Mapping[str, str], headers: Mapping[str, str], auth: Any) -> httpx.Response:  # noqa: ANN401 - both are Authlib's
        """Send a form, with our name and secret where Authlib puts them."""
        body = httpx.QueryParams(dict(data))
        url, sent, form = auth.prepare("POST", url, dict(headers), str(body))
        return _fetch(self._http, "POST", url, headers=sent, content=form)


def _fetch(http: httpx.Client, method: str, address: str, **sent: Any) -> httpx.Response:  # noqa: ANN401 - headers and body, as httpx takes them
    """Return an answer that is complete in time and not too large; raise SignInError. Nothing is redirected."""
    until, body = time.monotonic() + _TIMEOUT_S, b""
    try:
        with http.stream(method, address, **sent) as answer:
            for chunk in answer.iter_bytes():
                body += chunk
                if len(body) > _MOST_BYTES or time.monotonic() > until:
                    raise _unreachable("its answer is too large or too slow")
            return httpx.Response(answer.status_code, content=body, request=answer.request)
    except (httpx.HTTPError, httpx.InvalidURL) as problem:
        raise _unreachable(type(problem).__name__) from None


def _json(answer: httpx.Response) -> Mapping[str, Any]:
    try:
        found = answer.json() if answer.status_code == httpx.codes.OK else None
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise _unreachable(f"status {answer.status_code}, or an answer that is no JSON object")
    return found


def _unreachable(why: str) -> SignInError:
    return SignInError(
        "The organisation's sign-in does not answer as it should", found=why, do="Try again, or tell whoever runs it"
    )


def _late() -> SignInError:
    return SignInError("That sign-in was not begun here, was used already or took too long", do="Sign in again")
