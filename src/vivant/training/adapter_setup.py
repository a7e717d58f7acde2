"""What training MS-Diffusion's adapter begins with: samples, encoded; an adapter, new or to go on from; its grid."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import torch

from vivant.adapters.ms import MsAdapter, load_ms_adapter, new_ms_adapter
from vivant.adapters.resampler import ResamplerSizes
from vivant.adapters.sources import ImagePrompting, adapter_file
from vivant.errors import ModelError, SettingsError
from vivant.generation.plan import sampling
from vivant.models.checkpoint import hash_files
from vivant.progress import progress
from vivant.settings.generate import GenerateSettings
from vivant.settings.train_ms_adapter import TrainMsAdapterSettings
from vivant.training.adapter_data import AdapterData, encode_samples
from vivant.training.adapter_grid import AdapterGrid
from vivant.training.adapter_samples import Sample
from vivant.training.augment import Augmentation
from vivant.training.cache import Cache
from vivant.training.setup import Base

SMALL = {"dim": 128, "depth": 2, "head": 32, "heads": 4, "queries": 8}
"""Of a small base's resampler: the pocket family's."""


def split_samples(samples: Sequence[Sample], held: int) -> tuple[list[Sample], list[Sample]]:
    """Those that are trained on, and those that are held out, evenly from all."""
    held = min(held, len(samples) // 10)
    places = {number * len(samples) // held for number in range(held)}
    parts = [[sample for at, sample in enumerate(samples) if (at in places) == wanted] for wanted in (False, True)]
    return parts[0], parts[1]


def start_adapter(base: Base, settings: TrainMsAdapterSettings, width: int) -> tuple[MsAdapter, str]:
    """An adapter that trains, in float32, and the hash of what it begins with.

    Args:
        base: to train on.
        settings: of the recipe.
        width: of the image features.

    Raises:
        SettingsError: sizes are given beside an adapter to start from.
        ModelError: that adapter cannot be used with these features.
    """
    bundle, sizes = base.bundle, resampler_sizes(base, settings, width)
    if settings.start is None:
        with torch.random.fork_rng([]):
            torch.manual_seed(settings.seed)
            return new_ms_adapter(bundle.unet, sizes).float(), ""
    given = [name for name in SMALL if getattr(settings, name) is not None]
    if given:
        raise SettingsError(f"{given[0]}: is that of the adapter to start from; leave it out, or leave out start")
    file = adapter_file(settings.start)
    adapter = load_ms_adapter(file, bundle.unet)
    if adapter.sizes.features != width:
        raise ModelError(
            f"{file}: reads image features of width {adapter.sizes.features}, and the image encoder gives {width}: "
            "name the encoder that it was trained with"
        )
    adapter = adapter.float().train()
    adapter.requires_grad_(True)
    return adapter, hash_files([file])


def resampler_sizes(base: Base, settings: TrainMsAdapterSettings, width: int) -> ResamplerSizes:
    """Of a new adapter: as published for a large base, less for a small one, or as the settings say.

    Args:
        base: to train on.
        settings: of the recipe.
        width: of the image features.
    """
    usual = SMALL if base.checkpoint.defaults.small else {}
    said = {name: value for name in SMALL if (value := getattr(settings, name)) is not None}
    return ResamplerSizes(
        **{**usual, **said},
        features=width,
        output=base.bundle.unet.config.cross_attention_dim,
        phrase=base.bundle.text_encoders[0].config.hidden_size,
    )


def encode_all(
    base: Base,
    out: Path,
    prompting: ImagePrompting,
    samples: Sequence[Sample],
    settings: TrainMsAdapterSettings,
    *,
    main: bool,
) -> AdapterData:
    """What frozen models say of pictures and photos, from the run's cache where it is there; `main` shows progress."""
    photos = {path for sample in samples for paths in sample.photos for path in paths}
    with ExitStack() as stack:
        tick = None
        if main:
            tick = stack.enter_context(progress("pictures encoded", len(samples) + len(photos)))
        return encode_samples(
            base.bundle,
            Cache(out / "cache"),
            prompting,
            samples,
            Augmentation(flip=0.0, crop=settings.crop),
            (base.height, base.width),
            variations=settings.variations,
            seed=settings.seed,
            tick=tick,
        )


def new_grid(
    base: Base,
    adapter: MsAdapter,
    data: AdapterData,
    samples: Sequence[Sample],
    held: Sequence[Sample],
    settings: TrainMsAdapterSettings,
    out: Path,
    local: bool,
) -> AdapterGrid:
    """Of the first held-out pictures; where there are none, of those that are trained on."""
    everything = [*samples, *held]
    places = list(range(len(samples), len(everything)) if held else range(len(samples)))[: settings.grid]
    how = GenerateSettings(prompts=("-",), base=settings.base, width=base.width, height=base.height)
    return AdapterGrid(
        folder=out,
        bundle=base.bundle,
        adapter=adapter,
        data=data,
        rows=[place * settings.variations for place in places],
        samples=[everything[place] for place in places],
        how=sampling(how, base.checkpoint),
        scale=settings.scale,
        local=local,
        seed=settings.seed,
        batch=base.checkpoint.defaults.batch,
    )
