"""The values that stages pass to each other: frozen, validated, with their units.

Pictures are HWC uint8 RGB, cutouts HWC uint8 RGBA with straight (not premultiplied) alpha, masks HW uint8 with
0 outside and 255 inside. Boxes are fractions of the picture: x0, y0 is the top left corner, x1, y1 the bottom right.
"""

from vivant.types.base import NOWHERE, WHOLE, Box, Image, Mask, Record, Support, Unit
from vivant.types.scene import Scene, SceneSubject
from vivant.types.stages import (
    Background,
    Composite,
    Cutout,
    CutoutQuality,
    Layer,
    Layout,
    Placement,
    Subject,
)
from vivant.types.triplet import Keypoints, Triplet, TripletSubject

__all__ = [
    "NOWHERE",
    "WHOLE",
    "Background",
    "Box",
    "Composite",
    "Cutout",
    "CutoutQuality",
    "Image",
    "Keypoints",
    "Layer",
    "Layout",
    "Mask",
    "Placement",
    "Record",
    "Scene",
    "SceneSubject",
    "Subject",
    "Support",
    "Triplet",
    "TripletSubject",
    "Unit",
]
