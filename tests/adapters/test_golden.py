"""What the published modules gave on tiny random weights, matched to 1e-4.

Every folder under ``VIVANT_GOLDEN`` (``../shared/golden`` beside the repository if it is not set) is a case, of one of
two kinds. All sizes, inputs and flags come from its own files.

The adapter, a folder with ``ms_adapter.*``:
    ms_adapter.bin or .safetensors   the weights in the published layout
    unet/                            diffusers' UNet2DConditionModel
    case.json                        "resampler": dim, depth, dim_head, heads, num_queries, embedding_dim, output_dim,
                                     ff_mult, phrase_embeddings_dim, fourier_freqs; "scale"; "subject_scales": null, a
                                     number a subject, or a list of them a picture; "drop_grounding_tokens": 0 or 1 a
                                     picture, or a list of them a subject
    case.safetensors                 image_hidden_states [B, N, tokens, D], phrase_embeds [B, N, P], boxes [B, N, 4],
                                     latents [B, C, h, w], timesteps [B], text_embeds [B, T, W], for SDXL's layout
                                     pooled_text_embeds and time_ids; expected_image_tokens [B, N, Q, W] and
                                     expected_noise_pred [B, C, h, w], at least one of the two
Local tokens, a folder with ``visual.*``:
    visual.safetensors or .pt        the vision half of an open_clip state dict, with or without ``visual.``
    case.json                        "heads", "act", "partitions"
    case.safetensors                 pixel_values [B, 3, H, W]; expected_local_tokens [B, n * n, D], column by column,
                                     and expected_dense [B, D, h, w], at least one of the two
"""

import json
import os
from pathlib import Path
from typing import Any

import pytest
import torch

from vivant.adapters.attention import attached
from vivant.adapters.ms import fix_keys, load_ms_adapter
from vivant.adapters.resampler import ResamplerSizes
from vivant.models.image_encoder import load_image_encoder

FOLDER = Path(os.environ.get("VIVANT_GOLDEN") or Path(__file__).parents[2] / ".." / "shared" / "golden").resolve()
CASES = sorted(path.parent for path in FOLDER.glob("*/case.json"))
TOLERANCE = {"atol": 1e-4, "rtol": 0.0}
NAMES = {
    "dim": "dim",
    "depth": "depth",
    "head": "dim_head",
    "heads": "heads",
    "queries": "num_queries",
    "features": "embedding_dim",
    "output": "output_dim",
    "feed_forward": "ff_mult",
    "phrase": "phrase_embeddings_dim",
    "frequencies": "fourier_freqs",
}


def read(folder: Path) -> tuple[dict[str, Any], dict[str, torch.Tensor]]:
    from safetensors.torch import load_file

    return json.loads((folder / "case.json").read_text()), load_file(folder / "case.safetensors")


def weights(folder: Path, stem: str) -> list[Path]:
    return sorted(folder.glob(f"{stem}.*"))


def dropped(flags: list[Any], batch: int, subjects: int) -> torch.Tensor:
    given = torch.tensor(flags, dtype=torch.bool)
    if given.ndim == 1 and len(given) == batch:
        return given[:, None].expand(batch, subjects)
    return given.reshape(batch, subjects)


def check_adapter(folder: Path) -> None:
    from diffusers import UNet2DConditionModel

    settings, tensors = read(folder)
    unet = UNet2DConditionModel.from_pretrained(folder / "unet", local_files_only=True)
    sizes = ResamplerSizes(**{ours: settings["resampler"][theirs] for ours, theirs in NAMES.items()})
    adapter = load_ms_adapter(weights(folder, "ms_adapter")[0], unet, sizes)
    boxes = tensors["boxes"]
    scales = settings.get("subject_scales")
    prompt = adapter.prompt(
        tensors["image_hidden_states"],
        tensors["phrase_embeds"],
        boxes,
        dropped=dropped(settings["drop_grounding_tokens"], *boxes.shape[:2]),
        scales=settings["scale"] if scales is None else scales,
    )
    if "expected_image_tokens" in tensors:
        torch.testing.assert_close(prompt.tokens, tensors["expected_image_tokens"], **TOLERANCE)
    if "expected_noise_pred" not in tensors:
        return
    latents, states = tensors["latents"], tensors["text_embeds"]
    told = {"text_embeds": tensors.get("pooled_text_embeds"), "time_ids": tensors.get("time_ids")}
    for fixed_text in (None, states):
        fixed = fix_keys(unet, adapter, prompt, size=tuple(latents.shape[-2:]), states=fixed_text)
        with attached(unet):
            predicted = unet(
                latents,
                tensors["timesteps"],
                states,
                added_cond_kwargs=told if told["text_embeds"] is not None else None,
                cross_attention_kwargs={"fixed": fixed},
            ).sample
        torch.testing.assert_close(predicted, tensors["expected_noise_pred"], **TOLERANCE)


def check_local_tokens(folder: Path) -> None:
    settings, tensors = read(folder)
    encoder = load_image_encoder(weights(folder, "visual")[0], heads=settings["heads"], activation=settings["act"])
    if "expected_dense" in tensors:
        torch.testing.assert_close(encoder.dense(tensors["pixel_values"]), tensors["expected_dense"], **TOLERANCE)
    if "expected_local_tokens" in tensors:
        found = encoder.local_tokens(tensors["pixel_values"], settings["partitions"])
        torch.testing.assert_close(found, tensors["expected_local_tokens"], **TOLERANCE)


@pytest.mark.skipif(not CASES, reason=f"no golden cases in {FOLDER}")
@pytest.mark.parametrize("folder", CASES, ids=lambda folder: folder.name)
def test_golden(folder):
    if weights(folder, "ms_adapter"):
        check = check_adapter
    elif weights(folder, "visual"):
        check = check_local_tokens
    else:
        pytest.fail(f"{folder} holds neither ms_adapter.* nor visual.*: see the top of this file")
    with torch.inference_mode():
        check(folder)
