"""Editable rows that speak of areas: whoever may not see all of a row's areas does not see the row."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from geo_service.errors import AccessError
from geo_service.model.access import KEEPERS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from geo_service.model.access import Item, Principal, Role
    from geo_service.store.items import LedgerItems

SET_FIELD = "boundary_set"
"""Field of a row that speaks of areas: id of the set that they are members of."""
MEMBERS_FIELD = "members"
"""Field with their codes."""


class ItemRules(NamedTuple):
    """Say who may do what with the editable rows of a kind."""

    readers: frozenset[Role] = KEEPERS
    writers: frozenset[Role] = KEEPERS
    scoped: bool = False
    """Whether each row speaks of the members MEMBERS_FIELD of the set SET_FIELD."""


class ScopedItems:
    """Keep the editable rows of one kind for somebody, as far as their role and their areas go."""

    def __init__(
        self,
        items: LedgerItems,
        rules: ItemRules,
        principal: Principal,
        seen: Callable[[], Mapping[str, frozenset[str]]],
    ) -> None:
        """Wrap the rows of the ledger; seen: codes of the members that may be seen, by set, where not all may be."""
        self._items = items
        self._writes = principal.may(rules.writers)
        self._seen = seen if rules.scoped and principal.areas is not None else None

    def get(self, item_id: str) -> Item:
        """Return one; raise NotFoundError, in the same words for one that may not be seen."""
        item = self._items.get(item_id)
        if not self._may_see(item.content, self._codes()):
            raise self._items.unknown(item_id)
        return item

    def all(self, prefix: str = "") -> Sequence[Item]:
        """List those that may be seen by id; prefix: only those whose id begins so."""
        codes = self._codes()
        return [item for item in self._items.all(prefix) if self._may_see(item.content, codes)]

    def add_all(self, rows: Mapping[str, Mapping[str, object]]) -> Sequence[str]:
        """Write new rows (see `LedgerItems.add_all`); raises AccessError too, and NotFoundError, writing none."""
        for item_id, content in rows.items():
            self._refuse(item_id, content)
        return self._items.add_all(rows)

    def put(self, item_id: str, content: Mapping[str, object], *, version: int | None) -> Item:
        """Write one (see `LedgerItems.put`); raises AccessError too, and NotFoundError for what may not be seen."""
        self._refuse(item_id, content)
        return self._items.put(item_id, content, version=version)

    def remove(self, item_id: str, *, version: int | None) -> None:
        """Take one away (see `LedgerItems.remove`); raises AccessError too."""
        self._refuse(item_id, None)
        self._items.remove(item_id, version=version)

    def _refuse(self, item_id: str, content: Mapping[str, object] | None) -> None:
        """Refuse an edit of what may not be seen, as it is or as it would be.

        What is looked at here is the row of some version; the edit is applied to the version that it names alone, so
        that no later one can slip in between, and the areas of a row never change.
        """
        if not self._writes:
            raise AccessError("This is not for your role", do="Ask a sergeant or an analyst")
        if self._seen is None:
            return
        codes = self._codes()
        held = self._items.find(item_id)
        beyond = content is not None and not self._may_see(content, codes)
        if beyond or (held is not None and not self._may_see(held.content, codes)):
            raise self._items.unknown(item_id)

    def _codes(self) -> Mapping[str, frozenset[str]]:
        return {} if self._seen is None else self._seen()

    def _may_see(self, content: Mapping[str, object], codes: Mapping[str, frozenset[str]]) -> bool:
        if self._seen is None:
            return True
        members, known = content.get(MEMBERS_FIELD), codes.get(str(content.get(SET_FIELD)), frozenset())
        # What names no area is of the whole force.
        return isinstance(members, list) and bool(members) and known.issuperset(members)
