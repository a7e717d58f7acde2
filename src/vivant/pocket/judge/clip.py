"""The judge's CLIP: smaller than the family's, of another seed, and it has read captions of all relations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from vivant.pocket.clip import LARGEST_SCALE, contrastive
from vivant.pocket.crops import OPENAI_CLIP, fit_size, normalise, roughened
from vivant.pocket.feed import Feed, batch_size, placed
from vivant.pocket.judge.scene import moved
from vivant.pocket.loop import fit
from vivant.pocket.run import Figures, Run

STAGE = "judge-clip"
SIZE, LENGTH = 128, 77
CPU_BATCH, GPU_BATCH, LR = 128, 512, 1e-3


def build(tokenizer: Any) -> Any:
    """A CLIP of 2.7 million parameters: 8x8 patches, 4 layers of width 192; text 3 layers of width 128."""
    from transformers import CLIPConfig, CLIPModel, CLIPTextConfig, CLIPVisionConfig

    text = CLIPTextConfig(
        vocab_size=len(tokenizer),
        hidden_size=128,
        intermediate_size=512,
        num_hidden_layers=3,
        num_attention_heads=2,
        max_position_embeddings=LENGTH,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    vision = CLIPVisionConfig(
        image_size=SIZE,
        patch_size=16,
        hidden_size=192,
        intermediate_size=768,
        num_hidden_layers=4,
        num_attention_heads=3,
    )
    config = CLIPConfig(text_config=text.to_dict(), vision_config=vision.to_dict(), projection_dim=128)
    return CLIPModel(config)


def picture_features(model: Any, unit: Tensor) -> Tensor:
    """[N, 3, H, W] in [0, 1] -> [N, projection], length one."""
    pixels = normalise(fit_size(unit, SIZE), OPENAI_CLIP)
    return F.normalize(model.get_image_features(pixel_values=pixels).pooler_output.float(), dim=1)


def text_features(model: Any, tokenizer: Any, texts: Sequence[str]) -> Tensor:
    """Captions -> [N, projection], length one."""
    tokens = tokenizer(list(texts), padding=True, truncation=True, max_length=LENGTH, return_tensors="pt")
    tokens = {name: tokens[name].to(model.device) for name in ("input_ids", "attention_mask")}
    return F.normalize(model.get_text_features(**tokens).pooler_output.float(), dim=1)


def train_clip(run: Run, feed: Feed, tokenizer: Any, seconds: float) -> tuple[Any, Figures]:
    """Train on pictures with their short captions (even rows) and detailed ones (odd rows)."""
    torch.manual_seed(run.seed_of(STAGE, -1))
    model = placed(build(tokenizer), run.device)
    batch = batch_size(run, cpu=CPU_BATCH, gpu=GPU_BATCH)
    short, detailed = feed.pool.texts, feed.pool.texts_detailed

    def step(number: int) -> Tensor:
        draw = run.generator(STAGE, number)
        # Numbers drawn on the CPU: the texts can be fetched while the device still works on the step before.
        rows = torch.randint(0, feed.scene_count, (batch,), generator=run.generator(STAGE, number, "cpu"))
        texts = [(detailed if place % 2 else short)[row] for place, row in enumerate(rows.tolist())]
        scenes = feed.scenes_at(rows.to(run.device))
        pictures = picture_features(model, roughened(moved(scenes.unit(), draw), draw))
        return contrastive(pictures, text_features(model, tokenizer, texts), model.logit_scale)

    figures = fit(run, STAGE, model, step, lr=LR, batch=batch, seconds=seconds, weight_decay=0.05)
    with torch.no_grad():
        model.logit_scale.clamp_(max=LARGEST_SCALE)
    return model, figures
