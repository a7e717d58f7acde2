"""Settings of ``vivant train custom-diffusion``."""

from __future__ import annotations

from pydantic import Field

from vivant.settings.train_concepts import TrainConceptSettings


class TrainCustomDiffusionSettings(TrainConceptSettings):
    """How Custom Diffusion learns subjects: keys and values of the text, and a word each (Gen4Gen, section 10).

    Attributes:
        start: what a token starts as: a rare one, its noun, or these words.
        token_lr: learning rate of the tokens; not given, that of keys and values, or more for a small base.
        weight_decay: of Adam, decoupled, on keys and values; tokens are never pulled anywhere.
    """

    start: str = Field("rare", min_length=1)
    token_lr: float | None = Field(None, gt=0.0, le=1.0, allow_inf_nan=False)
    weight_decay: float = Field(0.01, ge=0.0, allow_inf_nan=False)
