"""Crops and flips that move everything a picture is annotated with: pixels, masks, boxes and keypoints together.

Indices of keypoints stay as they are under a flip. Left and right do change places for who looks at the picture, but
the loss that reads the keypoints compares one subject with itself: number 7 is the paw with the white sock, in the
mirrored picture as well, and taking number 10 for it would compare it with the other paw. So the same index is the same
part in all pictures of a sample, mirrored or not. Only who reads "left" and "right" into the numbers must not use a
flipped view.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from vivant.images import read_image
from vivant.relations.published import read_mask
from vivant.types import Image, Triplet

Floats = npt.NDArray[np.float32]
_ROOM = 1.1
"""Sides of a subject's crop, in sides of its box."""
_TRIES = 20
"""Random crops looked at for one that keeps every subject, before the picture is left whole."""


@dataclass(frozen=True)
class View:
    """A picture and what is known of the n subjects in it.

    Attributes:
        picture: HWC uint8 RGB.
        masks: [n, H, W] uint8, 0 or nothing of the subject to 255; none (n = 0) where they are not known.
        boxes: [n, 4] float32 x0, y0, x1, y1 in [0, 1].
        keypoints: [n, 17, 3] float32 x, y in [0, 1], visible 0 or 1.
    """

    picture: Image
    masks: npt.NDArray[np.uint8]
    boxes: Floats
    keypoints: Floats


@dataclass(frozen=True)
class Augmentation:
    """How views are varied.

    Attributes:
        flip: chance that a sample is mirrored, all its pictures together: a mirrored subject then looks like its
            mirrored concept picture.
        crop: the least part of the sides that a crop keeps; 1 crops no more than the shape of the output demands.
        keep: the least part of every subject's mask that a crop must keep.
    """

    flip: float = 0.5
    crop: float = 0.9
    keep: float = 0.9


def load_views(triplet: Triplet) -> tuple[View, tuple[View, ...]]:
    """The picture of the relation, and of each subject its own. The latter have no masks, and a box around it all.

    Raises:
        ImageError, InputError: as in `read_relation`.
    """
    picture = read_image(triplet.target)[..., :3]
    target = View(
        picture,
        np.stack([read_mask(subject.mask, (picture.shape[0], picture.shape[1])) for subject in triplet.subjects]),
        np.array([subject.box.as_tuple() for subject in triplet.subjects], dtype=np.float32),
        np.array([subject.target_keypoints for subject in triplet.subjects], dtype=np.float32),
    )
    return target, tuple(
        _concept(read_image(subject.concept)[..., :3], np.array(subject.concept_keypoints, dtype=np.float32))
        for subject in triplet.subjects
    )


def _concept(picture: Image, keypoints: Floats) -> View:
    return View(
        picture,
        np.zeros((0, *picture.shape[:2]), dtype=np.uint8),
        np.array([[0, 0, 1, 1]], dtype=np.float32),
        keypoints[None],
    )


def subject_crops(target: View, width: int, height: int) -> tuple[View, ...]:
    """Each subject cut out of the picture of the relation, with some room around it, in the output's shape.

    What DreamRelation calls c'_i (section 4.2): concept pictures that show the relation, for want of others.

    Args:
        target: with boxes and keypoints of its subjects.
        width, height: whose shape a crop gets, as far as the picture is large enough.
    """
    whole_height, whole_width = target.picture.shape[:2]
    found = []
    for number, (x0, y0, x1, y1) in enumerate(target.boxes):
        across, down = (x1 - x0) * whole_width * _ROOM, (y1 - y0) * whole_height * _ROOM
        scale = max(across / width, down / height, 16 / min(width, height))
        sides = ((width, whole_width), (height, whole_height))
        wide, high = (max(1, round(min(side * scale, whole))) for side, whole in sides)
        left, top = (
            round(min(max(0.0, middle * whole - part / 2), whole - part))
            for middle, whole, part in (((x0 + x1) / 2, whole_width, wide), ((y0 + y1) / 2, whole_height, high))
        )
        part = cropped(target, left, top, wide, high)
        found.append(_concept(part.picture, part.keypoints[number]))
    return tuple(found)


def flipped(view: View) -> View:
    """Mirrored left to right; see the module for why keypoints keep their indices."""
    boxes, keypoints = view.boxes.copy(), view.keypoints.copy()
    boxes[:, 0], boxes[:, 2] = 1.0 - view.boxes[:, 2], 1.0 - view.boxes[:, 0]
    keypoints[..., 0] = 1.0 - view.keypoints[..., 0]
    return View(
        np.ascontiguousarray(view.picture[:, ::-1]), np.ascontiguousarray(view.masks[..., ::-1]), boxes, keypoints
    )


def cropped(view: View, left: int, top: int, width: int, height: int) -> View:
    """A part of the picture. Keypoints outside become invisible and rest on its edge; boxes are cut at it.

    Args:
        view: the whole.
        left, top, width, height: of the part in pixels, inside the picture.
    """
    whole_height, whole_width = view.picture.shape[:2]
    corner = np.array([left, top], dtype=np.float64)
    size, whole = np.array([width, height], dtype=np.float64), np.array([whole_width, whole_height], dtype=np.float64)
    spots = (view.keypoints[..., :2] * whole - corner) / size
    inside = ((spots >= 0.0) & (spots <= 1.0)).all(axis=-1)
    corners = ((view.boxes.reshape(-1, 2, 2) * whole - corner) / size).clip(0.0, 1.0)
    keypoints = np.concatenate([spots.clip(0.0, 1.0), (view.keypoints[..., 2] * inside)[..., None]], axis=-1)
    return View(
        np.ascontiguousarray(view.picture[top : top + height, left : left + width]),
        np.ascontiguousarray(view.masks[:, top : top + height, left : left + width]),
        corners.reshape(-1, 4).astype(np.float32),
        keypoints.astype(np.float32),
    )


def resized(view: View, width: int, height: int) -> View:
    """In other pixels; fractions stay as they are. Give the same shape, or the picture is distorted."""
    old_height, old_width = view.picture.shape[:2]
    if (old_width, old_height) == (width, height):
        return view
    smaller = width * height < old_width * old_height
    picture = cv2.resize(view.picture, (width, height), interpolation=cv2.INTER_AREA if smaller else cv2.INTER_CUBIC)
    how = cv2.INTER_AREA if smaller else cv2.INTER_LINEAR
    masks = np.zeros((len(view.masks), height, width), dtype=np.uint8)
    for number, mask in enumerate(view.masks):
        masks[number] = cv2.resize(mask, (width, height), interpolation=how)
    return View(np.asarray(picture, dtype=np.uint8), masks, view.boxes, view.keypoints)


def fitted(view: View, width: int, height: int) -> View:
    """The largest part in the middle that has the output's shape, at its size."""
    return resized(_cut(view, *_largest(view, width, height), 0.5, 0.5), width, height)


def random_views(
    target: View, concepts: tuple[View, ...], rng: np.random.Generator, how: Augmentation, width: int, height: int
) -> tuple[View, tuple[View, ...]]:
    """One variation of a sample: the target cropped, and all of it mirrored or none.

    Args:
        target: the picture of the relation.
        concepts: of each subject its own; only mirrored, since an image encoder wants them whole.
        rng: what is drawn from.
        how: how much.
        width, height: pixels of what comes out.
    """
    mirror = rng.random() < how.flip
    views = [random_crop(target, rng, how, width, height), *(fitted(concept, width, height) for concept in concepts)]
    first, *others = [flipped(view) for view in views] if mirror else views
    return first, tuple(others)


def random_crop(view: View, rng: np.random.Generator, how: Augmentation, width: int, height: int) -> View:
    """A random part of the output's shape that keeps every subject; where twenty do not, the largest in the middle.

    Arguments as in `random_views`.
    """
    largest = _largest(view, width, height)
    for _ in range(_TRIES):
        part = how.crop + (1.0 - how.crop) * rng.random()
        across, down = rng.random(), rng.random()
        found = _cut(view, max(1, round(largest[0] * part)), max(1, round(largest[1] * part)), across, down)
        if _kept(view, found) >= how.keep:
            return resized(found, width, height)
    return fitted(view, width, height)


def _largest(view: View, width: int, height: int) -> tuple[int, int]:
    """Width and height of the largest part that has the shape of width x height."""
    whole_height, whole_width = view.picture.shape[:2]
    scale = min(whole_width / width, whole_height / height)
    return max(1, round(width * scale)), max(1, round(height * scale))


def _cut(view: View, width: int, height: int, across: float, down: float) -> View:
    """A part that lies at these fractions of the way from left to right and from top to bottom."""
    whole_height, whole_width = view.picture.shape[:2]
    width, height = min(width, whole_width), min(height, whole_height)
    return cropped(view, round((whole_width - width) * across), round((whole_height - height) * down), width, height)


def _kept(whole: View, part: View) -> float:
    """The least part of any subject's mask that a crop keeps; 1 where no masks are known."""
    before, after = (view.masks.reshape(len(view.masks), -1).sum(axis=1, dtype=np.int64) for view in (whole, part))
    return float((after / np.maximum(before, 1)).min()) if len(before) else 1.0
