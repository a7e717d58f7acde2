"""Segment: a photo becomes a cutout (RGBA) with measures and a verdict. Stage 1 of Gen4Gen (section 3.2)."""

from vivant.data.segment.cutout import segment
from vivant.data.segment.segmenter import Segmenter, build_segmenter
from vivant.data.segment.sheet import contact_sheet

__all__ = ["Segmenter", "build_segmenter", "contact_sheet", "segment"]
