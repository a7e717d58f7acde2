import json

import numpy as np
import pytest

from tests.relations.triplets import write_small_relation
from tests.training.small_scenes import COLOURS, SIDE, write_small_scenes
from vivant.errors import InputError, StoreError
from vivant.images import read_image
from vivant.training.adapter_samples import read_samples


def test_scenes_become_samples_with_other_photos_of_their_subjects(tmp_path):
    samples = read_samples(write_small_scenes(tmp_path, count=12))
    assert len(samples) == 12
    second = samples[1]
    assert second.nouns == ("cat", "dog") and len(second.captions) == 2
    for sample in samples:
        for name in (path.parent.name for paths in sample.photos for path in paths):
            assert name in COLOURS
    # Scene 1 was made with photo 1 of each: it is told the other one, and never itself.
    assert [[path.name for path in paths] for paths in second.photos] == [["0.png"], ["0.png"]]
    assert all(path != sample.target for sample in samples for paths in sample.photos for path in paths)


def test_a_subject_with_one_photo_is_told_that(tmp_path):
    samples = read_samples(write_small_scenes(tmp_path, count=1))
    assert [path.name for path in samples[0].photos[0]] == ["0.png"]


def test_boxes_and_masks_are_those_of_the_picture(tmp_path):
    view = read_samples(write_small_scenes(tmp_path))[1].view()
    assert view.picture.shape == (SIDE, 2 * SIDE, 3) and view.masks.shape == (2, SIDE, 2 * SIDE)
    for box, mask, name in zip(view.boxes, view.masks, ("cat2", "dog"), strict=True):
        x0, y0, x1, y1 = (box * [2 * SIDE, SIDE, 2 * SIDE, SIDE]).round().astype(int)
        assert (view.picture[y0:y1, x0:x1] == COLOURS[name]).all()
        assert (mask[y0:y1, x0:x1] == 255).all() and mask.sum() == 255 * (y1 - y0) * (x1 - x0)


def test_triplets_become_samples_with_their_concepts(tmp_path):
    samples = read_samples(write_small_relation(tmp_path, count=2))
    assert [sample.nouns for sample in samples] == [("red cat", "dog")] * 2
    assert samples[0].captions == ("A red cat is hugging a dog",)
    assert [path.name for paths in samples[0].photos for path in paths] == ["concept0.png", "concept1.png"]
    concept = read_image(samples[0].photos[0][0])
    assert not np.array_equal(concept, samples[0].view().picture[: concept.shape[0], : concept.shape[1]])


def test_what_is_no_data_set_is_told_of(tmp_path):
    with pytest.raises(StoreError, match=r"no metadata\.jsonl"):
        read_samples(tmp_path)
    folder = write_small_scenes(tmp_path / "scenes", count=1)
    row = json.loads((folder / "metadata.jsonl").read_text())
    (folder / "metadata.jsonl").write_text(json.dumps({**row, "subjects": []}) + "\n")
    with pytest.raises(InputError, match="no scene with a subject"):
        read_samples(folder)
    (folder / "metadata.jsonl").write_text(json.dumps(row) + "\n")
    (folder / "references" / "cat1" / "0.png").unlink()
    with pytest.raises(StoreError, match="no such file is in the data set"):
        read_samples(folder)
