"""Image prompts in drawing: off they are the base, on they act where they should, whatever the batch and the size."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from tests.generation.tiny import load_unet, save_tiny_adapter, save_tiny_lora
from tests.tiny_bases import save_tiny_sd15, save_tiny_sdxl
from vivant.adapters.attention import attached, cross_layers
from vivant.adapters.ms import MsAdapter, fix_keys, load_ms_adapter
from vivant.adapters.relation_lora import load_lora
from vivant.errors import InputError, ModelError, SettingsError
from vivant.generation.layout_free import LayoutFree, moved
from vivant.generation.pictures import draw
from vivant.generation.plan import Sampling
from vivant.generation.sample import Step
from vivant.generation.subjects import Subjects, draw_with_subjects, image_prompt, prepare_subjects
from vivant.models.bundle import Bundle, load_bundle
from vivant.models.text import encode_empty, encode_text
from vivant.types import Box, Image

PROMPT = "a cat is hugging a dog"
HOW = Sampling(3, 4.0, 0.7, 64, 64, None)
LEFT, RIGHT = Box(x0=0, y0=0, x1=0.5, y1=1), Box(x0=0.5, y0=0.25, x1=1, y1=1)


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    return save_tiny_sdxl(tmp_path_factory.mktemp("bases") / "sdxl")


@pytest.fixture(scope="module")
def bundle(base):
    return load_bundle(str(base), "cpu")


@pytest.fixture(scope="module")
def adapter(bundle, tmp_path_factory):
    path = save_tiny_adapter(tmp_path_factory.mktemp("adapter") / "ms_adapter.safetensors", bundle.unet, 16)
    return load_ms_adapter(path, bundle.unet)


def photo(seed: int, tokens: int = 17) -> torch.Tensor:
    return torch.randn(tokens, 16, generator=torch.Generator().manual_seed(seed))


def cat_and_dog(bundle: Any, boxes: tuple[Box | None, ...] = (LEFT, RIGHT), scales: Any = 1.0) -> Subjects:
    return prepare_subjects(bundle, PROMPT, ["cat", "dog"], [photo(0), photo(1)], boxes, scales)


def show(
    bundle: Bundle,
    adapter: MsAdapter,
    *subjects: Subjects,
    seeds: Sequence[int] = (0,),
    how: Sampling = HOW,
    prompts: Sequence[str] | None = None,
    **options: Any,
) -> list[Image]:
    texts = [encode_text(bundle, [prompt]) for prompt in prompts or [PROMPT] * len(subjects)]
    empty = None if how.guidance == 1.0 else encode_empty(bundle)
    return draw_with_subjects(bundle, adapter, texts, empty, seeds, how, subjects, **options)


def plain(bundle: Bundle, how: Sampling = HOW, seeds: Sequence[int] = (0,)) -> list[Image]:
    empty = None if how.guidance == 1.0 else encode_empty(bundle)
    return draw(bundle, [encode_text(bundle, [PROMPT])] * len(seeds), empty, list(seeds), how)


def apart(one: Image, other: Image) -> int:
    return int(np.abs(one.astype(int) - other).max())


@pytest.mark.parametrize("how", [HOW, replace(HOW, guidance=1.0), replace(HOW, width=96, height=72)])
def test_off_is_the_base_and_on_is_not(bundle, adapter, how):
    off = show(bundle, adapter, cat_and_dog(bundle, scales=0.0), how=how)[0]
    on = show(bundle, adapter, cat_and_dog(bundle), how=how)[0]
    assert on.shape == (how.height, how.width, 3)
    assert apart(off, plain(bundle, how)[0]) <= 1 and apart(on, off) > 20


def test_sd15s_layout_takes_subjects_too(tmp_path):
    bundle = load_bundle(str(save_tiny_sd15(tmp_path / "sd15")), "cpu")
    path = save_tiny_adapter(tmp_path / "ms_adapter.safetensors", bundle.unet, 24)
    on = show(bundle, load_ms_adapter(path, bundle.unet), cat_and_dog(bundle))[0]
    assert apart(on, plain(bundle)[0]) > 20


def test_a_batch_of_two_equals_two_of_one(bundle, adapter):
    """With another number of subjects, other places and another sentence in each picture."""
    fox = prepare_subjects(bundle, "a fox", ["fox"], [photo(2)], [RIGHT], 0.8)
    both = show(bundle, adapter, cat_and_dog(bundle), fox, seeds=(3, 4), prompts=[PROMPT, "a fox"])
    first = show(bundle, adapter, cat_and_dog(bundle), seeds=(3,))[0]
    second = show(bundle, adapter, fox, seeds=(4,), prompts=["a fox"])[0]
    assert apart(both[0], first) <= 1 and apart(both[1], second) <= 1 and apart(first, second) > 20


def test_a_subject_without_a_box_is_not_in_the_picture(bundle, adapter):
    both = show(bundle, adapter, cat_and_dog(bundle, (LEFT, None)))[0]
    cat = prepare_subjects(bundle, PROMPT, ["cat"], [photo(0)], [LEFT], 1.0)
    assert apart(both, show(bundle, adapter, cat)[0]) <= 1
    assert apart(both, show(bundle, adapter, cat_and_dog(bundle))[0]) > 20


def test_each_subject_has_its_own_scale_and_number_of_photos(bundle, adapter):
    both = show(bundle, adapter, cat_and_dog(bundle, scales=(1.0, 0.0)))[0]
    cat = prepare_subjects(bundle, PROMPT, ["cat"], [photo(0)], [LEFT], 1.0)
    overlapping = show(bundle, adapter, cat_and_dog(bundle, (LEFT, LEFT), (1.0, 0.0)))[0]
    assert apart(both, show(bundle, adapter, cat)[0]) <= 1
    assert apart(both, overlapping) > 1  # there its attention is shared
    two_photos = prepare_subjects(bundle, PROMPT, ["cat"], [photo(0, 34)], [LEFT], 1.0)
    assert apart(show(bundle, adapter, two_photos)[0], both) > 1


def test_conditions_are_computed_once_and_not_for_the_empty_branch(bundle, adapter):
    seen: list[Any] = []
    keys = []
    layer = next(iter(cross_layers(bundle.unet).values()))
    hooks = [
        bundle.unet.register_forward_pre_hook(
            lambda module, inputs, options: seen.append((len(inputs[0]), options["cross_attention_kwargs"]["fixed"])),
            with_kwargs=True,
        ),
        layer.to_k.register_forward_hook(lambda *call: keys.append(1)),
    ]
    try:
        show(bundle, adapter, cat_and_dog(bundle), cat_and_dog(bundle), seeds=(0, 1))
    finally:
        for hook in hooks:
            hook.remove()
    assert [rows for rows, _ in seen] == [4, 4, 4] and len(keys) == 1
    assert all(len(key) == 2 for key, _ in seen[0][1].image.values())
    assert all(len(key) == 4 for key, _ in seen[0][1].text.values())


def test_a_unet_that_is_attached_stays_so_and_another_one_not(bundle, adapter):
    names = {name: type(one) for name, one in bundle.unet.attn_processors.items()}
    first = show(bundle, adapter, cat_and_dog(bundle))[0]
    assert {name: type(one) for name, one in bundle.unet.attn_processors.items()} == names
    with attached(bundle.unet):
        inside = {name: type(one) for name, one in bundle.unet.attn_processors.items()}
        assert (show(bundle, adapter, cat_and_dog(bundle))[0] == first).all()
        assert {name: type(one) for name, one in bundle.unet.attn_processors.items()} == inside != names


def test_a_lora_composes_with_subjects_and_with_the_base_alone(base, adapter, tmp_path):
    bundle = load_bundle(str(base), "cpu")
    before = plain(bundle)[0], show(bundle, adapter, cat_and_dog(bundle))[0]
    load_lora(bundle.unet, save_tiny_lora(tmp_path / "lora", load_unet(base)), "lora0", 0.5)
    after = plain(bundle)[0], show(bundle, adapter, cat_and_dog(bundle))[0]
    assert all(apart(one, other) > 5 for one, other in zip(before, after, strict=True))
    assert apart(*after) > 20


def test_places_are_estimated_while_the_picture_takes_shape(bundle, adapter):
    """Until the first estimate the picture is the base's; then each step looks where the words' attention is."""
    looks: list[dict[int, torch.Tensor]] = []
    free: list[Step] = []
    alone: list[Step] = []

    def note(module, inputs, options):
        looks.append({at: look.clone() for at, look in options["cross_attention_kwargs"]["fixed"].looks.items()})

    how = replace(HOW, steps=6)
    hook = bundle.unet.register_forward_pre_hook(note, with_kwargs=True)
    subjects = cat_and_dog(bundle, (None, None))
    try:
        show(bundle, adapter, subjects, how=how, layout=LayoutFree(start=1 / 3), record=free.append)
    finally:
        hook.remove()
    draw(bundle, [encode_text(bundle, [PROMPT])], encode_empty(bundle), [0], how, alone.append)
    equal = [torch.allclose(one.latents, other.latents, atol=1e-4) for one, other in zip(free, alone, strict=True)]
    assert equal == [True, True, False, False, False, False]
    covered = [look[16][..., 1:].any(dim=-1).float().mean().item() for look in looks]
    assert covered[:2] == [0.0, 0.0] and all(0.0 < share < 1.0 for share in covered[2:])
    cat, dog = (looks[-1][16][..., first] for first in (1, 4))
    assert (cat != dog).any() and any((looks[2][at] != looks[-1][at]).any() for at in looks[2])


def test_who_has_a_box_keeps_it_and_nobody_is_estimated_if_all_have(bundle, adapter):
    looks: list[Any] = []
    hook = bundle.unet.register_forward_pre_hook(
        lambda module, inputs, options: looks.append(options["cross_attention_kwargs"]), with_kwargs=True
    )
    try:
        show(bundle, adapter, cat_and_dog(bundle, (LEFT, None)), layout=LayoutFree())
        show(bundle, adapter, cat_and_dog(bundle), layout=LayoutFree())
    finally:
        hook.remove()
    before, after = looks[0]["fixed"].looks[16], looks[2]["fixed"].looks[16]
    assert (before[..., 1:4] == after[..., 1:4]).all() and after[..., 1].float().mean() == 0.5
    assert not before[..., 4:].any() and after[..., 4:].any()
    assert "recorder" in looks[0] and "recorder" not in looks[3]


def test_moved_subjects_are_where_their_masks_are(bundle, adapter):
    prompt = image_prompt(adapter, cat_and_dog(bundle, (LEFT, None)))
    fixed = fix_keys(bundle.unet, adapter, prompt, size=(8, 8))
    masks = torch.zeros(1, 2, 8, 8, dtype=torch.bool)
    masks[:, :, :4] = True
    after = moved(fixed, masks, torch.tensor([[True, False]])).looks[64].view(8, 8, 7)
    assert after[:, :4, 1].all() and not after[:, 4:, 1].any()
    assert after[:4, :, 4].all() and not after[4:, :, 4].any()
    assert (after[..., 0] == ~after[..., 1:].any(dim=-1)).all() and after[4:, 4:, 0].all()


def test_what_does_not_fit_is_one_clear_error(bundle, adapter, monkeypatch):
    with pytest.raises(InputError, match="does not name the subject 'fox'"):
        prepare_subjects(bundle, PROMPT, ["fox"], [photo(0)], [LEFT])
    with pytest.raises(InputError, match="2 subjects, 1 photos"):
        prepare_subjects(bundle, PROMPT, ["cat", "dog"], [photo(0)], [LEFT, RIGHT])
    for wrong in (0.0, 1.0):
        with pytest.raises(SettingsError, match="layout start"):
            LayoutFree(start=wrong)

    def fill(*arguments, **options):
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20 GiB")

    monkeypatch.setattr(bundle.unet, "forward", fill)
    with pytest.raises(ModelError, match="not enough memory: lower --batch"):
        show(bundle, adapter, cat_and_dog(bundle))
