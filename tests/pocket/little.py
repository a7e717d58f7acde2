"""A pool of a few noisy pictures with labels that fit together; nothing is drawn."""

from __future__ import annotations

import random

import numpy as np
import torch

from vivant.pocket.feed import Feed
from vivant.pocket.pool import Pool
from vivant.world import BACKDROPS, KINDS, RELATIONS, sample_individual


def little_pool(scenes: int = 24, individuals: int = 12, views: int = 2) -> Pool:
    """Every second subject has portraits; scenes have one to three subjects; the last four scenes are held out."""
    rng = np.random.default_rng(0)
    kinds = np.full((scenes, 5), -1, np.int16)
    ids = np.full((scenes, 5), -1, np.int64)
    boxes, keypoints = np.zeros((scenes, 5, 4), np.float32), np.zeros((scenes, 5, 17, 3), np.float32)
    count = (np.arange(scenes) % 3 + 1).astype(np.int8)
    for scene in range(scenes):
        for place in range(count[scene]):
            known = (scene + place) % 2 == 0
            ids[scene, place] = (scene + place) % individuals if known else 1000 + 5 * scene + place
            one = sample_individual(random.Random(int(ids[scene, place])))
            kinds[scene, place] = list(KINDS).index(one.kind)
            left = 0.05 + 0.3 * place
            boxes[scene, place] = (left, 0.2, left + 0.25, 0.9)
            keypoints[scene, place, :, 0] = rng.uniform(left, left + 0.25, 17)
            keypoints[scene, place, :, 1] = rng.uniform(0.2, 0.9, 17)
            keypoints[scene, place, :, 2] = rng.integers(0, 2, 17)
    people = [sample_individual(random.Random(number)) for number in range(individuals)]
    return Pool(
        pictures=rng.integers(0, 256, (scenes, 128, 128, 3), dtype=np.uint8),
        texts=[f"scene {number}" for number in range(scenes)],
        texts_detailed=[f"scene {number} in detail" for number in range(scenes)],
        relation=rng.integers(0, len(RELATIONS), scenes).astype(np.int16),
        background=rng.integers(0, len(BACKDROPS), scenes).astype(np.int16),
        kinds=kinds,
        count=count,
        boxes=boxes,
        keypoints=keypoints,
        ids=ids,
        seen=np.ones(scenes, np.bool_),
        portraits=rng.integers(0, 256, (individuals, views, 128, 128, 3), dtype=np.uint8),
        portrait_ids=np.arange(individuals),
        portrait_boxes=np.tile(np.array([0.3, 0.1, 0.7, 0.95], np.float32), (individuals, views, 1)),
        vectors=np.stack([one.vector() for one in people]),
        held=4,
    )


def little_feed() -> Feed:
    return Feed(little_pool(), torch.device("cpu"))


def noise(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)
