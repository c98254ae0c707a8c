"""Which version an edit was made on (RFC 9110, section 13.1.1)."""

from __future__ import annotations

import re
from typing import Final

from geo_service.errors import QueryError

_ETAG: Final = re.compile(r'"([1-9][0-9]{0,17})"', re.ASCII)


def version_of(if_match: str | None) -> int | None:
    """Return the version that If-Match names, None where it was not sent; raise QueryError for what is no ETag."""
    if if_match is None:
        return None
    found = _ETAG.fullmatch(if_match.strip())
    if found is None:
        raise QueryError(
            "Not an ETag of this address", found=if_match, do='Send it as it came, e.g. "3"', field="If-Match"
        )
    return int(found[1])
