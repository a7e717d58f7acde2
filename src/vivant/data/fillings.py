"""What plans, repaints and captions in this run: the rules that are built in, or models, loaded when first used."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from vivant.data.captions.caption import Captions, caption, short_caption
from vivant.data.captions.captioners import Captioner, recaption
from vivant.data.plan.combinations import chat_endpoint, language_planner
from vivant.data.plan.layout import LayoutItem, plan_layout
from vivant.data.repaint.blend import blend
from vivant.data.studio import Draft, Studio
from vivant.types import Background, Image, Layout

if TYPE_CHECKING:
    from vivant.data.plan.language_planner import LanguagePlanner
    from vivant.data.repaint.sdxl import SdxlRepainter


class Models:
    """The roles of one process.

    Args:
        studio: what all scenes share.
    """

    def __init__(self, studio: Studio) -> None:
        self.studio = studio
        self.settings = studio.settings

    @cached_property
    def _planner(self) -> LanguagePlanner:
        return language_planner(self.settings)

    @cached_property
    def _sdxl(self) -> SdxlRepainter:
        from vivant.data.repaint.sdxl import SdxlRepainter

        return SdxlRepainter(self.settings.sdxl)

    @cached_property
    def _captioner(self) -> Captioner:
        from vivant.data.captions.captioners import EndpointCaptioner, LlavaCaptioner

        if self.settings.captioner == "llava":
            return LlavaCaptioner(self.settings.caption.llava)
        return EndpointCaptioner(chat_endpoint(self.settings))

    def plan(self, attempt: int, items: Sequence[LayoutItem], background: Background) -> Layout:
        """Boxes for an attempt. A language model's are kept, so that a run continued later asks nothing twice."""
        settings, rng = self.settings, self.studio.rng(attempt, "layout")
        aspect = settings.width / settings.height
        if settings.planner == "rules":
            return plan_layout(items, background, settings.layout, rng, aspect)
        name = f"layouts/{attempt:06d}"
        kept = self.studio.store.load_state(name)
        if kept is not None:
            return Layout.model_validate(kept)
        layout = self._planner.plan_layout(items, background, settings.layout, rng, aspect)
        self.studio.store.save_state(name, layout.model_dump(mode="json"))
        return layout

    def repaint(self, drafts: Sequence[Draft]) -> list[Image]:
        """Foreground and background become one picture, HWC uint8 RGB each."""
        if self.settings.repainter == "sdxl":
            return self._repaint_with_sdxl(drafts)
        return [self._blend(draft) for draft in drafts]

    def _blend(self, draft: Draft) -> Image:
        rng = self.studio.rng(draft.attempt, "repaint")
        return blend(draft.composite, draft.background_image, draft.background, draft.layout, self.settings.blend, rng)

    def _repaint_with_sdxl(self, drafts: Sequence[Draft]) -> list[Image]:
        from vivant.data.repaint.sdxl import RepaintItem

        return self._sdxl.repaint(
            [
                RepaintItem(
                    composite=draft.composite,
                    background_image=draft.background_image,
                    prompt=short_caption([noun for _, noun in draft.named], draft.background.prompt),
                    seed=int(self.studio.rng(draft.attempt, "repaint").integers(2**63)),
                )
                for draft in drafts
            ]
        )

    def caption(self, drafts: Sequence[Draft], images: Sequence[Image]) -> list[Captions]:
        """Short and detailed, from the layout's truth; a model, where one is asked for, writes the detailed one."""
        captions = [self._caption(draft) for draft in drafts]
        if self.settings.captioner == "rules":
            return captions
        nouns = [list(draft.nouns.values()) for draft in drafts]
        return recaption(self._captioner, images, captions, nouns)

    def _caption(self, draft: Draft) -> Captions:
        return caption(
            draft.named,
            draft.layout,
            draft.composite,
            draft.background,
            self.settings.caption,
            self.studio.rng(draft.attempt, "caption"),
        )
