"""Attempts at scenes, stage after stage: lay out, compose, repaint, caption, check, store (Gen4Gen section 3.2)."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from itertools import zip_longest

import cv2

from vivant.data.backgrounds import render_background
from vivant.data.captions.caption import Captions
from vivant.data.checks.check import CheckResult, check
from vivant.data.compose import compose
from vivant.data.fillings import Models
from vivant.data.plan.layout import layout_faults
from vivant.data.records import SceneRecord, scene_subjects
from vivant.data.studio import Draft, Studio, choose
from vivant.errors import EndpointError, ModelError, StoreError, VivantError
from vivant.settings.compose import STAGES, Stage
from vivant.types import Image, Scene

# What a scene that nobody foresaw may raise: it costs that scene, not the run.
_BUGS = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError, cv2.error)

log = logging.getLogger(__name__)


def make_scenes(studio: Studio, models: Models, attempts: Sequence[int], until: Stage = "store") -> list[SceneRecord]:
    """Attempts from choosing to storing, together: models that take several pictures at once get them at once.

    Args:
        studio: what all scenes share.
        models: what plans, repaints and captions.
        attempts: their numbers; with the seed they decide everything random.
        until: the last stage. Before "store" nothing is finished: the stage's results are kept to look at.

    Returns:
        The finished records, accepted or rejected; none when stopped before "store". An attempt that fails is a
        recorded reject; what would fail every attempt is raised.

    Raises:
        StoreError: the folder cannot be written or the disk is full.
        ModelError: a model cannot run here.
    """
    try:
        return _make_scenes(studio, models, attempts, until)
    except (StoreError, ModelError, EndpointError):
        raise
    except (VivantError, *_BUGS) as error:
        if len(attempts) > 1:
            return [record for attempt in attempts for record in make_scenes(studio, models, [attempt], until)]
        reason = str(error) if isinstance(error, VivantError) else f"unexpected {type(error).__name__}: {error}"
        log.debug("scene %06d failed", attempts[0], exc_info=True)
        if until != "store":
            studio.store.save_stage(attempts[0], "error", {"reason": reason})
            return []
        return [studio.store.save_rejected_scene(attempts[0], reason, {}, None)]


def _make_scenes(studio: Studio, models: Models, attempts: Sequence[int], until: Stage) -> list[SceneRecord]:
    last = STAGES.index(until)
    drafts = [_draft(studio, models, attempt) for attempt in attempts]
    images = models.repaint(drafts) if last >= STAGES.index("repaint") else []
    captions = models.caption(drafts, images) if last >= STAGES.index("caption") else []
    if until == "store":
        return [_finish(studio, *made) for made in zip(drafts, images, captions, strict=True)]
    for draft, image, words in zip_longest(drafts, images, captions):
        _show(studio, draft, until, image, words)
    return []


def _draft(studio: Studio, models: Models, attempt: int) -> Draft:
    settings = studio.settings
    choice = choose(studio.cast, attempt, studio.rng(attempt, "associate"))
    image, background = render_background(
        choice.background, settings.width, settings.height, studio.rng(attempt, "compose"), studio.backgrounds
    )
    items = tuple(studio.layout_item(record) for record in choice.cutouts.values())
    layout = models.plan(attempt, items, background)
    cutouts = {name: studio.cutout(record) for name, record in choice.cutouts.items()}
    composite = compose(layout, cutouts, settings.width, settings.height)
    nouns = {item.name: studio.cast.subjects[item.name].noun for item in items}
    return Draft(attempt, choice, items, background, image, layout, composite, nouns)


def _check(studio: Studio, draft: Draft, image: Image) -> CheckResult:
    settings = studio.settings
    faults = layout_faults(draft.layout, draft.items, draft.background, settings.layout)
    return check(image, draft.composite, draft.layout, draft.background, faults, settings.check)


def _finish(studio: Studio, draft: Draft, image: Image, words: Captions) -> SceneRecord:
    finished = studio.store.load_scene(draft.attempt)
    if finished is not None:  # by a run that was killed in the middle of this batch
        return finished
    result = _check(studio, draft, image)
    if result.reasons:
        return studio.store.save_rejected_scene(draft.attempt, "; ".join(result.reasons), result.scores, image)
    scene = Scene(
        file_name=f"images/{draft.attempt:06d}.png",
        text=words.text,
        text_detailed=words.text_detailed,
        subjects=scene_subjects(draft.attempt, draft.composite, draft.layout, draft.nouns, draft.choice.cutouts),
        background=draft.background.prompt,
        scores=dict(result.scores),
        made={
            **studio.cast.made,
            "attempt": draft.attempt,
            "scene": draft.background.scene,
            "background_photo": draft.background.path.name if draft.background.path else "",
            "layout": draft.layout.source,
            "note": "; ".join(filter(None, (draft.layout.note, words.note))),
        },
    )
    visible = {layer.subject: layer.visible for layer in draft.composite.layers}
    masks = {subject.mask: visible[subject.name] for subject in scene.subjects}
    return studio.store.save_scene(draft.attempt, scene, image, masks)


def _show(studio: Studio, draft: Draft, until: Stage, image: Image | None, words: Captions | None) -> None:
    """Keep what there is after a stage."""
    save = studio.store.save_stage
    save(draft.attempt, "layout", draft.layout.model_dump(mode="json"))
    if until == "layout":
        return
    save(draft.attempt, "foreground", draft.composite.foreground)
    save(draft.attempt, "hard_mask", draft.composite.hard_mask)
    save(draft.attempt, "soft_mask", draft.composite.soft_mask)
    if image is not None:
        save(draft.attempt, "image", image)
    if words is not None:
        save(draft.attempt, "captions", {"text": words.text, "text_detailed": words.text_detailed, "note": words.note})
    if until == "check" and image is not None:
        result = _check(studio, draft, image)
        save(draft.attempt, "check", {"scores": dict(result.scores), "reasons": list(result.reasons)})
