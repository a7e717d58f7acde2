"""Each equation by hand, and each fault of the published loss."""

import math
from dataclasses import replace

import pytest
import torch

from vivant.errors import ModelError
from vivant.training.losses import cell, denoising, keypoint_matching, min_snr, predicate_attention
from vivant.training.objective import PAPER, PRESETS, RELEASED, Pose, RelationLoss, counted, relation_losses
from vivant.training.schedule import NoiseSchedule, Prediction, noise_schedule, noised, predicted_x0, target, velocity


def at(*values: float) -> torch.Tensor:
    return torch.tensor(values).view(-1, 1, 1, 1)


def points(*xy: tuple[float, ...]) -> torch.Tensor:
    """[1, 1, 17, 3]: the given points, the others hidden."""
    found = torch.zeros(1, 1, 17, 3)
    for number, values in enumerate(xy):
        found[0, 0, number, : len(values)] = torch.tensor(values)
        if len(values) == 2:
            found[0, 0, number, 2] = 1.0
    return found


# Equation 5


def test_the_picture_is_found_again_from_noise_and_from_velocity():
    draw = torch.Generator().manual_seed(0)
    picture, noise = torch.randn(3, 4, 2, 2, generator=draw), torch.randn(3, 4, 2, 2, generator=draw)
    left = at(0.9, 0.5, 0.01)
    seen = noised(picture, noise, left)
    assert torch.allclose(predicted_x0(seen, noise, left, "epsilon"), picture, atol=1e-5)
    assert torch.allclose(predicted_x0(seen, velocity(picture, noise, left), left, "v_prediction"), picture, atol=1e-5)


def test_equation_5_by_hand():
    seen, predicted = torch.full((1, 1, 1, 1), 2.0), torch.full((1, 1, 1, 1), 0.5)
    assert predicted_x0(seen, predicted, at(0.36), "epsilon").item() == pytest.approx((2.0 - 0.8 * 0.5) / 0.6)
    assert predicted_x0(seen, predicted, at(0.36), "v_prediction").item() == pytest.approx(0.6 * 2.0 - 0.8 * 0.5)


def test_velocity_stays_finite_where_only_noise_is_left():
    ones = torch.ones(1, 1, 1, 1)
    assert predicted_x0(ones, 3 * ones, at(0.0), "v_prediction").item() == -3.0


def test_a_schedule_that_cannot_be_trained_with_is_refused():
    from diffusers import DDIMScheduler, FlowMatchEulerDiscreteScheduler

    with pytest.raises(ModelError, match="FlowMatch"):
        noise_schedule(FlowMatchEulerDiscreteScheduler())
    with pytest.raises(ModelError, match="pure noise"):
        noise_schedule(DDIMScheduler(rescale_betas_zero_snr=True))
    with pytest.raises(ModelError, match="'sample'"):
        noise_schedule(DDIMScheduler(prediction_type="sample"))
    schedule = noise_schedule(DDIMScheduler(rescale_betas_zero_snr=True, prediction_type="v_prediction"))
    assert (schedule.steps, schedule.prediction) == (1000, "v_prediction")


# Equation 6


def test_the_nearest_cell_is_the_one_the_point_lies_in():
    there = torch.tensor([[0.0, 0.0], [0.24, 0.0], [0.26, 0.0], [0.99, 0.6], [0.5, 0.5]])
    assert cell(there, height=2, width=4).tolist() == [0, 0, 1, 4 + 3, 4 + 2]
    centres = (torch.arange(4) + 0.5) / 4
    x = torch.rand(200, generator=torch.Generator().manual_seed(0))
    nearest = (x[:, None] - centres).abs().argmin(dim=1)
    assert torch.equal(cell(torch.stack([x, torch.zeros(200)], dim=1), 1, 4), nearest)


def test_a_coordinate_of_exactly_one_is_the_last_cell():
    assert cell(torch.tensor([[1.0, 1.0]]), height=3, width=5).tolist() == [14]
    grid = torch.arange(4.0).view(1, 1, 2, 2)
    loss = keypoint_matching(grid, torch.full((1, 1, 1, 2, 2), 5.0), points((1.0, 1.0)), points((1.0, 1.0)))
    assert loss.item() == 4.0  # (5 - 3)^2


def test_equation_6_by_hand():
    predicted = torch.tensor([[[[1.0, 2.0]], [[0.0, 4.0]]]])  # two channels, one row of two cells
    concept = torch.tensor([[[[[7.0], [3.0]], [[1.0], [1.0]]]]])  # one column of two cells
    loss = keypoint_matching(predicted, concept, points((0.9, 0.5), (0.1, 0.5)), points((0.5, 0.9), (0.5, 0.1)))
    first = (3.0 - 2.0) ** 2 + (1.0 - 4.0) ** 2
    second = (7.0 - 1.0) ** 2 + (1.0 - 0.0) ** 2
    assert loss.item() == pytest.approx((first + second) / 2)


def test_a_point_hidden_in_either_picture_counts_nothing():
    predicted = torch.zeros(1, 1, 1, 2)
    concept = torch.tensor([[[[[1.0, 100.0]]]]])
    seen, hidden = (0.1, 0.5), (0.9, 0.5, 0.0)
    for target_points, concept_points in (
        (points(seen, hidden), points(seen, (0.9, 0.5))),
        (points(seen, (0.9, 0.5)), points(seen, hidden)),
    ):
        assert keypoint_matching(predicted, concept, target_points, concept_points).item() == 1.0
    nothing = keypoint_matching(predicted, concept, points(hidden), points(hidden))
    assert nothing.item() == 0.0


def random_pose(batch: int, draw: torch.Generator, subjects: int = 2) -> Pose:
    spots = torch.rand(2, batch, subjects, 17, 3, generator=draw)
    spots[..., 2] = (spots[..., 2] > 0.3).float()
    masks = (torch.rand(batch, 16, 24, generator=draw) > 0.5).float()
    return Pose(torch.randn(batch, subjects, 4, 6, 6, generator=draw), spots[0], spots[1], masks)


def test_only_the_cells_of_keypoints_are_moved():
    predicted = torch.zeros(1, 1, 2, 2, requires_grad=True)
    keypoint_matching(predicted, torch.ones(1, 1, 1, 2, 2), points((0.9, 0.1)), points((0.1, 0.1))).sum().backward()
    assert predicted.grad.flatten().tolist() == [0.0, -2.0, 0.0, 0.0]


def test_the_step_towards_the_concept_makes_the_loss_fall():
    draw = torch.Generator().manual_seed(1)
    pose, predicted = random_pose(2, draw), torch.randn(2, 4, 8, 12, generator=draw, requires_grad=True)

    def loss() -> torch.Tensor:
        return keypoint_matching(predicted, pose.concepts, pose.target_points, pose.concept_points).sum()

    before = loss()
    before.backward()
    with torch.no_grad():
        predicted -= 0.1 * predicted.grad
    assert loss() < before


# The predicate's attention


def test_attention_outside_minus_inside_by_hand():
    attention = torch.tensor([[[0.4, 0.1], [0.1, 0.2]]])
    masks = torch.tensor([[[1.0, 0.0], [0.0, 0.0]]])
    assert predicate_attention([attention], masks).item() == pytest.approx((0.1 + 0.1 + 0.2) / 3 - 0.4)


def test_a_cell_covered_in_part_is_inside_in_that_part():
    attention = torch.tensor([[[0.4, 0.2]]])
    masks = torch.tensor([[[1.0, 0.0, 0.0, 0.0]]])  # half of the first of two cells
    inside, outside = 0.4, (0.5 * 0.4 + 1.0 * 0.2) / 1.5
    assert predicate_attention([attention], masks).item() == pytest.approx(outside - inside)


def test_masks_are_made_from_the_original_for_every_layer():
    """From layer to layer, a mask that a coarse layer blurs would stay blurred in the finer one after it."""
    masks = torch.zeros(1, 8, 8)
    masks[:, :, :1] = 1.0
    fine = torch.rand(1, 8, 8, generator=torch.Generator().manual_seed(0))
    coarse = torch.full((1, 2, 2), 0.25)
    alone = predicate_attention([fine], masks)
    assert predicate_attention([coarse, fine], masks).item() == pytest.approx(alone.item() / 2, abs=1e-6)
    assert torch.equal(predicate_attention([coarse, fine], masks), predicate_attention([fine, coarse], masks))


@pytest.mark.parametrize("fill", [0.0, 1.0])
def test_a_picture_full_of_subject_or_empty_of_it_is_a_number(fill):
    assert math.isfinite(predicate_attention([torch.full((1, 4, 4), 0.1)], torch.full((1, 9, 9), fill)).item())


def test_a_sample_without_a_predicate_has_no_loss():
    assert predicate_attention([torch.zeros(1, 4, 4)], torch.eye(4)[None]).item() == 0.0


def test_no_maps_is_an_error_not_a_loss_of_nothing():
    with pytest.raises(ValueError, match="no attention maps"):
        predicate_attention([], torch.zeros(1, 4, 4))


# Weights


def test_min_snr_by_hand():
    left = torch.tensor([0.5, 0.9])  # SNR 1 and 9
    assert min_snr(left, 5.0, "epsilon").tolist() == pytest.approx([1.0, 5 / 9])
    assert min_snr(left, 5.0, "v_prediction").tolist() == pytest.approx([1 / 2, 5 / 10])
    assert min_snr(at(0.0), 5.0, "epsilon").tolist() == [1.0]
    assert min_snr(at(0.0), 5.0, "v_prediction").tolist() == [0.0]


def test_presets():
    assert (PAPER.keypoint_weight, PAPER.keypoint_latest, PAPER.predicate_weight) == (1e-3, None, 0.0)
    assert (RELEASED.keypoint_weight, RELEASED.keypoint_latest, RELEASED.predicate_weight) == (0.1, 333, 1e-3)
    assert RELEASED.predicate_largest == 32
    assert PRESETS == {"paper": PAPER, "released": RELEASED}


def test_the_time_step_counts_by_sample():
    assert counted(torch.tensor([0, 333, 334, 999]), 333).tolist() == [True, True, False, False]
    assert counted(torch.tensor([0, 999]), None).tolist() == [True, True]


# Equation 7


def scalars(*args, **kwargs) -> dict[str, float]:
    return {name: float(value) for name, value in losses(*args, **kwargs).parts().items()}


def losses(batch: int, constants: RelationLoss, prediction: Prediction = "epsilon", timesteps=None, part=slice(None)):
    draw = torch.Generator().manual_seed(7)
    latents, noise, predicted = torch.randn(3, batch, 4, 8, 12, generator=draw)
    pose = random_pose(batch, draw)
    maps = [torch.rand(batch, 4, 6, generator=draw), torch.rand(batch, 2, 3, generator=draw)]
    steps = torch.tensor(timesteps or [10, 400, 333, 900][:batch])
    schedule = NoiseSchedule(torch.linspace(0.999, 0.01, 1000), prediction)
    seen = noised(latents, noise, schedule.at(steps))
    chosen = Pose(*(getattr(pose, name)[part] for name in ("concepts", "target_points", "concept_points", "masks")))
    told, wanted, added, shown, times = (value[part] for value in (predicted, latents, noise, seen, steps))
    kept = [one[part] for one in maps]
    return relation_losses(told, wanted, added, shown, times, chosen, kept, schedule, constants)


@pytest.mark.parametrize("prediction", ["epsilon", "v_prediction"])
@pytest.mark.parametrize("gamma", [None, 5.0])
@pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS.keys())
def test_a_batch_is_its_samples(preset, gamma, prediction):
    constants = replace(preset, min_snr_gamma=gamma)
    whole = scalars(4, constants, prediction)
    parts = [scalars(4, constants, prediction, part=slice(k, k + 1)) for k in range(4)]
    assert whole == {name: pytest.approx(sum(one[name] for one in parts) / 4, rel=1e-5) for name in whole}


def test_equation_7_adds_up():
    found = scalars(4, RELEASED)
    assert found["total"] == pytest.approx(found["denoising"] + 0.1 * found["keypoint"] + 1e-3 * found["predicate"])
    assert "predicate" not in scalars(4, PAPER)


@pytest.mark.parametrize("prediction", ["epsilon", "v_prediction"])
def test_snr_weights_change_the_denoising_part_and_drop_no_other(prediction):
    plain = scalars(4, RELEASED, prediction)
    weighted = scalars(4, replace(RELEASED, min_snr_gamma=5.0), prediction)
    assert weighted["total"] != pytest.approx(plain["total"])
    for part in ("denoising", "keypoint", "predicate"):
        assert weighted[part] == plain[part] != 0.0
    extra = 0.1 * plain["keypoint"] + 1e-3 * plain["predicate"]
    assert 0 < weighted["total"] - extra < plain["denoising"]


def test_time_steps_beyond_the_latest_have_no_keypoint_loss():
    late = scalars(2, RELEASED, timesteps=[334, 999])
    early, both = scalars(2, RELEASED, timesteps=[333, 999]), scalars(2, RELEASED, timesteps=[333, 0])
    assert late["keypoint"] == 0.0
    assert 0.0 < early["keypoint"] < both["keypoint"]
    assert late["predicate"] == early["predicate"] != 0.0


def test_left_out_losses_are_not_computed():
    found = losses(2, RelationLoss(keypoint_weight=0.0))
    assert (found.keypoint, found.predicate) == (None, None)
    assert found.total.item() == found.denoising.item()


def test_denoising_and_its_target():
    one, other = torch.zeros(2, 1, 1, 2), torch.tensor([[[[1.0, 3.0]]], [[[2.0, 2.0]]]])
    assert denoising(one, other).tolist() == [5.0, 4.0]
    assert torch.equal(target(one, other, at(0.5, 0.5), "epsilon"), other)
    assert torch.allclose(target(one, other, at(0.25, 0.25), "v_prediction"), 0.5 * other)
