"""The kinds of character and what may vary in each, as short lists of names."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from vivant.world.puppet import Build

Category: TypeAlias = Literal["animal", "plushie", "toy", "person", "cartoon"]
Names: TypeAlias = tuple[str, ...]

_FUR = ("ginger", "grey", "black", "white", "brown", "cream", "golden", "blue-grey", "chocolate", "lilac")
_TOY = ("red", "orange", "yellow", "green", "teal", "blue", "navy", "purple", "pink", "white", "mint", "sky-blue")
_CLOTH = ("red", "orange", "yellow", "green", "teal", "blue", "navy", "purple", "pink", "white")
_SOFT = ("white", "cream", "beige", "tan", "grey")
_SKIN = ("fair", "peach", "bronze", "umber", "ebony")
_HAIR = ("black", "chocolate", "brown", "rust", "ginger", "golden", "cream")
HATS = ("top hat", "party hat", "crown", "cap", "woolly hat")
"""Accessories that cover the top of the head."""
_HATS = (*HATS, "bow", "flower")
_WORN = ("none", "none", "none", "scarf", "bow tie", "glasses", "backpack")
_PET = ("none", "none", "scarf", "bow tie", "glasses", "backpack", "collar", *_HATS)
_OUTFITS = ("none", "none", "none", "jumper", "striped jumper", "dungarees", "dress", "waistcoat")
_COATS = ("plain", "spots", "stripes", "patches", "socks", "mask")
_PRINTS = ("plain", "stripes", "spots", "checks", "heart")
_EYES = ("dot", "dot", "bright", "bright", "big", "big", "sleepy", "happy")
_EYE_COLOURS = ("brown", "blue", "green", "golden", "teal")
_MOUTHS = ("smile", "open smile", "tongue")


_USUAL = Build()


@dataclass(frozen=True, slots=True)
class Kind:
    """What characters of one kind have in common. A name that stands twice in a list is twice as likely.

    Attributes:
        category: RelationBench's.
        build: the kind's usual proportions.
        colours: of fur, skin, cloth or shell.
        seconds: of belly and muzzle; for those in clothes, of trousers and shirt beneath; for machines, of the panel.
        patterns, pattern_colours: of the coat; for people, of the clothes.
        crests, crest_colours: what grows on the head: ears and their inside, hair, mane, horns, feelers.
        accessories: what is worn on head, face, neck or back.
        clothes: names.
        eyes, eye_colours, mouths, cheeks, brows: the face.
    """

    category: Category
    build: Build = _USUAL
    colours: Names = _FUR
    seconds: Names = _SOFT
    patterns: Names = _COATS
    pattern_colours: Names = ("white", "cream", "black", "chocolate", "grey", "rust", "golden")
    crests: Names = ("round",)
    crest_colours: Names = ("pink", "cream", "chocolate", "grey")
    accessories: Names = _PET
    clothes: Names = _OUTFITS
    eyes: Names = _EYES
    eye_colours: Names = _EYE_COLOURS
    mouths: Names = _MOUTHS
    cheeks: Names = ("rosy", "none", "freckles")
    brows: Names = ("none", "none", "soft", "bold")


_NONE = ("none",)
_CHILD = Build(head=0.2, head_width=1.06, height=0.95)
_ADULT = Build(head=0.168, head_width=1.02, torso=0.28, girth=0.135, arm=0.31, leg=0.26, limb=0.043, height=1.05)
_PLUSH = Build(head=0.215, torso=0.245, girth=0.15, arm=0.27, leg=0.19, limb=0.053, height=0.97)

_BOY = Kind(
    "person",
    _CHILD,
    colours=_SKIN,
    seconds=("navy", "blue", "brown", "beige", "grey", "green", "red", "charcoal"),
    patterns=_PRINTS,
    pattern_colours=("white", "yellow", "red", "navy", "sky-blue", "black"),
    crests=("short", "spiky", "curly", "fringe", "mop"),
    crest_colours=_HAIR,
    accessories=(*_WORN, "cap", "woolly hat", "party hat", "crown"),
    clothes=("jumper", "shirt", "dungarees", "waistcoat"),
    eyes=("dot", "bright", "big"),
    eye_colours=("brown", "blue", "green", "teal"),
    mouths=("smile", "open smile"),
)

KINDS: dict[str, Kind] = {
    "cat": Kind("animal", crests=("pointed", "big", "folded"), mouths=("smile", "open smile")),
    "dog": Kind(
        "animal",
        colours=("brown", "golden", "white", "black", "cream", "tan", "grey", "chocolate", "rust", "blue-grey"),
        patterns=("plain", "spots", "patches", "socks", "mask"),
        crests=("floppy", "long", "tipped", "one up"),
        crest_colours=("chocolate", "black", "rust", "white", "grey", "cream"),
    ),
    "fox": Kind(
        "animal",
        Build(girth=0.135),
        colours=("rust", "orange", "ginger", "white", "grey", "black", "golden", "blue-grey", "chocolate"),
        seconds=("white", "cream", "beige"),
        patterns=("plain", "socks", "socks", "stripes", "spots"),
        pattern_colours=("chocolate", "black", "white", "cream"),
        crests=("pointed", "big"),
        crest_colours=("chocolate", "black", "cream", "white"),
    ),
    "rabbit": Kind(
        "animal",
        Build(head=0.195, height=0.97),
        colours=("white", "grey", "brown", "cream", "beige", "black", "blue-grey", "golden", "lilac", "pink"),
        patterns=("plain", "spots", "patches", "socks", "mask"),
        crests=("upright", "spread", "bent"),
        crest_colours=("pink", "cream", "chocolate", "lilac"),
    ),
    "bear": Kind(
        "animal",
        Build(head=0.2, girth=0.168, limb=0.055),
        colours=("brown", "chocolate", "black", "white", "golden", "grey", "rust", "blue-grey", "tan"),
        seconds=("cream", "beige", "tan", "white", "grey"),
        patterns=("plain", "plain", "socks", "patches", "mask", "crescent"),
        crests=("round", "small"),
        crest_colours=("beige", "pink", "chocolate", "cream"),
    ),
    "lion": Kind(
        "animal",
        Build(head=0.19),
        colours=("golden", "tan", "cream", "ginger", "white", "yellow", "brown", "beige"),
        seconds=("white", "cream"),
        patterns=("plain", "spots", "socks", "stripes"),
        crests=("round", "shaggy", "curly"),
        accessories=("none", "none", "none", "glasses", "backpack", *_HATS),
        crest_colours=("rust", "chocolate", "brown", "orange", "black", "red"),
    ),
    "frog": Kind(
        "animal",
        Build(head=0.235, head_width=1.22, girth=0.15),
        colours=("green", "lime", "mint", "olive", "teal", "yellow", "orange", "red", "sky-blue"),
        seconds=("cream", "yellow", "white", "lime", "mint"),
        patterns=("plain", "spots", "stripes", "socks", "patches"),
        pattern_colours=("olive", "yellow", "teal", "black", "orange", "blue", "white"),
        crests=("plain",),
        eyes=("big", "sleepy", "bright"),
        eye_colours=("black", "brown", "golden", "red", "blue"),
    ),
    "penguin": Kind(
        "animal",
        Build(head=0.2, girth=0.17, leg=0.16, torso=0.29),
        colours=("black", "navy", "grey", "charcoal", "blue-grey", "chocolate", "teal", "purple"),
        seconds=("white", "cream", "yellow"),
        patterns=("plain", "spots", "socks", "stripes"),
        pattern_colours=("white", "yellow", "orange", "sky-blue", "black", "pink"),
        crests=("plain", "tuft", "plumes"),
        crest_colours=("yellow", "orange", "red", "white"),
        clothes=("none", "none", "none", "jumper", "striped jumper", "waistcoat"),
        mouths=("smile", "open smile"),
        brows=_NONE,
    ),
    "teddy bear": Kind(
        "plushie",
        _PLUSH,
        colours=("tan", "golden", "brown", "cream", "pink", "lilac", "sky-blue", "mint", "grey", "chocolate", "ginger"),
        patterns=("plain", "patched", "socks", "checks", "heart"),
        pattern_colours=("red", "blue", "green", "yellow", "purple", "orange", "white", "chocolate"),
        crests=("round", "big"),
        crest_colours=("cream", "beige", "pink", "chocolate", "red", "blue"),
        eyes=("button", "big button", "dot"),
        eye_colours=("black", "brown", "blue", "red", "green"),
        mouths=("smile", "stitched"),
    ),
    "plush bunny": Kind(
        "plushie",
        _PLUSH,
        colours=("pink", "cream", "white", "lilac", "sky-blue", "mint", "beige", "grey", "yellow", "tan"),
        seconds=("white", "cream", "pink", "beige", "yellow"),
        patterns=("plain", "patched", "socks", "spots", "heart"),
        pattern_colours=("red", "blue", "green", "yellow", "purple", "orange", "magenta", "teal"),
        crests=("hanging", "one up"),
        crest_colours=("pink", "white", "red", "blue", "yellow", "green", "purple"),
        eyes=("button", "big button", "dot"),
        eye_colours=("black", "brown", "blue", "red", "green"),
        mouths=("smile", "stitched"),
        cheeks=("rosy",),
    ),
    "robot": Kind(
        "toy",
        Build(head=0.19, head_width=1.16, limb=0.042),
        colours=("silver", "grey", "red", "blue", "yellow", "teal", "orange", "green", "purple", "mint", "charcoal"),
        seconds=("white", "charcoal", "yellow", "sky-blue", "cream", "navy"),
        patterns=("panel", "screen", "heart", "stripes", "bolts"),
        pattern_colours=("red", "yellow", "green", "blue", "orange", "magenta", "teal"),
        crests=("antenna", "two antennae", "knobs", "dish"),
        crest_colours=("red", "yellow", "green", "blue", "orange", "white"),
        accessories=("none", "none", "scarf", "bow tie", "backpack", "top hat", "party hat", "crown", "cap", "bow"),
        clothes=("none",),
        eyes=("lamps", "square", "visor"),
        eye_colours=("yellow", "sky-blue", "lime", "red", "white"),
        mouths=("smile", "grille"),
        cheeks=("rosy", "none"),
        brows=_NONE,
    ),
    "toy soldier": Kind(
        "toy",
        Build(head=0.168, head_width=1.0, torso=0.27, girth=0.132, leg=0.23, arm=0.29, height=0.95),
        colours=("red", "blue", "green", "navy", "purple", "teal", "orange", "magenta", "yellow"),
        seconds=("white", "navy", "black", "grey", "cream"),
        patterns=("cross belt", "sash", "buttons"),
        pattern_colours=("white", "yellow", "black", "golden", "sky-blue"),
        crests=("bearskin", "shako", "helmet"),
        crest_colours=("black", "navy", "red", "white", "green"),
        accessories=(*_WORN, "medal"),
        clothes=("none",),
        eyes=("dot", "bright"),
        mouths=("smile", "moustache"),
        cheeks=("rosy",),
        brows=_NONE,
    ),
    "rag doll": Kind(
        "toy",
        replace(_CHILD, head=0.21),
        colours=("peach", "fair", "beige", "bronze", "umber", "pink"),
        seconds=("white", "yellow", "red", "sky-blue", "mint", "pink"),
        patterns=("plain", "spots", "stripes", "checks", "heart"),
        pattern_colours=("white", "yellow", "red", "navy", "pink", "green"),
        crests=("pigtails", "bob", "braids", "mop"),
        crest_colours=("red", "orange", "yellow", "brown", "black", "pink", "purple", "blue"),
        accessories=("none", "none", "scarf", "backpack", "bow", "flower", "crown", "party hat", "woolly hat"),
        clothes=("dress", "dress", "dungarees"),
        eyes=("button", "big button"),
        eye_colours=("black", "brown", "blue", "green"),
        mouths=("smile", "open smile"),
        cheeks=("rosy",),
    ),
    "boy": _BOY,
    "girl": replace(
        _BOY,
        crests=("pigtails", "ponytail", "bob", "long", "braids"),
        accessories=(*_WORN, "bow", "flower", "crown", "party hat", "woolly hat"),
        clothes=("dress", "dress", "skirt", "skirt", "dungarees"),
    ),
    "man": replace(
        _BOY,
        build=_ADULT,
        crests=("short", "bald", "curly", "parted"),
        crest_colours=(*_HAIR, "grey", "silver"),
        accessories=(*_WORN, "top hat", "cap", "woolly hat", "party hat"),
        clothes=("shirt", "suit", "suit", "jumper", "waistcoat"),
        mouths=("beard", "beard", "moustache", "moustache", "stubble"),
        cheeks=_NONE,
    ),
    "woman": replace(
        _BOY,
        build=replace(_ADULT, girth=0.122, height=1.02),
        crests=("bun", "long", "waves", "bob"),
        crest_colours=(*_HAIR, "grey", "silver"),
        accessories=(*_WORN, "bow", "flower", "crown", "earrings", "earrings"),
        clothes=("long dress", "long dress", "skirt", "suit"),
    ),
    "monster": Kind(
        "cartoon",
        Build(head=0.22, head_width=1.2, girth=0.175, limb=0.052, torso=0.25, leg=0.18),
        colours=("purple", "blue", "green", "teal", "orange", "magenta", "red", "lime", "yellow", "sky-blue", "pink"),
        seconds=("lime", "yellow", "lilac", "mint", "pink", "orange", "cream", "sky-blue"),
        patterns=("plain", "spots", "stripes", "socks", "patches"),
        pattern_colours=("purple", "yellow", "lime", "orange", "navy", "pink", "teal", "white"),
        crests=("horns", "one horn", "spikes", "tufts"),
        crest_colours=("cream", "yellow", "orange", "magenta", "lime", "navy", "white"),
        clothes=("none", "none", "none", "dungarees", "waistcoat", "striped jumper"),
        eyes=("big", "three", "sleepy"),
        mouths=("fangs", "teeth", "open smile"),
    ),
    "alien": Kind(
        "cartoon",
        Build(head=0.225, head_width=1.08, girth=0.115, limb=0.036, leg=0.21),
        colours=("green", "mint", "lime", "lilac", "purple", "sky-blue", "teal", "grey", "pink", "yellow"),
        seconds=("silver", "white", "cream", "navy", "orange", "magenta"),
        patterns=("plain", "spots", "stripes", "socks"),
        pattern_colours=("teal", "yellow", "magenta", "purple", "white", "orange", "navy"),
        crests=("two antennae", "antenna", "springs", "fins"),
        crest_colours=("yellow", "magenta", "red", "orange", "sky-blue", "lime"),
        clothes=("none", "space suit", "space suit"),
        eyes=("almond", "almond", "big"),
        eye_colours=("black", "navy", "purple", "teal", "magenta"),
        mouths=("smile", "open smile"),
        brows=_NONE,
    ),
}
"""Noun to kind, in RelationBench's categories."""

DRESSED = frozenset(("boy", "girl", "man", "woman", "rag doll", "toy soldier"))
"""Kinds whose pattern is on their clothes, not on a coat."""
CLOTH_COLOURS = _CLOTH
"""Of clothes and accessories."""
