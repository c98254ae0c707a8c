"""Editable rows that speak of areas or stand somewhere: whoever may not look there does not see the row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from geo_service.errors import AccessError, GeoServiceError
from geo_service.model.access import KEEPERS
from geo_service.safe_places.spots import spots

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from geo_service.model.access import Item, Principal, Role
    from geo_service.store.items import LedgerItems
    from geo_service.store.scoped import ScopedSnapshot

    Content: TypeAlias = Mapping[str, Any]
    Sees: TypeAlias = Callable[[Sequence[Content]], Sequence[bool]]
    """Tells of the contents of rows which may be seen."""

SET_FIELD = "boundary_set"
"""Field of a row that speaks of areas: id of the set that they are members of."""
MEMBERS_FIELD = "members"
"""Field with their codes."""
APPROVED_FIELD = "approved"
"""Field of a row that stands somewhere, with what was approved of it."""


class ItemRules(NamedTuple):
    """Say who may do what with the editable rows of a kind."""

    readers: frozenset[Role] = KEEPERS
    writers: frozenset[Role] = KEEPERS
    scoped: bool = False
    """Whether each row speaks of the members MEMBERS_FIELD of the set SET_FIELD."""
    located: bool = False
    """Whether each row stands at a position or a postcode, and so does what is in its field APPROVED_FIELD."""


def by_members(seen: Callable[[], Mapping[str, frozenset[str]]]) -> Sees:
    """See rows all of whose members may be seen; seen: their codes, by boundary set."""

    def sees(contents: Sequence[Content]) -> Sequence[bool]:
        codes = seen()
        return [_within(content, codes) for content in contents]

    return sees


def _within(content: Content, codes: Mapping[str, frozenset[str]]) -> bool:
    members, known = content.get(MEMBERS_FIELD), codes.get(str(content.get(SET_FIELD)), frozenset())
    # What names no area is of the whole force.
    return isinstance(members, list) and bool(members) and known.issuperset(members)


def by_position(snapshot: Callable[[], ScopedSnapshot]) -> Sees:
    """See rows that stand where one may look, as they are written and as they were approved.

    What stands nowhere that is known is of the whole force.
    """

    def sees(contents: Sequence[Content]) -> Sequence[bool]:
        now = snapshot()
        postcodes = now.postcodes()
        written = now.inside(spots(contents, postcodes))
        approved = [content.get(APPROVED_FIELD) for content in contents]
        standing = now.inside(spots([said or {} for said in approved], postcodes))
        return [
            bool(here and (there or said is None))
            for here, there, said in zip(written, standing, approved, strict=True)
        ]

    return sees


class ScopedItems:
    """Keep the editable rows of one kind for somebody, as far as their role and their areas go."""

    def __init__(self, items: LedgerItems, rules: ItemRules, principal: Principal, sees: Sees | None) -> None:
        """Wrap the rows of the ledger; sees: which rows may be seen, None for all."""
        self._items = items
        self._writes = principal.may(rules.writers)
        self._located = rules.located
        self._sees = sees

    def get(self, item_id: str) -> Item:
        """Return one; raise NotFoundError, in the same words for one that may not be seen."""
        item = self._items.get(item_id)
        if not self._may_see([item.content])[0]:
            raise self._items.unknown(item_id)
        return item

    def all(self, prefix: str = "") -> Sequence[Item]:
        """List those that may be seen by id; prefix: only those whose id begins so."""
        held = self._items.all(prefix)
        seen = self._may_see([item.content for item in held])
        return [item for item, here in zip(held, seen, strict=True) if here]

    def add_all(self, rows: Mapping[str, Mapping[str, object]]) -> Sequence[str]:
        """Write new rows (see `LedgerItems.add_all`); raises AccessError too, and NotFoundError, writing none.

        A row that is there and may not be seen is left as it is, like any other.
        """
        self._refuse_readers()
        for item_id, here in zip(rows, self._may_see(list(rows.values())), strict=True):
            if not here:
                raise self._beyond(item_id)
        return self._items.add_all(rows)

    def put(self, item_id: str, content: Mapping[str, object], *, version: int | None) -> Item:
        """Write one (see `LedgerItems.put`); raises AccessError too, and NotFoundError for what may not be seen."""
        self._refuse(item_id, content)
        return self._items.put(item_id, content, version=version)

    def remove(self, item_id: str, *, version: int | None) -> None:
        """Take one away (see `LedgerItems.remove`); raises AccessError too."""
        self._refuse(item_id, None)
        self._items.remove(item_id, version=version)

    def _refuse(self, item_id: str, content: Content | None) -> None:
        """Refuse an edit of what may not be seen, as it is or as it would be.

        What is looked at here is the row of some version; the edit is applied to the version that it names alone, so
        that no later one can slip in between.
        """
        self._refuse_readers()
        if self._sees is None:
            return
        held = self._items.find(item_id)
        if held is not None and not self._may_see([held.content])[0]:
            raise self._items.unknown(item_id)
        if content is not None and not self._may_see([content])[0]:
            raise self._beyond(item_id)

    def _refuse_readers(self) -> None:
        if not self._writes:
            raise AccessError("This is not for your role", do="Ask somebody whose role it is")

    def _beyond(self, item_id: str) -> GeoServiceError:
        """Return what is said of a row that would lie beyond: of one that stands somewhere, that it does not here."""
        if not self._located:
            return self._items.unknown(item_id)
        return AccessError(
            "That is outside your areas, or nobody knows where it is", found=item_id,
            do="Give a postcode or a position within your areas, or ask somebody of the whole force", field="postcode",
        )  # fmt: skip

    def _may_see(self, contents: Sequence[Content]) -> Sequence[bool]:
        return [True] * len(contents) if self._sees is None else self._sees(contents)
