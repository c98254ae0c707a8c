"""Incident files that never change, and the ledger that says which of them are the data."""

from geo_service.store.disk_store import DiskStore, holds_data, open_store

__all__ = ["DiskStore", "holds_data", "open_store"]
