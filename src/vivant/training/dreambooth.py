"""DreamBooth: subjects learned by the whole UNet or by a LoRA on its attention, with prior preservation.

A subject's word is a rare one that the base knows, kept under a name of its own: it is saved as a token that never
moved, so that prompts are written alike whatever the method.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from vivant.adapters.concept_files import save_concept_tokens
from vivant.adapters.relation_lora import add_relation_lora, save_lora
from vivant.adapters.tuned import save_unet
from vivant.settings.train_dreambooth import TrainDreamboothSettings
from vivant.training import concept_setup
from vivant.training.concept_learner import ConceptLearner
from vivant.training.concept_loop import learn
from vivant.training.concept_setup import Run, finish_set_up, is_small, prepare, read_source
from vivant.training.log import Say
from vivant.training.setup import Processes, adam, start_processes

ATTENTION = r".*\.attn[12]\.(to_q|to_k|to_v|to_out\.0)"
"""What the LoRA acts on: all attention, of the text and of the picture to itself."""
STEPS = {"full": 1000, "lora": 500}
"""Times the number of subjects: the paper takes 1000 for one (section 4)."""
LR, SMALL_LR = {"full": 5e-6, "lora": 1e-4}, {"full": 1e-4, "lora": 1e-3}
"""The paper's is 5e-6 (Stable Diffusion); a LoRA takes more, and so does a base of the pocket family's size."""
NAME = "dreambooth"


def train_dreambooth(source: Path, out: Path, settings: TrainDreamboothSettings, *, say: Say = print) -> Path:
    """Learn the subjects of some photos, a composed set or a list of concepts; a run begun before is continued.

    Args:
        source: what is learned from.
        out: gets `pytorch_lora_weights.safetensors` or `unet/`, a `<token>.safetensors` each, and what every recipe for
            subjects leaves.
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
    processes = start_processes(settings, "vivant train dreambooth")
    tell: Say = say if processes.main else lambda line: None
    learn(set_up(source, out, settings, processes, tell), out, tell)
    return out


def set_up(source: Path, out: Path, settings: TrainDreamboothSettings, processes: Processes, tell: Say) -> Run:
    """Read, encode, and put in what is to be learned. Arguments and errors as in `train_dreambooth`."""
    method, subjects = settings.method, len(read_source(source, settings).concepts)
    settings = settings.resolved(STEPS[method] * subjects, (SMALL_LR if is_small(settings) else LR)[method])
    loaded = _in_full(processes) if method == "full" else processes
    prepared = prepare(source, out, settings, loaded, tell, start="rare", learn_tokens=False)
    unet = prepared.bundle.unet
    if method == "full":
        unet.requires_grad_(True)
    else:
        draws = torch.Generator().manual_seed(settings.seed)
        add_relation_lora(unet, draws, rank=settings.rank, name=NAME, targets=ATTENTION)
    learner = ConceptLearner(prepared.bundle, prepared.data, prepared.tokens)
    decay = settings.weight_decay if method == "full" else 0.0
    optimiser = adam(list(learner.trained().values()), settings.lr, eight_bit=settings.adam_8bit, weight_decay=decay)

    def save(folder: Path, made: Mapping[str, Any]) -> None:
        if method == "full":
            save_unet(unet, folder, made)
        else:
            save_lora(unet, folder, made, NAME)
        save_concept_tokens(prepared.tokens, folder, made)

    return finish_set_up(prepared, out, settings, processes, learner, optimiser, save)


def show_prompts(source: Path, settings: TrainDreamboothSettings, count: int) -> Iterator[str]:
    """Prompts that training will see, one a line; errors as for `train_dreambooth`."""
    return concept_setup.show_prompts(source, settings, count)


def _in_full(processes: Processes) -> Processes:
    """What is trained is in float32, and here that is the whole UNet; accelerate computes in what was chosen."""
    return replace(processes, dtype=torch.float32)
