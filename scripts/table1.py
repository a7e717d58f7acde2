#!/usr/bin/env python
"""Does training on composed scenes, and then on better prompts, beat the source photos? Gen4Gen's table 1 on the world.

For compositions of 2 to 5 characters: portraits of each, scenes that `vivant compose` makes of them, Custom Diffusion
trained on either, one unseen prompt, and the scores of section 3.5 beside the judge's. Each part of the prompting alone
(section 3.4), and 1, 10, 50, 100 scenes (figure 6). Finished photos, scenes, runs, pictures and rows stay on disk: the
same command goes on where it stopped.

    python scripts/table1.py --out runs/table1
    python scripts/table1.py --out runs/table1 --sizes 2 3 --compositions 2 --variants source composed prompting

It leaves `rows.jsonl`, `table.md` and, for each composition, all variants side by side in `grids/`.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

import table1_parts as parts
import table1_tables as tables

from vivant.evaluation.cache import FeatureCache
from vivant.evaluation.features import Features
from vivant.evaluation.references import References
from vivant.evaluation.scorers import Scorers
from vivant.files import read_jsonl, write_jsonl, write_text
from vivant.generation.plan import Sampling, sampling
from vivant.images import content_hash, read_image, write_png
from vivant.models.bases import pocket_folder
from vivant.models.checkpoint import open_checkpoint
from vivant.pocket.judge import Judge
from vivant.settings.base import load_settings
from vivant.settings.generate import GenerateSettings
from vivant.settings.train_custom_diffusion import TrainCustomDiffusionSettings
from vivant.training.concept_loop import BEST
from vivant.training.custom_diffusion import train_custom_diffusion
from vivant.training.grids import sheet


def main(arguments: Sequence[str] | None = None) -> None:
    """Go through all compositions and write the table."""
    options = _options(arguments)
    judge, scorers = Judge.load(options.judge, options.device), Scorers("embedded", options.device)
    features = Features(FeatureCache(options.out / "features.sqlite"))
    checkpoint = open_checkpoint(options.base)
    how = sampling(GenerateSettings(prompts=("-",), base=options.base), checkpoint)
    if options.sampling_steps:
        how = Sampling(options.sampling_steps, how.guidance, how.rescale, how.width, how.height, how.negative)
    rows = options.out / "rows.jsonl"
    for number in range(options.compositions):
        for size in options.sizes:
            one = parts.composition(size, number, options.seed)
            photos = parts.write_photos(options.out / one.name / "photos", one, alpha=False)
            case = parts.case_of(one, photos)
            known = References({subject.name: subject for subject in case.subjects}, scorers, features)
            for name in options.variants:
                mark = _mark(options, how, one, name, checkpoint.hashes)
                if mark in {row["mark"] for row in _rows(rows)}:
                    continue
                print(f"{one.name}: {name}", file=sys.stderr, flush=True)
                scores = parts.score(one, case, _pictures(options, how, one, name, photos), known, judge)
                row = {"composition": one.name, "size": size, "variant": name, "scores": scores, "mark": mark}
                write_jsonl(rows, [*_rows(rows), row])
            _grid(options, one)
            _table(options, rows)
    print((options.out / "table.md").read_text())


def _pictures(
    options: argparse.Namespace, how: Sampling, one: parts.Composition, name: str, photos: Path
) -> list[Path]:
    """Train one variant of one composition, and draw its prompt."""
    variant, folder = tables.VARIANTS[name], options.out / one.name / name
    if name == "truth":
        return parts.true_pictures(one, folder / "pictures", options.pictures)
    run = None
    if variant.source:
        source = photos if variant.source == "photos" else _scenes(options, one, variant.images or options.images)
        run = _train(options, variant, source, folder)
    prompt = one.prompt(tokens=bool(variant.source), whole=variant.whole)
    return parts.draw_pictures(
        one, prompt, run, options.base, options.device, how, folder / "pictures", options.pictures
    )


def _scenes(options: argparse.Namespace, one: parts.Composition, count: int) -> Path:
    own = options.out / one.name
    cut = parts.write_photos(own / "cutouts", one, alpha=True)
    backdrops = parts.write_backdrops(options.out / "backdrops")
    return parts.write_scenes(own / f"scenes-{count}", cut, backdrops, one, count, options.workers)


def _train(options: argparse.Namespace, variant: tables.Variant, source: Path, folder: Path) -> Path:
    flags: dict[str, Any] = {
        "base": options.base,
        "device": options.device,
        "dtype": "float32",
        "steps": options.steps,
        "lr": options.lr,
        "token_lr": options.token_lr,
        "resize": not options.no_resize,
        "batch": options.batch,
        "prior_pictures": options.prior_pictures,
        "regularisation": str(options.out / "regularisation"),
        "validate_every": options.validate_every,
        "grid": 0,
        "save_every": 100,
        **variant.settings,
    }
    settings = load_settings(TrainCustomDiffusionSettings, flags=flags)
    hashes = sorted(open_checkpoint(options.base).hashes.items())
    run = folder / f"run-{content_hash(json.dumps([flags, hashes]))[:8]}"
    train_custom_diffusion(source, run, settings, say=lambda line: print(line, file=sys.stderr))
    # The paper evaluates the best checkpoint of every composition (section 4.1).
    return run / BEST if (run / BEST).is_dir() else run


def _grid(options: argparse.Namespace, one: parts.Composition) -> None:
    """All variants side by side, the same noise in a row."""
    columns = {}
    for name in options.variants:
        found = [options.out / one.name / name / "pictures" / f"{number}.png" for number in range(options.pictures)]
        if all(path.is_file() for path in found):
            columns[name] = [read_image(path) for path in found]
    own = options.out / one.name / "photos"
    heads = [[read_image(own / name / "0.png") for name in one.folders], *[[]] * (options.pictures - 1)]
    write_png(options.out / "grids" / f"{one.name}.png", sheet(heads, columns, [one.prompt()] * options.pictures))


def _mark(options: argparse.Namespace, how: Sampling, one: parts.Composition, name: str, hashes: Any) -> str:
    """Of all that a row's figures depend on."""
    judge = content_hash((options.judge / "model.safetensors").read_bytes())
    numbers = (
        "images",
        "pictures",
        "steps",
        "lr",
        "token_lr",
        "no_resize",
        "batch",
        "prior_pictures",
        "validate_every",
        "seed",
    )
    told = [one.name, name, tables.VARIANTS[name].settings, *(getattr(options, number) for number in numbers)]
    return content_hash(json.dumps([*told, str(how), sorted(hashes.items()), judge]))


def _rows(path: Path) -> list[dict[str, Any]]:
    return list(read_jsonl(path)) if path.is_file() else []


def _table(options: argparse.Namespace, path: Path) -> None:
    """Over the rows that these flags ask for: of each composition and variant the last one."""
    units = {(row["composition"], row["variant"]): row for row in _rows(path)}
    wanted = [
        row
        for (_, variant), row in sorted(units.items())
        if row["size"] in options.sizes and variant in options.variants
    ]
    write_text(options.out / "table.md", f"{tables.table(wanted)}\n{tables.differences(wanted)}")


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--sizes", type=int, nargs="+", choices=range(2, 6), default=[2, 3, 4, 5], metavar="N")
    parser.add_argument("--compositions", type=int, default=8, help="of each size")
    parser.add_argument("--variants", nargs="+", choices=list(tables.VARIANTS), default=list(tables.VARIANTS))
    parser.add_argument("--pictures", type=int, default=6, help="of each prompt")
    parser.add_argument("--images", type=int, default=64, help="composed scenes that are trained on")
    parser.add_argument("--steps", type=int, default=0, help="of training; 0 is as published")
    parser.add_argument("--lr", type=float, default=0.0, help="learning rate; 0 is the recipe's own")
    parser.add_argument("--token-lr", type=float, help="of the words; the recipe's own if not given")
    parser.add_argument(
        "--no-resize", action="store_true", help="leave out far away and close up (the pocket base knows neither)"
    )
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--prior-pictures", type=int, default=70, help="of each class")
    parser.add_argument("--validate-every", type=int, default=100, help="steps between two scores of a run; 0 is never")
    parser.add_argument("--sampling-steps", type=int, help="of drawing; the base's own if not given")
    parser.add_argument("--seed", type=int, default=0, help="of the compositions")
    parser.add_argument("--base", default="pocket")
    parser.add_argument("--judge", type=Path, default=pocket_folder().parent / "judge")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--workers", type=int, default=1, help="processes that compose")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
