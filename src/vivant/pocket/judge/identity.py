"""Training of the judge's identity network: pictures of one individual together, look-alikes of its kind apart."""

from __future__ import annotations

import random

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from vivant.pocket.crops import cut, inside, roughened, shaken, square
from vivant.pocket.feed import Feed, Subjects, by_device
from vivant.pocket.judge.model import CROP, MARGIN, IdentityNetwork
from vivant.pocket.loop import fit
from vivant.pocket.run import Figures, Run
from vivant.world import sample_individual

STAGE = "judge-identity"
CPU_PAIRS, GPU_PAIRS, LR = 64, 384, 2e-3
CPU_WARMUP, GPU_WARMUP = 30, 100
KINDS_A_BATCH = 4
"""All individuals of a batch are of this many kinds: most negatives are hard."""
SCENES = 0.6
"""Share of pairs whose second picture comes from a scene, where the individual is in one."""
SHAKE = 0.06
"""A detector's boxes are not the world's: edges move by up to this part of the side."""
COLDEST = 0.03
"""Lowest temperature of the softmax."""
LOOKS_WEIGHT = 1.0


class IdentityTraining(nn.Module):  # type: ignore[misc]
    """The network, the softmax's temperature, and a reader of looks that is thrown away afterwards.

    The reader tells the individual's features (`Individual.vector()`) from the embedding. It teaches what to look at
    long before the softmax over individuals would.
    """

    def __init__(self, network: IdentityNetwork, looks: Tensor) -> None:
        """`looks`: [M, L] of the individuals to come; the reader starts with how common each is."""
        super().__init__()
        self.network = network
        self.reader = nn.Linear(network.head.out_features, looks.shape[1])
        with torch.no_grad():
            self.reader.bias.copy_(looks.mean(dim=0).clamp(1e-3, 1.0 - 1e-3).logit())
        self.heat = nn.Parameter(torch.tensor(0.1).log())

    def loss(self, first: Tensor, second: Tensor, looks: Tensor) -> Tensor:
        """Both ways InfoNCE, and the looks from either picture.

        Args:
            first, second: features [N, F] of N individuals, no two alike.
            looks: [N, L], 0 or 1.
        """
        logits = first @ second.T / self.heat.exp().clamp(min=COLDEST)
        own = torch.arange(len(logits), device=logits.device)
        apart = (F.cross_entropy(logits, own) + F.cross_entropy(logits.T, own)) / 2.0
        scale = first.shape[1] ** 0.5  # features of length one are small; the reader wants them around one
        said = self.reader(torch.cat([first, second]) * scale).float()
        told = F.binary_cross_entropy_with_logits(said, looks.repeat(2, 1), reduction="none").sum(dim=1).mean()
        return apart + LOOKS_WEIGHT * told / 10.0


class Pairs:
    """Draws individuals of few kinds, and two pictures of each."""

    def __init__(self, feed: Feed) -> None:
        self.feed, device = feed, feed.device
        kinds = [sample_individual(random.Random(int(one))).kind for one in feed.pool.portrait_ids]
        names = sorted(set(kinds))
        self.by_kind = [torch.tensor([i for i, k in enumerate(kinds) if k == name], device=device) for name in names]
        self.starts, self.counts, self.subjects = _appearances(feed)

    def draw(self, count: int, draw: torch.Generator) -> tuple[Subjects, Subjects, Tensor]:
        """First pictures (portraits), second ones (from scenes or other portraits), and looks [count, L]."""
        people = self._people(count, draw)
        views = self.feed.views

        def rand() -> Tensor:
            return torch.rand(len(people), generator=draw, device=people.device)

        view = (rand() * views).long()
        other = (view + 1 + (rand() * (views - 1)).long()) % views
        first, portraits = self.feed.views_of(people, view), self.feed.views_of(people, other)
        known = self.counts[people]
        picks = self.subjects[self.starts[people] + (rand() * known).long().clamp(max=known.clamp(min=1) - 1)]
        scenes = self.feed.subjects_at(picks)
        chosen = (rand() < SCENES) & (known > 0)
        second = Subjects(
            torch.where(chosen[:, None, None, None], scenes.pictures, portraits.pictures),
            torch.where(chosen[:, None], scenes.boxes, portraits.boxes),
            portraits.keypoints,
        )
        return first, second, self.feed.looks[people]

    def _people(self, count: int, draw: torch.Generator) -> Tensor:
        """Individuals of a few kinds, evenly; no one twice."""
        rng = random.Random(draw.initial_seed())
        kinds = rng.sample(self.by_kind, min(KINDS_A_BATCH, len(self.by_kind)))
        share = -(-count // len(kinds))
        people = [kind[torch.randperm(len(kind), generator=draw, device=kind.device)[:share]] for kind in kinds]
        return torch.cat(people)[:count]


def crops_of(subjects: Subjects, draw: torch.Generator) -> tuple[Tensor, Tensor]:
    """What the network reads of subjects, disturbed as a generator and a detector would."""
    boxes = shaken(subjects.boxes, SHAKE, draw)
    regions = square(boxes, MARGIN)
    return roughened(cut(subjects.unit(), regions, CROP), draw), inside(boxes, regions, CROP)


def train_identity(run: Run, feed: Feed, network: IdentityNetwork, seconds: float) -> Figures:
    """Train on pairs of pictures of the individuals that have portraits."""
    pairs, count = Pairs(feed), by_device(run, cpu=CPU_PAIRS, gpu=GPU_PAIRS)
    torch.manual_seed(run.seed_of(STAGE, -1))
    training = IdentityTraining(network, feed.looks).to(run.device)

    def step(number: int) -> Tensor:
        draw = run.generator(STAGE, number)
        first, second, looks = pairs.draw(count, draw)
        crops = [crops_of(subjects, draw) for subjects in (first, second)]
        unit, within = (torch.cat(parts) for parts in zip(*crops, strict=True))
        return training.loss(*network(unit, within).chunk(2), looks)

    warmup = by_device(run, cpu=CPU_WARMUP, gpu=GPU_WARMUP)
    return fit(run, STAGE, training, step, lr=LR, batch=2 * count, seconds=seconds, weight_decay=0.02, warmup=warmup)


def _appearances(feed: Feed) -> tuple[Tensor, Tensor, Tensor]:
    """Where each individual with portraits is in scenes.

    Returns:
        Start and count [M] of each individual's stretch in the third, and the subjects (numbers for `subjects_at`)
        sorted by individual. Never empty, so that a count of 0 may point anywhere.
    """
    who = feed.people[feed.subject_rows.cpu().numpy(), feed.subject_places.cpu().numpy()]
    theirs = np.flatnonzero(who >= 0)
    theirs = theirs[np.argsort(who[theirs], kind="stable")]
    counts = np.bincount(who[theirs], minlength=feed.individuals)
    starts = (np.cumsum(counts) - counts).clip(max=max(0, len(theirs) - 1))
    subjects = theirs if len(theirs) else np.zeros(1, dtype=np.int64)
    starts, counts, subjects = (torch.from_numpy(np.ascontiguousarray(v)).long() for v in (starts, counts, subjects))
    return starts.to(feed.device), counts.to(feed.device), subjects.to(feed.device)
