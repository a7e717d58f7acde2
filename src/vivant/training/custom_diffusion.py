"""Custom Diffusion: subjects learned jointly, each as a word, by the text's keys and values (Gen4Gen, section 10)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from vivant.adapters.concept_files import save_concept_tokens
from vivant.adapters.custom_diffusion import new_key_values, save_key_values
from vivant.settings.train_custom_diffusion import TrainCustomDiffusionSettings
from vivant.training import concept_setup
from vivant.training.concept_learner import ConceptLearner
from vivant.training.concept_loop import learn
from vivant.training.concept_setup import Run, finish_set_up, is_small, prepare, read_source
from vivant.training.log import Say
from vivant.training.setup import Processes, adam, start_processes

STEPS, MANY, MANY_STEPS = 2000, 4, 3000
"""Of up to 3 subjects, and of 4 and more (Gen4Gen, section 10)."""
LR, SMALL_LR = 1e-5, 2e-5
"""Of section 10; and what a base of the pocket family's size learns with."""
SMALL_TOKEN_LR = 2e-2
"""A pocket-sized UNet loses contrast where its keys and values move faster; its words may go far."""


def train_custom_diffusion(
    source: Path, out: Path, settings: TrainCustomDiffusionSettings, *, say: Say = print
) -> Path:
    """Learn the subjects of some photos, a composed set or a list of concepts; a run begun before is continued.

    Args:
        source: what is learned from.
        out: gets `pytorch_custom_diffusion_weights.safetensors`, a `<token>.safetensors` each, `tokens.json`, `best/`
            with the same, `scalars.jsonl`, `settings.json`, `validation/`, `regularisation/`, `state.pt`, `cache/`.
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
    processes = start_processes(settings, "vivant train custom-diffusion")
    tell: Say = say if processes.main else lambda line: None
    learn(set_up(source, out, settings, processes, tell), out, tell)
    return out


def set_up(source: Path, out: Path, settings: TrainCustomDiffusionSettings, processes: Processes, tell: Say) -> Run:
    """Read, encode, and put in what is to be learned. Arguments and errors as in `train_custom_diffusion`."""
    subjects = len(read_source(source, settings).concepts)
    steps = MANY_STEPS if subjects >= MANY else STEPS
    small = is_small(settings)
    settings = settings.resolved(steps, SMALL_LR if small else LR)
    token_lr = settings.token_lr or (SMALL_TOKEN_LR if small else settings.lr)
    settings = settings.model_copy(update={"token_lr": token_lr})
    prepared = prepare(source, out, settings, processes, tell, start=settings.start)
    tuned = new_key_values(prepared.bundle.unet)
    learner = ConceptLearner(prepared.bundle, prepared.data, prepared.tokens, tuned)
    groups = [
        {"params": list(tuned.parameters()), "weight_decay": settings.weight_decay},
        {"params": list(prepared.tokens.parameters()), "weight_decay": 0.0, "lr": token_lr},
    ]
    optimiser = adam(groups, settings.lr, eight_bit=settings.adam_8bit)

    def save(folder: Path, made: Mapping[str, Any]) -> None:
        save_key_values(tuned, folder, made)
        save_concept_tokens(prepared.tokens, folder, made)

    return finish_set_up(prepared, out, settings, processes, learner, optimiser, save)


def show_prompts(source: Path, settings: TrainCustomDiffusionSettings, count: int) -> Iterator[str]:
    """Prompts that training will see, one a line; errors as for `train_custom_diffusion`."""
    return concept_setup.show_prompts(source, settings, count)
