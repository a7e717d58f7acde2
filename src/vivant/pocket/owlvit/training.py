"""Training of `owlvit`: the patch at a subject's centre answers for it.

OWL-ViT matches predictions to truth by the Hungarian method. Here each subject belongs to the patch that its box's
centre lies in (the next free one where two subjects share it): no matching to solve, the same patch from the first
step on, and a GPU never waits.
"""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from vivant.pocket.crops import roughened
from vivant.pocket.feed import Feed, Scenes, by_device, placed
from vivant.pocket.loop import fit
from vivant.pocket.owlvit.model import LENGTH, Outputs, build, outputs_of, processor, text_embeddings
from vivant.pocket.owlvit.queries import batch_queries, looks_of
from vivant.pocket.run import Figures, Run
from vivant.pocket.save import begin, save_half
from vivant.pocket.tokenizer import load_tokenizer
from vivant.world import KINDS

CPU_BATCH, GPU_BATCH, LR = 32, 256, 1e-3
CPU_WARMUP, GPU_WARMUP = 50, 100
L1_WEIGHT, OVERLAP_WEIGHT = 5.0, 2.0
LOOKS_WEIGHT = 0.1
"""Of the looks, a sum over some 400 yes-or-no features."""
FOCUS, BALANCE = 2.0, 0.3
"""Gamma and alpha of the focal loss, as OWL-ViT's."""


class OwlTraining(nn.Module):  # type: ignore[misc]
    """The model, and readers of kind and looks from the answering patches that are thrown away afterwards.

    Plain classes teach the vision tower far sooner what to look at than text queries do, whose tower learns as well.
    """

    def __init__(self, model: Any, kinds: int, looks: Tensor) -> None:
        """`looks`: [M, L], 0 or 1, of the individuals with portraits."""
        super().__init__()
        self.model, self.looks = model, looks
        width = model.config.vision_config.hidden_size
        self.kind, self.look = nn.Linear(width, kinds), nn.Linear(width, looks.shape[1])
        with torch.no_grad():
            self.look.bias.copy_(looks.mean(dim=0).clamp(1e-3, 1.0 - 1e-3).logit())

    def loss(self, outputs: Outputs, scenes: Scenes, owners: Tensor, truth: Tensor) -> Tensor:
        """Detection, kind and looks.

        Args:
            outputs: of N pictures and Q queries, those of the kinds first.
            scenes: the pictures' truth.
            owners: [2, S] picture and place of each subject of the batch.
            truth: [Q, S], 1 where a query is true of a subject, 0 where not, -1 where it is unknown.
        """
        cells = assign(scenes.boxes, scenes.count, round(outputs.logits.shape[1] ** 0.5))[tuple(owners)]
        features = outputs.features[owners[0], cells]
        kinds, people = scenes.kinds[tuple(owners)], scenes.people[tuple(owners)]
        asked = outputs.logits[owners[0], cells, : self.kind.out_features]
        told = F.cross_entropy(asked, kinds) + F.cross_entropy(self.kind(features).float(), kinds)
        said = self.look(features).float()
        wrong = F.binary_cross_entropy_with_logits(said, self.looks[people.clamp(min=0)], reduction="none").sum(dim=1)
        known = (people >= 0).float()
        looks = (wrong * known).sum() / known.sum().clamp(min=1.0)
        return detection_loss(outputs, scenes, owners, cells, truth) + told + LOOKS_WEIGHT * looks


def train(run: Run) -> Figures:
    """Train on the pool's scenes and save the model and its processor."""
    feed, tokenizer = Feed.open(run), load_tokenizer(run, LENGTH)
    torch.manual_seed(run.seed_of("owlvit", -1))
    model = build(tokenizer)
    begin(run, "owlvit", model)
    model = placed(model, run.device)
    training = OwlTraining(model, len(KINDS), feed.looks).to(run.device)
    batch, looks = by_device(run, cpu=CPU_BATCH, gpu=GPU_BATCH), looks_of(np.asarray(feed.pool.portrait_ids))

    def step(number: int) -> Tensor:
        draw, rng = run.generator("owlvit", number), random.Random(run.seed_of("owlvit", number))
        # Numbers drawn on the CPU: the queries can be made while the device still works on the step before.
        rows = torch.randint(0, feed.scene_count, (batch,), generator=run.generator("owlvit", number, "cpu")).numpy()
        kinds, people = feed.pool.kinds[rows], feed.people[rows]
        owners = np.nonzero(kinds >= 0)
        texts, truth = batch_queries(kinds[owners], people[owners], looks, batch // 2, rng)
        scenes = feed.scenes_at(torch.from_numpy(rows).to(run.device))
        outputs = outputs_of(model, roughened(scenes.unit(), draw), text_embeddings(model, tokenizer, texts))
        whose, fits = (torch.from_numpy(values).to(run.device) for values in (np.stack(owners), truth))
        return training.loss(outputs, scenes, whose, fits)

    warmup = by_device(run, cpu=CPU_WARMUP, gpu=GPU_WARMUP)
    figures = fit(run, "owlvit", training, step, lr=LR, batch=batch, weight_decay=0.02, warmup=warmup)
    save_half(model, run.weights / "owlvit", processor(tokenizer))
    return figures


def detection_loss(outputs: Outputs, scenes: Scenes, owners: Tensor, cells: Tensor, truth: Tensor) -> Tensor:
    """Focal loss of every patch and query, L1 and generalised IoU of the patches that answer for a subject.

    Args:
        outputs: of N pictures and Q queries.
        scenes: the pictures' truth.
        owners: [2, S] picture and place of each subject of the batch.
        cells: [S] the patch that answers for each.
        truth: [Q, S], 1 where a query is true of a subject, 0 where not, -1 where it is unknown and does not count.
    """
    pictures, places = owners
    wanted = torch.zeros_like(outputs.logits)
    wanted[pictures, cells] = truth.T.to(wanted)
    told = (focal(outputs.logits, wanted.clamp(min=0.0)) * (wanted >= 0)).sum() / (wanted > 0).sum().clamp(min=1)
    boxes, found = scenes.boxes[pictures, places], corners(outputs.pred_boxes[pictures, cells])
    apart = (found - boxes).abs().sum(dim=1).mean()
    return told + L1_WEIGHT * apart + OVERLAP_WEIGHT * (1.0 - generalised_iou(found, boxes)).mean()


def assign(boxes: Tensor, count: Tensor, grid: int) -> Tensor:
    """The patch that answers for each subject: the free one nearest to its box's centre, from left to right.

    Args:
        boxes: [N, 5, 4] in [0, 1].
        count: [N] subjects; places beyond are not assigned.
        grid: patches a side.

    Returns:
        [N, 5] numbers of patches, row by row; no two subjects of a picture share one.
    """
    number, most = boxes.shape[:2]
    steps = (torch.arange(grid, device=boxes.device) + 0.5) / grid
    middles = torch.stack(torch.meshgrid(steps, steps, indexing="xy"), dim=-1).reshape(-1, 2)
    centres = (boxes[..., :2] + boxes[..., 2:]) / 2.0
    there = torch.arange(most, device=boxes.device) < count[:, None]
    order = torch.where(there, centres[..., 0], 2.0).argsort(dim=1)
    distance = (centres[:, :, None] - middles).square().sum(dim=-1)
    taken = torch.zeros(number, grid * grid, device=boxes.device)
    cells = torch.zeros(number, most, dtype=torch.long, device=boxes.device)
    rows = torch.arange(number, device=boxes.device)
    for place in order.unbind(dim=1):
        cell = (distance[rows, place] + taken).argmin(dim=1)
        cells[rows, place] = cell
        taken[rows, cell] = 1e3
    return cells


def focal(logits: Tensor, wanted: Tensor) -> Tensor:
    """Binary cross-entropy that weighs what is answered rightly and surely next to nothing (Lin et al. 2017)."""
    loss = F.binary_cross_entropy_with_logits(logits, wanted, reduction="none")
    miss = (logits.sigmoid() - wanted).abs()
    return loss * miss**FOCUS * (BALANCE * wanted + (1.0 - BALANCE) * (1.0 - wanted))


def corners(boxes: Tensor) -> Tensor:
    """Centre and size -> x0, y0, x1, y1."""
    return torch.cat([boxes[..., :2] - boxes[..., 2:] / 2.0, boxes[..., :2] + boxes[..., 2:] / 2.0], dim=-1)


def generalised_iou(boxes: Tensor, others: Tensor) -> Tensor:
    """Of pairs of boxes [S, 4] x0, y0, x1, y1: -1 (far apart) to 1 (equal) (Rezatofighi et al. 2019)."""

    def area(low: Tensor, high: Tensor) -> Tensor:
        return (high - low).clamp(min=0.0).prod(dim=1)

    shared = area(torch.maximum(boxes[:, :2], others[:, :2]), torch.minimum(boxes[:, 2:], others[:, 2:]))
    union = area(boxes[:, :2], boxes[:, 2:]) + area(others[:, :2], others[:, 2:]) - shared
    hull = area(torch.minimum(boxes[:, :2], others[:, :2]), torch.maximum(boxes[:, 2:], others[:, 2:]))
    return shared / union.clamp(min=1e-6) - (hull - union) / hull.clamp(min=1e-6)
