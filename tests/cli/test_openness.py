"""How far a site is open, and whose Host header it answers to."""

from __future__ import annotations

import datetime as dt
import ipaddress
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from geo_service.cli.doors import Door
from geo_service.cli.openness import Openness, openness, refuse_open
from geo_service.errors import AccessError, InputError
from geo_service.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture
def door() -> Iterator[Door]:
    held = Door("127.0.0.1", 0)
    yield held
    held.close()


@pytest.fixture
def certified(tmp_path: Path) -> Callable[..., tuple[Path, Path]]:
    """Return a function that writes a certificate for some hosts, and its key."""

    def write(*names: str) -> tuple[Path, Path]:
        key = ec.generate_private_key(ec.SECP256R1())
        called = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test")])
        now = dt.datetime.now(dt.UTC)
        made = x509.CertificateBuilder().subject_name(called).issuer_name(called).public_key(key.public_key())
        made = made.serial_number(1).not_valid_before(now).not_valid_after(now + dt.timedelta(days=1))
        if names:
            hosts = [
                x509.IPAddress(ipaddress.ip_address(name)) if name[0].isdigit() else x509.DNSName(name)
                for name in names
            ]
            made = made.add_extension(x509.SubjectAlternativeName(hosts), critical=False)
        certificate, secret = tmp_path / "certificate.pem", tmp_path / "key.pem"
        certificate.write_bytes(made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
        secret.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        return certificate, secret

    return write


def test_on_this_machine_a_site_needs_nothing_and_answers_to_its_own_names(door: Door) -> None:
    found = openness(Settings(), None, None, None)
    refuse_open("127.0.0.1", found, by_name=False)
    assert found.hosts(door) == [f"127.0.0.1:{door.port}", f"localhost:{door.port}"]
    assert found.address(door) == f"http://127.0.0.1:{door.port}"


def test_behind_a_proxy_a_site_answers_to_the_public_name_only(door: Door) -> None:
    found = openness(Settings(), None, None, "https://Patrol.Example/")
    assert (found.hosts(door), found.address(door)) == (["patrol.example"], "https://patrol.example")
    assert openness(Settings(), None, None, "https://a.example:8443").hosts(door) == ["a.example:8443"]


@pytest.mark.parametrize(
    "address",
    [
        "",
        "http://a",
        "a.example",
        "https://",
        "https://a/b",
        "https://a?b",
        "https://u@a",
        "https://a:b",
        "https://ä.b",
    ],
)
def test_what_is_no_public_address_is_refused(address: str) -> None:
    with pytest.raises(InputError, match="Write it as https://"):
        openness(Settings(), None, None, address)


def test_a_certificate_says_which_hosts_a_site_answers_to(door: Door, certified: Callable[..., tuple]) -> None:
    found = openness(Settings(), *certified("patrol.example", "*.patrol.example", "10.0.0.7"), None)
    assert found.names == ("patrol.example", "10.0.0.7")
    assert found.address(door) == f"https://patrol.example:{door.port}"
    assert found.hosts(door)[:2] == [f"patrol.example:{door.port}", f"10.0.0.7:{door.port}"]


@pytest.mark.parametrize(("names", "said"), [((), "names no host"), (("*.a.example",), "no host but patterns")])
def test_a_certificate_without_a_host_is_refused(
    names: tuple[str, ...], said: str, certified: Callable[..., tuple]
) -> None:
    with pytest.raises(InputError, match=said):
        openness(Settings(), *certified(*names), None)


def test_a_file_that_is_no_certificate_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.pem").write_text("hello")
    with pytest.raises(InputError, match="no PEM file of certificates"):
        openness(Settings(), tmp_path / "a.pem", tmp_path / "a.pem", None)


def test_the_settings_hold_what_is_not_given() -> None:
    assert openness(Settings(public_address="https://a.example"), None, None, None).proxy == "https://a.example"
    assert openness(Settings(public_address="https://a.example"), None, None, "https://b.example").proxy.endswith(
        "b.example"
    )


@pytest.mark.parametrize(
    ("host", "proxy", "by_name", "said"),
    [
        ("0.0.0.0", "", False, "no accounts yet"),  # noqa: S104 - what must be refused
        ("127.0.0.1", "https://a.example", False, "no accounts yet"),
        ("0.0.0.0", "", True, "in the clear"),  # noqa: S104
        ("staff.example", "", True, "in the clear"),
    ],
)
def test_a_staff_site_is_open_to_nobody_unknown_and_never_in_the_clear(
    host: str, proxy: str, said: str, *, by_name: bool
) -> None:
    with pytest.raises(AccessError, match=said):
        refuse_open(host, Openness(proxy=proxy), by_name=by_name)
