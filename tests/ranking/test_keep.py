"""The kept set is a set as any other."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.data.small_set import rewrite, rows_of, write_set
from tests.ranking.voting import rate
from tests.relations.triplets import write_small_relation
from vivant.data.export.run import export
from vivant.data.reader import read_data_set
from vivant.data.store import Store
from vivant.errors import InputError, StoreError
from vivant.images import write_png
from vivant.ranking.keep import keep
from vivant.ranking.ratings import DATABASE
from vivant.ranking.sources import open_source
from vivant.relations.published import read_relation


def name(number: int) -> str:
    return f"images/{number:06d}.png"


def test_what_is_rated_4_and_5_is_kept_whole(tmp_path: Path) -> None:
    source = open_source(write_set(tmp_path / "data"))
    rate(source, {name(0): 5, name(1): 4, name(2): 3, name(3): 5, name(4): None})
    ratings = rate(source, {name(3): 1, name(1): 5}, rater="ben")
    report = keep(source, ratings, 4, tmp_path / "kept")
    assert (report.kept, report.below, report.unrated, report.unchanged) == (2, 2, 4, False)
    kept = read_data_set(tmp_path / "kept")
    assert [(scene.file_name, scene.rating) for scene in kept.scenes] == [(name(0), 5), (name(1), 4)]
    for scene in kept.scenes:
        for one in scene.subjects:
            for file in (scene.file_name, one.mask, one.reference, one.cutout):
                assert kept.path(file).read_bytes() == (tmp_path / "data" / file).read_bytes()
    reasons = {reject.item: reject.reason for reject in kept.rejects}
    assert reasons[name(2)] == "rated 3 of 5" and reasons[name(3)] == "rated 1 of 5" and reasons[name(7)] == "not rated"
    assert len(kept.rejects) == 5 + 6
    assert not (tmp_path / "kept" / DATABASE).exists()
    export(tmp_path / "kept", tmp_path / "coco", "coco")


def test_the_same_again_changes_nothing_and_other_ratings_bring_it_up_to_date(tmp_path: Path) -> None:
    source = open_source(write_set(tmp_path / "data"))
    ratings = rate(source, {name(0): 5, name(1): 4})
    assert not keep(source, ratings, 4, tmp_path / "kept").unchanged
    assert keep(source, ratings, 4, tmp_path / "kept").unchanged
    rate(source, {name(1): 1, name(5): 5}, rater="ben")
    assert keep(source, ratings, 4, tmp_path / "kept").kept == 2
    assert [scene.file_name for scene in read_data_set(tmp_path / "kept").scenes] == [name(0), name(5)]


def test_a_picture_made_anew_does_not_inherit_its_rating(tmp_path: Path) -> None:
    source = open_source(write_set(tmp_path / "data"))
    ratings = rate(source, {name(0): 5, name(1): 5})
    write_png(tmp_path / "data" / name(1), np.full((20, 20, 3), 8, np.uint8))
    assert keep(source, ratings, 4, tmp_path / "kept").kept == 1


def test_a_rating_on_record_counts_where_nobody_rated(tmp_path: Path) -> None:
    data = write_set(tmp_path / "data", 3)
    rows = rows_of(data)
    rows[1]["rating"], rows[2]["rating"] = 5, 4
    rewrite(data, rows)
    source = open_source(data)
    report = keep(source, rate(source, {name(2): 2}), 4, tmp_path / "kept")
    assert (report.kept, report.below, report.unrated) == (1, 1, 1)


def test_compose_leaves_a_kept_set_alone(tmp_path: Path) -> None:
    source = open_source(write_set(tmp_path / "data"))
    keep(source, rate(source, {name(0): 5}), 4, tmp_path / "kept")
    with pytest.raises(StoreError, match="other settings"):
        Store(tmp_path / "kept").begin({"seed": 0}, "another")


def test_places_that_are_not_ours_are_refused(tmp_path: Path) -> None:
    source = open_source(write_set(tmp_path / "data"))
    ratings = rate(source, {name(0): 5, name(1): 2})
    with pytest.raises(InputError, match="none of 1 rated"):
        keep(open_source(write_set(tmp_path / "b")), rate(open_source(tmp_path / "b"), {name(0): 3}), 4, tmp_path / "k")
    for out in (tmp_path, tmp_path / "data"):
        with pytest.raises(StoreError, match="choose another folder"):
            keep(source, ratings, 4, out)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear")
    with pytest.raises(StoreError, match="mine"):
        keep(source, ratings, 4, tmp_path / "mine")
    assert (tmp_path / "mine" / "letter.txt").read_text() == "dear"


def test_triplets_become_triplets(tmp_path: Path) -> None:
    write_small_relation(tmp_path / "all" / "hug", count=3)
    write_small_relation(tmp_path / "all" / "dance", subjects=1)
    source = open_source(tmp_path / "all")
    ratings = rate(source, {"hug/videos/1/motion.png": 5, "hug/videos/2/motion.png": 4, "dance/videos/0/motion.png": 3})
    report = keep(source, ratings, 4, tmp_path / "kept")
    assert (report.kept, report.below, report.unrated) == (2, 1, 2)
    assert [one.name for one in read_relation(tmp_path / "kept" / "hug")] == ["1", "2"]
    assert not (tmp_path / "kept" / "dance").exists()


def test_methods_are_compared_not_kept(tmp_path: Path) -> None:
    write_png(tmp_path / "data" / "ours" / "a.png", np.full((16, 16, 3), 8, np.uint8))
    source = open_source(tmp_path / "data")
    with pytest.raises(InputError, match="--results"):
        keep(source, rate(source, {"ours/a.png": 5}), 4, tmp_path / "kept")
