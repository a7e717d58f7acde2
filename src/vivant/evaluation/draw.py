"""Pictures of a benchmark's cases by Vivant's own methods: any base, with or without image prompts and LoRAs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from vivant.evaluation.benchmarks.cases import Case, Manifest
from vivant.generation.inputs import read_subjects
from vivant.generation.plan import Picture, plan_pictures
from vivant.generation.session import Session
from vivant.settings.base import load_settings
from vivant.settings.generate import GenerateSettings


def plan_cases(manifest: Manifest, folder: Path, flags: Mapping[str, Any], session: Session) -> list[Picture]:
    """Every picture of every case: `<case>.png`, or `<case>-0.png` and on where a case has several.

    Args:
        manifest: the cases.
        folder: of the pictures.
        flags: settings of ``vivant generate`` but for prompts, count and subjects.
        session: opened for any of the cases; without image prompts the others go without as well.

    Raises:
        SettingsError: settings that do not fit.
        ImageError: a subject's photo that cannot be read.
    """
    found: list[Picture] = []
    for case in manifest.cases:
        settings = case_settings(case, manifest.samples, flags, with_subjects=session.sources is not None)
        given = replace(session.given, subjects=read_subjects(settings))
        path = folder / f"{case.name}.png"
        found += plan_pictures(settings, session.how, session.checkpoint, path, session.dtype, given)
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
