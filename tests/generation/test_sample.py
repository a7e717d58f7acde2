"""Drawing equals diffusers' own pipelines, and a picture depends on its seed alone."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch

from tests.tiny_bases import ZERO_SNR, save_tiny_sd15, save_tiny_sdxl
from vivant.errors import ModelError, SettingsError
from vivant.generation.pictures import draw, steps_in_all
from vivant.generation.plan import Sampling
from vivant.generation.sample import Step, decode, denoise, draw_noise, generators, guided, rescaled, set_steps
from vivant.models.bundle import Bundle, load_bundle
from vivant.models.text import encode_empty, encode_text, join

PROMPT = "a fox is dancing in a ballroom"
SEEDS = (3, 4)
Pixels = npt.NDArray[np.float32]
NEGATIVES = [None, "blurry"]


@pytest.fixture(scope="module")
def sdxl(tmp_path_factory):
    return save_tiny_sdxl(tmp_path_factory.mktemp("bases") / "sdxl")


@pytest.fixture(scope="module")
def sd15(tmp_path_factory):
    return save_tiny_sd15(tmp_path_factory.mktemp("bases") / "sd15")


def diffusers_scheduler(name: str) -> Any:
    import diffusers

    plain = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear", "steps_offset": 1}
    if name == "DDIMScheduler":
        plain["clip_sample"] = False
    options = ZERO_SNR if name == "EulerDiscreteScheduler" else plain
    return getattr(diffusers, name)(**options)


def ours(bundle: Bundle, how: Sampling, negative: str | None, seeds: Sequence[int] = SEEDS) -> Pixels:
    text = join([encode_text(bundle, [PROMPT])] * len(seeds))
    empty = None
    if how.guidance > 1:
        branch = encode_empty(bundle) if negative is None else encode_text(bundle, [negative])
        empty = join([branch] * len(seeds))
    sources = generators(seeds)
    noise = draw_noise(bundle, sources, how.height, how.width)
    size = (how.height, how.width)
    predict = guided(bundle, text, empty, size=size, guidance=how.guidance, rescale=how.rescale)
    with torch.inference_mode():
        latents = denoise(predict, bundle.fresh_scheduler(), noise, steps=how.steps, sources=sources)
        return decode(bundle, latents)


def theirs(pipeline: Any, bundle: Bundle, how: Sampling, negative: str | None) -> Pixels:
    sources = generators(SEEDS)
    noise = draw_noise(bundle, sources, how.height, how.width)
    pipeline.set_progress_bar_config(disable=True)
    images: Pixels = pipeline(
        [PROMPT] * len(SEEDS),
        negative_prompt=None if negative is None else [negative] * len(SEEDS),
        num_inference_steps=how.steps,
        guidance_scale=how.guidance,
        guidance_rescale=how.rescale,
        width=how.width,
        height=how.height,
        latents=noise,
        generator=sources,
        output_type="np",
    ).images
    return images


@pytest.mark.parametrize("negative", NEGATIVES)
@pytest.mark.parametrize(
    ("scheduler", "how"),
    [
        ("EulerDiscreteScheduler", Sampling(4, 4.0, 0.7, 64, 64, None)),
        ("DDIMScheduler", Sampling(3, 5.0, 0.0, 96, 72, None)),  # not square, and 9 latents do not halve evenly
        ("EulerAncestralDiscreteScheduler", Sampling(3, 1.0, 0.0, 64, 64, None)),
        ("DPMSolverMultistepScheduler", Sampling(4, 7.5, 0.3, 64, 80, None)),
    ],
)
def test_sdxl_layout_equals_diffusers(sdxl, scheduler, how, negative):
    from diffusers import StableDiffusionXLPipeline

    bundle = replace(load_bundle(str(sdxl), "cpu"), scheduler=diffusers_scheduler(scheduler))
    pipeline = StableDiffusionXLPipeline.from_pretrained(sdxl, local_files_only=True, add_watermarker=False)
    pipeline.scheduler = bundle.fresh_scheduler()
    mine, reference = ours(bundle, how, negative), theirs(pipeline, bundle, how, negative)
    assert mine.shape == (2, how.height, how.width, 3) and mine.std() > 0.01
    assert np.abs(mine - reference).max() < 1e-4


@pytest.mark.parametrize("negative", NEGATIVES)
@pytest.mark.parametrize("scheduler", ["PNDMScheduler", "DDIMScheduler", "EulerAncestralDiscreteScheduler"])
def test_sd15_layout_equals_diffusers(tmp_path, scheduler, negative):
    from diffusers import StableDiffusionPipeline

    how = Sampling(4, 7.5, 0.0, 64, 96, None)
    folder = save_tiny_sd15(tmp_path / "sd15", scheduler=diffusers_scheduler(scheduler))
    bundle = load_bundle(str(folder), "cpu")
    pipeline = StableDiffusionPipeline.from_pretrained(folder, local_files_only=True)
    mine, reference = ours(bundle, how, negative), theirs(pipeline, bundle, how, negative)
    assert mine.shape == (2, 96, 64, 3) and mine.std() > 0.01
    assert np.abs(mine - reference).max() < 1e-4


def test_an_outdated_scheduler_of_sd15_is_read_as_diffusers_reads_it(tmp_path):
    """Early configurations clip predicted latents to [-1, 1] as if they were pixels."""
    from diffusers import StableDiffusionPipeline

    folder = save_tiny_sd15(tmp_path / "sd15", scheduler=diffusers_scheduler("DDIMScheduler"))
    path = folder / "scheduler" / "scheduler_config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "clip_sample": True, "steps_offset": 0}))
    how = Sampling(4, 7.5, 0.0, 64, 64, None)
    bundle = load_bundle(str(folder), "cpu")
    with pytest.warns(FutureWarning):
        pipeline = StableDiffusionPipeline.from_pretrained(folder, local_files_only=True)
    assert np.abs(ours(bundle, how, None) - theirs(pipeline, bundle, how, None)).max() < 1e-4


@pytest.mark.parametrize("scheduler", ["EulerDiscreteScheduler", "EulerAncestralDiscreteScheduler"])
def test_a_batch_of_two_equals_two_batches_of_one(sdxl, scheduler):
    bundle = replace(load_bundle(str(sdxl), "cpu"), scheduler=diffusers_scheduler(scheduler))
    how = Sampling(4, 4.0, 0.7, 64, 64, None)
    together = ours(bundle, how, None)
    apart = np.concatenate([ours(bundle, how, None, seeds=(seed,)) for seed in SEEDS])
    assert np.abs(together - apart).max() < 1e-4
    assert np.abs(together[0] - together[1]).max() > 1e-2


def test_each_prompt_of_a_batch_gets_its_own_picture(sdxl):
    bundle = load_bundle(str(sdxl), "cpu")
    how = Sampling(3, 4.0, 0.0, 64, 64, None)
    fox, cat, empty = encode_text(bundle, ["a fox"]), encode_text(bundle, ["a cat"]), encode_empty(bundle)
    both = draw(bundle, [fox, cat], empty, [0, 0], how)
    alone = draw(bundle, [cat], empty, [0], how)[0]
    assert np.abs(both[1].astype(int) - alone).max() <= 1
    assert (both[0] != both[1]).any()


def test_same_seed_same_bytes(sdxl):
    bundle = load_bundle(str(sdxl), "cpu")
    how = Sampling(3, 4.0, 0.7, 64, 64, None)
    text, empty = encode_text(bundle, [PROMPT]), encode_empty(bundle)
    first, again = (draw(bundle, [text], empty, [7], how)[0] for _ in range(2))
    assert (first == again).all() and first.dtype == np.uint8


def test_every_step_is_recorded(sd15):
    bundle = load_bundle(str(sd15), "cpu")
    how = Sampling(5, 7.5, 0.0, 64, 64, None)
    steps: list[Step] = []
    draw(bundle, [encode_text(bundle, [PROMPT])], encode_empty(bundle), [0], how, steps.append)
    assert [step.number for step in steps] == list(range(6))  # PNDM takes one more
    assert len(steps) == steps_in_all(bundle, 1, how, batch=4) and steps_in_all(bundle, 9, how, batch=4) == 18
    assert steps[0].timestep > steps[-1].timestep and steps[0].latents.shape == (1, 4, 8, 8)


def test_without_guidance_there_is_no_empty_branch(sdxl):
    bundle = load_bundle(str(sdxl), "cpu")
    batches = []
    bundle.unet.register_forward_pre_hook(lambda module, inputs: batches.append(len(inputs[0])))
    text = encode_text(bundle, [PROMPT])
    draw(bundle, [text], None, [0], Sampling(2, 1.0, 0.0, 64, 64, None))
    draw(bundle, [text], encode_empty(bundle), [0], Sampling(2, 2.0, 0.0, 64, 64, None))
    assert batches == [1, 1, 2, 2]


def test_rescaling_gives_back_the_contrast():
    plain, strong = torch.randn(2, 4, 8, 8), 5 * torch.randn(2, 4, 8, 8)
    assert rescaled(strong, plain, 0.0) is strong
    assert torch.allclose(rescaled(strong, plain, 1.0).std((1, 2, 3)), plain.std((1, 2, 3)))
    half = rescaled(strong, plain, 0.5)
    assert torch.allclose(half, (strong + rescaled(strong, plain, 1.0)) / 2, atol=1e-5)


def test_sizes_and_steps_that_do_not_suit_the_base(sdxl):
    bundle = load_bundle(str(sdxl), "cpu")
    with pytest.raises(SettingsError, match=r"100 x 64.*multiples of 8"):
        draw_noise(bundle, generators([0]), 64, 100)
    with pytest.raises(SettingsError, match="2000 sampling steps do not suit DDIMScheduler"):
        set_steps(diffusers_scheduler("DDIMScheduler"), 2000)


def test_no_numbers_and_no_memory_name_the_option(sdxl, monkeypatch):
    bundle = load_bundle(str(sdxl), "cpu")
    with pytest.raises(ModelError, match="--dtype"):
        decode(bundle, torch.full((1, 4, 8, 8), float("nan")))

    def fill(*arguments, **options):
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20 GiB")

    monkeypatch.setattr(bundle.unet, "forward", fill)
    with pytest.raises(ModelError, match="not enough memory: lower --batch"):
        draw(bundle, [encode_text(bundle, [PROMPT])], None, [0], Sampling(2, 1.0, 0.0, 64, 64, None))
