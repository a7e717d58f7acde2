"""What is known of a picture without a person."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests.data.small_set import write_set
from vivant.images import write_png
from vivant.ranking.features import CACHE, LAYOUT_NAMES, PIXEL_NAMES, feature_table, likeness, picture_features
from vivant.ranking.items import Item, ItemSubject
from vivant.ranking.marks import Marks
from vivant.ranking.sources import open_source
from vivant.types import Box


def features(image: np.ndarray, item: Item) -> dict[str, float]:
    return dict(zip(PIXEL_NAMES, picture_features(image, item).tolist(), strict=True))


def test_pixels_by_hand() -> None:
    image = np.zeros((40, 40, 3), np.uint8)
    image[:, 20:] = 255
    left = Item("a", "a", "", subjects=(ItemSubject("x", box=Box(x0=0, y0=0, x1=0.5, y1=1)),))
    found = features(image, left)
    assert found["brightness"] == 0.5 and found["contrast"] == 0.5 and found["saturation"] == 0.0
    assert found["entropy"] == 1.0 and found["subject brightness"] == -1.0
    assert np.isclose(found["subject colour"], np.sqrt(3.0))


def test_a_picture_without_boxes_has_no_contrast_of_subjects() -> None:
    image = np.random.default_rng(0).integers(0, 256, (32, 32, 3), dtype=np.uint8)
    found = features(image, Item("a", "a", ""))
    assert found["subject brightness"] == found["subject colour"] == found["subject sharpness"] == 0.0


def test_the_table_is_kept_and_follows_the_pictures(tmp_path: Path) -> None:
    data = write_set(tmp_path / "data")
    source = open_source(data)
    names, table = feature_table(source, Marks(source))
    assert table.shape == (8, len(names)) and np.isfinite(table).all()
    assert names[: len(LAYOUT_NAMES)] == list(LAYOUT_NAMES) and "score identity" in names and "score seams" in names
    seams = table[:, names.index("score seams")]
    assert (seams == 0.25).all(), "a score that some lack is the mean of the others"
    assert table[:, 0].tolist() == [2, 2, 1, 3] * 2
    before = (data / CACHE).stat().st_mtime_ns
    again = feature_table(source, Marks(source))[1]
    assert np.array_equal(table, again) and (data / CACHE).stat().st_mtime_ns == before
    write_png(data / source.items[3].picture, np.full((64, 96, 3), 255, np.uint8))
    (data / source.items[5].picture).unlink()
    changed = feature_table(source, Marks(source))[1]
    brightness = changed[:, names.index("brightness")]
    assert brightness[3] == 1.0 and np.isclose(brightness[5], np.delete(brightness, 5).mean())
    (data / CACHE).write_text("{broken")
    assert np.array_equal(feature_table(source, Marks(source))[1], changed)


def test_likeness_is_the_share_of_the_same_colours() -> None:
    red, blue = np.zeros((10, 10, 3), np.uint8), np.zeros((10, 10, 3), np.uint8)
    red[..., 0], blue[..., 2] = 200, 200
    half = np.concatenate([red, blue])
    assert likeness(red, red) == 1.0 and likeness(red, blue) == 0.0 and likeness(half, red) == 0.5
    cutout = np.dstack([half, np.where(half[..., 0] > 0, 255, 0).astype(np.uint8)])
    assert likeness(red, cutout) == 1.0, "what is transparent does not count"
