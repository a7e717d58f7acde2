"""Which subjects may share a picture, and where: principle ii of Gen4Gen, section 3.1.

Everything in a picture must be found in the same place, able to rest there, and of sizes that one camera can hold.
"""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from vivant.data.plan.knowledge import DEFAULT_THING, PLACES, Knowledge, Thing, scene_kinds, scene_prompt
from vivant.data.plan.words import plain
from vivant.settings.plan import AssociateSettings
from vivant.types import Background, Subject

PROMPTS = 3
"""Background prompts a combination (section 3.2, step 2)."""
PATIENCE = 40
"""Draws in a row, besides one for each subject, that may bring nothing new before the search ends."""
UNEVEN_USES = 1.5
"""How many uses more than the least used one a subject may have and still be drawn before it."""
_MOODS = ("on a sunny day", "in the soft light of the evening", "on a cloudy day")
"""Endings that make further prompts of the one scene that suits."""


@dataclass(frozen=True)
class Combination:
    """Subjects that can be photographed together.

    Attributes:
        subjects: names, in the user's order.
        scenes: names of the available backgrounds that suit all of them, the least used first.
        prompts: three backgrounds as in a caption, available ones first.
    """

    subjects: tuple[str, ...]
    scenes: tuple[str, ...]
    prompts: tuple[str, str, str]


def associate(
    subjects: Sequence[Subject],
    backgrounds: Sequence[Background],
    knowledge: Knowledge,
    settings: AssociateSettings,
    rng: np.random.Generator,
) -> tuple[list[Combination], list[str]]:
    """Different combinations of subjects that share a place with an available background.

    Every subject is used about equally, in any leading part of the list too. Without any background the scenes that
    Vivant knows by name stand in: prompts then, but no scenes.

    Returns:
        At most ``settings.combinations`` combinations, and notes for the user: unknown nouns, and who is left out.
    """
    things = {subject.name: knowledge.thing(subject) for subject in subjects}
    notes = _unknown_notes(subjects, things) + _place_notes(subjects, backgrounds)
    available = list({background.scene: background for background in backgrounds}.values())
    search = _Search(things, available or known_scenes(), settings, rng)
    notes += search.left_out_notes()
    found = search.run()
    return [
        Combination(names, scenes if available else (), background_prompts([things[name] for name in names], available))
        for names, scenes in found
    ], notes + search.unused_notes(found)


@cache
def known_scenes() -> tuple[Background, ...]:
    """A background without a picture for every scene in the table."""
    return tuple(
        Background(
            scene=kind.scene,
            prompt=scene_prompt(kind.scene),
            places=kind.places,
            surface=kind.surface,
            indoors=kind.indoors,
        )
        for kind in scene_kinds().values()
    )


def background_prompts(things: Sequence[Thing], available: Sequence[Background]) -> tuple[str, str, str]:
    """Three different prompts for scenes that suit all the things: available ones, then other kinds of place."""
    suiting = [scene for scene in available if all(thing.suits(scene) for thing in things)]
    others = [scene for scene in known_scenes() if all(thing.suits(scene) for thing in things)]
    seen = {scene.places[0] for scene in suiting if scene.places}
    elsewhere = []
    for scene in others:
        if scene.places[0] not in seen:
            seen.add(scene.places[0])
            elsewhere.append(scene)
    prompts = list(dict.fromkeys(scene.prompt for scene in (*suiting, *elsewhere, *others)))[:PROMPTS]
    base = prompts[0] if prompts else "outdoors"
    prompts += [f"{base} {mood}" for mood in _MOODS]
    return prompts[0], prompts[1], prompts[2]


class _Search:
    """Draws combinations: first the place and the subject that were used least, then company for it."""

    def __init__(
        self,
        things: Mapping[str, Thing],
        scenes: Sequence[Background],
        settings: AssociateSettings,
        rng: np.random.Generator,
    ) -> None:
        self.settings = settings
        self.rng = rng
        self.things = things
        self.order = {name: place for place, name in enumerate(things)}
        self.scenes = scenes
        self.suiting = {name: [i for i, s in enumerate(scenes) if thing.suits(s)] for name, thing in things.items()}
        self.usable = [name for name in things if self.suiting[name]]
        self.uses: Counter[str] = Counter()
        self.scene_uses: Counter[int] = Counter()
        self.least = min(settings.min_subjects, max(1, len(self.usable)))
        self.most = min(settings.max_subjects, len(self.usable))

    def run(self) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
        """Names and scenes of each combination found."""
        found: dict[tuple[str, ...], tuple[str, ...]] = {}
        misses = 0
        while self.usable and len(found) < self.settings.combinations and misses < PATIENCE + len(self.usable):
            names = self._draw(first=self._least_used(self.usable, misses))
            if names is None or names in found:
                misses += 1
                continue
            misses = 0
            shared = [i for i in range(len(self.scenes)) if all(i in self.suiting[name] for name in names)]
            shared.sort(key=lambda i: self.scene_uses[i])
            self.scene_uses[shared[0]] += 1
            self.uses.update(names)
            found[names] = tuple(self.scenes[i].scene for i in shared)
        return list(found.items())

    def _least_used(self, names: Sequence[str], skip: int = 0) -> str:
        """The least used of them, ties by chance; after `skip` failures one that was used more."""
        chance = self.rng.random(len(names))
        ranked = sorted(range(len(names)), key=lambda i: (self.uses[names[i]], chance[i]))
        return names[ranked[skip % len(ranked)]]

    def _draw(self, first: str) -> tuple[str, ...] | None:
        """A combination around one subject in the least used scene that has company for it, or None."""
        size = int(self.rng.integers(self.least, self.most + 1))
        chance = self.rng.random(len(self.scenes))
        for here in sorted(self.suiting[first], key=lambda i: (self.scene_uses[i], chance[i])):
            chosen = self._company(first, here, size)
            if len(chosen) >= self.least:
                return tuple(sorted(chosen, key=self.order.__getitem__))
        return None

    def _company(self, first: str, here: int, size: int) -> list[str]:
        """Up to `size` subjects that go together in one scene, little used ones first."""
        candidates = [name for name in self.usable if name != first and here in self.suiting[name]]
        chance = dict(zip(candidates, self.rng.random(len(candidates)), strict=True))
        # A strictly even share would always bring the same neighbours together: some uses are left to chance.
        candidates.sort(key=lambda name: self.uses[name] + UNEVEN_USES * chance[name])
        chosen = [first]
        for name in candidates:
            if len(chosen) < size and self._sizes_fit([*chosen, name]):
                chosen.append(name)
        return chosen

    def _sizes_fit(self, names: Sequence[str]) -> bool:
        heights = [self.things[name].height_m for name in names if self.things[name].rests_on[0] != "air"]
        return not heights or max(heights) <= self.settings.max_size_ratio * min(heights)

    def left_out_notes(self) -> list[str]:
        """Subjects that no background suits."""
        return [
            f"{name}: no background suits a {thing.noun!r} (found: {', '.join(thing.found)}; rests on: "
            f"{', '.join(thing.rests_on)}); add one such as backgrounds/{thing.found[0].replace(' ', '_')}/, or say "
            "`found` or `rests_on` in its subject.toml"
            for name, thing in self.things.items()
            if not self.suiting[name]
        ]

    def unused_notes(self, found: Sequence[tuple[tuple[str, ...], tuple[str, ...]]]) -> list[str]:
        """Usable subjects that are in no combination."""
        used = {name for names, _ in found for name in names}
        return [
            f"{name}: in no combination: too few others of a fitting size are found where it is; see `min_subjects`"
            for name in self.usable
            if name not in used and len(found) < self.settings.combinations
        ]


def _unknown_notes(subjects: Sequence[Subject], things: Mapping[str, Thing]) -> list[str]:
    unknown = sorted({subject.noun for subject in subjects if not things[subject.name].known})
    if not unknown:
        return []
    return [
        f"not in the table of nouns: {', '.join(map(repr, unknown))}; taken as {DEFAULT_THING.height_m} m high, on the "
        "ground, indoors or in everyday places outdoors. To say better: a row in a CSV given as nouns_file "
        "(noun,height_m,rests_on,found), or height_m, rests_on and found in the subject's subject.toml"
    ]


def _place_notes(subjects: Sequence[Subject], backgrounds: Sequence[Background]) -> list[str]:
    """Places in a subject's own notes that are neither in the vocabulary nor a background's name."""
    known = [*PLACES, *(plain(background.scene) for background in backgrounds)]
    notes = []
    for subject in subjects:
        for place in subject.found or ():
            if plain(place) not in known:
                near = difflib.get_close_matches(plain(place), known, n=1)
                hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(known)}"
                notes.append(f"{subject.name}: no place or background is called {place!r}; {hint}")
    return notes
