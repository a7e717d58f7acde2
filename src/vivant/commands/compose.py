"""``vivant compose``: flags to settings, settings to the engine, the report to the terminal."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vivant.commands.flags import assign
from vivant.errors import InputError, SettingsError
from vivant.settings.compose import STAGES, ComposeSettings, compose_preset
from vivant.settings.plan import endpoint_from_environment
from vivant.settings.profiles import PROFILES, fillings

if TYPE_CHECKING:
    from vivant.data.engine import Report

PathArgument = click.Path(path_type=Path)


def choices(role: str) -> click.Choice[str]:
    """What may fill a role."""
    return click.Choice(tuple(fillings(role)))


@click.command()
@click.argument("photos", type=PathArgument)
@click.option("-o", "--out", type=PathArgument, required=True, help="Folder of the data set; one begun is continued.")
@click.option("--count", type=int, help="Accepted scenes wanted.  [default: 12]")
@click.option("--seed", type=int, help="Of everything random.  [default: 0]")
@click.option("--size", metavar="PX|WxH", help="Size of a scene.  [default: 1024]")
@click.option("--backgrounds", type=PathArgument, help="A folder a scene, as DIR/garden/*.")
@click.option("--profile", type=click.Choice(PROFILES), default="embedded", show_default=True, help="Which models.")
@click.option("--workers", type=click.IntRange(1, 256), help="Processes.  [default: one a processor]")
@click.option("--stop-after", type=click.Choice(STAGES), default="store", help="Last stage to run.")
@click.option("--config", type=PathArgument, help="Settings as YAML; flags win over it.")
@click.option("--segmenter", type=choices("segmenter"), help="What cuts subjects out.")
@click.option("--planner", type=choices("planner"), help="What combines subjects and plans boxes.")
@click.option("--repainter", type=choices("repainter"), help="What puts them into the background.")
@click.option("--captioner", type=choices("captioner"), help="What writes the detailed caption.")
@click.option("--nouns", type=PathArgument, help="CSV of nouns to add to the built-in table.")
@click.option("--llm-url", help="OpenAI-compatible endpoint.  [env: VIVANT_LLM_BASE_URL]")
@click.option("--llm-model", help="Model at the endpoint.  [env: VIVANT_LLM_MODEL]")
@click.option("--llm-key", help="Its key; better in the environment.  [env: VIVANT_LLM_API_KEY]")
@click.option("--set", "assignments", multiple=True, metavar="NAME=VALUE", help="Any setting, as check.seam=0.4.")
def compose(photos: Path, out: Path, profile: str, workers: int | None, stop_after: str, **options: Any) -> None:
    """Turn PHOTOS, one folder of pictures a subject, into realistic scenes with several of them, each captioned.

    A folder's name is its noun: sloth_plushie is "sloth plushie", cat2 a second cat. A subject.toml beside the photos
    may say otherwise (noun, height_m, rests_on, found).
    """
    from vivant.data.engine import compose_set

    settings = _settings(profile, options)
    report = compose_set(
        photos,
        out,
        settings,
        backgrounds=options["backgrounds"],
        workers=workers,
        stop_after=next(stage for stage in STAGES if stage == stop_after),
        say=lambda line: click.echo(line, err=True),
    )
    _print_report(report, settings, stop_after)


def _settings(profile: str, options: dict[str, Any]) -> ComposeSettings:
    from vivant.settings.base import load_settings

    flags: dict[str, Any] = {name: options[name] for name in ("count", "seed") if options[name] is not None}
    flags |= {name: options[name] for name in ("planner", "repainter", "captioner") if options[name] is not None}
    if options["size"] is not None:
        flags["width"], flags["height"] = _size(options["size"])
    if options["nouns"] is not None:
        flags["associate"] = {"nouns_file": options["nouns"]}
    if options["segmenter"] is not None:
        flags["segment"] = {"method": options["segmenter"]}
    for assignment in options["assignments"]:
        assign(flags, assignment)
    preset = compose_preset(next(name for name in PROFILES if name == profile))
    endpoint = endpoint_from_environment(
        os.environ, base_url=options["llm_url"], model=options["llm_model"], api_key=options["llm_key"]
    )
    if endpoint is not None:
        preset["endpoint"] = endpoint.model_dump()
    return load_settings(ComposeSettings, preset=preset, file=options["config"], flags=flags)


def _size(text: str) -> tuple[int, int]:
    found = re.fullmatch(r"(\d+)(?:[x×](\d+))?", text.strip())
    if found is None:
        raise SettingsError(f"--size {text}: give pixels as 1024, or width x height as 1024x768")
    return int(found[1]), int(found[2] or found[1])


def _print_report(report: Report, settings: ComposeSettings, stop_after: str) -> None:
    cut = sum(record.accepted for record in report.cutouts)
    click.echo(f"cutouts: {cut} of {len(report.cutouts)} accepted; look at {report.root / 'cutouts.jpg'}")
    if stop_after == "segment":
        return
    click.echo(f"combinations: {len(report.combinations)}")
    if stop_after == "associate":
        for combination in report.combinations:
            click.echo(f"  {', '.join(combination.subjects)}: {'; '.join(combination.prompts)}")
    elif stop_after != "store":
        click.echo(f"stopped after {stop_after}; look at {report.root / 'stages'}")
    else:
        _print_scenes(report, settings.count)


def _print_scenes(report: Report, wanted: int) -> None:
    rejected = len(report.scenes) - report.accepted
    click.echo(f"scenes: {report.accepted} in {report.root / 'images'}, {rejected} rejected (rejects.jsonl says why)")
    for reason, times in report.reasons.most_common(3):
        click.echo(f"  {times} x {reason}", err=True)
    if report.accepted == 0:
        raise InputError(f"{report.root}: no scene passed the checks; rejects.jsonl and rejects/ show why")
    if report.accepted < wanted:
        click.echo(f"fewer than the {wanted} wanted: loosen the checks (--set check.…) or give more photos", err=True)
