"""``vivant pocket``: what is installed of the pocket family, and how good it is."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import click

from vivant.errors import MissingExtraError

PathOption = click.Path(path_type=Path)


@click.group()
def pocket() -> None:
    """The tiny models that ship with Vivant: what is installed, and how good they are."""


@pocket.command()
@click.option("--weights", type=PathOption, help="Folder of the members.  [default: the installed ones]")
def info(weights: Path | None) -> None:
    """Tell what is installed, its sizes, and the figures of the model card."""
    _need_torch()
    from vivant.pocket.card import ABOUT, kept_report
    from vivant.pocket.check import table
    from vivant.pocket.family import MEMBERS, size_of, weights_dir

    folder, total = weights or weights_dir(), 0
    click.echo(f"{folder}")
    for name in MEMBERS:
        there = (folder / name).is_dir()
        size = size_of(folder / name) if there else 0
        total += size
        click.echo(f"  {name:9}{f'{size / 1e6:5.1f} MB' if there else '    none'}  {ABOUT[name]}")
    click.echo(f"  {'together':9}{total / 1e6:5.1f} MB")
    report = kept_report(folder)
    if report is None:
        click.echo("no figures yet: vivant pocket check")
        return
    click.echo(f"checked {report.date} on {report.device}{', a CPU preview' if report.preview else ''}\n")
    click.echo(table(report))


@pocket.command()
@click.option("--count", type=click.IntRange(4), default=500, show_default=True, help="Prompts, and scenes.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Of prompts, scenes and noise.")
@click.option("--device", default="auto", show_default=True, help="auto, cpu, cuda …")
@click.option("--weights", type=PathOption, help="Folder of the members.  [default: the installed ones]")
@click.option("--out", type=PathOption, help="Keep the generated pictures here; a stopped check goes on from them.")
@click.option("--json", "json_path", type=PathOption, help="Write all figures to this file.")
def check(count: int, seed: int, device: str, weights: Path | None, out: Path | None, json_path: Path | None) -> None:
    """Measure every member on fresh prompts and scenes, and write the model card beside the weights."""
    _need_torch()
    from vivant.files import write_json
    from vivant.models.torch_models import pick_device
    from vivant.pocket.card import training_figures, write_card
    from vivant.pocket.check import relations_table, run_check, table
    from vivant.pocket.family import weights_dir

    folder = weights or weights_dir()
    trained = training_figures(folder) if folder.is_dir() else {}
    report = run_check(
        folder,
        count=count,
        seed=seed,
        device=pick_device(device, "vivant pocket check"),
        cache=out,
        trained=trained,
        say=lambda line: click.echo(line, err=True),
    )
    click.echo(table(report))
    if report.relations:
        click.echo("\n" + relations_table(report))
    if json_path is not None:
        write_json(json_path, report.as_json())
    click.echo(f"\ncard: {write_card(folder, report, trained)}")


def _need_torch() -> None:
    for library in ("torch", "diffusers", "transformers"):
        if importlib.util.find_spec(library) is None:
            raise MissingExtraError(library, "models", "vivant pocket")
