"""GDAL, loaded when the first file is read: it brings pandas, which no other command waits for."""

from __future__ import annotations


def gdal_errors() -> tuple[type[Exception], ...]:
    """Return what GDAL raises at a file that it cannot read."""
    from pyogrio import errors  # noqa: PLC0415 (heavy)

    return (
        errors.DataSourceError,
        errors.DataLayerError,
        errors.FieldError,
        errors.GeometryError,
        errors.FeatureError,
        errors.CRSError,
        UnicodeError,
        ValueError,
    )
