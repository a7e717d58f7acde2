"""`dino`: a ViT taught by its own moving average, without a label, for the DINO score (layout of facebook/dino-vits16).

Student and teacher see crops of one picture; the student learns to give every crop the teacher's answer to a large one
(Caron et al. 2021, section 3). Instead of the moving centre, which needs a long training, two means of DINOv2 (Oquab et
al. 2023, section 4) keep the two from agreeing on one answer to everything: the teacher's answers are balanced within
the batch, and the student's features are pushed away from their nearest neighbours.
"""

from __future__ import annotations

import copy
import math
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from vivant.pocket.crops import IMAGENET, cut, fit_size, normalise, roughened, square, to_unit
from vivant.pocket.feed import Feed, by_device, placed
from vivant.pocket.loop import fit
from vivant.pocket.run import Figures, Run
from vivant.pocket.save import begin, save_half

SIZE, LOCAL = 96, 48
"""Pixels a side of large and small crops."""
LARGE_PART, SMALL_PART = (0.5, 1.0), (0.12, 0.4)
"""Of the picture's area."""
ANSWERS, BOTTLENECK = 256, 64
STUDENT_HEAT, TEACHER_HEAT = 0.1, 0.05
TEACHER_RATE = 0.99
ROUNDS = 3
"""Of balancing (Sinkhorn-Knopp)."""
APART_WEIGHT = 0.1
"""Of the distance to the nearest neighbour (KoLeo)."""
CPU_BATCH, GPU_BATCH, LR, WARMUP = 64, 128, 1e-3, 50


def build() -> Any:
    """A ViT of 1.9 million parameters: 6x6 patches of 16 pixels, 4 layers of width 192."""
    from transformers import ViTConfig, ViTModel

    config = ViTConfig(
        image_size=SIZE,
        patch_size=16,
        hidden_size=192,
        num_hidden_layers=4,
        num_attention_heads=3,
        intermediate_size=768,
        layer_norm_eps=1e-6,
        initializer_range=0.04,
    )
    return ViTModel(config, add_pooling_layer=False)


def image_processor() -> Any:
    """The processor that is saved beside the weights."""
    from transformers.models.vit.image_processing_pil_vit import ViTImageProcessorPil

    mean, deviation = IMAGENET
    return ViTImageProcessorPil(size={"height": SIZE, "width": SIZE}, image_mean=list(mean), image_std=list(deviation))


def embed(model: Any, pictures: NDArray[np.uint8], batch: int = 64) -> NDArray[np.float32]:
    """The class token's features of whole pictures, length one.

    Args:
        model: a `ViTModel` of this family.
        pictures: uint8 [N, H, W, 3], square.

    Returns:
        [N, 192].
    """
    features = []
    for start in range(0, len(pictures), batch):
        part = torch.from_numpy(np.ascontiguousarray(pictures[start : start + batch])).to(model.device)
        pixels = normalise(fit_size(to_unit(part), SIZE), IMAGENET)
        with torch.inference_mode():
            token = model(pixel_values=pixels).last_hidden_state[:, 0]
            features.append(F.normalize(token.float(), dim=1).cpu().numpy())
    return np.concatenate(features)


class Answers(nn.Module):  # type: ignore[misc]
    """The projection head: a small perceptron, then the cosine to each of the learned answers."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(width, 384), nn.GELU(), nn.Linear(384, 384), nn.GELU(), nn.Linear(384, BOTTLENECK)
        )
        self.answers = nn.Parameter(torch.randn(ANSWERS, BOTTLENECK) / math.sqrt(BOTTLENECK))

    def forward(self, features: Tensor) -> Tensor:
        """[N, width] -> cosines [N, answers]."""
        return F.linear(F.normalize(self.layers(features), dim=1), F.normalize(self.answers, dim=1))


class Pair(nn.Module):  # type: ignore[misc]
    """Student and teacher: all that a stopped run needs to go on."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.student = nn.ModuleDict({"model": model, "head": Answers(model.config.hidden_size)})
        self.teacher = copy.deepcopy(self.student).requires_grad_(False)

    def loss(self, large: list[Tensor], small: list[Tensor]) -> Tensor:
        """Cross-entropy of the student's answers against the teacher's to the other large crop, and spread.

        Args:
            large: two batches [N, 3, 96, 96]; crop i of all batches is of picture i.
            small: batches [N, 3, 48, 48].
        """
        with torch.no_grad():
            told = _answers(self.teacher, _features(self.teacher, torch.cat(large)))
            wanted = [balanced(part / TEACHER_HEAT) for part in told.chunk(len(large))]
        features = _features(self.student, torch.cat(large))
        said = _answers(self.student, features).chunk(len(large))
        if small:
            said += _answers(self.student, _features(self.student, torch.cat(small))).chunk(len(small))
        terms = [
            -(target * (answer / STUDENT_HEAT).log_softmax(dim=1)).sum(dim=1).mean()
            for i, target in enumerate(wanted)
            for j, answer in enumerate(said)
            if i != j
        ]
        apart = torch.stack([closeness(part) for part in features.chunk(len(large))]).mean()
        return torch.stack(terms).mean() + APART_WEIGHT * apart

    def follow(self, rate: float) -> None:
        """Move the teacher towards the student: teacher = rate teacher + (1 - rate) student."""
        with torch.no_grad():
            torch._foreach_lerp_(list(self.teacher.parameters()), list(self.student.parameters()), 1.0 - rate)


def balanced(logits: Tensor) -> Tensor:
    """Answers to a batch [N, answers] -> probabilities, every answer given equally often in all (Sinkhorn-Knopp)."""
    shares = (logits - logits.max()).exp()
    for _ in range(ROUNDS):
        shares = shares / shares.sum(dim=0, keepdim=True).clamp(min=1e-12)
        shares = shares / shares.sum(dim=1, keepdim=True).clamp(min=1e-12)
    return shares


def closeness(features: Tensor) -> Tensor:
    """Mean of -log(distance to the nearest other) of directions [N, width]: large when some are alike."""
    directions = F.normalize(features.float(), dim=1)
    likeness = directions @ directions.T
    nearest = (likeness - 2.0 * torch.eye(len(features), device=features.device)).argmax(dim=1)
    distance = (directions - directions[nearest] + 1e-8).norm(dim=1)
    return -(distance + 1e-6).log().mean()


def crops_of(unit: Tensor, regions: Tensor, size: int, part: tuple[float, float], draw: torch.Generator) -> Tensor:
    """A square at random in each region, of a part of its area, disturbed and normalised: [M, 3, size, size]."""

    def rand(*shape: int) -> Tensor:
        return torch.rand(*shape, generator=draw, device=unit.device)

    count = len(unit)
    side = (part[0] + (part[1] - part[0]) * rand(count, 1)).sqrt() * (regions[:, 2:] - regions[:, :2])
    corner = regions[:, :2] + rand(count, 2) * (regions[:, 2:] - regions[:, :2] - side)
    crops = cut(unit, torch.cat([corner, corner + side], dim=1), size)
    mirrored = torch.where(rand(count, 1, 1, 1) < 0.5, crops.flip(3), crops)
    return normalise(roughened(mirrored, draw), IMAGENET)


def train(run: Run) -> Figures:
    """Self-distil on subjects (three of four pictures) and whole scenes; save the teacher and its processor."""
    feed = Feed.open(run)
    torch.manual_seed(run.seed_of("dino", -1))
    model = build()
    begin(run, "dino", model)
    pair = Pair(placed(model, run.device)).to(run.device)
    batch = by_device(run, cpu=CPU_BATCH, gpu=GPU_BATCH)

    def step(number: int) -> Tensor:
        draw = run.generator("dino", number)
        if number:
            pair.follow(min(TEACHER_RATE, (1 + number) / (10 + number)))
        unit, regions = _sources(feed, batch, draw)
        large = [crops_of(unit, regions, SIZE, LARGE_PART, draw) for _ in range(2)]
        return pair.loss(large, [crops_of(unit, regions, LOCAL, SMALL_PART, draw) for _ in range(2)])

    figures = fit(run, "dino", pair, step, lr=LR, batch=batch, weight_decay=0.04, warmup=WARMUP)
    save_half(pair.teacher["model"], run.weights / "dino", image_processor())
    return figures


def _sources(feed: Feed, count: int, draw: torch.Generator) -> tuple[Tensor, Tensor]:
    """Pictures and the region of each that crops come from: around a subject of a scene or portrait, or all."""
    scenes, portraits = feed.subjects(count // 2, draw), feed.portraits(count // 2, draw)
    around = square(torch.cat([scenes.boxes, portraits.boxes]), 0.1)
    whole = torch.tensor([0.0, 0.0, 1.0, 1.0], device=around.device).expand_as(around)
    every_fourth = (torch.arange(count, device=around.device) % 4 == 0)[:, None]
    unit = to_unit(torch.cat([scenes.pictures, portraits.pictures]))
    return unit, torch.where(every_fourth, whole, around)


def _features(network: nn.ModuleDict, pixels: Tensor) -> Tensor:
    return network["model"](pixel_values=pixels, interpolate_pos_encoding=True).last_hidden_state[:, 0]


def _answers(network: nn.ModuleDict, features: Tensor) -> Tensor:
    return network["head"](features).float()
