"""Settings of the check (stage 7): below which score a scene is a reject."""

from __future__ import annotations

from pydantic import Field

from vivant.settings.base import Settings


class CheckSettings(Settings):
    """Least scores, 0 to 1, where 1 is faultless. The defaults were set on planted faults (docs/check.md)."""

    structure: float = Field(default=0.85, ge=0.0, le=1.0)
    """Edges and texture of a subject where its cutout has them."""

    detail: float = Field(default=0.4, ge=0.0, le=1.0)
    """A subject about as sharp, and as free of noise, as its cutout."""

    colour: float = Field(default=0.65, ge=0.0, le=1.0)
    """A subject's colours after exposure and a limited white balance."""

    visible: float = Field(default=0.4, ge=0.0, le=1.0)
    """Share of a subject that nearer ones leave to be seen."""

    area: float = Field(default=0.0015, ge=0.0, le=1.0)
    """Share of the picture that a subject must fill to count as being there: 40 x 40 pixels at 1024 x 1024."""

    place: float = Field(default=0.5, ge=0.0, le=1.0)
    """0 for a layout with faults, 1 without: any limit above 0 refuses faults, 0 lets them pass."""

    seam: float = Field(default=0.5, ge=0.0, le=1.0)
    """Outlines without halo and no harder than a lens draws them."""

    exposure: float = Field(default=0.5, ge=0.0, le=1.0)
    """Subjects neither burnt out nor sunk in darkness beside their background."""
