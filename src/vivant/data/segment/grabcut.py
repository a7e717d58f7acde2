"""The embedded filling: several GrabCuts from different ideas of where the subject is, and what they agree on.

One GrabCut from one rectangle fails when the rectangle is wrong. Here each of nine ideas (a place, a size, or what
saliency says) is a soft prior over the picture, and appearance and mask are fitted in turn from each, once by texture
and once by colour. The masks are measured, the most credible and those like it vote (`voting`), and how far the votes
agree is the confidence. The outline is then cut once more, by colour, in a narrow band at a larger size, and enclosed
background is cut out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from vivant.data.segment.appearance import (
    NO_RECTANGLE,
    Map,
    Words,
    cut,
    find_words,
    log_odds,
    smooth_texture,
    texture,
    to_lab,
)
from vivant.data.segment.masks import fill_small_holes, main_part
from vivant.data.segment.openings import cut_openings
from vivant.data.segment.saliency import saliency
from vivant.data.segment.voting import Evidence, Opinions, weigh
from vivant.images import fit_within
from vivant.types import Image, Mask

WORK_SIDE = 160
"""Long side in pixels at which ideas compete: parts of a subject are still apart, and a cut takes milliseconds."""
OUTLINE_SIDE = 320
"""Long side at which the outline is cut again."""
BAND = 0.03
"""Half width of the band around the outline that is open to that second cut, as a fraction of the long side."""
FITS = 4
"""Rounds of fitting appearance and mask in turn."""
SETTLED = 0.003
"""Share of the photo below which a round has changed nothing that matters."""
PRIOR_WEIGHTS = (1.0, 0.4)
"""Weight of the prior in the first and the last round: it starts the search and then lets go."""
APPEARANCE_WEIGHTS = (0.6, 0.7)
BORDER_PENALTY = (4.0, 3.0)
"""Nats against the subject on the top row, and on the columns at the sides. The bottom often cuts a subject."""
BORDER_PIXELS = 2
LEAST_SAMPLES = 16
"""GrabCut fits five Gaussians a side; on fewer pixels the outline stays as it is."""
LEAST_CONTRAST = 1.0
"""Lab units between the extremes of a picture below which it is one colour."""


@dataclass(frozen=True)
class Look:
    """How appearance is read. Two very different ones make mistakes of their own, so that agreement means something.

    Attributes:
        texture_weight: see `find_words`.
        smoothness: see `cut`.
    """

    texture_weight: float
    smoothness: float


LOOKS = (Look(texture_weight=12.0, smoothness=8.0), Look(texture_weight=0.0, smoothness=20.0))
"""Texture with a free outline, and colour alone with a stiff one; every idea is fitted with both."""


@dataclass(frozen=True)
class Idea:
    """Where a subject may be: an ellipse in fractions of the photo, and how surely it is inside.

    Attributes:
        x, y: centre.
        width, height: half axes at which belief has fallen to 0.6 of its height.
        belief: probability of the subject at the centre.
        saliency: weight of the saliency map.
    """

    x: float = 0.5
    y: float = 0.52
    width: float = 0.3
    height: float = 0.33
    belief: float = 0.85
    saliency: float = 0.0


IDEAS = (
    Idea(width=0.37, height=0.40),
    Idea(width=0.22, height=0.36),
    Idea(x=0.4),
    Idea(x=0.6),
    Idea(y=0.62),
    Idea(belief=0.75),
    Idea(saliency=0.5),
)
NEAR = 0.35
"""Spread around the middle within which saliency counts for the idea that is made of it, in fractions."""
REACH = 1.7
"""Half axes of that idea in standard deviations of the salient mass: those of an even ellipse are at 2."""
HALF_AXES = (0.1, 0.45)
DOUBT = 0.03
"""Probability of the subject far from an idea's ellipse."""


class GrabCutSegmenter:
    """Segments without a learned model; deterministic.

    Args:
        seed: of the clustering.
    """

    name = "grabcut"

    def __init__(self, seed: int = 0) -> None:
        self._seed = seed

    def __call__(self, image: Image) -> Mask:
        """HW uint8, 0 or 255, of HWC uint8 RGB."""
        return self.with_confidence(image)[0]

    def with_confidence(self, image: Image) -> tuple[Mask, float]:
        """The mask, and the confidence of `consensus`; an empty mask has confidence 0."""
        vote, confidence = consensus(image, self._seed)
        if confidence == 0.0:
            return np.zeros(image.shape[:2], dtype=np.uint8), 0.0
        mask = recut_outline(image, vote, self._seed)
        height, width = image.shape[:2]
        grown = cv2.resize(mask.astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC)
        return np.where(grown > 0.5, 255, 0).astype(np.uint8), confidence


def gather(image: Image, seed: int = 0, ideas: tuple[Idea, ...] = IDEAS) -> Opinions | None:
    """Let every idea find its mask in a photo.

    Args:
        image: HWC uint8 RGB.
        seed: of the clustering.
        ideas: where to look, besides where saliency says.

    Returns:
        None when there is nothing to be seen, or no idea led to a plausible mask.
    """
    small = smooth_texture(fit_within(image, WORK_SIDE))
    height, width = small.shape[:2]
    lab = to_lab(small)
    if float(np.ptp(lab, axis=(0, 1)).max()) < LEAST_CONTRAST:
        return None
    detail = texture(image, (width, height))
    words = tuple(find_words(lab, detail, look.texture_weight, seed) for look in LOOKS)
    salient = saliency(lab)
    priors = [prior(idea, salient) for idea in (*ideas, *salient_ideas(salient))]
    masks = [fit(seen, before, look.smoothness) for seen, look in zip(words, LOOKS, strict=True) for before in priors]
    return weigh(masks, Evidence(words, lab, detail))


def consensus(image: Image, seed: int = 0) -> tuple[Map, float]:
    """What the ideas agree on.

    Args:
        image: HWC uint8 RGB.
        seed: of the clustering.

    Returns:
        HW float32 at the working size, the share of votes a pixel, and the confidence in [0, 1]; all 0 for nothing.
    """
    opinions = gather(image, seed)
    if opinions is None:
        return np.zeros(fit_within(image, WORK_SIDE).shape[:2], dtype=np.float32), 0.0
    vote = np.tensordot(opinions.votes, np.array(opinions.masks, dtype=np.float32), axes=1).astype(np.float32)
    return vote, opinions.confidence(main_part((vote > 0.5).astype(np.uint8)))


def second_opinion(image: Image, mask: Mask, seed: int = 0) -> float:
    """Belief in [0, 1] in a mask that came from elsewhere, by what the embedded ideas make of the photo.

    Args:
        image: HWC uint8 RGB.
        mask: HW uint8 of the same size, inside above 127.
        seed: of the clustering.
    """
    opinions = gather(image, seed)
    if opinions is None:
        return 0.0
    height, width = opinions.masks[0].shape
    small = cv2.resize(mask, (width, height), interpolation=cv2.INTER_AREA)
    return opinions.confidence((small > 127).astype(np.uint8))


def salient_ideas(salient: Map) -> tuple[Idea, Idea]:
    """The ellipse of what is salient and not far from the middle, as it is and with the saliency map added."""
    height, width = salient.shape
    y, x = np.mgrid[0:height, 0:width].astype(np.float32) + 0.5
    x, y = x / width, y / height
    near = np.exp(-(((x - Idea.x) / NEAR) ** 2 + ((y - Idea.y) / NEAR) ** 2) / 2)
    mass = salient.astype(np.float64) ** 2 * near + 1e-9
    mass /= mass.sum()
    centre = [float((mass * axis).sum()) for axis in (x, y)]
    spread = [float(np.sqrt((mass * (axis - mean) ** 2).sum())) for axis, mean in zip((x, y), centre, strict=True)]
    half = np.clip(REACH * np.array(spread), *HALF_AXES).tolist()
    plain = Idea(x=centre[0], y=centre[1], width=half[0], height=half[1])
    return plain, replace(plain, saliency=0.5)


def prior(idea: Idea, salient: Map) -> Map:
    """HW float32 log odds of the subject before anything is known of its looks."""
    height, width = salient.shape
    y, x = np.mgrid[0:height, 0:width].astype(np.float32) + 0.5
    far = np.abs((x / width - idea.x) / idea.width) ** 3 + np.abs((y / height - idea.y) / idea.height) ** 3
    belief = DOUBT + (idea.belief - DOUBT) * np.exp(-far / 2)
    odds = np.log(belief / (1 - belief)) + idea.saliency * 4.0 * (salient - 0.4)
    return np.asarray(odds, dtype=np.float32)


def fit(words: Words, before: Map, smoothness: float) -> Mask:
    """Fit appearance and mask in turn, from a prior in log odds; HW uint8, 0 or 1, one piece."""
    height, width = before.shape
    inside = (1 / (1 + np.exp(-before))).astype(np.float32)
    mask = np.zeros((height, width), dtype=np.uint8)
    for step in np.linspace(0.0, 1.0, FITS):
        trust, doubt = (start + (end - start) * step for start, end in (APPEARANCE_WEIGHTS, PRIOR_WEIGHTS))
        odds = (trust * log_odds(words, inside) + doubt * before).astype(np.float32)
        odds[:BORDER_PIXELS] -= BORDER_PENALTY[0]
        odds[:, :BORDER_PIXELS] -= BORDER_PENALTY[1]
        odds[:, -BORDER_PIXELS:] -= BORDER_PENALTY[1]
        found = cut(words, odds, smoothness)
        moved = float((found != mask).mean())
        mask, inside = found, found.astype(np.float32)
        if moved < SETTLED:
            break
    return main_part(mask)


def recut_outline(image: Image, vote: Map, seed: int) -> Mask:
    """Cut again by colour in a band around the outline of `vote`, and open what can be seen through.

    Returns:
        HW uint8, 0 or 1, at `OUTLINE_SIDE`.
    """
    picture = smooth_texture(fit_within(image, OUTLINE_SIDE))
    height, width = picture.shape[:2]
    rough = (cv2.resize(vote, (width, height), interpolation=cv2.INTER_LINEAR) > 0.5).astype(np.uint8)
    reach = 2 * max(1, round(BAND * max(height, width))) + 1
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach))
    labels = np.where(rough > 0, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    labels[cv2.dilate(rough, disc) == 0] = cv2.GC_BGD
    labels[cv2.erode(rough, disc, borderType=cv2.BORDER_REPLICATE) > 0] = cv2.GC_FGD
    inside = (labels & 1) > 0
    if min(int(inside.sum()), int((~inside).sum())) >= LEAST_SAMPLES:
        background, foreground = np.zeros((1, 65), dtype=np.float64), np.zeros((1, 65), dtype=np.float64)
        cv2.setRNGSeed(seed)
        cv2.grabCut(picture, labels, NO_RECTANGLE, background, foreground, 2, cv2.GC_INIT_WITH_MASK)
    mask = (labels & 1).astype(np.uint8)
    return main_part(cut_openings(to_lab(picture), fill_small_holes(main_part(mask)), seed))
