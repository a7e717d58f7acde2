"""What is to be drawn: every picture with its place, its seed and its recipe, before any model is in memory."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vivant import __version__
from vivant.errors import ImageError, InputError, StoreError
from vivant.generation.inputs import SubjectInput, place_subjects, recipe_of
from vivant.images import SUFFIXES, read_recipe
from vivant.models.checkpoint import Checkpoint
from vivant.settings.generate import GenerateSettings

VERB = "generate"
RESCALE = 0.7
"""Phi of "Common Diffusion Noise Schedules and Sample Steps are Flawed", section 3.4."""
_OWN = ("layout", "layout_start", "layout_threshold", "adapter", "image_encoder", "local_encoder")
"""Settings that a recipe holds where the picture has subjects."""
_SETTINGS = (
    "negative",
    "seed",
    "base",
    "sampling_steps",
    "guidance",
    "guidance_rescale",
    "width",
    "height",
    "tuned",
    *_OWN,
)
"""What a recipe says of the settings, under their own names; prompt, subjects and LoRAs besides."""
_SUBJECT, _LORA = ("photos", "scale", "box", "proposed"), ("path", "weight")


@dataclass(frozen=True)
class Sampling:
    """How pictures are drawn, nothing left open.

    Attributes:
        steps: of denoising.
        guidance: of the classifier-free kind; 1 is none.
        rescale: of guidance, 0 to 1.
        width, height: pixels.
        negative: what the pictures should not look like, None for the base's own branch without a prompt.
    """

    steps: int
    guidance: float
    rescale: float
    width: int
    height: int
    negative: str | None


@dataclass(frozen=True)
class Picture:
    """One picture to be drawn.

    Attributes:
        path: the PNG file.
        prompt: a sentence.
        seed: of its noise, whatever is drawn beside it.
        recipe: what it carries, enough to draw it again.
        subjects: of photos, each with its place.
    """

    path: Path
    prompt: str
    seed: int
    recipe: Mapping[str, Any]
    subjects: tuple[SubjectInput, ...] = ()

    def is_there(self) -> bool:
        """Whether an earlier run drew it by the same recipe; the version of Vivant does not matter.

        Raises:
            StoreError: something else lies in its place.
        """
        if not self.path.exists():
            return False
        try:
            found = read_recipe(self.path)
        except ImageError as error:
            raise StoreError(f"{error}; it was not made by vivant {VERB} and is not overwritten: move it") from error
        if found.get("verb") != VERB:
            raise StoreError(f"{self.path}: was not made by vivant {VERB} and is not overwritten: move it")
        return {**found, "version": None} == {**self.recipe, "version": None}


def sampling(settings: GenerateSettings, checkpoint: Checkpoint) -> Sampling:
    """Settings, with what the base is drawn with by default where they say nothing."""
    usual = checkpoint.defaults
    rescale = RESCALE if checkpoint.zero_terminal_snr else 0.0
    return Sampling(
        steps=settings.sampling_steps or usual.steps,
        guidance=settings.guidance or usual.guidance,
        rescale=rescale if settings.guidance_rescale is None else settings.guidance_rescale,
        width=settings.width or usual.width,
        height=settings.height or usual.height,
        negative=settings.negative,
    )


@dataclass(frozen=True)
class Given:
    """What pictures are made of beside the base and the sentence.

    Attributes:
        subjects: of photos.
        hashes: of the adapter and its encoders.
        loras: hash of each LoRA of the settings.
    """

    subjects: Sequence[SubjectInput] = ()
    hashes: Mapping[str, str] = field(default_factory=dict)
    loras: Sequence[str] = ()


def plan_pictures(
    settings: GenerateSettings, how: Sampling, checkpoint: Checkpoint, out: Path, dtype: str, given: Given = Given()
) -> list[Picture]:
    """Every picture of a run, prompt by prompt.

    Args:
        settings: what to draw.
        how: from `sampling`.
        checkpoint: of the base.
        out: a file ending in .png, or a folder.
        dtype: torch's name of what the UNet computes in.
        given: subjects and LoRAs.

    Raises:
        InputError: `out` names a picture of another format, or a prompt does not name a subject.
    """
    names = picture_paths(out, len(settings.prompts), settings.count)
    found = []
    for prompt in settings.prompts:
        placed: tuple[SubjectInput, ...] = ()
        if given.subjects:
            propose = settings.layout == "boxes"
            placed = place_subjects(prompt, given.subjects, how.width / how.height, propose=propose)
        for seed in range(settings.seed, settings.seed + settings.count):
            recipe = {**_recipe(prompt, seed, how, checkpoint, dtype), **_conditions(settings, placed, given)}
            recipe["weights"] = {**checkpoint.hashes, **given.hashes}
            # As it will be read back: lists for tuples.
            found.append(Picture(next(names), prompt, seed, json.loads(json.dumps(recipe)), placed))
    return found


def picture_paths(out: Path, prompts: int, count: int) -> Iterator[Path]:
    """Where pictures go: out.png, or out-0.png and so on; in a folder 0.png and so on.

    With several prompts the prompt's number comes first: 2-0.png is the first of the third prompt.

    Raises:
        InputError: `out` names a picture of another format.
    """
    is_file = out.suffix.lower() in SUFFIXES and not out.is_dir()
    if is_file and out.suffix.lower() != ".png":
        raise InputError(f"{out}: pictures are written as PNG, which carries their recipe: end it in .png")
    for prompt in range(prompts):
        for number in range(count):
            parts = [str(prompt)] * (prompts > 1) + [str(number)] * (count > 1)
            if is_file:
                yield out.with_name("-".join([out.stem, *parts]) + out.suffix)
            else:
                yield out / ("-".join(parts or ["0"]) + ".png")


def _recipe(prompt: str, seed: int, how: Sampling, checkpoint: Checkpoint, dtype: str) -> dict[str, Any]:
    return {
        "verb": VERB,
        "version": __version__,
        "prompt": prompt,
        "negative": how.negative,
        "seed": seed,
        "sampling_steps": how.steps,
        "guidance": how.guidance,
        "guidance_rescale": how.rescale,
        "width": how.width,
        "height": how.height,
        "base": checkpoint.name,
        "scheduler": dict(checkpoint.scheduler),
        "dtype": dtype,
    }


def _conditions(settings: GenerateSettings, placed: Sequence[SubjectInput], given: Given) -> dict[str, Any]:
    """What the recipe says of subjects and LoRAs; nothing where there are none."""
    found: dict[str, Any] = {}
    if placed:
        found |= {"subjects": {subject.name: recipe_of(subject) for subject in placed}}
        found |= {name: getattr(settings, name) for name in _OWN if settings.layout != "boxes" or "layout_" not in name}
    if settings.tuned:
        found["tuned"] = settings.tuned
    if settings.loras:
        pairs = zip(settings.loras, given.loras, strict=True)
        found |= {"loras": [{"path": lora.path, "weight": lora.weight, "hash": known} for lora, known in pairs]}
    return found


def settings_of(recipe: Mapping[str, Any], name: str, *, keep_proposed: bool = True) -> dict[str, Any]:
    """The settings that a picture's recipe holds, not yet checked.

    Args:
        recipe: as `vivant.images.read_recipe` gives it.
        name: of the picture, for the message.
        keep_proposed: the boxes that were proposed for its sentence, which do not fit another sentence or size.

    Raises:
        InputError: the recipe is not one of ``vivant generate``.
    """
    if recipe.get("verb") != VERB or "prompt" not in recipe:
        raise InputError(f"{name}: its recipe is not one of vivant {VERB}")
    found = {"prompts": [recipe["prompt"]], **{key: recipe[key] for key in _SETTINGS if key in recipe}}
    if "subjects" in recipe:
        found["subjects"] = {key: _chosen(one, _SUBJECT) for key, one in _table(recipe, "subjects").items()}
        for one in found["subjects"].values():
            if one.get("proposed") and not keep_proposed:
                del one["box"], one["proposed"]
    if isinstance(recipe.get("loras"), list):
        found["loras"] = [_chosen(one, _LORA) for one in recipe["loras"]]
    return found


def _table(recipe: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """A part of a recipe that anybody may have written."""
    value = recipe.get(name)
    return value if isinstance(value, Mapping) else {}


def _chosen(value: Any, names: Sequence[str]) -> dict[str, Any]:
    return {name: value[name] for name in names if name in value} if isinstance(value, Mapping) else {}


def differences(recipe: Mapping[str, Any], picture: Picture) -> list[str]:
    """In what a picture that is drawn after a recipe departs from it, apart from settings: a line each."""
    then, now = _table(recipe, "weights"), picture.recipe["weights"]
    parts = [part for part in now if then.get(part) != now[part]]
    lines = [f"other weights in {', '.join(parts)}"] if parts else []
    if recipe.get("scheduler") != picture.recipe["scheduler"]:
        lines.append("another scheduler")
    lines += [
        f"{key} was {recipe.get(key)}, is {picture.recipe[key]}"
        for key in ("dtype", "version")
        if recipe.get(key) != picture.recipe[key]
    ]
    for name, one in picture.recipe.get("subjects", {}).items():
        before = _table(_table(recipe, "subjects"), name)
        if before.get("photos") == one["photos"] and before.get("hashes") != one["hashes"]:
            lines.append(f"another picture in {', '.join(one['photos'])}, of subject {name!r}")
    loras = recipe.get("loras")
    for one in picture.recipe.get("loras", []):
        if isinstance(loras, list) and one["hash"] not in [_table({"lora": old}, "lora").get("hash") for old in loras]:
            lines.append(f"other weights in {one['path']}")
    return lines
