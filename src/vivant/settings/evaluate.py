"""Settings of ``vivant evaluate``."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from vivant.settings.base import Settings
from vivant.settings.profiles import Profile

BenchmarkName = Literal["relationbench", "mycanvas", "dreambench", "customconcept101", "world"]


class CasesSettings(Settings):
    """Which cases a benchmark is made of.

    Attributes:
        benchmark: its name.
        subjects: folder with one folder of photos a subject; for customconcept101 the published data set's.
        manifest: JSON lines of the user's own cases, instead of subjects.
        prompts: relationbench: of DreamRelation (short) or RelationBooth (long).
        which: relationbench, customconcept101: cases of one subject, of two, or both.
        count: of cases; None is the paper's: 100 for relationbench and the world, 41 for mycanvas.
        samples: pictures a case; None is the paper's: 6 for mycanvas, 4 for dreambench, else 1.
        seed: of who meets whom where.
        size: the world: pixels a side of its pictures.
        relations: the world: names to choose from; none for all.
    """

    benchmark: BenchmarkName
    subjects: Path | None = None
    manifest: Path | None = None
    prompts: Literal["short", "long"] = "short"
    which: Literal["single", "multi", "both"] = "both"
    count: int | None = Field(None, ge=1, le=100_000)
    samples: int | None = Field(None, ge=1, le=1000)
    seed: int = Field(0, ge=0)
    size: int = Field(128, ge=64, le=2048)
    relations: tuple[str, ...] = ()


class ScoreSettings(Settings):
    """What pictures are scored with.

    Attributes:
        profile: which models see them: `embedded` ships with Vivant, `paper` is what the papers name.
        clip, detector, dino, keypoints: other models than the profile's: a folder or a hub id.
        crop: what of a picture stands for a detected subject: the pixels in its `box`, or the `square` around it.
        threshold: least confidence of a detected box.
        batch: pictures that a model is given together.
        device: `auto` takes CUDA where there is one.
        seed: of intervals, and of the other cases that tell what chance gives.
        cache: where features are kept; None is the benchmark's folder.
    """

    profile: Profile = "embedded"
    clip: str | None = None
    detector: str | None = None
    dino: str | None = None
    keypoints: str | None = None
    crop: Literal["box", "square"] = "box"
    threshold: float = Field(0.1, ge=0.0, le=1.0)
    batch: int = Field(64, ge=1, le=4096)
    device: str = "auto"
    seed: int = Field(0, ge=0)
    cache: Path | None = None
