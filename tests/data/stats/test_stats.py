import html.parser
import io
import json
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from tests.data.small_set import scene_row, write_set
from vivant.data.photos import Reject
from vivant.data.reader import read_data_set
from vivant.data.stats.charts import Bar, Mark, histogram, number, percent
from vivant.data.stats.numbers import GRID, MYCANVAS, DatasetStats, caption_stats, count_words, dataset_stats
from vivant.data.stats.page import SAMPLES, spread, stats_page
from vivant.data.stats.table import print_stats
from vivant.data.stats.word_cloud import MOST_WORDS, pack_words, prompt_terms
from vivant.errors import StoreError
from vivant.types import Scene

EVIL = "<script>alert(1)</script>\"'&"


def scenes(count: int = 8) -> list[Scene]:
    return [Scene.model_validate(scene_row(number)) for number in range(count)]


@pytest.mark.parametrize(
    ("caption", "words"),
    [("a cat", 2), ("  a cat, a dog - and  one  ", 6), ("", 0), ("…", 0), ("a well-known cat", 3), ("猫 x", 2)],
)
def test_words_are_counted_between_spaces(caption: str, words: int) -> None:
    assert count_words(caption) == words


def test_caption_numbers() -> None:
    stats = caption_stats(["one two", "one two", " ".join(["word"] * 20), " ".join(["word"] * 21), " "])
    assert stats.counts == ((2, 2), (20, 1), (21, 1))
    assert stats.mean == pytest.approx((2 + 2 + 20 + 21) / 4)
    assert stats.median == 11
    assert (stats.longest, stats.distinct) == (21, 3)
    assert stats.beyond_20 == 0.25  # 20 words are not beyond 20


def test_subjects_combinations_and_backgrounds_are_counted() -> None:
    stats = dataset_stats(scenes())
    assert [(one.name, one.noun, one.scenes) for one in stats.subjects] == [
        ("cat", "cat", 6),
        ("owl", "owl", 4),
        ("teddybear", "teddy bear", 4),
        ("cat2", "cat", 2),
    ]
    assert stats.combinations == (
        (("cat", "cat2"), 2),
        (("cat", "owl", "teddybear"), 2),
        (("cat", "teddybear"), 2),
        (("owl",), 2),
    )
    assert stats.backgrounds == (("in the garden", 5), ("on the beach", 3))
    assert stats.subjects_a_scene == ((1, 2), (2, 4), (3, 2))
    assert stats.subjects[0].heights == (0.5, 0.5, 0.5)


def test_the_map_of_boxes_is_a_share_of_scenes() -> None:
    row = scene_row(2)
    row["subjects"][0]["box"] = [0.0, 0.5, 0.5, 1.0]
    other = scene_row(2)
    other["subjects"] = [{**other["subjects"][0], "box": [0.0, 0.0, 1.0, 1.0]}] * 2  # two boxes cover a cell once
    coverage = dataset_stats([Scene.model_validate(row), Scene.model_validate(other)]).coverage
    assert len(coverage) == GRID and all(len(line) == GRID for line in coverage)
    assert (coverage[0][0], coverage[-1][0], coverage[-1][-1]) == (0.5, 1.0, 0.5)


def test_scores_that_are_no_numbers_are_left_out() -> None:
    rows = [scene_row(0), scene_row(1)]
    rows[0]["scores"], rows[1]["scores"] = {"a": float("nan"), "b": 7.0}, {"a": 0.25, "b": 7.0}
    a, b = dataset_stats([Scene.model_validate(row) for row in rows]).scores
    assert (a.name, a.scenes, a.median, sum(a.counts)) == ("a", 1, 0.25, 1)
    assert a.edges[0] == 0.0 and a.edges[-1] == 1.0
    assert (b.low, b.high, sum(b.counts)) == (7.0, 7.0, 2)


def test_rejects_are_grouped_by_reason_whatever_the_number_or_subject() -> None:
    rejects = [
        Reject("scene", "1", "cat was changed (0.1 < 0.5)"),
        Reject("scene", "2", "teddybear was changed (0.2 < 0.5)"),
        Reject("photo", "x.jpg", "the file is empty"),
    ]
    stats = dataset_stats(scenes(), rejects)
    assert [(group.kind, group.reason, group.count, group.items) for group in stats.rejects] == [
        ("scene", "… was changed (… < …)", 2, ("1", "2")),
        ("photo", "the file is empty", 1, ("x.jpg",)),
    ]
    assert stats.composed == 8 + 2


def test_an_empty_set_has_a_page_of_its_rejects(tmp_path: Path) -> None:
    folder = write_set(tmp_path / "data", count=0)
    data_set = read_data_set(folder)
    page = stats_page(dataset_stats(data_set.scenes, data_set.rejects), data_set)
    assert "the file is empty" in page and "<h2>Scenes</h2>" not in page


class Tags(html.parser.HTMLParser):
    """Open tags must close in order; collects tags and addresses."""

    VOID = frozenset({"meta", "img", "input"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href", "xlink:href", "action")]
        assert not any(name.startswith("on") for name, _ in attrs)
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def page_of(folder: Path) -> tuple[str, Tags]:
    data_set = read_data_set(folder)
    page = stats_page(dataset_stats(data_set.scenes, data_set.rejects), data_set)
    tags = Tags()
    tags.feed(page)
    assert tags.open == []
    return page, tags


def test_the_page_stands_alone(tmp_path: Path) -> None:
    page, tags = page_of(write_set(tmp_path / "data"))
    assert "script" not in tags.seen and "link" not in tags.seen
    assert len(tags.addresses) == 8
    assert all(address.startswith("data:image/jpeg;base64,") for address in tags.addresses)
    assert not re.search(r"url\(|@import|https?:", page)
    for text in ("MyCanvas", "17.7", "2,684", "150", "41", "teddy bear", "in the garden", "prefers-color-scheme"):
        assert text in page


def test_nothing_from_the_set_becomes_markup(tmp_path: Path) -> None:
    folder = write_set(tmp_path / f"data {EVIL.replace('/', '')}", count=4)
    rows = [json.loads(line) for line in (folder / "metadata.jsonl").read_text().splitlines()]
    for row in rows:
        row |= {"text": EVIL, "text_detailed": f"{EVIL} more", "background": EVIL, "relation": EVIL}
        row["scores"] = {EVIL: 0.5}
        for one in row["subjects"]:
            one |= {"name": EVIL, "noun": EVIL}
    (folder / "metadata.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (folder / "rejects.jsonl").write_text(json.dumps({"kind": EVIL, "item": EVIL, "reason": EVIL}) + "\n")
    page, tags = page_of(folder)
    assert "script" not in tags.seen
    assert "<script" not in page and "&lt;script&gt;" in page


def test_the_same_set_gives_the_same_page(tmp_path: Path) -> None:
    folder = write_set(tmp_path / "data")
    assert page_of(folder)[0] == page_of(folder)[0]


def test_a_missing_picture_is_an_error_that_names_it(tmp_path: Path) -> None:
    folder = write_set(tmp_path / "data")
    (folder / "images" / "000003.png").unlink()
    with pytest.raises(StoreError, match=r"images/000003\.png"):
        page_of(folder)


def test_samples_are_spread_over_the_set() -> None:
    many = scenes(100)
    chosen = spread(many, SAMPLES)
    assert len(chosen) == SAMPLES and chosen[0] == many[0] and chosen[-1].file_name > "images/000090"
    assert spread(many[:3], SAMPLES) == many[:3]


def test_the_terminal_gets_the_numbers_and_no_markup() -> None:
    rows = [scene_row(0)]
    rows[0]["background"] = "[bold]at home[/bold]"
    out = io.StringIO()
    print_stats(dataset_stats([Scene.model_validate(row) for row in rows]), Console(file=out, width=120))
    text = out.getvalue()
    assert "[bold]at home[/bold]" in text and str(MYCANVAS.mean_words) in text and "teddybear" in text


def test_an_empty_set_prints() -> None:
    empty: DatasetStats = dataset_stats([])
    print_stats(empty, Console(file=io.StringIO()))


words = st.text(alphabet=st.characters(blacklist_categories=["Cs", "Cc"]), min_size=1, max_size=20)


@settings(max_examples=25, deadline=None)
@given(st.dictionaries(words, st.integers(1, 500), max_size=30))
def test_no_two_words_of_a_cloud_overlap(terms: dict[str, int]) -> None:
    cloud = pack_words(terms.items())
    assert len(cloud.words) == min(MOST_WORDS, len(terms))
    boxes: list[tuple[float, float, float, float]] = []
    for word in cloud.words:  # from the middle of small letters to the baseline: inside any measure of it
        box = (word.x, word.baseline - 0.5 * word.size, word.x + word.width, word.baseline)
        assert box[0] >= 0 and box[2] <= cloud.width + 1e-6 and box[1] >= 0 and box[3] <= cloud.height + 1e-6
        assert all(box[0] >= b[2] or b[0] >= box[2] or box[1] >= b[3] or b[1] >= box[3] for b in boxes)
        boxes.append(box)


def test_a_frequent_word_is_larger() -> None:
    first, second = pack_words([("rare", 1), ("often", 9)]).words
    assert (first.text, second.text) == ("often", "rare") and first.size > second.size


def test_prompts_become_places_or_words() -> None:
    terms = dict(
        prompt_terms([("in the garden", 2), ("at the garden", 1), ("on a street by a very old grey stone bridge", 1)])
    )
    assert terms["garden"] == 3
    assert terms["bridge"] == 1 and "very" not in terms and "a" not in terms


def test_histogram_keeps_marks_inside() -> None:
    bars = [Bar(0.0, 1.0, 3, "three"), Bar(1.0, 2.0, 0, "none")]
    chart = histogram(bars, [0, 2], [Mark(10.0, "far <away>", ours=False)], label="x")
    assert chart.count('class="bar"') == 1
    assert 'x1="100.00%"' in chart and "far &lt;away&gt;" in chart


@pytest.mark.parametrize(("value", "text"), [(0, "0"), (10, "10"), (1234.56, "1,234.6"), (0.5, "0.5"), (100.0, "100")])
def test_numbers_keep_their_zeros(value: float, text: str) -> None:
    assert number(value) == text


@pytest.mark.parametrize(
    ("share", "text"), [(0, "0 %"), (0.004, "< 1 %"), (0.5, "50 %"), (0.996, "> 99 %"), (1, "100 %")]
)
def test_per_cent_never_hides_a_remainder(share: float, text: str) -> None:
    assert percent(share) == text
