"""The report's page: what it says of numbers that are known, and that nothing in it comes from outside."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.evaluation.report_bench import make_bench, make_run, picture
from vivant.errors import InputError
from vivant.evaluation.report.confusion import MOST, largest
from vivant.evaluation.report.ordering import quality, ranks, worst_first
from vivant.evaluation.report.page import report_page
from vivant.evaluation.report.sources import choose, read_evaluation, read_run
from vivant.evaluation.report.thumbnails import Photos, thumbnail
from vivant.settings.report import ReportSettings

VOID = {"meta", "img", "input", "br", "hr", "link"}
SETTINGS = ReportSettings()


class Reader(HTMLParser):
    """Raises where a tag is closed that is not open; collects what a test asks for."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)
        self.close()
        assert not self.open, self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("style", "script"):
            self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.seen if name == tag]


def page_of(folder: Path, settings: ReportSettings = SETTINGS, methods: tuple[str, ...] = ()) -> str:
    return report_page(choose([read_evaluation(folder)], methods), [], settings)


def prompts(page: str) -> list[str]:
    return re.findall(r'class="case" .*?<p class="note">(\d\d) ·', page)


@pytest.fixture
def bench(tmp_path: Path) -> Path:
    make_bench(tmp_path / "bench")
    return tmp_path / "bench"


def test_the_page_is_whole_and_needs_nothing_from_outside(bench: Path, tmp_path: Path) -> None:
    page = report_page([read_evaluation(bench)], [read_run(make_run(tmp_path / "hug"))], SETTINGS)
    found = Reader(page)
    addresses = [row.get(name) for _, row in found.seen for name in ("src", "href") if row.get(name)]
    assert addresses and all(re.match(r"data:image/jpeg;base64,|#", str(address)) for address in addresses)
    assert "http:" not in page and "https:" not in page and "url(" not in page
    (policy,) = [row["content"] for row in found.all("meta") if "http-equiv" in row]
    assert str(policy).startswith("default-src 'none'; img-src data:") and "script-src 'sha256-" in str(policy)
    assert page == report_page([read_evaluation(bench)], [read_run(tmp_path / "hug")], SETTINGS)


def test_the_numbers_are_the_summarys(bench: Path) -> None:
    text = Reader(page_of(bench, methods=("ours", "base"))).text
    assert "0.620" in text and "0.420" in text  # CLIP-T of either method: 0.6 and 0.4, and 0.02 on average
    assert "+0.200" in text  # their difference
    assert "1 of 5 boxes are most like another subject; 5 subjects are missing" in text


def test_the_papers_rows_stand_beside(bench: Path) -> None:
    page = page_of(bench)
    assert "DreamRelation, table 2, as printed" in page
    row = re.search(r'<tr class="printed"><td>MS-Diffusion</td>(.*?)</tr>', page)
    # The cases all have two subjects, so the columns of a single one are left out.
    assert row and re.findall(r">([\d.]+)<", row[1]) == ["26.9", "18.9", "73.8", "58.8"]


def test_cases_come_worst_first_and_can_be_few(bench: Path) -> None:
    assert prompts(page_of(bench)) == ["00", "01", "02", "03", "04"]
    assert prompts(page_of(bench, ReportSettings(cases=2))) == ["00", "01"]
    assert "The 2 worst of 5 cases" in page_of(bench, ReportSettings(cases=2))
    assert prompts(page_of(bench, ReportSettings(cases=0))) == []


def test_less_bleeding_is_better_and_nearness_says_nothing(bench: Path) -> None:
    evaluation = read_evaluation(bench)
    found = quality(evaluation.methods[0].summary)
    assert set(found) == {"all", "clip_t", "clip_i", "bleeding"}
    assert found["all"] == {"00": 0.0, "01": 0.25, "02": 0.5, "03": 0.75, "04": 1.0}
    assert worst_first(evaluation, "bleeding")[0] == "00"
    with pytest.raises(InputError, match="no score 'clip_x' to order by; did you mean 'clip_"):
        worst_first(evaluation, "clip_x")
    with pytest.raises(InputError, match="no score 'nearness'"):
        worst_first(evaluation, "nearness")


def test_equal_cases_share_a_rank() -> None:
    assert ranks({"a": 1.0, "b": 1.0, "c": 2.0}) == {"a": 0.25, "b": 0.25, "c": 1.0}
    assert ranks({"a": 3.0}) == {"a": 0.5}


def test_who_is_like_another_is_framed_in_red_with_its_name(bench: Path) -> None:
    page = page_of(bench)
    assert page.count("cat, like dog") == 2 and "#ff5a4d" in page


def test_what_a_folder_says_is_text_and_never_markup(tmp_path: Path) -> None:
    make_bench(tmp_path, methods=("<script>alert(1)</script>",))
    lines = (tmp_path / "cases.jsonl").read_text()
    (tmp_path / "cases.jsonl").write_text(lines.replace("A cat is", 'A </h4><img src=x onerror=\\"a()\\"> cat is'))
    found = Reader(report_page([read_evaluation(tmp_path)], [], ReportSettings(title="<b>'\"&")))
    assert len(found.all("script")) == 1 and not any("onerror" in row for _, row in found.seen)
    assert "<script>alert(1)</script>" in found.text and "<b>'\"&" in found.text


def test_a_photo_is_in_the_file_once(bench: Path) -> None:
    page = page_of(bench)
    assert page.count("<image ") == 2 and page.count("<use ") == 10
    photos = Photos(24)
    assert photos.show(bench / "photos/cat/0.png", "a") == photos.show(bench / "photos/cat/0.png", "a")


def test_pictures_that_changed_or_went_are_said_to(bench: Path) -> None:
    picture(bench / "methods/ours/00.png", 99)
    (bench / "methods/ours/01.png").unlink()
    (bench / "photos/dog/0.png").write_bytes(b"no picture")
    page = page_of(bench)
    assert "changed since it was scored" in page and "not found" in page and "cannot be read" in page
    assert "2 pictures are not found or have changed" in page


def test_thumbnails_are_shrunk_and_small(tmp_path: Path) -> None:
    big = thumbnail(picture(tmp_path / "big.png", 1, side=1000), 256)
    small = thumbnail(picture(tmp_path / "small.png", 1, side=40), 256)
    assert (big.width, big.height, small.width) == (256, 256, 40)
    assert len(big.url) < 60_000  # noise, which packs worst of all


def test_a_method_without_a_picture_of_a_case_has_an_empty_place(bench: Path) -> None:
    lines = (bench / "scores/base/pictures.jsonl").read_text().splitlines()
    (bench / "scores/base/pictures.jsonl").write_text("\n".join(lines[1:]))
    assert page_of(bench).count("no picture") == 1


def test_a_method_of_other_encoders_is_marked_and_not_compared(bench: Path) -> None:
    path = bench / "scores/base/summary.json"
    path.write_text(path.read_text().replace('"abc"', '"other"'))
    page = page_of(bench, methods=("ours", "base"))
    assert "base was scored with other encoders and is not compared" in page
    assert "ours (a)" in page and "base (b)" in page and "do not compare them" in page


def test_a_large_matrix_keeps_the_subjects_that_went_wrong() -> None:
    names = [f"s{number:02d}" for number in range(MOST + 6)]
    counts = [[0] * (len(names) + 1) for _ in names]
    for row in range(len(names)):
        counts[row][row] = 5
    counts[17][3], counts[16][-1] = 2, 1
    kept, rows = largest(names, counts)
    assert len(kept) == MOST and {16, 17} <= set(kept) and 15 not in kept
    assert rows[kept.index(17)][kept.index(3)] == 2 and rows[kept.index(16)][-1] == 1
    assert [sum(row) for row in rows] == [sum(counts[number]) for number in kept]


def test_a_run_shows_its_curves_and_last_pictures(tmp_path: Path) -> None:
    runs = [read_run(make_run(tmp_path / name, steps)) for name, steps in (("short", 1), ("long", 60))]
    page = report_page([], runs, SETTINGS)
    text = Reader(page).text
    assert "held out loss" in text and "after 60 steps" in text and "60 of 60" in text
    assert page.count("<polyline") == 2 and page.count("<circle") == 3  # raw and smooth; single points are dots
