"""Subjects, boxes, scales and LoRAs as a user writes them."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from tests.generation.tiny import save_photos
from vivant.errors import ImageError, InputError, SettingsError
from vivant.generation.inputs import SubjectInput, lora_flag, place_subjects, read_subjects, subject_flags
from vivant.images import read_image, write_png
from vivant.settings.base import load_settings
from vivant.settings.generate import GenerateSettings

PROMPT = "a cat is hugging a dog"


@pytest.fixture
def photos(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return save_photos(tmp_path / "photos", "cat", "dog", "other_cat")


def subjects(
    *sources: str, boxes: Sequence[str] = (), scales: Sequence[str] = (), **values: Any
) -> tuple[SubjectInput, ...]:
    flags = {"prompts": [PROMPT], **subject_flags(sources, boxes, scales), **values}
    return read_subjects(load_settings(GenerateSettings, flags=flags))


def edges(one: SubjectInput) -> tuple[float, float, float, float]:
    assert one.box is not None
    return one.box.as_tuple()


def test_names_order_subjects_not_flags(photos):
    given = ["dog=photos/dog", "cat10=photos/cat", "cat2=photos/other_cat"]
    found = subjects(*given)
    assert [(one.name, one.noun, one.photos[0].path) for one in found] == [
        ("cat2", "cat", "photos/other_cat/00.png"),
        ("cat10", "cat", "photos/cat/00.png"),
        ("dog", "dog", "photos/dog/00.png"),
    ]
    again = subjects(*reversed(given))
    assert [(one.name, one.photos[0].hash) for one in again] == [(one.name, one.photos[0].hash) for one in found]


def test_a_photo_a_folder_or_several_of_it(photos):
    assert [photo.path for photo in subjects("cat=photos/cat/01.png")[0].photos] == ["photos/cat/01.png"]
    two = subjects("cat=photos/cat", photos=2)[0].photos
    assert [photo.path for photo in two] == ["photos/cat/00.png", "photos/cat/01.png"] and two[0].hash != two[1].hash
    assert (two[0].pixels == read_image(photos / "cat" / "00.png")).all()


def test_what_is_transparent_becomes_white(photos):
    pixels = np.full((32, 32, 4), 100, np.uint8)
    pixels[:, :16, 3], pixels[:, 16:, 3] = 0, 255
    write_png(photos / "cut.png", pixels)
    shown = subjects("cat=photos/cut.png")[0].photos[0].pixels
    assert shown.shape == (32, 32, 3) and (shown[:, :16] == 255).all() and (shown[:, 16:] == 100).all()


def test_scales_are_common_or_a_subjects_own(photos):
    both = ["cat=photos/cat", "dog=photos/dog"]
    assert [one.scale for one in subjects(*both)] == [0.6, 0.6]
    assert [one.scale for one in subjects(*both, scales=["0.3", "cat=0.8"])] == [0.8, 0.3]


def test_boxes_are_given_proposed_or_left_open(photos):
    given = subjects("cat=photos/cat", "dog=photos/dog", boxes=["dog=.5,.2,1,.9"])
    cat, dog = place_subjects(PROMPT, given, 1.0, propose=True)
    assert edges(dog) == (0.5, 0.2, 1.0, 0.9) and not dog.proposed
    assert cat.proposed and edges(cat)[2] > edges(cat)[0]
    assert place_subjects(PROMPT, given, 1.0, propose=False)[0].box is None
    wide = edges(place_subjects(PROMPT, given, 3.0, propose=True)[0])
    assert wide[2] - wide[0] < edges(cat)[2] - edges(cat)[0]


def test_two_of_a_noun_go_by_their_mention(photos):
    given = subjects("cat1=photos/cat", "cat2=photos/other_cat")
    first, second = place_subjects("a cat to the left of another cat", given, 1.0, propose=True)
    assert edges(first)[0] < edges(second)[0]
    with pytest.raises(InputError, match=r"'cat' 1 time.*another cat"):
        place_subjects("a cat and a dog", given, 1.0, propose=True)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"sources": ["cat"]}, "write it as cat=photos/cat"),
        ({"sources": ["=x"]}, "write it as cat=photos/cat"),
        ({"sources": ["cat=a", "cat=b"]}, "given twice: call two of them cat1 and cat2"),
        ({"sources": ["cat=a"], "boxes": ["fox=0,0,1,1"]}, "no subject 'fox', only cat"),
        ({"sources": ["cat=a"], "boxes": ["cat=0,0,1.2,1"]}, r"1\.2 is outside \[0, 1\]"),
        ({"sources": ["cat=a"], "boxes": ["cat=.5,0,.2,1"]}, "right of the left"),
        ({"sources": ["cat=a"], "scales": ["fox=0.3"]}, "no subject 'fox', only cat"),
        ({"sources": [], "scales": ["fox=0.3"]}, "no subject 'fox', only none"),
        ({"sources": ["cat=a"], "scales": ["strong"]}, "scale 'strong': write it as 0.6"),
        ({"sources": ["cat=a"], "scales": ["cat=strong"]}, "write it as cat=0.6"),
    ],
)
def test_flags_of_another_form(arguments, words):
    with pytest.raises(SettingsError, match=words):
        subject_flags(**{"boxes": [], "scales": [], **arguments})


def test_values_out_of_range(photos):
    with pytest.raises(SettingsError, match=r"scale.*got -1"):
        subjects("cat=photos/cat", scales=["-1"])
    with pytest.raises(SettingsError, match=r"subjects\.cat\.scale"):
        subjects("cat=photos/cat", scales=["cat=99"])
    with pytest.raises(SettingsError, match="7 subjects: a picture takes 1 to 6"):
        subjects(*(f"cat{number}=photos/cat" for number in range(7)))
    with pytest.raises(SettingsError, match=r"subjects\.cat\.box"):
        subjects(subjects={"cat": {"photos": ["photos/cat"], "box": [0, 0, 2, 1]}})


def test_photos_that_are_not_there(photos):
    with pytest.raises(InputError, match=r"photos/none.*subject 'cat'.*--subject cat=PHOTO"):
        subjects("cat=photos/none")
    (photos / "empty").mkdir()
    with pytest.raises(InputError, match=r"photos/empty: a folder without photos, for subject 'cat'"):
        subjects("cat=photos/empty")
    with pytest.raises(InputError, match="'cat' has no photo"):
        subjects(subjects={"cat": {}})
    (photos / "text.png").write_text("no picture")
    with pytest.raises(ImageError, match=r"photos/text\.png"):
        subjects("cat=photos/text.png")


def test_a_lora_and_its_weight():
    assert lora_flag("runs/hug") == {"path": "runs/hug"}
    assert lora_flag("runs/hug:0.8") == {"path": "runs/hug", "weight": 0.8}
    assert lora_flag("C:\\runs\\hug") == {"path": "C:\\runs\\hug"}
    assert lora_flag("C:\\runs\\hug:-1") == {"path": "C:\\runs\\hug", "weight": -1.0}
