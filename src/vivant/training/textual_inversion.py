"""Textual Inversion: subjects learned as words alone, of one vector or several; no weight of the base moves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from vivant.adapters.concept_files import LEARNED, save_concept_tokens
from vivant.settings.train_textual_inversion import TrainTextualInversionSettings
from vivant.training import concept_setup
from vivant.training.concept_learner import ConceptLearner
from vivant.training.concept_loop import learn
from vivant.training.concept_setup import Run, finish_set_up, prepare
from vivant.training.log import Say
from vivant.training.setup import Processes, adam, start_processes

STEPS, LR = 3000, 5e-3
"""As usual for Stable Diffusion (the paper: 5000 steps of 5e-3 with a batch of 8, section 5)."""


def train_textual_inversion(
    source: Path, out: Path, settings: TrainTextualInversionSettings, *, say: Say = print
) -> Path:
    """Learn the subjects of some photos, a composed set or a list of concepts; a run begun before is continued.

    Args:
        source: what is learned from.
        out: gets `learned_embeds.safetensors`, or a `<token>.safetensors` each where there are several, and what every
            recipe for subjects leaves.
        settings: how.
        say: told a line now and then.

    Returns:
        `out`, for `vivant generate --tuned`.

    Raises:
        InputError, ImageError: pictures or prompts that cannot be used.
        SettingsError: settings that do not go together.
        ModelError: a base that cannot be trained with, or a loss that is no number.
        StoreError: a set that is broken, or `out` holds a run of other settings or data.
        MissingExtraError: a library is not installed.
    """
    processes = start_processes(settings, "vivant train textual-inversion")
    tell: Say = say if processes.main else lambda line: None
    learn(set_up(source, out, settings, processes, tell), out, tell)
    return out


def set_up(source: Path, out: Path, settings: TrainTextualInversionSettings, processes: Processes, tell: Say) -> Run:
    """Read, encode, and put in what is to be learned. Arguments and errors as in `train_textual_inversion`."""
    settings = settings.resolved(STEPS, LR)
    prepared = prepare(
        source, out, settings, processes, tell, start=settings.start, nouns=False, vectors=settings.vectors
    )
    tokens = prepared.tokens
    learner = ConceptLearner(prepared.bundle, prepared.data, tokens)
    optimiser = adam(list(tokens.parameters()), settings.lr, eight_bit=settings.adam_8bit)

    def save(folder: Path, made: Mapping[str, Any]) -> None:
        save_concept_tokens(tokens, folder, made, name=LEARNED if len(tokens.lengths) == 1 else "")

    return finish_set_up(prepared, out, settings, processes, learner, optimiser, save)


def show_prompts(source: Path, settings: TrainTextualInversionSettings, count: int) -> Iterator[str]:
    """Prompts that training will see, one a line; errors as for `train_textual_inversion`."""
    return concept_setup.show_prompts(source, settings, count, nouns=False, vectors=settings.vectors)
