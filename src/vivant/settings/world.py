"""Settings of ``vivant world``."""

from __future__ import annotations

from pydantic import Field

from vivant.settings.base import Settings


class WorldSettings(Settings):
    """Scenes of the storybook world, to be written as a data set.

    Attributes:
        count: scenes.
        size: pixels of a side.
        seed: of everything random.
        relations: names to choose from; none for all.
        kinds: kinds of subject to choose from; none for all.
        backdrops: places to choose from; none for all.
        individuals: of each kind, how many there are; every scene is cast from them. 0: each scene has new ones.
        references: portraits of each individual; scenes name them in turn.
    """

    count: int = Field(default=100, ge=1, le=1_000_000)
    size: int = Field(default=512, ge=32, le=2048)
    seed: int = Field(default=0, ge=0)
    relations: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    backdrops: tuple[str, ...] = ()
    individuals: int = Field(default=0, ge=0, le=1000)
    references: int = Field(default=1, ge=1, le=20)
