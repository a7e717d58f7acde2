"""``vivant demo``: the main job on what ships with the project."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.option("-o", "--out", type=click.Path(path_type=Path), default=Path("demo"), show_default=True, help="Folder.")
@click.option("--count", type=click.IntRange(1, 1000), default=8, show_default=True, help="Scenes.")
@click.option("--size", type=click.IntRange(128, 2048), default=768, show_default=True, help="Pixels a side.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Of everything random.")
def demo(out: Path, count: int, size: int, seed: int) -> None:
    """Compose and caption scenes of drawn subjects, draw sentences and portraits together, and say where it all is."""
    from vivant.data.engine import compose_set
    from vivant.data.reader import read_data_set
    from vivant.data.sheet import scene_sheet
    from vivant.data.stats.numbers import dataset_stats
    from vivant.data.stats.page import PAGE, write_stats_page
    from vivant.demo.subjects import draw_photos
    from vivant.images import write_jpeg
    from vivant.settings.compose import ComposeSettings

    photos, data = out / "photos", out / "data"
    if not photos.exists():
        click.echo(f"drawing subjects into {photos}")
        draw_photos(photos, seed)
    settings = ComposeSettings(count=count, width=size, height=size, seed=seed)
    report = compose_set(photos, data, settings, say=lambda line: click.echo(line, err=True))
    found = read_data_set(data)
    write_jpeg(out / "scenes.jpg", scene_sheet(found))
    page = data / PAGE
    write_stats_page(dataset_stats(found.scenes, found.rejects), found, page)
    for scene in found.scenes[:3]:
        click.echo(f"  {scene.text}")
    click.echo(f"{report.accepted} scenes with masks and captions in {data}")
    click.echo(f"look at {out / 'scenes.jpg'}, {data / 'cutouts.jpg'} and {page}")
    _draw_pictures(out, seed)


def _draw_pictures(out: Path, seed: int) -> None:
    from importlib.util import find_spec

    from vivant.images import write_jpeg
    from vivant.progress import progress
    from vivant.settings.profiles import EXTRAS

    missing = [library for library in EXTRAS["models"] if find_spec(library) is None]
    if missing:
        click.echo(f"drawing pictures needs {missing[0]}: pip install 'vivant[models]', then the same command goes on")
        return
    from vivant.demo import pictures

    portraits = pictures.draw_portraits(out / "portraits", seed)
    alone, both = pictures.sentences(seed), pictures.together(portraits, seed)
    found = {}
    with progress("pictures", len(alone.prompts) + len(both.prompts)) as tick:
        for name, settings in (("pictures", alone), ("together", both)):
            for picture in pictures.draw_pictures(settings, out / name):
                found[picture.path] = picture.prompt
                tick()
    words = {**found, **{path: f"{path.stem}: a portrait" for path in portraits}}
    for name, first in (("pictures", []), ("together", portraits)):
        paths = [*first, *sorted(path for path in found if path.parent.name == name)]
        columns = 4 if name == "pictures" else len(paths)
        write_jpeg(out / f"{name}.jpg", pictures.picture_sheet(paths, [words[path] for path in paths], columns))
    click.echo(f'"{alone.prompts[0]}", and seven more: {out / "pictures.jpg"}')
    click.echo(f"a cat and a dog from a portrait each, in four sentences: {out / 'together.jpg'}")
