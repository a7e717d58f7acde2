"""The frozen parts of a tiny base, untrained, in their folders."""

from pathlib import Path

import torch

from vivant.pocket import clip, vae
from vivant.pocket.encoded import Conditioner
from vivant.pocket.save import save_half
from vivant.pocket.tokenizer import build as build_tokenizers

TEXTS = ["a fox and a dog are dancing in the park with red blue green bear cat"]


def tiny_conditioner(base: Path) -> Conditioner:
    """Save text encoders, tokenizers and a small VAE under `base`, and load them as the recipe does."""
    torch.manual_seed(0)
    tokenizers = build_tokenizers(TEXTS)
    for name, tokenizer in tokenizers.items():
        tokenizer.save_pretrained(base / name)
    save_half(clip.build_text(tokenizers["tokenizer"]), base / "text_encoder")
    save_half(clip.build_text_2(tokenizers["tokenizer_2"]), base / "text_encoder_2")
    save_half(vae.build((8, 8, 8, 8), 4), base / "vae")
    return Conditioner.load(base, torch.device("cpu"))
