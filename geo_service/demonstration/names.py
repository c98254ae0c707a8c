"""Words for an invented place: nobody can take them for a real borough."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from numpy.random import Generator

BOROUGH: Final = "Nonesuch Borough"
BOROUGH_CODE: Final = "X98000001"
TOWN: Final = "Nonesuch"
HIGH_STREET: Final = "Nonesuch High Street"

WARDS: Final = (
    ("X99000001", "Nonesuch Market"),
    ("X99000002", "Lanternby"),
    ("X99000003", "Quillholt"),
    ("X99000004", "Kettlewick"),
    ("X99000005", "Fiddlestow"),
    ("X99000006", "Pebblemere"),
    ("X99000007", "Upper Gossamer"),
    ("X99000008", "Thimblecombe"),
    ("X99000009", "Marrowfleet"),
)
"""Codes and names: the middle, five wards of the town counter-clockwise from east, three of the country."""

TEAMS: Final = (
    ("NSUCH-T1", "Nonesuch Central team", ("X99000001", "X99000002", "X99000003")),
    ("NSUCH-T2", "Nonesuch West team", ("X99000004", "X99000005", "X99000008")),
    ("NSUCH-T3", "Nonesuch Fringe team", ("X99000006", "X99000007", "X99000009")),
)
"""Neighbourhood teams: code, name, codes of their wards."""

RIVER: Final = "River Inkle"
PARKS: Final = ("Candle Meadows", "Gossamer Park", "Otterspool Green", "Hobnail Common", "Bellows Recreation Ground")

WOODS: Final = (
    "Bramble Wood", "Larch Covert", "Quillholt Wood", "Otter Spinney", "Nettle Copse", "Saddle Wood", "Russet Copse",
    "Marrow Wood", "Gossamer Woods", "Teasel Spinney", "Fiddle Copse", "Hollow Wood",
)  # fmt: skip

_FIRST: Final = (
    "Almond", "Anvil", "Barley", "Bellows", "Bobbin", "Bramble", "Button", "Candle", "Cobble", "Copper",
    "Dapple", "Feather", "Fiddle", "Ginger", "Gossamer", "Hobnail", "Hollow", "Inkle", "Jangle",
    "Kettle", "Lantern", "Larch", "Mallow", "Marrow", "Mitten", "Mulberry", "Nettle", "Nimble", "Otter", "Paddle",
    "Pebble", "Pepper", "Pickle", "Pipkin", "Quill", "Quince", "Ramble", "Russet", "Saddle", "Sorrel", "Spindle",
    "Tallow", "Tansy", "Teasel", "Thimble", "Tinder", "Treacle", "Tumble", "Umber", "Velvet", "Wicker",
    "Willow", "Yarrow", "Zephyr",
)  # fmt: skip
_SECOND: Final = (
    "", "", "", "bourne", "bridge", "by", "combe", "croft", "field", "fleet", "gate", "ham", "holt", "hurst", "ley",
    "mere", "moor", "shaw", "stow", "thorpe", "wick", "worth",
)  # fmt: skip
SUFFIXES: Final = {
    "primary": ("Road",),
    "secondary": ("Road", "Way", "Lane"),
    "centre": ("Street", "Street", "Lane", "Row", "Yard"),
    "residential": ("Road", "Street", "Avenue", "Drive", "Road", "Grove", "Gardens", "Crescent"),
    "link": ("Street", "Place", "Walk", "Terrace", "Rise"),
    "close": ("Close", "Court", "Mews", "End"),
    "industrial": ("Way", "Works", "Wharf"),
    "lane": ("Lane",),
}


class Namer:
    """Give out street names, none of them twice."""

    def __init__(self, rng: Generator) -> None:
        stems = sorted({first + second for first in _FIRST for second in _SECOND})
        self._stems = [stems[index] for index in rng.permutation(len(stems))]
        self._rng = rng

    def street(self, kind: str) -> str:
        """Return a new name with an ending that suits the kind of street, a key of SUFFIXES."""
        endings = SUFFIXES[kind]
        return f"{self._stems.pop()} {endings[int(self._rng.integers(len(endings)))]}"
