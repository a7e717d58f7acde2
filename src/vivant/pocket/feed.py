"""Batches of the pool for the recognisers: on a GPU the pool lies in its memory, on a CPU it is read where it lies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vivant.pocket.crops import to_unit
from vivant.pocket.pool import Pool, open_pool
from vivant.pocket.run import Run

LEAST_SIDE = 0.12
"""Subjects of which less can be seen (longer side of the box, as part of the picture) are not drawn as subjects."""
UPLOAD = 8192
"""Pictures copied to the GPU at a time."""


class Pictures:
    """uint8 pictures by number, on the device."""

    def __init__(self, stored: NDArray[np.uint8], device: torch.device) -> None:
        self.stored = stored
        self.device = device
        self.uploaded: Tensor | None = None
        if device.type == "cuda":
            self.uploaded = torch.empty(stored.shape, dtype=torch.uint8, device=device)
            for start in range(0, len(stored), UPLOAD):
                part = torch.from_numpy(np.ascontiguousarray(stored[start : start + UPLOAD]))
                self.uploaded[start : start + UPLOAD].copy_(part)

    def __getitem__(self, rows: Tensor) -> Tensor:
        """[N] numbers on the device -> uint8 [N, H, W, 3] on the device."""
        if self.uploaded is not None:
            return self.uploaded[rows]
        return torch.from_numpy(self.stored[rows.cpu().numpy()]).to(self.device)


@dataclass(frozen=True)
class Scenes:
    """Whole pictures with their truth.

    Attributes:
        rows: [N] numbers in the pool.
        pictures: uint8 [N, 128, 128, 3].
        kinds: [N, 5] index of each subject's kind, -1 beyond the last.
        relation, background, count: [N].
        boxes: [N, 5, 4], zeros beyond the last subject.
        keypoints: [N, 5, 17, 3], likewise.
        people: [N, 5] which of the individuals with portraits each subject is, -1 for none of them.
    """

    rows: Tensor
    pictures: Tensor
    kinds: Tensor
    relation: Tensor
    background: Tensor
    count: Tensor
    boxes: Tensor
    keypoints: Tensor
    people: Tensor

    def unit(self) -> Tensor:
        """The pictures as [N, 3, 128, 128] in [0, 1]."""
        return to_unit(self.pictures)


@dataclass(frozen=True)
class Subjects:
    """Pictures, one subject of each.

    Attributes:
        pictures: uint8 [M, 128, 128, 3].
        boxes: [M, 4] of the subject.
        keypoints: [M, 17, 3] of the subject; of scenes only, else empty.
    """

    pictures: Tensor
    boxes: Tensor
    keypoints: Tensor

    def unit(self) -> Tensor:
        """The pictures as [M, 3, 128, 128] in [0, 1]."""
        return to_unit(self.pictures)


def by_device(run: Run, *, cpu: int, gpu: int) -> int:
    """Small batches and short warm-ups on a CPU, where every step counts; large ones keep a GPU busy."""
    return cpu if run.device.type == "cpu" else gpu


def placed(model: Any, device: torch.device) -> Any:
    """A transformers model on its device; on a CPU with plain attention, in bf16 far quicker than the fused one."""
    if device.type == "cpu":
        model.set_attn_implementation("eager")
    return model.to(device)


class Feed:
    """The pool on a device, drawn from by generators of that device; scenes held out for validation are never drawn.

    Attributes:
        people, known: [N, 5] in NumPy and on the device, which of the individuals with portraits each subject is, -1
            for none of them.
        looks: [M, L], 0 or 1, `Individual.vector()` of each of those.
        subject_rows, subject_places: [S] scene and place of each subject that enough can be seen of.
        scene_count: scenes to draw from.
        individuals, views: portraits are numbered individual * views + view.
    """

    def __init__(self, pool: Pool, device: torch.device) -> None:
        self.pool, self.device = pool, device
        self.scene_pictures = Pictures(pool.pictures, device)
        views = pool.portraits.shape[1]
        self.portrait_pictures = Pictures(pool.portraits.reshape(-1, *pool.portraits.shape[2:]), device)
        self.kinds, self.relation = self._put(pool.kinds, torch.long), self._put(pool.relation, torch.long)
        self.background, self.count = self._put(pool.background, torch.long), self._put(pool.count, torch.long)
        self.boxes, self.keypoints = self._put(pool.boxes), self._put(pool.keypoints)
        self.portrait_boxes = self._put(pool.portrait_boxes).reshape(-1, 4)
        self.individuals, self.views = len(pool.portraits), views
        sides = (self.boxes[..., 2:] - self.boxes[..., :2]).amax(dim=-1)
        there = torch.arange(self.boxes.shape[1], device=device) < self.count[:, None]
        self.scene_count = len(pool.texts) - pool.held
        there[self.scene_count :] = False
        self.people = people_of(np.asarray(pool.ids), np.asarray(pool.portrait_ids))
        self.known, self.looks = self._put(self.people, torch.long), self._put(pool.vectors)
        self.subject_rows, self.subject_places = torch.nonzero(there & (sides >= LEAST_SIDE), as_tuple=True)

    @classmethod
    def open(cls, run: Run) -> Feed:
        """The run's pool, on the run's device.

        Raises:
            ModelError: the stage `world` has not been run.
        """
        return cls(open_pool(run.out), run.device)

    def scenes(self, count: int, draw: torch.Generator) -> Scenes:
        """Scenes at random."""
        return self.scenes_at(self._draw(self.scene_count, count, draw))

    def scenes_at(self, rows: Tensor) -> Scenes:
        """Scenes by number, [N] on the device."""
        return Scenes(
            rows,
            self.scene_pictures[rows],
            self.kinds[rows],
            self.relation[rows],
            self.background[rows],
            self.count[rows],
            self.boxes[rows],
            self.keypoints[rows],
            self.known[rows],
        )

    def subjects(self, count: int, draw: torch.Generator) -> Subjects:
        """Subjects of scenes at random."""
        return self.subjects_at(self._draw(len(self.subject_rows), count, draw))

    def subjects_at(self, picks: Tensor) -> Subjects:
        """Subjects of scenes by their place in `subject_rows` and `subject_places`."""
        rows, places = self.subject_rows[picks], self.subject_places[picks]
        return Subjects(self.scene_pictures[rows], self.boxes[rows, places], self.keypoints[rows, places])

    def portraits(self, count: int, draw: torch.Generator) -> Subjects:
        """Portraits at random."""
        rows = self._draw(self.individuals * self.views, count, draw)
        empty = torch.zeros(count, 0, 3, device=self.device)
        return Subjects(self.portrait_pictures[rows], self.portrait_boxes[rows], empty)

    def views_of(self, individuals: Tensor, views: Tensor) -> Subjects:
        """One portrait of each of some individuals, by number: [M] and [M]."""
        rows = individuals * self.views + views
        empty = torch.zeros(len(rows), 0, 3, device=self.device)
        return Subjects(self.portrait_pictures[rows], self.portrait_boxes[rows], empty)

    def _draw(self, size: int, count: int, draw: torch.Generator) -> Tensor:
        return torch.randint(0, size, (count,), generator=draw, device=self.device)

    def _put(self, values: NDArray[Any], dtype: torch.dtype = torch.float32) -> Tensor:
        return torch.from_numpy(np.ascontiguousarray(values)).to(device=self.device, dtype=dtype)


def people_of(ids: NDArray[np.int64], known: NDArray[np.int64]) -> NDArray[np.int64]:
    order = np.argsort(known)
    who = order[np.searchsorted(known, ids, sorter=order).clip(max=len(known) - 1)]
    return np.where(known[who] == ids, who, -1)
