"""The adapter stage: its references, its loss, what is saved."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.pocket.little import little_pool
from tests.pocket.tiny import tiny_conditioner
from vivant.adapters.attention import attached
from vivant.adapters.ms import load_ms_adapter, new_ms_adapter
from vivant.adapters.sources import adapter_file
from vivant.pocket import adapter as stage
from vivant.pocket.base import build
from vivant.pocket.clip import build as build_clip
from vivant.pocket.encoded import encode_scenes
from vivant.pocket.run import Run
from vivant.pocket.save import save_half
from vivant.pocket.tokenizer import load_tokenizer


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A run with untrained parts, its encoded scenes and references."""
    torch.set_num_threads(1)
    monkeypatch.setattr(stage, "VIEWS", 1)
    run = Run(tmp_path, torch.device("cpu"), 0, 1.0)
    conditioner = tiny_conditioner(run.weights / "base")
    torch.manual_seed(0)
    clip = build_clip(load_tokenizer(run))
    for name in ("clip", "local"):
        save_half(clip if name == "clip" else _vision(clip), run.weights / name)
    pool = little_pool()
    scenes = pool.training(seen_only=True)
    encoded = encode_scenes(run, pool, scenes, conditioner)
    references = stage.encode_references(run, pool, scenes, conditioner)
    unet = build(4, (32, 32))
    return run, conditioner, encoded, references, unet


def _vision(clip: Any) -> Any:
    from transformers import CLIPVisionModelWithProjection

    vision = CLIPVisionModelWithProjection(clip.config.vision_config)
    kept = {name: value for name, value in clip.state_dict().items() if name in vision.state_dict()}
    vision.load_state_dict(kept)
    return vision


def draw(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_the_stage_end_to_end(made):
    run, conditioner, encoded, references, unet = made
    assert references.features.shape == (12, 1, 65 + 16, 256)
    assert references.image_tokens == 65

    # Those without portraits have no box, and so no image prompt; every other batch has local tokens.
    rows = torch.arange(len(encoded.latents))
    found = references.subjects(rows, draw(0))
    assert found.features.shape[1:3] == (stage.PLACES, 81)
    assert references.subjects(rows, draw(1)).features.shape[2] == 65
    shown = found.boxes[..., 2] > found.boxes[..., 0]
    known = references.people >= 0
    assert torch.equal(shown.sum(dim=1), known.sum(dim=1).clamp(max=stage.PLACES))
    assert (found.boxes[~shown] == 0).all()

    # A portrait's features are its owner's, and so is the box, but for the shaking.
    scene, place = (int(x) for x in np.argwhere(known.numpy())[0])
    own = references.features[references.people[scene, place], 0].float()
    assert torch.allclose(found.features[scene, 0], own)
    far = (found.boxes[scene, 0] - references.boxes[scene, place]).abs().max()
    assert 0 < far <= stage.SHAKEN

    # Both learn: gradients reach the base and the adapter.
    adapter = new_ms_adapter(unet, stage.SIZES)
    objective = stage.Objective(encoded, references, unet, adapter)
    with attached(unet):
        loss = objective(8, draw(1))
        loss.backward()
        assert torch.equal(objective(8, draw(1)), loss)
    for module in (unet, adapter.image_proj, adapter.ms_adapter):
        assert any(value.grad is not None and value.grad.abs().sum() > 0 for value in module.parameters())

    stage.save(run, unet, adapter, conditioner)
    loaded = load_ms_adapter(adapter_file(str(run.weights / "adapter")), unet)
    assert loaded.sizes == stage.SIZES
    assert (run.weights / "base" / "model_index.json").is_file()
