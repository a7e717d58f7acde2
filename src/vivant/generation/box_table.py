"""Where subjects are, relation by relation: measured boxes, and which verbs they are used for. Numbers, no rules."""

from __future__ import annotations

Rectangle = tuple[float, float, float, float]
"""x0, y0, x1, y1 in units of the picture's height."""

# Mean boxes of what is seen of each subject in 300 scenes a relation of `vivant.world` (900 of "standing"), at 64 x 64
# pixels and seed 0, as scripts/measure_boxes.py --scenes 300 prints them. Of two, the first is on the left.
MEASURED: dict[str, tuple[Rectangle, ...]] = {
    "playing guitar": ((0.29, 0.24, 0.71, 0.92),),
    "playing piano": ((0.31, 0.31, 0.69, 0.88),),
    "eating dinner": ((0.28, 0.26, 0.72, 0.91),),
    "dancing": ((0.26, 0.27, 0.74, 0.92),),
    "lifting weights": ((0.27, 0.25, 0.73, 0.92),),
    "reading a book": ((0.29, 0.25, 0.71, 0.84),),
    "skiing": ((0.3, 0.19, 0.7, 0.79),),
    "sleeping in a hammock": ((0.23, 0.4, 0.77, 0.86),),
    "cooking": ((0.3, 0.26, 0.7, 0.93),),
    "singing": ((0.22, 0.24, 0.78, 0.92),),
    "riding a bike": ((0.3, 0.2, 0.7, 0.81),),
    "riding a horse": ((0.33, 0.17, 0.67, 0.74),),
    "riding a motorbike": ((0.3, 0.21, 0.7, 0.77),),
    "playing soccer": ((0.25, 0.27, 0.75, 0.91),),
    "playing chess with": ((0.12, 0.32, 0.44, 0.87), (0.57, 0.32, 0.88, 0.87)),
    "partner dancing with": ((0.13, 0.34, 0.52, 0.92), (0.47, 0.33, 0.87, 0.92)),
    "carrying": ((0.24, 0.32, 0.58, 0.93), (0.23, 0.41, 0.81, 0.82)),
    "fencing with": ((0.11, 0.4, 0.47, 0.93), (0.53, 0.39, 0.89, 0.93)),
    "shaking hands with": ((0.15, 0.32, 0.52, 0.92), (0.48, 0.32, 0.85, 0.92)),
    "kissing": ((0.15, 0.3, 0.52, 0.93), (0.46, 0.31, 0.85, 0.93)),
    "playing basketball with": ((0.15, 0.38, 0.52, 0.88), (0.48, 0.38, 0.85, 0.88)),
    "wrestling with": ((0.13, 0.42, 0.57, 0.92), (0.43, 0.42, 0.87, 0.92)),
    "hugging": ((0.2, 0.28, 0.7, 0.92), (0.31, 0.28, 0.8, 0.92)),
    "fighting with": ((0.16, 0.35, 0.5, 0.92), (0.49, 0.35, 0.84, 0.92)),
    "sitting back to back with": ((0.19, 0.38, 0.55, 0.93), (0.45, 0.38, 0.81, 0.92)),
    "standing": ((0.28, 0.22, 0.72, 0.92),),
    "standing next to": ((0.11, 0.27, 0.49, 0.9), (0.5, 0.27, 0.88, 0.9)),
}
"""In the order of the sentence: the first one does it to the second."""


def _table(text: str) -> dict[str, frozenset[str]]:
    lines = [line.split(": ") for line in text.strip().splitlines()]
    return {relation: frozenset(words.split()) for relation, words in lines}


ALONE = _table("""
sleeping in a hammock: hammock sleep lie nap rest lounge
riding a horse: horse pony donkey camel elephant
riding a motorbike: motorbike motorcycle scooter moped tractor drive
riding a bike: ride cycle bike bicycle unicycle tricycle tandem
playing piano: piano organ keyboard
playing guitar: guitar violin cello banjo ukulele harp drum saxophone trumpet flute
playing soccer: soccer football basketball tennis ball run jump kick skip jog hop juggle throw catch
skiing: ski snowboard surf skateboard skate sled
eating dinner: eat drink dine
reading a book: read sit study write draw kneel crouch meditate knit
lifting weights: lift exercise
cooking: cook bake stir roast
singing: sing perform
dancing: dance waltz tango cheer celebrate
""")
"""Relation of one subject to words, in their base form, of predicates that get its box; the first one that fits."""
TWO = _table("""
sitting back to back with: back back-to-back
playing chess with: chess checkers draughts cards poker eat drink dine dinner
fencing with: fence duel sword
playing basketball with: basketball football soccer volleyball tennis badminton ball frisbee throw juggle
shaking hands with: shake high-five greet meet bow toast clink bump
partner dancing with: dance waltz tango
carrying: carry cradle lift hoist rescue piggyback
kissing: kiss nuzzle lick whisper
wrestling with: wrestle tackle pin grapple tickle
fighting with: fight box punch battle spar attack kick slap argue bite scratch
hugging: hug embrace cuddle snuggle squeeze comfort
""")
"""The same of two subjects."""
APART = frozenset(
    """admire approach chase cheer face feed follow guard guide help lead look love paint photograph race scold serenade
    stalk surround tease teach thank tow visit walk watch welcome draw hunt see""".split()  # noqa: SIM905
)
"""Verbs that take another subject as their object and yet do not touch it."""
TOUCHING = frozenset(("hugging", "kissing", "wrestling with", "carrying", "sitting back to back with"))
"""Relations in which the neighbours in a row of three or more overlap, too."""
