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
