"""Custom Diffusion's concepts list, as its diffusers training script reads it."""

from __future__ import annotations

import itertools
from pathlib import PurePosixPath

from vivant.data.captions.words import article
from vivant.data.export.names import flat_stems, unique_names
from vivant.data.export.target import Target
from vivant.data.export.words import captions_of, plain_subjects
from vivant.data.naming import safe_name
from vivant.data.reader import DataSet
from vivant.images import encode_png, on_white
from vivant.progress import Ticker
from vivant.settings.export import ExportSettings
from vivant.types import SceneSubject


def concept_tokens(data_set: DataSet, settings: ExportSettings) -> dict[str, str]:
    """A modifier token a subject: the user's, else ``<new1>``, ``<new2>`` … in the order of the names."""
    names = sorted({one.name for scene in data_set.scenes for one in scene.subjects})
    taken = set(settings.tokens.values())
    free = (token for number in itertools.count(1) if (token := f"<new{number}>") not in taken)
    return {name: settings.tokens.get(name) or next(free) for name in names}


def write_concepts(data_set: DataSet, target: Target, settings: ExportSettings, tick: Ticker) -> None:
    """``concepts_list.json``: an entry a subject over its photos, then an entry a scene with the scene's own caption.

    The script takes every file of an entry's folder for a picture with the entry's one prompt: so a scene has a folder
    of its own. Folders are relative to the export. ``class/`` is left for the script to fill with pictures of its own
    (prior preservation); scenes of the same nouns share one. ``tokens.json`` says which token is whose.
    """
    tokens = concept_tokens(data_set, settings)
    entries = _subject_entries(data_set, target, tokens)
    for scene, stem in zip(data_set.scenes, flat_stems(data_set.scenes), strict=True):
        suffix = PurePosixPath(scene.file_name).suffix.lower()
        target.copy(data_set.path(scene.file_name), f"scenes/{stem}/{stem}{suffix}")
        plain = plain_subjects(scene, {})
        for _, text in captions_of(scene, settings.captions, tokens):
            entries.append(_entry(text, plain, f"scenes/{stem}", f"class/{safe_name(plain)}"))
        tick()
    target.write_json("tokens.json", tokens)
    target.write_json("concepts_list.json", entries)


def _entry(instance_prompt: str, class_prompt: str, instances: str, classes: str) -> dict[str, str]:
    return {
        "instance_prompt": instance_prompt,
        "class_prompt": class_prompt,
        "instance_data_dir": instances,
        "class_data_dir": classes,
    }


def _subject_entries(data_set: DataSet, target: Target, tokens: dict[str, str]) -> list[dict[str, str]]:
    pictures: dict[str, dict[str, SceneSubject]] = {name: {} for name in tokens}
    for scene in data_set.scenes:
        for one in scene.subjects:
            pictures[one.name].setdefault(one.reference or one.cutout, one)
    folders = dict(zip(tokens, unique_names(list(tokens)), strict=True))
    entries = []
    for name, found in pictures.items():
        noun = next(iter(found.values())).noun
        for number, source in enumerate(sorted(found), start=1):
            _add_photo(data_set, target, source, f"subjects/{folders[name]}/{number:02d}.png")
        token = tokens[name]
        prompt = f"photo of {article(token)} {token} {noun}"
        entries.append(_entry(prompt, noun, f"subjects/{folders[name]}", f"class/{safe_name(noun)}"))
    return entries


def _add_photo(data_set: DataSet, target: Target, source: str, name: str) -> None:
    if not target.has(name):
        target.write(name, encode_png(on_white(data_set.read(source))))
