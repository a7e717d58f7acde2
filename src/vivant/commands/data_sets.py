"""``vivant stats`` and ``vivant export``: what can be done with a finished data set."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import click

from vivant.errors import SettingsError
from vivant.settings.export import CaptionKind, ExportSettings, Format

PathArgument = click.Path(path_type=Path)


@click.command()
@click.argument("data", type=PathArgument)
@click.option("-o", "--out", type=PathArgument, help="The page to write.  [default: DATA/stats.html]")
def stats(data: Path, out: Path | None) -> None:
    """Print the numbers of the data set in DATA, and draw them as one HTML page with pictures."""
    from rich.console import Console

    from vivant.data.reader import read_data_set
    from vivant.data.stats.numbers import dataset_stats
    from vivant.data.stats.page import PAGE, write_stats_page
    from vivant.data.stats.table import print_stats

    data_set = read_data_set(data)
    numbers = dataset_stats(data_set.scenes, data_set.rejects)
    page = out or data / PAGE
    write_stats_page(numbers, data_set, page)
    print_stats(numbers, Console())
    click.echo(f"page: {page}")


@click.command()
@click.argument("data", type=PathArgument)
@click.option("-o", "--out", type=PathArgument, required=True, help="Folder to write; new, or an earlier export.")
@click.option("--format", "format_name", type=click.Choice(get_args(Format)), required=True, help="For which tool.")
@click.option(
    "--captions", type=click.Choice(get_args(CaptionKind)), help="Which caption to train on.  [default: short]"
)
@click.option(
    "--token", "tokens", multiple=True, metavar="NAME=TOKEN", help="Put TOKEN before the noun of subject NAME."
)
@click.option("--repeats", type=int, help="kohya's repeats an epoch.  [default: 1]")
@click.option("--shard-mb", type=int, help="Megabytes a WebDataset or Parquet file.  [default: 256]")
@click.option("--segmentation", type=click.Choice(["polygon", "rle"]), help="COCO's masks.  [default: polygon]")
def export(data: Path, out: Path, format_name: str, tokens: tuple[str, ...], **options: Any) -> None:
    """Write the data set in DATA in the format of another tool.

    The same command again does nothing, continues what was stopped, or brings an earlier export up to date.
    """
    from vivant.data.export import export_set
    from vivant.data.reader import read_data_set
    from vivant.progress import progress
    from vivant.settings.base import load_settings

    flags = {name: value for name, value in options.items() if value is not None}
    settings = load_settings(ExportSettings, flags={**flags, "tokens": _tokens(tokens)})
    data_set = read_data_set(data)
    with progress("scenes", len(data_set.scenes)) as tick:
        report = export_set(data_set, out, format_name, settings, tick)
    for note in report.notes:
        click.echo(note)
    done = "is up to date" if report.unchanged else "written"
    click.echo(f"{report.out}: {report.scenes} scenes in {report.files} files, {done}")


def _tokens(assignments: tuple[str, ...]) -> dict[str, str]:
    tokens = {}
    for assignment in assignments:
        name, equals, token = assignment.partition("=")
        if not equals or not name or not token:
            raise SettingsError(f"--token {assignment}: write it as NAME=TOKEN, as cat=<my-cat>")
        tokens[name] = token
    return tokens
