"""A folder of photos becomes subjects; what cannot be used is named."""

import numpy as np
import pytest

from vivant.data.photos import find_subjects, noun_of
from vivant.errors import InputError
from vivant.images import write_png

PHOTO = np.full((32, 32, 3), 90, np.uint8)


@pytest.mark.parametrize(
    ("folder", "noun"),
    [
        ("cat", "cat"),
        ("cat2", "cat"),
        ("sloth_plushie", "sloth plushie"),
        ("Teddy-Bear_01", "teddy bear"),
        ("mein hünd", "mein hünd"),
        ("007", "007"),
    ],
)
def test_a_folders_name_is_its_noun(folder, noun):
    assert noun_of(folder) == noun


def test_subjects_are_found_in_order(tmp_path):
    for name in ("dog/b.png", "dog/a.png", "cat2/x y.png", "backgrounds/garden/1.png", ".hidden/a.png"):
        write_png(tmp_path / name, PHOTO)
    (tmp_path / "dog" / "notes.txt").write_text("x")
    subjects, rejects = find_subjects(tmp_path)
    assert [(s.name, s.noun, [p.name for p in s.photos]) for s in subjects] == [
        ("cat2", "cat", ["x y.png"]),
        ("dog", "dog", ["a.png", "b.png"]),
    ]
    assert rejects == []


def test_subject_toml_says_otherwise(tmp_path):
    write_png(tmp_path / "rex" / "a.png", PHOTO)
    (tmp_path / "rex" / "subject.toml").write_text(
        'noun = "dog"\nheight_m = 0.6\nrests_on = "ground"\nfound = ["park"]'
    )
    (subject,) = find_subjects(tmp_path)[0]
    assert (subject.noun, subject.height_m, subject.rests_on, subject.found) == ("dog", 0.6, "ground", ("park",))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('nuon = "dog"', "did you mean 'noun'"),
        ("height_m = -1", "height_m.*got -1"),
        ('rests_on = "cloud"', "rests_on"),
        ("noun = ", r"subject\.toml"),
    ],
)
def test_a_bad_subject_toml_is_named(tmp_path, text, words):
    write_png(tmp_path / "rex" / "a.png", PHOTO)
    (tmp_path / "rex" / "subject.toml").write_text(text)
    with pytest.raises(InputError, match=words):
        find_subjects(tmp_path)


def test_a_link_out_of_the_folder_is_left_out(tmp_path):
    write_png(tmp_path / "outside" / "a.png", PHOTO)
    write_png(tmp_path / "photos" / "cat" / "b.png", PHOTO)
    (tmp_path / "photos" / "cat" / "a.png").symlink_to(tmp_path / "outside" / "a.png")
    subjects, rejects = find_subjects(tmp_path / "photos")
    assert [photo.name for photo in subjects[0].photos] == ["b.png"]
    assert "leads out" in rejects[0].reason and rejects[0].item.endswith("a.png")


def test_a_folder_without_photos_is_recorded(tmp_path):
    write_png(tmp_path / "cat" / "a.png", PHOTO)
    write_png(tmp_path / "dog" / "2026" / "a.png", PHOTO)
    subjects, (reject,) = find_subjects(tmp_path)
    assert [subject.name for subject in subjects] == ["cat"]
    assert reject.item.endswith("dog") and "without photos" in reject.reason


def test_empty_folders_are_explained(tmp_path):
    with pytest.raises(InputError, match="no such folder"):
        find_subjects(tmp_path / "none")
    with pytest.raises(InputError, match="no photos"):
        find_subjects(tmp_path)
    write_png(tmp_path / "loose.png", PHOTO)
    with pytest.raises(InputError, match="1 pictures but no folder"):
        find_subjects(tmp_path)
