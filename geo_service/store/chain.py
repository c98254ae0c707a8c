"""Names of the chain that the ledger knows under this roof."""

from geo_service.model.chain import GENESIS, START, Link, seal

__all__ = ["GENESIS", "START", "Link", "seal"]
