"""Pictures, boxes and what all records share."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field, model_serializer, model_validator

Image = npt.NDArray[np.uint8]
"""HWC uint8, RGB or RGBA."""
Mask = npt.NDArray[np.uint8]
"""HW uint8, 0 outside, 255 inside, anything between where an edge is soft."""

Support = Literal["ground", "table", "wall", "air", "water"]
"""What a thing rests on or is held by in a photograph."""

Unit = Annotated[float, Field(ge=0.0, le=1.0, allow_inf_nan=False)]


class Record(BaseModel):
    """Base of everything that is written to disk: frozen, and an unknown field is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Box(Record):
    """A rectangle in fractions of the picture, written as ``[x0, y0, x1, y1]``.

    Raises:
        ValueError: a coordinate outside [0, 1], or x1 < x0, or y1 < y0. A zero-area box is valid and covers nothing.
    """

    x0: Unit
    y0: Unit
    x1: Unit
    y1: Unit

    @model_validator(mode="before")
    @classmethod
    def _from_sequence(cls, value: Any) -> Any:
        if isinstance(value, list | tuple):
            if len(value) != 4:
                raise ValueError(f"a box has four numbers x0, y0, x1, y1, not {len(value)}")
            return dict(zip(("x0", "y0", "x1", "y1"), value, strict=True))
        return value

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.x1 < self.x0 or self.y1 < self.y0:
            raise ValueError(f"a box goes from top left to bottom right, not {self.as_tuple()}")
        return self

    @model_serializer
    def as_tuple(self) -> tuple[float, float, float, float]:
        """x0, y0, x1, y1."""
        return (self.x0, self.y0, self.x1, self.y1)

    @property
    def width(self) -> float:
        """Fraction of the picture's width."""
        return self.x1 - self.x0

    @property
    def height(self) -> float:
        """Fraction of the picture's height."""
        return self.y1 - self.y0

    @property
    def area(self) -> float:
        """Fraction of the picture's area."""
        return self.width * self.height

    @property
    def centre(self) -> tuple[float, float]:
        """x, y of the middle."""
        return (self.x0 + self.x1) / 2, (self.y0 + self.y1) / 2

    def overlap(self, other: Box) -> float:
        """Area of the intersection, as a fraction of the picture."""
        width = min(self.x1, other.x1) - max(self.x0, other.x0)
        height = min(self.y1, other.y1) - max(self.y0, other.y0)
        return max(0.0, width) * max(0.0, height)

    def pixels(self, width: int, height: int) -> tuple[int, int, int, int]:
        """Left, top, right, bottom in whole pixels of a picture of that size, rounded to the nearest."""
        return (
            round(self.x0 * width),
            round(self.y0 * height),
            round(self.x1 * width),
            round(self.y1 * height),
        )


WHOLE = Box(x0=0.0, y0=0.0, x1=1.0, y1=1.0)
"""All of a picture."""
NOWHERE = Box(x0=0.0, y0=0.0, x1=0.0, y1=0.0)
"""Nothing of it."""
