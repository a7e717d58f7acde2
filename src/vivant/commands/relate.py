"""``vivant relate``: flags to settings, settings to the engine, the report to the terminal."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vivant.commands.flags import assign
from vivant.errors import InputError, SettingsError
from vivant.settings.profiles import PROFILES

if TYPE_CHECKING:
    from vivant.models.checkpoint import Checkpoint
    from vivant.models.language import ChatEndpoint
    from vivant.relations.engine import Plan, Report, Tools
    from vivant.relations.sample import Annotator, Source
    from vivant.settings.plan import EndpointSettings
    from vivant.settings.relate import RelateSettings
    from vivant.types import Image

PathArgument = click.Path(path_type=Path)
ALL = "all"
SOURCES = ("world", "endpoint", "diffusers")
DRAWING_SECONDS = 300.0
"""A picture takes a model longer than words."""


@click.command()
@click.argument("relations", nargs=-1, required=True, metavar="RELATION...")
@click.option("-o", "--out", type=PathArgument, required=True, help="Folder of the triplets; one begun is continued.")
@click.option("--subjects", help="Who does it, as 'lion, polar bear; wolf, leopard'.  [default: proposed]")
@click.option("-n", "--count", type=int, help="Triplets wanted of each relation.  [default: 6, or all of a folder]")
@click.option("--from", "source", default="world", show_default=True, help="world, endpoint, diffusers, or a folder.")
@click.option("--annotate", type=click.Choice(("own", "models")), help="Take what the source knows, or look anew.")
@click.option("--image-model", help="At the endpoint.  [env: VIVANT_IMAGE_MODEL]")
@click.option("--image-url", help="OpenAI-compatible endpoint of pictures.  [env: VIVANT_IMAGE_BASE_URL]")
@click.option("--base", help="Of diffusers: pocket, sdxl, sd15, a folder, or a hub id.  [default: pocket]")
@click.option("--share", type=float, help="Of diffusers: how much pictures look at each other, 0 to 1.  [default: 1]")
@click.option("--words", is_flag=True, help="Let the language model of VIVANT_LLM_MODEL word the prompts.")
@click.option("--seed", type=int, help="Of everything random.  [default: 0]")
@click.option("--size", type=int, help="Pixels a side, where the source can choose.  [default: 512]")
@click.option("--profile", type=click.Choice(PROFILES), default="embedded", show_default=True, help="Which models.")
@click.option("--keep", multiple=True, metavar="NAME", help="Let a rejected triplet in; 'all' for every one.")
@click.option("--workers", type=click.IntRange(1, 256), help="Processes.  [default: one a processor]")
@click.option("--config", type=PathArgument, help="Settings as YAML; flags win over it.")
@click.option("--set", "assignments", multiple=True, metavar="NAME=VALUE", help="Any setting, as check.pose=0.2.")
def relate(relations: tuple[str, ...], out: Path, keep: tuple[str, ...], workers: int | None, **options: Any) -> None:
    """Make triplets of a RELATION, as "hugging" or "giving a piggyback ride to", to train it from.

    A triplet is a picture of the relation, a picture of each subject alone in another pose, and a sentence; with
    keypoints, masks and boxes. Several relations get a folder each; "all" is every one that the world knows.
    """
    from vivant.relations.engine import relate_set
    from vivant.relations.from_world import world_relations

    names = world_relations() if relations == (ALL,) else relations
    settings = [_settings(name, options) for name in names]
    settings = [_checked(one, has_count=options["count"] is not None) for one in settings]
    for one in settings:
        folder = out if len(settings) == 1 and relations != (ALL,) else out / re.sub(r"\W+", "-", one.relation)
        report = relate_set(folder, one, load, keep=keep, workers=workers, say=lambda line: click.echo(line, err=True))
        _print_report(report, one)


def load(plan: Plan) -> Tools:
    """The tools of a process, as the settings name them."""
    from vivant.relations.engine import Tools
    from vivant.relations.published import is_published

    settings = plan.settings
    known = settings.source == "world" or (settings.source == "folder" and is_published(Path(settings.folder or "")))
    annotator = None if known and settings.annotate == "own" else _annotator(settings)
    return Tools(_source(settings), annotator, None if settings.words is None else _ask(settings))


def _source(settings: RelateSettings) -> Source:
    own = settings.annotate == "own"
    if settings.source == "folder":
        from vivant.relations.from_folder import FolderSource

        return FolderSource(Path(settings.folder or ""), own=own)
    if settings.source == "diffusers":
        return _diffusers(settings)
    if settings.source == "endpoint" and settings.endpoint is not None:
        from vivant.relations.from_endpoint import EndpointSource

        return EndpointSource(_chat(settings.endpoint, settings.seed), settings.api, settings.size)
    from vivant.relations.from_world import WorldSource

    return WorldSource(settings.size, own=own)


def _diffusers(settings: RelateSettings) -> Source:
    """A base that draws the pictures of a triplet together; the record tells which weights and how."""
    from dataclasses import asdict

    from vivant.generation.together import load_together
    from vivant.relations.from_diffusers import DiffusersSource

    checkpoint = _checkpoint(settings.base, settings.device)
    drawer = load_together(settings, checkpoint)
    made = {"base": checkpoint.name, "weights": dict(checkpoint.hashes), "share": drawer.share, **asdict(drawer.how)}
    return DiffusersSource(drawer, made)


@cache
def _checkpoint(base: str, device: str) -> Checkpoint:
    """A base, opened once for all relations and for its source: its files are read whole to be named."""
    from vivant.models.checkpoint import open_checkpoint
    from vivant.models.torch_models import pick_device, pick_dtype

    half = pick_dtype("auto", pick_device(device, "vivant relate")).itemsize == 2
    return open_checkpoint(base, half=half, say=lambda line: click.echo(line, err=True))


def _annotator(settings: RelateSettings) -> Annotator:
    """Detector and keypoints of the profile; masks by the cutout stage, or by SAM where the paper has it."""
    from vivant.data.segment.segmenter import build_segmenter
    from vivant.evaluation.scorers import Scorers
    from vivant.relations.annotate import ModelAnnotator, Outline
    from vivant.relations.outline import CutoutOutline, SamOutline
    from vivant.settings.segment import SegmentSettings

    chosen: dict[str, str] = {role: model for role, model in settings.models.items() if role != "sam"}
    scorers = Scorers(settings.profile, settings.device, threshold=settings.check.confidence, models=chosen)
    outline: Outline = CutoutOutline(build_segmenter(SegmentSettings()))
    if settings.profile != "embedded" or "sam" in settings.models:
        outline = SamOutline(settings.models.get("sam", SegmentSettings().sam_model), settings.device)
    return ModelAnnotator(scorers.detector, scorers.keypoints, outline, _describe(settings))


def _describe(settings: RelateSettings) -> Callable[[Image], str] | None:
    """Captions: LLaVA where the paper has it; else what was asked for is the caption."""
    if settings.profile != "paper":
        return None
    from vivant.data.captions.captioners import LlavaCaptioner
    from vivant.settings.caption import LlavaSettings

    captioner = LlavaCaptioner(LlavaSettings(device=settings.device))
    return lambda image: captioner.describe([image])[0].text


def _ask(settings: RelateSettings) -> Callable[[str], str]:
    """The language model that words the prompts."""
    assert settings.words is not None
    chat = _chat(settings.words, settings.seed)
    return lambda text: chat.complete([{"role": "user", "content": text}])


def _chat(endpoint: EndpointSettings, seed: int) -> ChatEndpoint:
    import numpy as np

    from vivant.models.language import ChatEndpoint

    return ChatEndpoint(endpoint, rng=np.random.default_rng(seed))


def _settings(relation: str, options: dict[str, Any]) -> RelateSettings:
    from vivant.relations.propose import parse_subjects
    from vivant.settings.base import load_settings
    from vivant.settings.relate import RelateSettings

    flags: dict[str, Any] = {"relation": relation, "profile": options["profile"]}
    flags |= {name: options[name] for name in ("count", "seed", "size") if options[name] is not None}
    if options["subjects"] is not None:
        flags["subjects"] = parse_subjects(options["subjects"])
    for name in ("base", "share"):
        if options[name] is not None:
            if options["source"] != "diffusers":
                raise SettingsError(f"--{name} is about pictures that a base draws: set --from diffusers too")
            flags[name] = options[name]
    named = options["source"] in SOURCES
    flags |= {"source": options["source"]} if named else {"source": "folder", "folder": options["source"]}
    if options["annotate"] is not None:
        flags["annotate"] = options["annotate"]
    for assignment in options["assignments"]:
        assign(flags, assignment)
    return load_settings(RelateSettings, preset=_endpoints(options), file=options["config"], flags=flags)


def _endpoints(options: Mapping[str, Any]) -> dict[str, Any]:
    """The image model and the language model that flags and environment name."""
    from vivant.settings.plan import endpoint_from_environment

    found: dict[str, Any] = {}
    if options["words"]:
        words = endpoint_from_environment(os.environ)
        if words is None:
            raise SettingsError("--words: no language model is named: set VIVANT_LLM_MODEL and VIVANT_LLM_BASE_URL")
        found["words"] = words.model_dump()
    if options["source"] == "endpoint":
        image = endpoint_from_environment(
            _image_environment(os.environ), model=options["image_model"], base_url=options["image_url"]
        )
        if image is None:
            raise SettingsError("--from endpoint: name a model that draws: --image-model or VIVANT_IMAGE_MODEL")
        found["endpoint"] = {**image.model_dump(), "timeout": DRAWING_SECONDS}
    return found


def _image_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """The variables of the image model under the names of the language model's; no key goes to another's server."""
    usual = {name: value for name, value in environment.items() if not name.startswith("VIVANT_LLM_")}
    own = {
        f"VIVANT_LLM_{name}": environment[f"VIVANT_IMAGE_{name}"]
        for name in ("MODEL", "BASE_URL", "API_KEY")
        if f"VIVANT_IMAGE_{name}" in environment
    }
    return {**usual, **own}


def _checked(settings: RelateSettings, *, has_count: bool) -> RelateSettings:
    """What the source cannot do is said before any work; a folder gives all that it has."""
    from vivant.relations.from_folder import FolderSource
    from vivant.relations.from_world import check_world

    if settings.source == "world":
        check_world(settings.relation, settings.subjects)
    if settings.source == "diffusers":
        return _sized(settings)
    if settings.source == "folder":
        limit = FolderSource(Path(settings.folder or "")).limit
        return settings.model_copy(update={"count": min(settings.count, limit) if has_count else limit})
    return settings


def _sized(settings: RelateSettings) -> RelateSettings:
    """A base is there and can draw so; where no size is given, its own is the size."""
    from vivant.generation.together import sampling_of

    checkpoint = _checkpoint(settings.base, settings.device)
    if "size" not in settings.model_fields_set:
        settings = settings.model_copy(update={"size": checkpoint.defaults.width})
    sampling_of(settings, checkpoint)
    return settings


def _print_report(report: Report, settings: RelateSettings) -> None:
    rejected = len(report.records) - report.accepted
    click.echo(f"{settings.relation}: {report.accepted} triplets in {report.root}, {rejected} rejected")
    for reason, times in report.reasons.most_common(3):
        click.echo(f"  {times} x {reason}", err=True)
    if rejected:
        click.echo(f"  look at {report.root / 'rejects'}; --keep NAME lets one in all the same", err=True)
    if report.accepted == 0:
        raise InputError(f"{report.root}: no triplet passed the checks; rejects.jsonl and rejects/ show why")
