"""The verbs. No logic and no heavy import here: a command's module is loaded when the command is called."""

from __future__ import annotations

import importlib
import sys
from typing import NamedTuple

import click

from vivant import __version__
from vivant.errors import VivantError


class Verb(NamedTuple):
    """Where a command lives, and its line in the help."""

    module: str
    function: str
    help: str


VERBS = {
    "demo": Verb("vivant.commands.demo", "demo", "The whole road in minutes, on a CPU, with no downloads."),
    "compose": Verb("vivant.commands.compose", "compose", "Photos in, composed and captioned scenes out."),
    "relate": Verb("vivant.commands.relate", "relate", "A relation in, triplets to train it from out."),
    "world": Verb("vivant.commands.world", "world", "Scenes, photos and sheets of the storybook world."),
    "stats": Verb("vivant.commands.data_sets", "stats", "Statistics of a data set, as one page with pictures."),
    "export": Verb("vivant.commands.data_sets", "export", "A data set in the format of another tool."),
    "train": Verb("vivant.commands.train", "train", "Learn a relation, or what image prompts are made with."),
    "rank": Verb("vivant.commands.rank", "rank", "A page to rate pictures from 1 to 5, and keep the good ones."),
    "generate": Verb("vivant.commands.generate", "generate", "A sentence in, pictures out."),
    "animate": Verb("vivant.commands.animate", "animate", "A picture in, a clip that starts with it out."),
    "evaluate": Verb("vivant.commands.evaluate", "evaluate", "Score pictures on the papers' benchmarks."),
    "report": Verb("vivant.commands.report", "report", "Runs and evaluations as one page, the worst cases first."),
    "pocket": Verb("vivant.commands.pocket", "pocket", "The tiny models that ship, and a check of them."),
    "doctor": Verb("vivant.commands.doctor", "doctor", "What this machine has, and what a command would need."),
}


class Verbs(click.Group):
    """Loads a command only when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order of the user's road."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command itself, imported now."""
        verb = VERBS.get(cmd_name)
        if verb is None:
            return None
        command: click.Command = getattr(importlib.import_module(verb.module), verb.function)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The table above, with nothing imported."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, verb.help) for name, verb in VERBS.items()])


@click.command(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="vivant")
def vivant() -> None:
    """Put your own subjects in one picture, doing what you say."""


def main() -> None:
    """Run a verb; an error that the user can act on is one line, without a traceback."""
    try:
        vivant(prog_name="vivant", standalone_mode=False)
    except click.exceptions.Exit as stop:
        sys.exit(stop.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except VivantError as error:
        click.echo(f"vivant: {error}", err=True)
        sys.exit(1)
    except (click.Abort, KeyboardInterrupt):
        click.echo("vivant: stopped; the same command continues where it was", err=True)
        sys.exit(130)
