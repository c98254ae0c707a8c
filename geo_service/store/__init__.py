"""Incident files that never change, and the ledger that says which of them are the data."""

from geo_service.store.disk_store import DiskStore, open_store

__all__ = ["DiskStore", "open_store"]
