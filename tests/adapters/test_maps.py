"""Where words look, recorded, and what is drawn from it."""

import pytest
import torch

from tests.adapters.tiny import TEXT, noise, predict, tiny_adapter, tiny_prompt, tiny_unet
from vivant.adapters.attention import attached, cross_layers
from vivant.adapters.boxes import layer_sizes
from vivant.adapters.maps import MapRecorder, combined, hard_masks, select_tokens, soft_masks
from vivant.adapters.ms import ImagePrompt, fix_keys
from vivant.errors import ModelError

SIZE = (6, 10)
SPANS = [[[1, 2], [4]], [[3], []]]


@pytest.fixture(scope="module")
def unet():
    return tiny_unet()


@pytest.fixture(autouse=True)
def without_gradients():
    with torch.no_grad():
        yield


def test_words_are_means_of_their_tokens():
    chosen = select_tokens(SPANS, 7)
    assert chosen.shape == (2, 7, 2)
    assert chosen[0, :, 0].tolist() == [0, 0.5, 0.5, 0, 0, 0, 0] and not chosen[1, :, 1].any()
    with pytest.raises(ModelError, match="token 7 of a prompt of 7"):
        select_tokens([[[7]]], 7)


def test_maps_are_the_columns_of_the_attention_matrix(unet):
    """Of the conditional half alone, averaged over heads and over the word's tokens."""
    recorder = MapRecorder(select_tokens(SPANS, 7), layer_sizes(unet, *SIZE))
    number, attn = list(cross_layers(unet).items())[-1]
    hidden, told = noise(4, 15, attn.query_dim), noise(4, 7, TEXT, seed=1)
    with attached(unet):
        attn(hidden, told, recorder=recorder)
        attn(hidden, told, recorder=recorder)
    query, key = (part.unflatten(-1, (attn.heads, -1)).transpose(1, 2) for part in (attn.to_q(hidden), attn.to_k(told)))
    matrix = (query @ key.mT * attn.scale).softmax(-1).mean(dim=1)[2:]
    found = recorder.maps()
    assert found.keys() == {number} and found[number].shape == (2, 2, 3, 5)
    torch.testing.assert_close(found[number][0, 0].flatten(), matrix[0, :, 1:3].mean(-1))
    torch.testing.assert_close(found[number][1, 0].flatten(), matrix[1, :, 3])
    assert not found[number][1, 1].any()
    recorder.clear()
    assert not recorder.maps()


def test_recording_changes_nothing_and_leaves_out_fine_grids(unet):
    recorder = MapRecorder(select_tokens(SPANS, 7), layer_sizes(unet, *SIZE), largest=6)
    seen, told = noise(2, 4, *SIZE), noise(2, 7, TEXT, seed=1)
    plain = predict(unet, seen, told)
    with attached(unet):
        torch.testing.assert_close(predict(unet, seen, told, recorder=recorder), plain, atol=1e-6, rtol=0)
    assert {tuple(layer.shape[-2:]) for layer in recorder.maps().values()} == {(3, 5), (2, 3)}
    assert combined(recorder.maps(), *SIZE).shape == (2, 2, *SIZE)
    with pytest.raises(ModelError, match="no attention map"):
        combined({}, *SIZE)


def test_maps_carry_gradients():
    unet = tiny_unet().requires_grad_(True)
    recorder = MapRecorder(select_tokens(SPANS[:1], 7), layer_sizes(unet, *SIZE))
    with torch.enable_grad(), attached(unet):
        predict(unet, noise(1, 4, *SIZE), noise(1, 7, TEXT), recorder=recorder)
        sum(layer[:, 0].mean() for layer in recorder.maps().values()).backward()
    assert all(attn.to_k.weight.grad.abs().sum() > 0 for attn in cross_layers(unet).values())


def test_masks_are_where_a_map_is_high():
    maps = torch.tensor([[[[0.10, 0.12], [0.19, 0.20]], [[0.3, 0.3], [0.3, 0.3]]]])
    torch.testing.assert_close(soft_masks(maps)[0, 0], torch.tensor([[0.0, 0.2], [0.9, 1.0]]))
    assert hard_masks(maps)[0].tolist() == [[[False, False], [True, True]], [[False, False], [False, False]]]
    assert hard_masks(maps, 0.1)[0, 0].tolist() == [[False, True], [True, True]]


def test_masks_of_a_box_do_what_the_box_does(unet):
    adapter = tiny_adapter(unet)
    prompt = tiny_prompt(adapter, 1, 2)
    prompt.boxes[0] = torch.tensor([[0.0, 0.0, 0.4, 1.0], [0.4, 1 / 3, 0.8, 1.0]])  # on the grid's own lines
    masks = torch.zeros(1, 2, 6, 10, dtype=torch.bool)
    masks[0, 0, :, :4], masks[0, 1, 2:, 4:8] = True, True
    nowhere = ImagePrompt(prompt.tokens, torch.zeros(1, 2, 4), prompt.scales)
    boxed, masked = (
        fix_keys(unet, adapter, prompt, size=SIZE),
        fix_keys(unet, adapter, nowhere, size=SIZE).with_masks(masks),
    )
    assert torch.equal(boxed.looks[60], masked.looks[60])
    with attached(unet):
        seen, told = noise(1, 4, *SIZE), noise(1, 7, TEXT, seed=1)
        elsewhere = predict(unet, seen, told, fixed=masked.with_masks(masks.flip(-1)))
        assert (elsewhere - predict(unet, seen, told, fixed=masked)).abs().max() > 1e-3
    with pytest.raises(ModelError, match="masks"):
        boxed.with_masks(masks.expand(2, -1, -1, -1))


def test_without_a_layout_subjects_go_where_their_words_look(unet):
    """The whole way: some steps with the text alone, maps, masks, and then the image prompt in them."""
    adapter = tiny_adapter(unet)
    prompt = tiny_prompt(adapter, 1, 2)
    prompt.boxes[:] = 0.0
    seen, told = noise(1, 4, *SIZE), noise(1, 7, TEXT, seed=1)
    recorder = MapRecorder(select_tokens(SPANS[:1], 7), layer_sizes(unet, *SIZE))
    fixed = fix_keys(unet, adapter, prompt, size=SIZE, states=told)
    with attached(unet):
        before = predict(unet, seen, told, fixed=fixed, recorder=recorder)
        masks = hard_masks(combined(recorder.maps(), *SIZE))
        after = predict(unet, seen, told, fixed=fixed.with_masks(masks))
    torch.testing.assert_close(before, predict(unet, seen, told), atol=1e-5, rtol=0)
    assert masks.any() and not masks.all() and (after - before).abs().max() > 1e-3
