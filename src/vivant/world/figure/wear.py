"""What each garment covers, and in which of an individual's colours."""

from __future__ import annotations

from dataclasses import dataclass, replace

from vivant.world.cast import Individual
from vivant.world.kinds import DRESSED

BARE, SHORT, LONG = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Wear:
    """One outfit. Roles are attributes of `Individual` that name a colour.

    Attributes:
        top: role of the garment on the torso, "" for none.
        sleeves, trousers: `BARE`, `SHORT` or `LONG`.
        sleeve, trouser: their roles.
        hem: where a skirt ends: 0 none, 1 the knee, 2 the sole.
        skirt: its role.
        shod: whether in shoes.
    """

    top: str = ""
    sleeves: int = BARE
    sleeve: str = "clothing_colour"
    trousers: int = BARE
    trouser: str = "clothing_colour"
    hem: float = 0.0
    skirt: str = "clothing_colour"
    shod: bool = False


_MAIN, _CLOTH, _SECOND = "colour", "clothing_colour", "second"
_BARE_WEAR = Wear()
_ANIMAL = {
    "none": _BARE_WEAR,
    "jumper": Wear(_CLOTH, LONG),
    "striped jumper": Wear(_CLOTH, LONG),
    "dungarees": Wear(_CLOTH, trousers=LONG),
    "dress": Wear(_CLOTH, SHORT, hem=0.85),
    "waistcoat": Wear(_CLOTH),
    "space suit": Wear(_CLOTH, LONG, trousers=LONG, shod=True),
}
_ADULT = {
    "shirt": Wear(_CLOTH, SHORT, trousers=LONG, trouser=_SECOND, shod=True),
    "jumper": Wear(_CLOTH, LONG, trousers=LONG, trouser=_SECOND, shod=True),
    "dungarees": Wear(_CLOTH, SHORT, sleeve=_SECOND, trousers=LONG, shod=True),
    "waistcoat": Wear(_CLOTH, LONG, sleeve="shirt", trousers=LONG, trouser=_SECOND, shod=True),
    "suit": Wear(_CLOTH, LONG, trousers=LONG, shod=True),
    "dress": Wear(_CLOTH, SHORT, hem=0.95, shod=True),
    "long dress": Wear(_CLOTH, SHORT, hem=1.6, shod=True),
    "skirt": Wear(_CLOTH, SHORT, hem=0.95, skirt=_SECOND, shod=True),
}
_CHILD = {
    **_ADULT,
    "shirt": replace(_ADULT["shirt"], trousers=SHORT),
    "jumper": replace(_ADULT["jumper"], trousers=SHORT),
    "waistcoat": replace(_ADULT["waistcoat"], trousers=SHORT),
}
_SOLDIER = Wear(_MAIN, LONG, sleeve=_MAIN, trousers=LONG, trouser=_SECOND, shod=True)
_OF_KIND = {
    "toy soldier": {"none": _SOLDIER},
    "man": _ADULT,
    "woman": _ADULT,
    "boy": _CHILD,
    "girl": _CHILD,
    "rag doll": _CHILD,
}


def wear_of(one: Individual) -> Wear:
    """What that individual wears."""
    return _OF_KIND.get(one.kind, _ANIMAL)[one.clothing]


def is_dressed(one: Individual) -> bool:
    """Whether its pattern is on its clothes rather than on its coat."""
    return one.kind in DRESSED
