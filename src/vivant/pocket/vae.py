"""The vae stage: pictures to 16x16 latents and back; the base's colours and edges can be no better than this.

The latents begin as the principal components of 8x8 patches: without that hold, thousands of steps go by before the
encoder uses more than brightness.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from vivant.pocket.feed import Pictures
from vivant.pocket.grid import numbered, write_grid
from vivant.pocket.loop import fit
from vivant.pocket.pool import Pool, open_pool
from vivant.pocket.run import Figures, Run
from vivant.pocket.save import save_half

CHANNELS = (24, 48, 96, 128)
LATENTS = 8
EDGES = 1.0
"""Weight of the error of neighbouring pixels' differences: outlines count, there is no perceptual network here."""
KL = 1e-5
"""Weight of the latents' distance from a normal distribution, a mean over elements: only keeps them in bounds."""
ANCHOR, ANCHOR_STEPS = 1.0, 1000
"""Weight of the latents' distance from the principal components, and the steps over which it falls by e."""
QUIET = -5.0
"""The log-variance of the latents at the start: little noise, so that the decoder has something to read."""
CROP, CROP_BATCH, CROP_LR = 64, 8, 2e-3
"""On a CPU: quarter pictures. All is convolutions, so what they teach holds for whole ones."""
WHOLE_BATCH, WHOLE_LR = 128, 1e-3
"""On a GPU."""
VALIDATION = 256


def build(channels: tuple[int, ...] = CHANNELS, latents: int = LATENTS) -> Any:
    """AutoencoderKL of factor 8, convolutions only."""
    from diffusers import AutoencoderKL

    vae = AutoencoderKL(
        down_block_types=("DownEncoderBlock2D",) * len(channels),
        up_block_types=("UpDecoderBlock2D",) * len(channels),
        block_out_channels=channels,
        layers_per_block=1,
        latent_channels=latents,
        norm_num_groups=8,
        sample_size=128,
        scaling_factor=1.0,
        mid_block_add_attention=False,
    )
    with torch.no_grad():
        vae.quant_conv.bias[latents:] += QUIET
    return vae


class Components:
    """The first principal components of 8x8 patches, each scaled to deviation 1.

    Args:
        images: float32 [N, 3, H, W] in [-1, 1] to learn them from.
        count: components.
    """

    def __init__(self, images: Tensor, count: int) -> None:
        patches = F.unfold(images, 8, stride=8).permute(0, 2, 1).flatten(0, 1)
        mean = patches.mean(dim=0)
        variance, directions = torch.linalg.eigh(torch.cov((patches - mean).T).double())
        rows = (directions / variance.clamp(min=1e-12).sqrt()).T.flip(0)[:count].float()
        self.kernel, self.bias = rows.view(count, 3, 8, 8), -rows @ mean

    def __call__(self, images: Tensor) -> Tensor:
        """[N, 3, H, W] -> [N, count, H / 8, W / 8]."""
        with torch.autocast(images.device.type, enabled=False):
            return F.conv2d(images.float(), self.kernel, self.bias, stride=8)


def to_range(pictures: Tensor) -> Tensor:
    """uint8 [N, H, W, 3] -> float32 [N, 3, H, W] in [-1, 1], channels last in memory."""
    return pictures.permute(0, 3, 1, 2).float() / 127.5 - 1.0


def to_bytes(images: Tensor) -> Tensor:
    """[N, 3, H, W] in [-1, 1] -> uint8 [N, H, W, 3]."""
    return ((images.float().clamp(-1.0, 1.0) + 1.0) * 127.5).round().to(torch.uint8).permute(0, 2, 3, 1)


def pixel_error(decoded: Tensor, images: Tensor) -> Tensor:
    """L1 of the pixels and of neighbouring pixels' differences."""
    wrong = decoded.float() - images
    return wrong.abs().mean() + EDGES * (wrong.diff(dim=2).abs().mean() + wrong.diff(dim=3).abs().mean())


def loss_of(vae: Any, images: Tensor, draw: torch.Generator, components: Components, anchor: float) -> Tensor:
    """L1 of the pixels and of their differences, a little KL, and the hold of the components."""
    latents = vae.encode(images).latent_dist
    noise = torch.randn(latents.mean.shape, generator=draw, device=images.device)
    error = pixel_error(vae.decode(latents.mean + latents.std * noise).sample, images)
    kl = 0.5 * (latents.mean.float() ** 2 + latents.var.float() - 1.0 - latents.logvar.float()).mean()
    apart = ((latents.mean.float() - components(images)) ** 2).mean()
    return error + KL * kl + anchor * apart


def train(run: Run) -> Figures:
    """Train, give the latents mean 0 and deviation 1, save, measure."""
    pool = open_pool(run.out)
    torch.manual_seed(run.seed_of("vae", -1))
    vae = build().to(run.device, memory_format=torch.channels_last)
    pictures = Pictures(pool.pictures, run.device)
    on_gpu = run.device.type == "cuda"
    batch, lr = (WHOLE_BATCH, WHOLE_LR) if on_gpu else (CROP_BATCH, CROP_LR)
    scenes = len(pool.training())
    components = Components(to_range(pictures[torch.arange(min(scenes, 1000), device=run.device)]), LATENTS)

    def step(number: int) -> Tensor:
        draw = run.generator("vae", number)
        chosen = pictures[torch.randint(0, scenes, (batch,), generator=draw, device=run.device)]
        images = to_range(chosen if on_gpu else crop(chosen, CROP, draw))
        return loss_of(vae, images, draw, components, ANCHOR * math.exp(-number / ANCHOR_STEPS))

    def show(modules: Any) -> None:
        shown = validation(pool, 12, run.device)
        write_grid(numbered(run.samples, "vae"), [*shown.cpu().numpy(), *again(modules, shown).cpu().numpy()], 12)

    figures = fit(run, "vae", vae, step, lr=lr, batch=batch, on_sample=show)
    standardise(vae, validation(pool, VALIDATION, run.device))
    figures["psnr"] = psnr(vae, validation(pool, VALIDATION, run.device))
    save_half(vae, run.weights / "base" / "vae")
    return figures


def crop(pictures: Tensor, side: int, draw: torch.Generator) -> Tensor:
    """The same window of all pictures, [N, H, W, 3] -> [N, side, side, 3]."""
    top, left = torch.randint(0, pictures.shape[1] - side + 1, (2,), generator=draw, device=draw.device).tolist()
    return pictures[:, top : top + side, left : left + side]


def validation(pool: Pool, count: int, device: torch.device) -> Tensor:
    """The first held-out pictures, uint8 [count, 128, 128, 3]."""
    return torch.from_numpy(pool.pictures[pool.validation()[:count]]).to(device)


def encode(vae: Any, pictures: Tensor) -> Tensor:
    """uint8 [N, 128, 128, 3] -> scaled latents, float32 [N, C, 16, 16]: the means, without noise."""
    with torch.no_grad(), torch.autocast(pictures.device.type, torch.bfloat16):
        latents = vae.encode(to_range(pictures)).latent_dist.mode()
    return latents.float() * vae.config.scaling_factor


def again(vae: Any, pictures: Tensor) -> Tensor:
    """What comes back of pictures, uint8 [N, H, W, 3]."""
    with torch.no_grad():
        parts = [
            to_bytes(vae.decode(vae.encode(to_range(part)).latent_dist.mode()).sample) for part in pictures.split(32)
        ]
    return torch.cat(parts)


def psnr(vae: Any, pictures: Tensor) -> float:
    """Mean over pictures of the peak signal-to-noise ratio of what comes back, dB."""
    wrong = (again(vae, pictures).float() - pictures.float()) / 255.0
    return float((-10.0 * torch.log10((wrong**2).mean(dim=(1, 2, 3)))).mean())


def standardise(vae: Any, pictures: Tensor) -> None:
    """Fold a shift and a scale of each latent channel into the 1x1 convolutions around the latents.

    Afterwards every channel has mean 0 and deviation 1 over these pictures, and `scaling_factor` is exactly 1.
    """
    with torch.no_grad():
        latents = torch.cat([vae.encode(to_range(part)).latent_dist.mode() for part in pictures.split(32)])
        mean, deviation = latents.mean(dim=(0, 2, 3)), latents.std(dim=(0, 2, 3))
        count = len(mean)
        inward, outward = vae.quant_conv, vae.post_quant_conv
        outward.bias += F.conv2d(mean.view(1, -1, 1, 1), outward.weight).flatten()
        outward.weight *= deviation.view(1, -1, 1, 1)
        inward.weight[:count] /= deviation.view(-1, 1, 1, 1)
        inward.bias[:count] = (inward.bias[:count] - mean) / deviation
        inward.bias[count:] -= 2.0 * deviation.log()
