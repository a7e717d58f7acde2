"""``vivant generate``: flags to settings, settings to pictures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vivant.errors import InputError, SettingsError

if TYPE_CHECKING:
    from vivant.generation.plan import Picture
    from vivant.generation.session import Session
    from vivant.settings.generate import GenerateSettings

PathArgument = click.Path(path_type=Path)


@click.command()
@click.argument("prompt", required=False)
@click.option("-o", "--out", type=PathArgument, required=True, help="A file ending in .png, or a folder.")
@click.option("-n", "--count", type=int, help="Pictures a prompt.  [default: 1]")
@click.option("--seed", type=int, help="Of the first picture; the next one has the next seed.  [default: 0]")
@click.option("--base", help="pocket, sdxl, sd15, a folder in the diffusers layout, or a hub id.  [default: pocket]")
@click.option("--sampling-steps", type=int, help="Steps of denoising.  [default: the base's]")
@click.option("--guidance", type=float, help="How closely to follow the prompt; 1 is none.  [default: the base's]")
@click.option("--guidance-rescale", type=float, help="How far to undo guidance's contrast, 0 to 1.")
@click.option("--negative", help="What the pictures should not look like.")
@click.option("--width", type=int, help="Pixels, a multiple of 8.  [default: the base's]")
@click.option("--height", type=int, help="Pixels, a multiple of 8.  [default: the base's]")
@click.option("--batch", type=int, help="Pictures drawn together; fewer need less memory.  [default: the base's]")
@click.option("--device", help="auto, cpu, cuda, mps.  [default: auto]")
@click.option("--dtype", help="auto, float32, float16, bfloat16.  [default: auto]")
@click.option("--subject", "sources", multiple=True, help="cat=photos/cat, a photo or a folder; up to 6 times.")
@click.option("--box", "boxes", multiple=True, help="cat=0,.2,.45,.85: its left, top, right and bottom edge.")
@click.option("--scale", "scales", multiple=True, help="How strong photos are: 0.6, or cat=0.8.  [default: 0.6]")
@click.option("--photos", type=int, help="Photos of a subject's folder that are used, first by name.  [default: 1]")
@click.option("--layout", help="Subjects without a box: boxes proposes one, attention goes without.  [default: boxes]")
@click.option("--layout-start", type=float, help="attention: share of the steps before the first estimate.")
@click.option("--layout-threshold", type=float, help="attention: how much of it makes a subject's place, 0 to 1.")
@click.option("--adapter", help="Of image prompts: a file, a folder or a hub id.  [default: the base's]")
@click.option("--image-encoder", help="That it was trained with.  [default: the base's]")
@click.option("--local-encoder", help="Of local tokens; none, or same as the image encoder.  [default: the base's]")
@click.option("--lora", "loras", multiple=True, help="runs/hug, or runs/hug:0.8 for a weight; any number of times.")
@click.option("--tuned", help="runs/mine of vivant train custom-diffusion and its like; its words are known then.")
@click.option("--prompts", "prompt_file", type=PathArgument, help="A text file, one prompt a line.")
@click.option("--from", "source", type=PathArgument, help="Draw this picture again; flags override its recipe.")
def generate(prompt: str | None, out: Path, prompt_file: Path | None, source: Path | None, **flags: Any) -> None:
    """Draw pictures of PROMPT, as "a fox is dancing in a ballroom", with your own subjects if you give photos.

    Every picture carries how it was made. Finished ones are not drawn again: the same command goes on where it stopped.
    """
    from vivant.generation.plan import differences
    from vivant.generation.session import open_session
    from vivant.images import read_recipe

    recipe = read_recipe(source) if source else None
    settings = _settings(recipe, str(source), _prompts(prompt, prompt_file), flags)
    session = open_session(settings, "vivant generate", _note)
    pictures = session.plan(out)
    if recipe is not None:
        for line in differences(recipe, pictures[0]):
            _note(f"{source}: {line}; the picture may come out different")
    if session.how.guidance == 1.0 and session.how.negative:
        _note("at guidance 1 nothing is compared with the negative prompt, so it changes nothing")
    wanted = [picture for picture in pictures if not picture.is_there()]
    if wanted:
        _draw(session, wanted)
    _tell(out, pictures, len(wanted))


def _prompts(prompt: str | None, prompt_file: Path | None) -> list[str]:
    """What is asked for on the command line, which may be nothing where a picture is drawn again."""
    if prompt is not None and prompt_file is not None:
        raise InputError("give PROMPT or --prompts FILE, not both")
    if prompt_file is None:
        return [] if prompt is None else [prompt]
    try:
        lines = prompt_file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{prompt_file}: cannot be read ({error})") from error
    found = [line.strip() for line in lines if line.strip()]
    if not found:
        raise InputError(f"{prompt_file}: holds no prompt; write one a line")
    return found


def _settings(
    recipe: dict[str, Any] | None, source: str, prompts: list[str], flags: dict[str, Any]
) -> GenerateSettings:
    from vivant.generation.inputs import lora_flag, subject_flags
    from vivant.generation.plan import settings_of
    from vivant.settings.base import load_settings
    from vivant.settings.generate import GenerateSettings

    if recipe is None and not prompts:
        raise InputError('say what to draw: vivant generate "a fox is dancing in a ballroom" -o out.png')
    sources, boxes, scales, loras = (flags.pop(name) for name in ("sources", "boxes", "scales", "loras"))
    given = {name: value for name, value in flags.items() if value is not None}
    if prompts:
        given["prompts"] = prompts
    moved = not given.keys().isdisjoint({"prompts", "width", "height", "layout"})
    preset = settings_of(recipe, source, keep_proposed=not moved) if recipe is not None else {}
    given |= subject_flags(sources, boxes, scales, known=preset.get("subjects", {}))
    if loras:
        given["loras"] = [lora_flag(text) for text in loras]
    settings = load_settings(GenerateSettings, preset=preset, flags=given)
    _refuse_idle(settings, given)
    return settings


def _refuse_idle(settings: GenerateSettings, given: dict[str, Any]) -> None:
    """A flag that would change nothing is a mistake."""
    flags = {name: f"--{name.replace('_', '-')}" for name in given}
    of_subjects = ("scale", "photos", "layout", "layout_start", "layout_threshold", "adapter", "image_encoder")
    if not settings.subjects:
        for name in (*of_subjects, "local_encoder"):
            if name in given:
                raise SettingsError(f"{flags[name]} is about subjects: give one with --subject cat=photos/cat")
    if settings.layout == "boxes":
        for name in ("layout_start", "layout_threshold"):
            if name in given:
                raise SettingsError(f"{flags[name]} is about estimated places: set --layout attention too")


def _draw(session: Session, pictures: Sequence[Picture]) -> None:
    from vivant.generation.pictures import steps_in_all
    from vivant.generation.session import draw_session, load_session
    from vivant.progress import progress

    bundle = load_session(session)
    steps = steps_in_all(bundle, len(pictures), session.how, session.batch)
    with progress("steps", steps) as tick:
        for _ in draw_session(session, bundle, pictures, record=lambda step: tick(), say=_note):
            pass  # each is on disk by now, and stays there if the run is stopped


def _tell(out: Path, pictures: Sequence[Picture], drawn: int) -> None:
    there = len(pictures) - drawn
    if len(pictures) == 1:
        click.echo(f"{pictures[0].path}: {'drawn' if drawn else 'is there already, from the same recipe'}")
    else:
        note = f", {there} were there already" if there else ""
        click.echo(f"{drawn} pictures drawn{note}: {pictures[0].path} to {pictures[-1].path}")


def _note(line: str) -> None:
    click.echo(line, err=True)
