"""Triplets that a base draws in one batch: shared, or as each for itself; the same from the same seed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.tiny_bases import save_tiny_sd15, save_tiny_sdxl
from vivant.adapters.sharing import Sharing
from vivant.errors import SettingsError
from vivant.generation.pictures import draw, encode_branch
from vivant.generation.together import Together, load_together, sampling_of
from vivant.models.checkpoint import open_checkpoint
from vivant.models.text import encode_text
from vivant.relations.from_diffusers import DiffusersSource
from vivant.relations.propose import request
from vivant.settings.relate import RelateSettings
from vivant.types import Image

ASKED = request("hugging", ("lion", "polar bear"), 0, 0)
PROMPTS, SEEDS = ["A lion is hugging a bear", "A lion", "A bear"], [1, 2, 3]


@pytest.fixture(scope="module", params=["sdxl", "sd15"])
def together(request, tmp_path_factory) -> Together:
    save = {"sdxl": save_tiny_sdxl, "sd15": save_tiny_sd15}[request.param]
    base = str(save(tmp_path_factory.mktemp("bases") / request.param))
    settings = RelateSettings(
        relation="hugging", source="diffusers", size=64, sampling_steps=3, guidance=4.0, base=base
    )
    return load_together(settings, open_checkpoint(base))


def distance(one: Image, other: Image) -> int:
    return int(np.abs(one.astype(int) - other).max())


def test_sharing_changes_the_pictures_and_off_each_is_drawn_for_itself(together):
    off = replace(together, share=0.0)(PROMPTS, SEEDS)
    texts = [encode_text(together.bundle, [prompt]) for prompt in PROMPTS]
    empty = encode_branch(together.bundle, together.how)
    plain = draw(together.bundle, texts, empty, SEEDS, together.how)
    assert all(np.array_equal(*pair) for pair in zip(off, plain, strict=True))
    shared = together(PROMPTS, SEEDS)
    assert all(distance(*pair) > 2 for pair in zip(shared, plain, strict=True))
    again = together(PROMPTS, SEEDS)
    assert all(np.array_equal(*pair) for pair in zip(shared, again, strict=True))


def test_a_triplet_is_the_same_beside_another_one(together):
    alone = together(PROMPTS, SEEDS)
    other = ["A cat is dancing with a dog", "A cat", "A dog"]
    texts = [encode_text(together.bundle, [prompt]) for prompt in other + PROMPTS]
    empty = encode_branch(together.bundle, together.how)
    both = draw(together.bundle, texts, empty, [7, 8, 9, *SEEDS], together.how, sharing=Sharing(3))
    assert all(distance(*pair) <= 1 for pair in zip(alone, both[3:], strict=True))


def test_the_source_speaks_of_no_conversation_and_records_how(together):
    seen: list[list[str]] = []

    def watched(prompts, seeds):
        seen.append(list(prompts))
        return together(prompts, seeds)

    drawn = DiffusersSource(watched, {"base": "tiny"}).draw(ASKED)
    assert seen[0][0] == "A photo. A lion is hugging a polar bear"
    assert seen[0][2].startswith("The photo of the polar bear, alone") and "same" not in " ".join(seen[0])
    assert drawn.prompt == ASKED.prompt and drawn.target.shape == (64, 64, 3) and len(drawn.concepts) == 2
    assert drawn.made["prompts"] == seen[0] and len(set(drawn.made["seeds"])) == 3
    other = DiffusersSource(watched, {}).draw(replace(ASKED, number=1))
    assert set(other.made["seeds"]).isdisjoint(drawn.made["seeds"])


def test_a_size_that_no_base_draws_is_told(tmp_path):
    checkpoint = open_checkpoint(str(save_tiny_sd15(tmp_path / "base")))
    with pytest.raises(SettingsError, match="width"):
        sampling_of(RelateSettings(relation="hugging", source="diffusers", size=100), checkpoint)
