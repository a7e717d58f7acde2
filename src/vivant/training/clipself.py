"""CLIPSelf's mathematics: an encoder learns to say of a region what it says of that region's own picture.

Local tokens are means of dense states over regions, and a CLIP's dense states were never trained to mean anything of
their own. So a student, a copy of the CLIP, reads the whole picture at a larger size, and the mean of its dense states
in a region is drawn towards the frozen teacher's image-level feature of the region cut out (DreamRelation, section 8;
RelationBooth, section 3.3 and A.1; Wu et al. 2024, section 3.2).

The two are compared after the teacher's visual projection, frozen on both sides. The image-level feature is the
projected class token: only there was CLIP ever trained to compare pictures, and before it the class token carries
directions that the projection throws away and that patches have no reason to share. The adapter reads the tokens
unprojected, as published: the student's hidden states move, the projection does not, so what was learned is in them.
What is pooled is what the adapter is given, states of length one a patch.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from vivant.models.image_encoder import PARTITIONS, ImageEncoder
from vivant.models.regions import partition, pool_boxes

MOST_CELLS = 6
"""A region is a cell of a grid of 1 to 6 rows and 1 to 6 columns (Wu et al. 2024, section 3.2)."""


def student_of(teacher: ImageEncoder) -> ImageEncoder:
    """A copy that learns: all of it but what dense states do not depend on, and the projection.

    Dense states skip the last layer's attention, and with it its queries and keys.
    """
    student: ImageEncoder = copy.deepcopy(teacher)
    student.requires_grad_(True).train()
    student.model.visual_projection.requires_grad_(False)
    last = student.model.vision_model.encoder.layers[-1].self_attn
    for idle in (last.q_proj, last.k_proj):
        idle.requires_grad_(False)
    return student


def draw_regions(pictures: int, regions: int, draw: torch.Generator) -> Tensor:
    """Boxes [pictures, regions, 4] x0, y0, x1, y1 in [0, 1]: each a cell at random of a grid of its own.

    Args:
        pictures, regions: how many.
        draw: on the device that the boxes shall lie on.
    """
    shape = (pictures, regions, 2)
    cells = torch.randint(1, MOST_CELLS + 1, shape, generator=draw, device=draw.device)
    place = (torch.rand(shape, generator=draw, device=draw.device) * cells).floor()
    return torch.cat([place / cells, (place + 1) / cells], dim=-1)


def crop(pictures: Tensor, boxes: Tensor, side: int) -> Tensor:
    """Regions cut out and brought to a square, bilinearly, smoothed where they shrink: [B, K, 3, side, side].

    Args:
        pictures: [B, 3, H, W]; pixel values before or after CLIP's normalisation.
        boxes: [B, K, 4] in [0, 1].
        side: pixels.
    """
    height, width = pictures.shape[-2:]
    across, down = (
        _resampling(boxes[..., at], boxes[..., at + 2], size, side) for at, size in ((0, width), (1, height))
    )
    with torch.autocast(pictures.device.type, enabled=False):
        rows = torch.einsum("bkth,bchw->bkctw", down.to(pictures), pictures)
        return torch.einsum("bksw,bkctw->bkcts", across.to(pictures), rows)


def _resampling(start: Tensor, end: Tensor, size: int, side: int) -> Tensor:
    """Weights of `size` pixels in each of `side` evenly spaced ones of intervals [..] of [0, 1]: [.., side, size]."""
    step = ((end - start) * size / side)[..., None, None]
    centres = start[..., None, None] * size + (torch.arange(side, device=start.device)[:, None] + 0.5) * step
    distance = (torch.arange(size, device=start.device) + 0.5 - centres).abs()
    weights = (1.0 - distance / step.clamp(min=1.0)).clamp(min=0.0)
    return weights / weights.sum(dim=-1, keepdim=True)


def region_features(encoder: ImageEncoder, pixels: Tensor, boxes: Tensor) -> Tensor:
    """Projected means of dense states [B, K, P]: what the encoder says of regions, having read the whole pictures.

    Args:
        encoder: student, or the teacher to see where it starts from.
        pixels: [B, 3, S, S] prepared, of any size that the patches divide.
        boxes: [B, K, 4] in [0, 1].
    """
    said: Tensor = encoder.model.visual_projection(pool_boxes(encoder.dense(pixels), boxes))
    return said


def crop_features(teacher: ImageEncoder, pixels: Tensor, boxes: Tensor) -> Tensor:
    """Image-level features [B, K, P] of regions cut out and brought to the teacher's side, without gradient.

    Args:
        teacher: frozen.
        pixels, boxes: as for `region_features`.
    """
    with torch.no_grad():
        crops = crop(pixels, boxes, teacher.side)
        return teacher.image_embeds(crops.flatten(0, 1)).unflatten(0, crops.shape[:2])


def cosines(said: Tensor, told: Tensor) -> Tensor:
    """Of features [B, K, P]: [B, K], in float32."""
    return F.cosine_similarity(said.float(), told.float(), dim=-1)


def clipself_loss(said: Tensor, told: Tensor) -> Tensor:
    """1 - the mean cosine between what the student says of regions and what the teacher tells of their crops.

    Args:
        said: [B, K, P] of `region_features`.
        told: [B, K, P] of `crop_features`.
    """
    return 1.0 - cosines(said, told).mean()


def own_crop_first(said: Tensor, told: Tensor) -> Tensor:
    """Whether a region's feature is nearest to that of its own crop among all of its picture: bool [B, K].

    A mean cosine also rises when everything is drawn to one direction; this does not.
    """
    likeness = F.normalize(said.float(), dim=-1) @ F.normalize(told.float(), dim=-1).transpose(1, 2)
    return likeness.argmax(dim=-1) == torch.arange(said.shape[1], device=said.device)


@dataclass(frozen=True)
class Held:
    """Pictures that are never trained on, and what the teacher tells of the 16 regions that become local tokens.

    Attributes:
        pixels: [N, 3, S, S] as the student reads them, on any device.
        told: [N, 16, P].
        batch: pictures at a time.
    """

    pixels: Tensor
    told: Tensor
    batch: int

    @classmethod
    def of(cls, pixels: Tensor, teacher: ImageEncoder, batch: int) -> Held:
        """Of pictures [N, 3, S, S] as the student reads them."""
        device = teacher.model.device
        parts = ((some, _local(some)) for some in pixels.split(batch))
        told = [crop_features(teacher, some.to(device), boxes.to(device)) for some, boxes in parts]
        return cls(pixels, torch.cat(told), batch)

    def answers(self, encoder: ImageEncoder) -> tuple[Tensor, Tensor]:
        """Of an encoder: the cosine of each region's feature and its crop's, and whether the own crop's is the nearest
        among those of the picture; [N, 16] each."""
        device = encoder.model.device
        with torch.no_grad():
            said = torch.cat(
                [
                    region_features(encoder, some.to(device), _local(some).to(device))
                    for some in self.pixels.split(self.batch)
                ]
            )
        return cosines(said, self.told), own_crop_first(said, self.told)

    def agreement(self, encoder: ImageEncoder) -> dict[str, float]:
        """Means of `answers`: "cosine", and "own_crop_first", which is 1 / 16 by chance."""
        alike, first = self.answers(encoder)
        return {"cosine": float(alike.mean()), "own_crop_first": float(first.float().mean())}


def _local(pixels: Tensor) -> Tensor:
    """The regions of the local tokens, for each picture: [B, 16, 4]."""
    return partition(PARTITIONS).expand(len(pixels), -1, -1)
