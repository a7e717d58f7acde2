"""`local`: the local image encoder, pocket's CLIP taught by itself to say of regions what it says of their crops.

The mathematics is `vivant.training.clipself`. The student reads pictures at twice the side of the teacher, as the
family's adapter does, and the pool's pictures are as large as the teacher's: they are enlarged.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from vivant.errors import ModelError
from vivant.models.image_encoder import ImageEncoder, load_image_encoder
from vivant.pocket.crops import OPENAI_CLIP, normalise, to_unit
from vivant.pocket.feed import Feed, by_device, placed
from vivant.pocket.loop import fit
from vivant.pocket.run import Figures, Run
from vivant.pocket.save import begin, save_half
from vivant.training.clipself import (
    Held,
    clipself_loss,
    crop_features,
    draw_regions,
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


def as_read(pictures: Tensor, side: int) -> Tensor:
    """uint8 [N, H, W, 3] as an encoder of that side reads them: [N, 3, side, side], enlarged and normalised."""
    grown = F.interpolate(to_unit(pictures), size=(side, side), mode="bicubic", align_corners=False)
    return normalise(grown.clamp(0.0, 1.0), OPENAI_CLIP)


def train(run: Run) -> Figures:
    """Distil the run's `clip` on the pool's scenes; save the student."""
    teacher = _teacher(run)
    student = thinned(student_of(teacher))
    if run.start is not None and (run.start / "local").is_dir():
        begin(run, "local", student.model)
    feed = Feed.open(run)
    side = FACTOR * teacher.side
    rows = torch.from_numpy(feed.pool.validation()[:HELD]).to(run.device)
    held = Held.of(as_read(feed.scene_pictures[rows], side), teacher, HELD_BATCH)
    before = held.agreement(teacher)
    batch, regions = by_device(run, cpu=CPU_BATCH, gpu=GPU_BATCH), by_device(run, cpu=CPU_REGIONS, gpu=GPU_REGIONS)

    def step(number: int) -> Tensor:
        draw = run.generator("local", number)
        pixels = as_read(feed.scenes(batch, draw).pictures, side)
        boxes = draw_regions(batch, regions, draw)
        return clipself_loss(region_features(student, pixels, boxes), crop_features(teacher, pixels, boxes))

    lr = CPU_LR if run.device.type == "cpu" else GPU_LR
    warmup = by_device(run, cpu=CPU_WARMUP, gpu=GPU_WARMUP)
    figures = fit(run, "local", student, step, lr=lr, batch=batch, weight_decay=0.1, warmup=warmup)
    figures |= {f"{name}_before": value for name, value in before.items()}
    figures |= {f"{name}_after": value for name, value in held.agreement(student).items()}
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
