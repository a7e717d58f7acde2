"""Looking at the base while it trains: fixed prompts, drawn as a user would draw them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from vivant.world import RELATIONS, UNSEEN, sample_script

STEPS, GUIDANCE, RESCALE = 25, 4.0, 0.7
"""As `vivant generate` draws; the rescale of guidance is what Lin et al. advise for zero terminal SNR."""
AT_ONCE = 16
SEEN_PROMPTS, UNSEEN_PROMPTS = 12, 4


def grid_prompts() -> list[str]:
    """12 captions of seen relations, then 4 of unseen ones; short and detailed in turn. Always the same."""
    rng = random.Random(7)
    seen = [name for name in RELATIONS if name not in UNSEEN]
    chosen = [seen[number * len(seen) // SEEN_PROMPTS] for number in range(SEEN_PROMPTS)]
    scripts = [sample_script(rng, relations=[name]) for name in [*chosen, *UNSEEN[:UNSEEN_PROMPTS]]]
    return [script.text_detailed if number % 2 else script.text for number, script in enumerate(scripts)]


def draw_prompts(
    pipe: Any, prompts: Sequence[str], *, seed: int, guidance: float = GUIDANCE
) -> list[npt.NDArray[np.uint8]]:
    """One picture a prompt, uint8 [128, 128, 3], in 25 steps; each has its own noise, whatever the batch."""
    pipe.set_progress_bar_config(disable=True)
    pictures: list[npt.NDArray[np.uint8]] = []
    for at in range(0, len(prompts), AT_ONCE):
        part = list(prompts[at : at + AT_ONCE])
        noises = [torch.Generator("cpu").manual_seed(seed + at + number) for number in range(len(part))]
        drawn = pipe(
            part,
            num_inference_steps=STEPS,
            guidance_scale=guidance,
            guidance_rescale=RESCALE,
            generator=noises,
            output_type="np",
        ).images
        pictures += [(picture * 255.0).round().astype(np.uint8) for picture in drawn]
    return pictures
