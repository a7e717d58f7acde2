"""Which of many masks to believe: every one is measured, the best supported leads, and those like it vote with it.

A mask's credit is a sum of what is known of subjects and of good masks, each a number of order 1: it covers the middle
of the photo, it looks unlike the ring around it, its outline follows edges, it is finer in detail than the rest (what
is in focus), and it does not lean on the top or the sides of the photo.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from vivant.data.segment.appearance import Map, Words
from vivant.data.segment.masks import overlap
from vivant.types import Mask

AREAS = (0.01, 0.95)
"""Smallest and largest share of the photo that gets a vote."""
LEAST_CENTRALITY = 0.03
"""A mask that covers less of the middle than this is the background turned inside out."""
FULL_CENTRALITY = 0.8
"""Coverage of the middle beyond which more is no merit."""
CENTRALITY_CREDIT = 3.0
SEPARATION_CREDIT = 3.0
BORDER_DEBIT = 12.0
"""For the share of the outline on the top and the sides; the bottom often cuts a subject."""
EDGE_CREDIT = 0.8
"""For an outline of mean contrast `STRONG_STEP`."""
STRONG_STEP = 20.0
"""Lab distance of neighbours at the working size."""
DETAIL_CREDIT = 0.4
"""For one e-fold more of detail inside than outside."""
RING = 0.08
"""Width of the ring around a subject that it is compared with, as a fraction of the long side."""


@dataclass(frozen=True)
class Evidence:
    """What masks are measured by, all at the working size.

    Attributes:
        words: the photo in words, one for each look.
        lab: HW3 float32.
        detail: HW float32 from `texture`.
    """

    words: tuple[Words, ...]
    lab: Map
    detail: Map


@dataclass(frozen=True)
class Opinions:
    """What the ideas came to, at the working size.

    Attributes:
        masks: HW uint8, 0 or 1.
        votes: how much each counts; they sum to 1.
        evidence: what they were measured by.
    """

    masks: list[Mask]
    votes: npt.NDArray[np.float64]
    evidence: Evidence

    def confidence(self, mask: Mask) -> float:
        """Belief in a 0/1 mask, in [0, 1]: how well the votes agree with it, squared, times the root of its separation.

        Agreement is the surer sign: a wrong mask is often well separated, as a cushion with the toy on it is.
        """
        agreement = sum(float(vote) * overlap(found, mask) for vote, found in zip(self.votes, self.masks, strict=True))
        return float(agreement**2 * np.sqrt(separation(mask, self.evidence.words[0])))


def weigh(masks: list[Mask], evidence: Evidence) -> Opinions | None:
    """Give every mask its vote; None when no mask is plausible."""
    credits = np.array([credit(mask, evidence) for mask in masks], dtype=np.float64)
    if not np.isfinite(credits).any():
        return None
    votes = np.exp(credits - credits.max())
    alike = overlaps(masks)
    leader = int(np.argmax(votes * (alike @ votes)))
    votes = votes * alike[leader]
    return Opinions(masks, votes / votes.sum(), evidence)


def overlaps(masks: list[Mask]) -> npt.NDArray[np.float64]:
    """N x N intersection over union; 0 for two empty masks."""
    flat = np.array(masks, dtype=np.float64).reshape(len(masks), -1)
    both, area = flat @ flat.T, flat.sum(axis=1)
    return np.asarray(both / np.maximum(area[:, None] + area[None] - both, 1.0))


def credit(mask: Mask, evidence: Evidence) -> float:
    """How credible a 0/1 mask is, in nats; minus infinity for one that cannot be a subject."""
    middle = centrality(mask)
    if middle < LEAST_CENTRALITY or not AREAS[0] < float(mask.mean()) < AREAS[1]:
        return -np.inf
    inside = mask > 0
    apart = float(np.mean([separation(mask, words) for words in evidence.words]))
    finer = float(evidence.detail[inside].mean() - evidence.detail[~inside].mean())
    contrast, leaning = _outline(mask, evidence.lab)
    return (
        CENTRALITY_CREDIT * min(middle, FULL_CENTRALITY) / FULL_CENTRALITY
        + SEPARATION_CREDIT * apart
        + EDGE_CREDIT * contrast / STRONG_STEP
        + DETAIL_CREDIT * finer
        - BORDER_DEBIT * leaning
    )


def centrality(mask: Mask) -> float:
    """Share of the photo's middle that a 0/1 mask covers."""
    height, width = mask.shape
    y, x = np.mgrid[0:height, 0:width].astype(np.float32) + 0.5
    middle = np.exp(-(((y / height - 0.5) / 0.3) ** 2 + ((x / width - 0.5) / 0.3) ** 2) / 2)
    return float((middle * mask).sum() / middle.sum())


def separation(mask: Mask, words: Words) -> float:
    """1 where the subject and a ring around it share no word, 0 where they look the same."""
    size = max(3, round(RING * max(mask.shape))) | 1
    ring = cv2.dilate(mask, np.ones((size, size), np.uint8)) - mask
    shares = []
    for part in (mask, ring):
        seen = np.bincount(words.labels[part > 0], minlength=len(words.similarity)).astype(np.float64)
        shares.append(seen / max(seen.sum(), 1.0))
    return float(1.0 - np.minimum(*shares).sum())


def _outline(mask: Mask, lab: Map) -> tuple[float, float]:
    """Mean Lab distance across the outline, and the share of the outline on the top and the sides of the photo."""
    across, down = mask[:, 1:] != mask[:, :-1], mask[1:] != mask[:-1]
    steps = np.concatenate([(lab[:, 1:] - lab[:, :-1])[across], (lab[1:] - lab[:-1])[down]])
    contrast = float(np.sqrt((steps**2).sum(axis=-1)).mean()) if len(steps) else 0.0
    leaning = int(mask[0].sum()) + int(mask[:, 0].sum()) + int(mask[:, -1].sum())
    return contrast, leaning / max(1, leaning + int(mask[-1].sum()) + len(steps))
