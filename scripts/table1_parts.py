"""The parts of `table1.py`: compositions of the world, photos and scenes of them, pictures of a run, scores, tables."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from vivant.adapters.tuned import load_tuned, tuned_files
from vivant.data.engine import compose_set
from vivant.errors import ImageError
from vivant.evaluation.benchmarks.cases import Case, CaseSubject, make_case
from vivant.evaluation.references import References
from vivant.evaluation.scoring import PictureScores, score_pictures
from vivant.files import write_text
from vivant.generation.pictures import draw
from vivant.generation.plan import Sampling
from vivant.images import read_image, read_recipe, write_png
from vivant.models.bundle import load_bundle
from vivant.models.checkpoint import hash_files, open_checkpoint
from vivant.models.text import encode_empty, encode_text
from vivant.pocket.check.material import portraits
from vivant.pocket.check.text_to_image import verdict
from vivant.pocket.judge import Judge
from vivant.settings.base import load_settings
from vivant.settings.compose import ComposeSettings
from vivant.training.concepts import composition_prompt, token_for
from vivant.world import (
    BACKDROPS,
    KINDS,
    TOGETHER,
    Individual,
    Script,
    perform,
    portrait,
    sample_individual,
    sentence,
)
from vivant.world.backdrops import VARIANTS, plate
from vivant.world.script import article

PHOTOS = 5
"""Of a subject; Custom Diffusion's data have 4 to 15."""
UNSEEN_PLACES = 8
"""Backdrops of no scene that is trained on: the evaluation's are among them (section 4.1)."""
PLATES = 4
"""Pictures of each backdrop that scenes are composed on."""
SIZE = 256
CROWD = 20
"""Individuals of one kind that a subject has to be told from, itself counted."""
_LIKENESS = {"seam": 0.2, "structure": 0.6, "detail": 0.2, "colour": 0.5}
"""Drawn figures have hard outlines, which the checks for photographs would refuse."""


@dataclass(frozen=True)
class Composition:
    """Subjects that are to be learned together.

    Attributes:
        name: of its folder, "3-00".
        cast: individuals of different kinds.
        place: the backdrop of the evaluation, which no scene shows.
        seed: of the first picture.
    """

    name: str
    cast: tuple[Individual, ...]
    place: str
    seed: int

    @property
    def folders(self) -> list[str]:
        """Name of each subject's folder of photos."""
        return [one.kind.replace(" ", "_") for one in self.cast]

    def prompt(self, *, tokens: bool = False, whole: bool = False) -> str:
        """The one unseen prompt (section 4.1).

        Args:
            tokens: with the learned words.
            whole: with the word for the composition, where one was learned.
        """
        words = [one.noun for one in self.cast]
        if tokens:
            words = [f"{token_for(name)} {noun}" for name, noun in zip(self.folders, words, strict=True)]
        text = sentence(TOGETHER, [f"{article(noun)} {noun}" for noun in words], self.place)
        return composition_prompt(text) if whole else text

    def scripts(self, count: int) -> list[Script]:
        """What `count` pictures of the prompt show."""
        return [Script(TOGETHER, self.cast, self.place, self.seed + number) for number in range(count)]


def places() -> tuple[list[str], list[str]]:
    """Backdrops that scenes are composed on, and those of the evaluation."""
    names = sorted(BACKDROPS)
    random.Random("table1/places").shuffle(names)
    return sorted(names[UNSEEN_PLACES:]), sorted(names[:UNSEEN_PLACES])


def composition(size: int, number: int, seed: int) -> Composition:
    """The same whatever else is asked for."""
    rng = random.Random(f"table1/{seed}/{size}/{number}")
    cast = tuple(sample_individual(rng, kind) for kind in rng.sample(list(KINDS), size))
    return Composition(f"{size}-{number:02d}", cast, rng.choice(places()[1]), rng.getrandbits(30))


def write_photos(folder: Path, of: Composition, *, alpha: bool) -> Path:
    """Portraits, a folder a subject, as `vivant compose` takes them; those that are there stay.

    Args:
        folder: gets them.
        of: whose.
        alpha: free them from their backdrop by their true mask.
    """
    rng = random.Random(f"table1/{of.name}/{of.seed}/photos")
    for name, one in zip(of.folders, of.cast, strict=True):
        for number in range(PHOTOS):
            seed, path = rng.getrandbits(48), folder / name / f"{number}.png"
            if path.is_file():
                continue
            drawn = portrait(one, seed, SIZE)
            write_png(path, np.dstack([drawn.picture, drawn.full_masks()[0]]) if alpha else drawn.picture)
        told = f'noun = "{one.noun}"\nheight_m = {one.build.height:.2f}\nrests_on = "ground"\nfound = ["park"]\n'
        write_text(folder / name / "subject.toml", told)
    return folder


def write_backdrops(folder: Path) -> Path:
    """The seen places as backgrounds of `vivant compose`; those that are there stay."""
    rng = random.Random("table1/plates")
    for name in places()[0]:
        backdrop, place = BACKDROPS[name], folder / name.replace(" ", "_")
        for number, variant in enumerate(rng.sample(range(VARIANTS), PLATES)):
            if not (place / f"{number}.png").is_file():
                write_png(place / f"{number}.png", np.array(plate(name, variant, 2 * SIZE)))
        top = backdrop.ground[0] - 0.06
        write_text(
            place / "background.toml",
            f'prompt = "{backdrop.phrase}"\nplaces = ["park"]\nsurface = "ground"\nground_top = {top:.3f}\n',
        )
    return folder


def write_scenes(folder: Path, photos: Path, backdrops: Path, of: Composition, count: int, workers: int) -> Path:
    """`count` composed scenes of the whole cast (Gen4Gen, section 3.2); begun ones are continued."""
    flags: dict[str, Any] = {"count": count, "width": SIZE, "height": SIZE, "max_attempts": 20, "check": _LIKENESS}
    flags["associate"] = {"min_subjects": len(of.cast), "max_subjects": len(of.cast)}
    flags["layout"] = {"largest_max": 0.6, "largest_min": 0.4, "max_overlap": 0.15}
    settings = load_settings(ComposeSettings, flags={**flags, "seed": of.seed % 2**31})
    compose_set(photos, folder, settings, backgrounds=backdrops, workers=workers, say=lambda line: None)
    return folder


def draw_pictures(
    of: Composition, prompt: str, run: Path | None, base: str, device: str, how: Sampling, folder: Path, count: int
) -> list[Path]:
    """Pictures of one prompt, by the base or a run; those that are there from the same recipe are not drawn again."""
    paths = [folder / f"{number}.png" for number in range(count)]
    told = {"prompt": prompt, "base": dict(open_checkpoint(base).hashes), "how": vars(how)}
    told["tuned"] = "" if run is None else hash_files(tuned_files(run))
    recipes = [{**told, "seed": of.seed + number} for number in range(count)]
    if all(_carries(path, recipe) for path, recipe in zip(paths, recipes, strict=True)):
        return paths
    bundle = load_bundle(base, device, "float32")
    bundle = bundle if run is None else load_tuned(bundle, run)
    with torch.inference_mode():
        text, empty = encode_text(bundle, [prompt]), encode_empty(bundle)
    pictures = draw(bundle, [text] * count, empty, [of.seed + number for number in range(count)], how)
    for path, picture, recipe in zip(paths, pictures, recipes, strict=True):
        write_png(path, picture, recipe)
    return paths


def true_pictures(of: Composition, folder: Path, count: int) -> list[Path]:
    """The world's own pictures of the same scripts: no variant can be expected to do better."""
    paths = [folder / f"{number}.png" for number in range(count)]
    for path, script in zip(paths, of.scripts(count), strict=True):
        write_png(path, perform(script).picture, {"prompt": of.prompt(), "seed": script.seed})
    return paths


def case_of(of: Composition, photos: Path) -> Case:
    """What CP-CLIP and TI-CLIP are computed on."""
    subjects = [
        CaseSubject(name=name, noun=one.noun, photos=tuple(sorted((photos / name).glob("*.png"))))
        for name, one in zip(of.folders, of.cast, strict=True)
    ]
    return make_case(of.name, str(len(of.cast)), of.prompt(), subjects)


def score(of: Composition, case: Case, paths: Sequence[Path], known: References, judge: Judge) -> dict[str, float]:
    """Means over the pictures: CP-CLIP and TI-CLIP (section 3.5), DINO, which takes whole pictures and photos, and the
    judge's: all present, who it is, how like.
    """
    found = score_pictures([case], {case.name: paths}, known)
    pictures = np.stack([read_image(path) for path in paths])
    said = verdict(judge, judge.read(pictures), of.scripts(len(paths)))
    known_as, like = recognised(of, case, pictures, found, judge)
    return {
        "cp_clip": float(np.mean([one.scores["cp_clip"] for one in found])),
        "ti_clip": float(np.mean([one.scores["ti_clip"] for one in found])),
        "dino": float(np.mean([one.scores["dino"] for one in found])),
        "present": float(said.present.mean()),
        "identity": float(np.mean(known_as)),
        "likeness": float(np.mean(like)),
    }


def recognised(
    of: Composition, case: Case, pictures: NDArray[np.uint8], found: Sequence[PictureScores], judge: Judge
) -> tuple[list[bool], list[float]]:
    """What the detector found for a subject, seen by the judge.

    Returns:
        Whether it is more like the subject's own photos than like 19 others of its kind, and its mean cosine with
        these photos: CP-CLIP's similarity (equation 2) by a model that tells individuals apart. A subject without a box
        is not recognised, and its likeness is 0, as in equation 4.
    """
    right, like = [], []
    for place, (one, subject) in enumerate(zip(of.cast, case.subjects, strict=True)):
        rng = random.Random(f"table1/crowd/{of.name}/{place}")
        crowd = portraits([sample_individual(rng, one.kind) for _ in range(CROWD - 1)], f"table1/{of.name}/{place}")
        rivals = judge.identities(crowd.pictures, crowd.boxes)
        drawn = [portrait(one, seed) for seed in range(len(subject.photos))]
        own = judge.identities(np.stack([own.picture for own in drawn]), np.stack([own.boxes[0] for own in drawn]))
        for picture, scores in zip(pictures, found, strict=True):
            box = scores.boxes[place]
            if box is None:
                right.append(False)
                like.append(0.0)
                continue
            seen = judge.identities(picture[None], np.array([box], dtype=np.float32))[0]
            right.append(bool(own.mean(axis=0) @ seen > (rivals @ seen).max()))
            like.append(float((own @ seen).mean()))
    return right, like


def _carries(path: Path, recipe: dict[str, Any]) -> bool:
    try:
        return bool(read_recipe(path) == json.loads(json.dumps(recipe)))
    except ImageError:
        return False
