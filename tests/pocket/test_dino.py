import math

import numpy as np
import pytest
import torch

from tests.pocket.little import noise
from vivant.pocket.dino import SIZE, Pair, balanced, build, crops_of, embed, image_processor, telling
from vivant.pocket.save import save_half


@pytest.fixture(scope="module")
def pair():
    torch.manual_seed(0)
    return Pair(build())


def crops(count: int, size: int, seed: int) -> list[torch.Tensor]:
    return [torch.randn(4, 3, size, size, generator=noise(seed + i)) for i in range(count)]


def test_only_the_student_learns(pair):
    loss = pair.loss(crops(2, SIZE, 0), crops(1, 48, 9))
    loss.backward()
    assert all(p.grad is None for p in pair.teacher.parameters())
    assert all(p.grad is not None for name, p in pair.student.named_parameters() if "mask_token" not in name)
    pair.zero_grad()


def test_the_teacher_follows(pair):
    with torch.no_grad():
        for parameter in pair.student.parameters():
            parameter.add_(1.0)
    before = [p.clone() for p in pair.teacher.parameters()]
    pair.follow(0.75)
    for old, new, goal in zip(before, pair.teacher.parameters(), pair.student.parameters(), strict=True):
        torch.testing.assert_close(new, old + 0.25 * (goal - old))


def test_balanced_answers_are_given_equally_often():
    shares = balanced(torch.randn(64, 16, generator=noise()) * 2.0 + torch.linspace(0, 6, 16))
    torch.testing.assert_close(shares.sum(dim=1), torch.ones(64))
    assert shares.sum(dim=0).min() > 2.0 and shares.sum(dim=0).max() < 7.0  # four each would be even


def test_telling_costs_nothing_where_each_knows_its_own_and_chance_where_all_are_alike():
    own = torch.eye(8)
    assert telling(own, 3.0 * own) < 0.01
    assert telling(own, own.roll(1, 0)) > 5.0
    assert telling(torch.ones(8, 4), torch.ones(8, 4)) == pytest.approx(math.log(8), abs=1e-4)


def test_crops_lie_in_their_regions():
    unit = torch.zeros(8, 3, 64, 64)
    unit[:, :, :32, :32] = 1.0
    whole = crops_of(unit, torch.tensor([[0.0, 0.0, 0.5, 0.5]]).repeat(8, 1), 32, (0.3, 1.0), noise())
    dark = crops_of(unit, torch.tensor([[0.5, 0.5, 1.0, 1.0]]).repeat(8, 1), 32, (0.3, 1.0), noise())
    assert whole.shape == (8, 3, 32, 32)
    assert (whole.amin(dim=(1, 2, 3)) > dark.amax(dim=(1, 2, 3))).all()


def test_saved_and_loaded_embeds_the_same(tmp_path):
    from transformers import ViTModel

    torch.manual_seed(0)
    model = build().eval()
    save_half(model, tmp_path / "dino", image_processor())
    again = ViTModel.from_pretrained(tmp_path / "dino", add_pooling_layer=False, dtype=torch.float32).eval()
    pictures = np.random.default_rng(0).integers(0, 256, (3, 128, 128, 3), dtype=np.uint8)
    found = embed(model, pictures)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1.0, rtol=1e-5)
    np.testing.assert_allclose(embed(again, pictures), found, atol=5e-3)
    np.testing.assert_allclose(embed(model, pictures, batch=1), found, atol=1e-5)
