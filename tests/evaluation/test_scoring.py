"""Scores of whole benchmarks by tiny models: in any batch and order, from a cache, and against chance."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.evaluation import tiny_encoders as tiny
from vivant.errors import InputError
from vivant.evaluation.benchmarks.cases import Case, CaseSubject, make_case
from vivant.evaluation.cache import FeatureCache
from vivant.evaluation.comparing import encoder_marks
from vivant.evaluation.features import Features
from vivant.evaluation.metrics import cosine
from vivant.evaluation.references import References
from vivant.evaluation.scorers import Scorers
from vivant.evaluation.scoring import SCORES, PictureScores, partners, score_pictures
from vivant.evaluation.summary import Summary, read_rows, read_summary, summarise, write_scores
from vivant.evaluation.tables import differences, latex, markdown, ordering, short
from vivant.images import write_png


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return tiny.save_all(tmp_path_factory.mktemp("models"))


@pytest.fixture(scope="module")
def scorers(models: dict[str, str]) -> Scorers:
    return Scorers("embedded", threshold=0.0, models=models)


class Bench:
    """Four subjects of three photos, four cases, two pictures each."""

    def __init__(self, folder: Path) -> None:
        rng, self.folder = np.random.default_rng(0), folder
        people = {}
        for name in ("cat1", "cat2", "dog", "owl"):
            photos = tuple(folder / name / f"{number}.png" for number in range(3))
            for photo in photos:
                write_png(photo, rng.integers(0, 256, (40, 30, 3)).astype(np.uint8))
            people[name] = CaseSubject(name=name, noun=name.rstrip("12"), photos=photos)
        hugging, dancing = "A {} is hugging a {} in a garden.", "A {} is dancing on the moon."
        self.cases = [
            make_case("00", "multi", hugging, [people["cat1"], people["cat2"]]),
            make_case("01", "multi", "A {} is kissing a {}.", [people["dog"], people["owl"]]),
            make_case("02", "single", dancing, [people["cat1"]]),
            make_case("03", "single", "A {} is reading a book by the fireplace.", [people["owl"]]),
        ]
        self.pictures: dict[str, list[Path]] = {}
        for case in self.cases:
            for number in range(2):
                path = folder / "method" / f"{case.name}-{number}.png"
                write_png(path, rng.integers(0, 256, (48, 48, 3)).astype(np.uint8))
                self.pictures.setdefault(case.name, []).append(path)

    def known(self, scorers: Any, cache: FeatureCache | None = None, batch: int = 64) -> References:
        subjects = {one.name: one for case in self.cases for one in case.subjects}
        return References(subjects, scorers, Features(cache or FeatureCache(None), batch=batch))

    def scored(self, scorers: Any, cases: list[Case] | None = None, **options: Any) -> list[PictureScores]:
        return score_pictures(cases or self.cases, self.pictures, self.known(scorers, **options))


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return Bench(tmp_path_factory.mktemp("bench"))


@pytest.fixture(scope="module")
def rows(bench: Bench, scorers: Scorers) -> list[PictureScores]:
    return bench.scored(scorers)


def test_every_picture_has_every_score_that_it_can_have(rows: list[PictureScores]) -> None:
    assert [row.case for row in rows] == [name for name in ("00", "01", "02", "03") for _ in range(2)]
    first, kiss, alone = rows[0].scores, rows[2].scores, rows[4].scores
    assert set(first) == set(SCORES) and list(first) == [name for name in SCORES if name in first]
    assert "ti_clip" not in kiss and "clip_r" in kiss  # no place is named
    assert "bleeding" not in alone
    assert all(len(row.boxes) == len(row.likest) for row in rows)
    assert set(rows[2].chance) == {"cp_clip", "clip_t", "clip_r", "clip_i", "dino", "ti_clip"}


def test_scores_are_the_equations_on_the_encoders_features(
    rows: list[PictureScores], bench: Bench, scorers: Scorers
) -> None:
    from vivant.images import read_image

    picture = scorers.clip.pictures([read_image(bench.pictures["01"][1])])
    text = scorers.clip.texts(["A dog is kissing an owl.", "kissing"])
    assert [rows[3].scores[name] for name in ("clip_t", "clip_r")] == pytest.approx(
        cosine(picture, text)[0].tolist(), abs=1e-6
    )
    photos = [scorers.clip.pictures([read_image(p) for p in one.photos]) for one in bench.cases[1].subjects]
    assert rows[3].scores["clip_i"] == pytest.approx(np.mean([cosine(picture, one).mean() for one in photos]))


@pytest.mark.parametrize("batch", [1, 3])
def test_batches_and_order_change_nothing(
    rows: list[PictureScores], bench: Bench, scorers: Scorers, batch: int
) -> None:
    again = bench.scored(scorers, cases=bench.cases[::-1], batch=batch)
    by_file = {row.file: row for row in again}
    for row in rows:
        assert by_file[row.file].scores == pytest.approx(row.scores, abs=1e-4)
        assert by_file[row.file].likest == row.likest


def test_a_second_scoring_runs_no_model(bench: Bench, scorers: Scorers, tmp_path: Path) -> None:
    first = bench.scored(scorers, cache=FeatureCache(tmp_path / "features.sqlite"))

    class Silent:
        """Models that may say who they are, and nothing else."""

        def __getattr__(self, role: str) -> Any:
            named = {"identity": getattr(scorers, role).identity, "pairs": scorers.keypoints.pairs}
            return type("Named", (), named)()

    assert bench.scored(Silent(), cache=FeatureCache(tmp_path / "features.sqlite")) == first


def test_partners_share_nothing_with_a_case(bench: Bench) -> None:
    found = partners(bench.cases, 0)
    assert [case.name for case in found["00"]] == ["01"] and [case.name for case in found["02"]] == ["03"]
    assert partners(bench.cases[:1], 0) == {"00": []}


def test_a_picture_of_the_subject_itself_is_told_from_chance(bench: Bench, scorers: Scorers) -> None:
    """The photos themselves as pictures: identity is far above that of other subjects, and they are copies."""
    case = bench.cases[3]
    photo = case.subjects[0].photos[0]
    (row,) = score_pictures(bench.cases, {"03": [photo]}, bench.known(scorers))
    assert row.scores["clip_i"] > row.chance["clip_i"] and row.scores["dino"] > row.chance["dino"]
    assert row.scores["copy_paste"] == pytest.approx(1.0, abs=0.05)
    assert row.scores["nearness"] < 1.0


@pytest.fixture(scope="module")
def summary(rows: list[PictureScores], bench: Bench, scorers: Scorers) -> Summary:
    known = bench.known(scorers)
    ceilings = {name: known.ceilings(name) for name in known.subjects}
    encoders = {**scorers.identities(), "crop": "box"}
    return summarise("ours", "relationbench", bench.cases, rows, ceilings, encoders)


def test_a_summary_is_means_by_group(summary: Summary, rows: list[PictureScores]) -> None:
    assert list(summary.groups) == ["multi", "single", "all"]
    assert (summary.cases, summary.scored, summary.pictures) == (4, 4, 8)
    multi = summary.groups["multi"]["clip_t"]
    assert multi.value == pytest.approx(np.mean([row.scores["clip_t"] for row in rows[:4]])) and multi.count == 4
    assert multi.low <= multi.value <= multi.high
    assert summary.groups["all"]["bleeding"].count == sum("bleeding" in row.scores for row in rows)
    assert 0 < summary.ceilings["all"]["clip_i"].value <= 1
    assert np.sum(summary.confusion["counts"]) == 12
    assert summary.by_case["clip_t"]["00"] == pytest.approx(np.mean([r.scores["clip_t"] for r in rows[:2]]), abs=1e-5)


def test_a_summary_is_read_as_it_was_written(summary: Summary, rows: list[PictureScores], tmp_path: Path) -> None:
    write_scores(tmp_path, summary, rows)
    again = read_summary(tmp_path)
    assert again.groups["single"]["dino"].value == pytest.approx(summary.groups["single"]["dino"].value, abs=1e-6)
    assert again.encoders == summary.encoders and again.by_case == summary.by_case
    lines = read_rows(tmp_path)
    assert lines[0]["file"] == "00-0.png" and set(lines[0]["scores"]) == set(rows[0].scores)
    assert markdown([again]) == markdown([summary])
    (tmp_path / "summary.json").write_text('{"groups": {}}')
    with pytest.raises(InputError, match="score the pictures again"):
        read_summary(tmp_path)


def test_a_table_has_the_papers_form_and_numbers(summary: Summary) -> None:
    text = markdown([summary])
    lines = text.splitlines()
    head = next(line for line in lines if line.startswith("| method"))
    assert head.startswith("| method | Single-object CLIP-T | Single-object CLIP-R | Single-object CLIP-I")
    assert "| DreamRelation (printed) | 30.6 | 21.4 | 77.9 | 63.4 | 28.9 | 20.4 | 75.4 | 62.1 |" in lines
    assert "| ELITE (printed) | 25.7 | 14.9 | 75.4 | 61.5 | – | – | – | – |" in lines
    ours = next(line for line in lines if line.startswith("| **ours**"))
    assert f"{100 * summary.groups['single']['clip_t'].value:.1f}" == ours.split(" | ")[1]
    assert "weights" in text and "crop: box" in text
    table = latex([summary])
    assert r"DreamRelation & 30.6 & 21.4" in table and r"\multicolumn{4}{c}{Single-object}" in table
    assert table.count(r" \\") == 2 + 10 + 3
    assert "CP-CLIP" in short(summary) and "8 pictures of 4 of 4 cases" in short(summary)


def changed(summary: Summary, **fields: Any) -> Summary:
    return Summary(**{**summary.__dict__, **fields})


def test_methods_seen_by_other_encoders_are_not_compared(summary: Summary) -> None:
    weights = {**summary.encoders, "clip": {**summary.encoders["clip"], "weights": "other"}}
    theirs = changed(summary, method="theirs", encoders=weights)
    assert encoder_marks([summary, theirs]) == {"ours": "a", "theirs": "b"}
    text = markdown([summary, theirs])
    assert "**ours** (a)" in text and "**theirs** (b)" in text and "do not compare them" in text
    assert "is not compared" in differences([summary, theirs], 0) and "$^{b}$" in latex([summary, theirs])
    moved = {**summary.encoders, "clip": {**summary.encoders["clip"], "model": "elsewhere"}}
    assert encoder_marks([summary, changed(summary, method="same", encoders=moved)]) == {"ours": "", "same": ""}


def test_methods_are_compared_case_by_case(summary: Summary) -> None:
    worse = {score: {case: value - 0.1 for case, value in cases.items()} for score, cases in summary.by_case.items()}
    text = differences([summary, changed(summary, method="worse", by_case=worse)], 0)
    row = next(line for line in text.splitlines() if "CLIP-T" in line)
    assert row == "| worse | CLIP-T | +0.100 | +0.100 to +0.100 | 100 % | 1.0000 | 4 |"  # 2/16, times ten scores
    assert differences([summary, changed(summary, method="none", by_case={})], 0) == "No case has pictures of both."


def test_the_order_of_methods(summary: Summary) -> None:
    def shifted(name: str, by: float) -> Summary:
        cases = {score: {case: value + by for case, value in known.items()} for score, known in summary.by_case.items()}
        return changed(summary, method=name, by_case=cases)

    better, worse = shifted("better", 0.2), shifted("worse", -0.2)
    verdicts = {line.split(" | ")[0][2:]: line.split(" | ")[-1][:-2] for line in ordering([better, worse]).splitlines()}
    assert verdicts["CLIP-T"].startswith("yes") and verdicts["bleeding"] == "**no**" and verdicts["TI-CLIP"] == "–"
    again = ordering([worse, better])
    assert "**no**" in next(line for line in again.splitlines() if "CLIP-T" in line)
    assert "tie" in ordering([summary, changed(summary, method="same")])


def test_lines_on_disk_are_json(summary: Summary, rows: list[PictureScores], tmp_path: Path) -> None:
    write_scores(tmp_path, summary, rows)
    assert "NaN" not in (tmp_path / "summary.json").read_text() + (tmp_path / "pictures.jsonl").read_text()
    assert json.loads((tmp_path / "summary.json").read_text())["method"] == "ours"
