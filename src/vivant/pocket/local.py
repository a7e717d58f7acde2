"""`local`: the local image encoder, pocket's CLIP taught by itself to say of regions what it says of their crops.

The mathematics is `vivant.training.clipself`. The student reads pictures at twice the side of the teacher, as the
family's adapter does, and the pool's pictures are as large as the teacher's: they are enlarged.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from vivant.errors import ModelError
from vivant.models.image_encoder import PARTITIONS, ImageEncoder, load_image_encoder
from vivant.models.regions import partition
from vivant.pocket.crops import OPENAI_CLIP, normalise, to_unit
from vivant.pocket.feed import Feed, by_device, placed
from vivant.pocket.loop import fit
from vivant.pocket.run import Figures, Run
from vivant.pocket.save import begin, save_half
from vivant.training.clipself import (
    clipself_loss,
    cosines,
    crop,
    crop_features,
    draw_regions,
    own_crop_first,
    region_features,
    student_of,
)

LAYERS = (0, 1, -1)
"""Of the teacher's, that the student begins with."""
FACTOR = 2
"""Side of what the student reads, in the teacher's: 256 pixels, 16x16 patches."""
CPU_BATCH, GPU_BATCH, CPU_REGIONS, GPU_REGIONS = 8, 64, 6, 12
CPU_LR, GPU_LR, CPU_WARMUP, GPU_WARMUP = 5e-4, 3e-4, 10, 100
"""Far above the paper's 1e-5: its encoder is 500 times as large, and reads 700,000 pictures."""
HELD, HELD_BATCH = 128, 16
"""Held-out scenes that the figures are of, and so many at a time."""


def as_read(unit: Tensor, side: int | None = None) -> Tensor:
    """Pictures [N, 3, H, W] in [0, 1] as encoders read them: normalised; enlarged to a side where one is given."""
    if side is not None:
        unit = F.interpolate(unit, size=(side, side), mode="bicubic", align_corners=False).clamp(0.0, 1.0)
    return normalise(unit, OPENAI_CLIP)


@dataclass(frozen=True)
class Held:
    """Held-out scenes, and what the teacher tells of the 16 regions of each that become local tokens.

    Attributes:
        pixels: [N, 3, S, S] as the student reads them.
        told: [N, 16, P].
    """

    pixels: Tensor
    told: Tensor

    @classmethod
    def of(cls, feed: Feed, teacher: ImageEncoder) -> Held:
        """The first validation scenes."""
        rows = torch.from_numpy(feed.pool.validation()[:HELD]).to(feed.device)
        units = [to_unit(feed.scene_pictures[some]) for some in rows.split(HELD_BATCH)]
        boxes = partition(PARTITIONS).to(feed.device)
        told = [
            crop_features(teacher, crop(as_read(unit), boxes.expand(len(unit), -1, -1), teacher.side)) for unit in units
        ]
        return cls(torch.cat([as_read(unit, FACTOR * teacher.side) for unit in units]), torch.cat(told))

    def agreement(self, encoder: ImageEncoder) -> tuple[float, float]:
        """Mean cosine of an encoder's features of the regions and their crops', and how often the own crop's is the
        nearest of the 16 of its picture (1 / 16 by chance)."""
        boxes = partition(PARTITIONS).to(self.told)
        with torch.no_grad():
            said = torch.cat(
                [
                    region_features(encoder, some, boxes.expand(len(some), -1, -1))
                    for some in self.pixels.split(HELD_BATCH)
                ]
            )
        return float(cosines(said, self.told).mean()), float(own_crop_first(said, self.told).float().mean())


def train(run: Run) -> Figures:
    """Distil the run's `clip` on the pool's scenes; save the student."""
    teacher = _teacher(run)
    student = thinned(student_of(teacher))
    if run.start is not None and (run.start / "local").is_dir():
        begin(run, "local", student.model)
    feed = Feed.open(run)
    held = Held.of(feed, teacher)
    before, first_before = held.agreement(teacher)
    batch, regions = by_device(run, cpu=CPU_BATCH, gpu=GPU_BATCH), by_device(run, cpu=CPU_REGIONS, gpu=GPU_REGIONS)

    def step(number: int) -> Tensor:
        draw = run.generator("local", number)
        unit = feed.scenes(batch, draw).unit()
        boxes = draw_regions(batch, regions, draw)
        told = crop_features(teacher, crop(as_read(unit), boxes, teacher.side))
        return clipself_loss(student, as_read(unit, FACTOR * teacher.side), boxes, told)

    lr = CPU_LR if run.device.type == "cpu" else GPU_LR
    warmup = by_device(run, cpu=CPU_WARMUP, gpu=GPU_WARMUP)
    figures = fit(run, "local", student, step, lr=lr, batch=batch, weight_decay=0.1, warmup=warmup)
    after, first_after = held.agreement(student)
    figures |= {"cosine_before": before, "cosine_after": after}
    figures |= {"own_crop_first_before": first_before, "own_crop_first_after": first_after}
    save_half(student.model, run.weights / "local")
    return figures


def thinned(student: ImageEncoder) -> ImageEncoder:
    """Without the layers in the middle: local features need to look less far, and the family stays under its size."""
    encoder = student.model.vision_model.encoder
    encoder.layers = nn.ModuleList(encoder.layers[number] for number in LAYERS)
    student.model.config.num_hidden_layers = len(LAYERS)
    return student


def _teacher(run: Run) -> ImageEncoder:
    folder = run.weights / "clip"
    if not folder.is_dir():
        raise ModelError(
            f"{folder}: no CLIP to distil: run the stage clip first, or give --start a folder that has one"
        )
    teacher = load_image_encoder(folder)
    placed(teacher.model, run.device)
    return teacher
