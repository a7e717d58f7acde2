"""Settings of stage 5, repaint: how far `blend` goes in fitting subjects to their background."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from vivant.settings.base import Settings

Strength = Annotated[float, Field(ge=0.0, le=1.0, allow_inf_nan=False)]
"""0 does nothing, 1 goes all the way that the method allows."""


class BlendSettings(Settings):
    """How subjects are fitted to a background photo.

    Every strength at 0 (`BlendSettings.paste()`) pastes the cutouts as they are. The defaults were chosen by eye on
    photos of animals and things in gardens and on painted scenes; they stay well short of 1 where a subject could
    otherwise lose its own colours.

    Attributes:
        exposure: of the difference in brightness between subject and surroundings that is made up, at most
            `exposure_limit`. A black lantern is black by itself, so never all of it.
        exposure_limit: most that exposure may change, in stops. One stop and more shows as a wrong material.
        dimming: of what a subject's highlights exceed the whole scene's by, in stops, that is taken away on top: by
            night nothing is as bright as by day.
        white_balance: of the difference in the colour of the light that is made up.
        contrast: of the difference in tonal range that is made up; also lifts blacks in haze.
        saturation: of the difference in colourfulness that is made up, within narrow limits.
        shading: how much the side towards the light brightens and the other one darkens.
        bounce: tint and dimming from below, by the colour of the ground.
        contact_shadow: darkness of the line where a subject touches what it stands on.
        ambient_shadow: darkness of the wide soft pool around that line.
        cast_shadow: darkness of the shadow thrown over the ground in hard light; overcast light takes most of it away.
        shadow_on_subjects: of a shadow that reaches farther subjects: they stand up, so little of it hits them.
        edge_erosion: pixels (of a 1024-pixel picture) taken off the outline, where the old background clings.
        edge_match: of the background's softness that the outline takes on.
        light_wrap: light from behind that spills over the outline.
        reflection: mirror image below a subject that lies on water.
        water: of the water's colour that lies over a subject under water.
        ground_overlap: how much the ground's own bright texture (grass, gravel) comes in front of the lowest edge.
        grain: of the background's noise that is added where the subject is cleaner.
        sharpness: of the background's local blur that is given to a sharper subject.
        depth_blur: blur of the background above the ground, in pixels of a 1024-pixel picture. 0 leaves the photo as
            it is, which the check of seams and the ablations rely on.
        hard_mask: paste through the hard mask, without any soft edge (the ablation of figure 10).
    """

    exposure: Strength = 0.5
    exposure_limit: float = Field(default=0.9, ge=0.0, le=3.0)
    dimming: Strength = 0.8
    white_balance: Strength = 0.5
    contrast: Strength = 0.4
    saturation: Strength = 0.3
    shading: Strength = 0.35
    bounce: Strength = 0.4
    contact_shadow: Strength = 0.85
    ambient_shadow: Strength = 0.6
    cast_shadow: Strength = 0.6
    shadow_on_subjects: Strength = 0.35
    edge_erosion: float = Field(default=0.8, ge=0.0, le=4.0)
    edge_match: Strength = 0.8
    light_wrap: Strength = 0.3
    reflection: Strength = 0.45
    water: Strength = 0.35
    ground_overlap: Strength = 0.5
    grain: Strength = 0.9
    sharpness: Strength = 0.8
    depth_blur: float = Field(default=0.0, ge=0.0, le=8.0)
    hard_mask: bool = False

    @classmethod
    def paste(cls, *, hard_mask: bool = False) -> BlendSettings:
        """No fitting at all: the ablation that every other setting is compared with."""
        zero = {name: 0.0 for name, field in cls.model_fields.items() if field.annotation is not bool}
        return cls.model_validate(zero | {"hard_mask": hard_mask})
