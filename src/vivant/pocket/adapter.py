"""The adapter stage: MS-Diffusion's adapter at pocket size, and the base learning on beside it.

Published adapters are trained on a base that is finished and frozen. Here the base is as young as the adapter, and a
sample that shows it a subject's portrait teaches both; half of the subjects have no portrait, so that the base alone
goes on learning from text.
"""

from __future__ import annotations

import copy
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from vivant.adapters.attention import attached
from vivant.adapters.ms import MsAdapter, new_ms_adapter, save_ms_adapter
from vivant.adapters.resampler import ResamplerSizes
from vivant.adapters.sources import FILES
from vivant.adapters.subjects import LocalTokens, SubjectEncoder
from vivant.models.checkpoint import hash_files
from vivant.models.image_encoder import load_image_encoder
from vivant.pocket.base import COMPILE_FROM, CPU_BATCH, GPU_BATCH, HIDDEN, build, compiled, pipeline, ready
from vivant.pocket.base import Objective as TextObjective
from vivant.pocket.base import save as save_base
from vivant.pocket.crops import shaken
from vivant.pocket.encoded import Conditioner, Encoded, encode_scenes, kept_latents
from vivant.pocket.feed import by_device, people_of, placed
from vivant.pocket.grid import numbered, write_grid
from vivant.pocket.loop import fit
from vivant.pocket.noise import STEPS
from vivant.pocket.pool import Pool, open_pool
from vivant.pocket.preview import draw_prompts, grid_prompts
from vivant.pocket.run import Figures, Run, say
from vivant.pocket.save import go_on
from vivant.training.adapter_loss import Dropping, Subjects, subject_keys
from vivant.world import KINDS

SIZES = ResamplerSizes(
    dim=128, depth=2, head=32, heads=4, queries=8, features=256, output=HIDDEN, feed_forward=4, phrase=128
)
LR = 5e-4
LOCAL = LocalTokens(factor=2)
"""Portraits are read at 256 px for local tokens: four times the work of the image features, not sixteen."""
VIEWS = 2
"""Portraits of each individual that are encoded."""
PLACES = 3
"""Subjects of a scene that are shown a portrait at most: those of two and three are nearly all scenes."""
SHAKEN = 0.08
"""Boxes are moved by up to so much of their sides: proposed boxes are not exact."""
CPU_ENCODED, GPU_ENCODED, LOG_SECONDS = 16, 512, 20.0
DROPPING = Dropping()


@dataclass(frozen=True)
class References:
    """Features of portraits, on the training device.

    Attributes:
        features: float16 [M, views, tokens, D], the image's, then local tokens.
        image_tokens: how many of the tokens are the image's.
        phrases: [kinds, P], of each kind's noun.
        people: [N, 5] of each scene's subjects, which of the M individuals, -1 for none of them.
        kinds: [N, 5].
        boxes: [N, 5, 4].
    """

    features: Tensor
    image_tokens: int
    phrases: Tensor
    people: Tensor
    kinds: Tensor
    boxes: Tensor

    def subjects(self, scenes: Tensor, draw: torch.Generator) -> Subjects:
        """Of scenes [B] by their place in this table: a portrait each, with local tokens in every other batch."""
        found = self.people[scenes]
        places = (found < 0).int().argsort(dim=1, stable=True)[:, :PLACES]  # those with portraits first
        found = found.gather(1, places)
        people, known = found.clamp(min=0), found >= 0
        boxes, kinds = self.boxes[scenes[:, None], places], self.kinds[scenes[:, None], places]
        views = torch.randint(0, self.features.shape[1], people.shape, generator=draw, device=people.device)
        features = self.features[people.flatten().cpu(), views.flatten().cpu()].to(people.device)
        features = features.unflatten(0, people.shape).float()
        if draw.initial_seed() % 2:
            features = features[:, :, : self.image_tokens]
        boxes = shaken(boxes.flatten(0, 1), SHAKEN, draw).clamp(0.0, 1.0).unflatten(0, people.shape)
        return Subjects(features, self.phrases[kinds.clamp(min=0)], boxes * known[..., None])


class Objective(TextObjective):
    """The base's loss of a batch of encoded scenes, told their subjects' portraits."""

    def __init__(self, encoded: Encoded, references: References, unet: Any, adapter: MsAdapter) -> None:
        super().__init__(encoded, unet, encoded.latents.device)
        self.references, self.adapter = references, adapter

    def __call__(self, batch: int, draw: torch.Generator) -> Tensor:
        """Everything drawn from the generator; weighted error of v."""
        scenes = torch.randint(0, len(self.encoded.latents), (batch,), generator=draw, device=self.device)
        texts = self.encoded.captions.draw(scenes, draw)
        subjects = self.references.subjects(scenes, draw)
        kept = DROPPING.draw(batch, subjects.boxes.shape[1], draw)
        times = torch.randint(0, STEPS, (batch,), generator=draw, device=self.device)
        noise = torch.randn((batch, *self.encoded.latents.shape[1:]), generator=draw, device=self.device)
        fixed = subject_keys(self.unet, self.adapter, subjects, kept, size=(noise.shape[2], noise.shape[3]))
        return self.error(scenes, texts, kept.text, times, noise, {"fixed": fixed, "recorder": None})


def train(run: Run) -> Figures:
    """Train adapter and base on the seen relations; save both."""
    began = time.monotonic()
    pool, base = open_pool(run.out), run.weights / "base"
    conditioner = Conditioner.load(base, run.device)
    scenes = pool.training(seen_only=True)
    encoded = encode_scenes(run, pool, scenes, conditioner, kept_latents(run, conditioner.vae))
    references = encode_references(run, pool, scenes, conditioner)
    torch.manual_seed(run.seed_of("adapter", -1))
    unet = build(conditioner.vae.config.latent_channels)
    go_on(base / "unet", unet)
    unet = ready(unet, run.device)
    adapter = new_ms_adapter(unet, SIZES)
    modules = nn.ModuleDict({"unet": unet, "adapter": adapter})
    objective = Objective(encoded, references, unet, adapter)
    batch, prompts = by_device(run, cpu=CPU_BATCH, gpu=GPU_BATCH), grid_prompts()
    share, faster = run.seconds("adapter"), unet

    def step(number: int) -> Tensor:
        objective.unet = faster if number else unet  # the first step's FLOPs are counted, and compiled code has none
        return objective(batch, run.generator("adapter", number))

    def show(_: nn.Module) -> None:
        write_grid(numbered(run.samples, "adapter"), draw_prompts(pipeline(unet, conditioner), prompts, seed=0), 8)

    with attached(unet):
        if share >= COMPILE_FROM:
            draw = run.generator("adapter-compile", 1)
            faster = compiled(unet, lambda tried: Objective(encoded, references, tried, adapter)(batch, draw))
        seconds = max(1.0, share - (time.monotonic() - began))
        figures = fit(run, "adapter", modules, step, lr=LR, batch=batch, seconds=seconds, on_sample=show)
    save(run, unet, adapter, conditioner)
    return figures


def encode_references(run: Run, pool: Pool, scenes: NDArray[np.int64], conditioner: Conditioner) -> References:
    """Features of the first portraits of every individual that has some, kept on disk as half-precision numbers."""
    folders = [run.weights / name for name in ("clip", "local")]
    image, local = (load_image_encoder(folder) for folder in folders)
    for one in (image, local):
        placed(one.model, run.device)
    encoder = SubjectEncoder(image, local, LOCAL)
    path = run.state / f"references-{hash_files([folder / 'model.safetensors' for folder in folders])}.npy"
    if not path.is_file():
        _write_features(path, encoder, pool.portraits[:, :VIEWS], by_device(run, cpu=CPU_ENCODED, gpu=GPU_ENCODED))
    tokenizer, text = conditioner.tokenizer, conditioner.text_encoder
    tokens = tokenizer(list(KINDS), padding="max_length", max_length=77, return_tensors="pt").input_ids
    with torch.no_grad():
        phrases = text(tokens.to(run.device)).pooler_output.float()
    people = people_of(np.asarray(pool.ids), np.asarray(pool.portrait_ids))[scenes]
    kinds, boxes = pool.kinds[scenes].astype(np.int64), np.ascontiguousarray(pool.boxes[scenes])
    return References(
        features=torch.from_numpy(np.load(path, mmap_mode="c")),
        image_tokens=1 + (encoder.image.side // encoder.image.model.config.patch_size) ** 2,
        phrases=phrases,
        people=torch.from_numpy(people).to(run.device),
        kinds=torch.from_numpy(kinds).to(run.device),
        boxes=torch.from_numpy(boxes).to(run.device),
    )


def _write_features(path: Path, encoder: SubjectEncoder, portraits: NDArray[np.uint8], size: int) -> None:
    """float16 [M, views, tokens, D]; under its name only once it is whole."""
    many, views = portraits.shape[:2]
    flat, logged = portraits.reshape(-1, *portraits.shape[2:]), time.monotonic()
    say(f"adapter: {len(flat)} portraits to features")
    parts = []
    for at in range(0, len(flat), size):
        with torch.autocast(encoder.image.model.device.type, torch.bfloat16):
            parts.append(encoder.features(list(flat[at : at + size])).half().cpu())
        if time.monotonic() - logged >= LOG_SECONDS:
            logged = time.monotonic()
            say(f"adapter: {at}/{len(flat)}")
    found = torch.cat(parts).unflatten(0, (many, views))
    path.parent.mkdir(parents=True, exist_ok=True)
    neighbour = path.with_name(f".{path.name}.{os.getpid()}.npy")
    np.save(neighbour, found.numpy())
    neighbour.replace(path)


def save(run: Run, unet: Any, adapter: MsAdapter, conditioner: Conditioner) -> None:
    """The base's UNet in place of the one before, and the adapter in half precision."""
    save_base(unet, conditioner, run.weights / "base")
    folder = run.weights / "adapter"
    folder.mkdir(parents=True, exist_ok=True)
    save_ms_adapter(copy.deepcopy(adapter).half(), folder / FILES[0])
