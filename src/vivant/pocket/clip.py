"""The clip stage: pictures and captions in one space. The base's two text encoders come from it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from vivant.pocket.captions import captions_of
from vivant.pocket.crops import OPENAI_CLIP, normalise, to_unit
from vivant.pocket.feed import Pictures
from vivant.pocket.loop import fit
from vivant.pocket.pool import Pool, open_pool
from vivant.pocket.run import Figures, Run
from vivant.pocket.save import save_half
from vivant.pocket.tokenizer import build as build_tokenizers

SIZE, LENGTH = 128, 77
CPU_BATCH, GPU_BATCH, LR = 128, 1024, 1e-3
LARGEST_SCALE = math.log(100.0)
"""Of the logits, as in CLIP."""
TOKEN_SCALE, PLACE_SCALE = 0.4, 0.1
"""Deviation of token and position embeddings at the start. The base reads hidden states that no norm has touched, so
they begin near the scale of one and not at CLIP's 0.02."""
GROUP = 50
"""Retrieval is among so many captions."""


def build_text(tokenizer: Any) -> Any:
    """The base's first text encoder (CLIPTextModel): width 128, 3 layers, quick GELU."""
    from transformers import CLIPTextConfig, CLIPTextModel

    return _with_scales(CLIPTextModel(CLIPTextConfig(**_text(tokenizer, 128, 3, 2, "quick_gelu"))))


def build(tokenizer: Any) -> Any:
    """CLIPModel: 16x16 patches of 128 px, width 256, 6 layers; text as `build_text_2`."""
    from transformers import CLIPConfig, CLIPModel, CLIPVisionConfig

    vision = CLIPVisionConfig(
        image_size=SIZE,
        patch_size=16,
        hidden_size=256,
        intermediate_size=1024,
        num_hidden_layers=6,
        num_attention_heads=4,
        projection_dim=192,
    )
    text = _text(tokenizer, 192, 4, 3, "gelu")
    model = CLIPModel(CLIPConfig(text_config=text, vision_config=vision.to_dict(), projection_dim=192))
    _with_scales(model.text_model)
    return model


def build_text_2(tokenizer: Any) -> Any:
    """The base's second text encoder (CLIPTextModelWithProjection): width 192, 4 layers, GELU, projection 192."""
    from transformers import CLIPTextConfig, CLIPTextModelWithProjection

    return CLIPTextModelWithProjection(CLIPTextConfig(**_text(tokenizer, 192, 4, 3, "gelu")))


def _text(tokenizer: Any, width: int, layers: int, heads: int, activation: str) -> dict[str, Any]:
    return {
        "vocab_size": len(tokenizer),
        "hidden_size": width,
        "intermediate_size": 4 * width,
        "projection_dim": 192,
        "num_hidden_layers": layers,
        "num_attention_heads": heads,
        "max_position_embeddings": LENGTH,
        "hidden_act": activation,
        "bos_token_id": tokenizer.bos_token_id,
        "eos_token_id": tokenizer.eos_token_id,
        "pad_token_id": tokenizer.pad_token_id,
    }


def _with_scales(text_model: Any) -> Any:
    nn.init.normal_(text_model.embeddings.token_embedding.weight, std=TOKEN_SCALE)
    nn.init.normal_(text_model.embeddings.position_embedding.weight, std=PLACE_SCALE)
    return text_model


def contrastive(pictures: Tensor, texts: Tensor, scale: Tensor) -> Tensor:
    """CLIP's loss: every picture has to find its text in the batch, and every text its picture.

    Args:
        pictures, texts: [N, D], any length.
        scale: logarithm of the logits' scale.
    """
    pictures, texts = F.normalize(pictures.float(), dim=1), F.normalize(texts.float(), dim=1)
    logits = pictures @ texts.T * scale.clamp(max=LARGEST_SCALE).exp()
    own = torch.arange(len(logits), device=logits.device)
    return (F.cross_entropy(logits, own) + F.cross_entropy(logits.T, own)) / 2.0


def train(run: Run) -> Figures:
    """Train on the seen relations; save the clip, both text encoders and both tokenizers."""
    pool = open_pool(run.out)
    tokenizers = build_tokenizers()
    torch.manual_seed(run.seed_of("clip", -1))
    clip, first = build(tokenizers["tokenizer_2"]), build_text(tokenizers["tokenizer"])
    modules = nn.ModuleDict({"clip": clip, "text": first, "projection": nn.Linear(128, 192, bias=False)})
    modules.to(run.device)
    scenes = pool.training(seen_only=True)
    captions = captions_of(pool, scenes, tokenizers["tokenizer_2"], full=False).to(run.device)
    pictures, numbers = Pictures(pool.pictures, run.device), torch.from_numpy(scenes).to(run.device)
    batch = GPU_BATCH if run.device.type == "cuda" else CPU_BATCH

    def step(number: int) -> Tensor:
        draw = run.generator("clip", number)
        chosen = torch.randint(0, len(numbers), (batch,), generator=draw, device=run.device)
        tokens = captions.tokens[captions.draw(chosen, draw)]
        seen = picture_features(clip, pictures[numbers[chosen]])
        read = clip.get_text_features(input_ids=tokens).pooler_output
        read_first = modules["projection"](first(input_ids=tokens).pooler_output)
        return contrastive(seen, read, clip.logit_scale) + contrastive(seen, read_first, clip.logit_scale)

    figures = fit(run, "clip", modules, step, lr=LR, batch=batch, weight_decay=0.05)
    figures["retrieval_top1_of_50"] = retrieval(clip, tokenizers["tokenizer_2"], pool)
    _save(run, clip, first, tokenizers)
    return figures


def _save(run: Run, clip: Any, first: Any, tokenizers: dict[Any, Any]) -> None:
    from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

    base, second = run.weights / "base", build_text_2(tokenizers["tokenizer_2"])
    kept = {name: value for name, value in clip.state_dict().items() if name in second.state_dict()}
    second.load_state_dict(kept)
    save_half(first, base / "text_encoder")
    save_half(second, base / "text_encoder_2")
    for name, tokenizer in tokenizers.items():
        tokenizer.save_pretrained(base / name)
    side = {"height": SIZE, "width": SIZE}
    save_half(
        clip,
        run.weights / "clip",
        CLIPImageProcessorPil(size={"shortest_edge": SIZE}, crop_size=side),
        tokenizers["tokenizer_2"],
    )


def picture_features(clip: Any, pictures: Tensor) -> Tensor:
    """uint8 [N, 128, 128, 3] -> [N, 192], of any length."""
    return clip.get_image_features(pixel_values=normalise(to_unit(pictures), OPENAI_CLIP)).pooler_output


def retrieval(clip: Any, tokenizer: Any, pool: Pool) -> float:
    """How often a held-out picture of a seen relation finds its short caption among 50; 0.02 by chance."""
    scenes = pool.validation(seen_only=True)[: 20 * GROUP]
    scenes = scenes[: len(scenes) // GROUP * GROUP or len(scenes)]
    return found(clip, tokenizer, pool.pictures[scenes], [pool.texts[n] for n in scenes])


def found(clip: Any, tokenizer: Any, pictures: np.ndarray[Any, np.dtype[np.uint8]], texts: list[str]) -> float:
    """How often each picture, uint8 [N, 128, 128, 3], finds its own text among its group of 50."""
    device = clip.device
    right: list[bool] = []
    with torch.no_grad():
        for at in range(0, len(texts), GROUP):
            group = texts[at : at + GROUP]
            tokens = tokenizer(group, padding=True, truncation=True, return_tensors="pt")["input_ids"].to(device)
            read = F.normalize(clip.get_text_features(input_ids=tokens).pooler_output, dim=1)
            shown = torch.from_numpy(np.ascontiguousarray(pictures[at : at + GROUP])).to(device)
            best = (F.normalize(picture_features(clip, shown), dim=1) @ read.T).argmax(dim=1).tolist()
            right += [group[one] == own for one, own in zip(best, group, strict=True)]
    return sum(right) / len(right)
