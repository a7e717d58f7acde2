"""The statistics as one HTML file that needs nothing else: pictures, charts and style are all inside."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path

from vivant.data.html_page import HUES, box_mark, document, picture_url
from vivant.data.reader import DataSet
from vivant.data.stats.numbers import DatasetStats
from vivant.data.stats.sections import (
    backgrounds_section,
    boxes_section,
    captions_section,
    combinations_section,
    figures,
    mycanvas_section,
    rejects_section,
    scores_section,
    subjects_section,
)
from vivant.files import write_text
from vivant.images import fit_within
from vivant.types import Image, Scene

PAGE = "stats.html"
SAMPLES = 24
"""Scenes on the page; half of them at once, the rest behind a click."""
THUMBNAIL = 480
"""Pixels on the long side: sharp at a quarter of the page's width on a dense screen, about 40 kB each."""


def write_stats_page(stats: DatasetStats, data_set: DataSet, path: Path) -> None:
    """Draw the page and write it atomically.

    Raises:
        StoreError: a picture of the set is missing or broken, or the file cannot be written.
    """
    write_text(path, stats_page(stats, data_set))


def stats_page(stats: DatasetStats, data_set: DataSet) -> str:
    """The whole page as HTML.

    Args:
        stats: of `data_set`.
        data_set: for its name and the pictures of some of its scenes.

    Raises:
        StoreError: one of these pictures is missing or broken.
    """
    title = data_set.folder.resolve().name or "data"
    chosen = spread(data_set.scenes, SAMPLES)
    shots = [fit_within(data_set.read(scene.file_name)[..., :3], THUMBNAIL) for scene in chosen]
    aspect = shots[0].shape[1] / shots[0].shape[0] if shots else 1.0
    scenes = [_figure(scene, shot) for scene, shot in zip(chosen, shots, strict=True)]
    body = [
        figures(stats, escape(title)),
        _scenes_section(scenes, stats.scenes),
        captions_section(stats),
        subjects_section(stats),
        combinations_section(stats),
        backgrounds_section(stats),
        boxes_section(stats, aspect),
        scores_section(stats),
        rejects_section(stats),
        mycanvas_section(stats),
    ]
    footer = (
        "<footer>Made by <code>vivant stats</code>. Words are counted between spaces. "
        "Boxes are fractions of the picture.</footer>"
    )
    return document(f"{title}: statistics", "\n".join(part for part in [*body, footer] if part), ["stats_page.css"])


def spread(scenes: Sequence[Scene], count: int) -> list[Scene]:
    """At most `count` scenes, evenly from first to last: a fair sample, not a choice of the best."""
    if len(scenes) <= count:
        return list(scenes)
    return [scenes[index * len(scenes) // count] for index in range(count)]


def _scenes_section(figures: Sequence[str], total: int) -> str:
    if not figures:
        return ""
    half = SAMPLES // 2
    shown = f'<div class="scenes">{"".join(figures[:half])}</div>'
    if figures[half:]:
        shown += (
            f"<details><summary>{len(figures) - half} more</summary>"
            f'<div class="scenes">{"".join(figures[half:])}</div></details>'
        )
    which = "All of them." if total <= len(figures) else "Taken at even steps through the set, not chosen."
    return (
        f'<section>\n<h2>Scenes</h2>\n<p class="note">{which} The short caption, then the detailed one.</p>\n'
        '<label class="toggle"><input type="checkbox" id="show-boxes"> Show the boxes on all; '
        f"point at a picture to see its own</label>\n{shown}\n</section>"
    )


def _figure(scene: Scene, shot: Image) -> str:
    height, width = shot.shape[:2]
    boxes = "".join(box_mark(one.box, one.name, HUES[index % len(HUES)]) for index, one in enumerate(scene.subjects))
    detailed = f"<span>{escape(scene.text_detailed)}</span>" if scene.text_detailed != scene.text else ""
    return (
        f'<figure><div class="shot" tabindex="0"><img src="{picture_url(shot)}" width="{width}" height="{height}" '
        f'alt="{escape(scene.text)}"><div class="boxes">{boxes}</div></div>'
        f"<figcaption><b>{escape(scene.text)}</b>{detailed}</figcaption></figure>"
    )
