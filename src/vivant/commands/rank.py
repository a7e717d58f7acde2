"""``vivant rank``: the page on which people rate pictures, and what follows from their ratings."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import click

from vivant.errors import InputError
from vivant.settings.rank import Order

if TYPE_CHECKING:
    from vivant.ranking.board import Predict
    from vivant.ranking.items import Listed
    from vivant.ranking.ratings import Ratings
    from vivant.settings.rank import RankSettings

PathArgument = click.Path(path_type=Path)


@click.command()
@click.argument("data", type=PathArgument)
@click.option("--keep", type=click.IntRange(1, 5), help="Write the scenes rated so or better as a data set.")
@click.option("-o", "--out", type=PathArgument, help="Where --keep writes.  [default: DATA-kept]")
@click.option("--results", is_flag=True, help="Print what the ratings say, and stop.")
@click.option("--csv", "csv_file", type=PathArgument, help="Write every vote as a table, and stop.")
@click.option("--pairs", is_flag=True, default=None, help="Show two pictures of a case, and ask which is better.")
@click.option("--host", help="Address to listen on; any but 127.0.0.1 needs a token.  [default: 127.0.0.1]")
@click.option("--port", type=int, help="To listen on; 0 takes a free one.  [default: 8765]")
@click.option("--token", help="What a rater's link must carry.  [default: made and kept where it is needed]")
@click.option("--ratings", metavar="URL", help="SQLAlchemy URL of the database.  [default: DATA/ratings.sqlite3]")
@click.option("--name", help="Of this set in that database.  [default: the folder's name]")
@click.option("--seed", type=int, help="Of every rater's order.  [default: 0]")
@click.option("--order", type=click.Choice(get_args(Order)), help="Of the pictures.  [default: random]")
@click.option("--votes", type=int, help="Ratings a picture; then others do not see it.  [default: of every rater]")
@click.option("--config", type=PathArgument, help="Settings file (YAML); flags win.")
@click.option("--open", "browser", is_flag=True, help="Open the page in a browser.")
def rank(
    data: Path,
    keep: int | None,
    out: Path | None,
    results: bool,
    csv_file: Path | None,
    config: Path | None,
    browser: bool,
    **flags: Any,
) -> None:
    """A page on which people rate the pictures in DATA from 1 to 5, or compare them in pairs.

    DATA is a data set, a folder of relation triplets, a benchmark, or a folder that holds a folder of pictures a
    method. Ctrl-C stops the page; the same command goes on.
    """
    from vivant.ranking.sources import open_source
    from vivant.settings.base import load_settings
    from vivant.settings.rank import RankSettings

    given = {name: value for name, value in flags.items() if value is not None}
    settings = load_settings(RankSettings, file=config, flags=given)
    if out is not None and keep is None:
        raise InputError("-o says where --keep writes; give --keep N with it")
    source = open_source(data)
    if keep is not None:
        _keep(source, settings, keep, out)
    if csv_file is not None:
        _write_csv(source, settings, csv_file)
    if results:
        _print_results(source, settings)
    if keep is None and csv_file is None and not results:
        _serve(source, settings, browser)


def _keep(source: Listed, settings: RankSettings, least: int, out: Path | None) -> None:
    from vivant.ranking.keep import keep as keep_good
    from vivant.ranking.serve import default_kept, open_ratings

    with closing(open_ratings(source, settings, create=False)) as ratings:
        report = keep_good(source, ratings, least, out or default_kept(source.folder))
    click.echo(
        f"{report.out}: {report.kept} pictures rated {least} or better"
        + (", as before" if report.unchanged else "")
        + f"; {report.below} are rated lower, {report.unrated} are not rated"
    )


def _write_csv(source: Listed, settings: RankSettings, path: Path) -> None:
    from vivant.ranking.results import write_votes
    from vivant.ranking.serve import open_ratings

    with closing(open_ratings(source, settings, create=False)) as ratings:
        count = write_votes(source, ratings, path)
    click.echo(f"{path}: {count} votes")


def _print_results(source: Listed, settings: RankSettings) -> None:
    from rich.console import Console

    from vivant.ranking.results import print_results
    from vivant.ranking.serve import open_ratings

    with closing(open_ratings(source, settings, create=False)) as ratings:
        print_results(source, ratings, Console(), settings.seed)


def _serve(source: Listed, settings: RankSettings, browser: bool) -> None:
    import webbrowser

    from vivant.ranking.board import Board
    from vivant.ranking.serve import link, listen, open_ratings, serve, token_for

    ratings = open_ratings(source, settings)
    board = Board(source, ratings, settings, _predictor(source, settings, ratings))
    token = token_for(source, settings)
    listening = listen(settings.host, settings.port)
    address = link(listening, token)

    def ready() -> None:
        click.echo(f"{len(source.items)} pictures to rate: {address}")
        click.echo(f"ratings go to {ratings.where}; Ctrl-C stops the page, the same command goes on")
        if browser:
            webbrowser.open(address)

    serve(board, listening, token, ready)
    click.echo(f"stopped; what the ratings say: vivant rank {source.folder} --results")


def _predictor(source: Listed, settings: RankSettings, ratings: Ratings) -> Predict | None:
    if settings.order == "random" or settings.pairs:
        return None
    from vivant.ranking.presort import Presort

    return Presort(source, ratings)
