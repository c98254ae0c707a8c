"""Signing in through an organisation's server, as far as this side of it goes."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest

from faults.id_tokens import GROUPS, redirects
from faults.issuer import BACK, CLIENT, SECRET, Issuer, described, new_key
from geo_service.accounts import oidc, open_redirects
from geo_service.accounts.oidc import OidcRedirects, Provider
from geo_service.errors import InputError, SignInError
from geo_service.model.access import Principal, Role

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from faults.people import House


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with Issuer() as running:
        yield running


@pytest.fixture
def door(issuer: Issuer, house: House) -> OidcRedirects:
    return redirects(issuer, house)


def come(issuer: Issuer, door: OidcRedirects) -> Principal:
    address, kept = door.begin()
    return door.finish(issuer.let_in(address), kept)


def test_whoever_the_issuer_vouches_for_comes_in_with_what_their_groups_have(
    issuer: Issuer, door: OidcRedirects, house: House
) -> None:
    found = come(issuer, door)
    assert found == Principal("jo (oidc:1234)", frozenset({Role.SERGEANT}), ("W1",), "oidc:1234")
    token = house.authority.admit(found)
    assert house.authority.by_session(token) == found
    assert house.events()[-1].what == "signed in through the organisation"


def test_the_browser_is_sent_with_state_nonce_and_a_challenge_that_only_we_can_meet(
    issuer: Issuer, door: OidcRedirects
) -> None:
    address, kept = door.begin()
    asked = parse_qs(urlsplit(address).query)
    assert address.startswith(f"{issuer.address}/authorize?")
    assert asked["response_type"] == ["code"]
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["client_id"] == [CLIENT]
    assert asked["redirect_uri"] == [BACK]
    assert "openid" in asked["scope"][0].split()
    assert len(asked["state"][0]) == len(asked["nonce"][0]) == 43
    assert parse_qs(urlsplit(door.begin()[0]).query)["state"] != asked["state"]
    door.finish(issuer.let_in(address), kept)
    path, form, headers = issuer.asked[-2]
    assert path == "/token"
    assert form["grant_type"] == "authorization_code"
    assert form["redirect_uri"] == BACK
    assert base64.b64decode(headers["Authorization"].removeprefix("Basic ")).decode() == f"{CLIENT}:{SECRET}"
    assert SECRET not in address + kept


def test_what_was_begun_ends_after_ten_minutes(issuer: Issuer, door: OidcRedirects, house: House) -> None:
    address, kept = door.begin()
    house.clock.wait(minutes=10)
    with pytest.raises(SignInError, match="too long"):
        door.finish(issuer.let_in(address), kept)


def test_what_another_process_began_is_not_ended_here(issuer: Issuer, house: House) -> None:
    address, kept = redirects(issuer, house).begin()
    with pytest.raises(SignInError, match="not begun here"):
        redirects(issuer, house).finish(issuer.let_in(address), kept)


def test_documents_are_asked_for_once_and_a_new_key_makes_us_ask_again_but_not_for_everybody(
    issuer: Issuer, door: OidcRedirects, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1_000.0
    monkeypatch.setattr(oidc.time, "monotonic", lambda: now)
    for _ in range(3):
        come(issuer, door)
    paths = [path for path, _, _ in issuer.asked]
    assert (paths.count("/keys"), paths.count(oidc.DISCOVERY)) == (1, 1)
    fresh = new_key()
    issuer.keys = [described(fresh, "second")]
    issuer.forge = lambda claims: issuer.signed(claims, fresh, headers={"kid": "second"})
    for _ in range(3):
        with pytest.raises(SignInError, match="not one of the issuer's"):
            come(issuer, door)
    assert [path for path, _, _ in issuer.asked].count("/keys") == 1
    now += 61
    assert come(issuer, door).roles == {Role.SERGEANT}
    issuer.forge = lambda claims: issuer.signed(claims, fresh, headers={"kid": "third"})
    with pytest.raises(SignInError, match="not one of the issuer's"):
        come(issuer, door)
    assert [path for path, _, _ in issuer.asked].count("/keys") == 2


@pytest.mark.parametrize(
    ("document", "why"),
    [
        ({"issuer": "https://elsewhere.example"}, "calls itself something else"),
        ({"token_endpoint": "http://elsewhere.example/token"}, "token_endpoint is not https"),
        ({"jwks_uri": "file:///etc/passwd"}, "jwks_uri is not https"),
        ({"authorization_endpoint": "javascript:alert(1)"}, "authorization_endpoint is not https"),
        ({"authorization_endpoint": None}, "authorization_endpoint is not https"),
    ],
)
def test_a_discovery_document_that_sends_us_elsewhere_is_refused(
    issuer: Issuer, door: OidcRedirects, document: dict[str, Any], why: str
) -> None:
    issuer.document = document
    with pytest.raises(SignInError, match=why):
        door.begin()


@pytest.mark.parametrize("body", [b"", b"[]", b"hello", b"\xff", b"[" * 100_000, b'{"a": "' + b"x" * 300_000 + b'"}'])
def test_an_issuer_that_answers_nonsense_lets_nobody_in_and_breaks_nothing(
    issuer: Issuer, door: OidcRedirects, body: bytes
) -> None:
    address, kept = door.begin()
    issuer.bodies = {"/token": body}
    with pytest.raises(SignInError):
        door.finish(issuer.let_in(address), kept)
    issuer.bodies = {"/keys": body}
    with pytest.raises(SignInError):
        come(issuer, door)


def test_an_issuer_that_does_not_answer_is_said_to(house: House) -> None:
    with Issuer() as gone:
        door = redirects(gone, house)
    with pytest.raises(SignInError, match="does not answer as it should"):
        door.begin()


@pytest.mark.parametrize(
    "address",
    ["http://id.example", "ftp://id.example", "https://", "", "https://me:secret@id.example", "https://id. example"],
)
def test_an_issuer_without_https_is_refused(address: str) -> None:
    with pytest.raises(InputError, match="https"):
        Provider(address, CLIENT, BACK)


def test_an_issuer_needs_a_client_id_and_shows_no_secret() -> None:
    with pytest.raises(InputError, match="client id"):
        Provider("https://id.example", "", BACK)
    assert SECRET not in repr(Provider("https://id.example", CLIENT, BACK, SECRET))


def test_a_client_without_a_secret_says_its_name_alone(issuer: Issuer, house: House) -> None:
    door = OidcRedirects(Provider(issuer.address, CLIENT, BACK), GROUPS, house.clock)
    assert come(issuer, door).roles == {Role.SERGEANT}
    _, form, headers = issuer.asked[-2]
    assert form["client_id"] == CLIENT
    assert "Authorization" not in headers


def test_an_issuer_that_wants_the_secret_in_the_form_gets_it_there(issuer: Issuer, door: OidcRedirects) -> None:
    issuer.document = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    assert come(issuer, door).roles == {Role.SERGEANT}
    _, form, headers = issuer.asked[-2]
    assert form["client_secret"] == SECRET
    assert "Authorization" not in headers


def test_it_is_opened_with_settings_and_a_file_of_groups(issuer: Issuer, house: House, tmp_path: Path) -> None:
    groups = tmp_path / "oidc-roles.toml"
    groups.write_text(f"[roles]\nSergeants = {json.dumps(['officer'])}\n", "utf-8")
    door = open_redirects(
        issuer=issuer.address,
        client_id=CLIENT,
        client_secret=SECRET,
        redirect_uri=BACK,
        groups=groups,
        clock=house.clock,
    )
    assert come(issuer, door) == Principal("jo (oidc:1234)", frozenset({Role.OFFICER}), (), "oidc:1234")
