"""Speed of text to image: seconds a picture beside diffusers' own pipeline, of training steps, and what each saving
in a picture with two subjects is worth.

    scripts/bench generate [--base pocket] [--threads 1] [--pictures 8] [--rounds 5] [--only-subjects]

Everything is measured in one run on this machine; compare the ratios, not the absolute times of two machines.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import replace
from statistics import median
from typing import Any
from unittest import mock

import torch
from diffusers import StableDiffusionXLPipeline
from torch import Tensor
from torch.nn import functional as F

from vivant.adapters import attention
from vivant.adapters.attention import FixedKeys, KeyValue, attached, cross_layers, split_heads
from vivant.adapters.ms import ImagePrompt, MsAdapter, fix_keys, join_prompts, new_ms_adapter
from vivant.adapters.resampler import ResamplerSizes
from vivant.generation.pictures import draw
from vivant.generation.plan import Sampling, sampling
from vivant.generation.sample import guided, sampled
from vivant.models.bundle import Bundle, load_bundle
from vivant.models.checkpoint import open_checkpoint
from vivant.models.text import encode_empty, encode_text
from vivant.settings.generate import GenerateSettings

PROMPT = "a fox is dancing in a ballroom"


def main() -> None:
    """Run the parts and print a line each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--base", default="pocket")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--pictures", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=5, help="of the comparison of savings")
    parser.add_argument("--only-subjects", action="store_true", help="nothing but that comparison")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    checkpoint = open_checkpoint(options.base, half=False)
    how = sampling(GenerateSettings(prompts=(PROMPT,), base=options.base), checkpoint)
    bundle = load_bundle(checkpoint, "cpu", "float32")
    with torch.inference_mode():
        text, empty = encode_text(bundle, [PROMPT]), encode_empty(bundle)

    if options.only_subjects:
        subjects(bundle, how, options.rounds)
        return

    def pictures(count: int) -> None:
        draw(bundle, [text] * count, empty, list(range(count)), how)

    pictures(1)
    one = report(f"one picture, {how.steps} steps", 1, lambda: pictures(1))
    report(f"{options.pictures} together, a picture", options.pictures, lambda: pictures(options.pictures), one)
    pipe = StableDiffusionXLPipeline(
        vae=bundle.vae,
        text_encoder=bundle.text_encoders[0],
        text_encoder_2=bundle.text_encoders[1],
        tokenizer=bundle.tokenizers[0],
        tokenizer_2=bundle.tokenizers[1],
        unet=bundle.unet,
        scheduler=bundle.fresh_scheduler(),
        add_watermarker=False,
    )
    pipe.set_progress_bar_config(disable=True)
    theirs = {"num_inference_steps": how.steps, "guidance_scale": how.guidance, "height": how.height}
    report("diffusers' pipeline, one picture", 1, lambda: pipe(PROMPT, width=how.width, **theirs), one)
    subjects(bundle, how, options.rounds)
    report("training step at batch 4, all weights of the UNet", 10, lambda: train(bundle, how.height, 10))


def subjects(bundle: Bundle, how: Sampling, rounds: int) -> None:
    """Processor time of a picture with two subjects, each saving off in turn; the weights do not matter."""
    width = bundle.unet.config.cross_attention_dim
    adapter = new_ms_adapter(bundle.unet, ResamplerSizes(dim=64, depth=1, heads=1, features=64, output=width))
    tokens = torch.randn(1, 2, adapter.sizes.queries, width, generator=torch.Generator().manual_seed(0))
    boxes = torch.tensor([[[0.05, 0.2, 0.55, 0.9], [0.45, 0.2, 0.95, 0.9]]])
    prompt = ImagePrompt(tokens, boxes, torch.ones(1, 2))
    nobody = ImagePrompt(tokens, torch.zeros_like(boxes), prompt.scales)
    with torch.inference_mode():
        text, empty = encode_text(bundle, [PROMPT]), encode_empty(bundle)
        states = torch.cat([empty.states, text.states])
    size = (how.height // bundle.factor, how.width // bundle.factor)

    def picture(fixed: Callable[[], FixedKeys], each_step: Callable[[FixedKeys], FixedKeys] | None = None) -> None:
        with torch.inference_mode(), attached(bundle.unet):
            told = {"fixed": fixed()}
            pixels = (how.height, how.width)
            predict = guided(bundle, text, empty, size=pixels, guidance=how.guidance, attention=told)

            def anew(latents: Tensor, timestep: Tensor) -> Tensor:
                told["fixed"] = each_step(told["fixed"]) if each_step else told["fixed"]
                return predict(latents, timestep)

            sampled(bundle, anew, [0], steps=how.steps, height=how.height, width=how.width)

    def all_fixed() -> FixedKeys:
        return fix_keys(bundle.unet, adapter, prompt, size=size, states=states)

    def image_anew(fixed: FixedKeys) -> FixedKeys:
        return replace(fixed, image=image_keys(bundle.unet, adapter, prompt))

    def both_branches() -> FixedKeys:
        return fix_keys(bundle.unet, adapter, join_prompts([nobody, prompt]), size=size, states=states)

    def whole_matrix() -> None:
        with mock.patch.object(attention, "image_term", plain_image_term):
            picture(all_fixed)

    variants: dict[str, Callable[[], object]] = {
        "two subjects": lambda: picture(all_fixed),
        "keys and values of the text anew at every step": lambda: picture(lambda: replace(all_fixed(), text={})),
        "keys and values of the image anew at every step": lambda: picture(all_fixed, image_anew),
        "image term in the unconditional half too": lambda: picture(both_branches),
        "the whole attention matrix of the image term": whole_matrix,
        "no subjects": lambda: draw(bundle, [text], empty, [0], how),
    }
    times: dict[str, list[float]] = {name: [] for name in variants}
    variants["two subjects"]()
    for _ in range(rounds):
        for name, work in variants.items():
            began = time.process_time()  # what other programs take from the processor does not count
            work()
            times[name].append(time.process_time() - began)
    ours = median(times["two subjects"])
    for name, found in times.items():
        spread = f"{min(found):.2f} to {max(found):.2f}"
        print(
            f"{name}: {median(found):.2f} s of the processor ({spread}), {median(found) / ours:.2f} times two subjects"
        )


def image_keys(unet: Any, adapter: MsAdapter, prompt: ImagePrompt) -> dict[int, KeyValue]:
    """As `fix_keys` computes them, without masks."""
    layers = cross_layers(unet)
    tokens, scales = prompt.tokens.flatten(1, 2), prompt.scales.repeat_interleave(prompt.tokens.shape[2], dim=1)
    found = {}
    for number, (key, value) in adapter.keys(tokens).items():
        key, value = (F.pad(part, (0, 0, 1, 0)) for part in (key, value * scales[..., None]))
        found[number] = (split_heads(layers[number], key), split_heads(layers[number], value))
    return found


def plain_image_term(query: Tensor, image: KeyValue, fixed: FixedKeys) -> Tensor:
    """Probabilities of all positions and tokens at once, as equation 2 is written."""
    key, value = image
    query = query[-len(key) :]
    scores = query @ key.transpose(-1, -2) / query.shape[-1] ** 0.5
    hidden = scores.masked_fill(~fixed.looks[query.shape[2]], -torch.inf)
    return hidden.softmax(dim=-1) @ value


def train(bundle: Bundle, side: int, steps: int) -> None:
    """Forward, backward and AdamW on random latents: more than training a LoRA costs."""
    unet = bundle.unet.train().requires_grad_(True)
    optimiser = torch.optim.AdamW(unet.parameters(), lr=1e-6)
    shape = (4, unet.config.in_channels, side // bundle.factor, side // bundle.factor)
    with torch.no_grad():
        text = encode_text(bundle, [PROMPT] * 4)
    told = {"text_embeds": text.pooled, "time_ids": torch.tensor([[side, side, 0, 0, side, side]] * 4)}
    for step in range(steps):
        noise = torch.randn(shape, generator=torch.Generator().manual_seed(step))
        predicted = unet(noise, 500, text.states, added_cond_kwargs=told).sample
        (predicted - noise).square().mean().backward()
        optimiser.step()
        optimiser.zero_grad()


def report(name: str, count: int, work: Callable[[], object], against: float = 0.0) -> float:
    """Time some work; print seconds an item, and the ratio to another time. Returns it."""
    began = time.perf_counter()
    work()
    seconds = (time.perf_counter() - began) / count
    print(f"{name}: {seconds:.2f} s" + (f", {seconds / against:.2f} times one of ours alone" if against else ""))
    return seconds


if __name__ == "__main__":
    main()
