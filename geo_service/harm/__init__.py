"""Choose offences by a set and weigh them by a harm table or a proxy; unmatched offences are reported."""

from geo_service.harm.choose import choose_weights
from geo_service.harm.offences import select
from geo_service.harm.tables import several_weights, weigh, weigh_by_proxy

__all__ = ["choose_weights", "select", "several_weights", "weigh", "weigh_by_proxy"]
