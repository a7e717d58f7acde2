"""What the base trains on is what the pipeline would compute."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from tests.pocket.tiny import tiny_conditioner
from vivant.errors import ModelError
from vivant.pocket import encoded
from vivant.pocket.base import build, pipeline
from vivant.pocket.encoded import Conditioner, encode_scenes
from vivant.pocket.pool import Plan, open_pool, render
from vivant.pocket.run import Run


@pytest.fixture(scope="module")
def parts(tmp_path_factory):
    torch.set_num_threads(1)
    out = tmp_path_factory.mktemp("run")
    render(out / "pool", Plan(24, 2, 2, 0), workers=1)
    run = Run(out, torch.device("cpu"), 0, 1.0)
    return run, open_pool(out), tiny_conditioner(run.weights / "base")


@pytest.mark.parametrize("at_once", [False, True], ids=["as they come", "at once"])
def test_texts_are_read_as_the_pipeline_reads_them(parts, at_once):
    run, pool, conditioner = parts
    scenes = np.array([5, 2, 9])
    ours = encode_scenes(run, pool, scenes, conditioner)
    if at_once:  # as on a GPU
        hidden, pooled = encoded._texts(run.device, ours.captions.tokens, conditioner)
        assert len(hidden) == len(ours.captions.texts)
        ours = replace(ours, hidden=hidden, pooled=pooled)
    pipe = pipeline(build(4, (32, 32, 32)), conditioner)
    for row, scene in enumerate(scenes):
        for text, place in (
            (pool.texts[scene], ours.captions.short),
            (pool.texts_detailed[scene], ours.captions.detailed),
        ):
            hidden, _, pooled, _ = pipe.encode_prompt(text, do_classifier_free_guidance=False)
            found = ours.read(place[row : row + 1])
            assert torch.allclose(found[0][0].float(), hidden[0], atol=0.05)
            assert torch.allclose(found[1][0], pooled[0], atol=0.1)
    assert ours.captions.texts[0] == ""
    assert len(set(ours.captions.texts)) == len(ours.captions.texts)


def test_latents_are_kept_and_belong_to_their_pictures(parts, monkeypatch):
    run, pool, conditioner = parts
    scenes, keep = np.array([7, 3]), run.state / "latents.npy"
    first = encode_scenes(run, pool, scenes, conditioner, keep)
    monkeypatch.setattr(encoded, "_latents", lambda *_: pytest.fail("the kept latents were not used"))
    again = encode_scenes(run, pool, scenes, conditioner, keep)
    assert torch.equal(first.latents, again.latents)
    alone = conditioner.vae.encode(torch.from_numpy(pool.pictures[3]).permute(2, 0, 1)[None] / 127.5 - 1.0)
    mean = alone.latent_dist.mode().detach()
    assert torch.allclose(first.latents[1].float(), mean[0], atol=0.05 * float(mean.std()) + 0.02)


def test_a_missing_stage_is_named(tmp_path):
    with pytest.raises(ModelError, match="--stage clip"):
        Conditioner.load(tmp_path, torch.device("cpu"))
