"""The role and its fillings."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from vivant.settings.segment import SegmentSettings
from vivant.types import Image, Mask


class Segmenter(Protocol):
    """Finds the one subject of a photo.

    Attributes:
        name: as it is recorded in a cutout.
    """

    name: str

    def __call__(self, image: Image) -> Mask:
        """HW uint8 mask, hard or soft, of HWC uint8 RGB."""
        ...


@runtime_checkable
class Confident(Protocol):
    """A segmenter that also knows how sure it is."""

    def with_confidence(self, image: Image) -> tuple[Mask, float]:
        """The mask and a belief in it in [0, 1]."""
        ...


def build_segmenter(settings: SegmentSettings) -> Segmenter:
    """The filling that the settings name, ready to run.

    Raises:
        ModelError: its weights are missing and cannot be fetched, or cannot be read.
        MissingExtraError: its library is not installed.
    """
    from vivant.data.segment.rounds import InRounds

    found = _build(settings)
    return found if settings.rounds == 1 else InRounds(found, settings.rounds)


def _build(settings: SegmentSettings) -> Segmenter:
    from vivant.data.segment.grabcut import GrabCutSegmenter

    if settings.method == "grabcut":
        return GrabCutSegmenter(settings.seed)
    if settings.method == "sam":
        from vivant.data.segment.sam import SamSegmenter

        return SamSegmenter(str(settings.weights or settings.sam_model), settings.device, settings.seed)
    from vivant.data.segment.onnx import BIREFNET_INPUT, ISNET_INPUT, OnnxSegmenter
    from vivant.models.weights import BIREFNET, ISNET, find_weights

    spec, layout = (ISNET, ISNET_INPUT) if settings.method == "isnet" else (BIREFNET, BIREFNET_INPUT)
    path = find_weights(spec, settings.weights, settings.cache, download=settings.download)
    return OnnxSegmenter(settings.method, path, layout, settings.threads)
