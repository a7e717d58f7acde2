"""Training of the judge's scene network: kind, relation, background and number of subjects, all at once."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from vivant.pocket.crops import roughened
from vivant.pocket.feed import Feed, Scenes, by_device
from vivant.pocket.judge.model import SceneLogits, SceneNetwork
from vivant.pocket.loop import fit
from vivant.pocket.run import Figures, Run
from vivant.world import KEYPOINTS

STAGE = "judge-scene"
CPU_BATCH, GPU_BATCH, LR = 32, 384, 2e-3
CPU_WARMUP, GPU_WARMUP = 30, 100
LOOKS_WEIGHT = 0.1
"""Of the looks, a sum over some 400 yes-or-no features."""
SHIFT = 4
"""Pixels that a batch is moved by at most."""
SMOOTHING = 0.02
NOSE = KEYPOINTS.index("nose")


class SceneTraining(nn.Module):  # type: ignore[misc]
    """The network, and a reader of looks from faces that is thrown away afterwards.

    Faces tell kinds: where a nose is to be seen, that part of the picture has to answer with its owner's kind, and to
    know its owner's looks. Without being told where to look, the network needs several times as many pictures.
    """

    def __init__(self, network: SceneNetwork, looks: Tensor) -> None:
        """`looks`: [M, L], 0 or 1, of the individuals with portraits."""
        super().__init__()
        self.network, self.looks = network, looks
        self.reader = nn.Linear(network.kinds.in_channels, looks.shape[1])
        with torch.no_grad():
            self.reader.bias.copy_(looks.mean(dim=0).clamp(1e-3, 1.0 - 1e-3).logit())

    def loss(self, logits: SceneLogits, scenes: Scenes) -> Tensor:
        """Of whole pictures, and of faces."""
        whole = whole_loss(logits.kinds, logits.relation, logits.background, logits.count, scenes)
        seen = scenes.keypoints[:, :, NOSE, 2] > 0
        kinds = torch.where(seen, scenes.kinds, -1).flatten()
        # Sums over a count, not means: a batch without a nose would be 0 / 0.
        told = F.cross_entropy(at_noses(logits.cells, scenes), kinds, ignore_index=-1, reduction="sum")
        people = torch.where(seen, scenes.people, -1).flatten()
        said = self.reader(at_noses(logits.features, scenes)).float()
        wrong = F.binary_cross_entropy_with_logits(said, self.looks[people.clamp(min=0)], reduction="none").sum(dim=1)
        looks = (wrong * (people >= 0)).sum() / (people >= 0).sum().clamp(min=1)
        return whole + told / (kinds >= 0).sum().clamp(min=1) + LOOKS_WEIGHT * looks


def train_scene(run: Run, feed: Feed, network: SceneNetwork, seconds: float) -> Figures:
    """Train on the pool's scenes, disturbed as a generator's pictures are."""
    batch = by_device(run, cpu=CPU_BATCH, gpu=GPU_BATCH)
    training = SceneTraining(network, feed.looks).to(run.device)

    def step(number: int) -> Tensor:
        draw = run.generator(STAGE, number)
        scenes = feed.scenes(batch, draw)
        return training.loss(network(roughened(moved(scenes.unit(), draw), draw)), scenes)

    warmup = by_device(run, cpu=CPU_WARMUP, gpu=GPU_WARMUP)
    return fit(run, STAGE, training, step, lr=LR, batch=batch, seconds=seconds, weight_decay=0.02, warmup=warmup)


def whole_loss(kinds: Tensor, relation: Tensor, background: Tensor, count: Tensor, scenes: Scenes) -> Tensor:
    """Sum of the logits' cross-entropies; the kinds' is binary, summed over kinds so that it weighs like the others."""
    there = present(scenes.kinds, kinds.shape[1])
    told = F.binary_cross_entropy_with_logits(kinds, there, reduction="none").sum(dim=1).mean()
    doing = F.cross_entropy(relation, scenes.relation, label_smoothing=SMOOTHING)
    place = F.cross_entropy(background, scenes.background, label_smoothing=SMOOTHING)
    return told + doing + place + F.cross_entropy(count, scenes.count - 1)


def at_noses(cells: Tensor, scenes: Scenes) -> Tensor:
    """What a map [N, width, s, s] holds at every subject's nose: [N * 5, width]."""
    side = cells.shape[-1]
    noses = scenes.keypoints[:, :, NOSE]
    column, row = ((noses[..., axis] * side).long().clamp(0, side - 1) for axis in (0, 1))
    pictures = torch.arange(len(cells), device=cells.device)[:, None].expand_as(row)
    return cells[pictures, :, row, column].flatten(0, 1)


def present(kinds: Tensor, number: int) -> Tensor:
    """Which kinds are there: [N, 5] indices with -1 for none -> [N, number], 0 or 1."""
    marks = torch.zeros(len(kinds), number + 1, device=kinds.device)
    return marks.scatter_(1, torch.where(kinds < 0, number, kinds), 1.0)[:, :number]


def moved(unit: Tensor, draw: torch.Generator) -> Tensor:
    """The whole batch moved by up to four pixels each way, edges repeated."""
    size, seed = unit.shape[-1], draw.initial_seed()  # from the seed: reading a draw would wait for the device
    right, down = seed % (2 * SHIFT + 1), seed // 16 % (2 * SHIFT + 1)
    return F.pad(unit, (SHIFT,) * 4, mode="replicate")[..., down : down + size, right : right + size]
