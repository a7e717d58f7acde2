"""What the scripts that time SDXL at full size share: its UNet with random weights, and the file of rows."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch


@dataclass(frozen=True)
class UnetSizes:
    """Numbers of the published configuration, or of a toy."""

    channels: tuple[int, ...]
    layers: int
    transformers: tuple[int, ...]
    heads: tuple[int, ...]
    time: int
    groups: int
    text: int
    pooled: int


SDXL_UNET = UnetSizes(
    channels=(320, 640, 1280),
    layers=2,
    transformers=(1, 2, 10),
    heads=(5, 10, 20),
    time=256,
    groups=32,
    text=2048,
    pooled=1280,
)
TOY_UNET = UnetSizes(
    channels=(8, 8, 16),
    layers=1,
    transformers=(1, 1, 1),
    heads=(2, 2, 4),
    time=8,
    groups=4,
    text=32,
    pooled=16,
)


@contextmanager
def weights_on(device: Any, dtype: torch.dtype) -> Iterator[None]:
    """Models that are made in this block are made there and so: float32 on the CPU first would not fit everywhere."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        with torch.device(device):
            yield
    finally:
        torch.set_default_dtype(before)


def random_unet(sizes: UnetSizes, channels: int = 4) -> Any:
    """SDXL's UNet; that of inpainting takes 9 channels: noise, mask, masked picture."""
    from diffusers import UNet2DConditionModel

    return UNet2DConditionModel(
        sample_size=128,
        in_channels=channels,
        out_channels=4,
        layers_per_block=sizes.layers,
        block_out_channels=sizes.channels,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
        transformer_layers_per_block=sizes.transformers,
        attention_head_dim=sizes.heads,
        norm_num_groups=sizes.groups,
        use_linear_projection=True,
        cross_attention_dim=sizes.text,
        addition_embed_type="text_time",
        addition_time_embed_dim=sizes.time,
        projection_class_embeddings_input_dim=sizes.pooled + 6 * sizes.time,
    )


def euler_scheduler() -> Any:
    """SDXL's."""
    from diffusers import EulerDiscreteScheduler

    return EulerDiscreteScheduler(
        beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", steps_offset=1, timestep_spacing="leading"
    )


def parser_of(told: str | None, out: str) -> argparse.ArgumentParser:
    """The flags that all these scripts have."""
    parser = argparse.ArgumentParser(description=told, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path(out), help="JSON lines, continued")
    parser.add_argument("--tiny", action="store_true", help="a toy on the CPU")
    return parser


def machine_of(parser: argparse.ArgumentParser, tiny: bool) -> str:
    """What rows call this machine; ends the script where it has no GPU and was not told to do without."""
    if tiny:
        torch.set_num_threads(1)  # a toy is slower on many
        return "cpu, tiny"
    if not torch.cuda.is_available():
        parser.error("no CUDA here: use --tiny to try the script itself")
    return str(torch.cuda.get_device_name())


def read_rows(path: Path) -> list[dict[str, Any]]:
    """Those that were measured before."""
    return [json.loads(line) for line in path.read_text().splitlines()] if path.is_file() else []


def add_row(path: Path, row: dict[str, Any]) -> None:
    """One more, at once: what was measured is not lost if the script is stopped."""
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(row) + "\n")
