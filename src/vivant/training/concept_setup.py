"""What the recipes for subjects set up alike: what is learned from, words, pictures of classes, caches, grids."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from vivant.adapters.concept_tokens import ConceptTokens, new_concept_tokens, taught, with_concept_tokens
from vivant.errors import InputError, SettingsError
from vivant.generation.plan import sampling
from vivant.images import content_hash
from vivant.models.bundle import Bundle, load_tokenizers
from vivant.models.checkpoint import open_checkpoint
from vivant.models.text import left_out
from vivant.settings.generate import GenerateSettings
from vivant.settings.train_concepts import TrainConceptSettings
from vivant.training.cache import Cache
from vivant.training.concept_data import ConceptData, Variation, encode_concepts, vary
from vivant.training.concept_grid import ConceptGrid
from vivant.training.concept_learner import ConceptLearner, ConceptTraining, HeldOut, hold_out
from vivant.training.concepts import COMPOSITION, Material, read_material
from vivant.training.log import Say
from vivant.training.prompting import Fits, Prompting, grid_prompts
from vivant.training.regularisation import class_pictures
from vivant.training.schedule import NoiseSchedule, noise_schedule
from vivant.training.setup import Base, Processes, fingerprint, load_base, told
from vivant.training.state import RunState

TOKENS = "tokens.json"
"""Token -> {"name", "noun"} in a run's folder."""
Save = Callable[[Path, Mapping[str, Any]], None]
"""Writes what is learned into a folder, with how it was made."""
REGULARISATION = "regularisation"
"""Of pictures of classes, in a run's folder."""


@dataclass(frozen=True)
class Prepared:
    """Everything but what is learned.

    Attributes:
        bundle: the base with its new words.
        material: what is learned from.
        tokens: the new words, in training.
        data: encoded.
        grid: to be drawn.
        schedule: of the base.
        made: how what is learned was made, for its files.
        printed: fingerprint of the run.
    """

    bundle: Bundle
    material: Material
    tokens: ConceptTokens
    data: ConceptData
    grid: ConceptGrid
    schedule: NoiseSchedule
    made: dict[str, Any]
    printed: str


@dataclass(frozen=True)
class Run:
    """Everything that is set up.

    Attributes:
        settings: of the recipe, nothing left open.
        prepared: what is learned from.
        training: its steps.
        state: what it continues from.
        held: its score.
        save: writes what is learned into a folder, with how it was made.
    """

    settings: TrainConceptSettings
    prepared: Prepared
    training: ConceptTraining
    state: RunState
    held: HeldOut
    save: Save


def read_source(source: Path, settings: TrainConceptSettings) -> Material:
    """What the settings say of a source; errors as for `read_material`."""
    return read_material(source, only=settings.only or (), tokens=settings.tokens, photos=settings.with_photos)


def prompting_of(settings: TrainConceptSettings, *, nouns: bool = True) -> Prompting:
    """The parts of section 3.4 that the settings switch on."""
    return Prompting(
        composition=settings.part("composition_token"),
        repeat=settings.part("repeat_tokens"),
        background=settings.part("state_background"),
        captions=settings.which_captions,
        nouns=nouns,
        varied=not nouns,
    )


def show_prompts(
    source: Path, settings: TrainConceptSettings, count: int, *, nouns: bool = True, vectors: int = 1
) -> Iterator[str]:
    """What training would see of some pictures, in the order in which it would not: at random, a line each.

    Args:
        source: what is learned from.
        settings: of the recipe.
        count: lines.
        nouns: see `Prompting`.
        vectors: of a token.

    Raises:
        InputError: nothing to learn from, or a prompt that is too long.
        ModelError: no such base.
    """
    material, how = read_source(source, settings), prompting_of(settings, nouns=nouns)
    lengths = dict.fromkeys(_tokens(material, how), vectors)
    tokenizers = [taught(one, lengths) for one in load_tokenizers(open_checkpoint(settings.base))]

    def fits(text: str) -> bool:
        return all(len(one(text, verbose=False).input_ids) <= one.model_max_length for one in tokenizers)

    versions, trained = _vary(material, how, fits, settings)
    rng = np.random.default_rng(settings.seed)
    for place, choice in rng.random((count, 2)).tolist():
        prompts = versions[int(place * trained)].prompts
        yield prompts[int(choice * len(prompts))]


def prepare(
    source: Path,
    out: Path,
    settings: TrainConceptSettings,
    processes: Processes,
    tell: Say,
    *,
    start: str,
    nouns: bool = True,
    vectors: int = 1,
    learn_tokens: bool = True,
) -> Prepared:
    """Read, draw what the base is to remember, encode, and give the base its new words.

    Args:
        source: what is learned from.
        out: the run's folder.
        settings: of the recipe.
        processes: this one among the others.
        tell: told a line now and then.
        start: what a token starts as: "rare", "noun", or words.
        nouns: see `Prompting`.
        vectors: of a token.
        learn_tokens: whether they are trained.

    Raises:
        InputError, ImageError: material that cannot be used.
        SettingsError: settings that do not go together.
        ModelError: a base that cannot be trained with.
        StoreError: a set that is broken, or a file that cannot be written.
    """
    material, how = read_source(source, settings), prompting_of(settings, nouns=nouns)
    if settings.held_out >= len(material.shots):
        raise SettingsError(
            f"held_out {settings.held_out}: of {len(material.shots)} pictures, one at least must be left"
        )
    base = load_base(settings.base, processes, settings.width, settings.height)
    schedule = noise_schedule(base.bundle.scheduler, base.bundle.device)
    tokens = new_concept_tokens(base.bundle, _starts(material, how, start), length=vectors)
    tokens.requires_grad_(learn_tokens)
    bundle = with_concept_tokens(base.bundle, tokens)
    versions, trained = _vary(material, how, lambda text: not left_out(bundle, text), settings)
    with processes.accelerator.main_process_first():  # the others find everything on disk
        grid = _grid(base, out, settings, material, how)
        if processes.main and grid.prompts and settings.validate_every:
            grid.draw_base(base.bundle)
        classes = _classes(base, out, settings, material)
        learned = list(tokens.lengths) if learn_tokens else []
        size = (base.height, base.width)
        # What is kept of a prompt depends on its words, even where they never move.
        start_hash = content_hash(*(one.detach().cpu().numpy().tobytes() for one in tokens.vectors))
        spoken = replace(bundle, hashes={**bundle.hashes, "tokenizer_words": start_hash})
        data = encode_concepts(spoken, Cache(out / "cache"), material, versions, trained, classes, size, learned)
    printed = fingerprint(settings, *bundle.hashes.values(), data.hash, *tokens.lengths)
    made = {"version": told(settings)["version"], "base": bundle.name, "hashes": dict(bundle.hashes)}
    names = ", ".join(f"{one.token} {one.noun}" for one in material.concepts)
    tell(f"learning {names} from {len(material.shots)} pictures, {len(classes)} of their classes")
    return Prepared(bundle, material, tokens, data, grid, schedule, {**made, "settings": told(settings)}, printed)


def finish_set_up(
    prepared: Prepared,
    out: Path,
    settings: TrainConceptSettings,
    processes: Processes,
    learner: ConceptLearner,
    optimiser: Any,
    save: Save,
) -> Run:
    """Wrap what is learned and its optimiser, and find what the run continues from.

    Args:
        prepared: from `prepare`.
        out: the run's folder.
        settings: of the recipe.
        processes: this one among the others.
        learner: what is learned.
        optimiser: of it.
        save: writes it.
    """
    if settings.gradient_checkpointing:
        learner.unet.enable_gradient_checkpointing()
    draws = torch.Generator().manual_seed(settings.seed)
    trained = learner.trained()
    model, optimiser = processes.accelerator.prepare(learner, optimiser)
    piece = settings.micro_batch or processes.batch
    scaler = processes.accelerator.scaler
    return Run(
        settings,
        prepared,
        ConceptTraining(processes, learner, model, optimiser, prepared.schedule, settings.prior_weight, draws),
        RunState(out / "state.pt", prepared.printed, trained, optimiser, {"draws": draws}, scaler),
        hold_out(prepared.data, prepared.schedule, seed=settings.seed, piece=piece),
        save,
    )


def words_of(prepared: Prepared) -> dict[str, dict[str, str]]:
    """Which word is whose, for `tokens.json`: token -> name and noun; nothing for that of the composition."""
    own = {one.token: {"name": one.name, "noun": one.noun} for one in prepared.material.concepts}
    return {token: own.get(token, {}) for token in prepared.tokens.lengths}


def _starts(material: Material, how: Prompting, start: str) -> dict[str, str | None]:
    """Token -> words that it starts as; the composition's is always a rare one."""
    usual = {"rare": None}
    found = {one.token: one.noun if start == "noun" else usual.get(start, start) for one in material.concepts}
    return {**found, **({COMPOSITION: None} if how.composition else {})}


def _tokens(material: Material, how: Prompting) -> list[str]:
    return [*(one.token for one in material.concepts), *([COMPOSITION] if how.composition else [])]


def _vary(
    material: Material, how: Prompting, fits: Fits, settings: TrainConceptSettings
) -> tuple[list[Variation], int]:
    return vary(
        material,
        how,
        fits,
        count=settings.variations,
        resize=settings.resize,
        flip=settings.flip,
        held_out=settings.held_out,
        seed=settings.seed,
    )


def _classes(base: Base, out: Path, settings: TrainConceptSettings, material: Material) -> Sequence[tuple[str, Any]]:
    if settings.prior_weight == 0.0:
        return []
    folder = Path(settings.regularisation).expanduser() if settings.regularisation else out / REGULARISATION
    if settings.regularisation and folder.exists() and not folder.is_dir():
        raise InputError(f"{folder}: not a folder; give one that holds a folder of pictures a class")
    how = sampling(_shown(base, settings), base.checkpoint)
    count, batch = settings.prior_pictures, base.checkpoint.defaults.batch
    return class_pictures(base.bundle, material.classes, folder, how, count=count, batch=batch, seed=settings.seed)


def _grid(base: Base, out: Path, settings: TrainConceptSettings, material: Material, how: Prompting) -> ConceptGrid:
    hashes = base.bundle.hashes
    return ConceptGrid(
        folder=out,
        material=material,
        prompts=grid_prompts(material.concepts, how)[: settings.grid],
        how=sampling(_shown(base, settings), base.checkpoint),
        seed=settings.seed,
        batch=base.checkpoint.defaults.batch,
        run=content_hash(*(hashes[part] for part in sorted(hashes)), str(base.width), str(base.height)),
    )


def _shown(base: Base, settings: TrainConceptSettings) -> GenerateSettings:
    return GenerateSettings(prompts=("-",), base=settings.base, width=base.width, height=base.height)


def is_small(settings: TrainConceptSettings) -> bool:
    """Whether the base is of the pocket family's size: those learn faster.

    Raises:
        ModelError: no such base.
    """
    return open_checkpoint(settings.base).defaults.small
