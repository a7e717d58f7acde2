"""``vivant train RECIPE``: one table of recipes, each loaded when it is called."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from vivant.errors import SettingsError

if TYPE_CHECKING:
    from vivant.settings.training import TrainSettings

PathArgument = click.Path(path_type=Path)


class Recipe(NamedTuple):
    """Where a recipe lives.

    Attributes:
        settings: module and class of its settings, whose fields become its flags.
        function: module and function: `(source, out, settings, say=..)` to the path of what was made.
        source: what its argument is called.
        help: its line in the help.
        prompts: module and function: `(source, settings, count)` to lines that training would see; empty for none.
    """

    settings: str
    function: str
    source: str
    help: str
    prompts: str = ""


RECIPES = {
    "relation": Recipe(
        "vivant.settings.train_relation:TrainRelationSettings",
        "vivant.training.relation:train_relation",
        "TRIPLETS",
        "A relation from a handful of triplets, as a LoRA for the text's cross-attention.",
    ),
    "custom-diffusion": Recipe(
        "vivant.settings.train_custom_diffusion:TrainCustomDiffusionSettings",
        "vivant.training.custom_diffusion:train_custom_diffusion",
        "PICTURES",
        "Subjects from photos or scenes: a word each, and the text's keys and values.",
        "vivant.training.custom_diffusion:show_prompts",
    ),
    "dreambooth": Recipe(
        "vivant.settings.train_dreambooth:TrainDreamboothSettings",
        "vivant.training.dreambooth:train_dreambooth",
        "PICTURES",
        "Subjects from photos or scenes: the whole UNet, or a LoRA on its attention.",
        "vivant.training.dreambooth:show_prompts",
    ),
    "textual-inversion": Recipe(
        "vivant.settings.train_textual_inversion:TrainTextualInversionSettings",
        "vivant.training.textual_inversion:train_textual_inversion",
        "PICTURES",
        "Subjects from photos or scenes: words alone, of one vector or several.",
        "vivant.training.textual_inversion:show_prompts",
    ),
    "ms-adapter": Recipe(
        "vivant.settings.train_ms_adapter:TrainMsAdapterSettings",
        "vivant.training.ms_adapter:train_ms_adapter",
        "SCENES",
        "MS-Diffusion's adapter: photos of subjects as image prompts, each in its box.",
    ),
    "local-encoder": Recipe(
        "vivant.settings.train_local_encoder:TrainLocalEncoderSettings",
        "vivant.training.local_encoder:train_local_encoder",
        "PICTURES",
        "A local image encoder: a CLIP that tells parts of a picture apart, distilled from itself.",
    ),
}


class Recipes(click.Group):
    """Loads a recipe only when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order of the table."""
        return list(RECIPES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The recipe's command, its flags made of its settings."""
        recipe = RECIPES.get(cmd_name)
        return None if recipe is None else _command(cmd_name, recipe)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The table above, with nothing imported."""
        with formatter.section("Recipes"):
            formatter.write_dl([(name, recipe.help) for name, recipe in RECIPES.items()])


@click.command(cls=Recipes)
def train() -> None:
    """Learn something from pictures, for `vivant generate`. A run begun before is continued by the same command."""


def _command(name: str, recipe: Recipe) -> click.Command:
    from vivant.commands.flags import settings_options

    kind: type[TrainSettings] = _load(recipe.settings)

    def run(
        source: Path,
        out: Path | None,
        settings_file: Path | None,
        assignments: tuple[str, ...],
        shown: int | None = None,
        **flags: Any,
    ) -> None:
        from vivant.commands.flags import given
        from vivant.settings.base import load_settings

        settings = load_settings(kind, file=settings_file, flags=given(flags, assignments))
        if shown is not None:
            for line in _load(recipe.prompts)(source, settings, shown):
                click.echo(line)
            return
        if out is None:
            raise SettingsError("say where the run goes: -o runs/mine")
        made = _load(recipe.function)(source, out, settings, say=lambda line: click.echo(line, err=True))
        click.echo(f"trained: {made}")

    settings_file = click.Option(["--settings", "settings_file"], type=PathArgument, help="YAML; flags win over it.")
    assignments = click.Option(
        ["--set", "assignments"], multiple=True, metavar="NAME=VALUE", help="Any setting, as lr=1e-4."
    )
    prompts = click.Option(
        ["--show-prompts", "shown"],
        type=click.IntRange(1),
        help="Print so many prompts of training instead.",
    )
    return click.Command(
        name,
        callback=run,
        help=recipe.help,
        params=[
            click.Argument(["source"], type=PathArgument, metavar=recipe.source),
            click.Option(["-o", "--out"], type=PathArgument, required=not recipe.prompts, help="The run's folder."),
            *([prompts] if recipe.prompts else []),
            settings_file,
            assignments,
            *settings_options(kind),
        ],
    )


def _load(place: str) -> Any:
    module, _, name = place.partition(":")
    return getattr(importlib.import_module(module), name)
