"""Where the predicate of a caption is: a parser by rules, for sentences that say what subjects do.

It looks for the verb (after "is", or as in "hugs", "a cat hugging a dog", "carried by"), then for the words after it
that make it this relation and no other: an object that is no subject ("riding a bike"), how ("back to back"), and the
preposition that leads to the other subject ("with").
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from vivant.relations.function_words import (
    ADVERBS,
    AND,
    AUXILIARIES,
    BEGINNING,
    CONJUNCTIONS,
    DETERMINERS,
    JOINING,
    LEADING,
    MANNERS,
    MODALS,
    NOT_ADVERBS,
    PRONOUNS,
    RIGHT_AFTER,
    SCENERY,
    SPATIAL,
    SUBORDINATE,
)
from vivant.relations.verbs import (
    ALSO_NOUNS,
    ANY,
    HANDED_OVER,
    NOT_VERBS,
    OBJECTS,
    PAIRED,
    POSES,
    PREPOSITIONS,
    STATES,
    Form,
    forms,
    lemma,
    singulars,
)

_NOT_NOUNS = DETERMINERS | JOINING | CONJUNCTIONS
_AFTER_UNKNOWN = DETERMINERS | {"with", "to", "at"}
_SUBORDINATE, _FAINT = 3, 6
"""How much less likely a verb in a subordinate clause is, and one that may only say what a subject looks like."""
_WORD = re.compile(r"[\w<>*'’-]*[^\W_][\w<>*'’-]*|[^\w\s]|_+")


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    start: int
    end: int


def find_predicate(sentence: str) -> tuple[int, int] | None:
    """Characters from the predicate's first to after its last word, None if there is none."""
    parser = _Parser(sentence)
    found = parser.find()
    return found and (parser.words[found[0]].start, parser.words[found[1] - 1].end)


class _Parser:
    """One sentence; all positions are numbers of words."""

    def __init__(self, sentence: str) -> None:
        self.words = [_Word(one.group().lower(), *one.span()) for one in _WORD.finditer(sentence)]

    def find(self) -> tuple[int, int] | None:
        """First and after the last word of the likeliest predicate."""
        best = min(self._candidates(), default=None)
        verbless = self._verbless() if best is None or best[0] >= _FAINT else None
        if verbless or best is None:
            return verbless
        _, start, verb = best
        return start, self._with_more(self._extent(verb), self._form(verb))

    def _verbless(self) -> tuple[int, int] | None:
        """A relation without a verb: "a cat next to a dog", "a cat is arm in arm with a dog"."""
        for place in range(1, len(self.words)):
            end = self._to_subject(place, SPATIAL)
            if self._manner(place) > place:
                end = self._beyond(self._manner(place), self._link, "")
            if end > place:
                return place, end
        return None

    def text(self, place: int) -> str:
        """Lower case; empty beyond the sentence."""
        return self.words[place].text if 0 <= place < len(self.words) else ""

    def _candidates(self) -> Iterator[tuple[int, int, int]]:
        """How unlikely, where the predicate would start, where its verb is."""
        is_subordinate = False
        place = 0
        while place < len(self.words):
            is_subordinate |= self.text(place) in SUBORDINATE and (place > 0 or self.text(place) != "that")
            found = self._finite(place) or self._bare(place)
            if found is None:
                place += 1
                continue
            rank, start, verb = found
            if lemma(self.text(verb)) in STATES:
                rank += _FAINT
            elif is_subordinate and rank == 0:
                rank += _SUBORDINATE
            is_subordinate &= rank not in (0, _SUBORDINATE, _FAINT)
            yield rank, start, verb
            place = verb + 1

    def _finite(self, place: int) -> tuple[int, int, int] | None:
        """The verb of a clause: after an auxiliary, or in the present tense."""
        if self.text(place) in MODALS:
            after = self._past_adverbs(place + 1)
            return (0, after, after) if self._form(after) == "base" else None
        if self.text(place) in AUXILIARIES:
            return self._after_auxiliary(self._past_adverbs(place + 1))
        verb, form = forms().get(self.text(place), ("", ""))
        start = place - self._is_paired(place)
        if form != "third" or not self._after_noun(start):
            return None
        if self._opens(place):
            return (2 if verb in ALSO_NOUNS else 0), start, place
        is_named = verb not in ALSO_NOUNS and self._form(place + 1) is None  # "hugs Pikachu", but not "bows hugs"
        return (2, start, place) if is_named else None

    def _after_auxiliary(self, place: int) -> tuple[int, int, int] | None:
        if self.text(place) in BEGINNING and self.text(place + 1) == "to":
            place = self._past_adverbs(place + 2)
            return (0, place, place) if self._form(place) == "base" else None
        if self._form(place + 1) == "ing" and self._is_paired(place + 1):
            return 0, place, place + 1
        is_verb = self._form(place) in ("ing", "past", "participle") and self.text(place) not in AUXILIARIES
        return (0, place, place) if is_verb else None

    def _bare(self, place: int) -> tuple[int, int, int] | None:
        """A verb without an auxiliary, behind its subject: "a cat hugging a dog", "cats hug", "carried by a dog"."""
        start = place - self._is_paired(place)
        form = self._form(place)
        if form is None or (place > 0 and not self._after_noun(start)):
            return None
        is_known = self.text(place) in forms()
        if form == "ing":
            if self._opens(place):
                return 1, start, place
            return (_FAINT, start, place) if is_known and place > 0 else None  # "cats hugging dogs"
        if place == 0 or self._manner(place) > place:
            return None
        if form == "base":
            is_sure = self._opens(place) and self.text(place) not in ALSO_NOUNS
            return (1 if is_sure else 2, start, place) if self._is_many(start) else None
        if form in ("past", "participle"):
            has_object = is_known and self.text(self._past_adverbs(place + 1)) in DETERMINERS
            return (1, start, place) if has_object or self.text(place + 1) == "by" else None
        return (2, start, place) if not is_known and self.text(place + 1) in _AFTER_UNKNOWN else None

    def _form(self, place: int) -> Form | None:
        """What form of a verb a word is or, by its ending, may be."""
        word = self.text(place)
        if word in forms():
            return forms()[word][1]
        if word in NOT_VERBS or len(word) < 5 or not word.replace("-", "").isalpha():
            return None
        if word.endswith("ing"):
            return "ing"
        if word.endswith("ed"):
            return "participle"
        return "third" if word.endswith("s") and not word.endswith(("ss", "us", "is")) else None

    def _is_paired(self, place: int) -> bool:
        return self.text(place - 1) in PAIRED.get(lemma(self.text(place)), ())

    def _after_noun(self, place: int) -> bool:
        before = self.text(place - 1)
        return before in tuple("}>)") or (before[-1:].isalnum() and before not in _NOT_NOUNS)

    def _is_many(self, place: int) -> bool:
        """Whether the words before could be a plural subject."""
        before = [self.text(index) for index in range(place)]
        return "and" in before or before[-1].endswith("s") or before[-1] in ("men", "women", "children", "people")

    def _opens(self, place: int) -> bool:
        """Whether what follows a word can follow a verb, and does not make it an adjective: "a dancing robot"."""
        after = self._past_adverbs(place + 1)
        word = self.text(after)
        if not word[:1].isalnum() or word in DETERMINERS | JOINING | PRONOUNS:
            return True
        things = OBJECTS.get(lemma(self.text(place)), frozenset())
        if after > place + 1 or word in CONJUNCTIONS or ANY in things:
            return True
        return bool(things & singulars(word)) or self._manner(after) > after

    def _past_adverbs(self, place: int) -> int:
        while (self.text(place) in ADVERBS and self._manner(place) == place) or self._is_adverb(place):
            place += 1
        return place

    def _is_adverb(self, place: int) -> bool:
        word = self.text(place)
        return len(word) > 4 and word.endswith("ly") and word not in NOT_ADVERBS

    def _extent(self, verb: int) -> int:
        """After the last word that belongs to a verb."""
        name = lemma(self.text(verb))
        end = verb + 1 + (self.text(verb + 1) == "up" and self.text(verb + 2) not in ("to", "at"))
        if self._form(verb) in ("past", "participle") and self.text(self._past_adverbs(end)) == "by":
            return self._past_adverbs(end) + 1
        end = self._beyond(end, self._object, name)
        end = self._beyond(end, self._manner, name)
        end = self._beyond(end, self._posed, name)
        return self._beyond(end, self._link_right_after if end == verb + 1 else self._link, name)

    def _beyond(self, end: int, part: Callable[[int, str], int], name: str) -> int:
        """After a part that may follow, adverbs between; the same place if it does not."""
        place = self._past_adverbs(end)
        after = part(place, name)
        return after if after > place else end

    def _object(self, place: int, name: str) -> int:
        """After an object that is part of the relation; the same place if there is none."""
        end = self._noun_phrase(place)
        if end == place or self.text(place) in PRONOUNS:
            return place
        if name in HANDED_OVER and self.text(end) in ("to", "at", "for"):
            return end + 1
        things = OBJECTS.get(name, frozenset())
        if ANY in things or things & singulars(self.text(end - 1)):
            return end
        is_named_only = self.text(place) not in DETERMINERS and end <= place + 2
        return end if is_named_only and self.text(end) == "with" else place

    def _noun_phrase(self, place: int) -> int:
        """After the noun phrase that starts there: "a game of chess", but of "the dog a bath" only "the dog"."""
        end = place
        while self.text(end) in DETERMINERS:
            end += 1
        start = end
        while self._is_in_phrase(end):
            end += 1
        if end > start and self.text(end) == "of" and self._is_in_phrase(end + 1):
            return self._noun_phrase(end + 1)
        return end if end > start else place

    def _is_in_phrase(self, place: int) -> bool:
        word = self.text(place)
        if not word[-1:].isalnum() or word in _NOT_NOUNS | AUXILIARIES | ADVERBS or self._is_adverb(place):
            return False
        return self._manner(place) == place and not (self._form(place) == "ing" and self._opens(place))

    def _manner(self, place: int, _: str = "") -> int:
        return self._phrase(place, MANNERS)

    def _posed(self, place: int, name: str) -> int:
        return self._phrase(place, POSES.get(name, ()))

    def _link(self, place: int, name: str) -> int:
        return self._to_subject(place, (*SPATIAL, *LEADING, *(PREPOSITIONS.get(name, frozenset()) - RIGHT_AFTER)))

    def _link_right_after(self, place: int, name: str) -> int:
        return self._to_subject(place, (*SPATIAL, *LEADING, *PREPOSITIONS.get(name, ())))

    def _to_subject(self, place: int, phrases: Iterable[str]) -> int:
        """After a phrase that leads to a subject, or closes the sentence; the same place if there is none."""
        end = self._phrase(place, phrases)
        return place if singulars(self.text(self._noun_phrase(end) - 1)) & SCENERY else end

    def _phrase(self, place: int, phrases: Iterable[str]) -> int:
        """After the first of some phrases that stands there; the same place if none does."""
        for phrase in phrases:
            end = place + phrase.count(" ") + 1
            if phrase == " ".join(self.text(index) for index in range(place, end)):
                return end
        return place

    def _with_more(self, end: int, form: Form | None) -> int:
        """After the last of conjoined verbs: "running, jumping and dancing"."""
        is_last = self.text(end) in AND
        if self.text(end) != "," and not is_last:
            return end
        verb = self._past_adverbs(end + 1 + (not is_last and self.text(end + 1) in AND))
        is_last |= verb > end + 1 and self.text(verb - 1) in AND
        if self._form(verb) != form or not self._opens(verb):
            return end
        reached = self._extent(verb)
        further = self._with_more(reached, form)
        return further if is_last or further > reached else end
