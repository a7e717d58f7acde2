"""The judge's CLIP: smaller than the family's, of another seed, and it has read captions of all relations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from vivant.pocket.clip import LARGEST_SCALE, contrastive
from vivant.pocket.crops import OPENAI_CLIP, fit_size, normalise, roughened
from vivant.pocket.feed import Feed, Scenes, by_device, placed
from vivant.pocket.judge.scene import moved, whole_loss
from vivant.pocket.loop import fit
from vivant.pocket.run import Figures, Run
from vivant.world import BACKDROPS, KINDS, RELATIONS

STAGE = "judge-clip"
SIZE, LENGTH = 128, 77
RARE = -2.2
"""Logit of a kind in a picture before training."""
CPU_BATCH, GPU_BATCH, LR = 64, 512, 1e-3
CPU_WARMUP, GPU_WARMUP = 30, 100


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


class ClipTraining(nn.Module):  # type: ignore[misc]
    """The CLIP, and a reader of kinds, relation, background and number that is thrown away afterwards.

    The reader's plain classes teach the vision tower in hundreds of steps what the softmax over a batch of captions
    teaches in thousands.
    """

    def __init__(self, model: Any, sizes: tuple[int, int, int, int]) -> None:
        super().__init__()
        self.model, self.sizes = model, sizes
        self.reader = nn.Linear(model.config.projection_dim, sum(sizes))
        nn.init.constant_(self.reader.bias[: sizes[0]], RARE)

    def loss(self, pictures: Tensor, texts: Tensor, scenes: Scenes) -> Tensor:
        """Contrastive loss of features of length one [N, D], and the reader's."""
        scale = pictures.shape[1] ** 0.5  # features of length one are small; the reader wants them around one
        kinds, relation, background, count = self.reader(pictures * scale).float().split(self.sizes, dim=1)
        read = whole_loss(kinds, relation, background, count, scenes)
        return contrastive(pictures, texts, self.model.logit_scale) + read


def train_clip(run: Run, feed: Feed, tokenizer: Any, seconds: float) -> tuple[Any, Figures]:
    """Train on pictures with their short captions (even rows) and detailed ones (odd rows)."""
    torch.manual_seed(run.seed_of(STAGE, -1))
    model = placed(build(tokenizer), run.device)
    training = ClipTraining(model, (len(KINDS), len(RELATIONS), len(BACKDROPS), feed.boxes.shape[1])).to(run.device)
    batch = by_device(run, cpu=CPU_BATCH, gpu=GPU_BATCH)
    short, detailed = feed.pool.texts, feed.pool.texts_detailed

    def step(number: int) -> Tensor:
        draw = run.generator(STAGE, number)
        # Numbers drawn on the CPU: the texts can be fetched while the device still works on the step before.
        rows = torch.randint(0, feed.scene_count, (batch,), generator=run.generator(STAGE, number, "cpu"))
        texts = [(detailed if place % 2 else short)[row] for place, row in enumerate(rows.tolist())]
        scenes = feed.scenes_at(rows.to(run.device))
        pictures = picture_features(model, roughened(moved(scenes.unit(), draw), draw))
        return training.loss(pictures, text_features(model, tokenizer, texts), scenes)

    warmup = by_device(run, cpu=CPU_WARMUP, gpu=GPU_WARMUP)
    figures = fit(run, STAGE, training, step, lr=LR, batch=batch, seconds=seconds, weight_decay=0.05, warmup=warmup)
    with torch.no_grad():
        model.logit_scale.clamp_(max=LARGEST_SCALE)
    return model, figures
