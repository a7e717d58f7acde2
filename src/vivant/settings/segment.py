"""Settings of the Segment stage: which filling cuts subjects out, and when a cutout is good enough to use."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from vivant.settings.base import Settings


class VerdictSettings(Settings):
    """Limits of the verdict. A cutout outside any of them is rejected with the reason in words."""

    min_area: float = Field(default=0.015, ge=0.0, le=1.0)
    """Least share of the photo: a smaller subject has too few pixels to be anything but a blur in a scene."""
    max_area: float = Field(default=0.85, ge=0.0, le=1.0)
    """Largest share of the photo: more than this and it is the background that was taken for the subject."""
    max_parts: int = Field(default=2, ge=1)
    """Separate pieces; a subject behind a pole has two, a clutter of props has more."""
    max_holes: float = Field(default=0.25, ge=0.0, le=1.0)
    """Share of the filled outline that is holes; a handle or a glass pane is well below this."""
    max_border_cut: float = Field(default=0.35, ge=0.0, le=1.0)
    """Share of the outline on the photo's border."""
    max_cut_sides: int = Field(default=2, ge=0, le=4)
    """Sides of the photo that may cut the subject. The bottom does not count: a scene can do the same."""
    max_grey: float = Field(default=0.25, ge=0.0, le=1.0)
    """Share that is half transparent: fur and glass stay below it, a half-recognised back or tray does not."""
    min_edge: float = Field(default=0.25, ge=0.0, le=1.0)
    """Least contrast across the outline; less means that the outline follows nothing in the photo."""
    min_confidence: float = Field(default=0.56, ge=0.0, le=1.0)
    """Least belief of the segmenter in its own mask."""


class SegmentSettings(Settings):
    """How photos become cutouts."""

    method: Literal["grabcut", "isnet", "birefnet", "sam"] = "grabcut"
    """The filling: `grabcut` needs no download, `isnet` is the paper's, `birefnet` and `sam` are newer."""
    rounds: int = Field(default=1, ge=1, le=5)
    """Passes over each photo, each on the crop that the pass before found. Gen4Gen runs its network three times
    (section 3.2), which helps it against props; the embedded filling has its own rounds inside and is best with 1."""
    weights: Path | None = None
    """ONNX file of `isnet` or `birefnet`, or folder of `sam`; None looks in the cache, then downloads."""
    cache: Path | None = None
    """Folder of downloaded weights; None is `~/.cache/vivant`."""
    download: bool = True
    """Whether missing weights may be fetched."""
    sam_model: str = "facebook/sam-vit-base"
    """Hub id of `sam` where `weights` names no folder."""
    device: str = "cpu"
    """Torch device of `sam`; the ONNX fillings run on the CPU."""
    threads: int = Field(default=1, ge=1, le=64)
    """Threads of an ONNX filling; photos run in parallel as processes, so one each is the fastest."""
    max_side: int = Field(default=2048, ge=64, le=8192)
    """A longer photo is shrunk to this: twice the side of a scene, and a bound on time and memory."""
    seed: int = Field(default=0, ge=0)
    """Seed of the clustering; same seed, same bytes."""
    verdict: VerdictSettings = VerdictSettings()
    """When a cutout may be used."""
