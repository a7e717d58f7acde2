"""Words of English that hold a sentence together, as `vivant.relations.grammar` reads them."""

from __future__ import annotations


def word_set(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())


AUXILIARIES = word_set("is are was were am be been being get gets got getting")
MODALS = word_set("will would can could should must may might")
BEGINNING = word_set("about going trying starting beginning learning ready")
""" "is about to kiss", "is trying to hug"."""
DETERMINERS = word_set(
    """a an the another one two three four five six some this that these those his her its their my your our each
    every both"""
)
JOINING = word_set(
    """with without against to at on onto in into inside by of for from near beside behind under underneath beneath
    below above over around through across along down up off toward towards between among next opposite
    alongside after before during amid past"""
)
AND = word_set("and or &")
SUBORDINATE = word_set("while as because when who which that where")
CONJUNCTIONS = AND | SUBORDINATE | {"but"}
PRONOUNS = word_set("each it him her them himself herself itself themselves someone together")
ADVERBS = word_set("now also not all both just still always together happily very almost back")
NOT_ADVERBS = word_set("family butterfly belly jelly fly")
"""In -ly, and yet nouns."""
MANNERS = (
    *("back to back", "side by side", "face to face", "hand in hand", "arm in arm", "cheek to cheek", "nose to nose"),
    *("shoulder to shoulder", "head to head", "back-to-back", "side-by-side", "face-to-face"),
)
"""How two do something, before "with" where it is said of one of them."""
SPATIAL = (
    *("to the left of", "to the right of", "on the left of", "on the right of", "left of", "right of", "on top of"),
    *("on the back of", "on the shoulders of", "on the lap of", "in the arms of", "in front of", "next to", "close to"),
    *("across from", "opposite", "beside", "behind", "under", "underneath", "beneath", "below", "above", "over"),
    *("near", "alongside", "around", "between"),
)
"""Where one subject is from another."""
LEADING = ("with", "against", "towards", "toward", "after", "away from", "up to", "onto")
"""After any verb, to another subject."""
RIGHT_AFTER = word_set("on onto over into from")
"""After a verb they may lead to a subject, behind its object they lead to a place: "riding a bike on a road"."""
SCENERY = word_set(
    """mountain hill lake sea ocean river beach forest wood tree palm umbrella shade sky star moon moonlight sun
    sunset sunrise fire fireplace campfire bonfire window door house castle building tower bridge waterfall city
    street road wall fence stage crowd screen mirror volcano field garden table desk counter pond pool fountain
    background skyline barn chair bench sofa couch bed rug carpet floor ground grass rock sand snow swing mat
    blanket roof pier log hilltop rooftop terrace slope court playground lawn pavement porch deck stair step shore
    island cliff cloud throne stool cushion pillow"""
)
"""Heads of noun phrases that are places: "standing in front of the mountain" is no relation to the mountain."""
