"""Network fillings on tiny models in the layouts of the real ones."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.data.segment.scenes import iou, toy_on_table
from vivant.data.segment.onnx import BIREFNET_INPUT, ISNET_INPUT, NetworkInput, OnnxSegmenter
from vivant.data.segment.rounds import InRounds
from vivant.data.segment.segmenter import build_segmenter
from vivant.errors import ModelError
from vivant.settings.segment import SegmentSettings
from vivant.types import Image, Mask

pytest.importorskip("onnxruntime")


def varint(value: int) -> bytes:
    """Protobuf's base-128 integer."""
    parts = []
    while value > 0x7F:
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*parts, value])


def field(number: int, value: bytes | int) -> bytes:
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def tensor_type(name: str, shape: tuple[int, ...]) -> bytes:
    dims = b"".join(field(1, field(1, size)) for size in shape)
    return field(1, name.encode()) + field(2, field(1, field(1, 1) + field(2, dims)))


def write_redness_model(path: Path, weights: tuple[float, float, float], channels: int = 1) -> None:
    """An ONNX file by hand: one 1x1 convolution over 1x3x1024x1024, in the layout of IS-Net and BiRefNet."""
    values = np.array(weights * channels, dtype=np.float32).tobytes()
    shape = b"".join(field(1, size) for size in (channels, 3, 1, 1))
    kernel = shape + field(2, 1) + field(8, b"kernel") + field(9, values)
    node = field(1, b"picture") + field(1, b"kernel") + field(2, b"matte") + field(4, b"Conv")
    graph = field(1, node) + field(2, b"redness") + field(5, kernel)
    graph += field(11, tensor_type("picture", (1, 3, 1024, 1024)))
    graph += field(12, tensor_type("matte", (1, channels, 1024, 1024)))
    path.write_bytes(field(1, 8) + field(7, graph) + field(8, field(2, 13)))


@pytest.mark.parametrize("layout", [ISNET_INPUT, BIREFNET_INPUT])
def test_network_runs_on_a_picture_that_is_not_square(tmp_path: Path, layout: NetworkInput) -> None:
    write_redness_model(tmp_path / "model.onnx", (4.0, -2.0, -2.0))
    image, truth = toy_on_table(150, 100)
    mask, confidence = OnnxSegmenter("isnet", tmp_path / "model.onnx", layout).with_confidence(image)
    assert mask.shape == (100, 150)
    assert iou(mask, truth) > 0.9
    assert 0.3 < confidence <= 1.0


def test_the_input_is_normalised_as_published(tmp_path: Path) -> None:
    """(pixel - 128) / 256 for IS-Net: a plain picture of 255 gives 127 / 256 times the kernel."""
    write_redness_model(tmp_path / "model.onnx", (1.0, 0.0, 0.0))
    segmenter = OnnxSegmenter("isnet", tmp_path / "model.onnx", ISNET_INPUT)
    picture = np.full((32, 32, 3), 255, dtype=np.uint8)
    assert segmenter._run(picture) == pytest.approx(127 / 256, abs=1e-5)


def test_a_picture_where_nothing_is_seen_stays_empty(tmp_path: Path) -> None:
    write_redness_model(tmp_path / "model.onnx", (0.2, 0.0, 0.0))
    image, _ = toy_on_table(64, 64)
    mask, confidence = OnnxSegmenter("isnet", tmp_path / "model.onnx", ISNET_INPUT).with_confidence(image)
    assert not mask.any()
    assert confidence == 0.0


def test_files_that_are_no_such_model(tmp_path: Path) -> None:
    (tmp_path / "text.onnx").write_text("hello")
    with pytest.raises(ModelError, match=r"text\.onnx"):
        OnnxSegmenter("isnet", tmp_path / "text.onnx", ISNET_INPUT)
    write_redness_model(tmp_path / "two.onnx", (1.0, 0.0, 0.0), channels=2)
    with pytest.raises(ModelError, match="its output has the shape"):
        OnnxSegmenter("isnet", tmp_path / "two.onnx", ISNET_INPUT)(toy_on_table(64, 64)[0])


def test_build_finds_the_file_and_says_what_is_missing(tmp_path: Path) -> None:
    write_redness_model(tmp_path / "isnet-general-use.onnx", (4.0, -2.0, -2.0))
    built = build_segmenter(SegmentSettings(method="isnet", weights=tmp_path))
    assert built.name == "isnet"
    missing = SegmentSettings(method="birefnet", weights=tmp_path)
    with pytest.raises(ModelError, match="BiRefNet-general"):
        build_segmenter(missing)


class Recorder:
    """Calls red what is red, softly, and keeps what it was shown."""

    name = "recorder"

    def __init__(self) -> None:
        self.shown: list[Image] = []

    def __call__(self, image: Image) -> Mask:
        self.shown.append(image)
        red = image[..., 0].astype(np.int32) - image[..., 1] > 60
        return np.where(red, 250, 3).astype(np.uint8)


def test_rounds_look_closer_and_drop_what_the_first_round_dropped() -> None:
    image, truth = toy_on_table()
    recorder = Recorder()
    segmenter = InRounds(recorder, rounds=3)
    mask = segmenter(image)
    assert len(recorder.shown) == 3
    assert recorder.shown[1].shape[0] < image.shape[0]
    assert iou(mask, truth) > 0.95
    assert mask[:5, :5].max() == 0
    corner = recorder.shown[1][:6, :6].astype(np.float64)
    assert corner.std(axis=(0, 1)).max() < 3  # the background is painted over: the grain is gone


class Fickle:
    """Sees the subject once and then something else."""

    name = "fickle"

    def __init__(self, truth: Mask) -> None:
        self._answers = [truth]

    def __call__(self, image: Image) -> Mask:
        if self._answers:
            return self._answers.pop()
        nothing = np.zeros(image.shape[:2], dtype=np.uint8)
        nothing[:3, :3] = 255
        return nothing


def test_a_round_that_loses_the_subject_is_not_believed() -> None:
    image, truth = toy_on_table()
    assert iou(InRounds(Fickle(truth), rounds=3)(image), truth) == 1.0


def test_rounds_of_an_empty_mask() -> None:
    image = np.full((40, 60, 3), 90, dtype=np.uint8)
    mask, confidence = InRounds(build_segmenter(SegmentSettings()), 3).with_confidence(image)
    assert not mask.any()
    assert confidence == 0.0


@pytest.fixture(scope="module")
def tiny_sam(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random SAM of the published layout, a few thousand times smaller."""
    transformers: Any = pytest.importorskip("transformers")
    torch: Any = pytest.importorskip("torch")
    torch.manual_seed(0)
    config = transformers.SamConfig(
        vision_config={
            "hidden_size": 16,
            "output_channels": 8,
            "num_hidden_layers": 1,
            "num_attention_heads": 2,
            "image_size": 64,
            "patch_size": 16,
            "mlp_dim": 16,
            "num_pos_feats": 4,
            "window_size": 2,
            "global_attn_indexes": [0],
        },
        prompt_encoder_config={
            "hidden_size": 8,
            "image_size": 64,
            "patch_size": 16,
            "image_embedding_size": 4,
            "mask_input_channels": 4,
        },
        mask_decoder_config={
            "hidden_size": 8,
            "mlp_dim": 16,
            "num_hidden_layers": 1,
            "num_attention_heads": 2,
            "iou_head_hidden_dim": 8,
        },
    )
    folder = tmp_path_factory.mktemp("sam")
    transformers.SamModel(config).save_pretrained(folder)
    processor = transformers.SamImageProcessorPil(
        size={"longest_edge": 64},
        pad_size={"height": 64, "width": 64},
        mask_size={"longest_edge": 16},
        mask_pad_size={"height": 16, "width": 16},
    )
    processor.save_pretrained(folder)
    return folder


def test_sam_runs_from_a_folder(tiny_sam: Path) -> None:
    image, _ = toy_on_table(120, 90)
    segmenter: Any = build_segmenter(SegmentSettings(method="sam", weights=tiny_sam))
    mask, confidence = segmenter.with_confidence(image)
    assert mask.shape == (90, 120)
    assert set(np.unique(mask)) <= {0, 255}
    assert 0.0 <= confidence <= 1.0
    assert np.array_equal(mask, segmenter(image))


def test_sam_prompt_lies_on_the_subject() -> None:
    pytest.importorskip("transformers")
    from vivant.data.segment.sam import find_prompt

    vote = np.zeros((50, 80), dtype=np.float32)
    vote[10:40, 20:60] = 0.9
    found = find_prompt(vote, width=800, height=500)
    assert found is not None
    box, points = found
    assert box == pytest.approx([200 - 32, 100 - 20, 600 + 32, 400 + 20])
    assert len(points) == 3
    assert all(200 < x < 600 and 100 < y < 400 for x, y in points)
    assert find_prompt(np.zeros_like(vote), 800, 500) is None


def test_sam_that_is_not_there(tmp_path: Path) -> None:
    pytest.importorskip("transformers")
    with pytest.raises(ModelError, match="SAM cannot be loaded"):
        build_segmenter(SegmentSettings(method="sam", weights=tmp_path / "nowhere"))
