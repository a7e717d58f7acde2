"""Training of the judge's scene network: kind, relation, background and number of subjects, all at once."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from vivant.pocket.crops import roughened
from vivant.pocket.feed import Feed, Scenes, batch_size
from vivant.pocket.judge.model import SceneLogits, SceneNetwork
from vivant.pocket.loop import fit
from vivant.pocket.run import Figures, Run

STAGE = "judge-scene"
CPU_BATCH, GPU_BATCH, LR = 64, 384, 2e-3
SHIFT = 4
"""Pixels that a batch is moved by at most."""
SMOOTHING = 0.02


def train_scene(run: Run, feed: Feed, network: SceneNetwork, seconds: float) -> Figures:
    """Train on the pool's scenes, disturbed as a generator's pictures are."""

    batch = batch_size(run, cpu=CPU_BATCH, gpu=GPU_BATCH)

    def step(number: int) -> Tensor:
        draw = run.generator(STAGE, number)
        scenes = feed.scenes(batch, draw)
        return scene_loss(network(roughened(moved(scenes.unit(), draw), draw)), scenes)

    return fit(run, STAGE, network, step, lr=LR, batch=batch, seconds=seconds, weight_decay=0.02)


def scene_loss(logits: SceneLogits, scenes: Scenes) -> Tensor:
    """Sum of the cross-entropies; the kinds' is binary, summed over kinds so that it weighs like the others."""
    kinds = present(scenes.kinds, logits.kinds.shape[1])
    told = F.binary_cross_entropy_with_logits(logits.kinds, kinds, reduction="none").sum(dim=1).mean()
    relation = F.cross_entropy(logits.relation, scenes.relation, label_smoothing=SMOOTHING)
    background = F.cross_entropy(logits.background, scenes.background, label_smoothing=SMOOTHING)
    return told + relation + background + F.cross_entropy(logits.count, scenes.count - 1)


def present(kinds: Tensor, number: int) -> Tensor:
    """Which kinds are there: [N, 5] indices with -1 for none -> [N, number], 0 or 1."""
    marks = torch.zeros(len(kinds), number + 1, device=kinds.device)
    return marks.scatter_(1, torch.where(kinds < 0, number, kinds), 1.0)[:, :number]


def moved(unit: Tensor, draw: torch.Generator) -> Tensor:
    """The whole batch moved by up to four pixels each way, edges repeated."""
    size, seed = unit.shape[-1], draw.initial_seed()  # from the seed: reading a draw would wait for the device
    right, down = seed % (2 * SHIFT + 1), seed // 16 % (2 * SHIFT + 1)
    return F.pad(unit, (SHIFT,) * 4, mode="replicate")[..., down : down + size, right : right + size]
