"""Predicted ratings for the order of the page, learnt anew as ratings come in."""

from __future__ import annotations

import threading
from collections.abc import Mapping

from vivant.ranking.features import feature_table
from vivant.ranking.items import Source
from vivant.ranking.marks import Marks, ratings_of
from vivant.ranking.predict import predictions
from vivant.ranking.ratings import Ratings
from vivant.ranking.verdict import verdicts

RENEW = 10
"""Pictures rated since the last fit; fewer hardly move it, and the order should not jump about."""


class Presort:
    """Asked by the board; computes the features when made, and fits when asked."""

    def __init__(self, source: Source, ratings: Ratings) -> None:
        self._source = source
        self._ratings = ratings
        self._marks = Marks(source)
        self._features = feature_table(source, self._marks)[1]
        self._lock = threading.Lock()
        self._fitted = -RENEW
        self._predicted: dict[str, float] = {}

    def __call__(self) -> Mapping[str, float]:
        """key -> predicted rating of every picture that was unrated at the last fit."""
        with self._lock:
            ranks = verdicts(self._source.items, ratings_of(self._marks.fresh(self._ratings.votes())))
            if abs(len(ranks) - self._fitted) >= RENEW:
                keys = [item.key for item in self._source.items]
                self._predicted = predictions(keys, self._features, ranks)
                self._fitted = len(ranks)
            return self._predicted
