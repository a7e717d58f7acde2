"""The page in the order that the ratings so far predict."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests.data.small_set import write_set
from tests.ranking.voting import rate
from vivant.images import write_png
from vivant.ranking.board import Board
from vivant.ranking.orders import Filter
from vivant.ranking.presort import RENEW, Presort
from vivant.ranking.sources import open_source
from vivant.settings.rank import RankSettings


def test_brighter_pictures_come_first_once_they_were_liked(tmp_path: Path) -> None:
    source = open_source(write_set(tmp_path / "data", 60))
    dice = np.random.default_rng(0).permutation(60)
    light = {item.key: int(level) for item, level in zip(source.items, dice, strict=True)}
    for item in source.items:
        write_png(source.folder / item.picture, np.full((32, 48, 3), 10 + 4 * light[item.key], np.uint8))
    ratings = rate(source, {})
    presort = Presort(source, ratings)
    assert presort() == {}, "nothing is rated, nothing is predicted"
    rated = [item.key for item in source.items[:40]]
    rate(source, {key: 1 + light[key] // 12 for key in rated})
    board = Board(source, ratings, RankSettings(order="best"), presort)
    shown = board.queue("ben", Filter(), False, 60)["tasks"]
    values = [light[item.key] for task in shown for item in source.items if item.id == task["item"]]
    unrated = values[:20]
    assert set(values) == set(range(60)) and set(unrated) == {light[item.key] for item in source.items[40:]}
    assert np.corrcoef(unrated, np.arange(20))[0, 1] < -0.9


def test_it_learns_anew_after_some_more_ratings(tmp_path: Path) -> None:
    source = open_source(write_set(tmp_path / "data", 40))
    keys = [item.key for item in source.items]
    ratings = rate(source, {key: 1 + index % 5 for index, key in enumerate(keys[:20])})
    presort = Presort(source, ratings)
    first = dict(presort())
    assert sorted(first) == sorted(keys[20:])
    rate(source, dict.fromkeys(keys[20 : 20 + RENEW - 1], 3))
    assert presort() == first
    rate(source, {keys[20 + RENEW]: 3})
    assert len(presort()) == 20 - RENEW
