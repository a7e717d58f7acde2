"""The judge as others use it: pictures in, probabilities and features out. It scores, and nothing trains against it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vivant.errors import ModelError, StoreError
from vivant.files import read_json, write_bytes, write_json
from vivant.pocket.crops import cut, fit_size, inside, square, to_unit
from vivant.pocket.judge.model import CROP, MARGIN, PICTURE, JudgeConfig, JudgeNetworks

CONFIG, WEIGHTS, CLIP = "config.json", "model.safetensors", "clip"
BATCH = 64

Pictures = NDArray[np.uint8]
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Reading:
    """What the judge sees in N pictures; every row of a softmax sums to one.

    Attributes:
        kinds: [N, kinds] probability that one of this kind is there, each for itself.
        relation: [N, relations], a softmax.
        background: [N, backgrounds], a softmax.
        count: [N, most], a softmax; entry i stands for i + 1 subjects.
    """

    kinds: Floats
    relation: Floats
    background: Floats
    count: Floats

    def subjects(self) -> NDArray[np.int64]:
        """The likeliest number of subjects, [N]."""
        return np.asarray(self.count.argmax(axis=1) + 1)

    def at(self, rows: NDArray[np.int64]) -> Reading:
        """The reading of some of the pictures."""
        return Reading(self.kinds[rows], self.relation[rows], self.background[rows], self.count[rows])


class Judge:
    """Reads scenes, tells individuals apart, and scores text against pictures with a CLIP of its own.

    Identity on a picture that somebody generated: there is no truth to crop by, so give the boxes of a detector (the
    pocket OWL-ViT with the subjects' nouns as queries, best box a subject), or [0, 0, 1, 1] for a picture of one large
    subject. References go through the same function with their own boxes; compare by dot product.
    """

    def __init__(self, networks: JudgeNetworks, device: torch.device, clip: Path | None = None) -> None:
        self.networks = networks.to(device=device, memory_format=torch.channels_last).float().eval()
        self.config = networks.config
        self.device = device
        self._clip_folder = clip
        self._clip: tuple[Any, Any] | None = None

    @classmethod
    def load(cls, folder: Path, device: torch.device | str = "cpu") -> Judge:
        """From the folder that `save_judge` wrote.

        Raises:
            ModelError: the folder holds no judge, or its weights do not fit its configuration.
        """
        from safetensors import SafetensorError
        from safetensors.torch import load_file

        try:
            networks = JudgeNetworks(JudgeConfig.read(read_json(folder / CONFIG)))
            networks.load_state_dict(load_file(folder / WEIGHTS))
        except (OSError, TypeError, RuntimeError, StoreError, SafetensorError) as error:
            reason = str(error).splitlines()[0]
            raise ModelError(f"{folder}: no judge can be read here ({reason}): train its stage again") from error
        return cls(networks, torch.device(device), folder / CLIP)

    def read(self, pictures: Pictures) -> Reading:
        """Kinds, relation, background and number of subjects of uint8 pictures [N, H, W, 3], square, of any size."""
        scene = self.networks.scene

        def rows(part: Tensor) -> tuple[Tensor, ...]:
            logits = scene(fit_size(to_unit(part), PICTURE))
            softened = (value.softmax(dim=1) for value in (logits.relation, logits.background, logits.count))
            return (logits.kinds.sigmoid(), *softened)

        return Reading(*self._batches(rows, pictures))

    def identities(self, pictures: Pictures, boxes: Floats) -> Floats:
        """Identity features of one subject a picture.

        Args:
            pictures: uint8 [M, H, W, 3], square, of any size; repeat a picture for each of its subjects.
            boxes: [M, 4] x0, y0, x1, y1 in [0, 1].

        Returns:
            [M, features] of length one: a dot product of two is their likeness, -1 to 1.
        """
        network = self.networks.identity

        def rows(part: Tensor, boxes: Tensor) -> tuple[Tensor, ...]:
            regions = square(boxes, MARGIN)
            crops = cut(fit_size(to_unit(part), PICTURE), regions, CROP)
            return (network(crops, inside(boxes, regions, CROP)),)

        return self._batches(rows, pictures, boxes.astype(np.float32))[0]

    def clip_pictures(self, pictures: Pictures) -> Floats:
        """Features of the judge's own CLIP, length one, [N, projection]."""
        from vivant.pocket.judge.clip import picture_features

        model, _ = self._load_clip()
        return self._batches(lambda part: (picture_features(model, to_unit(part)),), pictures)[0]

    def clip_texts(self, texts: Sequence[str]) -> Floats:
        """Features of the judge's own CLIP, length one, [N, projection]."""
        from vivant.pocket.judge.clip import text_features

        model, tokenizer = self._load_clip()
        with torch.inference_mode():
            parts = [text_features(model, tokenizer, texts[i : i + BATCH]) for i in range(0, len(texts), BATCH)]
            return np.concatenate([part.cpu().numpy() for part in parts])

    def _batches(self, rows: Callable[..., tuple[Tensor, ...]], *arrays: NDArray[Any]) -> tuple[Floats, ...]:
        with torch.inference_mode():
            parts = [tuple(value.cpu().numpy() for value in rows(*part)) for part in self._parts(arrays)]
        return tuple(np.concatenate(column) for column in zip(*parts, strict=True))

    def _parts(self, arrays: tuple[NDArray[Any], ...]) -> Iterator[tuple[Tensor, ...]]:
        for start in range(0, len(arrays[0]), BATCH):
            taken = (np.ascontiguousarray(array[start : start + BATCH]) for array in arrays)
            yield tuple(torch.from_numpy(part).to(self.device) for part in taken)

    def _load_clip(self) -> tuple[Any, Any]:
        if self._clip is None:
            from transformers import CLIPModel, CLIPTokenizer

            if self._clip_folder is None or not self._clip_folder.is_dir():
                raise ModelError(f"{self._clip_folder}: the judge's CLIP is not there: train the judge's stage")
            model = CLIPModel.from_pretrained(self._clip_folder, dtype=torch.float32).to(self.device).eval()
            self._clip = model, CLIPTokenizer.from_pretrained(self._clip_folder)
        return self._clip


def save_judge(networks: JudgeNetworks, folder: Path) -> None:
    """Write `config.json` and `model.safetensors`: matrices in fp16, the rest (norms, biases) in float32."""
    from safetensors.torch import save

    state = {
        name: (value.half() if value.ndim >= 2 else value).contiguous().cpu()
        for name, value in networks.state_dict().items()
    }
    write_bytes(folder / WEIGHTS, save(state, metadata={"format": "pt"}))
    write_json(folder / CONFIG, asdict(networks.config))
