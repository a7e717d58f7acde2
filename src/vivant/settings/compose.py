"""Settings of ``vivant compose``: the whole Gen4Gen pipeline, stage by stage."""

from __future__ import annotations

import json
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import Field

from vivant.settings.base import Settings
from vivant.settings.caption import CaptionSettings
from vivant.settings.check import CheckSettings
from vivant.settings.plan import AssociateSettings, EndpointSettings, LayoutSettings
from vivant.settings.profiles import Profile, filling
from vivant.settings.repaint import BlendSettings
from vivant.settings.sdxl import SdxlSettings
from vivant.settings.segment import SegmentSettings

Stage = Literal["segment", "associate", "layout", "compose", "repaint", "caption", "check", "store"]
STAGES: tuple[Stage, ...] = ("segment", "associate", "layout", "compose", "repaint", "caption", "check", "store")


class ComposeSettings(Settings):
    """Everything that decides what a composed set looks like.

    Attributes:
        count: accepted scenes wanted.
        seed: of everything random.
        width, height: of a scene, in pixels.
        profile: which column of the table of models fills the roles that are not named.
        planner: combinations and boxes: "rules" or "language-model".
        repainter: "blend" or "sdxl".
        captioner: of the detailed caption: "rules", "llava" or "endpoint".
        max_attempts: attempts a wanted scene before the run gives up.
    """

    count: int = Field(12, ge=1, le=1_000_000)
    seed: int = Field(0, ge=0)
    width: int = Field(1024, ge=64, le=4096)
    height: int = Field(1024, ge=64, le=4096)
    profile: Profile = "embedded"
    planner: Literal["rules", "language-model"] = "rules"
    repainter: Literal["blend", "sdxl"] = "blend"
    captioner: Literal["rules", "llava", "endpoint"] = "rules"
    max_attempts: int = Field(4, ge=1, le=100)
    segment: SegmentSettings = SegmentSettings()
    associate: AssociateSettings = AssociateSettings()
    layout: LayoutSettings = LayoutSettings()
    blend: BlendSettings = BlendSettings()
    sdxl: SdxlSettings = SdxlSettings()
    caption: CaptionSettings = CaptionSettings()
    check: CheckSettings = CheckSettings()
    endpoint: EndpointSettings | None = None

    @property
    def batch(self) -> int:
        """Scenes made together: as many as the repainting model takes at once."""
        return self.sdxl.batch_size if self.repainter == "sdxl" else 1

    @property
    def runs_anywhere(self) -> bool:
        """Whether scenes need no model with weights, so that any number of processes can make them."""
        return self.repainter == "blend" and self.captioner != "llava"

    def record(self) -> dict[str, Any]:
        """As JSON values for ``settings.json``; of an endpoint its model and host only: the address may hold a key."""
        values: dict[str, Any] = json.loads(self.model_dump_json(exclude={"endpoint"}))
        if self.endpoint is not None:
            host = urlsplit(self.endpoint.base_url).netloc.rpartition("@")[2]
            values["endpoint"] = {"model": self.endpoint.model, "host": host}
        return values


def compose_preset(profile: Profile) -> dict[str, Any]:
    """The preset of a profile: each role filled by the table of models, and the paper's three rounds of saliency."""
    return {
        "profile": profile,
        "segment": {"method": filling("segmenter", profile).name, "rounds": 3 if profile == "paper" else 1},
        "planner": filling("planner", profile).name,
        "repainter": filling("repainter", profile).name,
        "captioner": filling("captioner", profile).name,
    }
