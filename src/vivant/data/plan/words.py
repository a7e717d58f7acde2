"""Names and nouns as plain words."""

from __future__ import annotations

from collections.abc import Iterator


def plain(name: str) -> str:
    """Lower case, words apart by one space, digits and punctuation gone: "Toy-Duck_2" -> "toy duck"."""
    kept = (character if character.isalpha() or character == "'" else " " for character in name.lower())
    return " ".join("".join(kept).replace("'s ", " ").replace("'", "").split())


_IRREGULAR = {"mice": "mouse", "geese": "goose", "people": "person", "men": "man", "women": "woman"}
_IRREGULAR |= {"children": "child", "knives": "knife", "wolves": "wolf", "leaves": "leaf", "shelves": "shelf"}
_IRREGULAR |= {"calves": "calf", "loaves": "loaf", "scarves": "scarf", "oxen": "ox", "teeth": "tooth", "feet": "foot"}


def singulars(phrase: str) -> Iterator[str]:
    """Forms that the phrase may be the plural of, likeliest first: "red berries" -> "red berry", "red berri" …"""
    *before, last = phrase.split(" ")
    forms = [_IRREGULAR.get(last, "")]
    if last.endswith("ies"):
        forms.append(last[:-3] + "y")
    if last.endswith("es"):
        forms.append(last[:-2])
    if last.endswith("s") and not last.endswith("ss"):
        forms.append(last[:-1])
    yield from (" ".join((*before, form)) for form in forms if form)
