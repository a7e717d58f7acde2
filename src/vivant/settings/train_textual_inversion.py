"""Settings of ``vivant train textual-inversion``."""

from __future__ import annotations

from pydantic import Field

from vivant.settings.train_concepts import TrainConceptSettings


class TrainTextualInversionSettings(TrainConceptSettings):
    """How Textual Inversion learns subjects: words alone, which stand for the subject without its noun.

    Attributes:
        start: what a token starts as: its noun, a rare one, or these words.
        vectors: of each token; more hold more, and take as many tokens of a prompt.
        prior_weight: of the loss on pictures of the class; 0, for words alone make a base forget nothing.
    """

    start: str = Field("noun", min_length=1)
    vectors: int = Field(1, ge=1, le=32)
    prior_weight: float = Field(0.0, ge=0.0, le=100.0, allow_inf_nan=False)
