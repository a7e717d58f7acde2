"""`dino`: a ViT taught by its own moving average, for the DINO score (layout of facebook/dino-vits16).

Student and teacher see crops of two pictures of one subject; the student learns to give every crop the teacher's answer
to a large one (Caron et al. 2021, section 3). DINO takes both from one picture and learns for days what stays the same;
the world can draw an individual twice, in other poses and places, which says it at once. Two more things shorten the
training: the teacher's answers are balanced within the batch in place of the moving centre (Oquab et al. 2023, section
4), and the class tokens of the two pictures have to know each other among all of the batch (van den Oord et al. 2018),
so that cosines of features, which the score takes, are spread.
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
TELLING_HEAT = 0.1
"""Of the class tokens' cosines."""
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
        """Cross-entropy of the student's answers against the teacher's to the other large crop, and of telling apart.

        Args:
            large: two batches [N, 3, 96, 96]; crop i of all batches is of subject i.
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
        return torch.stack(terms).mean() + telling(*features.chunk(2))

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


def telling(one: Tensor, other: Tensor) -> Tensor:
    """Cross-entropy of finding row i of one among all rows of the other by cosine, both ways; [N, width] each."""
    cosines = F.normalize(one.float(), dim=1) @ F.normalize(other.float(), dim=1).T / TELLING_HEAT
    right = torch.arange(len(one), device=one.device)
    return (F.cross_entropy(cosines, right) + F.cross_entropy(cosines.T, right)) / 2.0


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
    """Self-distil on subjects (three of four pictures) and whole pictures; save the teacher and its processor."""
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
        views = _views(feed, batch, draw)
        large = [crops_of(unit, regions, SIZE, LARGE_PART, draw) for unit, regions in views]
        return pair.loss(large, [crops_of(unit, regions, LOCAL, SMALL_PART, draw) for unit, regions in views])

    figures = fit(run, "dino", pair, step, lr=LR, batch=batch, weight_decay=0.04, warmup=WARMUP)
    save_half(pair.teacher["model"], run.weights / "dino", image_processor())
    return figures


def _views(feed: Feed, count: int, draw: torch.Generator) -> list[tuple[Tensor, Tensor]]:
    """Twice `count` pictures and the region of each that crops come from: around a subject, or all of every fourth.

    A quarter are subjects of scenes, both times the same picture; the others are two portraits of an individual.
    """
    few = count // 4
    scenes = feed.subjects(few, draw)
    people = torch.randint(0, feed.individuals, (count - few,), generator=draw, device=feed.device)
    views = torch.rand(count - few, feed.views, generator=draw, device=feed.device).argsort(dim=1)
    every_fourth = (torch.arange(count, device=feed.device) % 4 == 0)[:, None]
    whole = torch.tensor([0.0, 0.0, 1.0, 1.0], device=feed.device).expand(count, 4)
    found = []
    for number in range(2):
        portraits = feed.views_of(people, views[:, number])
        around = square(torch.cat([scenes.boxes, portraits.boxes]), 0.1)
        unit = to_unit(torch.cat([scenes.pictures, portraits.pictures]))
        found.append((unit, torch.where(every_fourth, whole, around)))
    return found


def _features(network: nn.ModuleDict, pixels: Tensor) -> Tensor:
    return network["model"](pixel_values=pixels, interpolate_pos_encoding=True).last_hidden_state[:, 0]


def _answers(network: nn.ModuleDict, features: Tensor) -> Tensor:
    return network["head"](features).float()
