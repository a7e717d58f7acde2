"""The published layout: what is read, what is refused, and that nothing is lost on the way back."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.relations.triplets import write_small_relation
from vivant.errors import ImageError, InputError
from vivant.images import write_png
from vivant.relations.published import mask_box, read_relation, write_relation
from vivant.types import Box

HUG = Path(os.environ.get("VIVANT_TRIPLETS", Path(__file__).parents[3] / "shared" / "triplets")) / "hug"


def test_two_subjects_are_read(tmp_path):
    first, second = read_relation(write_small_relation(tmp_path))
    assert (first.name, second.name) == ("0", "1")
    assert first.prompt == "A red cat is hugging a dog"
    assert first.predicate == ("hugging",)
    cat, dog = first.subjects
    assert (cat.noun, dog.noun) == ("red cat", "dog")
    assert cat.box == Box(x0=0, y0=2 / 32, x1=28 / 64, y1=30 / 32)
    assert dog.concept.name == "concept1.png"
    stored = torch.load(tmp_path / "videos" / "0" / "motion_keyposes.pth", weights_only=True)
    assert dog.target_keypoints[3] == (*stored[1, 3].tolist(), 1)


def test_one_subject_and_no_predicate(tmp_path):
    only = read_relation(write_small_relation(tmp_path, subjects=1, count=1, predicate=False))[0]
    assert only.predicate == ()
    assert [subject.concept.name for subject in only.subjects] == ["concept.png"]


@pytest.mark.parametrize("subjects", [1, 2])
def test_nothing_is_lost_on_the_way_back(tmp_path, subjects):
    source = write_small_relation(tmp_path / "a", subjects=subjects)
    write_relation(tmp_path / "b", read_relation(source))
    assert_same_relation(source, tmp_path / "b")
    with pytest.raises(InputError, match="is there already"):
        write_relation(tmp_path / "b", read_relation(source))


def assert_same_relation(one: Path, other: Path) -> None:
    files = sorted(str(path.relative_to(one)) for path in one.rglob("*") if path.is_file())
    assert files == sorted(str(path.relative_to(other)) for path in other.rglob("*") if path.is_file())
    for file in files:
        if file.endswith(".pth"):
            a, b = (torch.load(root / file, weights_only=True) for root in (one, other))
            assert a.dtype == b.dtype
            assert torch.equal(a, b), file
        elif file.endswith(".json"):
            assert json.loads((one / file).read_text()) == json.loads((other / file).read_text())
        else:
            assert (one / file).read_bytes() == (other / file).read_bytes(), file


def test_hidden_keypoints_survive(tmp_path):
    source = write_small_relation(tmp_path / "a", count=1)
    points = torch.rand(2, 17, 3)
    points[..., 2] = torch.arange(34).view(2, 17) % 2
    torch.save(points, source / "videos" / "0" / "motion_keyposes.pth")
    write_relation(tmp_path / "b", read_relation(source))
    again = torch.load(tmp_path / "b" / "videos" / "0" / "motion_keyposes.pth", weights_only=True)
    assert torch.equal(again, points)


def test_the_far_edge_is_a_coordinate(tmp_path):
    points = torch.zeros(1, 17, 2)
    points[0, 0] = 1.0
    torch.save(points, write_small_relation(tmp_path, count=1) / "videos" / "0" / "concept_keyposes_one.pth")
    assert read_relation(tmp_path)[0].subjects[0].concept_keypoints[0] == (1.0, 1.0, 1)


BROKEN = {
    "no mask": (
        lambda root: (root / "masks/0/motion1.png").unlink(),
        r"masks/0/motion1\.png: the mask is missing",
    ),
    "empty mask": (
        lambda root: write_png(root / "masks/0/motion1.png", np.zeros((32, 64), np.uint8)),
        r"motion1\.png: the mask is empty",
    ),
    "mask of another size": (
        lambda root: write_png(root / "masks/0/motion1.png", np.full((32, 32), 255, np.uint8)),
        r"motion1\.png: the mask has 32 x 32 pixels, its picture 64 x 32",
    ),
    "too few keypoints": (
        lambda root: torch.save(torch.rand(1, 14, 2), root / "videos/0/concept_keyposes_two.pth"),
        r"concept_keyposes_two\.pth: keypoints of shape \[1, 14, 2\], expected \[1, 17, 2\]",
    ),
    "keypoints of one subject only": (
        lambda root: torch.save(torch.rand(1, 17, 2), root / "videos/0/motion_keyposes.pth"),
        r"motion_keyposes\.pth: keypoints of shape \[1, 17, 2\], expected \[2, 17, 2\]",
    ),
    "coordinate outside": (
        lambda root: torch.save(torch.full((2, 17, 2), 1.5), root / "videos/0/motion_keyposes.pth"),
        r"motion_keyposes\.pth: keypoint 0 of subject 0 has x = 1\.5",
    ),
    "coordinate that is no number": (
        lambda root: torch.save(torch.full((2, 17, 2), torch.nan), root / "videos/0/motion_keyposes.pth"),
        r"motion_keyposes\.pth: keypoint 0 of subject 0 has x = nan",
    ),
    "keypoints that are code": (
        lambda root: torch.save(Path, root / "videos/0/motion_keyposes.pth"),
        r"motion_keyposes\.pth: cannot be read as a tensor",
    ),
    "keypoints missing": (
        lambda root: (root / "videos/0/motion_keyposes.pth").unlink(),
        r"motion_keyposes\.pth: the keypoints are missing",
    ),
    "entity not in the prompt": (
        lambda root: rewrite(root, entities=["red cat", "do"]),
        r"prompts\.json: triplet '0': entity 'do' is not in the prompt 'A red cat is hugging a dog'",
    ),
    "predicate not in the prompt": (
        lambda root: rewrite(root, predicate=["kissing"]),
        r"prompts\.json: triplet '0': predicate 'kissing'",
    ),
    "entities that are no list": (
        lambda root: rewrite(root, entities="dog"),
        r"prompts\.json: triplet '0': 'entities' must be a list of words, not 'dog'",
    ),
    "seven entities": (
        lambda root: rewrite(root, entities=["dog"] * 7),
        r"triplet '0' has 7 entities; 1 to 6 are possible",
    ),
}


def rewrite(root: Path, **changes) -> None:
    path = root / "prompts.json"
    entries = json.loads(path.read_text())
    entries["0"] |= changes
    path.write_text(json.dumps(entries))


@pytest.mark.parametrize(("spoil", "message"), BROKEN.values(), ids=BROKEN.keys())
def test_what_is_wrong_is_named(tmp_path, spoil, message):
    spoil(write_small_relation(tmp_path, count=1))
    with pytest.raises(InputError, match=message):
        read_relation(tmp_path)


def test_a_broken_picture_is_named(tmp_path):
    (write_small_relation(tmp_path) / "videos/0/concept0.png").write_bytes(b"\x89PNG\r\n\x1a\nnothing")
    with pytest.raises(ImageError, match=r"videos/0/concept0\.png"):
        read_relation(tmp_path)


def test_a_name_does_not_lead_out_of_the_folder(tmp_path):
    write_small_relation(tmp_path, count=1)
    path = tmp_path / "prompts.json"
    path.write_text(json.dumps({"../x": json.loads(path.read_text())["0"]}))
    with pytest.raises(InputError, match=r"'\.\./x'"):
        read_relation(tmp_path)


def test_another_folder_is_no_relation(tmp_path):
    with pytest.raises(InputError, match=r"no prompts\.json"):
        read_relation(tmp_path)


def test_a_mask_s_box_is_tight():
    mask = np.zeros((10, 20), np.uint8)
    mask[3:7, 5:15] = 255
    mask[0, 0] = 20
    assert mask_box(mask) == Box(x0=0.25, y0=0.3, x1=0.75, y1=0.7)


@pytest.mark.skipif(not HUG.is_dir(), reason="needs the published triplets")
def test_the_published_relation_is_read_and_written_whole(tmp_path):
    triplets = read_relation(HUG)
    assert [len(triplet.subjects) for triplet in triplets] == [2] * 5
    assert [triplet.predicate for triplet in triplets] == [("hug",), ("hug",), ("hugging",), ("hugging",), ("hugs",)]
    write_relation(tmp_path / "hug", triplets)
    assert_same_relation(HUG, tmp_path / "hug")
