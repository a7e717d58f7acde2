"""Where a scene is acted: puppets are posed, then painted layer by layer, with props between the layers."""

from __future__ import annotations

import random
from collections.abc import Sequence

from vivant.world.cast import Individual
from vivant.world.figure import LAYERS, draw_figure
from vivant.world.puppet import Puppet, standing_height
from vivant.world.sketch import PARTS, Colour, Paint, Point, Sketch, extent

_MARGIN = 0.012
_HEIGHTS = {1: 0.8, 2: 0.68, 3: 0.56, 4: 0.5, 5: 0.45}
"""Height of a figure of usual build by the number of subjects, fraction of the picture."""


class Stage:
    """One performance: the cast, the ground, and what has been painted so far.

    Args:
        cast: who acts, in the order of the sentence.
        ground: y of the soles, fraction of the picture.
        rng: every variation of pose and prop comes from it.

    Attributes:
        side: 1 or -1: which way the action faces; relations are written for 1, `at` and `stand` mirror them.
        sketch: all that has been painted.
        puppets: by index in the cast, once posed.
        owned: what each subject has had painted, for its whole silhouette.
        shadows: x, y and half-width of each soft shadow on the ground.
        camera: scale, dx and dy that `keep_inside` has moved everything by.
    """

    def __init__(self, cast: Sequence[Individual], ground: float, rng: random.Random) -> None:
        self.cast = tuple(cast)
        self.ground = ground
        self.rng = rng
        self.side = 1.0 if rng.random() < 0.5 else -1.0
        self.centre = 0.5 + rng.uniform(-0.05, 0.05)
        self.zoom = rng.uniform(0.92, 1.06)
        self.sketch = Sketch()
        self.puppets: dict[int, Puppet] = {}
        self.owned: dict[int, Sketch] = {}
        self.shadows: list[tuple[float, float, float]] = []
        self.camera = (1.0, 0.0, 0.0)
        self._layers: dict[int, dict[str, Sketch]] = {}

    def at(self, dx: float) -> float:
        """x of a place that is ``dx`` (fraction of the picture, before the zoom) from the middle of the action."""
        return self.centre + self.side * dx * self.zoom

    def height(self, index: int) -> float:
        """How tall that figure stands in this picture."""
        return _HEIGHTS[len(self.cast)] * self.zoom * self.cast[index].build.height

    def jitter(self, spread: float) -> float:
        """A small variation, evenly within plus and minus ``spread``."""
        return self.rng.uniform(-spread, spread)

    def stand(
        self, index: int, dx: float, facing: float = 0.0, *, lean: float = 0.0, tilt: float = 0.0, scale: float = 1.0
    ) -> Puppet:
        """A figure that stands on the ground, arms hanging; pose it on with `reach`, `arm`, `step`.

        Args:
            index: in the cast.
            dx: from the middle of the action, towards the side that it faces.
            facing: -1 to 1 in the action's direction.
            lean, tilt: of torso and head, in the action's direction, radians.
            scale: of its height.
        """
        height = self.height(index) * scale
        hips = self.ground - standing_height(self.cast[index].build) * height
        return self.place(index, dx, hips, facing, lean=lean, tilt=tilt, scale=scale)

    def place(
        self,
        index: int,
        dx: float,
        hips: float,
        facing: float = 0.0,
        *,
        lean: float = 0.0,
        tilt: float = 0.0,
        scale: float = 1.0,
    ) -> Puppet:
        """A figure whose hips are at that y: sitting, lifted, lying. Otherwise as `stand`."""
        puppet = Puppet(
            self.cast[index].build,
            self.at(dx),
            hips,
            self.height(index) * scale,
            facing * self.side,
            lean * self.side,
            tilt * self.side,
        )
        self.puppets[index] = puppet
        return puppet

    def shadow(self, x: float, half_width: float, y: float | None = None) -> None:
        """A soft shadow on the ground."""
        self.shadows.append((x, self.ground if y is None else y, half_width))

    def paint(self, index: int, *layers: str) -> None:
        """Paint layers of a posed figure now, above all that is painted already; no names: all layers in their order.

        The pose is read at the first call for that figure.
        """
        if index not in self._layers:
            self._layers[index] = draw_figure(self.cast[index], self.puppets[index], owner=index + 1)
            self.owned[index] = Sketch()
        for layer in layers or LAYERS:
            self.sketch.extend(self._layers[index][layer])
            self.owned[index].extend(self._layers[index][layer])

    def paint_except(self, index: int, *layers: str) -> None:
        """All layers but those named, in their order."""
        self.paint(index, *(layer for layer in LAYERS if layer not in layers))

    def keep_inside(self) -> None:
        """Shift, and where that is not enough shrink, everything so that no tail or hat leaves the picture."""
        x0, y0, x1, y1 = extent(self.sketch)
        low, high = _MARGIN, 1.0 - _MARGIN
        if low <= min(x0, y0) and max(x1, y1) <= high:
            return
        scale = min(1.0, (high - low) / (x1 - x0), (high - low) / (y1 - y0))
        # The ground stays where it is unless that pushes somebody out.
        dx, dy = self.centre * (1.0 - scale), self.ground * (1.0 - scale)
        dx += max(0.0, low - (x0 * scale + dx)) - max(0.0, x1 * scale + dx - high)
        dy += max(0.0, low - (y0 * scale + dy)) - max(0.0, y1 * scale + dy - high)
        self.camera = (scale, dx, dy)
        for sketch in (self.sketch, *self.owned.values()):
            sketch.move(scale, dx, dy)
        self.shadows = [(x * scale + dx, y * scale + dy, half * scale) for x, y, half in self.shadows]

    def prop(self, colour: Colour, part: int = 1) -> Paint:
        """Paint for a thing of the scene; parts 1 to 31 have ink lines between them."""
        return Paint(*colour, part % PARTS)

    def between(self, one: Point, other: Point, share: float = 0.5) -> Point:
        """The point that far on the way."""
        return (one[0] + (other[0] - one[0]) * share, one[1] + (other[1] - one[1]) * share)
