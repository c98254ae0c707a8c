"""Fixtures for printing: example sheets, a printer, and ways to read what was drawn."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from geo_service.printing import TypstPrinter

if TYPE_CHECKING:
    from types import ModuleType

_CHECKOUT = Path(__file__).parents[2]
_FONTS = (
    _CHECKOUT / "geo_service" / "assets" / "fonts",
    _CHECKOUT / "node_modules" / "@expo-google-fonts" / "atkinson-hyperlegible",
)


def _module(name: str) -> ModuleType:
    """Load a helper that lies beside this file."""
    spec = importlib.util.spec_from_file_location(f"printing_{name}", Path(__file__).with_name(f"{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def sheets() -> ModuleType:
    """Return the maker of example sheets."""
    return _module("sheets")


@pytest.fixture(scope="session")
def plans() -> ModuleType:
    """Return the maker of example sheets of a plan."""
    return _module("plan_sheets")


@pytest.fixture(scope="session")
def reading() -> ModuleType:
    """Return the readers of SVG and PDF."""
    return _module("reading")


@pytest.fixture(scope="session")
def printer() -> TypstPrinter:
    """Return a printer; where the fonts are nowhere, its own error says what to do."""
    return TypstPrinter(next((folder for folder in _FONTS if folder.is_dir()), None))
