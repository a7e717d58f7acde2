"""English verbs of what subjects do to each other, their forms, and the words that belong to them in a relation."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal

from vivant.relations.function_words import word_set

Form = Literal["base", "third", "ing", "past", "participle"]
"""hug (eat), hugs, hugging, hugged (ate), hugged (eaten)."""


def _table(text: str) -> dict[str, frozenset[str]]:
    """Lines "verbs: words", by verb."""
    entries = re.findall(r"^([^:\n]+):([^:]+)(?=\n[^:\n]+:|\Z)", text.strip(), re.MULTILINE)
    return {verb: word_set(words) for verbs, words in entries for verb in verbs.split()}


_REGULAR = """
admire adore approach argue attack bake balance battle bounce bow box brush bump bury care carry celebrate chase chat
cheer clap clean climb clink comfort compete cook cradle crawl crouch cuddle cycle dance decorate dine dip dive drag
duel embrace enter examine exchange exercise explore face fence fish float follow gallop gaze giggle glance greet grip
groom guard guide hand help high-five hike hoist hop hug hunt hurry invite jog join juggle jump kick kiss lasso laugh
launch lean lick lift link listen lock look lounge love march massage meditate nap nudge nuzzle offer paddle paint
pass pat perch perform pet photograph pick pin pinch play point poke pose practice practise pray propose protect pull
punch push race raise rake relax rescue rest roast roll row rub sail salute scold scratch serenade share shout skate
skateboard ski skip slap slide smile sneak sniff snuggle soak spar splash squeeze stack stalk stare stir stretch
stroll study surf surprise surround tackle talk tango tap tease thank tickle tidy tie tiptoe toast toss touch tow tug
visit waddle wait walk waltz wash watch water wave welcome whisper wink work wrap wrestle yawn
"""
_IRREGULAR = """
ride rode ridden, hold held held, sit sat sat, stand stood stood, lie lay lain, sing sang sung, read read read, eat
ate eaten, sleep slept slept, give gave given, take took taken, throw threw thrown, fight fought fought, shake shook
shaken, catch caught caught, swim swam swum, swing swung swung, feed fed fed, lead led led, drive drove driven, draw
drew drawn, write wrote written, teach taught taught, bite bit bitten, run ran run, fly flew flown, make made made,
wear wore worn, hide hid hidden, build built built, tell told told, meet met met, do did done, drink drank drunk, beat
beat beaten, hang hung hung, bring brought brought, sell sold sold, buy bought bought, hit hit hit, spin spun spun,
kneel knelt knelt, win won won, lend lent lent, sweep swept swept, have had had, blow blew blown, dig dug dug, knit
knitted knitted, spread spread spread, seek sought sought, leap leapt leapt, steal stole stolen, show showed shown
"""
_SEATED = {"seated": "sit"}
"""A participle that is no form of the verb it stands for."""

ANY = "*"
_OBJECTS = """
play cook bake paint draw read write sing do perform have make take practise practice build drink stir roast: *
share wear: *
eat: dinner breakfast lunch supper meal food cake pizza spaghetti pasta noodle cream apple banana carrot sandwich soup
salad burger popcorn sushi cookie bread cheese fruit rice snack hay grass honey
ride: bike bicycle cycle tricycle unicycle tandem motorbike motorcycle scooter moped horse pony donkey camel skateboard
snowboard surfboard wave bus train tram car sled sledge carousel coaster rollercoaster broom broomstick carpet tractor
boat escalator
drive: car truck bus tractor train van boat kart
row sail paddle: boat canoe kayak raft yacht dinghy ship
fly: kite plane aeroplane airplane drone helicopter
lift raise hoist: weight dumbbell barbell kettlebell trophy glass flag
shake link join touch rub bump lock exchange clink: hand paw arm fist nose horn glass gift present ring look
hold: hand paw umbrella balloon sign flag flower bouquet camera microphone candle lantern sword
watch: television tv movie film sunset sunrise star firework game
throw toss kick catch hit bounce pass: ball football basketball baseball volleyball frisbee snowball stone
swing: sword bat racket club
climb: tree mountain ladder wall rope rock hill
wash clean: dish car window floor plate
blow: bubble kiss candle
brush: tooth hair
sweep: floor
dig: hole
"""
OBJECTS = _table(_OBJECTS)
"""Verb to heads of objects that belong to the relation ("riding a bike"; `ANY`: whatever is played), as others are
subjects ("hugging a dog")."""
HANDED_OVER = word_set("give throw show offer hand pass toss tell teach lend bring sell feed blow")
"""With "to", "at" or "for" after its object, whatever that is: "giving a piggyback ride to"."""
_PREPOSITIONS = """
look stare gaze glance smile wink laugh shout: at
wave point: at to
talk listen whisper bow tie: to
sing read: to for
cook bake make perform play paint: for
lean: on into
climb jump: on onto over
ride sit lie sleep perch kneel: on
care wait: for
run hide: from
"""
PREPOSITIONS = _table(_PREPOSITIONS)
"""Verb to prepositions that lead to another subject ("looking at"), not to a place."""
_PAIRED = """
dance: partner ballroom belly line tap break slow pole
skate: ice figure roller
wrestle: arm thumb sumo
ride: horse bike
climb: rock
ski: water
dive: scuba sky
fight: sword pillow snowball
lift: weight
"""
PAIRED = _table(_PAIRED)
"""Verb to words before it that make it another one: "partner dancing"."""
POSES = {
    "sleep": ("in a hammock", "in the hammock", "in bed"),
    "lie": ("in a hammock", "in the hammock"),
    "rest": ("in a hammock", "in the hammock"),
    "relax": ("in a hammock", "in the hammock"),
}
"""Where something is done, if the place is half of the pose."""
NOT_VERBS = word_set(
    """ring king wing string spring thing morning evening ceiling building clothing wedding lightning sling duckling
    sibling darling pudding earring during nothing something everything anything viking awning sterling herring
    gosling offspring railing stocking painting drawing"""
)
"""Nouns and prepositions in -ing."""
ALSO_NOUNS = word_set(
    """bow box brush bump cook dip face fence fish guard guide hand lock look love pet pin point pose race rake rock row
    sail slide study swing tap tie toast walk wash watch water wave work wrap fly draw bite"""
)
"""Verbs whose present is as often a noun ("with red bows"): any other verb is the likelier predicate."""
STATES = word_set("wear have")
"""Verbs that say what a subject looks like: any other verb is the likelier predicate."""
_VOWELS = "aeiou"


@lru_cache(maxsize=1)
def forms() -> dict[str, tuple[str, Form]]:
    """Every form of every verb of the tables, lower case, to its base form and what form it is."""
    found: dict[str, tuple[str, Form]] = {form: (verb, "participle") for form, verb in _SEATED.items()}
    for entry in _IRREGULAR.split(","):
        verb, past, participle = entry.split()
        found |= {participle: (verb, "participle"), past: (verb, "past"), **_present(verb)}
    for verb in _REGULAR.split():
        found |= {past_of(verb): (verb, "past"), **_present(verb)}
    return found


def lemma(word: str) -> str:
    """Base form of a verb of the tables ("hugging" -> "hug"), any other word in lower case."""
    known = forms().get(word.lower())
    return known[0] if known else word.lower()


def singulars(word: str) -> set[str]:
    """The word itself and what it may be the plural of."""
    found = {word}
    for ending, single in (("s", ""), ("es", ""), ("ies", "y"), ("ves", "f"), ("ves", "fe")):
        if word.endswith(ending) and not word.endswith("ss"):
            found.add(word.removesuffix(ending) + single)
    return found


def past_of(verb: str) -> str:
    """Regular past: "hugged", "danced", "carried"."""
    if verb.endswith("e"):
        return f"{verb}d"
    if verb.endswith("y") and verb[-2] not in _VOWELS:
        return f"{verb[:-1]}ied"
    return f"{_doubled(verb)}ed"


def _present(verb: str) -> dict[str, tuple[str, Form]]:
    if verb.endswith("ie"):
        going = f"{verb[:-2]}ying"
    elif verb.endswith("e") and not verb.endswith("ee"):
        going = f"{verb[:-1]}ing"
    else:
        going = f"{_doubled(verb)}ing"
    if verb.endswith("y") and verb[-2] not in _VOWELS:
        third = f"{verb[:-1]}ies"
    elif verb == "have":
        third = "has"
    else:
        third = f"{verb}es" if verb.endswith(("sh", "ch", "ss", "x", "z", "o")) else f"{verb}s"
    return {verb: (verb, "base"), third: (verb, "third"), going: (verb, "ing")}


def _doubled(verb: str) -> str:
    """With its last consonant twice after one short vowel: "hugg", "runn", but "look", "play"."""
    vowels = [letter in _VOWELS for letter in verb]
    short = sum(vowels) == 1 and len(verb) > 2 and vowels[-2] and verb[-1] not in "wxy"
    return verb + verb[-1] if short else verb
