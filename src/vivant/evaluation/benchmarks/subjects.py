"""Subjects for cases, from folders of photos; and a deck that deals them evenly."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from vivant.data.photos import find_subjects
from vivant.errors import InputError
from vivant.evaluation.benchmarks.cases import CaseSubject


def subjects_in(folder: Path) -> list[CaseSubject]:
    """One subject a folder of photos, sorted by name.

    Raises:
        InputError: no such folder, or no subject in it.
    """
    found, _ = find_subjects(folder)
    return [CaseSubject(name=one.name, noun=one.noun, photos=one.photos) for one in found]


class Deck:
    """Deals subjects so that each comes as often as any other, give or take one, in an order of chance."""

    def __init__(self, subjects: Sequence[CaseSubject], rng: np.random.Generator) -> None:
        self._subjects, self._rng = list(subjects), rng
        self._left: list[CaseSubject] = []

    def deal(self, count: int) -> list[CaseSubject]:
        """Some different subjects.

        Raises:
            InputError: there are not so many.
        """
        if count > len(self._subjects):
            raise InputError(f"a case of {count} subjects needs as many folders of photos; {len(self._subjects)} given")
        hand: list[CaseSubject] = []
        while len(hand) < count:
            fresh = [one for one in self._left if one not in hand]
            if not fresh:
                order = self._rng.permutation(len(self._subjects))
                self._left += [self._subjects[index] for index in order]
                continue
            hand.append(fresh[0])
            self._left.remove(fresh[0])
        return hand
