"""The mathematics of drawing: noise, guidance, the way down through the noise levels, pixels.

`denoise` knows nothing of text, and a `Predict` nothing of schedulers: whoever adds image prompts writes another one.
Latents stay in float32 whatever the UNet computes in: at zero terminal SNR they start at a standard deviation of 4096.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import torch

from vivant.errors import ModelError, SettingsError
from vivant.models.bundle import Bundle
from vivant.models.text import Text, added_conditions, join
from vivant.types import Image

Predict = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
"""Latents as the scheduler scales them [B, C, h, w] and a time step to the prediction [B, C, h, w], in float32."""


class Step(NamedTuple):
    """What a recorder is told after each step.

    Attributes:
        number: from 0.
        timestep: of the model, about 999 down to 0.
        latents: [B, C, h, w] float32, after the step.
    """

    number: int
    timestep: float
    latents: torch.Tensor


Recorder = Callable[[Step], None]


def generators(seeds: Sequence[int]) -> list[torch.Generator]:
    """One a picture, on the CPU: a picture depends neither on its batch nor on the kind of device."""
    return [torch.Generator("cpu").manual_seed(seed) for seed in seeds]


def draw_noise(bundle: Bundle, sources: Sequence[torch.Generator], height: int, width: int) -> torch.Tensor:
    """Standard normal latents [B, C, height / factor, width / factor], float32.

    Args:
        bundle: the base.
        sources: one a picture.
        height, width: of the picture in pixels.

    Raises:
        SettingsError: a size that is no multiple of the autoencoder's factor.
    """
    factor = bundle.factor
    if height % factor or width % factor:
        raise SettingsError(f"a size of {width} x {height}: base {bundle.name!r} draws multiples of {factor} pixels")
    shape = (bundle.unet.config.in_channels, height // factor, width // factor)
    return torch.stack([torch.randn(shape, generator=source) for source in sources]).to(bundle.device)


def guided(
    bundle: Bundle,
    text: Text,
    empty: Text | None,
    *,
    size: tuple[int, int],
    guidance: float,
    rescale: float = 0.0,
    attention: Mapping[str, Any] | None = None,
) -> Predict:
    """A predictor with classifier-free guidance, both branches in one batch.

    Args:
        bundle: the base.
        text: of each picture.
        empty: of the branch without the prompt; None computes no such branch.
        size: height and width of the picture in pixels, which SDXL's layout is told.
        guidance: how far to go from the empty branch to the prompt's and beyond.
        rescale: see `rescaled`.
        attention: what the UNet's attention layers are told, looked up anew at every step; see
            `vivant.adapters.attention`.
    """
    whole = text if empty is None else join([empty, text])
    told = added_conditions(whole, *size)

    def predict(latents: torch.Tensor, timestep: torch.Tensor) -> torch.Tensor:
        seen = (latents if empty is None else torch.cat([latents, latents])).to(bundle.dtype)
        predicted = bundle.unet(
            seen,
            timestep,
            encoder_hidden_states=whole.states,
            added_cond_kwargs=told,
            cross_attention_kwargs=None if attention is None else dict(attention),
            return_dict=False,
        )[0].float()
        if empty is None:
            return predicted
        without, with_text = predicted.chunk(2)
        return rescaled(without + guidance * (with_text - without), with_text, rescale)

    return predict


def rescaled(guided: torch.Tensor, plain: torch.Tensor, phi: float) -> torch.Tensor:
    """Guidance raises contrast; bring it back by phi towards the prediction's own (arXiv 2305.08891, equations 15, 16).

    Args:
        guided, plain: [B, C, h, w], the prediction with guidance and the prompt's own.
        phi: 0 leaves `guided` as it is, 1 gives it the standard deviation of `plain`, picture by picture.
    """
    if phi == 0.0:
        return guided
    dims = (1, 2, 3)
    same_contrast = guided * (plain.std(dims, keepdim=True) / guided.std(dims, keepdim=True))
    return phi * same_contrast + (1.0 - phi) * guided


def denoise(
    predict: Predict,
    scheduler: Any,
    noise: torch.Tensor,
    *,
    steps: int,
    sources: Sequence[torch.Generator],
    record: Recorder | None = None,
) -> torch.Tensor:
    """From noise to latents of a picture.

    Args:
        predict: the model.
        scheduler: of diffusers, a fresh one.
        noise: [B, C, h, w] standard normal.
        steps: of denoising.
        sources: one a picture, for schedulers that add noise on the way.
        record: told of every step.

    Returns:
        [B, C, h, w] float32.

    Raises:
        SettingsError: the scheduler cannot take that many steps.
    """
    timesteps = set_steps(scheduler, steps, noise.device)
    options = {"generator": list(sources)} if "generator" in inspect.signature(scheduler.step).parameters else {}
    latents = noise * scheduler.init_noise_sigma
    for number, timestep in enumerate(timesteps):
        predicted = predict(scheduler.scale_model_input(latents, timestep), timestep)
        latents = scheduler.step(predicted, timestep, latents, return_dict=False, **options)[0]
        if record is not None:
            record(Step(number, float(timestep), latents))
    return latents


def set_steps(scheduler: Any, steps: int, device: Any = "cpu") -> torch.Tensor:
    """Prepare a fresh scheduler; the time steps to go through, which for some kinds are a few more than asked for.

    Raises:
        SettingsError: the scheduler cannot take that many steps.
    """
    try:
        scheduler.set_timesteps(steps, device=device)
    except ValueError as error:
        raise SettingsError(f"{steps} sampling steps do not suit {type(scheduler).__name__}: {error}") from error
    if hasattr(scheduler, "set_begin_index"):
        scheduler.set_begin_index(0)  # saves looking every time step up on the device
    timesteps: torch.Tensor = scheduler.timesteps
    return timesteps


def sampled(
    bundle: Bundle,
    predict: Predict,
    seeds: Sequence[int],
    *,
    steps: int,
    height: int,
    width: int,
    record: Recorder | None = None,
) -> list[Image]:
    """Pictures from their seeds, HWC uint8 RGB each.

    Args:
        bundle: the base.
        predict: the model, told of its conditions already.
        seeds: one a picture.
        steps: of denoising.
        height, width: pixels.
        record: told of every step.

    Raises:
        ModelError: the base gives no numbers.
        SettingsError: steps or a size that do not suit the base.
    """
    sources = generators(seeds)
    noise = draw_noise(bundle, sources, height, width)
    latents = denoise(predict, bundle.fresh_scheduler(), noise, steps=steps, sources=sources, record=record)
    return list((decode(bundle, latents) * 255.0).round().astype(np.uint8))


def decode(bundle: Bundle, latents: torch.Tensor) -> npt.NDArray[np.float32]:
    """Latents [B, C, h, w] to pixels [B, H, W, 3] in [0, 1], one picture at a time, which needs the least memory.

    Raises:
        ModelError: the base gives no numbers, as float16 does when it overflows.
    """
    config = bundle.vae.config
    plain = latents / config.scaling_factor
    if config.get("latents_mean") is not None and config.get("latents_std") is not None:
        mean, std = (latents.new_tensor(config[name])[:, None, None] for name in ("latents_mean", "latents_std"))
        plain = plain * std + mean
    pixels = torch.cat([bundle.vae.decode(one[None].to(bundle.vae.dtype), return_dict=False)[0] for one in plain])
    if not pixels.isfinite().all():
        raise ModelError(f"{bundle.name} gave no numbers: set --dtype to bfloat16 or float32")
    values: npt.NDArray[np.float32] = (pixels.float() * 0.5 + 0.5).clamp(0, 1).permute(0, 2, 3, 1).cpu().numpy()
    return values
