"""Stage 2 of a run: combinations made once and kept, by the rules or by a language model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

import numpy as np

from vivant.data.plan.associate import Combination, associate
from vivant.data.plan.knowledge import Knowledge
from vivant.data.plan.language_planner import LanguagePlanner
from vivant.data.store import Store
from vivant.errors import EndpointError, InputError
from vivant.models.language import ChatEndpoint
from vivant.settings.compose import STAGES, ComposeSettings
from vivant.types import Background, Subject

STATE = "combinations"


def make_combinations(
    store: Store,
    subjects: Sequence[Subject],
    scenery: Sequence[Background],
    knowledge: Knowledge,
    settings: ComposeSettings,
) -> tuple[tuple[Combination, ...], list[str]]:
    """Which subjects go together and where, from an earlier run if it got that far.

    Returns:
        The combinations, and what the user should know.

    Raises:
        InputError: nothing goes with any background.
    """
    kept = store.load_state(STATE)
    if kept is None:
        rng = np.random.default_rng((settings.seed, STAGES.index("associate")))
        plan = associate if settings.planner == "rules" else language_planner(settings).associate
        combinations, notes = plan(subjects, scenery, knowledge, settings.associate, rng)
        kept = {"combinations": [asdict(item) for item in combinations], "notes": notes}
        store.save_state(STATE, kept)
    notes = list(kept["notes"])
    combinations = [_read(item) for item in kept["combinations"]]
    if not combinations:
        raise InputError("; ".join(["no subject goes with any of the backgrounds", *notes]))
    return tuple(combinations), notes


def chat_endpoint(settings: ComposeSettings) -> ChatEndpoint:
    """The model behind the settings' endpoint.

    Raises:
        EndpointError: the settings name none.
    """
    if settings.endpoint is None:
        raise EndpointError("no language model: set VIVANT_LLM_BASE_URL and VIVANT_LLM_MODEL")
    return ChatEndpoint(settings.endpoint, rng=np.random.default_rng(settings.seed))


def language_planner(settings: ComposeSettings) -> LanguagePlanner:
    """The planner that asks the settings' endpoint; errors as in `chat_endpoint`."""
    corrections = settings.endpoint.corrections if settings.endpoint else 0
    return LanguagePlanner(chat_endpoint(settings), corrections=corrections)


def _read(item: dict[str, list[str]]) -> Combination:
    first, second, third = item["prompts"]
    return Combination(tuple(item["subjects"]), tuple(item["scenes"]), (first, second, third))
