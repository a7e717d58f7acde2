"""CLIPSelf: regions and crops agree, what cannot learn does not, and what learns comes nearer to the crops."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from tests.training.tiny_clip import tiny_clip
from vivant.models.image_encoder import PARTITIONS, ImageEncoder
from vivant.models.regions import partition, pool_boxes
from vivant.training.clipself import (
    MOST_CELLS,
    Held,
    clipself_loss,
    cosines,
    crop,
    crop_features,
    draw_regions,
    own_crop_first,
    region_features,
    student_of,
)


@pytest.fixture(scope="module")
def teacher():
    return ImageEncoder(tiny_clip()).requires_grad_(False).eval()


def noise(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def blots(count: int, side: int, seed: int = 0) -> torch.Tensor:
    """Pictures of coarse patches of colour: their parts differ."""
    coarse = torch.randn(count, 3, 4, 4, generator=noise(seed))
    return F.interpolate(coarse, size=(side, side), mode="nearest") + 0.1 * torch.randn(
        count, 3, side, side, generator=noise(seed + 1)
    )


def test_a_region_and_its_crop_show_the_same_place():
    picture = torch.zeros(1, 3, 48, 96)
    picture[:, :, 16:32, 48:64] = 1.0  # x 0.5 to 2/3, y 1/3 to 2/3
    boxes = torch.tensor([[[0.5, 1 / 3, 2 / 3, 2 / 3], [0.0, 0.0, 0.5, 1.0], [0.0, 0.0, 1.0, 1.0]]])
    cut = crop(picture, boxes, 24)
    assert cut.shape == (1, 3, 3, 24, 24)
    assert cut[0, 0, :, 2:-2, 2:-2].min() > 0.999  # bilinear: the square's own edge alone is mixed with what is beyond
    assert cut[0, 1, :, :, :-1].max() < 1e-6
    assert float(cut[0, 2, 0].mean()) == pytest.approx(1 / 18, rel=0.02)
    # The cell grid of the dense map, 8 pixels a patch, says the same of the same boxes.
    pooled = pool_boxes(F.avg_pool2d(picture, 8), boxes)[0, :, 0]
    torch.testing.assert_close(pooled, torch.tensor([1.0, 0.0, 1 / 18]), atol=1e-4, rtol=0.0)


def test_crops_are_smoothed_where_they_shrink():
    picture = torch.rand(2, 3, 80, 120, generator=noise())
    whole = torch.tensor([[[0.0, 0.0, 1.0, 1.0]]]).expand(2, -1, -1)
    shrunk = F.interpolate(picture, size=(32, 32), mode="bilinear", antialias=True)
    torch.testing.assert_close(crop(picture, whole, 32)[:, 0], shrunk, atol=1e-5, rtol=0.0)
    half = torch.tensor([[[0.5, 0.0, 1.0, 0.5]]]).expand(2, -1, -1)
    grown = crop(picture, half, 80)[:, 0, :, 8:-8, 8:-8]
    wanted = F.interpolate(picture[:, :, :40, 60:], size=(80, 80), mode="bilinear")[:, :, 8:-8, 8:-8]
    torch.testing.assert_close(grown, wanted, atol=1e-5, rtol=0.0)


def test_regions_are_cells_of_grids_of_every_size():
    boxes = draw_regions(50, 40, noise())
    sizes = boxes[..., 2:] - boxes[..., :2]
    assert boxes.min() >= 0.0 and boxes.max() <= 1.0 + 1e-6
    counts = 1.0 / sizes
    torch.testing.assert_close(counts, counts.round(), atol=1e-3, rtol=0.0)
    assert set(counts.round().int().flatten().tolist()) == set(range(1, MOST_CELLS + 1))
    places = boxes[..., :2] / sizes
    torch.testing.assert_close(places, places.round(), atol=1e-3, rtol=0.0)
    assert torch.equal(boxes, draw_regions(50, 40, noise())) and not torch.equal(boxes, draw_regions(50, 40, noise(1)))


def test_everything_learns_that_dense_states_depend_on(teacher):
    student = student_of(teacher)
    pixels, boxes = blots(2, 64), draw_regions(2, 3, noise())
    clipself_loss(region_features(student, pixels, boxes), crop_features(teacher, pixels, boxes)).backward()
    idle = {name for name, value in student.model.named_parameters() if value.grad is None}
    last = "vision_model.encoder.layers.2.self_attn."
    assert idle == {"visual_projection.weight"} | {
        f"{last}{p}_proj.{kind}" for p in "qk" for kind in ("weight", "bias")
    }
    assert all(value.grad is None for value in teacher.parameters())
    assert not any(value.requires_grad for value in teacher.parameters())


def test_what_is_compared_is_the_token_that_the_adapter_reads(teacher):
    pixels = blots(2, 64)
    boxes = partition(PARTITIONS).expand(2, -1, -1)
    tokens = teacher.local_tokens(pixels)
    torch.testing.assert_close(region_features(teacher, pixels, boxes), teacher.model.visual_projection(tokens))
    whole = torch.tensor([[[0.0, 0.0, 1.0, 1.0]]]).expand(2, -1, -1)
    shrunk = F.interpolate(pixels, size=(32, 32), mode="bilinear", antialias=True)
    torch.testing.assert_close(
        crop_features(teacher, pixels, whole)[:, 0], teacher.image_embeds(shrunk), atol=1e-5, rtol=1e-4
    )


def test_the_loss_is_the_distance_of_directions():
    said, told = torch.randn(2, 3, 8, generator=noise()), torch.randn(2, 3, 8, generator=noise(1))
    assert float(clipself_loss(said, 3.0 * said)) == pytest.approx(0.0, abs=1e-6)
    assert float(clipself_loss(said, -said)) == pytest.approx(2.0)
    wanted = 1.0 - np.mean(
        [float(F.cosine_similarity(a, b, dim=0)) for a, b in zip(said.flatten(0, 1), told.flatten(0, 1), strict=True)]
    )
    assert float(clipself_loss(said, told)) == pytest.approx(wanted, abs=1e-6)
    assert cosines(said, told).shape == (2, 3)


def test_the_own_crop_is_first_or_is_not():
    told = torch.eye(4)[None]
    assert own_crop_first(5.0 * told, told).all()
    assert own_crop_first(told[:, [1, 0, 2, 3]], told).tolist() == [[False, False, True, True]]


def test_distilled_regions_come_nearer_to_their_crops(teacher):
    """On pictures that were not trained on, and by more than a common direction."""
    held = Held.of(blots(6, 64, seed=90), teacher, 4)
    before = held.agreement(teacher)
    student = student_of(teacher)
    optimiser = torch.optim.AdamW([p for p in student.parameters() if p.requires_grad], lr=3e-3)
    for step in range(40):
        pixels, boxes = blots(8, 64, seed=2 * step), draw_regions(8, 4, noise(step))
        clipself_loss(region_features(student, pixels, boxes), crop_features(teacher, pixels, boxes)).backward()
        optimiser.step()
        optimiser.zero_grad()
    after = held.agreement(student)
    assert after["cosine"] > before["cosine"] + 0.2
    assert after["own_crop_first"] > max(before["own_crop_first"], 1 / 16) + 0.1
    assert held.agreement(teacher) == before
