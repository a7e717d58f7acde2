"""What plans, repaints and captions in this run: the rules that are built in, or models, loaded when first used."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from vivant.data.caption import Captions, caption
from vivant.data.layout import LayoutItem, plan_layout
from vivant.data.repaint.blend import blend
from vivant.data.studio import Draft, Studio
from vivant.types import Background, Image, Layout

if TYPE_CHECKING:
    from vivant.data.repaint.sdxl import SdxlRepainter


class Models:
    """The roles of one process.

    Args:
        studio: what all scenes share.
    """

    def __init__(self, studio: Studio) -> None:
        self.studio = studio
        self.settings = studio.settings

    # Planning: boxes.

    def plan(self, attempt: int, items: Sequence[LayoutItem], background: Background) -> Layout:
        """Boxes for an attempt. A language model's are kept, so that a run continued later asks nothing twice."""
        rng = self.studio.rng(attempt, "layout")
        aspect = self.settings.width / self.settings.height
        if self.settings.planner == "rules" or self.settings.endpoint is None:
            return plan_layout(items, background, self.settings.layout, rng, aspect)
        name = f"layouts/{attempt:06d}"
        kept = self.studio.store.load_state(name)
        if kept is not None:
            return Layout.model_validate(kept)
        layout = self._planner.layout(items, background, self.settings.layout, rng, aspect)
        self.studio.store.save_state(name, layout.model_dump(mode="json"))
        return layout

    # Repainting.

    def repaint(self, drafts: Sequence[Draft]) -> list[Image]:
        """Foreground and background become one picture, HWC uint8 RGB each."""
        if self.settings.repainter == "sdxl":
            return self._sdxl.repaint([self._item(draft) for draft in drafts])
        return [self._blend(draft) for draft in drafts]

    def _blend(self, draft: Draft) -> Image:
        rng = self.studio.rng(draft.attempt, "repaint")
        return blend(
            draft.composite, draft.background_image, draft.background, draft.layout, self.settings.blend, rng
        )

    # Captions.

    def caption(self, drafts: Sequence[Draft], images: Sequence[Image]) -> list[Captions]:
        """Short and detailed, from the layout's truth; a model, where one is asked for, writes the detailed one."""
        return [
            caption(
                draft.named,
                draft.layout,
                draft.composite,
                draft.background,
                self.settings.caption,
                self.studio.rng(draft.attempt, "caption"),
            )
            for draft in drafts
        ]
