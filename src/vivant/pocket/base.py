"""The base stage: the UNet of an SDXL-layout text-to-image pipeline, on latents and hidden states encoded once."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from vivant.pocket.clip import GROUP, found
from vivant.pocket.encoded import Conditioner, Encoded, encode_scenes, kept_latents
from vivant.pocket.grid import numbered, write_grid
from vivant.pocket.loop import fit
from vivant.pocket.noise import STEPS, noised, scheduler, velocity, weight
from vivant.pocket.pool import Pool, open_pool
from vivant.pocket.preview import draw_prompts, grid_prompts
from vivant.pocket.run import Figures, Run, say
from vivant.pocket.save import begin, save_half

CHANNELS = (96, 128, 192)
HIDDEN, POOLED, TIME_IDS = 320, 192, (128.0, 128.0, 0.0, 0.0, 128.0, 128.0)
CPU_BATCH, CPU_LR = 16, 4e-4
GPU_BATCH, GPU_LR = 512, 1e-3
DROPPED, EMPTY = 0.1, 0.2
"""A tenth of the captions is dropped: a fifth of those becomes the empty text, the others zeros (SDXL's none)."""
VALIDATION = 512
COMPILE_FROM = 600.0
"""Seconds of training from which compiling, one to two minutes, pays."""


def build(latents: int, channels: tuple[int, ...] = CHANNELS) -> Any:
    """UNet2DConditionModel on 16x16 latents: one layer a block, text at every level, heads of width 32."""
    from diffusers import UNet2DConditionModel

    return UNet2DConditionModel(
        sample_size=16,
        in_channels=latents,
        out_channels=latents,
        layers_per_block=1,
        block_out_channels=channels,
        down_block_types=("CrossAttnDownBlock2D",) * len(channels),
        mid_block_type="UNetMidBlock2DCrossAttn",
        up_block_types=("CrossAttnUpBlock2D",) * len(channels),
        attention_head_dim=tuple(width // 32 for width in channels),  # diffusers reads this as the number of heads
        cross_attention_dim=HIDDEN,
        use_linear_projection=True,
        addition_embed_type="text_time",
        addition_time_embed_dim=32,
        projection_class_embeddings_input_dim=POOLED + 32 * len(TIME_IDS),
    )


def ready(unet: Any, device: torch.device) -> Any:
    """On its device, channels last; on a CPU with plain attention, whose way back is quicker than the fused one's."""
    if device.type == "cpu":
        from diffusers.models.attention_processor import AttnProcessor

        unet.set_attn_processor(AttnProcessor())
    return unet.to(device, memory_format=torch.channels_last)


def pipeline(unet: Any, conditioner: Conditioner) -> Any:
    """StableDiffusionXLPipeline of these parts."""
    from diffusers import StableDiffusionXLPipeline

    return StableDiffusionXLPipeline(
        vae=conditioner.vae,
        text_encoder=conditioner.text_encoder,
        text_encoder_2=conditioner.text_encoder_2,
        tokenizer=conditioner.tokenizer,
        tokenizer_2=conditioner.tokenizer_2,
        unet=unet,
        scheduler=scheduler(),
        force_zeros_for_empty_prompt=True,
        add_watermarker=False,
    )


class Objective:
    """The loss of a batch of encoded scenes."""

    def __init__(self, encoded: Encoded, unet: Any, device: torch.device) -> None:
        self.encoded, self.unet, self.device = encoded, unet, device
        self.alpha_bar = scheduler().alphas_cumprod.to(device)
        self.time_ids = torch.tensor([TIME_IDS], device=device)

    def __call__(self, batch: int, draw: torch.Generator) -> Tensor:
        """Scenes, captions, times and noise all drawn from the generator; weighted error of v."""
        scenes = torch.randint(0, len(self.encoded.latents), (batch,), generator=draw, device=self.device)
        texts = self.encoded.captions.draw(scenes, draw)
        chance = torch.rand(batch, generator=draw, device=self.device)
        texts = texts.masked_fill(chance < DROPPED * EMPTY, 0)  # text 0 is the empty one
        kept = (chance >= DROPPED) | (chance < DROPPED * EMPTY)
        times = torch.randint(0, STEPS, (batch,), generator=draw, device=self.device)
        noise = torch.randn((batch, *self.encoded.latents.shape[1:]), generator=draw, device=self.device)
        return self.error(scenes, texts, kept, times, noise)

    def error(
        self,
        scenes: Tensor,
        texts: Tensor,
        kept: Tensor,
        times: Tensor,
        noise: Tensor,
        attention: Mapping[str, Any] | None = None,
    ) -> Tensor:
        """Mean weighted squared error of v; [N] each, noise [N, C, 16, 16]; texts that are not kept become zeros.

        `attention` is what cross-attention is told besides, see `vivant.adapters.attention`.
        """
        latents = self.encoded.latents[scenes].float()
        alpha_bar = self.alpha_bar[times].view(-1, 1, 1, 1)
        hidden, pooled = self.encoded.read(texts)
        hidden = hidden * kept.view(-1, 1, 1)
        added = {
            "text_embeds": pooled * kept.view(-1, 1),
            "time_ids": self.time_ids.expand(len(times), -1),
        }
        seen = noised(latents, noise, alpha_bar).contiguous(memory_format=torch.channels_last)
        more = {} if attention is None else {"cross_attention_kwargs": dict(attention)}
        told = self.unet(seen, times, hidden, added_cond_kwargs=added, return_dict=False, **more)[0].float()
        error = (told - velocity(latents, noise, alpha_bar)) ** 2
        return (weight(alpha_bar) * self.encoded.channels * error).mean()


def train(run: Run) -> Figures:
    """Train the UNet on the seen relations; save it, the scheduler and the pipeline's index."""
    began = time.monotonic()
    pool, base = open_pool(run.out), run.weights / "base"
    conditioner = Conditioner.load(base, run.device)
    encoded = encode_scenes(run, pool, pool.training(seen_only=True), conditioner, kept_latents(run, conditioner.vae))
    torch.manual_seed(run.seed_of("base", -1))
    unet = build(conditioner.vae.config.latent_channels)
    begin(run, "base/unet", unet)
    unet = ready(unet, run.device)
    batch, lr = (GPU_BATCH, GPU_LR) if run.device.type == "cuda" else (CPU_BATCH, CPU_LR)
    objective = Objective(encoded, unet, run.device)
    share = run.seconds("base")
    if share >= COMPILE_FROM:
        draw = run.generator("base-compile", 0)
        faster = compiled(unet, lambda tried: Objective(encoded, tried, run.device)(batch, draw))
    else:
        faster = unet
    prompts = grid_prompts()

    def step(number: int) -> Tensor:
        objective.unet = (
            faster if number else unet
        )  # the loop counts the first step's FLOPs, and compiled code has none
        return objective(batch, run.generator("base", number))

    def show(_: nn.Module) -> None:
        pictures = draw_prompts(pipeline(unet, conditioner), prompts, seed=run.seed)
        write_grid(numbered(run.samples, "base"), pictures, 8)

    seconds = max(1.0, share - (time.monotonic() - began))
    figures = fit(run, "base", unet, step, lr=lr, batch=batch, seconds=seconds, on_sample=show)
    figures["validation_loss"] = validation_loss(run, pool, conditioner, unet)
    figures["clip_top1_of_50"] = recognised(run, pool, conditioner, unet)
    save(unet, conditioner, base)
    return figures


def compiled(unet: Any, attempt: Any) -> Any:
    """The UNet through torch.compile (half as fast again on a CPU), or as it is where the machine has no compiler.

    Args:
        unet: shared with what comes back.
        attempt: a UNet -> loss; tried once, forward and backward.
    """
    faster = torch.compile(unet, dynamic=False)
    try:
        with torch.autocast(unet.device.type, torch.bfloat16):
            attempt(faster).backward()
    except Exception as error:  # what a missing C++ compiler or Triton raises is not documented
        say(f"base: not compiled ({str(error).splitlines()[0]})")
        return unet
    finally:
        unet.zero_grad(set_to_none=True)
    return faster


def validation_loss(run: Run, pool: Pool, conditioner: Conditioner, unet: Any) -> float:
    """The training loss on held-out scenes of seen relations, short captions, noise and times fixed by the seed."""
    scenes = pool.validation(seen_only=True)[:VALIDATION]
    encoded = encode_scenes(run, pool, scenes, conditioner)
    objective, draw = Objective(encoded, unet, run.device), run.generator("base-validation", 0)
    times = torch.linspace(0, STEPS - 1, len(scenes), device=run.device).long()
    noise = torch.randn(encoded.latents.shape, generator=draw, device=run.device)
    total = 0.0
    with torch.no_grad(), torch.autocast(run.device.type, torch.bfloat16):
        for part in torch.arange(len(scenes), device=run.device).split(32):
            kept = torch.ones_like(part, dtype=torch.bool)
            texts = encoded.captions.short[part]
            total += float(objective.error(part, texts, kept, times[part], noise[part])) * len(part)
    return total / len(scenes)


def recognised(run: Run, pool: Pool, conditioner: Conditioner, unet: Any) -> float:
    """How often the family's own clip finds the caption of a drawn picture among 50; 0.02 by chance."""
    from transformers import CLIPModel

    clip = CLIPModel.from_pretrained(run.weights / "clip", dtype=torch.float32).to(run.device).eval()
    texts = [pool.texts[scene] for scene in pool.validation(seen_only=True)[:GROUP]]
    pictures = draw_prompts(pipeline(unet, conditioner), texts, seed=run.seed)
    return found(clip, conditioner.tokenizer_2, np.stack(pictures), texts)


def save(unet: Any, conditioner: Conditioner, base: Path) -> None:
    """The UNet in fp16, the scheduler, and the index that makes the folder a pipeline."""
    save_half(unet, base / "unet")
    pipe = pipeline(unet, conditioner)
    pipe.scheduler.save_pretrained(base / "scheduler")
    pipe.save_config(base)
