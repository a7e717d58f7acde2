"""Pictures that the user has."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.relations.triplets import write_small_relation
from vivant.errors import InputError
from vivant.images import write_png
from vivant.relations.from_folder import FolderSource
from vivant.relations.propose import request
from vivant.relations.sample import Pictures, Sample

ASKED = request("hugging", ("cat",), 0, 0)


def write(folder: Path, *names: str) -> None:
    for number, name in enumerate(names):
        write_png(folder / name, np.full((32, 32, 3), 10 * number, np.uint8))


def test_names_say_who_it_is_and_in_which_order(tmp_path):
    write(tmp_path / "my hug", "target.png", "2_dog.png", "1 - polar_bear.png")
    source = FolderSource(tmp_path)
    drawn = source.draw(ASKED)
    assert isinstance(drawn, Pictures) and source.limit == 1
    assert drawn.name == "my-hug" and drawn.nouns == ("polar bear", "dog")
    assert drawn.prompt == "A polar bear is hugging a dog"
    assert [int(one[0, 0, 0]) for one in (drawn.target, *drawn.concepts)] == [0, 20, 10]
    (tmp_path / "my hug" / "prompt.txt").write_text("A polar bear  hugs\na dog.")
    again = source.draw(ASKED)
    assert isinstance(again, Pictures) and again.prompt == "A polar bear hugs a dog."


def test_a_published_folder_with_and_without_what_it_says(tmp_path):
    folder = write_small_relation(tmp_path)
    own, bare = FolderSource(folder).draw(ASKED), FolderSource(folder, own=False).draw(ASKED)
    assert isinstance(own, Sample) and own.parts[0].confidence == {} and own.parts[0].concept_mask is None
    assert isinstance(bare, Pictures) and bare.nouns == ("red cat", "dog")
    assert FolderSource(folder).limit == 2


def test_what_is_no_triplet_is_told(tmp_path):
    with pytest.raises(InputError, match="no such folder"):
        FolderSource(tmp_path / "no")
    with pytest.raises(InputError, match=r"1_cat\.png and 2_dog\.png"):
        FolderSource(tmp_path)
    write(tmp_path / "a", "target.png")
    with pytest.raises(InputError, match="one of each subject"):
        FolderSource(tmp_path).draw(ASKED)
    write(tmp_path / "a", "target.png", "1_.png")
    with pytest.raises(InputError, match="must say what it shows"):
        FolderSource(tmp_path).draw(ASKED)
