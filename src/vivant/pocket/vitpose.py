"""`vitpose`: 17 keypoints of a subject in a COCO box, as heatmaps in ViTPose's layout (AP-10K's order of points).

A heatmap's peak says where the point is, its height how surely it is seen: the target is a Gaussian of height 1 for
a visible point and of height 0.4 for a hidden one, and hidden points weigh half as much in the loss.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vivant.pocket.crops import IMAGENET, cut, normalise, shaken, to_unit
from vivant.pocket.feed import Feed, by_device, placed
from vivant.pocket.loop import fit
from vivant.pocket.run import Figures, Run
from vivant.pocket.save import begin, save_half
from vivant.world import KEYPOINTS

SIZE, PATCH, MAP = 96, 12, 24
"""Pixels a side that the network reads, pixels a patch, cells a side of a heatmap."""
PADDING = 1.25
"""Side of the region around a box, in its longer side: as the image processor pads."""
SIGMA = 1.1
"""Of the target's Gaussian, in cells."""
HIDDEN_HEIGHT, HIDDEN_WEIGHT = 0.4, 0.5
CPU_BATCH, GPU_BATCH, LR = 32, 384, 1.5e-3
CPU_WARMUP, GPU_WARMUP = 50, 100


def build() -> Any:
    """A ViTPose of 1.9 million parameters: 8x8 patches, 4 layers of width 192, the simple decoder."""
    from transformers import VitPoseBackboneConfig, VitPoseConfig, VitPoseForPoseEstimation

    backbone = VitPoseBackboneConfig(
        image_size=[SIZE, SIZE],
        patch_size=[PATCH, PATCH],
        hidden_size=192,
        num_hidden_layers=4,
        num_attention_heads=3,
        out_indices=[4],
        initializer_range=0.04,
    )
    names = dict(enumerate(KEYPOINTS))
    config = VitPoseConfig(backbone_config=backbone, scale_factor=MAP * PATCH // SIZE, use_simple_decoder=True)
    config.id2label, config.label2id = names, {name: index for index, name in names.items()}
    model = VitPoseForPoseEstimation(config)
    torch.nn.init.zeros_(model.head.conv.weight)  # nearly all of a target is 0: begin there
    return model


def image_processor() -> Any:
    """The processor that is saved beside the weights; to use it, scipy has to be installed."""
    from transformers.models.vitpose.image_processing_pil_vitpose import VitPoseImageProcessorPil

    return VitPoseImageProcessorPil(size={"height": SIZE, "width": SIZE})


def regions_of(boxes: Tensor) -> tuple[Tensor, Tensor]:
    """Square region that the network reads for each box, as the image processor chooses it.

    Args:
        boxes: [M, 4] x0, y0, x1, y1.

    Returns:
        Centres [M, 2] and sides [M, 1], in the boxes' units. The region's first and last rows of cells lie on its
        edges ("unbiased data processing").
    """
    centres = (boxes[:, :2] + boxes[:, 2:]) / 2.0
    return centres, (boxes[:, 2:] - boxes[:, :2]).amax(dim=1, keepdim=True) * PADDING


def pixels(unit: Tensor, boxes: Tensor) -> Tensor:
    """What the network reads.

    Args:
        unit: [M, 3, H, W] in [0, 1], square; a picture a box.
        boxes: [M, 4] in [0, 1].

    Returns:
        [M, 3, 96, 96], normalised; black beyond the picture's edge.
    """
    centres, sides = regions_of(boxes)
    half = 0.5 * sides * SIZE / (SIZE - 1)
    middle = centres + 0.5 / unit.shape[-1]  # the processor takes whole coordinates for centres of pixels
    regions = torch.cat([middle - half, middle + half], dim=1)
    return normalise(cut(unit, regions, SIZE, padding="zeros"), IMAGENET)


def targets(keypoints: Tensor, boxes: Tensor) -> tuple[Tensor, Tensor]:
    """Heatmaps to learn, and the weight of each.

    Args:
        keypoints: [M, 17, 3] x, y in [0, 1] of the picture, visible 0 or 1.
        boxes: [M, 4] in [0, 1], the regions' boxes.

    Returns:
        [M, 17, 24, 24] and weights [M, 17]; 0 for points beyond the region.
    """
    centres, sides = regions_of(boxes)
    place = ((keypoints[..., :2] - centres[:, None]) / sides[:, None] + 0.5) * (MAP - 1)
    cells = torch.arange(MAP, device=boxes.device)
    along = torch.exp(-((cells - place[..., None]) ** 2) / (2.0 * SIGMA**2))  # [M, 17, 2, 24]
    seen = keypoints[..., 2]
    height = HIDDEN_HEIGHT + (1.0 - HIDDEN_HEIGHT) * seen
    weight = HIDDEN_WEIGHT + (1.0 - HIDDEN_WEIGHT) * seen
    within = ((place >= 0.0) & (place <= MAP - 1)).all(dim=-1)
    maps = height[..., None, None] * along[:, :, 1, :, None] * along[:, :, 0, None, :]
    return maps, weight * within


def decode(heatmaps: Tensor, boxes: Tensor) -> Tensor:
    """Peaks of heatmaps, refined below a cell by the parabola through the logarithms of the peak and its neighbours.

    Args:
        heatmaps: [M, 17, h, w].
        boxes: [M, 4] in [0, 1].

    Returns:
        [M, 17, 3] x, y in [0, 1] of the picture, and the peak's height.
    """
    count, points, height, width = heatmaps.shape
    peaks, places = heatmaps.flatten(2).max(dim=2)
    column, row = places % width, places // width
    logs = heatmaps.clamp(1e-3, 50.0).log()
    index = torch.arange(count, device=heatmaps.device)[:, None], torch.arange(points, device=heatmaps.device)[None]

    def refine(at: Tensor, size: int, across: bool) -> Tensor:
        low, high = (at - 1).clamp(min=0), (at + 1).clamp(max=size - 1)
        before, here, after = (logs[(*index, row, c) if across else (*index, c, column)] for c in (low, at, high))
        bend = before - 2.0 * here + after
        move = torch.where(bend < -1e-6, 0.5 * (before - after) / bend, torch.zeros_like(bend))
        return at + torch.where((at > 0) & (at < size - 1), move.clamp(-0.5, 0.5), torch.zeros_like(move))

    x, y = refine(column, width, True) / (width - 1), refine(row, height, False) / (height - 1)
    centres, sides = regions_of(boxes)
    where = (torch.stack([x, y], dim=-1) - 0.5) * sides[:, None] + centres[:, None]
    return torch.cat([where, peaks[..., None]], dim=-1)


def locate(model: Any, pictures: NDArray[np.uint8], boxes: NDArray[np.float32], batch: int = 64) -> NDArray[np.float32]:
    """Keypoints of one subject a picture, in batches, without scipy.

    Args:
        model: a `VitPoseForPoseEstimation` of this family.
        pictures: uint8 [M, H, W, 3], square.
        boxes: [M, 4] x0, y0, x1, y1 in [0, 1].

    Returns:
        [M, 17, 3] x, y in [0, 1], and how surely each is seen (0..1 about).
    """
    found = []
    for start in range(0, len(pictures), batch):
        part = torch.from_numpy(np.ascontiguousarray(pictures[start : start + batch])).to(model.device)
        where = torch.from_numpy(boxes[start : start + batch].astype(np.float32)).to(model.device)
        with torch.inference_mode():
            heatmaps = model(pixel_values=pixels(to_unit(part), where)).heatmaps
            found.append(decode(heatmaps.float(), where).cpu().numpy())
    return np.concatenate(found)


def pck(
    found: NDArray[np.float32], truth: NDArray[np.float32], boxes: NDArray[np.float32], part: float = 0.1
) -> list[NDArray[np.bool_]]:
    """Which visible points lie within a part of the box's longer side of the truth (percentage of correct keypoints).

    Args:
        found: [M, 17, 2 or 3] x, y in [0, 1].
        truth: [M, 17, 3] x, y, visible.
        boxes: [M, 4] in [0, 1].
        part: 0.1 for PCK@0.1.

    Returns:
        For each subject, right or wrong for each of its visible points.
    """
    distance = np.linalg.norm(found[..., :2] - truth[..., :2], axis=-1)
    limit = part * (boxes[:, 2:] - boxes[:, :2]).max(axis=1)
    right = distance <= limit[:, None]
    return [row[visible > 0] for row, visible in zip(right, truth[..., 2], strict=True)]


def train(run: Run) -> Figures:
    """Train on the pool's subjects and save the model and its processor."""
    feed = Feed.open(run)
    torch.manual_seed(run.seed_of("vitpose", -1))
    model = build()
    begin(run, "vitpose", model)
    model = placed(model, run.device)
    batch = by_device(run, cpu=CPU_BATCH, gpu=GPU_BATCH)

    def step(number: int) -> Tensor:
        draw = run.generator("vitpose", number)
        subjects = feed.subjects(batch, draw)
        boxes = shaken(subjects.boxes, 0.04, draw)
        maps, weights = targets(subjects.keypoints, boxes)
        found = model(pixel_values=pixels(subjects.unit(), boxes)).heatmaps
        # The mean would be tiny: nearly all cells of a target are 0.
        error = (found.float() - maps).square().sum(dim=(2, 3))
        return (error * weights).sum() / weights.sum().clamp(min=1.0)

    warmup = by_device(run, cpu=CPU_WARMUP, gpu=GPU_WARMUP)
    figures = fit(run, "vitpose", model, step, lr=LR, batch=batch, warmup=warmup)
    save_half(model, run.weights / "vitpose", image_processor())
    return figures
