"""Image prompts beside the text: the base where there is none, and the equation where there is one."""

import logging
from typing import Any

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from tests.adapters.tiny import TEXT, noise, predict, tiny_adapter, tiny_prompt, tiny_unet
from vivant.adapters.attention import attach, attached, cross_layers, detach, fix_text
from vivant.adapters.boxes import cells
from vivant.adapters.ms import ImagePrompt, MsAdapter, fix_keys, join_prompts
from vivant.errors import ModelError

SIZE = (8, 12)
CLOSE = {"atol": 1e-5, "rtol": 0.0}


@pytest.fixture(scope="module")
def unet():
    return tiny_unet()


@pytest.fixture(scope="module")
def adapter(unet):
    return tiny_adapter(unet)


@pytest.fixture(autouse=True)
def without_gradients():
    with torch.no_grad():
        yield


def latents(batch: int, seed: int = 5, size: tuple[int, int] = SIZE) -> torch.Tensor:
    return noise(batch, 4, *size, seed=seed)


def states(batch: int, seed: int = 6) -> torch.Tensor:
    return noise(batch, 7, TEXT, seed=seed)


def shown(
    unet: Any,
    adapter: MsAdapter,
    prompt: ImagePrompt,
    batch: int | None = None,
    size: tuple[int, int] = SIZE,
    text: bool = False,
) -> tuple[torch.Tensor, torch.Tensor]:
    """What the UNet predicts with image prompts, and without."""
    batch = batch or len(prompt.tokens)
    seen, told = latents(batch, size=size), states(batch)
    plain = predict(unet, seen, told)
    fixed = fix_keys(unet, adapter, prompt, size=size, states=told if text else None)
    with attached(unet):
        return predict(unet, seen, told, fixed=fixed), plain


def test_attached_without_a_prompt_is_the_base_bit_for_bit_and_detach_gives_it_back():
    unet = tiny_unet()
    before = unet.attn_processors
    plain = predict(unet, latents(2), states(2))
    attach(unet)
    assert torch.equal(predict(unet, latents(2), states(2)), plain)
    with pytest.raises(ModelError, match="detach"):
        attach(unet)
    detach(unet)
    after = unet.attn_processors
    assert list(after) == list(before) and all(after[name] is before[name] for name in before)


def test_a_prompt_changes_the_picture_and_strength_zero_does_not(unet, adapter):
    found, plain = shown(unet, adapter, tiny_prompt(adapter, 2))
    assert (found - plain).abs().max() > 1e-2
    found, plain = shown(unet, adapter, tiny_prompt(adapter, 2, scales=0.0))
    torch.testing.assert_close(found, plain, **CLOSE)


def test_text_keys_computed_once_are_those_computed_always(unet, adapter):
    prompt = tiny_prompt(adapter, 2)
    torch.testing.assert_close(
        shown(unet, adapter, prompt, text=True)[0], shown(unet, adapter, prompt)[0], atol=0, rtol=0
    )
    with attached(unet):
        fixed = predict(unet, latents(2), states(2), fixed=fix_text(unet, states(2)))
    torch.testing.assert_close(fixed, predict(unet, latents(2), states(2)), **CLOSE)


def naive(
    attn: Any,
    layer: int,
    prompt: ImagePrompt,
    adapter: MsAdapter,
    hidden: torch.Tensor,
    told: torch.Tensor,
    size: tuple[int, int],
) -> torch.Tensor:
    """Equation 2 written out, position by position, with its whole matrix."""
    out = torch.zeros(*hidden.shape[:2], attn.inner_dim)
    covered = cells(prompt.boxes, *size)
    key, value = (part.flatten(1, 2) for part in adapter.keys(prompt.tokens)[layer])
    queries = prompt.tokens.shape[2]

    def heads(part: torch.Tensor) -> torch.Tensor:
        return part.unflatten(-1, (attn.heads, -1)).transpose(0, 1)

    for b in range(len(hidden)):
        query = heads(attn.to_q(hidden[b]))
        text_key, text_value = heads(attn.to_k(told[b])), heads(attn.to_v(told[b]))
        term = (query @ text_key.mT * attn.scale).softmax(-1) @ text_value
        for place in range(hidden.shape[1]):
            seen = covered[b, :, place].repeat_interleave(queries)
            if seen.any():
                scores = query[:, place : place + 1] @ heads(key[b][seen]).mT * attn.scale
                strength = prompt.scales[b].repeat_interleave(queries)[seen]
                term[:, place] += ((scores.softmax(-1) * strength) @ heads(value[b][seen]))[:, 0]
        out[b] = term.transpose(0, 1).flatten(1)
    projected: torch.Tensor = attn.to_out[0](out)
    return projected


@pytest.mark.parametrize("subjects", [1, 2, 3, 6])
def test_one_layer_is_equation_2(unet, adapter, subjects):
    prompt = tiny_prompt(adapter, 2, subjects, scales=noise(2, subjects, seed=8).sigmoid())
    prompt.boxes[1, -1] = 0.0
    fixed = fix_keys(unet, adapter, prompt, size=(5, 7))
    layer, attn = next(iter(cross_layers(unet).items()))
    hidden = noise(2, 35, attn.query_dim)
    with attached(unet):
        found = attn(hidden, states(2), fixed=fixed)
    torch.testing.assert_close(found, naive(attn, layer, prompt, adapter, hidden, states(2), (5, 7)), **CLOSE)


def test_positions_of_no_subject_are_the_base_exactly(unet, adapter):
    prompt = tiny_prompt(adapter, 1)
    attn = next(iter(cross_layers(unet).values()))
    hidden = noise(1, 35, attn.query_dim)
    plain = attn(hidden, states(1))
    with attached(unet):
        found = attn(hidden, states(1), fixed=fix_keys(unet, adapter, prompt, size=(5, 7)))
    outside = ~cells(prompt.boxes, 5, 7)[0].any(dim=0)
    assert 0 < outside.sum() < 35
    assert torch.equal(found[0, outside], plain[0, outside])
    assert (found[0, ~outside] - plain[0, ~outside]).abs().amax(dim=-1).min() > 1e-4


@pytest.mark.parametrize("size", [(8, 8), (6, 16), (9, 7), (16, 6)])
def test_any_aspect_ratio(unet, adapter, size):
    """A box of one half changes that half first: the grid must not be taken for another of as many cells."""
    prompt = tiny_prompt(adapter, 1, 1)
    prompt.boxes[0, 0] = torch.tensor([0.0, 0.0, 0.5, 1.0])
    attn = next(iter(cross_layers(unet).values()))
    hidden = noise(1, size[0] * size[1], attn.query_dim)
    plain = attn(hidden, states(1))
    with attached(unet):
        found = attn(hidden, states(1), fixed=fix_keys(unet, adapter, prompt, size=size))
    changed = ((found - plain)[0].abs().amax(dim=-1) > 0).view(size)
    half = -(-size[1] // 2)
    assert changed[:, :half].all() and not changed[:, half:].any()
    found, plain = shown(unet, adapter, prompt, size=size)
    assert found.shape == plain.shape and (found - plain).abs().max() > 1e-3


def test_a_batch_of_two_is_two_of_one_whatever_their_numbers_of_subjects(unet, adapter):
    one, two = tiny_prompt(adapter, 1, 1, seed=3), tiny_prompt(adapter, 1, 3, seed=13)
    both = join_prompts([one, two])
    assert both.tokens.shape[:2] == (2, 3)
    together = shown(unet, adapter, both)[0]
    seen, told = latents(2), states(2)
    with attached(unet):
        alone = [
            predict(unet, seen[b : b + 1], told[b : b + 1], fixed=fix_keys(unet, adapter, prompt, size=SIZE))
            for b, prompt in enumerate((one, two))
        ]
    torch.testing.assert_close(together, torch.cat(alone), **CLOSE)


def test_the_order_of_subjects_does_not_matter(unet, adapter):
    prompt = tiny_prompt(adapter, 2, 3, scales=[0.3, 0.6, 0.9])
    order = [2, 0, 1]
    permuted = ImagePrompt(prompt.tokens[:, order], prompt.boxes[:, order], prompt.scales[:, order])
    torch.testing.assert_close(shown(unet, adapter, permuted)[0], shown(unet, adapter, prompt)[0], **CLOSE)


def test_a_subject_without_a_box_has_no_effect(unet, adapter):
    prompt = tiny_prompt(adapter, 1, 2)
    prompt.boxes[0, 1] = 0.0
    alone = ImagePrompt(prompt.tokens[:, :1], prompt.boxes[:, :1], prompt.scales[:, :1])
    torch.testing.assert_close(shown(unet, adapter, prompt)[0], shown(unet, adapter, alone)[0], **CLOSE)
    alone.boxes[0, 0] = 0.0
    found, plain = shown(unet, adapter, alone)
    torch.testing.assert_close(found, plain, **CLOSE)


def test_the_unconditional_half_has_no_image_term(unet, adapter):
    prompt = tiny_prompt(adapter, 1)
    found, plain = shown(unet, adapter, prompt, batch=2, text=True)
    torch.testing.assert_close(found[:1], plain[:1], **CLOSE)
    with attached(unet):
        alone = predict(unet, latents(2)[1:], states(2)[1:], fixed=fix_keys(unet, adapter, prompt, size=SIZE))
    torch.testing.assert_close(found[1:], alone, **CLOSE)
    assert (found[1:] - plain[1:]).abs().max() > 1e-2


class Largest(TorchDispatchMode):  # type: ignore[misc]
    """The largest tensor of numbers that any operation gives."""

    def __init__(self) -> None:
        super().__init__()
        self.numbers = 0

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        out = function(*args, **(kwargs or {}))
        for one in out if isinstance(out, tuple | list) else (out,):
            if isinstance(one, torch.Tensor) and one.is_floating_point():
                self.numbers = max(self.numbers, one.numel())
        return out


def test_no_attention_matrix_is_made(unet, adapter):
    """Six subjects and 400 positions in four heads make 7200 * 4 probabilities a picture."""
    prompt = tiny_prompt(adapter, 1, 6)
    attn = list(cross_layers(unet).values())[1]
    fixed = fix_keys(unet, adapter, prompt, size=(40, 40), states=states(1))
    hidden = noise(1, 400, attn.query_dim)
    with attached(unet), Largest() as largest:
        attn(hidden, states(1), fixed=fixed)
    assert 0 < largest.numbers < attn.heads * 400 * 18


def test_keys_of_another_size_or_batch_are_refused(unet, adapter):
    prompt = tiny_prompt(adapter, 2)
    with attached(unet):
        with pytest.raises(ModelError, match=r"96 positions.* 9 x 5"):
            predict(unet, latents(2), states(2), fixed=fix_keys(unet, adapter, prompt, size=(5, 9)))
        with pytest.raises(ModelError, match="2 pictures, and a batch of 1"):
            predict(unet, latents(1), states(1), fixed=fix_keys(unet, adapter, prompt, size=SIZE))
        with pytest.raises(ModelError, match="2 rows of a batch, and the UNet got 4"):
            predict(unet, latents(4), states(4), fixed=fix_keys(unet, adapter, prompt, size=SIZE, states=states(2)))


def test_the_libraries_have_nothing_to_say(unet, adapter, caplog):
    logging.getLogger("diffusers").propagate = True
    shown(unet, adapter, tiny_prompt(adapter, 1))
    logging.getLogger("diffusers").propagate = False
    assert not caplog.records


def test_half_precision_around_full_keys(unet, adapter):
    prompt = tiny_prompt(adapter, 1)
    exact = shown(unet, adapter, prompt)[0]
    with torch.autocast("cpu", torch.bfloat16):
        found = shown(unet, adapter, prompt, text=True)[0]
    assert (found.float() - exact).abs().max() < 0.1


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_a_gpu_in_half_precision_agrees():
    """Its kernels take masks in other ways."""
    results = []
    for device, dtype in (("cpu", torch.float32), ("cuda", torch.float16)):
        unet = tiny_unet()
        adapter = tiny_adapter(unet).to(device, dtype)
        unet = unet.to(device, dtype)
        seen, told = latents(2).to(device, dtype), states(2).to(device, dtype)
        fixed = fix_keys(unet, adapter, tiny_prompt(adapter, 1, 3), size=SIZE, states=told)
        with attached(unet):
            results.append(predict(unet, seen, told, fixed=fixed).float().cpu())
    assert (results[1] - results[0]).abs().max() < 0.05


@pytest.mark.parametrize("checkpointing", [False, True])
def test_the_adapter_learns_through_the_unet(checkpointing):
    unet = tiny_unet()
    adapter = tiny_adapter(unet).requires_grad_(True)
    if checkpointing:
        unet.enable_gradient_checkpointing()
    unet.train()
    with torch.enable_grad(), attached(unet):
        prompt = tiny_prompt(adapter, 1, dropped=torch.tensor([[True, False]]))
        found = predict(unet, latents(1), states(1), fixed=fix_keys(unet, adapter, prompt, size=SIZE))
        found.square().mean().backward()
    still = [name for name, value in adapter.named_parameters() if value.grad is None or not value.grad.abs().sum()]
    assert not still
