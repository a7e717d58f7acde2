"""`local`: the local image encoder, pocket's CLIP taught by itself to say of regions what it says of their crops.

The mathematics is `vivant.training.clipself`. The student reads pictures at twice the side of the teacher, as the
family's adapter does, and the pool's pictures are as large as the teacher's: they are enlarged.
"""

from __future__ import annotations

import torch
from torch import Tensor

from vivant.errors import ModelError
from vivant.models.image_encoder import PARTITIONS, ImageEncoder, load_image_encoder
from vivant.models.regions import partition
from vivant.pocket.crops import OPENAI_CLIP, cut, normalise, to_unit
from vivant.pocket.feed import Feed, by_device, placed
from vivant.pocket.loop import fit
from vivant.pocket.run import Figures, Run
from vivant.pocket.save import begin, save_half
from vivant.training.clipself import (
    clipself_loss,
    cosines,
    crop_features,
    draw_regions,
    own_crop_first,
    region_features,
    student_of,
)

FACTOR = 2
"""Side of what the student reads, in the teacher's: 256 pixels, 16x16 patches."""
CPU_BATCH, GPU_BATCH, CPU_REGIONS, GPU_REGIONS = 8, 64, 6, 12
CPU_LR, GPU_LR, CPU_WARMUP, GPU_WARMUP = 2e-4, 3e-4, 10, 100
"""Far above the paper's 1e-5: its encoder is 500 times as large, and reads 700,000 pictures."""
HELD, HELD_BATCH = 256, 32
"""Held-out scenes that the figures are of, and so many at a time."""


def enlarged(unit: Tensor, side: int) -> Tensor:
    """Pictures [N, 3, H, W] in [0, 1] as the encoder reads them: [N, 3, side, side], normalised."""
    grown = torch.nn.functional.interpolate(unit, size=(side, side), mode="bicubic", align_corners=False)
    return normalise(grown.clamp(0.0, 1.0), OPENAI_CLIP)


def crops_of(unit: Tensor, boxes: Tensor, side: int) -> Tensor:
    """Regions cut out and brought to a square, normalised: [N, K, 3, side, side].

    Args:
        unit: [N, 3, H, W] in [0, 1].
        boxes: [N, K, 4] in [0, 1].
        side: no smaller than a region may be in pixels; nothing is smoothed.
    """
    count = boxes.shape[1]
    taken = cut(unit.repeat_interleave(count, dim=0), boxes.flatten(0, 1), side)
    return normalise(taken, OPENAI_CLIP).unflatten(0, (-1, count))


def agreement(student: ImageEncoder, teacher: ImageEncoder, feed: Feed) -> tuple[float, float]:
    """On held-out scenes, over the 16 regions that become local tokens.

    Returns:
        Mean cosine between a region's feature and its crop's; and the share of regions whose own crop is the nearest of
        the 16 of their picture (1 / 16 by chance).
    """
    rows = torch.from_numpy(feed.pool.validation()[:HELD]).to(feed.device)
    boxes = partition(PARTITIONS).to(feed.device)
    alike, first = [], []
    with torch.no_grad():
        for some in rows.split(HELD_BATCH):
            unit, regions = to_unit(feed.scene_pictures[some]), boxes.expand(len(some), -1, -1)
            said = region_features(student, enlarged(unit, FACTOR * teacher.side), regions)
            told = crop_features(teacher, crops_of(unit, regions, teacher.side))
            alike.append(cosines(said, told).flatten())
            first.append(own_crop_first(said, told).flatten())
    return float(torch.cat(alike).mean()), float(torch.cat(first).float().mean())


def train(run: Run) -> Figures:
    """Distil the run's `clip` on the pool's scenes; save the student."""
    teacher = _teacher(run)
    student = student_of(teacher)
    if run.start is not None and (run.start / "local").is_dir():
        begin(run, "local", student.model)
    feed = Feed.open(run)
    before, first_before = agreement(teacher, teacher, feed)
    batch, regions = by_device(run, cpu=CPU_BATCH, gpu=GPU_BATCH), by_device(run, cpu=CPU_REGIONS, gpu=GPU_REGIONS)

    def step(number: int) -> Tensor:
        draw = run.generator("local", number)
        unit = feed.scenes(batch, draw).unit()
        boxes = draw_regions(batch, regions, draw)
        told = crop_features(teacher, crops_of(unit, boxes, teacher.side))
        return clipself_loss(student, enlarged(unit, FACTOR * teacher.side), boxes, told)

    lr = CPU_LR if run.device.type == "cpu" else GPU_LR
    warmup = by_device(run, cpu=CPU_WARMUP, gpu=GPU_WARMUP)
    figures = fit(run, "local", student, step, lr=lr, batch=batch, weight_decay=0.1, warmup=warmup)
    after, first_after = agreement(student, teacher, feed)
    figures |= {"cosine_before": before, "cosine_after": after}
    figures |= {"own_crop_first_before": first_before, "own_crop_first_after": first_after}
    save_half(student.model, run.weights / "local")
    return figures


def _teacher(run: Run) -> ImageEncoder:
    folder = run.weights / "clip"
    if not folder.is_dir():
        raise ModelError(
            f"{folder}: no CLIP to distil: run the stage clip first, or give --start a folder that has one"
        )
    teacher = load_image_encoder(folder)
    placed(teacher.model, run.device)
    return teacher
