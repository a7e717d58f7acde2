"""``vivant world``: the storybook world as a data set, as photos, as a sheet."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from vivant.settings.world import WorldSettings

Out = click.Path(path_type=Path)


@click.group()
def world() -> None:
    """A storybook world that knows its own truth."""


@world.command()
@click.option("-o", "--out", type=Out, required=True, help="The data set; one begun before is continued.")
@click.option("-n", "--count", type=int, help="Scenes.  [default: 100]")
@click.option("--size", type=int, help="Pixels a side.  [default: 512]")
@click.option("--seed", type=int, help="Of everything random.  [default: 0]")
@click.option("--relation", "relations", multiple=True, help="Only this one; may be given again.  [default: all]")
@click.option("--kind", "kinds", multiple=True, help="Only this kind of subject; may be given again.  [default: all]")
@click.option("--backdrop", "backdrops", multiple=True, help="Only this place; may be given again.  [default: all]")
@click.option("--individuals", type=int, help="Of each kind; every scene is cast from them.  [default: always new]")
@click.option("--references", type=int, help="Portraits an individual.  [default: 1]")
@click.option("--config", type=Out, help="Settings file (YAML); flags win.")
@click.option("--workers", type=click.IntRange(1), help="Processes.  [default: one a processor]")
def scenes(out: Path, config: Path | None, workers: int | None, **flags: Any) -> None:
    """Act scenes and write them as a data set, with masks, boxes, keypoints, identities and captions."""
    from vivant.data.performed import perform_set

    records = perform_set(out, _settings(config, flags), workers=workers)
    for record in records[:3]:
        if record.scene is not None:
            click.echo(f"  {record.scene.text}")
    click.echo(f"{len(records)} scenes in {out}")


@world.command()
@click.option("-o", "--out", type=Out, required=True, help="Folder of photos, one folder a subject.")
@click.option("--kind", "kinds", multiple=True, help="Only this kind; may be given again.  [default: all]")
@click.option("--individuals", type=int, help="Of each kind.  [default: 1]")
@click.option("--references", type=int, default=3, show_default=True, help="Photos a subject.")
@click.option("--size", type=int, help="Pixels a side.  [default: 512]")
@click.option("--seed", type=int, help="Of everything random.  [default: 0]")
@click.option("--alpha", is_flag=True, help="Free them from their backdrop by their true mask.")
def photos(out: Path, alpha: bool, **flags: Any) -> None:
    """Draw portraits of the world's characters, as `vivant compose` takes them."""
    from vivant.data.performed import draw_photos

    written = draw_photos(out, _settings(None, flags), alpha=alpha)
    click.echo(f"{len(written)} photos of {len({path.parent for path in written})} subjects in {out}")


@world.command()
@click.option("-o", "--out", type=Out, required=True, help="Folder of the sheets.")
@click.option("--size", type=click.IntRange(32, 512), default=192, show_default=True, help="Pixels of a tile.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Of everything random.")
def sheets(out: Path, size: int, seed: int) -> None:
    """Draw all kinds, all relations and all backdrops."""
    from vivant.images import write_jpeg
    from vivant.world.sheets import SHEETS

    for name, draw in SHEETS.items():
        path = out / f"{name}.jpg"
        write_jpeg(path, draw(size, seed))
        click.echo(path)


def _settings(config: Path | None, flags: dict[str, Any]) -> WorldSettings:
    from vivant.settings.base import load_settings
    from vivant.settings.world import WorldSettings

    given = {name: value for name, value in flags.items() if value is not None and value != ()}
    return load_settings(WorldSettings, file=config, flags=given)
