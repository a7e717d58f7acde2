"""What is left out while an adapter trains, and that what is left out has no effect."""

import torch

from tests.adapters.tiny import noise, predict, tiny_adapter, tiny_unet
from vivant.adapters.attention import attached
from vivant.training.adapter_loss import Dropping, Kept, Subjects, subject_keys

BOXES = torch.tensor([[[0.0, 0.0, 0.5, 1.0], [0.5, 0.0, 1.0, 1.0]]])


def subjects() -> Subjects:
    return Subjects(noise(1, 2, 5, 10, seed=3), noise(1, 2, 6, seed=4), BOXES)


def kept(image: bool = True, dropped: tuple[bool, bool] = (False, False)) -> Kept:
    return Kept(torch.tensor([True]), torch.tensor([image]), torch.tensor([dropped]))


def test_chances_are_kept_and_every_kind_of_leaving_out_comes():
    found = Dropping(text=0.1, image=0.2, both=0.1, grounding=0.3).draw(20_000, 2, torch.Generator().manual_seed(0))
    share = {
        "text": (~found.text & found.image).float().mean(),
        "image": (found.text & ~found.image).float().mean(),
        "both": (~found.text & ~found.image).float().mean(),
        "grounding": found.dropped.float().mean(),
    }
    for name, wanted in (("text", 0.1), ("image", 0.2), ("both", 0.1), ("grounding", 0.3)):
        assert abs(float(share[name]) - wanted) < 0.02, name


def test_nothing_is_left_out_at_chances_of_zero():
    found = Dropping(0.0, 0.0, 0.0, 0.0).draw(100, 2, torch.Generator().manual_seed(0))
    assert found.text.all() and found.image.all() and not found.dropped.any()


def test_image_prompts_left_out_leave_the_base():
    unet, latents, states = tiny_unet(), noise(1, 4, 8, 8), noise(1, 7, 12)
    adapter = tiny_adapter(unet)
    with attached(unet), torch.no_grad():
        alone = predict(unet, latents, states)
        told = predict(unet, latents, states, fixed=subject_keys(unet, adapter, subjects(), kept(), size=(8, 8)))
        without = subject_keys(unet, adapter, subjects(), kept(image=False), size=(8, 8))
        left_out = predict(unet, latents, states, fixed=without)
    assert not torch.allclose(alone, told, atol=1e-4)
    assert torch.allclose(alone, left_out, atol=1e-6)


def test_grounding_left_out_changes_that_subject_alone():
    unet = tiny_unet()
    adapter = tiny_adapter(unet)
    whole, part = (
        subject_keys(unet, adapter, subjects(), kept(dropped=dropped), size=(8, 8))
        for dropped in ((False, False), (False, True))
    )
    number = next(iter(whole.image))
    first, second = whole.image[number][0][:, :, 1:], part.image[number][0][:, :, 1:]
    queries = first.shape[2] // 2
    assert torch.allclose(first[:, :, :queries], second[:, :, :queries], atol=1e-6)
    assert not torch.allclose(first[:, :, queries:], second[:, :, queries:], atol=1e-3)
