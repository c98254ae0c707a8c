"""Draw a QR code."""

from __future__ import annotations

import io

import segno

from geo_service.errors import FaultError

_QUIET_MODULES = 4
"""Empty ground around the code, in modules (ISO/IEC 18004, 5.3.8)."""


def qr_svg(address: str) -> str:
    """Return an address as QR code, black on white, in a square with its quiet zone.

    Error correction M at least: the code is still read where 15 % of it are covered; Q or H where that needs no more
    modules. Raises FaultError for an address that no code holds.
    """
    try:
        code = segno.make(address, error="m", micro=False, boost_error=True)
    except segno.DataOverflowError:
        raise FaultError(
            "The address is too long for a code", found=f"{len(address)} characters", field="url"
        ) from None
    drawn = io.BytesIO()
    code.save(drawn, kind="svg", border=_QUIET_MODULES, dark="#000", light="#fff", xmldecl=False, svgversion=1.1)
    return drawn.getvalue().decode()
