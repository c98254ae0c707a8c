"""Photographs of doors, made small and rid of what a camera writes into them (where, when, whose)."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Final

from PIL import Image, ImageOps

from geo_service.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

_ENDINGS: Final = {".jpg", ".jpeg", ".png", ".webp"}
_LONGEST_PX: Final = 640
_QUALITY: Final = 72
_MOST_BYTES: Final = 30_000_000


def pictures(folder: Path, places: Collection[str]) -> dict[str, bytes]:
    """Return the picture of each place that has one as JPEG, by file name; the same files give the same bytes.

    folder: holds one file for each place, named by its id. Raises InputError for a file that is no picture.
    """
    if not folder.is_dir():
        return {}
    found = sorted(path for path in folder.iterdir() if path.suffix.casefold() in _ENDINGS and path.stem in places)
    return {f"{path.stem}.jpg": _small(path) for path in found}


def _small(path: Path) -> bytes:
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise _refused(path, "it is larger than 30 MB")
        with Image.open(path) as opened:
            upright = ImageOps.exif_transpose(opened).convert("RGB")
    except (OSError, ValueError, Image.DecompressionBombError) as error:
        raise _refused(path, getattr(error, "strerror", None) or "it cannot be read") from None
    upright.thumbnail((_LONGEST_PX, _LONGEST_PX))
    # Pasted on a new picture: nothing goes along but its colours.
    clean = Image.new("RGB", upright.size)
    clean.paste(upright)
    sink = io.BytesIO()
    clean.save(sink, "JPEG", quality=_QUALITY, optimize=True)
    return sink.getvalue()


def _refused(path: Path, found: str) -> InputError:
    do = "Give a JPEG, PNG or WebP photograph, or take the file away"
    return InputError("A picture of a place cannot be used", found=f"{path.name}: {found}", do=do, field="pictures")
