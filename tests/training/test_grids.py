"""Sheets of pictures with their names, and pictures of the base that are drawn once a run."""

import numpy as np
import pytest

from tests.generation.tiny import load_unet, save_tiny_adapter, save_tiny_encoder
from tests.relations.triplets import write_small_relation
from tests.tiny_bases import save_tiny_sd15
from tests.training.test_relation import settings
from vivant.adapters.attention import attached
from vivant.images import read_image
from vivant.training import grids as module
from vivant.training.grids import FOLDER, GAP, LINE, sheet
from vivant.training.relation import set_up
from vivant.training.setup import start_processes


def flat(value: int, side: int = 32) -> np.ndarray:
    return np.full((side, side, 3), value, dtype=np.uint8)


def test_a_sheet_holds_every_picture_in_its_place():
    made = sheet(
        [[flat(10), flat(20)], [flat(30)]], {"base": [flat(40)] * 2, "+ LoRA": [flat(50), flat(60)]}, ["a", "b"]
    )
    assert made.shape == (2 * (32 + LINE + GAP) + LINE + GAP, 4 * (32 + GAP) + GAP, 3)

    def middle(row: int, column: int) -> int:
        return int(made[LINE + row * (32 + LINE + GAP) + 16, GAP + column * (32 + GAP) + 16, 0])

    assert [middle(0, column) for column in range(4)] == [10, 20, 40, 50]
    assert [middle(1, column) for column in range(4)] == [30, 255, 40, 60]


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("grids")
    base = save_tiny_sd15(folder / "base")
    adapter = save_tiny_adapter(folder / "ms_adapter.safetensors", load_unet(base), 24)
    encoder, source = save_tiny_encoder(folder / "clip"), write_small_relation(folder / "hugging")
    named = {"adapter": str(adapter), "image_encoder": str(encoder), "local_encoder": "same", "factor": 1}
    chosen = settings(str(base), **named, image_prompts=True, width=64, grid=2, variations=1, rank=2)
    return set_up(source, folder / "run", chosen, start_processes(chosen, "a test"), print)


def test_columns_differ_by_what_is_added_and_the_base_is_drawn_once(run, monkeypatch):
    grids = run.grids
    for parameter in run.training.learner.trained().values():
        parameter.data.add_(0.5)
    with attached(run.training.learner.unet):
        first = grids.draw(1)
        monkeypatch.setattr(module, "draw", lambda *given: pytest.fail("the base was drawn again"))
        assert np.array_equal(grids.draw(2), first)
    columns = [first[LINE : LINE + 64, at : at + 64].astype(int) for at in range(GAP, 5 * (64 + GAP), 64 + GAP)]
    base, adapter, learned = columns[2:]
    assert np.abs(base - adapter).max() > 5 and np.abs(adapter - learned).max() > 5
    assert np.array_equal(base, read_image(grids.folder / FOLDER / "base" / "0.png"))
    assert (grids.folder / FOLDER / "step-000002.png").is_file()


def test_the_score_is_the_same_each_time_and_of_what_is_held_out(run):
    held, learner = run.held, run.training.learner
    with attached(learner.unet):
        one, again = held.score(learner), held.score(learner)
        for parameter in learner.trained().values():
            parameter.data.add_(0.5)
        other = held.score(learner)
    assert all(float(one[name]) == float(again[name]) for name in one)
    assert float(one["held_out_loss"]) != float(other["held_out_loss"])
    weight = held.constants.keypoint_weight
    wanted = one["held_out_denoising"] + weight * one["held_out_keypoint"]
    assert float(one["held_out_loss"]) == pytest.approx(float(wanted))
    assert held.draw.rows.tolist() == [2, 2, 2, 2, 3, 3, 3, 3]  # after one variation of each of two triplets
    assert len(set(held.draw.timesteps.tolist())) == 8 and not held.draw.posterior.any()
