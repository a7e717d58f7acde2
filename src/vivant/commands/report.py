"""``vivant report``: training runs and evaluations as one HTML file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from vivant.errors import InputError, VivantError

PathArgument = click.Path(path_type=Path)


@click.command()
@click.argument("folders", type=PathArgument, nargs=-1)
@click.option("--ratings", type=PathArgument, multiple=True, help="A folder that vivant rank rated; again for more.")
@click.option("-o", "--out", type=PathArgument, default=Path("report.html"), show_default=True, help="The file.")
@click.option("--title", help="Of the page.  [default: the folders' names]")
@click.option("--method", "methods", multiple=True, help="Only this one; again for more. The first one is tested.")
@click.option("--worst-by", help="Score that cases are ordered by, as cp_clip.  [default: mean rank over all]")
@click.option("--cases", type=int, help="Most cases of an evaluation, the worst ones.  [default: 200]")
@click.option("--samples", type=int, help="Pictures of a case and a method.  [default: 1]")
@click.option("--thumbnail", type=int, help="Pixels on a picture's long side.  [default: 256]")
@click.option("--seed", type=int, help="Of the tests between methods.  [default: 0]")
@click.option("--config", type=PathArgument, help="Settings file (YAML); flags win.")
def report(folders: tuple[Path, ...], ratings: tuple[Path, ...], out: Path, config: Path | None, **flags: Any) -> None:
    """One page of FOLDERS, training runs and evaluations: tables, bars, curves, pictures with the worst cases first.

    The file needs nothing else: it opens from disk, on a phone, and on paper.
    """
    from vivant.evaluation.report.page import write_report
    from vivant.evaluation.report.sources import Evaluation, Run, choose, read_source
    from vivant.progress import progress
    from vivant.ranking.report import ratings_section, read_rated
    from vivant.settings.base import load_settings
    from vivant.settings.report import ReportSettings

    given = {name: value for name, value in flags.items() if value not in (None, ())}
    settings = load_settings(ReportSettings, file=config, flags=given)
    if out.is_dir():
        raise InputError(f"{out}: is a folder; give the file's name, as {out / 'report.html'}")
    missing = [folder for folder in folders if not folder.exists()]
    if missing:
        raise InputError(f"{missing[0]}: no such folder")
    if not folders and not ratings:
        raise InputError("name folders of training runs and evaluations, or --ratings DATA")
    rated = list({one.source.folder.resolve(): one for one in map(read_rated, ratings)}.values())
    sources, notes = [], []
    for folder in dict.fromkeys(folders):
        try:
            sources.append(read_source(folder))
        except VivantError as error:
            notes.append(str(error))
    if not sources and not rated:
        raise InputError(notes[0] if len(notes) == 1 else f"nothing to report: {'; '.join(notes)}")
    for note in notes:
        click.echo(f"left out: {note}", err=True)
    evaluations = choose([source for source in sources if isinstance(source, Evaluation)], settings.methods)
    runs = [source for source in sources if isinstance(source, Run)]
    total = sum(min(settings.cases, len(one.manifest.cases)) for one in evaluations)
    more = [ratings_section(one, place, settings.seed) for place, one in enumerate(rated)]
    with progress("cases", total) as tick:
        write_report(out, evaluations, runs, settings, [f"left out: {note}" for note in notes], tick, more)
    told = f", {len(more)} sets of ratings" if more else ""
    size = out.stat().st_size / 1e6
    click.echo(f"{out}: {len(evaluations)} evaluations, {len(runs)} runs{told}, {size:.1f} MB")
