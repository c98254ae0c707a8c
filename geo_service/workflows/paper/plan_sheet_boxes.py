"""Fill each box of a sheet in a guard of its own, so that one wrong piece of data costs its box and not the sheet."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final, TypeVar

from geo_service.errors import GeoServiceError

if TYPE_CHECKING:
    from collections.abc import Callable

_Filled = TypeVar("_Filled")
_LOG: Final = logging.getLogger(__name__)


class Boxes:
    """Fill boxes one by one, and keep a sentence about each that could not be filled."""

    def __init__(self, of: str) -> None:
        """Take what the boxes are of, for the log."""
        self._of = of
        self._missing: dict[str, None] = {}

    @property
    def missing(self) -> tuple[str, ...]:
        """Return a sentence about each box that could not be filled, in order, none twice."""
        return tuple(self._missing)

    def copy(self) -> Boxes:
        """Return boxes that have the same sentences so far."""
        other = Boxes(self._of)
        other._missing = dict(self._missing)
        return other

    def say(self, sentence: str) -> None:
        """Say that something is missing."""
        self._missing[sentence] = None

    def several(self, box: str, make: Callable[[], tuple[_Filled, ...]]) -> tuple[_Filled, ...]:
        """Return what `make` makes, nothing where it cannot (see `fill`)."""
        return self.fill(box, make) or ()

    def fill(self, box: str, make: Callable[[], _Filled]) -> _Filled | None:
        """Return what `make` makes; where it cannot, say so and return None.

        A problem of the data is said in its own words. What nobody foresaw is a fault: it is logged with the place in
        the code, and the paper says only that the box could not be filled.
        """
        try:
            return make()
        except GeoServiceError as problem:
            self.say(f"{box}: {problem.what.rstrip('.')}.")
        except Exception as problem:  # noqa: BLE001 - one box must not cost the sheet
            frame = problem.__traceback__
            while frame is not None and frame.tb_next is not None:
                frame = frame.tb_next
            where = "" if frame is None else f" at {frame.tb_frame.f_code.co_name}, line {frame.tb_lineno}"
            _LOG.error("%s of %s could not be filled: %s: %s%s", box, self._of, type(problem).__name__, problem, where)
            self.say(f"{box}: could not be filled, through a fault of the program that has been logged.")
        return None
