"""Speed of text to image: seconds a picture beside diffusers' own pipeline, and of training steps.

    scripts/bench generate [--base pocket] [--threads 1] [--pictures 8]

Everything is measured in one run on this machine; compare the ratios, not the absolute times of two machines.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import torch
from diffusers import StableDiffusionXLPipeline

from vivant.generation.pictures import draw
from vivant.generation.plan import sampling
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
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    checkpoint = open_checkpoint(options.base, half=False)
    how = sampling(GenerateSettings(prompts=(PROMPT,), base=options.base), checkpoint)
    bundle = load_bundle(checkpoint, "cpu", "float32")
    with torch.inference_mode():
        text, empty = encode_text(bundle, [PROMPT]), encode_empty(bundle)

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
    report("training step at batch 4, all weights of the UNet", 10, lambda: train(bundle, how.height, 10))


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
