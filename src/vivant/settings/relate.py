"""Settings of ``vivant relate``."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from vivant.settings.base import Settings
from vivant.settings.plan import EndpointSettings
from vivant.settings.profiles import Profile

LIKENESS_WORLD, LIKENESS = 0.8, 0.7
"""Least likeness: 97 of 100 subjects of the world have more (`scripts/prove_relate.py`), and all ten of the published
triplets of "hug"."""


class RelationCheckSettings(Settings):
    """From where on a triplet is rejected. `scripts/prove_relate.py` measures what each limit catches.

    Attributes:
        likeness: least, between a subject in the picture of the relation and on its own. None is 0.8 for the world,
            and 0.7 for pictures, whose light and fur change from one to the next.
        pose: least distance between the subject's poses in both, in sizes of its body.
        inside: least share of a subject's visible keypoints that lie in its mask.
        margin: how far a keypoint may lie outside, in sides of the subject's box.
        area: least part of the picture that a subject covers.
        overlap: share of the smaller of two masks from which on they are one.
        confidence: least of a detector's box.
    """

    likeness: float | None = Field(None, ge=0.0, le=1.0)
    pose: float = Field(0.135, ge=0.0, le=2.0)
    inside: float = Field(0.7, ge=0.0, le=1.0)
    margin: float = Field(0.03, ge=0.0, le=0.5)
    area: float = Field(0.01, ge=0.0, le=1.0)
    overlap: float = Field(0.9, gt=0.0, le=1.0)
    confidence: float = Field(0.1, ge=0.0, le=1.0)


class RelateSettings(Settings):
    """Relation triplets: where from, how many, and what is let in.

    Attributes:
        relation: as it follows "is".
        subjects: groups of nouns; triplets go round them. Empty: they are proposed.
        count: accepted triplets wanted.
        seed: of everything random.
        size: pixels of a side, where the source can choose; not given, a base's own.
        source: "world", "endpoint", "diffusers" or "folder".
        folder: of the source "folder".
        annotate: "own" takes what the source knows, "models" annotates anew.
        max_attempts: attempts for each triplet wanted.
        check: limits.
        profile: which models annotate.
        models: another model than the profile's: "detector", "keypoints", "sam" -> folder or hub id.
        device: of torch, for models.
        endpoint: of pictures.
        api: of that endpoint: "chat" answers with pictures, "images" has /images/generations and /images/edits.
        base: of "diffusers": a name ("pocket", "sdxl", "sd15"), a folder in the diffusers layout, or a hub id.
        share: of "diffusers": how much the pictures of a triplet look at each other, 0 to 1; 0 draws each for itself.
        sampling_steps: of denoising, for "diffusers"; None is the base's.
        guidance: of the classifier-free kind, for "diffusers"; None is the base's.
        words: language model that words the prompts; None takes the template.
    """

    relation: str = Field(min_length=1, max_length=200)
    subjects: tuple[tuple[str, ...], ...] = ()
    count: int = Field(6, ge=1, le=1_000_000)
    seed: int = Field(0, ge=0, lt=2**63)
    size: int = Field(512, ge=64, le=2048)
    source: Literal["world", "endpoint", "diffusers", "folder"] = "world"
    folder: str | None = None
    annotate: Literal["own", "models"] = "own"
    max_attempts: int = Field(4, ge=1, le=100)
    check: RelationCheckSettings = RelationCheckSettings()
    profile: Profile = "embedded"
    models: dict[Literal["detector", "keypoints", "sam"], str] = Field(default_factory=dict)
    device: str = "cpu"
    endpoint: EndpointSettings | None = None
    api: Literal["chat", "images"] = "chat"
    base: str = Field("pocket", min_length=1)
    share: float = Field(1.0, ge=0.0, le=1.0)
    sampling_steps: int | None = Field(None, ge=1, le=500)
    guidance: float | None = Field(None, ge=1.0, le=50.0, allow_inf_nan=False)
    words: EndpointSettings | None = None

    @property
    def limits(self) -> RelationCheckSettings:
        """`check` with the likeness that suits the source."""
        if self.check.likeness is not None:
            return self.check
        return self.check.model_copy(update={"likeness": LIKENESS_WORLD if self.source == "world" else LIKENESS})
