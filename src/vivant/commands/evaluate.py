"""``vivant evaluate``: cases, then pictures, then scores, then one table of all methods."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vivant.errors import InputError, SettingsError

if TYPE_CHECKING:
    from vivant.evaluation.benchmarks.cases import Manifest
    from vivant.evaluation.references import References
    from vivant.evaluation.scoring import PictureScores
    from vivant.evaluation.summary import Summary
    from vivant.settings.evaluate import ScoreSettings

PathArgument = click.Path(path_type=Path)
BENCHMARKS = ("relationbench", "mycanvas", "dreambench", "customconcept101", "world")
SCORES, CACHE, TABLE = "scores", "features.sqlite", "table"


@click.group()
def evaluate() -> None:
    """Score pictures of your subjects, ours or anyone's, on the papers' benchmarks.

    First `cases`, then `generate` (or a folder of pictures of your own), then `score`; `table` compares. Every step
    goes on where it stopped.
    """


@evaluate.command()
@click.argument("benchmark", type=click.Choice(BENCHMARKS))
@click.option("-o", "--out", type=PathArgument, required=True, help="Folder of the benchmark.")
@click.option("--subjects", type=PathArgument, help="One folder of photos a subject; or CustomConcept101's folder.")
@click.option("--manifest", type=PathArgument, help="Your own cases: JSON lines with prompt and subjects.")
@click.option("--prompts", help="relationbench: short (DreamRelation's) or long (RelationBooth's).  [default: short]")
@click.option("--which", help="Cases of single or multi subjects, or both.  [default: both]")
@click.option("-n", "--count", type=int, help="Cases.  [default: the paper's]")
@click.option("--samples", type=int, help="Pictures a case.  [default: the paper's]")
@click.option("--seed", type=int, help="Of who meets whom where.  [default: 0]")
@click.option("--size", type=int, help="world: pixels a side.  [default: 128]")
@click.option("--relation", "relations", multiple=True, help="world: only this one; may be given again.")
def cases(benchmark: str, out: Path, **flags: Any) -> None:
    """Write the cases of BENCHMARK: which subjects do what, where."""
    from vivant.evaluation.benchmarks.cases import write_manifest
    from vivant.evaluation.benchmarks.make import make_manifest
    from vivant.settings.base import load_settings
    from vivant.settings.evaluate import CasesSettings

    given = {name: value for name, value in flags.items() if value not in (None, ())}
    settings = load_settings(CasesSettings, flags={"benchmark": benchmark, **given})
    manifest = make_manifest(out, settings)
    write_manifest(out, manifest)
    for case in manifest.cases[:3]:
        click.echo(f"  {case.prompt}")
    click.echo(f"{len(manifest.cases)} cases of {manifest.samples} pictures in {out}")


@evaluate.command()
@click.argument("folder", type=PathArgument)
@click.option("--name", required=True, help="Of the method, as the tables call it.")
@click.option("--text-only", is_flag=True, help="Draw from the prompt alone, without the subjects' photos.")
@click.option("--seed", type=int, help="Of a case's first picture.  [default: 0]")
@click.option("--base", help="As in vivant generate, like all flags below.  [default: pocket]")
@click.option("--sampling-steps", type=int, help="Steps of denoising.")
@click.option("--guidance", type=float, help="How closely to follow the prompt.")
@click.option("--width", type=int, help="Pixels.")
@click.option("--height", type=int, help="Pixels.")
@click.option("--batch", type=int, help="Pictures drawn together.")
@click.option("--device", help="auto, cpu, cuda, mps.")
@click.option("--dtype", help="auto, float32, float16, bfloat16.")
@click.option("--scale", type=float, help="How strong photos are.")
@click.option("--photos", type=int, help="Photos of a subject that are used.")
@click.option("--layout", help="boxes or attention.")
@click.option("--adapter", help="Of image prompts.")
@click.option("--image-encoder", help="That it was trained with.")
@click.option("--local-encoder", help="Of local tokens.")
@click.option("--lora", "loras", multiple=True, help="runs/hug, or runs/hug:0.8 for a weight; or R*.")
@click.option("--tuned", help="runs/mine of vivant train custom-diffusion and its like: the cases of its subjects.")
def generate(folder: Path, name: str, text_only: bool, loras: Sequence[str], **flags: Any) -> None:
    """Draw every case of FOLDER by one of Vivant's methods; finished pictures are not drawn again."""
    from vivant.evaluation.benchmarks.cases import read_manifest
    from vivant.evaluation.draw import case_settings, plan_cases
    from vivant.evaluation.tuned_cases import read_words, tuned_cases
    from vivant.generation.inputs import lora_flag
    from vivant.generation.session import draw_session, load_session, open_session
    from vivant.progress import progress

    manifest = read_manifest(folder)
    given = {key: value for key, value in flags.items() if value is not None}
    if "tuned" in given:
        manifest, others = tuned_cases(manifest, read_words(Path(given["tuned"]).expanduser()))
        if others:
            _note(f"{others} cases show others than {given['tuned']} has learned, and are not drawn")
    idle = {"scale", "photos", "layout", "adapter", "image_encoder", "local_encoder"} & given.keys()
    if text_only and idle:
        raise SettingsError(f"--{min(idle).replace('_', '-')} changes nothing beside --text-only: leave one out")
    given |= {"loras": [lora_flag(text) for text in loras]} if loras else {}
    settings = case_settings(manifest.cases[0], manifest.samples, given, with_subjects=not text_only)
    session = open_session(settings, "vivant evaluate generate", _note)
    pictures = plan_cases(manifest, _method(folder, name), given, session)
    wanted = [picture for picture in pictures if not picture.is_there()]
    if wanted:
        bundle = load_session(session)
        with progress("pictures", len(wanted)) as tick:
            for _ in draw_session(session, bundle, wanted, say=_note):
                tick()
    click.echo(f"{len(wanted)} pictures drawn, {len(pictures) - len(wanted)} were there: {_method(folder, name)}")


@evaluate.command()
@click.argument("folder", type=PathArgument)
@click.argument("pictures", type=PathArgument, required=False)
@click.option("--name", help="Of the method, as the tables call it.  [default: the folder of pictures]")
@click.option("--profile", help="embedded, paper or modern: which models see the pictures.  [default: embedded]")
@click.option("--clip", help="Another CLIP than the profile's: a folder or a hub id.")
@click.option("--detector", help="Another OWL-ViT than the profile's.")
@click.option("--dino", help="Another DINO than the profile's.")
@click.option("--keypoints", help="Another ViTPose than the profile's.")
@click.option("--crop", help="What stands for a subject: its box, or the square around it.  [default: box]")
@click.option("--threshold", type=float, help="Least confidence of a box.  [default: 0.1]")
@click.option("--batch", type=int, help="Pictures that a model is given together.  [default: 64]")
@click.option("--device", help="auto, cpu, cuda, mps.  [default: auto]")
@click.option("--seed", type=int, help="Of intervals and of chance.  [default: 0]")
@click.option("--cache", type=PathArgument, help="File of features.  [default: features.sqlite in FOLDER]")
@click.option("--config", type=PathArgument, help="Settings file (YAML); flags win.")
def score(folder: Path, pictures: Path | None, name: str | None, config: Path | None, **flags: Any) -> None:
    """Score PICTURES of the cases in FOLDER: files called <case>.png, <case>-0.png, or <case>/anything.png.

    Without PICTURES, those that `generate --name` drew.
    """
    from vivant.evaluation.benchmarks.cases import read_manifest
    from vivant.evaluation.benchmarks.pictures import pictures_of
    from vivant.evaluation.tables import short
    from vivant.images import SUFFIXES
    from vivant.settings.base import load_settings
    from vivant.settings.evaluate import ScoreSettings

    given = {key: value for key, value in flags.items() if value is not None}
    settings = load_settings(ScoreSettings, file=config, flags=given)
    manifest = read_manifest(folder)
    if pictures is None and name is None:
        raise InputError("name a method that was drawn (--name), or a folder of pictures")
    place = pictures or _method(folder, str(name))
    found, strangers = pictures_of(place, manifest.cases, SUFFIXES)
    if not found:
        raise InputError(f"{place}: no picture of any case; name them after the cases, as {manifest.cases[0].name}.png")
    if strangers:
        _note(f"{len(strangers)} pictures are of no case and left out, as {strangers[0].name}")
    summary = _scored(folder, manifest, name or place.name, found, settings)
    click.echo(short(summary))


def _scored(
    folder: Path, manifest: Manifest, name: str, found: dict[str, list[Path]], settings: ScoreSettings
) -> Summary:
    from vivant.evaluation.cache import FeatureCache
    from vivant.evaluation.features import Features
    from vivant.evaluation.references import References
    from vivant.evaluation.scorers import Scorers
    from vivant.evaluation.scoring import score_pictures
    from vivant.evaluation.summary import summarise, write_scores
    from vivant.models.torch_models import one_thread_if_small, pick_device
    from vivant.progress import progress

    device = pick_device(settings.device, "vivant evaluate score")
    one_thread_if_small(settings.profile == "embedded", device)
    models = {role: getattr(settings, role) for role in ("clip", "detector", "dino", "keypoints")}
    models = {role: model for role, model in models.items() if model is not None}
    scorers = Scorers(settings.profile, device, threshold=settings.threshold, models=models)
    features = Features(FeatureCache(settings.cache or folder / CACHE), batch=settings.batch, watch=progress)
    subjects = {one.name: one for case in manifest.cases for one in case.subjects}
    known = References(subjects, scorers, features)
    rows = score_pictures(manifest.cases, found, known, crop=settings.crop, seed=settings.seed)
    encoders = {**scorers.identities(), "crop": settings.crop}
    if manifest.benchmark == "world":
        encoders |= _judge(manifest, known, rows)
    ceilings = {subject: known.ceilings(subject) for subject in subjects}
    summary = summarise(name, manifest.benchmark, manifest.cases, rows, ceilings, encoders, settings.seed)
    write_scores(folder / SCORES / _safe(name), summary, rows)
    return summary


def _judge(manifest: Manifest, known: References, rows: Sequence[PictureScores]) -> dict[str, Any]:
    """Add what the world's judge says; how it is identified."""
    from vivant.evaluation.summary import add_scores
    from vivant.models.bases import pocket_folder
    from vivant.models.checkpoint import hash_files
    from vivant.pocket.judge import Judge
    from vivant.pocket.judge.cases import judged

    place = pocket_folder().parent / "judge"
    add_scores(rows, judged(Judge.load(place), manifest.cases, known.views))
    return {"judge": {"role": "judge", "model": "pocket/judge", "weights": hash_files([place / "model.safetensors"])}}


@evaluate.command()
@click.argument("folder", type=PathArgument)
@click.argument("names", nargs=-1)
@click.option("--order", is_flag=True, help="NAMES are from best to worst: tell which scores agree.")
def table(folder: Path, names: Sequence[str], order: bool) -> None:
    """Compare scored methods (NAMES, or all): table.md and table.tex in FOLDER, the papers' numbers beside.

    The first one is what the others are tested against.
    """
    from vivant.evaluation.summary import read_summary
    from vivant.evaluation.tables import latex, markdown, ordering
    from vivant.files import write_text

    chosen = [_safe(name) for name in names] or sorted(
        path.parent.name for path in folder.glob(f"{SCORES}/*/summary.json")
    )
    if not chosen:
        raise InputError(f"{folder}: nothing is scored yet: vivant evaluate score {folder} PICTURES")
    summaries = [read_summary(folder / SCORES / name) for name in chosen]
    text = markdown(summaries)
    if order:
        text += f"\n## Order\n\n{ordering(summaries)}\n"
    write_text(folder / f"{TABLE}.md", text)
    write_text(folder / f"{TABLE}.tex", latex(summaries))
    click.echo(ordering(summaries) if order else f"{folder / TABLE}.md and .tex: {', '.join(chosen)}")


def _method(folder: Path, name: str) -> Path:
    from vivant.evaluation.benchmarks.cases import METHODS

    return folder / METHODS / _safe(name)


def _safe(name: str) -> str:
    from vivant.data.naming import safe_name

    return safe_name(name)


def _note(line: str) -> None:
    click.echo(line, err=True)
