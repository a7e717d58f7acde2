"""CLIP's image half from every layout it comes in, its hidden states and its local tokens."""

import json
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from vivant.errors import ImageError, ModelError
from vivant.models.image_encoder import ImageEncoder, load_image_encoder

VISION = {
    "hidden_size": 16,
    "intermediate_size": 32,
    "num_hidden_layers": 3,
    "num_attention_heads": 2,
    "image_size": 32,
    "patch_size": 8,
    "projection_dim": 12,
    "hidden_act": "gelu",
}


@pytest.fixture(scope="module")
def model():
    from transformers import CLIPVisionConfig, CLIPVisionModelWithProjection

    torch.manual_seed(0)
    model = CLIPVisionModelWithProjection(CLIPVisionConfig(**VISION)).eval().requires_grad_(False)
    for value in model.parameters():
        value += 0.1 * torch.randn_like(value)
    return model


@pytest.fixture(scope="module")
def folder(model, tmp_path_factory):
    path = tmp_path_factory.mktemp("vision")
    model.save_pretrained(path)
    return path


@pytest.fixture(scope="module")
def encoder(folder):
    return load_image_encoder(folder)


def photos(*sizes: tuple[int, int]) -> list[np.ndarray[Any, np.dtype[np.uint8]]]:
    rng = np.random.default_rng(0)
    return [rng.integers(0, 256, (height, width, 3), dtype=np.uint8) for height, width in sizes]


def open_clip_names(model: Any) -> dict[str, torch.Tensor]:
    """The state dict as open_clip writes it, from transformers' names, by hand."""
    given = {name.removeprefix("vision_model."): value for name, value in model.state_dict().items()}
    table = {
        "class_embedding": given["embeddings.class_embedding"],
        "positional_embedding": given["embeddings.position_embedding.weight"],
        "conv1.weight": given["embeddings.patch_embedding.weight"],
        "proj": given["visual_projection.weight"].T,
        **{f"ln_pre.{kind}": given[f"pre_layrnorm.{kind}"] for kind in ("weight", "bias")},
        **{f"ln_post.{kind}": given[f"post_layernorm.{kind}"] for kind in ("weight", "bias")},
    }
    for number in range(3):
        ours, theirs = f"encoder.layers.{number}", f"transformer.resblocks.{number}"
        for kind in ("weight", "bias"):
            table[f"{theirs}.attn.in_proj_{kind}"] = torch.cat(
                [given[f"{ours}.self_attn.{p}_proj.{kind}"] for p in "qkv"]
            )
            table[f"{theirs}.attn.out_proj.{kind}"] = given[f"{ours}.self_attn.out_proj.{kind}"]
            table[f"{theirs}.mlp.c_fc.{kind}"] = given[f"{ours}.mlp.fc1.{kind}"]
            table[f"{theirs}.mlp.c_proj.{kind}"] = given[f"{ours}.mlp.fc2.{kind}"]
            for norm in "12":
                table[f"{theirs}.ln_{norm}.{kind}"] = given[f"{ours}.layer_norm{norm}.{kind}"]
    return table


def same(found: ImageEncoder, model: Any) -> None:
    before, after = model.state_dict(), found.model.state_dict()
    assert list(before) == list(after) and all(torch.equal(before[name], after[name]) for name in before)


def test_hidden_states_are_the_last_but_one(encoder, model):
    pixels = encoder.prepare(photos((32, 32), (40, 50)))
    wanted = model(pixels, output_hidden_states=True)
    torch.testing.assert_close(encoder.image_features(pixels), wanted.hidden_states[-2])
    assert encoder.image_features(pixels).shape == (2, 17, 16)
    torch.testing.assert_close(encoder.image_embeds(pixels), wanted.image_embeds)


def test_pictures_are_prepared_as_clip_does(encoder):
    from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

    pictures = photos((32, 32), (90, 50), (33, 71))
    for factor in (1, 2):
        side = 32 * factor
        processor = CLIPImageProcessorPil(size={"shortest_edge": side}, crop_size={"height": side, "width": side})
        wanted = processor(pictures, return_tensors="pt")["pixel_values"]
        torch.testing.assert_close(encoder.prepare(pictures, factor), wanted, atol=1e-5, rtol=0)
    with pytest.raises(ImageError, match="RGB"):
        encoder.prepare([np.zeros((8, 8, 4), np.uint8)])


def test_the_dense_last_layer_looks_nowhere_else(encoder, model):
    """Equations 8 to 10, by hand; and what one patch shows reaches the others in the layers before alone."""
    pixels = encoder.prepare(photos((50, 50)), 2)
    hidden = model(pixels, output_hidden_states=True, interpolate_pos_encoding=True).hidden_states[-2][:, 1:]
    last = model.vision_model.encoder.layers[-1]
    hidden = hidden + last.self_attn.out_proj(last.self_attn.v_proj(last.layer_norm1(hidden)))
    hidden = model.vision_model.post_layernorm(hidden + last.mlp(last.layer_norm2(hidden)))
    dense = encoder.dense(pixels)
    assert dense.shape == (1, 16, 8, 8)
    torch.testing.assert_close(dense.flatten(2).transpose(1, 2), F.normalize(hidden, dim=-1))


@pytest.mark.parametrize(("partitions", "factor"), [(4, 4), (2, 2), (1, 1), (3, 4)])
def test_local_tokens_are_means_of_cells(encoder, partitions, factor):
    pictures = photos((60, 40), (32, 32))
    found = encoder.local_tokens(pictures, partitions, factor)
    assert found.shape == (2, partitions**2, 16)
    dense = encoder.dense(pictures, factor)
    assert dense.shape == (2, 16, 4 * factor, 4 * factor)
    if 4 * factor % partitions == 0:
        step = 4 * factor // partitions
        last_in_first_column = dense[:, :, (partitions - 1) * step :, :step].mean(dim=(2, 3))
        torch.testing.assert_close(found[:, partitions - 1], last_in_first_column)
    torch.testing.assert_close(torch.cat([encoder.local_tokens([one], partitions, factor) for one in pictures]), found)


def test_as_published_is_the_default(encoder):
    assert encoder.local_tokens(photos((32, 32))).shape == (1, 16, 16)
    assert encoder.dense(photos((32, 32))).shape == (1, 16, 16, 16)


def test_a_whole_clip_model_gives_its_vision_half(model, tmp_path):
    from transformers import CLIPConfig, CLIPModel, CLIPTextConfig

    text = CLIPTextConfig(hidden_size=8, intermediate_size=8, num_hidden_layers=1, num_attention_heads=1, vocab_size=9)
    clip = CLIPModel(CLIPConfig(text_config=text.to_dict(), vision_config=VISION, projection_dim=12))
    clip.vision_model.load_state_dict(model.vision_model.state_dict())
    clip.visual_projection.load_state_dict(model.visual_projection.state_dict())
    clip.save_pretrained(tmp_path)
    same(load_image_encoder(tmp_path), model)


def test_saved_is_loaded_exactly_in_parts_too(encoder, model, tmp_path):
    encoder.model.save_pretrained(tmp_path, max_shard_size="8KB")
    assert len(list(tmp_path.glob("model-*.safetensors"))) > 1
    same(load_image_encoder(tmp_path), model)
    assert not any(value.requires_grad for value in load_image_encoder(tmp_path).parameters())


@pytest.mark.parametrize("layout", ["bare", "visual", "training"])
def test_open_clip_layouts(model, tmp_path, layout):
    table = open_clip_names(model)
    if layout != "bare":
        table = {f"visual.{name}": value for name, value in table.items()}
        table |= {"logit_scale": torch.ones(()), "transformer.resblocks.0.ln_1.weight": torch.ones(3)}
    if layout == "training":
        table = {"epoch": 6, "state_dict": {f"module.{name}": value for name, value in table.items()}}
    torch.save(table, tmp_path / "epoch_6.pt")
    found = load_image_encoder(tmp_path / "epoch_6.pt", heads=2)
    same(found, model)
    pixels = found.prepare(photos((32, 32)))
    torch.testing.assert_close(found.image_features(pixels), ImageEncoder(model).image_features(pixels))


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (lambda t: t.pop("visual.ln_post.bias"), r"missing visual\.ln_post\.bias"),
        (lambda t: t.pop("visual.proj"), r"missing visual\.proj"),
        (lambda t: t.update({"visual.attn_pool.query": torch.ones(1)}), r"unexpected visual\.attn_pool\.query"),
        (
            lambda t: t.pop("visual.transformer.resblocks.1.attn.in_proj_bias"),
            r"missing visual\.transformer.*in_proj_bias",
        ),
        (lambda t: t.update({"optimizer": torch.ones(1)}), "unexpected optimizer"),
        (
            lambda t: t.update({"visual.ln_pre.bias": torch.ones(3)}),
            r"visual\.ln_pre\.bias has shape \[3\], expected \[16\]",
        ),
    ],
)
def test_whatever_does_not_fit_is_named(model, tmp_path, edit, words):
    table = {f"visual.{name}": value for name, value in open_clip_names(model).items()}
    edit(table)
    torch.save(table, tmp_path / "epoch_6.pt")
    with pytest.raises(ModelError, match=rf"epoch_6\.pt: {words}"):
        load_image_encoder(tmp_path / "epoch_6.pt", heads=2)


def test_the_heads_of_an_unknown_width_have_to_be_given(model, tmp_path):
    torch.save(open_clip_names(model), tmp_path / "a.pt")
    with pytest.raises(ModelError, match="a width of 16 and None heads"):
        load_image_encoder(tmp_path / "a.pt")


def test_folders_that_are_none(folder, tmp_path):
    with pytest.raises(ModelError, match=r"no config\.json"):
        load_image_encoder(tmp_path)
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "bert"}))
    with pytest.raises(ModelError, match="'bert'"):
        load_image_encoder(tmp_path)
    (tmp_path / "config.json").write_text((folder / "config.json").read_text())
    with pytest.raises(ModelError, match=r"no model\.safetensors"):
        load_image_encoder(tmp_path)


def test_a_hub_that_cannot_be_reached(tmp_path, monkeypatch):
    import huggingface_hub.constants

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(ModelError, match=r"image encoder some/clip: .*a hub id"):
        load_image_encoder("some/clip")
