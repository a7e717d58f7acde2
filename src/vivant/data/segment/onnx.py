"""Saliency networks as ONNX files, run directly: IS-Net (the paper's) and BiRefNet (newer)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from vivant.data.segment.masks import decisiveness
from vivant.errors import MissingExtraError, ModelError
from vivant.types import Image, Mask


@dataclass(frozen=True)
class NetworkInput:
    """How a network wants its picture and what it gives back.

    Attributes:
        side: pixels a side; the picture is stretched to a square.
        mean, deviation: subtracted from and divided out of RGB in [0, 1].
        logits: whether the output still has to go through a sigmoid.
    """

    side: int
    mean: tuple[float, float, float]
    deviation: tuple[float, float, float]
    logits: bool


ISNET_INPUT = NetworkInput(1024, (128 / 255,) * 3, (256 / 255,) * 3, logits=False)
"""(pixel - 128) / 256."""
BIREFNET_INPUT = NetworkInput(1024, (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), logits=True)
"""ImageNet statistics."""


class OnnxSegmenter:
    """A saliency network in an ONNX file.

    Args:
        name: recorded in cutouts.
        path: the file.
        layout: its input and output.
        threads: of onnxruntime.

    Raises:
        MissingExtraError: onnxruntime is not installed.
        ModelError: the file is no ONNX model or not of this layout.
    """

    def __init__(self, name: str, path: Path, layout: NetworkInput, threads: int = 1) -> None:
        try:
            import onnxruntime
        except ImportError as error:
            raise MissingExtraError("onnxruntime", "onnx", f"segmenting with {name}") from error
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 3
        try:
            self._session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime raises a dozen classes of its own for an unusable file
            raise ModelError(f"{path}: cannot be loaded as an ONNX model ({error})") from error
        self.name = name
        self._path = path
        self._layout = layout
        self._input = self._session.get_inputs()[0].name
        self._output = self._session.get_outputs()[0].name

    def __call__(self, image: Image) -> Mask:
        """HW uint8 soft mask of HWC uint8 RGB."""
        return self.with_confidence(image)[0]

    def with_confidence(self, image: Image) -> tuple[Mask, float]:
        """The soft mask, and how decided it is over the subject: 1 where all is solid, 0 where all is mid grey.

        The output is stretched to the whole of [0, 1], as it is published; only a picture in which the network sees
        nothing at all stays empty.
        """
        output = self._run(image)
        if output.max() < 0.5:
            return np.zeros(image.shape[:2], dtype=np.uint8), 0.0
        stretched = (output - output.min()) / max(float(np.ptp(output)), 1e-6)
        height, width = image.shape[:2]
        resized = np.clip(cv2.resize(stretched, (width, height), interpolation=cv2.INTER_CUBIC), 0.0, 1.0)
        mask = np.round(resized * 255).astype(np.uint8)
        return mask, decisiveness(mask)

    def _run(self, image: Image) -> npt.NDArray[np.float32]:
        layout = self._layout
        square = cv2.resize(image, (layout.side, layout.side), interpolation=cv2.INTER_AREA).astype(np.float32) / 255.0
        pixels = (square - np.array(layout.mean)) / np.array(layout.deviation)
        feed = {self._input: np.ascontiguousarray(pixels.transpose(2, 0, 1)[None], dtype=np.float32)}
        try:
            output = np.asarray(self._session.run([self._output], feed)[0], dtype=np.float32)
        except Exception as error:  # as above: a model of another layout
            raise ModelError(f"{self._path}: cannot run as {self.name} ({error})") from error
        if output.ndim != 4 or output.shape[:2] != (1, 1):
            raise ModelError(f"{self._path}: is not a {self.name} model: its output has the shape {output.shape}")
        values = output[0, 0]
        if layout.logits:
            values = (1.0 / (1.0 + np.exp(-np.clip(values, -30, 30)))).astype(np.float32)
        return np.asarray(values, dtype=np.float32)
