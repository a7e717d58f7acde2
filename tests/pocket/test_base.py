"""The base: its noise, its loss, and that what is trained is what the saved scheduler samples."""

import math
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from vivant.pocket.base import Objective, build, compiled, pipeline, save
from vivant.pocket.captions import Captions
from vivant.pocket.encoded import Conditioner, Encoded
from vivant.pocket.noise import channel_weights, noised, scheduler, velocity, weight

STEPS, LATENTS = 25, 4


@pytest.fixture(autouse=True)
def one_thread():
    torch.set_num_threads(1)


def exact_velocity(seen: Tensor, truth: Tensor, alpha_bar: Tensor) -> Tensor:
    """What a perfect model says when there is only one picture, `truth`."""
    return (alpha_bar.sqrt() * seen - truth) / (1.0 - alpha_bar).sqrt()


def test_the_target_is_what_a_perfect_model_says():
    truth, noise = torch.randn(2, 3, 4, 4), torch.randn(2, 3, 4, 4)
    alpha_bar = scheduler().alphas_cumprod[torch.tensor([10, 700])].view(-1, 1, 1, 1)
    seen = noised(truth, noise, alpha_bar)
    assert torch.allclose(velocity(truth, noise, alpha_bar), exact_velocity(seen, truth, alpha_bar), atol=1e-4)


def test_the_schedule_ends_in_pure_noise_and_weights_do_not_vanish_there():
    alpha_bar = scheduler().alphas_cumprod
    assert alpha_bar[-1] < 1e-6
    assert alpha_bar[0] > 0.998
    assert weight(alpha_bar[-1]) > 0.1
    assert weight(alpha_bar[0]) < 0.1


def test_channels_weigh_by_the_root_of_what_is_seen_of_them():
    class Decoder:
        config = SimpleNamespace(scaling_factor=0.5)

        def decode(self, latents: Tensor) -> SimpleNamespace:
            """The second channel shows four times as much of itself as the first, the third nothing."""
            return SimpleNamespace(sample=latents * torch.tensor([1.0, 4.0, 0.0]).view(1, 3, 1, 1))

    latents = torch.randn(8, 3, 16, 16, generator=torch.Generator().manual_seed(0))
    found = channel_weights(Decoder(), latents).flatten()
    assert found.mean() == pytest.approx(1.0)
    assert found[1] / found[0] == pytest.approx(4.0, rel=0.1)
    assert found[2] == 0.0


def test_a_perfect_model_sampled_by_the_saved_scheduler_gives_the_truth(tmp_path):
    from diffusers import EulerDiscreteScheduler

    scheduler().save_pretrained(tmp_path)
    sampler = EulerDiscreteScheduler.from_pretrained(tmp_path)
    sampler.set_timesteps(STEPS)
    truth = torch.randn(4, LATENTS, 16, 16, generator=torch.Generator().manual_seed(1)) * 1.3 + 0.4
    latents = torch.randn(truth.shape, generator=torch.Generator().manual_seed(2)) * sampler.init_noise_sigma
    assert int(sampler.timesteps[0]) == 999
    for number, time in enumerate(sampler.timesteps):
        seen = sampler.scale_model_input(latents, time)
        if number == 0:
            assert abs(float(seen.std()) - 1.0) < 0.05  # as in training: noise alone, of deviation 1
        told = exact_velocity(seen, truth, sampler.alphas_cumprod[int(time)])
        latents = sampler.step(told, time, latents).prev_sample
    assert torch.allclose(latents, truth, atol=2e-2)


class Recorder(nn.Module):  # type: ignore[misc]
    """Stands for the UNet: notes what it is told, predicts zero."""

    def forward(self, seen, times, hidden, added_cond_kwargs, return_dict):
        self.seen, self.hidden, self.added = seen, hidden, added_cond_kwargs
        return (torch.zeros_like(seen),)


def encoded(scenes: int = 6) -> Encoded:
    captions = Captions(
        texts=["", *map(str, range(2 * scenes))],
        tokens=torch.zeros(1 + 2 * scenes, 77, dtype=torch.int64),
        short=torch.arange(1, 1 + scenes),
        detailed=torch.arange(1 + scenes, 1 + 2 * scenes),
    )
    hidden = torch.arange(1.0, 2.0 + 2 * scenes).view(-1, 1, 1).expand(-1, 77, 320).to(torch.bfloat16)
    latents = torch.randn(scenes, LATENTS, 16, 16, generator=torch.Generator().manual_seed(0)).half()
    nobody: Any = None  # all states are there: nothing is left to read
    return Encoded(latents, captions, hidden, hidden[:, 0, :192], nobody, torch.ones(1, LATENTS, 1, 1))


def test_a_batch_mixes_short_detailed_empty_and_dropped_captions():
    unet = Recorder()
    objective = Objective(encoded(), unet, torch.device("cpu"))
    loss = objective(4000, torch.Generator().manual_seed(0))
    told = unet.hidden[:, 0, 0].float()
    assert abs(float((told == 0).float().mean()) - 0.08) < 0.02
    assert abs(float((told == 1).float().mean()) - 0.02) < 0.01
    assert abs(float(((told > 1) & (told < 8)).float().mean()) - 0.45) < 0.04
    assert torch.equal(unet.added["text_embeds"][:, 0] == 0, told == 0)
    assert unet.added["time_ids"][0].tolist() == [128, 128, 0, 0, 128, 128]
    assert 0.3 < float(loss) < 1.5


def test_the_same_generator_gives_the_same_loss():
    objective = Objective(encoded(), Recorder(), torch.device("cpu"))
    first = objective(8, torch.Generator().manual_seed(5))
    assert torch.equal(first, objective(8, torch.Generator().manual_seed(5)))
    assert not torch.equal(first, objective(8, torch.Generator().manual_seed(6)))


def test_the_network_has_the_agreed_size_and_reads_text_at_every_level():
    unet = build(LATENTS)
    assert 8e6 < sum(p.numel() for p in unet.parameters()) < 20e6
    assert all("CrossAttn" in name for name in [*unet.config.down_block_types, *unet.config.up_block_types])
    assert unet.config.cross_attention_dim == 320


def test_a_machine_that_cannot_compile_trains_uncompiled(monkeypatch, capsys):
    monkeypatch.setattr(torch, "compile", lambda module, dynamic: None)
    unet = build(LATENTS, (32, 32, 32))

    def attempt(faster):
        raise RuntimeError("no C++ compiler\nlong explanation")

    assert compiled(unet, attempt) is unet
    assert "no C++ compiler" in capsys.readouterr().err


def test_the_saved_folder_is_a_pipeline(tmp_path):
    from diffusers import StableDiffusionXLPipeline

    from tests.pocket.tiny import tiny_conditioner

    conditioner: Conditioner = tiny_conditioner(tmp_path)
    unet = build(conditioner.vae.config.latent_channels, (32, 32, 32))
    save(unet, conditioner, tmp_path)
    loaded = StableDiffusionXLPipeline.from_pretrained(tmp_path, dtype=torch.float32)
    loaded.set_progress_bar_config(disable=True)
    ours = pipeline(loaded.unet, conditioner)
    ours.set_progress_bar_config(disable=True)
    pictures = [
        pipe("a fox", num_inference_steps=2, generator=torch.Generator().manual_seed(0), output_type="np").images
        for pipe in (loaded, ours)
    ]
    assert pictures[0].shape == (1, 128, 128, 3)
    assert np.allclose(pictures[0], pictures[1], atol=1e-3)
    assert not math.isnan(float(pictures[0].mean()))
    assert Path(tmp_path / "model_index.json").is_file()
