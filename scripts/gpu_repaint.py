#!/usr/bin/env python
"""Time SDXL repainting on this machine: scenes a second and peak memory, by batch size and offloading.

The models have the published sizes and random weights, so nothing is downloaded: the time is the real one, the pictures
are noise. Rows go to a JSON-lines file as they come; run again, it does only what is missing.

    python scripts/gpu_repaint.py --out gpu_repaint.jsonl
    python scripts/gpu_repaint.py --tiny --out /tmp/tiny.jsonl      (a few seconds, on a CPU)
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from random_sdxl import (
    SDXL_UNET,
    TOY_UNET,
    UnetSizes,
    add_row,
    euler_scheduler,
    machine_of,
    parser_of,
    random_unet,
    read_rows,
    weights_on,
)

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

from vivant.data.compose import soften
from vivant.data.repaint.sdxl import RepaintItem, SdxlRepainter
from vivant.errors import ModelError
from vivant.models.clip_tokens import clip_vocabulary
from vivant.settings.sdxl import SdxlSettings
from vivant.types import Composite

BATCHES = (1, 4, 8)
OFFLOADS = ("none", "model", "sequential")
PAPER_STEPS = 60
SHORT, LONG = 4, 16
"""Steps of the two runs from which the time of 60 steps is worked out: what is spent once, and what each step takes."""
PROMPT = "a cat, a dog and a house plant in the garden"


@dataclass(frozen=True)
class Sizes:
    """Numbers of the published configurations, or of a toy."""

    unet: UnetSizes
    vae: tuple[int, ...]
    text: tuple[tuple[int, int, int], tuple[int, int, int]]
    """Width, layers and heads of both text encoders."""


SDXL = Sizes(SDXL_UNET, vae=(128, 256, 512, 512), text=((768, 12, 12), (1280, 32, 20)))
TOY = Sizes(replace(TOY_UNET, text=48, pooled=32), vae=(8, 8, 8, 8), text=((16, 2, 2), (32, 2, 2)))


def build(sizes: Sizes, folder: Path, device: str, dtype: Any) -> None:
    """Random weights in the layout of SDXL inpainting, saved where `SdxlRepainter` finds them."""
    from diffusers import StableDiffusionXLInpaintPipeline
    from transformers import CLIPTextModel, CLIPTextModelWithProjection, CLIPTokenizer

    vocabulary, merges = clip_vocabulary()
    tokenizers = [CLIPTokenizer(vocab=vocabulary, merges=merges, model_max_length=77) for _ in range(2)]
    torch.manual_seed(0)
    with weights_on(device, dtype):
        unet, vae = random_unet(sizes.unet, 9), build_vae(sizes)
        torch.nn.init.zeros_(unet.conv_out.weight)  # random weights must not send the latents to infinity
        encoders = (
            CLIPTextModel(text_config(*sizes.text[0])),
            CLIPTextModelWithProjection(text_config(*sizes.text[1])),
        )
    StableDiffusionXLInpaintPipeline(
        vae=vae,
        text_encoder=encoders[0],
        text_encoder_2=encoders[1],
        tokenizer=tokenizers[0],
        tokenizer_2=tokenizers[1],
        unet=unet,
        scheduler=euler_scheduler(),
        add_watermarker=False,
    ).save_pretrained(folder)


def build_vae(sizes: Sizes) -> Any:
    """The autoencoder."""
    from diffusers import AutoencoderKL

    return AutoencoderKL(
        block_out_channels=sizes.vae,
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        layers_per_block=sizes.unet.layers,
        norm_num_groups=sizes.unet.groups,
        latent_channels=4,
        scaling_factor=0.13025,
        sample_size=1024,
    )


def text_config(width: int, layers: int, heads: int) -> Any:
    """CLIP's text encoder of that size; the larger one has plain GELU."""
    from transformers import CLIPTextConfig

    return CLIPTextConfig(
        vocab_size=49408,
        hidden_size=width,
        intermediate_size=4 * width,
        projection_dim=width,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        hidden_act="quick_gelu" if width == SDXL.text[0][0] else "gelu",
        bos_token_id=49406,
        eos_token_id=49407,
        pad_token_id=1,
    )


def scenes(count: int, size: int) -> list[RepaintItem]:
    """Canvases with a block in the middle for a subject."""
    rng = np.random.default_rng(0)
    hard = np.zeros((size, size), np.uint8)
    hard[size // 3 : size * 2 // 3, size // 4 : size // 2] = 255
    foreground = np.where(hard[..., None] > 0, rng.integers(0, 256, (size, size, 3)), 0).astype(np.uint8)
    composite = Composite(foreground, hard, soften(hard))
    background = rng.integers(0, 256, (size, size, 3), dtype=np.uint8)
    return [RepaintItem(composite, background, PROMPT, seed) for seed in range(count)]


def measure(settings: SdxlSettings, size: int) -> dict[str, Any]:
    """Seconds of a short and a long run, from them those of the paper's 60 steps, and peak memory."""
    repainter = SdxlRepainter(settings)
    cuda = torch.cuda.is_available()
    seconds = {}
    if cuda:
        torch.cuda.reset_peak_memory_stats()
    for steps in (SHORT, SHORT, LONG):  # the first warms up
        repainter.settings = settings.model_copy(update={"steps": steps})
        start = time.perf_counter()
        repainter.repaint(scenes(settings.batch_size, size))
        seconds[steps] = time.perf_counter() - start
    run = {steps: int(steps * settings.strength) for steps in (SHORT, LONG, PAPER_STEPS)}
    each = max(0.0, (seconds[LONG] - seconds[SHORT]) / (run[LONG] - run[SHORT]))
    whole = seconds[LONG] + each * (run[PAPER_STEPS] - run[LONG])
    return {
        "seconds_a_step": round(each, 4),
        "seconds_60_steps": round(whole, 2),
        "scenes_per_second": round(settings.batch_size / whole, 4),
        "peak_gib": round(torch.cuda.max_memory_allocated() / 2**30, 2) if cuda else None,
    }


def table(rows: list[dict[str, Any]]) -> str:
    """Rows as text, one a line."""
    head = f"{'dtype':>9} {'offload':>11} {'batch':>5} {'s a step':>9} {'s for 60':>9} {'scenes/s':>9} {'peak GiB':>9}"
    lines = [head]
    for row in rows:
        name = f"{row['dtype']:>9} {row['offload']:>11} {row['batch']:>5}"
        if "error" in row:
            lines.append(f"{name} {row['error'][:60]}")
            continue
        peak = "-" if row["peak_gib"] is None else f"{row['peak_gib']:.2f}"
        lines.append(
            f"{name} {row['seconds_a_step']:>9.3f} {row['seconds_60_steps']:>9.1f} "
            f"{row['scenes_per_second']:>9.3f} {peak:>9}"
        )
    return "\n".join(lines)


def main() -> None:
    """Parse flags, build once, measure what is missing."""
    parser = parser_of(__doc__, "gpu_repaint.jsonl")
    parser.add_argument("--size", type=int, help="pixels a side (1024; 64 with --tiny)")
    parser.add_argument("--dtype", choices=("float16", "bfloat16", "float32"), help="float16; float32 with --tiny")
    parser.add_argument("--batches", type=int, nargs="+", default=BATCHES)
    parser.add_argument("--offloads", nargs="+", choices=OFFLOADS, default=OFFLOADS)
    arguments = parser.parse_args()
    machine = machine_of(parser, arguments.tiny)
    size = arguments.size or (64 if arguments.tiny else 1024)
    dtype = arguments.dtype or ("float32" if arguments.tiny else "float16")
    device = "cpu" if arguments.tiny else "cuda"
    offloads = ["none"] if arguments.tiny else arguments.offloads
    rows = read_rows(arguments.out)
    done = {(row["machine"], row["size"], row["dtype"], row["offload"], row["batch"]) for row in rows}
    folder = Path(tempfile.mkdtemp(prefix="sdxl-random-"))
    try:
        for offload in offloads:
            for batch in arguments.batches:
                key = (machine, size, dtype, offload, batch)
                if key in done:
                    continue
                if not any(folder.iterdir()):
                    build(TOY if arguments.tiny else SDXL, folder, device, getattr(torch, dtype))
                values = {"model": str(folder), "refine": False, "download": False, "device": device}
                settings = SdxlSettings.model_validate(
                    {**values, "dtype": dtype, "offload": offload, "batch_size": batch}
                )
                row = dict(zip(("machine", "size", "dtype", "offload", "batch"), key, strict=True))
                try:
                    row |= measure(settings, size)
                except ModelError as error:
                    row["error"] = str(error)
                if device == "cuda":
                    torch.cuda.empty_cache()
                rows.append(row)
                add_row(arguments.out, row)
                print(table([row]), flush=True)
    finally:
        shutil.rmtree(folder)
    print(f"\n{machine}, {size} x {size}, strength {SdxlSettings().strength}:\n{table(rows)}")


if __name__ == "__main__":
    main()
