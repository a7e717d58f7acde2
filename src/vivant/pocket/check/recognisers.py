"""The recognisers on fresh true scenes: the judge, the autoencoder, OWL-ViT, ViTPose, both CLIPs, DINO."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from vivant.evaluation.statistics import bootstrapped, pooled, proportion
from vivant.pocket import dino, owlvit, vitpose
from vivant.pocket.check.material import LOOKALIKES, Portraits, Scenes, lookalikes, portraits
from vivant.pocket.check.report import Row, row
from vivant.pocket.check.text_to_image import verdict
from vivant.pocket.crops import cut, square, to_unit
from vivant.pocket.judge import Judge
from vivant.pocket.measures import Found, average_precision, match, mean_average_precision
from vivant.world import KINDS, Individual

CROWD = 20
"""Individuals that one has to be told from, itself counted."""
CAPTIONS = 50
"""Captions that a picture has to find its own among."""
NEIGHBOURS = 5
VAE_BATCH = 32

Floats = NDArray[np.float32]


def judge_rows(judge: Judge, scenes: Scenes, seed: int) -> list[Row]:
    """Relation, kinds, background, number of subjects; identity among 20 of any kind and of the same."""
    reading = judge.read(scenes.pictures)
    right = verdict(judge, reading, scenes.scripts)
    config = judge.config
    found = [
        row("judge", "relation right", proportion(right.relation), chance=1 / len(config.relations), target=0.97),
        row("judge", "kinds right", proportion(right.kinds), chance=_chance(judge, scenes)),
        row("judge", "background right", proportion(right.background), chance=1 / len(config.backgrounds)),
        row("judge", "number of subjects right", proportion(right.count), chance=1 / config.most),
    ]
    return found + _identity_rows(judge, scenes, seed)


def _chance(judge: Judge, scenes: Scenes) -> float:
    """Kinds of the next scene but ten, taken for this one's."""
    scripts = [*scenes.scripts[10:], *scenes.scripts[:10]]
    return float(verdict(judge, judge.read(scenes.pictures), scripts).kinds.mean())


def _identity_rows(judge: Judge, scenes: Scenes, seed: int) -> list[Row]:
    everyone = [scenes.individual(subject) for subject in scenes.subjects]
    asked = judge.identities(scenes.pictures[scenes.owners], scenes.boxes)
    own = _features(judge, portraits(everyone, f"{seed}/own"))
    others = lookalikes(seed)
    crowd = [one for kind in others.values() for one in kind]
    theirs = _features(judge, portraits(crowd, f"{seed}/others"))
    likeness = (asked * own).sum(axis=1)
    right = {"any": _first(likeness, asked, theirs, _any_kind(len(everyone), len(crowd), seed))}
    right["same"] = _first(likeness, asked, theirs, _same_kind(everyone, list(others), seed))
    return [
        row("judge", f"identity top-1 of {CROWD}", proportion(right["any"]), chance=1 / CROWD, target=0.97),
        row("judge", f"identity top-1 of {CROWD} of the same kind", proportion(right["same"]), chance=1 / CROWD),
    ]


def _features(judge: Judge, shown: Portraits) -> Floats:
    return judge.identities(shown.pictures, shown.boxes)


def _any_kind(count: int, crowd: int, seed: int) -> NDArray[np.int64]:
    """Nineteen others for each, by number in the crowd: [count, 19]."""
    rng = random.Random(f"check/{seed}/any")
    return np.array([rng.sample(range(crowd), CROWD - 1) for _ in range(count)])


def _same_kind(everyone: Sequence[Individual], kinds: Sequence[str], seed: int) -> NDArray[np.int64]:
    """Nineteen of the own kind for each, by number in the crowd: [count, 19]."""
    rng = random.Random(f"check/{seed}/same")
    firsts = (kinds.index(one.kind) * LOOKALIKES for one in everyone)
    return np.array([rng.sample(range(first, first + LOOKALIKES), CROWD - 1) for first in firsts])


def _first(likeness: Floats, asked: Floats, theirs: Floats, rivals: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether each is more like its own portrait than like any of its rivals'."""
    against = np.einsum("nd,nrd->nr", asked, theirs[rivals])
    return np.asarray(likeness > against.max(axis=1))


def vae_rows(folder: Path, scenes: Scenes, device: torch.device, seed: int) -> list[Row]:
    """PSNR of scenes encoded and decoded; one colour for the whole picture is the chance level."""
    from diffusers import AutoencoderKL

    vae = AutoencoderKL.from_pretrained(folder, torch_dtype=torch.float32).to(device).eval()
    parts = []
    for start in range(0, len(scenes.pictures), VAE_BATCH):
        shown = to_unit(torch.from_numpy(scenes.pictures[start : start + VAE_BATCH]).to(device))
        with torch.inference_mode():
            again = vae.decode(vae.encode(shown * 2.0 - 1.0).latent_dist.mode()).sample / 2.0 + 0.5
        parts.append((again.clamp(0.0, 1.0) * 255.0).round().cpu().numpy().transpose(0, 2, 3, 1))
    values = psnr(np.concatenate(parts), scenes.pictures)
    flat = np.broadcast_to(scenes.pictures.mean(axis=(1, 2), keepdims=True), scenes.pictures.shape)
    estimate = bootstrapped(len(values), lambda rows: float(values[rows].mean()), seed)
    chance = float(psnr(flat, scenes.pictures).mean())
    return [row("base/vae", "PSNR", estimate, unit="dB", chance=chance, target=28.0)]


def psnr(pictures: NDArray[Any], truth: NDArray[Any]) -> NDArray[np.float64]:
    """Peak signal-to-noise ratio in dB of each of N pictures with values 0..255."""
    error = np.square(pictures.astype(np.float64) - truth.astype(np.float64)).mean(axis=(1, 2, 3))
    return np.asarray(10.0 * np.log10(255.0**2 / np.maximum(error, 1e-9)))


def owlvit_rows(folder: Path, scenes: Scenes, device: torch.device, seed: int) -> list[Row]:
    """AP50 over kinds, every kind a query in every picture; the boxes of another picture are the chance level."""
    from transformers import OwlViTForObjectDetection, OwlViTProcessor

    model = OwlViTForObjectDetection.from_pretrained(folder, dtype=torch.float32).to(device).eval()
    processor = OwlViTProcessor.from_pretrained(folder)
    kinds = list(KINDS)
    queries = [owlvit.query(kind) for kind in kinds]
    found = owlvit.detect(model, processor, scenes.pictures, queries, threshold=0.01)

    def matched(shift: int) -> list[list[Found]]:
        return [_matches(one, scenes, (index + shift) % len(found), kinds) for index, one in enumerate(found)]

    elsewhere = matched(len(kinds) + 1)
    chances = [average_precision([line[kind] for line in elsewhere]) for kind in range(len(kinds))]
    estimate = mean_average_precision(matched(0), seed)
    return [row("owlvit", "AP50, mean over kinds", estimate, unit="", chance=float(np.nanmean(chances)), target=0.8)]


def _matches(found: owlvit.Detections, scenes: Scenes, scene: int, kinds: Sequence[str]) -> list[Found]:
    cast, boxes = scenes.scripts[scene].cast, scenes.tableaux[scene].boxes
    table = []
    for index, kind in enumerate(kinds):
        mine, theirs = found.labels == index, np.array([one.kind == kind for one in cast])
        table.append(match(found.boxes[mine], found.scores[mine], boxes[theirs]))
    return table


def vitpose_rows(folder: Path, scenes: Scenes, device: torch.device, seed: int) -> list[Row]:
    """PCK@0.1 of visible points with the true boxes; the mean pose in the box is the chance level."""
    from transformers import VitPoseForPoseEstimation

    model = VitPoseForPoseEstimation.from_pretrained(folder, dtype=torch.float32).to(device).eval()
    found = vitpose.locate(model, scenes.pictures[scenes.owners], scenes.boxes)
    corner, side = scenes.boxes[:, None, :2], scenes.boxes[:, None, 2:] - scenes.boxes[:, None, :2]
    seen = scenes.keypoints[..., 2:]
    places = (scenes.keypoints[..., :2] - corner) / side
    mean = (places * seen).sum(axis=0) / np.maximum(seen.sum(axis=0), 1.0)
    chance = pooled(vitpose.pck(mean * side + corner, scenes.keypoints, scenes.boxes), seed)
    estimate = pooled(vitpose.pck(found, scenes.keypoints, scenes.boxes), seed)
    name = "PCK@0.1 of the box's longer side, visible points"
    return [row("vitpose", name, estimate, unit="", chance=chance.value, target=0.9)]


def retrieval(
    pictures: Callable[[NDArray[np.uint8]], Floats], texts: Callable[[Sequence[str]], Floats], scenes: Scenes
) -> NDArray[np.bool_]:
    """Whether each picture is nearest to its own caption among 50; the last, incomplete group is left out."""
    seen, read = pictures(scenes.pictures), texts([script.text for script in scenes.scripts])
    group = min(CAPTIONS, len(seen))
    right = []
    for start in range(0, len(seen) - group + 1, group):
        likeness = seen[start : start + group] @ read[start : start + group].T
        right.append(likeness.argmax(axis=1) == np.arange(group))
    return np.concatenate(right)


def clip_rows(folder: Path, scenes: Scenes, device: torch.device) -> list[Row]:
    """Retrieval by the family's CLIP, which has seen captions of 20 of the 26 relations."""
    from transformers import CLIPModel, CLIPTokenizer

    from vivant.pocket.judge.clip import picture_features, text_features

    model = CLIPModel.from_pretrained(folder, dtype=torch.float32).to(device).eval()
    tokenizer = CLIPTokenizer.from_pretrained(folder)

    def pictures(shown: NDArray[np.uint8]) -> Floats:
        parts = (to_unit(torch.from_numpy(shown[i : i + 64]).to(device)) for i in range(0, len(shown), 64))
        with torch.inference_mode():
            return np.concatenate([picture_features(model, part).cpu().numpy() for part in parts])

    def texts(said: Sequence[str]) -> Floats:
        with torch.inference_mode():
            return np.asarray(text_features(model, tokenizer, said).cpu().numpy())

    return [_retrieval_row("clip", retrieval(pictures, texts, scenes), 0.8)]


def judge_clip_rows(judge: Judge, scenes: Scenes) -> list[Row]:
    """Retrieval by the judge's CLIP."""
    return [_retrieval_row("judge/clip", retrieval(judge.clip_pictures, judge.clip_texts, scenes), None)]


def _retrieval_row(part: str, right: NDArray[np.bool_], target: float | None) -> Row:
    group = min(CAPTIONS, len(right))
    return row(part, f"caption retrieval top-1 of {group}", proportion(right), chance=1 / group, target=target)


def dino_rows(folder: Path, device: torch.device, seed: int) -> list[Row]:
    """Nearest neighbours among portraits; an untrained network of the same shape is the chance level."""
    from transformers import ViTModel

    trained = ViTModel.from_pretrained(folder, add_pooling_layer=False, dtype=torch.float32).to(device).eval()
    torch.manual_seed(seed)
    untrained = dino.build().to(device).eval()
    others = lookalikes(seed)
    crowd = [one for kind in others.values() for one in kind]
    views = [_cropped(portraits(crowd, f"{seed}/dino/{view}")) for view in range(2)]
    (who, kind), (chance_who, chance_kind) = (_neighbours(model, views, seed) for model in (trained, untrained))
    name = f"identity top-1 of {CROWD} by nearest neighbour"
    return [
        row("dino", name, proportion(who), chance=float(chance_who.mean())),
        row("dino", f"kind by {NEIGHBOURS} nearest neighbours", proportion(kind), chance=float(chance_kind.mean())),
    ]


def _cropped(shown: Portraits) -> NDArray[np.uint8]:
    unit = cut(to_unit(torch.from_numpy(shown.pictures)), square(torch.from_numpy(shown.boxes), 0.1), 128)
    return np.ascontiguousarray((unit * 255.0).round().to(torch.uint8).numpy().transpose(0, 2, 3, 1))


def _neighbours(
    model: Any, views: Sequence[NDArray[np.uint8]], seed: int
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """For individuals in two views, twenty of a kind one after the other: individual right, kind right."""
    first, second = (dino.embed(model, view) for view in views)
    count = len(first)
    rng = random.Random(f"check/{seed}/dino")
    rivals = np.array([rng.sample([j for j in range(count) if j != i], CROWD - 1) for i in range(count)])
    who = _first((first * second).sum(axis=1), second, first, rivals)
    likeness = second @ first.T
    np.fill_diagonal(likeness, -np.inf)
    nearest = np.argsort(-likeness, axis=1)[:, :NEIGHBOURS] // LOOKALIKES
    votes = np.array([np.bincount(line, minlength=count // LOOKALIKES).argmax() for line in nearest])
    return who, votes == np.arange(count) // LOOKALIKES
