"""The sections of the statistics page, each a function of the numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

from vivant.data.stats.charts import Bar, Mark, heat_map, histogram, number, percent, range_bar, share_bar, word_cloud
from vivant.data.stats.numbers import LONG_CAPTION, MYCANVAS, CaptionStats, DatasetStats, ScoreStats, SubjectStats
from vivant.data.stats.word_cloud import pack_words, prompt_terms

LONG_TABLE = 20
"""Rows that a table shows before the rest goes behind a click."""
LONGEST_TABLE = 500
"""Rows that a page can hold and still open at once."""
SHARE_BINS = 20
MOST_BARS = 32
"""Of a histogram: more would be hairlines on a phone."""


def figures(stats: DatasetStats, name: str) -> str:
    """Title and key figures; `name` is escaped already."""
    cells = [
        (number(stats.scenes), plural("scene", stats.scenes)),
        (number(len(stats.subjects)), plural("subject", len(stats.subjects))),
        (number(len(stats.combinations)), plural("combination", len(stats.combinations))),
        (number(len(stats.backgrounds)), plural("background", len(stats.backgrounds))),
        (number(stats.short.mean), "words, short captions"),
        (number(stats.detailed.mean), "words, detailed captions"),
    ]
    if stats.composed > stats.scenes:
        cells.append((percent(stats.scenes / stats.composed), f"kept of {number(stats.composed)} composed"))
    body = "".join(f"<div><dt>{text}</dt><dd>{value}</dd></div>" for value, text in cells)
    return f'<header>\n<p class="eyebrow">Data set</p>\n<h1>{name}</h1>\n<dl class="figures">{body}</dl>\n</header>'


def plural(noun: str, count: int) -> str:
    """The noun with an s unless there is exactly one."""
    return noun if count == 1 else f"{noun}s"


def captions_section(stats: DatasetStats) -> str:
    """Words a caption, short and detailed (figure 4 a)."""
    if not stats.short.counts and not stats.detailed.counts:
        return ""
    found = [captions for captions in (stats.short, stats.detailed) if captions.counts]
    span = min(captions.counts[0][0] for captions in found), max(captions.longest for captions in found)
    panels = [_caption_panel("Short", stats.short, span), _caption_panel("Detailed", stats.detailed, span)]
    note = (
        f"How many captions have how many words; darker beyond {LONG_CAPTION} words, the length that the paper counts "
        'from. <span class="paper-text">The dashed line is the mean that the Gen4Gen paper prints for its own set, '
        "MyCanvas.</span>"
    )
    return _section("Words a caption", note, f'<div class="pair">{"".join(panels)}</div>')


def _caption_panel(title: str, captions: CaptionStats, span: tuple[int, int]) -> str:
    """Both panels have the same span, so that they can be compared at a glance."""
    if not captions.counts:
        return f'<div><h3>{title}</h3><p class="note">No captions.</p></div>'
    low, high = span
    step = max(1, math.ceil((high - low + 1) / MOST_BARS))
    bars = []
    # A bin starts at 21 for any step, so that the darker bars are exactly the captions beyond 20 words.
    first = LONG_CAPTION + 1 - math.ceil((LONG_CAPTION + 1 - low) / step) * step
    for start in range(first, high + 1, step):
        count = sum(many for words, many in captions.counts if start <= words < start + step)
        words_of_bin = f"{start}" if step == 1 else f"{start} to {start + step - 1}"
        strong = start > LONG_CAPTION
        bars.append(Bar(start - 0.5, start + step - 0.5, count, f"{words_of_bin} words: {count}", strong))
    marks = [
        Mark(captions.mean, f"mean {number(captions.mean)}"),
        Mark(MYCANVAS.mean_words, f"MyCanvas {number(MYCANVAS.mean_words)}", ours=False),
    ]
    chart = histogram(bars, _ticks(low, high), marks, label=f"{title} captions by number of words")
    text = (
        f"Mean {number(captions.mean)}, median {number(captions.median)}, longest {captions.longest}; "
        f"{percent(captions.beyond_20)} beyond {LONG_CAPTION} words; {number(captions.distinct)} distinct."
    )
    return f'<div><h3>{title}</h3>{chart}<p class="note">{text}</p></div>'


def _ticks(low: float, high: float) -> list[float]:
    """Round numbers, at most six."""
    if high <= low:
        return [low]
    step = next(step for step in _steps() if (high - low) / step <= 6)
    return [index * step for index in range(math.ceil(low / step), math.floor(high / step) + 1)]


def _steps() -> list[float]:
    return [base * 10.0**power for power in range(-6, 9) for base in (1, 2, 5)]


def subjects_section(stats: DatasetStats) -> str:
    """Frequency of each subject, how large it is shown, and the cloud of nouns (figure 4 b)."""
    if not stats.subjects:
        return ""
    head = (
        '<tr><th>Subject</th><th class="n">Scenes</th><th class="wide"></th>'
        '<th class="mid">Height</th><th class="n roomy">Hidden</th></tr>'
    )
    most = stats.subjects[0].scenes
    table = _table(head, [_subject_row(subject, most) for subject in stats.subjects])
    nouns: dict[str, int] = {}
    for subject in stats.subjects:
        nouns[subject.noun] = nouns.get(subject.noun, 0) + subject.scenes
    cloud = word_cloud(pack_words(nouns.items()), label="Nouns of the subjects, larger where more frequent")
    note = (
        "Height: of its box, least to greatest with a dot at the median; the line is the picture's whole height. "
        "Hidden: mean share that nearer subjects cover."
    )
    side = f"<div><h3>Nouns</h3>{cloud}</div><div><h3>Subjects a scene</h3>{_subjects_a_scene(stats)}</div>"
    return _section("Subjects", note, f'{table}<div class="pair">{side}</div>')


def _subject_row(subject: SubjectStats, most: int) -> str:
    low, middle, high = subject.heights
    title = f"{percent(low)} to {percent(high)} of the picture's height, median {percent(middle)}"
    noun = "" if subject.noun == subject.name else f' <span class="note">{escape(subject.noun)}</span>'
    return (
        f'<tr><td>{escape(subject.name)}{noun}</td><td class="n">{number(subject.scenes)}</td>'
        f"<td>{share_bar(subject.scenes / most, f'{subject.scenes} scenes')}</td>"
        f"<td>{range_bar(low, middle, high, title)}</td>"
        f'<td class="n roomy">{percent(subject.covered)}</td></tr>'
    )


def _subjects_a_scene(stats: DatasetStats) -> str:
    most = max(scenes for _, scenes in stats.subjects_a_scene)
    rows = [
        f'<tr><td class="n">{count}</td><td class="n">{number(scenes)}</td>'
        f"<td>{share_bar(scenes / most, f'{scenes} scenes')}</td></tr>"
        for count, scenes in stats.subjects_a_scene
    ]
    return _table('<tr><th class="n">Subjects</th><th class="n">Scenes</th><th></th></tr>', rows)


def combinations_section(stats: DatasetStats) -> str:
    """Which subjects share a picture, and how often."""
    return _counted(
        "Combinations",
        "Subjects that share a picture, and in how many scenes.",
        [(", ".join(names) or "no subject", count) for names, count in stats.combinations],
        "Subjects",
    )


def backgrounds_section(stats: DatasetStats) -> str:
    """Background prompts with their cloud (figure 4 c), and relations where scenes show any."""
    if not stats.backgrounds:
        return ""
    terms = prompt_terms(stats.backgrounds)
    cloud = word_cloud(pack_words(terms), label="Background prompts, larger where more frequent")
    table = _count_table(stats.backgrounds, "Prompt")
    body = f'<div class="pair"><div>{table}</div><div>{cloud}</div></div>'
    relations = _counted("Relations", "What subjects do to each other.", stats.relations, "Relation")
    return _section("Backgrounds", "Prompts, and in how many scenes.", body) + relations


def boxes_section(stats: DatasetStats, aspect: float) -> str:
    """Where subjects stand and how large they are."""
    if not stats.areas:
        return ""
    most = max(max(row) for row in stats.coverage)
    map_ = heat_map(stats.coverage, aspect, label="Where boxes lie in the picture, darker where more often")
    scale = f'<div class="scale note">0 %<span></span>{percent(most)}</div>'
    size = _shares(stats.areas, "Areas of boxes")
    hidden = _shares(stats.hidden, "Hidden shares of subjects")
    return _section(
        "Boxes",
        "",
        f'<div class="pair"><div><h3>Position</h3>{map_}{scale}<p class="note">Share of the scenes in which a box '
        f'covers the place.</p></div><div><h3>Size</h3>{size}<p class="note">Boxes by the share of the picture that '
        f'they take, in %.</p><h3 class="second">Hidden</h3>{hidden}<p class="note">Subjects by the share that nearer '
        "ones cover, in %.</p></div></div>",
    )


def _shares(values: Sequence[float], label: str) -> str:
    """A histogram of ascending shares in [0, 1], in per cent up to the greatest."""
    widest = max(0.05, math.ceil(values[-1] * 20) / 20) * 100
    edges = [index * widest / SHARE_BINS for index in range(SHARE_BINS + 1)]
    counts = [0] * SHARE_BINS
    for value in values:
        counts[min(SHARE_BINS - 1, int(value * 100 / widest * SHARE_BINS))] += 1
    bars = [
        Bar(low, high, count, f"{number(low)} to {number(high)} %: {count}")
        for low, high, count in zip(edges, edges[1:], counts, strict=False)
    ]
    median = values[len(values) // 2] * 100
    return histogram(bars, _ticks(0.0, widest), [Mark(median, f"median {number(median)} %")], label=label)


def scores_section(stats: DatasetStats) -> str:
    """What the check measured, a histogram a score, and ratings by people."""
    panels = [_score_panel(score) for score in stats.scores]
    if stats.ratings:
        most = max(count for _, count in stats.ratings)
        rows = [
            f'<tr><td class="n">{rating}</td><td class="n">{number(count)}</td><td>{share_bar(count / most)}</td></tr>'
            for rating, count in stats.ratings
        ]
        head = '<tr><th class="n">Rating</th><th class="n">Scenes</th><th></th></tr>'
        panels.append(f"<div><h3>Ratings</h3>{_table(head, rows)}</div>")
    if not panels:
        return ""
    return _section("Scores", "Measured on every kept scene.", f'<div class="trio">{"".join(panels)}</div>')


def _score_panel(score: ScoreStats) -> str:
    bars = [
        Bar(low, high, count, f"{number(low, 3)} to {number(high, 3)}: {count}")
        for low, high, count in zip(score.edges, score.edges[1:], score.counts, strict=False)
    ]
    name = escape(score.name.replace("_", " "))
    chart = histogram(bars, _ticks(score.edges[0], score.edges[-1]), label=f"Distribution of {score.name}")
    text = f"{number(score.low, 2)} to {number(score.high, 2)}, median {number(score.median, 2)}"
    return f'<div><h3>{name}</h3>{chart}<p class="note">{text}</p></div>'


def rejects_section(stats: DatasetStats) -> str:
    """What was left out, by reason."""
    if not stats.rejects:
        return ""
    rows = [
        f'<tr class="top"><td class="n">{number(group.count)}</td><td class="kind">{escape(group.kind)}</td>'
        f'<td>{escape(group.reason)}</td><td class="note roomy">{escape(", ".join(group.items))}</td></tr>'
        for group in stats.rejects
    ]
    head = '<tr><th class="n">Count</th><th>Kind</th><th>Reason</th><th class="mid roomy">For example</th></tr>'
    return _section("Rejects", "What was left out on the way, and why.", _table(head, rows))


def mycanvas_section(stats: DatasetStats) -> str:
    """Ours beside the numbers that section 3.3 prints."""
    kept = f"{number(stats.scenes)} of {number(stats.composed)}"
    words = (number(stats.short.mean), number(stats.detailed.mean), number(MYCANVAS.mean_words))
    beyond = (percent(stats.short.beyond_20), percent(stats.detailed.beyond_20), f"about {percent(MYCANVAS.beyond_20)}")
    paper_kept = f"{number(MYCANVAS.images_kept)} of over {number(MYCANVAS.images_composed)}"
    rows = [
        ("Subjects (the paper: objects)", number(len(stats.subjects)), number(MYCANVAS.objects)),
        ("Combinations (the paper: compositions)", number(len(stats.combinations)), number(MYCANVAS.compositions)),
        ("Images kept", kept, paper_kept),
        ("Mean words a caption", f"{words[0]} short, {words[1]} detailed", words[2]),
        (f"Captions beyond {LONG_CAPTION} words", f"{beyond[0]} short, {beyond[1]} detailed", beyond[2]),
    ]
    body = [
        f'<tr><td>{what}</td><td>{ours}</td><td class="paper-text">{theirs}</td></tr>' for what, ours, theirs in rows
    ]
    note = (
        "The last column is what section 3.3 of the Gen4Gen paper prints about its own set, MyCanvas, which people "
        "filtered by hand. It is not measured here."
    )
    head = '<tr><th></th><th class="wide">This set</th><th class="wide paper-text">MyCanvas, as printed</th></tr>'
    return _section("Beside MyCanvas", note, _table(head, body))


def _counted(title: str, note: str, rows: Sequence[tuple[str, int]], what: str) -> str:
    return _section(title, note, _count_table(rows, what)) if rows else ""


def _count_table(rows: Sequence[tuple[str, int]], what: str) -> str:
    """Texts and counts, most first; with bars, unless all are as long."""
    most, least = rows[0][1], rows[-1][1]
    with_bars = most > least or len(rows) == 1

    def bar(count: int) -> str:
        return f"<td>{share_bar(count / most, f'{count} scenes')}</td>" if with_bars else ""

    body = [f'<tr><td>{escape(text)}</td><td class="n">{number(count)}</td>{bar(count)}</tr>' for text, count in rows]
    head = f'<tr><th>{what}</th><th class="n">Scenes</th>'
    return _table(head + ('<th class="wide"></th></tr>' if with_bars else "</tr>"), body)


def _table(head: str, rows: Sequence[str]) -> str:
    """Rows beyond `LONG_TABLE` go behind a click, and beyond `LONGEST_TABLE` are only counted."""
    table = f"<table><thead>{head}</thead><tbody>{''.join(rows[:LONG_TABLE])}</tbody></table>"
    rest = rows[LONG_TABLE:LONGEST_TABLE]
    if rest:
        more = number(len(rows) - LONG_TABLE)
        summary = f"{more} more" if len(rows) <= LONGEST_TABLE else f"{more} more, the first {len(rest)} of them here"
        inner = f"<table><thead>{head}</thead><tbody>{''.join(rest)}</tbody></table>"
        table += f"<details><summary>{summary}</summary>{inner}</details>"
    return table


def _section(title: str, note: str, body: str) -> str:
    text = f'<p class="note">{note}</p>\n' if note else ""
    return f"<section>\n<h2>{title}</h2>\n{text}{body}\n</section>"
