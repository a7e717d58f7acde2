"""The model card: what the family is, its figures, how it was trained, what it cannot do."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from vivant.errors import StoreError
from vivant.files import read_json, write_json, write_text
from vivant.pocket.check.report import Report, relations_table, table
from vivant.pocket.family import MEMBERS, size_of

CARD, KEPT, FIGURES = "README.md", "check.json", "figures.json"

ABOUT = {
    "base": "text to image in SDXL's layout: 128 px, two CLIP text encoders, UNet, autoencoder",
    "clip": "CLIP, text and vision; the adapters' image encoder",
    "judge": "recognisers that only score: kind, relation, background, number, identity; a CLIP of their own",
    "owlvit": "OWL-ViT, boxes for text queries",
    "vitpose": "ViTPose, 17 keypoints in AP-10K's order",
    "dino": "a self-distilled ViT, features for the DINO score",
    "adapter": "MS-Diffusion's adapter: image prompts in boxes",
    "local": "the local image encoder: `clip` distilled, so that parts of a picture mean what their crops mean",
}
PEAKS = {"H100": 989.0, "H200": 989.0, "A100": 312.0, "L40S": 362.0, "RTX 4090": 165.0}
"""Dense bf16 limit of devices in TFLOP/s, by a part of their name."""


class Trained(NamedTuple):
    """How one network was trained.

    Attributes:
        name: stage, and part of the stage where it has several networks.
        device: in words.
        date: ISO.
        minutes, pictures, rate, gflops, parameters: wall-clock time, pictures seen, pictures a second, 10^9 operations
            of forward and backward a picture, numbers in the network.
    """

    name: str
    device: str
    date: str
    minutes: float
    pictures: float
    rate: float
    gflops: float
    parameters: float


def training_figures(weights: Path) -> dict[str, Any]:
    """Figures of the run that made these weights: beside them, in the run's folder above, or kept by an earlier check.

    Returns:
        Stage -> figures; empty when nothing is known.
    """
    for path in (weights / FIGURES, weights.parent / FIGURES):
        if path.is_file():
            return dict(read_json(path))
    return dict(read_json(weights / KEPT).get("training", {})) if (weights / KEPT).is_file() else {}


def kept_report(weights: Path) -> Report | None:
    """What the last check of these weights found, if there was one.

    Raises:
        StoreError: the file is there and is none of ours; names it.
    """
    path = weights / KEPT
    if not path.is_file():
        return None
    try:
        return Report.from_json(read_json(path)["report"])
    except (StoreError, KeyError, TypeError) as error:
        raise StoreError(f"{path}: {error}; delete it and run vivant pocket check") from error


def write_card(weights: Path, report: Report, trained: dict[str, Any]) -> Path:
    """Write the card and, for programs, the figures beside the weights. Returns the card's path."""
    write_json(weights / KEPT, {"report": report.as_json(), "training": trained})
    write_text(weights / CARD, card(weights, report, trained))
    return weights / CARD


def card(weights: Path, report: Report, trained: dict[str, Any]) -> str:
    """The card as Markdown."""
    sections = [_head(report), _members(weights), _figures(report)]
    if trained:
        sections.append(_training(trained))
    return "\n\n".join([*sections, _limits()]) + "\n"


def trained_networks(trained: dict[str, Any]) -> list[Trained]:
    """Every network that a run's figures tell of; a stage of several parts names them by a prefix."""
    found = []
    for stage, figures in trained.items():
        for key in figures:
            if key.endswith("gflops_per_picture"):
                prefix = key.removesuffix("gflops_per_picture")
                names = ("minutes", "pictures", "pictures_per_second", "gflops_per_picture", "parameters")
                numbers = (float(figures.get(prefix + name, float("nan"))) for name in names)
                name = f"{stage}, {prefix.rstrip('_')}" if prefix else stage
                found.append(Trained(name, str(figures.get("device", "?")), str(figures.get("date", "?")), *numbers))
    return found


def peak(device: str) -> float | None:
    """Dense bf16 limit of a device in TFLOP/s, where it is known."""
    return next((limit for name, limit in PEAKS.items() if name in device), None)


def _head(report: Report) -> str:
    mark = (
        "> **CPU preview.** These weights were trained on a few CPU cores to show that everything runs. The targets in "
        "the table are those of the GPU-trained family; `docs/gpu.md` tells how to train that with one command."
    )
    lines = [
        "---\nlicense: apache-2.0\nlibrary_name: vivant\ntags: [text-to-image, synthetic, test]\n---",
        "# The pocket family",
        "Tiny models in the layouts of their large namesakes, trained on nothing but Vivant's procedural storybook "
        "world. They make every command, test and example run offline, and the world knows the truth that they are "
        "measured by. They know no photographs.",
    ]
    return "\n\n".join([*lines, mark] if report.preview else lines)


def _members(weights: Path) -> str:
    lines = ["## Members", "", "| folder | what it is | size |", "| --- | --- | ---: |"]
    sizes = {name: size_of(weights / name) for name in MEMBERS if (weights / name).is_dir()}
    lines += [f"| `{name}` | {ABOUT[name]} | {size / 1e6:.1f} MB |" for name, size in sizes.items()]
    return "\n".join([*lines, f"| | together, fp16 | {sum(sizes.values()) / 1e6:.1f} MB |"])


def _figures(report: Report) -> str:
    parts = [
        "## Figures",
        f"`vivant pocket check --count {report.count} --seed {report.seed}` on {report.device}, {report.date}: "
        f"{report.count} fresh prompts ({report.steps} steps, guidance {report.guidance:g}) and {report.count} fresh "
        "scenes, none of them ever trained on. Shares are in percent; intervals are 95 % (Wilson's for shares, "
        "bootstrap over pictures for the rest). Chance: the same pictures against shuffled prompts, or what guessing "
        "gives; for `dino` an untrained network of the same shape, for `local` the `clip` that it was distilled from, "
        "for `adapter` the same sentences and noise without portraits. "
        "True scenes: the judge on the world's own pictures of the same prompts, the most that the base can reach. "
        "Pictures from text are judged by `judge` alone.",
        table(report),
    ]
    if report.seconds_a_picture == report.seconds_a_picture:
        parts.append(f"Text to image took {report.seconds_a_picture:.2f} s a picture, in batches.")
    if report.missing:
        parts.append(f"Not there and not measured: {', '.join(report.missing)}.")
    if report.relations:
        parts += ["### Text to image by relation", relations_table(report)]
    return "\n\n".join(parts)


def _training(trained: dict[str, Any]) -> str:
    lines = [
        "## Training",
        "",
        "`python -m vivant.pocket.train`; operations (GFLOP) are of a picture forward and backward. In `adapter` the "
        "base learns on: its pictures add to those of `base`.",
        "",
        "| network | parameters | minutes | pictures | pictures/s | GFLOP each | TFLOP/s (of limit) | device, date |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | --- |",
    ]
    for one in trained_networks(trained):
        speed, limit = one.rate * one.gflops / 1e3, peak(one.device)
        reached = f"{speed:.2f}" + (f" ({speed / limit:.1%})" if limit else "")
        lines.append(
            f"| {one.name} | {one.parameters / 1e6:.1f} M | {one.minutes:.1f} | {one.pictures:,.0f} | {one.rate:,.0f} "
            f"| {one.gflops:.2f} | {reached} | {one.device}, {one.date} |"
        )
    return "\n".join(lines)


def _limits() -> str:
    return "\n".join(
        (
            "## Limits",
            "",
            "- The base and its text encoders have never seen six relations (hugging, shaking hands, carrying, sitting "
            "back to back, riding a bike, playing guitar): learning them from a handful of triplets is a real test.",
            "- The judge knows all relations. It must not be used to train what it scores.",
            "- Identity on a generated picture is read from crops: give the judge the boxes of `owlvit` (the subject's "
            "noun as the query, the most confident box), and the reference photo with its own box.",
            "- Licence Apache-2.0, as Vivant itself; no data of others went in.",
        )
    )
