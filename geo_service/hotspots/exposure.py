"""What a rate is taken of: square kilometres, or an imported denominator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from geo_service.errors import QueryError

if TYPE_CHECKING:
    from geo_service.model.cells import Floats
    from geo_service.model.surfaces import Observed

KM2: Final = "km2"
_M2_IN_KM2: Final = 1e6


def exposure_of(observed: Observed, per: str) -> Floats:
    """Return the denominator of each cell of the area (n area cells): km² in the area, or what was imported.

    Raises QueryError (field `per`) where the denominator is not there, is 0 everywhere, or is below 0 somewhere.
    """
    if per == KM2:
        return observed.covered_m2[observed.inside] / _M2_IN_KM2
    if observed.denominator is None:
        raise QueryError(
            "No denominator of that name is loaded",
            found=per,
            do="Import it (`geo-service import denominator`), or use km2",
            field="per",
        )
    exposure = observed.denominator[observed.inside]
    if not (exposure >= 0).all() or not exposure.any():
        raise QueryError(
            f"The denominator {per} gives no rate here",
            found="less than 0, or no number, in some cells" if exposure.any() else "0 in every cell of the area",
            do="Check the imported numbers, or use km2",
            field="per",
        )
    return exposure


def notes_without(value: Floats, exposure: Floats, per: str) -> tuple[str, ...]:
    """Say how many cells hold something but have nothing to divide by."""
    without = (exposure <= 0) & (value > 0)
    if not without.any():
        return ()
    said = f"{int(without.sum()):,} cells that hold {value[without].sum():,.0f} of the measure have no {per}"
    return (f"{said}: no rate is known of them, and they are ranked last.",)
