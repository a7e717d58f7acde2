"""Encoders, their identities, and features that are the same in any batch and order and computed once."""

import json
import random
import sqlite3
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.evaluation import tiny_encoders as tiny
from vivant.errors import ImageError, ModelError, StoreError
from vivant.evaluation.cache import FeatureCache
from vivant.evaluation.detector import Detector
from vivant.evaluation.encoders import Clip, Dino, over_white
from vivant.evaluation.features import Features, Photo, View
from vivant.evaluation.keypoints import KeypointFinder, mirrored
from vivant.evaluation.scorers import Scorers
from vivant.images import read_image, write_png
from vivant.pocket import vitpose
from vivant.world import perform, sample_script


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return tiny.save_all(tmp_path_factory.mktemp("models"))


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> list[Photo]:
    """Nine pictures of several shapes, one of them transparent."""
    folder, rng, found = tmp_path_factory.mktemp("photos"), np.random.default_rng(0), []
    for number in range(9):
        shape = (int(rng.integers(20, 60)), int(rng.integers(20, 60)), 4 if number == 3 else 3)
        path = folder / f"{number}.png"
        write_png(path, rng.integers(0, 256, shape).astype(np.uint8))
        found.append(Photo.of(path))
    return found


def views(photos: list[Photo]) -> list[View]:
    boxed = [View(photo, (0.1, 0.2, 0.7, 0.9), rule) for photo in photos[:4] for rule in ("box", "square")]
    return [*map(View, photos), *boxed]


@pytest.fixture(params=["clip", "dino"])
def encoder(request: Any, models: dict[str, str]) -> Any:
    return getattr(Scorers("embedded", models=models), request.param)


def test_features_do_not_depend_on_batch_or_order(encoder: Any, photos: list[Photo]) -> None:
    wanted = views(photos)
    alone = Features(FeatureCache(None), batch=1).pictures(encoder, wanted)
    together = Features(FeatureCache(None), batch=64).pictures(encoder, wanted)
    np.testing.assert_allclose(alone, together, atol=2e-6)
    order = np.random.default_rng(1).permutation(len(wanted))
    mixed = Features(FeatureCache(None), batch=5).pictures(encoder, [wanted[row] for row in order])
    np.testing.assert_allclose(mixed, together[order], atol=2e-6)
    assert len(np.unique(together.round(4), axis=0)) == len(wanted)  # each view is another one


class Counting:
    """An encoder that counts what it is given."""

    def __init__(self, inner: Any) -> None:
        self.inner, self.identity, self.seen = inner, inner.identity, [0]

    def pictures(self, images: Any) -> Any:
        self.seen.append(len(images))
        return self.inner.pictures(images)


def test_a_second_time_nothing_is_computed(encoder: Any, photos: list[Photo], tmp_path: Path) -> None:
    counting, wanted = Counting(encoder), views(photos)
    first = Features(FeatureCache(tmp_path / "cache" / "features.sqlite"), batch=8).pictures(counting, wanted * 2)
    assert counting.seen == [0, 8, 8, 1]  # 17 views, each once
    cache = FeatureCache(tmp_path / "cache" / "features.sqlite")
    moved = Photo(Path("gone.png"), photos[0].digest)  # the file is not even opened
    again = Features(cache).pictures(counting, [View(moved), *wanted[1:]])
    assert sum(counting.seen) == 17
    np.testing.assert_array_equal(again, first[:17])


def test_a_run_that_breaks_off_keeps_its_batches(encoder: Any, photos: list[Photo], tmp_path: Path) -> None:
    cache = FeatureCache(tmp_path / "features.sqlite")
    broken = [*map(View, photos[:4]), View(Photo(tmp_path / "gone.png", "0"))]
    with pytest.raises(ImageError, match=r"gone\.png"):
        Features(cache, batch=2).pictures(encoder, broken)
    counting = Counting(encoder)
    Features(cache, batch=2).pictures(counting, broken[:4])
    assert counting.seen == [0]


def test_another_encoder_has_features_of_its_own(models: dict[str, str], photos: list[Photo], tmp_path: Path) -> None:
    features = Features(FeatureCache(tmp_path / "features.sqlite"))
    one, other = Clip(models["clip"]), Clip(str(tiny.save_clip(tmp_path / "other", seed=1)))
    assert one.identity.weights != other.identity.weights and one.identity.key != other.identity.key
    wanted = views(photos)[:2]
    assert np.abs(features.pictures(one, wanted) - features.pictures(other, wanted)).max() > 1e-3


def test_the_identity_says_what_a_feature_depends_on(models: dict[str, str], tmp_path: Path) -> None:
    found = Scorers("embedded", models=models).identities()
    assert list(found) == ["clip", "detector", "dino", "keypoints"]
    assert json.loads(found["clip"]["preprocessing"])["crop_size"] == {"height": 32, "width": 32}
    assert found["detector"]["template"] == "a photo of {}" and "0.1" in found["detector"]["output"]
    assert Detector(models["detector"], threshold=0.2).identity.key != Detector(models["detector"]).identity.key
    copied = tiny.save_clip(tmp_path / "again")
    assert Clip(str(copied)).identity.key == Clip(models["clip"]).identity.key  # wherever it lies
    config = json.loads((copied / "preprocessor_config.json").read_text())
    (copied / "preprocessor_config.json").write_text(json.dumps({**config, "resample": 2}))
    assert Clip(str(copied)).identity.key != Clip(models["clip"]).identity.key


def test_texts_do_not_depend_on_their_company(models: dict[str, str]) -> None:
    clip, texts = Clip(models["clip"]), ["a cat", "a cat is hugging a dog in a garden", "x" * 300]
    together = Features(FeatureCache(None)).texts(clip, texts)
    alone = np.concatenate([clip.texts([text]) for text in texts])
    np.testing.assert_allclose(together, alone, atol=2e-6)
    assert np.abs(together[0] - together[1]).max() > 1e-3
    framed = Clip(models["clip"], template="a photo of {}")
    np.testing.assert_allclose(framed.texts(["a cat"]), clip.texts(["a photo of a cat"]), atol=2e-6)
    assert framed.identity.key != clip.identity.key


def test_detections_are_of_a_pictures_own_labels(models: dict[str, str], photos: list[Photo]) -> None:
    detector = Detector(models["detector"], threshold=0.0)
    labels = [["cat"], ["cat", "dog"], ["owl"], *[["cat"]] * 6]
    together = Features(FeatureCache(None), batch=64).detections(detector, photos, labels)
    alone = Features(FeatureCache(None), batch=1).detections(detector, photos, labels)
    for one, other in zip(together, alone, strict=True):
        np.testing.assert_allclose(one.boxes, other.boxes, atol=2e-6)
        np.testing.assert_allclose(one.scores, other.scores, atol=2e-6)
        assert one.labels.tolist() == other.labels.tolist()
    assert set(together[1].labels.tolist()) <= {0, 1} and set(together[0].labels.tolist()) == {0}
    assert all(one.boxes.min() >= 0 and one.boxes.max() <= 1 and (np.diff(one.scores) <= 0).all() for one in together)
    nothing = Features(FeatureCache(None)).detections(
        Detector(models["detector"], threshold=1.0), photos[:2], labels[:2]
    )
    assert [one.boxes.shape for one in nothing] == [(0, 4), (0, 4)]


def test_detections_are_transformers_own(models: dict[str, str], photos: list[Photo]) -> None:
    from transformers import OwlViTForObjectDetection, OwlViTProcessor

    image = read_image(photos[0].path)
    model = OwlViTForObjectDetection.from_pretrained(models["detector"]).eval()
    processor = OwlViTProcessor.from_pretrained(models["detector"])
    inputs = processor(
        text=[["a photo of a cat", "a photo of an owl"]],
        images=image,
        return_tensors="pt",
        padding="max_length",
        max_length=77,
    )
    with torch.inference_mode():
        theirs = processor.post_process_grounded_object_detection(model(**inputs), threshold=0.0)[0]
    ours = Detector(models["detector"], threshold=0.0).detect([image], [["cat", "owl"]])[0]
    best = theirs["scores"].argmax()
    np.testing.assert_allclose(ours.boxes[0], theirs["boxes"][best].numpy().clip(0, 1), atol=1e-5)
    assert ours.scores[0] == pytest.approx(float(theirs["scores"][best]), abs=1e-5)


def test_keypoints_of_boxes(models: dict[str, str], photos: list[Photo]) -> None:
    finder = KeypointFinder(models["keypoints"])
    assert finder.pairs == [(1, 2)]
    wanted = [View(photo, (0.2, 0.1, 0.9, 0.8)) for photo in photos]
    found = Features(FeatureCache(None), batch=64).keypoints(finder, wanted)
    assert found.shape == (9, 4, 3)
    np.testing.assert_allclose(found, Features(FeatureCache(None), batch=1).keypoints(finder, wanted), atol=1e-4)


def test_the_pocket_models_are_read_as_any_others() -> None:
    tableaux = [perform(sample_script(random.Random(seed)), 128) for seed in range(3)]
    scorers = Scorers("embedded")
    pictures, boxes = [one.picture for one in tableaux], np.stack([one.boxes[0] for one in tableaux])
    assert scorers.clip.pictures(pictures).shape == scorers.clip.texts(["a", "b", "c"]).shape
    assert scorers.dino.pictures(pictures).shape[0] == len(scorers.detector.detect(pictures, [["fox"]] * 3)) == 3
    ours = scorers.keypoints.locate(pictures, boxes)
    theirs = vitpose.locate(scorers.keypoints._model, np.stack(pictures), boxes)
    np.testing.assert_allclose(ours[..., :2] / 128, theirs[..., :2], atol=5e-3)
    assert len(scorers.keypoints.pairs) == 7


def test_dinov2_is_read_too(tmp_path: Path, photos: list[Photo]) -> None:
    dino = Dino(str(tiny.save_dinov2(tmp_path)))
    assert Features(FeatureCache(None)).pictures(dino, views(photos)).shape == (17, 16)


def test_models_that_are_not_there_or_not_whole(models: dict[str, str], tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no such folder"):
        Clip("nowhere")
    with pytest.raises(ModelError, match=r"pocket/nothing is not in this installation"):
        Clip("pocket/nothing")
    with pytest.raises(ModelError, match="of type 'vit', not clip"):
        Clip(models["dino"])
    from safetensors.torch import load_file, save_file

    folder = tiny.save_dino(tmp_path / "dino")
    tensors = load_file(folder / "model.safetensors")
    tensors.pop("layernorm.weight")
    save_file(tensors, folder / "model.safetensors", {"format": "pt"})
    with pytest.raises(ModelError, match=r"1 tensors are missing or of another shape, as layernorm\.weight"):
        Dino(str(folder))
    (folder / "model.safetensors").unlink()
    with pytest.raises(ModelError):
        Dino(str(folder))


def test_a_cache_that_is_none(tmp_path: Path) -> None:
    path = tmp_path / "features.sqlite"
    path.write_bytes(b"no database at all, and long enough to be taken for one" * 20)
    with pytest.raises(StoreError, match="remove it"):
        FeatureCache(path)


def test_a_damaged_feature_is_computed_again(encoder: Any, photos: list[Photo], tmp_path: Path) -> None:
    path = tmp_path / "features.sqlite"
    first = Features(FeatureCache(path)).pictures(encoder, views(photos))
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE features SET numbers = x'00' WHERE item = ?", (photos[0].digest,))
    connection.close()
    np.testing.assert_allclose(Features(FeatureCache(path)).pictures(encoder, views(photos)), first, atol=2e-6)


def test_transparency_is_over_white() -> None:
    image = np.zeros((1, 2, 4), np.uint8)
    image[0, 1, 3] = 255
    assert over_white(image).tolist() == [[[255] * 3, [0] * 3]]


def test_points_that_a_mirror_swaps() -> None:
    assert mirrored(["nose", "left_eye", "right_eye"]) == mirrored(["Nose", "L_Eye", "R_Eye"]) == [(1, 2)]
    assert mirrored(["left_eye", "tail"]) == []
