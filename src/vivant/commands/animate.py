"""``vivant animate``: a picture and a sentence to a clip."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vivant.errors import ImageError

if TYPE_CHECKING:
    from vivant.generation.animate import Clip
    from vivant.generation.video_base import VideoBase
    from vivant.settings.animate import AnimateSettings
    from vivant.types import Image

PathArgument = click.Path(path_type=Path)


@click.command()
@click.argument("picture", type=PathArgument)
@click.argument("prompt", required=False)
@click.option("-o", "--out", type=PathArgument, required=True, help="A .mp4, .gif or .webp, or a folder for frames.")
@click.option("--base", help="CogVideoX image-to-video: a folder or a hub id.  [default: THUDM/CogVideoX-5b-I2V]")
@click.option("--seed", type=int, help="Of the noise.  [default: 0]")
@click.option("--sampling-steps", type=int, help="Steps of denoising.  [default: 50]")
@click.option("--guidance", type=float, help="How closely to follow the prompt; 1 is none.  [default: 6]")
@click.option("--negative", help="What the clip should not look like.")
@click.option("--frames", type=int, help="One and a multiple of 8.  [default: the base's]")
@click.option("--fps", type=int, help="Frames a second.  [default: the base's]")
@click.option("--width", type=int, help="Pixels, a multiple of 16.  [default: the base's]")
@click.option("--height", type=int, help="Pixels, a multiple of 16.  [default: the base's]")
@click.option("--fit", help="A picture of another shape: crop, or pad with black bars.  [default: crop]")
@click.option("--offload", help="Off the GPU while not needed: none, model, sequential, auto.  [default: auto]")
@click.option("--vae-tiling/--no-vae-tiling", default=None, help="Encode and decode in tiles: less memory.")
@click.option("--codec", help="Of an .mp4: mp4v for any player, vp9 for browsers.  [default: mp4v]")
@click.option("--device", help="auto, cpu, cuda, mps.  [default: auto]")
@click.option("--dtype", help="auto, float32, float16, bfloat16.  [default: auto]")
def animate(picture: Path, prompt: str | None, out: Path, **flags: Any) -> None:
    """Let PICTURE be the first frame of a clip in which PROMPT happens, as "they are hugging".

    Without PROMPT, a picture that vivant drew is animated by its own. The same command does not make a clip again.
    """
    from vivant.generation.animate import plan_clip, prompt_of
    from vivant.generation.clips import clip_kind
    from vivant.generation.cogvideox import clip_dtype
    from vivant.generation.video_base import open_video_base
    from vivant.images import read_image
    from vivant.models.torch_models import pick_device
    from vivant.settings.animate import AnimateSettings
    from vivant.settings.base import load_settings

    clip_kind(out)
    image, own = read_image(picture), _recipe(picture)
    given = {name: value for name, value in flags.items() if value is not None}
    given["prompt"] = prompt if prompt is not None else prompt_of(own, picture)
    settings = load_settings(AnimateSettings, flags=given)
    device = pick_device(settings.device, "vivant animate")
    dtype = clip_dtype(settings, device)
    base = open_video_base(settings.base, say=_note)
    clip = plan_clip(settings, base, image, own, out, str(dtype).removeprefix("torch."))
    made = not clip.is_there()
    if made:
        _say_what_is_lost(settings, clip, image)
        _make(base, clip, settings, device, dtype)
    click.echo(f"{out}: {f'{clip.frames} frames made' if made else 'is there already, from the same recipe'}")


def _recipe(picture: Path) -> dict[str, Any] | None:
    from vivant.images import read_recipe

    try:
        return read_recipe(picture)
    except ImageError:
        return None  # any photo may be animated


def _say_what_is_lost(settings: AnimateSettings, clip: Clip, image: Image) -> None:
    from vivant.generation.animate import cut_away

    lost = cut_away(image, clip.start.shape[1], clip.start.shape[0])
    if settings.fit == "crop" and lost > 0.01:
        _note(f"the clip has another shape: {lost:.0%} of the picture is cut away; --fit pad keeps it whole")


def _make(base: VideoBase, clip: Clip, settings: AnimateSettings, device: Any, dtype: Any) -> None:
    from vivant.generation.animate import draw_clip, left_out
    from vivant.generation.clips import write_clip
    from vivant.generation.cogvideox import load_pipeline, settle
    from vivant.models.torch_models import one_thread_if_small
    from vivant.progress import progress

    one_thread_if_small(max(base.width, base.height) <= 256, device)
    pipeline = load_pipeline(base, dtype, clip.frames)
    lost = left_out(pipeline, base.tokens, clip.prompt)
    if lost:
        _note(f"the base reads {base.tokens} tokens of a prompt and no more; left out: {lost!r}")
    settle(pipeline, device, settings.offload, tiling=settings.vae_tiling)
    with progress("steps", clip.steps) as tick:
        frames = draw_clip(pipeline, clip, base.tokens, record=tick)
    write_clip(clip.out, frames, clip.fps, clip.recipe, codec=settings.codec)


def _note(line: str) -> None:
    click.echo(line, err=True)
