"""Pictures of a benchmark's cases by Vivant's own methods: any base, with or without image prompts and LoRAs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from vivant.adapters.sources import AdapterSources
from vivant.evaluation.benchmarks.cases import Case, Manifest
from vivant.generation.inputs import read_subjects
from vivant.generation.plan import Given, Picture, Sampling, plan_pictures
from vivant.models.checkpoint import Checkpoint
from vivant.settings.base import load_settings
from vivant.settings.generate import GenerateSettings


def plan_cases(
    manifest: Manifest,
    folder: Path,
    flags: Mapping[str, Any],
    checkpoint: Checkpoint,
    how: Sampling,
    *,
    sources: AdapterSources | None,
    loras: Sequence[str],
    dtype: str,
) -> list[Picture]:
    """Every picture of every case: `<case>.png`, or `<case>-0.png` and on where a case has several.

    Args:
        manifest: the cases.
        folder: of the pictures.
        flags: settings of ``vivant generate`` but for prompts, count and subjects.
        checkpoint: of the base.
        how: from `vivant.generation.plan.sampling`.
        sources: of image prompts; None draws from the text alone.
        loras: a hash a LoRA.
        dtype: torch's name of what the UNet computes in.

    Raises:
        SettingsError: settings that do not fit.
        ImageError: a subject's photo that cannot be read.
    """
    hashes = sources.hashes() if sources else {}
    found: list[Picture] = []
    for case in manifest.cases:
        settings = case_settings(case, manifest.samples, flags, with_subjects=sources is not None)
        given = Given(read_subjects(settings), hashes, loras)
        found += plan_pictures(settings, how, checkpoint, folder / f"{case.name}.png", dtype, given)
    return found


def case_settings(case: Case, samples: int, flags: Mapping[str, Any], *, with_subjects: bool) -> GenerateSettings:
    """Settings of ``vivant generate`` that draw a case.

    Subjects are called by their nouns, numbered where two have the same one: that is how a sentence finds them.
    """
    own: dict[str, Any] = {"prompts": [case.prompt], "count": samples}
    if with_subjects:
        nouns = [subject.noun for subject in case.subjects]
        names = [
            noun if nouns.count(noun) == 1 else f"{noun}{nouns[: i + 1].count(noun)}" for i, noun in enumerate(nouns)
        ]
        photos = int(flags.get("photos") or 1)
        own["subjects"] = {
            name: {"photos": [str(photo) for photo in subject.photos[:photos]]}
            for name, subject in zip(names, case.subjects, strict=True)
        }
    return load_settings(GenerateSettings, flags={**flags, **own})


def rounds(pictures: Sequence[Picture]) -> Iterator[list[Picture]]:
    """Pictures in parts in which no two have one prompt and different subjects.

    What a prompt's pictures show is prepared once a prompt, so such two cannot be drawn in one go.
    """
    left = list(pictures)
    while left:
        first: dict[str, Any] = {}
        now = [item for item in left if first.setdefault(item.prompt, _shown(item)) == _shown(item)]
        yield now
        left = [item for item in left if first[item.prompt] != _shown(item)]


def _shown(item: Picture) -> tuple[Any, ...]:
    return tuple((one.name, one.box, one.scale, tuple(photo.hash for photo in one.photos)) for one in item.subjects)
