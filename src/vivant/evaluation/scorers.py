"""The four roles of scoring, filled by a profile, each loaded when it is first needed."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from vivant.evaluation.detector import THRESHOLD, Detector
from vivant.evaluation.encoders import Clip, Dino
from vivant.evaluation.keypoints import KeypointFinder
from vivant.settings.profiles import SCORERS, Profile


class Scorers:
    """CLIP, DINO, detector and keypoints of one profile on one device."""

    def __init__(
        self,
        profile: Profile,
        device: Any = "cpu",
        *,
        threshold: float = THRESHOLD,
        models: dict[str, str] | None = None,
    ) -> None:
        """Nothing is loaded yet.

        Args:
            profile: "embedded", "paper" or "modern".
            device: of torch.
            threshold: least confidence of a box.
            models: role -> another model than the profile's.
        """
        self._models = {role: entries[profile].model for role, entries in SCORERS.items()} | (models or {})
        self._device, self._threshold = device, threshold

    @cached_property
    def clip(self) -> Clip:
        """Of pictures and texts."""
        return Clip(self._models["clip"], self._device)

    @cached_property
    def dino(self) -> Dino:
        """Of pictures."""
        return Dino(self._models["dino"], self._device)

    @cached_property
    def detector(self) -> Detector:
        """Of labels."""
        return Detector(self._models["detector"], self._device, threshold=self._threshold)

    @cached_property
    def keypoints(self) -> KeypointFinder:
        """Of poses."""
        return KeypointFinder(self._models["keypoints"], self._device)

    def identities(self) -> dict[str, Any]:
        """What every result carries: role -> all that its features depend on."""
        from dataclasses import asdict

        return {role: asdict(getattr(self, role).identity) for role in SCORERS}
