"""The clip stage: the base's encoder is the clip's own, the loss finds pairs, unseen relations stay out."""

from typing import Any

import numpy as np
import torch
from torch.nn import functional as F

from tests.pocket.tiny import TEXTS
from vivant.pocket import clip
from vivant.pocket.captions import Captions, captions_of
from vivant.pocket.loop import fit
from vivant.pocket.pool import Plan, open_pool, render
from vivant.pocket.run import Run
from vivant.pocket.tokenizer import build as build_tokenizers
from vivant.world import UNSEEN


def test_matching_pairs_have_the_lower_loss():
    torch.manual_seed(0)
    texts, scale = torch.randn(8, 16), torch.tensor(3.0)
    assert clip.contrastive(texts * 5.0, texts, scale) < 0.1
    assert clip.contrastive(texts.roll(1, dims=0), texts, scale) > 2.0
    assert torch.equal(
        clip.contrastive(texts, texts, torch.tensor(9.0)), clip.contrastive(texts, texts, torch.tensor(5.0))
    )


def test_the_stage_saves_encoders_that_read_as_the_clip_does(tmp_path, monkeypatch):
    from transformers import CLIPModel, CLIPTextModelWithProjection, CLIPTokenizer

    torch.set_num_threads(1)
    monkeypatch.setattr(clip, "CPU_BATCH", 4)
    monkeypatch.setattr(clip, "build_tokenizers", lambda: build_tokenizers(TEXTS))
    monkeypatch.setattr(clip, "fit", lambda *args, **kept: fit(*args, **{**kept, "seconds": 0.2}))
    run = Run(tmp_path, torch.device("cpu"), 0, 1.0)
    render(run.out / "pool", Plan(60, 2, 2, 0), workers=1)
    read: list[str] = []

    def noted(*args: Any, **kept: Any) -> Captions:
        captions = captions_of(*args, **kept)
        read.extend(captions.texts)
        return captions

    monkeypatch.setattr(clip, "captions_of", noted)
    figures = clip.train(run)
    assert figures["steps"] >= 1
    assert 0.0 <= figures["retrieval_top1_of_50"] <= 1.0
    assert read
    assert not [text for text in read for name in UNSEEN if name in text]

    model = CLIPModel.from_pretrained(run.weights / "clip", dtype=torch.float32)
    encoder = CLIPTextModelWithProjection.from_pretrained(run.weights / "base/text_encoder_2", dtype=torch.float32)
    tokenizer = CLIPTokenizer.from_pretrained(run.weights / "base/tokenizer_2")
    tokens = tokenizer(["a fox", "a red dog in the park"], padding="max_length", return_tensors="pt").input_ids
    assert torch.allclose(model.get_text_features(tokens).pooler_output, encoder(tokens).text_embeds, atol=1e-5)
    assert (run.weights / "base/text_encoder/model.safetensors").stat().st_size < 8e6


def test_retrieval_counts_a_caption_that_two_pictures_share_as_found(tmp_path):
    render(tmp_path / "pool", Plan(40, 2, 2, 0), workers=1)
    pool = open_pool(tmp_path)
    tokenizer = build_tokenizers(TEXTS)["tokenizer_2"]
    torch.manual_seed(0)
    model = clip.build(tokenizer).eval()
    assert clip.found(model, tokenizer, np.asarray(pool.pictures[:6]), ["a fox"] * 6) == 1.0
    different = clip.found(model, tokenizer, np.asarray(pool.pictures[:20]), [f"{n} fox" for n in range(20)])
    assert different < 0.6


def test_text_starts_at_a_scale_the_base_can_read():
    torch.manual_seed(0)
    tokenizer = build_tokenizers(TEXTS)["tokenizer"]
    tokens = tokenizer(["a red fox"], return_tensors="pt").input_ids
    hidden = clip.build_text(tokenizer)(tokens, output_hidden_states=True).hidden_states[-2]
    assert 0.2 < float(hidden.detach().std()) < 2.0
    assert not torch.allclose(F.normalize(hidden[0, 1], dim=0), F.normalize(hidden[0, 2], dim=0), atol=0.1)
