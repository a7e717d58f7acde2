"""Association, layout and scale by a language model, with the rules behind it (Gen4Gen, sections 3.2 and 7).

A reply is data from a stranger: JSON is looked for in its text, checked against a schema and against what is possible
in a photograph, answered with the fault, and in the end replaced by the rules, with the reason on record.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

import numpy as np

from vivant.data.plan import prompts
from vivant.data.plan.associate import Combination, associate
from vivant.data.plan.boxes import to_placements
from vivant.data.plan.knowledge import Knowledge
from vivant.data.plan.layout import plan_layout
from vivant.data.plan.layout_check import layout_faults
from vivant.data.plan.layout_geometry import LayoutItem
from vivant.data.plan.replies import Group, Unusable, find_json, read_boxes, read_groups, read_ratios
from vivant.errors import EndpointError
from vivant.models.language import Message
from vivant.settings.plan import AssociateSettings, LayoutSettings
from vivant.types import Background, Layout, Subject

ASKED_AT_ONCE = 24
"""Combinations in one question: longer answers are cut off or repeat themselves."""
GIVE_UP_AFTER = 3
"""Questions in a row that the endpoint itself fails before no more are asked: each has had its retries already."""
_REPEATED = 4000
"""Characters of an unusable reply that are shown to the model again."""
_FAULTS_TOLD = 6
"""Faults of one reply that the model is told at once."""

Reading = TypeVar("Reading")


class Chat(Protocol):
    """What the planner needs of `vivant.models.language.ChatEndpoint`."""

    def complete(self, messages: Sequence[Message]) -> str:
        """The model's answer; raises EndpointError."""
        ...


class LanguagePlanner:
    """Plans with a language model; the same two questions as `associate` and `plan_layout`, and the same answers.

    Args:
        chat: the model.
        corrections: how often a reply is answered with its fault before the rules take over.
    """

    def __init__(self, chat: Chat, *, corrections: int = 2) -> None:
        self._chat = chat
        self._corrections = corrections
        self._failures = 0
        self._ratios: dict[tuple[tuple[str, str], ...], Mapping[str, float]] = {}

    def associate(
        self,
        subjects: Sequence[Subject],
        backgrounds: Sequence[Background],
        knowledge: Knowledge,
        settings: AssociateSettings,
        rng: np.random.Generator,
    ) -> tuple[list[Combination], list[str]]:
        """As the rules' `associate`; combinations by rule follow for subjects that the model left out."""
        by_rules, notes = associate(subjects, backgrounds, knowledge, settings, rng)
        if not subjects:
            return by_rules, notes
        count = min(settings.combinations, ASKED_AT_ONCE)
        messages = prompts.association_messages(subjects, backgrounds, count, settings)
        try:
            replied = self._ask(messages, lambda data: read_groups(data, subjects, settings))
        except Unusable as error:
            return by_rules, [*notes, f"combinations by the rules: {error}"]
        chosen = [_combination(group, subjects, backgrounds, knowledge) for group in replied]
        kept = [combination for combination in chosen if combination.scenes or not backgrounds]
        if len(kept) < len(chosen):
            notes.append(f"{len(chosen) - len(kept)} combinations of the language model suit no available background")
        used = {name for combination in kept for name in combination.subjects}
        known = {combination.subjects for combination in kept}
        rest = [c for c in by_rules if c.subjects not in known and not used.issuperset(c.subjects)]
        return (kept + rest)[: settings.combinations], notes

    def plan_layout(
        self,
        items: Sequence[LayoutItem],
        background: Background,
        settings: LayoutSettings,
        rng: np.random.Generator,
        aspect: float = 1.0,
    ) -> Layout:
        """As `vivant.data.plan.layout.plan_layout`; ``source`` says who planned, ``note`` why it was not the model."""
        flips = {item.name: bool(rng.random() < 0.5) and settings.flip for item in items}
        by_rules = plan_layout(items, background, settings, rng, aspect)

        def read(data: Any) -> Layout:
            boxes = read_boxes(data, items)
            placements = to_placements(boxes, items, ratios, flips, background, settings, aspect)
            layout = Layout(placements=placements, source="language model")
            faults = layout_faults(layout, items, background, settings)
            if faults:
                raise Unusable("; ".join(faults[:_FAULTS_TOLD]))
            return layout

        try:
            ratios = self._scale(items)
            return self._ask(prompts.layout_messages(items, background, settings, aspect), read)
        except Unusable as error:
            note = f"by the rules, since the language model gave no usable layout: {error}"
            return by_rules.model_copy(update={"note": "; ".join(filter(None, (note, by_rules.note)))})

    def _scale(self, items: Sequence[LayoutItem]) -> Mapping[str, float]:
        """Real sizes against the largest; asked once for the same subjects."""
        key = tuple((item.name, item.thing.noun) for item in items)
        if len(items) == 1:
            return {items[0].name: 1.0}
        if key not in self._ratios:
            self._ratios[key] = self._ask(prompts.ratio_messages(items), lambda data: read_ratios(data, items))
        return self._ratios[key]

    def _ask(self, messages: list[Message], read: Callable[[Any], Reading]) -> Reading:
        """Ask, read, answer with the fault, ask again.

        Raises:
            Unusable: the endpoint failed, or the last reply cannot be used either.
        """
        if self._failures >= GIVE_UP_AFTER:
            raise Unusable(f"the endpoint failed {self._failures} times in a row and is no longer asked")
        talk = list(messages)
        for attempt in range(self._corrections + 1):
            try:
                reply = self._chat.complete(talk)
            except EndpointError as error:
                self._failures += 1
                raise Unusable(str(error)) from error
            self._failures = 0
            try:
                return read(find_json(reply))
            except Unusable as error:
                if attempt == self._corrections:
                    raise
                talk += prompts.correction(reply[:_REPEATED], str(error))
        raise AssertionError("the loop returns or raises")


def _combination(
    group: Group, subjects: Sequence[Subject], backgrounds: Sequence[Background], knowledge: Knowledge
) -> Combination:
    """A group with the available backgrounds that the model names, then those that the table finds fit."""
    members = [subject for subject in subjects if subject.name in group.subjects]
    things = [knowledge.thing(subject) for subject in members]
    said = " ".join(group.backgrounds).lower()
    named = [scene.scene for scene in backgrounds if scene.prompt.lower() in said]
    fitting = [scene.scene for scene in backgrounds if all(thing.suits(scene) for thing in things)]
    first, second, third, *_ = dict.fromkeys(phrase.strip() for phrase in group.backgrounds)
    return Combination(
        tuple(subject.name for subject in members), tuple(dict.fromkeys(named + fitting)), (first, second, third)
    )
