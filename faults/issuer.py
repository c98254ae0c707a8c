"""An organisation's sign-in on this machine: discovery document, keys and ID tokens, right or wrong as wanted."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

if TYPE_CHECKING:
    from collections.abc import Callable

CLIENT, SECRET, BACK = "geo-service", "a secret of the client", "http://127.0.0.1:8001/back"
KEY_ID = "first"


def new_key() -> rsa.RSAPrivateKey:
    """Return a key that nobody else has."""
    return rsa.generate_private_key(public_exponent=65_537, key_size=2_048)


def described(key: rsa.RSAPrivateKey, key_id: str, **more: object) -> dict[str, Any]:
    """Return the public half of a key as a JSON Web Key."""
    return {**json.loads(RSAAlgorithm.to_jwk(key.public_key())), "kid": key_id, "use": "sig", **more}


@dataclass
class Issuer:
    """Answer as an organisation's server does; every part of an answer can be made another."""

    key: rsa.RSAPrivateKey = field(default_factory=cache(new_key))
    asked: list[tuple[str, dict[str, str], dict[str, str]]] = field(default_factory=list)
    """(path, form, headers) of each request."""
    claims: dict[str, Any] = field(default_factory=lambda: {"groups": ["Sergeants"], "preferred_username": "jo"})
    document: dict[str, Any] = field(default_factory=dict)
    """What the discovery document says otherwise."""
    forge: Callable[[dict[str, Any]], Any] | None = None
    """Makes the ID token of the claims; by default it is signed as it should be."""
    broken: list[str] = field(default_factory=list)
    """What went wrong in here, so that nothing is refused by mistake."""
    bodies: dict[str, bytes] = field(default_factory=dict)
    """Path -> what is answered there instead."""

    def __enter__(self) -> Self:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.address = f"http://127.0.0.1:{self._server.server_port}"
        self.keys = [described(self.key, KEY_ID)]
        self._codes: dict[str, tuple[str, str]] = {}
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def let_in(self, address: str, **more: str) -> str:
        """Sign somebody in who was sent here; return the address that their browser is sent back to."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        code = secrets.token_urlsafe(16)
        self._codes[code] = (asked["nonce"], asked["code_challenge"])
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state'], **more})}"

    def good_claims(self, nonce: str) -> dict[str, Any]:
        """Return the claims of a good ID token."""
        now = int(time.time())
        said = {"iss": self.address, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": nonce, "sub": "1234"}
        return said | self.claims

    def signed(self, claims: dict[str, Any], key: Any = None, **how: Any) -> str:  # noqa: ANN401 - a key of any kind
        """Return a token; how: `algorithm` and `headers`."""
        headers = {"kid": KEY_ID, **how.pop("headers", {})}
        body = json.dumps(claims).encode()  # not `jwt.encode`, which refuses some of what others may send
        return jwt.api_jws.encode(body, key or self.key, headers=headers, **{"algorithm": "RS256", **how})

    def answer(self, path: str, form: dict[str, str]) -> tuple[int, bytes]:
        """Return status and body for a request."""
        if path in self.bodies:
            return 200, self.bodies[path]
        if path == "/.well-known/openid-configuration":
            here = self.address
            said = {
                "issuer": here,
                "authorization_endpoint": f"{here}/authorize",
                "token_endpoint": f"{here}/token",
                "jwks_uri": f"{here}/keys",
            }
            return 200, json.dumps(said | self.document).encode()
        if path == "/keys":
            return 200, json.dumps({"keys": self.keys}).encode()
        return self._token(form) if path == "/token" else (404, b"")

    def _token(self, form: dict[str, str]) -> tuple[int, bytes]:
        nonce, challenge = self._codes.pop(form.get("code", ""), ("", ""))
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if not challenge or base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != challenge:
            return 400, json.dumps({"error": "invalid_grant"}).encode()
        claims = self.good_claims(nonce)
        try:
            token = self.signed(claims) if self.forge is None else self.forge(claims)
        except Exception as error:
            self.broken.append(f"{type(error).__name__}: {error}")
            raise
        said = {"access_token": "of no use", "token_type": "Bearer", "expires_in": 300, "id_token": token}
        return 200, json.dumps(said).encode()


def _handler(issuer: Issuer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._say({})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode()
            self._say({name: values[0] for name, values in parse_qs(body).items()})

        def _say(self, form: dict[str, str]) -> None:
            issuer.asked.append((self.path, form, dict(self.headers)))
            status, body = issuer.answer(self.path, form)
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler
