"""Fixtures that every room's tests may use."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[1]


def _skip(reason: str) -> None:
    """Skip with a reason; where everything is promised to be there, a missing thing is a failure."""
    if os.environ.get("GEO_SERVICE_NO_SKIPS"):
        pytest.fail(f"must not be skipped here: {reason}")
    pytest.skip(reason)


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder of shared real data (its `data/`), or skip."""
    folder = Path(os.environ.get("GEO_SERVICE_SHARED", CHECKOUT.parent / "shared")) / "data"
    if not folder.is_dir():
        _skip("the shared real data is not beside the checkout")
    return folder


@pytest.fixture(scope="session")
def chromium() -> str:
    """Return the path of Chromium, or skip."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        _skip("Chromium is not installed")
    return str(found)
