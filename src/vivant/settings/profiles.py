"""Which model fills which role: one table.

`embedded` needs no download, `paper` is the model that the paper names, `modern` is today's better one.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

Profile = Literal["embedded", "paper", "modern"]
PROFILES: tuple[Profile, ...] = ("embedded", "paper", "modern")


class Filling(NamedTuple):
    """What fills a role.

    Attributes:
        name: as flags and settings call it.
        model: hub id or file, empty where the code itself does the work.
        extra: the optional extra that it needs, empty for none.
        needs: what else, in words.
    """

    name: str
    model: str = ""
    extra: str = ""
    needs: str = ""


_ENDPOINT = Filling("language-model", needs="VIVANT_LLM_MODEL at VIVANT_LLM_BASE_URL, an OpenAI-compatible endpoint")
_RULES = Filling("rules")

ROLES: dict[str, dict[Profile, Filling]] = {
    # Photo to cutout: DIS / IS-Net in Gen4Gen 3.2.
    "segmenter": {
        "embedded": Filling("grabcut"),
        "paper": Filling("isnet", "isnet-general-use.onnx", "onnx", "179 MB, downloaded once"),
        "modern": Filling("birefnet", "BiRefNet-general-epoch_244.onnx", "onnx", "973 MB, downloaded once"),
    },
    # Combinations, background prompts and boxes: ChatGPT in Gen4Gen 3.2.
    "planner": {"embedded": _RULES, "paper": _ENDPOINT, "modern": _ENDPOINT},
    # Foreground and background become one picture: SDXL inpainting in Gen4Gen 3.2.
    "repainter": {
        "embedded": Filling("blend"),
        "paper": Filling("sdxl", "diffusers/stable-diffusion-xl-1.0-inpainting-0.1", "models", "a GPU of 10 GiB"),
        "modern": Filling("sdxl", "diffusers/stable-diffusion-xl-1.0-inpainting-0.1", "models", "a GPU of 10 GiB"),
    },
    # The detailed caption: LLaVA-1.5 in Gen4Gen 3.2.
    "captioner": {
        "embedded": _RULES,
        "paper": Filling("llava", "llava-hf/llava-1.5-7b-hf", "models", "a GPU of 16 GiB"),
        "modern": Filling("endpoint", needs="VIVANT_LLM_MODEL at VIVANT_LLM_BASE_URL, a vision model"),
    },
}

_POCKET_NEEDS = "nothing but a CPU"
SCORERS: dict[str, dict[Profile, Filling]] = {
    # CP-CLIP and TI-CLIP: ViT-B/32 in Gen4Gen 4.1; DreamRelation does not say which CLIP its scores are of.
    "clip": {
        "embedded": Filling("pocket", "pocket/clip", "models", _POCKET_NEEDS),
        "paper": Filling("clip-b-32", "openai/clip-vit-base-patch32", "models", "600 MB, downloaded once"),
        "modern": Filling("clip-h-14", "laion/CLIP-ViT-H-14-laion2B-s32B-b79K", "models", "4 GB, downloaded once"),
    },
    # B_pred of CP-CLIP: OWL-ViT with ViT-B/32 in Gen4Gen 4.1.
    "detector": {
        "embedded": Filling("pocket", "pocket/owlvit", "models", _POCKET_NEEDS),
        "paper": Filling("owlvit-b-32", "google/owlvit-base-patch32", "models", "600 MB, downloaded once"),
        "modern": Filling("owlvit-l-14", "google/owlvit-large-patch14", "models", "1.7 GB, downloaded once"),
    },
    # The DINO score: ViT-S/16 in DreamBooth, whose protocol DreamRelation 4 follows.
    "dino": {
        "embedded": Filling("pocket", "pocket/dino", "models", _POCKET_NEEDS),
        "paper": Filling("dino-s-16", "facebook/dino-vits16", "models", "90 MB, downloaded once"),
        "modern": Filling("dinov2-b", "facebook/dinov2-base", "models", "350 MB, downloaded once"),
    },
    # Poses for the copy-paste score, which is in neither paper.
    "keypoints": {
        "embedded": Filling("pocket", "pocket/vitpose", "models", _POCKET_NEEDS),
        "paper": Filling("vitpose-b", "usyd-community/vitpose-base-simple", "models", "350 MB; points of people"),
        "modern": Filling("vitpose-b", "usyd-community/vitpose-base-simple", "models", "350 MB; points of people"),
    },
}
"""The roles of `vivant evaluate`."""


EXTRAS = {"onnx": ("onnxruntime",), "models": ("torch", "diffusers", "transformers", "accelerate")}
"""What each optional extra of the package brings."""

_BESIDES: dict[str, tuple[Filling, ...]] = {"segmenter": (Filling("sam", "facebook/sam-vit-base", "models"),)}
"""Fillings that can be named but are no profile's choice."""


def filling(role: str, profile: Profile) -> Filling:
    """The table's entry."""
    return ROLES[role][profile]


def fillings(role: str) -> dict[str, Filling]:
    """Everything that may fill a role, by name, embedded first."""
    return {entry.name: entry for entry in (*ROLES[role].values(), *_BESIDES.get(role, ()))}
