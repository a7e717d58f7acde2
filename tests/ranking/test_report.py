"""Ratings as a section of the report."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from tests.data.small_set import write_set
from tests.ranking.voting import rate
from vivant.errors import InputError
from vivant.images import write_png
from vivant.ranking.marks import Marks
from vivant.ranking.ratings import DATABASE, Ratings, Vote
from vivant.ranking.report import Rated, ratings_section, read_rated
from vivant.ranking.sources import open_source


def text_of(rated: Rated) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", ratings_section(rated, 0, seed=0).html).split())


def picture(path: Path, value: int) -> None:
    write_png(path, np.full((16, 16, 3), value, np.uint8))


def test_ranks_by_number_of_subjects_beside_the_papers(tmp_path: Path) -> None:
    source = open_source(write_set(tmp_path / "data", 4))
    keys = [item.key for item in source.items]
    rate(source, dict(zip(keys, (5, 4, 2, 1), strict=True)), "ann")
    rate(source, dict(zip(keys, (5, 3, 2, 1), strict=True)), "ben")
    rated = read_rated(tmp_path / "data" / DATABASE)
    said = text_of(rated)
    # Two raters' 4 and 3 are a 3: (5 + 3 + 2 + 1) / 4.
    assert re.search(
        r"≤ 3 2\.75 [\d.]+ to [\d.]+ 1 \(25\.0%\) 1 \(25\.0%\) 1 \(25\.0%\) 0 \(0\.0%\) 1 \(25\.0%\) 4 25", said
    )
    # Table 2: (9 + 2 x 43 + 3 x 72 + 4 x 84 + 5 x 56) / 264.
    assert "paper: ≤ 3 3.51" in said and "paper: 5 2.91" in said and "84 (31.8%)" in said
    assert "4 of 4 pictures rated; 2 raters." in said and "from 4 pictures that two or more have rated" in said
    assert "2 times 1, 2 times 2, 1 times 3, 1 times 4, 2 times 5" in said
    section = ratings_section(rated, 3, seed=0)
    assert section.anchor == "ratings-3" and section.figures == ((4, "rated pictures"),)
    assert section.html == ratings_section(read_rated(tmp_path / "data"), 3, seed=0).html


def test_methods_and_choices_between_them(tmp_path: Path) -> None:
    for method, value in (("o<urs", 90), ("theirs", 200)):
        for case in range(4):
            picture(tmp_path / method / f"{case}.png", value + case)
    source = open_source(tmp_path)
    ratings, marks = rate(source, {"o<urs/0.png": 5, "theirs/0.png": 2}), Marks(source)
    for case in range(4):
        one, other = f"o<urs/{case}.png", f"theirs/{case}.png"
        ratings.record(Vote(str(case), "ann", other, one, 2, 1.0, marks.of_subject((one, other)), 1.0))
    html = ratings_section(read_rated(tmp_path), 0, seed=0).html
    assert "<td>o&lt;urs</td>" in html and "o<urs" not in html
    said = text_of(read_rated(tmp_path))
    assert re.search(r"o&lt;urs 5\.00 1 100\.0% theirs 2\.00 1 0\.0%", said)
    assert "4 choices between two pictures" in said
    assert re.search(r"o&lt;urs 1\.\d+ [\d.]+ to [\d.]+ 4 0 4 theirs −1", said)
    assert "No two raters" in said and "Rank by number of subjects" not in said


def test_pictures_made_anew_lose_their_ratings_and_the_page_says_so(tmp_path: Path) -> None:
    for case in range(3):
        picture(tmp_path / "ours" / f"{case}.png", 90 + case)
    rate(open_source(tmp_path), {f"ours/{case}.png": 4 for case in range(3)})
    picture(tmp_path / "ours" / "1.png", 7)
    section = ratings_section(read_rated(tmp_path), 0, seed=0)
    assert "2 of 3 pictures rated" in section.html and section.notes[0].endswith("and are left out")
    assert section.notes[0].startswith(f"{tmp_path}: 1 votes")


def test_a_folder_without_ratings_is_an_error(tmp_path: Path) -> None:
    picture(tmp_path / "ours" / "0.png", 90)
    with pytest.raises(InputError, match="no ratings yet"):
        read_rated(tmp_path)
    Ratings(tmp_path / DATABASE).close()
    with pytest.raises(InputError, match="holds no rating of a picture that is there"):
        read_rated(tmp_path)
    (tmp_path / "features.sqlite").write_bytes(b"")
    with pytest.raises(InputError, match=r"features\.sqlite: give the folder that vivant rank rated"):
        read_rated(tmp_path / "features.sqlite")
    assert not (tmp_path / "features.sqlite").read_bytes()
