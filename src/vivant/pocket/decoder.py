"""The decoder stage: the VAE's decoder learns on, its encoder fixed: nothing that was built on the latents changes."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from vivant.errors import ModelError
from vivant.pocket.feed import Pictures
from vivant.pocket.grid import numbered, write_grid
from vivant.pocket.loop import fit
from vivant.pocket.pool import open_pool
from vivant.pocket.run import Figures, Run
from vivant.pocket.save import save_half
from vivant.pocket.vae import VALIDATION, again, crop, pixel_error, psnr, to_range, validation

CROP, CROP_BATCH, CROP_LR = 64, 8, 1e-3
"""On a CPU, as in the vae stage."""
WHOLE_BATCH, WHOLE_LR = 128, 5e-4
"""On a GPU."""
NOISE = 0.05
"""Deviation of what is added to the latents (theirs is 1): the base's are not exact either."""


def train(run: Run) -> Figures:
    """Train the decoder of `base/vae` and save it in place.

    Raises:
        ModelError: there is no VAE yet.
    """
    from diffusers import AutoencoderKL

    folder = run.weights / "base" / "vae"
    if not folder.is_dir():
        raise ModelError(f"{folder} is missing: run python -m vivant.pocket.train --stage vae first")
    pool = open_pool(run.out)
    vae = AutoencoderKL.from_pretrained(folder, torch_dtype=torch.float32)
    vae = vae.to(run.device, memory_format=torch.channels_last)
    vae.encoder.requires_grad_(False)
    vae.quant_conv.requires_grad_(False)
    pictures, scenes = Pictures(pool.pictures, run.device), len(pool.training())
    on_gpu = run.device.type == "cuda"
    batch, lr = (WHOLE_BATCH, WHOLE_LR) if on_gpu else (CROP_BATCH, CROP_LR)

    def step(number: int) -> Tensor:
        draw = run.generator("decoder", number)
        chosen = pictures[torch.randint(0, scenes, (batch,), generator=draw, device=run.device)]
        images = to_range(chosen if on_gpu else crop(chosen, CROP, draw))
        return pixel_error(_decoded(vae, images, draw), images)

    def show(modules: Any) -> None:
        shown = validation(pool, 12, run.device)
        write_grid(numbered(run.samples, "decoder"), [*shown.cpu().numpy(), *again(modules, shown).cpu().numpy()], 12)

    figures = fit(run, "decoder", vae, step, lr=lr, batch=batch, on_sample=show)
    figures["psnr"] = psnr(vae, validation(pool, VALIDATION, run.device))
    save_half(vae, folder)
    return figures


def _decoded(vae: Any, images: Tensor, draw: torch.Generator) -> Tensor:
    with torch.no_grad():
        latents = vae.encode(images).latent_dist.mode()
    noise = torch.randn(latents.shape, generator=draw, device=images.device)
    decoded: Tensor = vae.decode(latents + NOISE * noise).sample
    return decoded
