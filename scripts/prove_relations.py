#!/usr/bin/env python
"""Do the parts of DreamRelation help? Its table 3 on the pocket family and relations that the base has never seen.

For each relation and seed: five triplets from the world with exact truth; each variant trained on them; pictures of
individuals that nothing was trained on, before other backdrops; the judge's verdict. Every finished picture, run and
row stays on disk: the same command goes on where it stopped, and finished units are not done again.

    python scripts/prove_relations.py --out runs/relations
    python scripts/prove_relations.py --out runs/relations --relations hugging --seeds 0 --pictures 40 --steps 300

It leaves `rows.jsonl`, `table.md` and a sheet of pictures a variant and relation in `grids/`.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

import relation_proof as proof
import relation_tables as tables

from vivant.adapters.sources import AdapterChoice, find_sources
from vivant.files import read_jsonl, write_jsonl, write_text
from vivant.generation.plan import Sampling, sampling
from vivant.images import content_hash, read_image, write_png
from vivant.models.bases import pocket_folder
from vivant.models.checkpoint import open_checkpoint
from vivant.pocket.judge import Judge
from vivant.settings.base import load_settings
from vivant.settings.generate import GenerateSettings
from vivant.settings.train_relation import TrainRelationSettings
from vivant.training.grids import sheet
from vivant.training.relation import train_relation
from vivant.world import RELATIONS, UNSEEN

SHOWN = 12
"""Pictures of a contact sheet."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Go through all units and write the table."""
    options = _options(arguments)
    judge = Judge.load(options.judge, options.device)
    checkpoint = open_checkpoint(options.base)
    how = sampling(GenerateSettings(prompts=("-",), base=options.base), checkpoint)
    if options.sampling_steps:
        how = Sampling(options.sampling_steps, how.guidance, how.rescale, how.width, how.height, how.negative)
    path = options.out / "rows.jsonl"
    for seed in options.seeds:
        for relation in options.relations:
            folder = options.out / proof.slug(relation) / str(seed)
            scripts = proof.write_triplets(folder / "triplets", relation, seed)
            cases = proof.make_cases(relation, seed, options.pictures, scripts)
            for variant in [*options.variants, "truth"]:
                mark = _mark(options, how, relation, seed, variant, checkpoint.hashes)
                if mark in {row["mark"] for row in _rows(path)}:
                    continue
                print(f"{relation}, seed {seed}: {variant}", file=sys.stderr, flush=True)
                if variant == "truth":
                    scores = proof.truth(judge, cases)
                else:
                    scores = _unit(options, judge, how, folder / variant, variant, cases, mark)
                row = {"relation": relation, "seed": seed, "variant": variant, "pictures": len(cases), "mark": mark}
                write_jsonl(path, [*_rows(path), {**row, "scores": scores}])
            _table(options.out, path, options)
            _compare(options, folder, cases)
    print((options.out / "table.md").read_text())


def _unit(
    options: argparse.Namespace,
    judge: Judge,
    how: Sampling,
    folder: Path,
    name: str,
    cases: list[proof.Case],
    mark: str,
) -> dict[str, float]:
    """Train, draw and score one variant of one relation and seed."""
    variant, run, settings = tables.VARIANTS[name], None, _settings(options, name)
    if variant.trained:
        run = folder / f"run-{options.steps}"
        train_relation(folder.parent / "triplets", run, settings, say=lambda line: print(line, file=sys.stderr))
    pictures = proof.draw_cases(
        lambda: proof.load_models(settings, run), cases, how, folder / "pictures", mark, options.batch
    )
    _sheet(options, folder.parent, name, cases, {variant.name: list(pictures)})
    return proof.score(judge, pictures, cases)


def _compare(options: argparse.Namespace, folder: Path, cases: list[proof.Case]) -> None:
    """All variants side by side, the same individuals, boxes and noise in a row."""
    columns = {
        name: [read_image(folder / name / "pictures" / f"{number:04d}.png") for number in range(min(SHOWN, len(cases)))]
        for name in options.variants
    }
    _sheet(options, folder, "all", cases, columns)


def _sheet(
    options: argparse.Namespace, folder: Path, name: str, cases: list[proof.Case], columns: dict[str, list[Any]]
) -> None:
    shown = cases[:SHOWN]
    grid = sheet(
        [list(one.portraits) for one in shown],
        {title: pictures[: len(shown)] for title, pictures in columns.items()},
        [one.script.text for one in shown],
    )
    write_png(options.out / "grids" / f"{folder.parent.name}-{folder.name}-{name}.png", grid)


def _settings(options: argparse.Namespace, variant: str) -> TrainRelationSettings:
    names = ("adapter", "image_encoder", "local_encoder", "factor")
    given = {name: value for name in names if (value := getattr(options, name)) is not None}
    usual = {"base": options.base, "device": options.device, "dtype": "float32", "steps": options.steps}
    quiet = {"validate_every": 0, "grid": 0, "save_every": 50, "seed": options.training_seed}
    more = tables.VARIANTS[variant].settings if variant in tables.VARIANTS else {}
    return load_settings(TrainRelationSettings, flags={**usual, **quiet, **given, **more})


def _mark(
    options: argparse.Namespace, how: Sampling, relation: str, seed: int, variant: str, hashes: Mapping[str, str]
) -> str:
    """Of all that a unit's figures depend on."""
    settings = _settings(options, variant)
    choice = AdapterChoice(settings.adapter, settings.image_encoder, settings.local_encoder, factor=settings.factor)
    weights = sorted({**hashes, **find_sources(options.base, choice).hashes()}.items())
    judge = content_hash((options.judge / "model.safetensors").read_bytes())
    told = settings.model_dump(mode="json", exclude={"device", "adapter", "image_encoder", "local_encoder", "base"})
    parts = [relation, seed, variant, options.pictures, str(how), told, settings.local_encoder == "none"]
    return content_hash(json.dumps([*parts, weights, judge]))


def _rows(path: Path) -> list[dict[str, Any]]:
    return list(read_jsonl(path)) if path.is_file() else []


def _table(out: Path, path: Path, options: argparse.Namespace) -> None:
    """Over the rows that these flags ask for: of each unit the last one."""
    units = {(row["relation"], row["seed"], row["variant"]): row for row in _rows(path)}
    wanted = [
        row
        for (relation, seed, _), row in sorted(units.items())
        if relation in options.relations and seed in options.seeds and row["pictures"] == options.pictures
    ]
    write_text(out / "table.md", f"{tables.table(wanted)}\n{tables.table_by_relation(wanted)}")


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--relations", nargs="+", choices=list(RELATIONS), default=list(UNSEEN), metavar="NAME")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2], help="of triplets, cases and noise")
    parser.add_argument("--training-seed", type=int, default=0)
    parser.add_argument("--pictures", type=int, default=100, help="of each variant, relation and seed")
    parser.add_argument("--steps", type=int, default=300, help="of training")
    parser.add_argument("--sampling-steps", type=int, help="of drawing; the base's own if not given")
    parser.add_argument("--variants", nargs="+", choices=list(tables.VARIANTS), default=list(tables.USUAL))
    parser.add_argument("--batch", type=int, default=8, help="pictures drawn together")
    parser.add_argument("--base", default="pocket")
    parser.add_argument("--adapter")
    parser.add_argument("--image-encoder")
    parser.add_argument("--local-encoder")
    parser.add_argument("--factor", type=int)
    parser.add_argument("--judge", type=Path, default=pocket_folder().parent / "judge")
    parser.add_argument("--device", default="cpu")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
