"""Settings that the recipes for subjects share: Custom Diffusion, DreamBooth, Textual Inversion."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BeforeValidator, Field

from vivant.settings.generate import Pixels
from vivant.settings.training import TrainSettings


def _names(value: Any) -> Any:
    """ "cat, dog" -> ("cat", "dog")."""
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _table(value: Any) -> Any:
    """ "cat=<v1>, dog=<v2>" -> {"cat": "<v1>", "dog": "<v2>"}."""
    if not isinstance(value, str):
        return value
    pairs = [part.partition("=") for part in value.split(",") if part.strip()]
    if not all(equals and name.strip() and token.strip() for name, equals, token in pairs):
        raise ValueError("write NAME=<token>, several with commas between")
    return {name.strip(): token.strip() for name, _, token in pairs}


class TrainConceptSettings(TrainSettings):
    """How subjects are learned.

    Attributes:
        base: a name ("pocket", "sdxl", "sd15"), a folder in the diffusers layout, or a hub id.
        steps: of the optimiser, in all; raise it to go on with a finished run. 0 takes as many as published.
        lr: learning rate of Adam, constant; 0 takes what is published, or more for a small base.
        only: names of the subjects to learn, with commas between; not given, all.
        tokens: the word for a subject, as cat=<v1>,dog=<v2>; not given, <cat>, or what a list of concepts says.
        with_photos: learn from the subjects' own photos beside the scenes of a composed set.
        prompting: the parts of Gen4Gen's section 3.4: none, or all. The next four override it, each for itself.
        composition_token: say <scene> of a whole arrangement.
        repeat_tokens: name every subject again at the end.
        state_background: say where a scene is; without, its background is taken out of the captions.
        captions: which caption of a scene is used; mixed is now the short and now the detailed one.
        width, height: pixels; not given, the base's own.
        variations: versions of each picture that are prepared, and encoded once.
        resize: make a picture smaller or larger and say so, as Custom Diffusion does (section 3.3).
        flip: chance of a photo to be mirrored; scenes never are, for captions say left and right.
        prior_weight: of the loss on pictures of the class (prior preservation); 0 leaves them out.
        prior_pictures: of each class.
        regularisation: a folder of them, a folder a class; what is missing is drawn by the base and put there. Not
            given, the run's own folder.
        held_out: so many pictures at the end are kept from training, to score it on; 0 scores it on variations of all
            pictures that are not trained on.
        validate_every: steps between two scores and grids of pictures; 0 is never.
        grid: prompts that are drawn for a grid; 0 draws none.
    """

    OPEN: ClassVar[frozenset[str]] = TrainSettings.OPEN | {"grid"}

    base: str = Field("pocket", min_length=1)
    steps: int = Field(0, ge=0, le=1_000_000)
    lr: float = Field(0.0, ge=0.0, le=1.0, allow_inf_nan=False)
    only: Annotated[tuple[str, ...] | None, BeforeValidator(_names)] = None
    tokens: Annotated[dict[str, str] | None, BeforeValidator(_table)] = None
    with_photos: bool = False
    prompting: Literal["plain", "gen4gen"] = "plain"
    composition_token: bool | None = None
    repeat_tokens: bool | None = None
    state_background: bool | None = None
    captions: Literal["short", "detailed", "mixed"] | None = None
    width: Pixels | None = None
    height: Pixels | None = None
    variations: int = Field(4, ge=1, le=1000)
    resize: bool = True
    flip: float = Field(0.5, ge=0.0, le=1.0, allow_inf_nan=False)
    prior_weight: float = Field(1.0, ge=0.0, le=100.0, allow_inf_nan=False)
    prior_pictures: int = Field(70, ge=1, le=10_000)
    regularisation: str | None = Field(None, min_length=1)
    held_out: int = Field(0, ge=0, le=1000)
    validate_every: int = Field(100, ge=0)
    grid: int = Field(4, ge=0, le=100)

    def part(self, name: Literal["composition_token", "repeat_tokens", "state_background"]) -> bool:
        """Whether a part of section 3.4 is used: what is said of it, else what the preset says."""
        said: bool | None = getattr(self, name)
        return self.prompting == "gen4gen" if said is None else said

    @property
    def which_captions(self) -> Literal["short", "detailed", "mixed"]:
        """As said, else as the preset has it."""
        return self.captions or ("mixed" if self.prompting == "gen4gen" else "short")

    def resolved(self, steps: int, lr: float) -> Self:
        """With what a recipe does where nothing is said."""
        return self.model_copy(update={"steps": self.steps or steps, "lr": self.lr or lr})
