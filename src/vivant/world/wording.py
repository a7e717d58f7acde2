"""What an individual looks like, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vivant.world.cast import Individual

LONGEST = 14
"""Words that a phrase may have."""

_SKINS = {"fair": "pale", "peach": "light", "bronze": "tan", "umber": "brown", "ebony": "dark brown"}
_PATTERNS = {
    "spots": "{} spots",
    "stripes": "{} stripes",
    "patches": "{} patches",
    "patched": "sewn-on {} patches",
    "socks": "{} paws",
    "mask": "a {} mask",
    "crescent": "a {} crescent",
    "checks": "{} checks",
    "heart": "a {} heart",
    "panel": "{} buttons",
    "screen": "a {} screen",
    "bolts": "{} bolts",
    "cross belt": "a {} cross belt",
    "sash": "a {} sash",
    "buttons": "{} buttons",
    "tie": "a {} tie",
}
_PRINTED = {"stripes": "striped", "spots": "spotted", "checks": "checked"}
_CLOTHES = {
    "jumper": "a {} jumper",
    "striped jumper": "a {} striped jumper",
    "shirt": "a {} shirt",
    "dungarees": "{} dungarees",
    "dress": "a {} dress",
    "long dress": "a long {} dress",
    "skirt": "a {} blouse",
    "waistcoat": "a {} waistcoat",
    "suit": "a {} suit",
    "space suit": "a {} space suit",
}
_ACCESSORIES = {"glasses": "{} glasses", "earrings": "{} earrings"}
_CRESTS: dict[tuple[str, str], str] = {
    ("cat", "big"): "big ears",
    ("cat", "folded"): "folded {} ears",
    ("dog", "floppy"): "floppy {} ears",
    ("dog", "long"): "long {} ears",
    ("dog", "tipped"): "folded {} ears",
    ("dog", "one up"): "one {} ear up",
    ("fox", "pointed"): "{} ear tips",
    ("fox", "big"): "big {} ear tips",
    ("rabbit", "spread"): "wide ears",
    ("rabbit", "bent"): "a bent ear",
    ("lion", "round"): "a {} mane",
    ("lion", "shaggy"): "a shaggy {} mane",
    ("lion", "curly"): "a curly {} mane",
    ("penguin", "tuft"): "a {} tuft",
    ("penguin", "plumes"): "{} plumes",
    ("teddy bear", "big"): "big {} ears",
    ("plush bunny", "hanging"): "hanging {} ears",
    ("plush bunny", "one up"): "one {} ear up",
    ("robot", "antenna"): "a {} antenna",
    ("robot", "two antennae"): "two {} antennae",
    ("robot", "knobs"): "{} knobs",
    ("robot", "dish"): "a {} dish",
    ("monster", "horns"): "{} horns",
    ("monster", "one horn"): "a {} horn",
    ("monster", "spikes"): "{} spikes",
    ("monster", "tufts"): "{} tufts",
    ("alien", "antenna"): "a {} antenna",
    ("alien", "two antennae"): "two {} antennae",
    ("alien", "springs"): "{} star antennae",
    ("alien", "fins"): "{} fins",
    ("toy soldier", "bearskin"): "a {} bearskin",
    ("toy soldier", "shako"): "a {} shako",
    ("toy soldier", "helmet"): "a {} helmet",
}
_HAIR = {
    "pigtails": "{} pigtails",
    "braids": "{} braids",
    "bun": "a {} bun",
    "ponytail": "a {} ponytail",
    "bob": "a {} bob",
    "waves": "wavy {} hair",
    "mop": "a {} mop of hair",
    "fringe": "straight {} hair",
    "parted": "parted {} hair",
}
_MOUTHS = {"beard": "a {} beard", "moustache": "a moustache", "fangs": "fangs", "tongue": "a tongue out"}
_PEOPLE = frozenset(("boy", "girl", "man", "woman", "rag doll"))
_PAWLESS = frozenset(("frog", "monster", "alien"))


def attributes(one: Individual) -> list[str]:
    """Phrases for all that can be said of it, the most telling first; the colour of a coat comes first of all."""
    said = _telling(one)
    said.append(one.physique if one.physique != "usual" else "")
    said.append("freckles" if one.cheeks == "freckles" else "")
    if one.kind in _PEOPLE:
        said.append(f"{_SKINS.get(one.colour, one.colour)} skin")
    return [words for words in said if words]


def phrase(one: Individual, most: int) -> str:
    """With its article, and at most that many attributes and `LONGEST` words."""
    chosen = _telling(one)
    coat = "" if one.kind in _PEOPLE else chosen.pop(0)
    size = one.physique if one.physique != "usual" and most > 1 else ""
    head = " ".join(word for word in (size, coat, one.kind) if word)
    words = _a(head)
    room, left = LONGEST - len(words.split()) - 1, most - bool(coat) - bool(size)
    kept: list[str] = []
    for attribute in chosen:
        length = len(attribute.split()) + (1 if len(kept) == 1 else 0)  # "and" comes with the second
        if left > 0 and length <= room:
            kept.append(attribute)
            room, left = room - length, left - 1
    if not kept:
        return words
    listed = kept[0] if len(kept) == 1 else f"{', '.join(kept[:-1])} and {kept[-1]}"
    return f"{words} with {listed}"


def _a(words: str) -> str:
    return f"{'an' if words[0] in 'aeiou' else 'a'} {words}"


def _fill(template: str, colour: str) -> str:
    """The template with the colour in it, and the article that goes with it."""
    words = template.format(colour)
    return _a(words[2:]) if words.startswith("a ") else words


def _telling(one: Individual) -> list[str]:
    said = _person(one) if one.kind in _PEOPLE else _creature(one)
    said.append(_fill(_MOUTHS.get(one.mouth, ""), one.crest_colour))
    if one.eye_colour not in ("none", "black"):
        said.append(f"{one.eye_colour} eyes")
    return [words for words in said if words]


def _creature(one: Individual) -> list[str]:
    crest = _fill(_CRESTS.get((one.kind, one.crest), ""), one.crest_colour)
    second = _second(one)
    return [one.colour, _pattern(one), _clothes(one), _accessory(one), crest, second]


def _person(one: Individual) -> list[str]:
    hair = _fill(_HAIR.get(one.crest, f"{one.crest} {{}} hair"), one.crest_colour)
    if one.crest == "bald":
        hair = "a bald head"
    return [hair, _clothes(one), _accessory(one), *_below(one)]


def _below(one: Individual) -> list[str]:
    """Trousers or skirt, and what is printed on the garment, where the garment's own phrase does not say it."""
    said = [_pattern(one)] if one.pattern in ("heart", "tie") else []
    if one.clothing == "skirt":
        said.append(_a(f"{one.second} skirt"))
    elif one.clothing in ("jumper", "shirt", "waistcoat"):
        said.append(f"{one.second} {'trousers' if one.kind == 'man' else 'shorts'}")
    return said


def _pattern(one: Individual) -> str:
    if one.pattern == "socks" and one.kind in _PAWLESS:
        return f"{one.pattern_colour} hands and feet"
    if one.pattern == "socks" and one.kind == "penguin":
        return f"{one.pattern_colour} flippers"
    return _fill(_PATTERNS.get(one.pattern, ""), one.pattern_colour)


def _clothes(one: Individual) -> str:
    colour = one.clothing_colour
    if one.kind in _PEOPLE and one.pattern in _PRINTED:
        colour = f"{_PRINTED[one.pattern]} {colour} and {one.pattern_colour}"
    return _fill(_CLOTHES.get(one.clothing, ""), colour)


def _accessory(one: Individual) -> str:
    if one.accessory == "none":
        return ""
    return _fill(_ACCESSORIES.get(one.accessory, f"a {{}} {one.accessory}"), one.accessory_colour)


def _second(one: Individual) -> str:
    if one.kind == "robot":
        return _a(f"{one.second} face")
    if one.kind == "toy soldier":
        return f"{one.second} trousers"
    if one.kind == "alien":
        return _a(f"{one.second} belt") if one.clothing == "space suit" else ""
    return _a(f"{one.second} {'belly' if one.clothing == 'none' else 'face' if one.kind == 'penguin' else 'muzzle'}")
