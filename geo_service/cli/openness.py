"""How far a site is open: to this machine, to a network by its own certificate, or through a proxy that has one."""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import urlsplit

from geo_service.cli.doors import Tls
from geo_service.errors import AccessError, InputError

if TYPE_CHECKING:
    from pathlib import Path

    from geo_service.cli.doors import Door
    from geo_service.settings import Settings

_NAME: Final = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?", re.ASCII)
_HTTPS: Final = 443


class Openness(NamedTuple):
    """Say who proves the site's name to browsers: it itself, a proxy, or nobody (this machine needs no proof)."""

    tls: Tls | None = None
    names: tuple[str, ...] = ()
    """Hosts that the certificate is for."""
    proxy: str = ""
    """Address that people write to come through the proxy, `https://name`."""

    def address(self, door: Door) -> str:
        """Return the site's address as people write it, without a closing slash."""
        return self.proxy or (f"https://{_at(self.names[0], door.port)}" if self.names else door.address)

    def hosts(self, door: Door) -> list[str]:
        """Return the values of the Host header that the site answers to."""
        if self.proxy:
            return [self.proxy.removeprefix("https://")]
        here = [door.name, "localhost"] if is_loopback(door.host) else []
        return list(dict.fromkeys(_at(name, door.port) for name in (*self.names, *here)))


def openness(settings: Settings, certificate: Path | None, key: Path | None, behind_proxy: str | None) -> Openness:
    """Read the options, and the settings where none of the options is given; raise InputError for what does not fit."""
    if certificate is None and key is None and behind_proxy is None:
        certificate, key, behind_proxy = settings.certificate, settings.certificate_key, settings.public_address or None
    if behind_proxy is not None:
        if certificate or key:
            raise InputError(
                "The site has a certificate of its own, or stands behind a proxy that has one",
                found="both",
                do="Give --certificate and --key, or --behind-proxy",
                field="behind_proxy",
            )
        return Openness(proxy=_public_address(behind_proxy))
    if certificate is None and key is None:
        return Openness()
    if certificate is None or key is None:
        missing = "certificate" if certificate is None else "key"
        raise InputError("A certificate and its key belong together", do=f"Give --{missing} too", field=missing)
    return Openness(Tls(certificate, key), _names(certificate))


def refuse_open(host: str, found: Openness, *, by_name: bool) -> None:
    """Raise AccessError for a staff site that others could reach unknown, or unencrypted.

    by_name: people sign in by name, here or through an organisation.
    """
    if is_loopback(host) and not found.proxy:
        return
    given = f"--host {host}" if not is_loopback(host) else f"--behind-proxy {found.proxy}"
    if not by_name:
        raise AccessError(
            "The staff site has no accounts yet, so it is for this machine only",
            found=given,
            do="Make an account first with `geo-service accounts add`, or leave that option out",
            field="host",
        )
    if not (found.tls or found.proxy):
        raise AccessError(
            "The staff site is not served over a network in the clear",
            found=given,
            do="Give --certificate FILE --key FILE, or --behind-proxy https://NAME where a proxy has the certificate",
            field="host",
        )


def is_loopback(host: str) -> bool:
    """Tell whether an address is reached from this machine only."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _public_address(text: str) -> str:
    """Read `https://name` or `https://name:port`; raise InputError for anything else."""
    try:
        parts = urlsplit(text.strip().casefold().removesuffix("/"))
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port, parts = "", None, urlsplit("")
    if parts.geturl() != f"https://{parts.netloc}" or not _NAME.fullmatch(host) or "@" in parts.netloc:
        raise InputError(
            "That is not the address of a site behind a proxy",
            found=text,
            do="Write it as https://patrol.example.org, with nothing after the name",
            field="behind_proxy",
        )
    return f"https://{host}" if port in {None, _HTTPS} else f"https://{host}:{port}"


def _names(certificate: Path) -> tuple[str, ...]:
    """Return the hosts that a certificate is for, none of them a pattern."""
    from cryptography import x509

    try:
        found = x509.load_pem_x509_certificates(certificate.read_bytes())[0].extensions.get_extension_for_class(
            x509.SubjectAlternativeName
        )
    except OSError as problem:
        raise _useless(certificate, problem.strerror or problem) from None
    except x509.ExtensionNotFound:
        raise _useless(certificate, "it names no host (subjectAltName)") from None
    except ValueError:
        raise _useless(certificate, "it is no PEM file of certificates") from None
    named = [name.casefold() for name in found.value.get_values_for_type(x509.DNSName)]
    numbered = [str(address) for address in found.value.get_values_for_type(x509.IPAddress)]
    names = tuple(
        [name for name in named if _NAME.fullmatch(name)] + [f"[{at}]" if ":" in at else at for at in numbered]
    )
    if not names:
        raise _useless(certificate, "it names no host but patterns")
    return names


def _useless(certificate: Path, found: object) -> InputError:
    do = "Give a PEM file that names the site's host, the whole chain in it"
    return InputError("The certificate cannot be used", found=f"{certificate}: {found}", do=do, field="certificate")


def _at(name: str, port: int) -> str:
    return name if port == _HTTPS else f"{name}:{port}"
