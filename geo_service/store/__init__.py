"""Incident files that never change, and the ledger that says which of them are the data."""

from geo_service.store.backups import Saved, restore
from geo_service.store.copying import copy_ledger
from geo_service.store.disk_store import DiskStore, open_store
from geo_service.store.migrating import migrate_ledger
from geo_service.store.repository import StoreRepository
from geo_service.store.scope import ScopeShelf

__all__ = [
    "DiskStore",
    "Saved",
    "ScopeShelf",
    "StoreRepository",
    "copy_ledger",
    "migrate_ledger",
    "open_store",
    "restore",
]
