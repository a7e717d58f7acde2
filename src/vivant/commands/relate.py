"""``vivant relate``: flags to settings, settings to the engine, the report to the terminal."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vivant.commands.flags import assign
from vivant.errors import InputError
from vivant.settings.profiles import PROFILES

if TYPE_CHECKING:
    from vivant.relations.engine import Plan, Report, Tools
    from vivant.settings.relate import RelateSettings

PathArgument = click.Path(path_type=Path)
ALL = "all"


@click.command()
@click.argument("relations", nargs=-1, required=True, metavar="RELATION...")
@click.option("-o", "--out", type=PathArgument, required=True, help="Folder of the triplets; one begun is continued.")
@click.option("--subjects", help="Who does it, as 'lion, polar bear; wolf, leopard'.  [default: proposed]")
@click.option("-n", "--count", type=int, help="Triplets wanted of each relation.  [default: 6, or all of a folder]")
@click.option("--from", "source", default="world", show_default=True, help="world, or a folder of pictures.")
@click.option("--seed", type=int, help="Of everything random.  [default: 0]")
@click.option("--size", type=int, help="Pixels a side, where the source can choose.  [default: 512]")
@click.option("--profile", type=click.Choice(PROFILES), default="embedded", show_default=True, help="Which models.")
@click.option("--keep", multiple=True, metavar="NAME", help="Let a rejected triplet in; 'all' for every one.")
@click.option("--workers", type=click.IntRange(1, 256), help="Processes.  [default: one a processor]")
@click.option("--config", type=PathArgument, help="Settings as YAML; flags win over it.")
@click.option("--set", "assignments", multiple=True, metavar="NAME=VALUE", help="Any setting, as check.pose=0.2.")
def relate(relations: tuple[str, ...], out: Path, keep: tuple[str, ...], workers: int | None, **options: Any) -> None:
    """Make triplets of a RELATION, as "hugging" or "giving a piggyback ride to", to train it from.

    A triplet is a picture of the relation, a picture of each subject alone in another pose, and a sentence; with
    keypoints, masks and boxes. Several relations get a folder each; "all" is every one that the world knows.
    """
    from vivant.relations.engine import relate_set
    from vivant.relations.from_world import world_relations

    names = world_relations() if relations == (ALL,) else relations
    settings = [_settings(name, options) for name in names]
    settings = [_checked(one, has_count=options["count"] is not None) for one in settings]
    for one in settings:
        folder = out if len(settings) == 1 and relations != (ALL,) else out / re.sub(r"\W+", "-", one.relation)
        report = relate_set(folder, one, load, keep=keep, workers=workers, say=lambda line: click.echo(line, err=True))
        _print_report(report, one)


def load(plan: Plan) -> Tools:
    """The tools of a process, as the settings name them."""
    from vivant.relations.engine import Tools
    from vivant.relations.from_folder import FolderSource
    from vivant.relations.from_world import WorldSource

    settings = plan.settings
    if settings.source == "folder":
        return Tools(FolderSource(Path(settings.folder or ""), own=settings.annotate == "own"))
    return Tools(WorldSource(settings.size))


def _settings(relation: str, options: dict[str, Any]) -> RelateSettings:
    from vivant.relations.propose import parse_subjects
    from vivant.settings.base import load_settings
    from vivant.settings.relate import RelateSettings

    flags: dict[str, Any] = {"relation": relation, "profile": options["profile"]}
    flags |= {name: options[name] for name in ("count", "seed", "size") if options[name] is not None}
    if options["subjects"] is not None:
        flags["subjects"] = parse_subjects(options["subjects"])
    if options["source"] != "world":
        flags |= {"source": "folder", "folder": options["source"]}
    for assignment in options["assignments"]:
        assign(flags, assignment)
    return load_settings(RelateSettings, file=options["config"], flags=flags)


def _checked(settings: RelateSettings, *, has_count: bool) -> RelateSettings:
    """What the source cannot do is said before any work; a folder gives all that it has."""
    from vivant.relations.from_folder import FolderSource
    from vivant.relations.from_world import check_world

    if settings.source == "world":
        check_world(settings.relation, settings.subjects)
    if settings.source == "folder":
        limit = FolderSource(Path(settings.folder or "")).limit
        return settings.model_copy(update={"count": min(settings.count, limit) if has_count else limit})
    return settings


def _print_report(report: Report, settings: RelateSettings) -> None:
    rejected = len(report.records) - report.accepted
    click.echo(f"{settings.relation}: {report.accepted} triplets in {report.root}, {rejected} rejected")
    for reason, times in report.reasons.most_common(3):
        click.echo(f"  {times} x {reason}", err=True)
    if rejected:
        click.echo(f"  look at {report.root / 'rejects'}; --keep NAME lets one in all the same", err=True)
    if report.accepted == 0:
        raise InputError(f"{report.root}: no triplet passed the checks; rejects.jsonl and rejects/ show why")
