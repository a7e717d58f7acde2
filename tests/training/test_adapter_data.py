"""What a step is told: which pictures, captions and photos, what is left out, and that boxes go with their pictures."""

import numpy as np
import pytest
import torch

from tests.tiny_bases import save_tiny_sdxl
from tests.training.small_scenes import COLOURS, write_small_scenes
from tests.training.tiny_clip import tiny_clip
from vivant.adapters.ms import new_ms_adapter
from vivant.adapters.resampler import ResamplerSizes
from vivant.adapters.sources import AdapterChoice, ImagePrompting, load_subject_encoder
from vivant.models.bundle import load_bundle
from vivant.models.text import encode_empty
from vivant.training.adapter_data import AdapterData, Chances, draw_step, encode_samples
from vivant.training.adapter_loss import Dropping
from vivant.training.adapter_model import TIMES, AdapterLoss, HeldOut, Prompted
from vivant.training.adapter_samples import read_samples
from vivant.training.augment import Augmentation
from vivant.training.cache import Cache
from vivant.training.schedule import noise_schedule

NOTHING = Dropping(0.0, 0.0, 0.0, 0.0)
SIZES = {"dim": 16, "depth": 1, "head": 8, "heads": 2, "queries": 2, "features": 16}
CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    root = tmp_path_factory.mktemp("data")
    save_tiny_sdxl(root / "base")
    tiny_clip().save_pretrained(root / "clip")
    write_small_scenes(root / "scenes", count=6)
    return root


@pytest.fixture(scope="module")
def bundle(folder):
    return load_bundle(str(folder / "base"), "cpu", "float32")


@pytest.fixture(scope="module")
def encoded(folder, bundle):
    return {local: encode(folder, bundle, local) for local in ("same", "none")}


@pytest.fixture
def data(encoded):
    return encoded["same"]


def encode(folder, bundle, local: str, variations: int = 2) -> AdapterData:
    encoder, hashes = load_subject_encoder(bundle, AdapterChoice(None, str(folder / "clip"), local, factor=2))
    adapter = new_ms_adapter(bundle.unet, ResamplerSizes(**SIZES, output=40, phrase=16))
    prompting = ImagePrompting(adapter, encoder, hashes)
    samples = read_samples(folder / "scenes")
    how, cache = Augmentation(flip=0.0, crop=0.8), Cache(folder / "cache")
    return encode_samples(bundle, cache, prompting, samples, how, (64, 128), variations=variations, seed=0)


def source(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def chances(dropping: Dropping = NOTHING, local: float = 1.0, detailed: float = 0.5, shake: float = 0.0) -> Chances:
    return Chances(dropping, local, detailed, shake)


def test_everything_has_its_place(data):
    assert data.moments.shape == (12, 2, 4, 8, 16)
    assert data.boxes.shape == (12, 2, 4) and data.nouns.shape == (12, 2)
    assert data.text.states.shape[0] == 10 and data.phrases.shape[0] == 2  # one sentence comes twice; a cat, a dog
    assert data.image_tokens == 17 and data.features.shape == (6, 17 + 16, 16) and data.has_local
    one_subject = (data.boxes[:, 1] == 0).all(dim=1)
    assert one_subject.tolist() == [True, True, False, False] * 3


def test_boxes_go_with_the_crop(folder, bundle, data):
    """In a crop of nine tenths, the moved box still holds the subject's colour, which the autoencoder's input shows."""
    from vivant.training.augment import random_crop

    sample = read_samples(folder / "scenes")[1]
    rng = np.random.default_rng((0, 1))
    for variation in range(2):
        view = random_crop(sample.view(), rng, Augmentation(flip=0.0, crop=0.8), 128, 64)
        torch.testing.assert_close(data.boxes[2 + variation], torch.from_numpy(view.boxes))
        for box, name in zip(view.boxes, ("cat2", "dog"), strict=True):
            x0, y0, x1, y1 = (box * [128, 64, 128, 64]).round().astype(int)
            inner = view.picture[y0 + 2 : y1 - 2, x0 + 2 : x1 - 2].reshape(-1, 3).mean(axis=0)
            np.testing.assert_allclose(inner, COLOURS[name], atol=4)
    assert not torch.equal(data.boxes[2], data.boxes[3])


def test_a_draw_is_its_seed_and_its_parts(data):
    rows = torch.tensor([0, 2, 5, 2])
    one, again = (draw_step(data, rows, 1000, chances(shake=0.1), source()) for _ in range(2))
    other = draw_step(data, rows, 1000, chances(shake=0.1), source(1))
    for name in ("captions", "photos", "boxes", "timesteps", "noise", "posterior"):
        assert torch.equal(getattr(one, name), getattr(again, name)), name
    assert not torch.equal(one.noise, other.noise)
    part = one.part(1, 3)
    assert torch.equal(part.noise, one.noise[1:3]) and torch.equal(part.kept.dropped, one.kept.dropped[1:3])
    assert torch.equal(part.boxes, one.boxes[1:3]) and part.rows.tolist() == [2, 5]


def test_captions_photos_and_boxes_are_those_of_the_picture(data):
    rows = torch.arange(12).repeat(40)
    drawn = draw_step(data, rows, 1000, chances(shake=0.2), source())
    for row, caption in zip(rows.tolist(), drawn.captions.tolist(), strict=True):
        assert caption in data.captions[row].tolist()
    assert len(set(drawn.captions.tolist())) == 10  # short and detailed
    for row, photos in zip(rows.tolist(), drawn.photos.tolist(), strict=True):
        for subject, photo in enumerate(photos):
            assert photo in data.photos[row, subject, : data.counts[row, subject]].tolist()
    empty = (data.boxes[rows] == 0).all(dim=-1)
    assert (drawn.boxes[empty] == 0).all()
    moved = (drawn.boxes - data.boxes[rows]).abs()
    sides = (data.boxes[rows][..., 2:] - data.boxes[rows][..., :2]).repeat(1, 1, 2)
    assert (moved <= 0.2 * sides + 1e-6).all() and float(moved.max()) > 0.05
    assert torch.equal(draw_step(data, rows, 1000, chances(), source()).boxes, data.boxes[rows])


def test_local_tokens_come_by_chance_and_for_the_whole_batch(data, encoded):
    found = {
        draw_step(data, torch.tensor([0, 1]), 1000, chances(local=0.5), source(seed))
        .subjects(data, CPU)
        .features.shape[2]
        for seed in range(12)
    }
    assert found == {17, 33}
    with_local = draw_step(data, torch.tensor([2]), 1000, chances(local=1.0), source()).subjects(data, CPU)
    without = draw_step(data, torch.tensor([2]), 1000, chances(local=0.0), source()).subjects(data, CPU)
    assert torch.equal(with_local.features[:, :, :17], without.features)
    assert not encoded["none"].has_local and encoded["none"].features.shape[1] == 17
    assert encoded["none"].hash == data.hash  # encoders have hashes of their own


def test_a_sample_without_caption_is_told_the_empty_one(data, bundle):
    empty = encode_empty(bundle)
    drawn = draw_step(data, torch.tensor([0, 1, 2, 3]), 1000, chances(Dropping(1.0, 0.0, 0.0, 0.0)), source())
    told = drawn.text(data, empty, CPU)
    assert torch.equal(told.states, empty.states.expand_as(told.states))
    assert told.pooled is not None and empty.pooled is not None
    assert torch.equal(told.pooled, empty.pooled.expand_as(told.pooled))
    kept = draw_step(data, torch.tensor([0, 1, 2, 3]), 1000, chances(), source())
    assert torch.equal(kept.text(data, empty, CPU).states, data.text.states[kept.captions])


@pytest.fixture
def model(bundle):
    from vivant.adapters.attention import attached

    torch.manual_seed(0)
    adapter = new_ms_adapter(bundle.unet, ResamplerSizes(**SIZES, output=40, phrase=16))
    with attached(bundle.unet):
        yield Prompted(bundle.unet, adapter, 0.6)


@pytest.fixture
def losses(bundle, data):
    return AdapterLoss(bundle, data, noise_schedule(bundle.scheduler), encode_empty(bundle), None)


def test_dropped_grounding_uses_the_learned_queries(data, losses, model):
    """And nothing else: the noun and the box of a dropped subject reach the tokens no more, the queries do."""
    drawn = draw_step(data, torch.tensor([2, 3]), 1000, chances(Dropping(0.0, 0.0, 0.0, 1.0)), source())
    assert drawn.kept.dropped.all()
    told = drawn.subjects(data, CPU)

    def tokens(phrases: torch.Tensor) -> torch.Tensor:
        return model.adapter(told.features, phrases, told.boxes, drawn.kept.dropped)

    assert torch.equal(tokens(told.phrases), tokens(told.phrases + 1.0))
    losses(model, drawn)["total"].backward()
    image_proj = model.adapter.image_proj
    assert image_proj.grounding_latents.grad.abs().max() > 0
    assert image_proj.latent_proj[0].weight.grad.abs().max() == 0
    model.adapter.zero_grad()
    losses(model, draw_step(data, torch.tensor([2, 3]), 1000, chances(), source()))["total"].backward()
    assert image_proj.grounding_latents.grad.abs().max() == 0
    assert image_proj.latent_proj[0].weight.grad.abs().max() > 0


def test_a_batch_of_two_is_two_batches_of_one(data, losses, model):
    drawn = draw_step(data, torch.tensor([0, 3]), 1000, chances(Dropping(0.5, 0.1, 0.1, 0.5)), source(3))
    with torch.no_grad():
        both = losses(model, drawn)
        apart = [losses(model, drawn.part(place, place + 1)) for place in range(2)]
    for name in ("total", "denoising"):
        assert float(both[name]) == pytest.approx(float(sum(one[name] for one in apart) / 2), rel=1e-4)


def test_the_score_is_the_same_each_time_and_knows_the_base_alone(data, losses, model):
    held = HeldOut.of(losses, [4, 7], seed=0, piece=3, local=True)
    assert held.draw.timesteps.tolist() == [62, 312, 562, 812, 187, 437, 687, 937] and len(held.draw.rows) == 2 * TIMES
    assert torch.equal(held.score(model), HeldOut.of(losses, [4, 7], seed=0, piece=3, local=True).score(model))
    whole = HeldOut.of(losses, [4, 7], seed=0, piece=8, local=True)
    assert float(whole.score(model)) == pytest.approx(float(held.score(model)), rel=1e-5)
    alone = held.score(model, images=False)
    with torch.no_grad():
        for value in model.adapter.parameters():
            value.add_(torch.randn_like(value))
    assert torch.equal(held.score(model, images=False), alone)  # no matter what the adapter says
    assert not torch.equal(held.score(model), alone)


def test_min_snr_weighs_what_is_minimised_alone(bundle, data, losses, model):
    weighed = AdapterLoss(bundle, data, losses.schedule, losses.empty, 1.0)
    drawn = draw_step(data, torch.tensor([0, 3]), 1000, chances(), source())
    with torch.no_grad():
        plain, other = losses(model, drawn), weighed(model, drawn)
    assert torch.equal(plain["denoising"], other["denoising"]) and torch.equal(plain["total"], plain["denoising"])
    assert float(other["total"]) < float(other["denoising"])
