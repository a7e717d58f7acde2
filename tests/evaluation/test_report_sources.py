"""Folders as users have them: half written, edited, of something else."""

import json
from pathlib import Path

import pytest

from tests.evaluation.report_bench import make_bench, make_run
from vivant.errors import InputError, StoreError
from vivant.evaluation.report.sources import Evaluation, Run, choose, good_lines, read_evaluation, read_run, read_source


def test_a_folder_is_known_by_what_lies_in_it(tmp_path: Path) -> None:
    make_bench(tmp_path / "bench", count=2)
    make_run(tmp_path / "runs" / "hug")
    assert isinstance(read_source(tmp_path / "bench"), Evaluation)
    assert isinstance(read_source(tmp_path / "runs" / "hug"), Run)
    with pytest.raises(InputError, match=r"neither a training run .* did you mean .*runs/\*, as .*hug"):
        read_source(tmp_path / "runs")
    with pytest.raises(InputError, match="no such folder"):
        read_source(tmp_path / "nowhere")


def test_a_broken_line_costs_that_line(tmp_path: Path) -> None:
    make_bench(tmp_path, methods=("ours",), count=3)
    path = tmp_path / "scores/ours/pictures.jsonl"
    first, _, last = path.read_text().splitlines()
    path.write_text("\n".join([first, '{"case": "01", ', json.dumps({"case": "01"}), last]))
    found = read_evaluation(tmp_path)
    assert set(found.methods[0].pictures) == {"00", "02"}
    assert "line 2: not a JSON object" in found.notes[0] and "1 lines are no scored pictures" in found.notes[1]


def test_notes_of_one_file_are_few(tmp_path: Path) -> None:
    (tmp_path / "many.jsonl").write_text("{\n" * 50)
    notes: list[str] = []
    assert good_lines(tmp_path / "many.jsonl", notes) == []
    assert len(notes) == 4 and "47 more lines" in notes[-1]


def test_an_edited_summary_costs_the_method(tmp_path: Path) -> None:
    make_bench(tmp_path, count=2)
    path = tmp_path / "scores/base/summary.json"
    summary = json.loads(path.read_text())
    for part, value in (("confusion", {"names": ["a"], "columns": [], "counts": 3}), ("by_case", 7), ("pictures", "x")):
        path.write_text(json.dumps({**summary, part: value}))
        found = read_evaluation(tmp_path)
        assert [method.name for method in found.methods] == ["ours"]
        assert "score the pictures again; the method is left out" in found.notes[0]
    path.write_text("{")
    assert "not valid JSON" in read_evaluation(tmp_path).notes[0]
    (tmp_path / "scores/ours/summary.json").unlink()
    with pytest.raises(InputError, match="not valid JSON"):
        read_evaluation(tmp_path)


def test_cases_without_scores_say_what_to_do(tmp_path: Path) -> None:
    make_bench(tmp_path, methods=())
    with pytest.raises(InputError, match="nothing is scored yet: vivant evaluate score"):
        read_source(tmp_path)


def test_methods_are_chosen_by_name_in_the_order_given(tmp_path: Path) -> None:
    make_bench(tmp_path / "a", methods=("base", "our method"), count=2)
    make_bench(tmp_path / "b", methods=("base",), count=2)
    both = [read_evaluation(tmp_path / name) for name in "ab"]
    (one,) = choose(both, ["our method"])
    assert one.name == "a" and [method.name for method in one.methods] == ["our method"]
    (first, _) = choose(both, ["our_method", "base", "our method"])
    assert [method.name for method in first.methods] == ["our method", "base"]
    with pytest.raises(InputError, match="no scored method 'theirs'; there is base, our method"):
        choose(both, ["theirs"])


def test_a_run_that_is_still_written_is_no_news(tmp_path: Path) -> None:
    folder = make_run(tmp_path / "run", 3)
    with (folder / "scalars.jsonl").open("a") as file:
        file.write('{"step": 3, "tot')
    assert len(read_run(folder).rows) == 3 and not read_run(folder).notes


@pytest.mark.parametrize("value", ['"high"', "NaN", "Infinity", "1" + "0" * 400, "true", "[1]", "null"])
def test_a_value_that_is_no_number_is_passed_over(tmp_path: Path, value: str) -> None:
    folder = make_run(tmp_path / "run", 2)
    (folder / "scalars.jsonl").write_text(
        f'{{"step": 0, "total": {value}}}\n{{"total": 1}}\n{{"step": 1, "total": 2}}\n'
    )
    found = read_run(folder)
    assert [row.get("total") for row in found.rows] == [None, 2.0]
    assert "1 lines have no step" in found.notes[0]


def test_an_empty_run_is_told_of(tmp_path: Path) -> None:
    (tmp_path / "settings.json").write_text("[]")
    found = read_run(tmp_path)
    assert not found.rows and "not a JSON object" in found.notes[0] and "no step is logged yet" in found.notes[1]


def test_a_manifest_that_is_none(tmp_path: Path) -> None:
    make_bench(tmp_path, count=1)
    (tmp_path / "cases.jsonl").write_text('{"prompt": 3}\n')
    with pytest.raises(InputError, match="case 1"):
        read_source(tmp_path)
    (tmp_path / "benchmark.json").write_text("")
    with pytest.raises(StoreError, match="not valid JSON"):
        read_source(tmp_path)
