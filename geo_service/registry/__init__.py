"""Know layers, offence sets, harm tables and boundary descriptors by the files that describe them."""

from __future__ import annotations

from geo_service.registry.shared_files import FileRegistry, open_registry

__all__ = ["FileRegistry", "open_registry"]
