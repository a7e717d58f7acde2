"""Models of scoring at a thousandth of the size, random weights, in the layouts that are read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from tests.tiny_bases import _text_config, _tokenizer


def save_clip(folder: Path, seed: int = 0) -> Path:
    from transformers import CLIPConfig, CLIPModel, CLIPVisionConfig
    from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

    torch.manual_seed(seed)
    text = _text_config(16).to_dict()
    vision = CLIPVisionConfig(**_vision(32, 8)).to_dict()
    CLIPModel(CLIPConfig(text_config=text, vision_config=vision, projection_dim=16)).save_pretrained(folder)
    CLIPImageProcessorPil(size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32}).save_pretrained(folder)
    _tokenizer("!").save_pretrained(folder)
    return folder


def save_dino(folder: Path, seed: int = 0) -> Path:
    from transformers import ViTConfig, ViTModel
    from transformers.models.vit.image_processing_pil_vit import ViTImageProcessorPil

    torch.manual_seed(seed)
    ViTModel(ViTConfig(**_vision(32, 8), initializer_range=0.3), add_pooling_layer=False).save_pretrained(folder)
    ViTImageProcessorPil(size={"height": 32, "width": 32}).save_pretrained(folder)
    return folder


def save_dinov2(folder: Path, seed: int = 0) -> Path:
    from transformers import Dinov2Config, Dinov2Model
    from transformers.models.bit.image_processing_pil_bit import BitImageProcessorPil

    torch.manual_seed(seed)
    Dinov2Model(Dinov2Config(**_vision(32, 8), initializer_range=0.3)).save_pretrained(folder)
    BitImageProcessorPil(size={"shortest_edge": 36}, crop_size={"height": 32, "width": 32}).save_pretrained(folder)
    return folder


def save_owlvit(folder: Path, seed: int = 0) -> Path:
    from transformers import OwlViTConfig, OwlViTForObjectDetection, OwlViTProcessor, OwlViTVisionConfig
    from transformers.models.owlvit.image_processing_pil_owlvit import OwlViTImageProcessorPil

    torch.manual_seed(seed)
    text = {**_text_config(16).to_dict(), "max_position_embeddings": 77}
    vision = OwlViTVisionConfig(**_vision(32, 8)).to_dict()
    OwlViTForObjectDetection(OwlViTConfig(text_config=text, vision_config=vision, projection_dim=16)).save_pretrained(
        folder
    )
    side = {"height": 32, "width": 32}
    OwlViTProcessor(OwlViTImageProcessorPil(size=side, crop_size=side), _tokenizer("!")).save_pretrained(folder)
    return folder


def save_vitpose(folder: Path, seed: int = 0, size: tuple[int, int] = (32, 24)) -> Path:
    """With height and width of what it reads; four points, two of them mirrored."""
    from transformers import VitPoseBackboneConfig, VitPoseConfig, VitPoseForPoseEstimation
    from transformers.models.vitpose.image_processing_pil_vitpose import VitPoseImageProcessorPil

    torch.manual_seed(seed)
    backbone = VitPoseBackboneConfig(
        image_size=list(size),
        patch_size=[8, 8],
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        out_indices=[2],
        initializer_range=0.3,
    )
    config = VitPoseConfig(backbone_config=backbone, scale_factor=4, use_simple_decoder=True)
    config.id2label = dict(enumerate(("nose", "left_eye", "right_eye", "tail")))
    config.label2id = {name: number for number, name in config.id2label.items()}
    VitPoseForPoseEstimation(config).save_pretrained(folder)
    VitPoseImageProcessorPil(size={"height": size[0], "width": size[1]}).save_pretrained(folder)
    return folder


def save_all(folder: Path) -> dict[str, str]:
    """One of each role, as `Scorers` takes them."""
    makers = {"clip": save_clip, "dino": save_dino, "detector": save_owlvit, "keypoints": save_vitpose}
    return {role: str(make(folder / role)) for role, make in makers.items()}


def _vision(size: int, patch: int) -> dict[str, Any]:
    return {
        "image_size": size,
        "patch_size": patch,
        "hidden_size": 16,
        "intermediate_size": 32,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
    }
