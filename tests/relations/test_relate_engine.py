"""The engine and its store: finished once, killed and resumed to the same bytes, readable in both layouts."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.relations.test_published import HUG
from vivant.data.reader import read_data_set
from vivant.errors import EndpointError, InputError, RefusedError, StoreError
from vivant.relations.engine import OF_A_BASE, Plan, Tools, recorded, relate_set
from vivant.relations.from_folder import FolderSource
from vivant.relations.from_world import WorldSource
from vivant.relations.published import read_relation, write_relation
from vivant.relations.sample import Request
from vivant.relations.triplet_store import read_triplet_set
from vivant.settings.relate import RelateSettings

PAIRS = (("lion", "bear"), ("cat", "dog"))


def settings(**values) -> RelateSettings:
    return RelateSettings(**{"relation": "hugging", "subjects": PAIRS, "count": 2, "size": 96, **values})


def load(plan: Plan) -> Tools:
    return Tools(WorldSource(plan.settings.size))


class Wrapped:
    """The world, with something done before a triplet."""

    limit = None

    def __init__(self, before: Callable[[Request], None]) -> None:
        self.world, self.before = WorldSource(96), before

    def draw(self, request):
        self.before(request)
        return self.world.draw(request)


def interrupted(before: Callable[[Request], None]) -> Callable[[Plan], Tools]:
    return lambda plan: Tools(Wrapped(before))


def tree(folder: Path) -> dict[str, str]:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != "lock")
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_stopped_anywhere_and_continued_it_is_the_same(tmp_path):
    relate_set(tmp_path / "whole", settings(), load, workers=1)

    for stop in range(3):

        def before(request: Request, stop: int = stop) -> None:
            if request.number == stop:
                raise KeyboardInterrupt

        out = tmp_path / f"stopped{stop}"
        try:
            relate_set(out, settings(), interrupted(before), workers=1)
        except KeyboardInterrupt:
            assert len(list((out / ".state/scenes").glob("*.json"))) == stop
        report = relate_set(out, settings(), load, workers=1)
        assert report.accepted == 2
        assert tree(out) == tree(tmp_path / "whole")


def test_nothing_finished_is_made_again(tmp_path):
    relate_set(tmp_path, settings(), load, workers=1)
    before = tree(tmp_path)

    def refuse(plan):
        raise AssertionError("nothing is left to draw")

    assert relate_set(tmp_path, settings(count=1), refuse, workers=1).accepted == 2
    assert {**tree(tmp_path), "settings.json": ""} == {**before, "settings.json": ""}
    with pytest.raises(StoreError, match="seed"):
        relate_set(tmp_path, settings(seed=1), load, workers=1)


def test_a_set_does_not_depend_on_settings_of_a_source_that_did_not_make_it():
    assert OF_A_BASE.isdisjoint(recorded(settings(share=0.5)))
    assert recorded(settings(source="diffusers", share=0.5))["share"] == 0.5


def test_both_layouts_say_the_same(tmp_path):
    relate_set(tmp_path / "set", settings(), load, workers=1)
    published = read_relation(tmp_path / "set")
    records = read_triplet_set(tmp_path / "set")
    assert tuple(record.triplet for record in records) == published
    assert all(not point[2] for point in published[0].subjects[0].target_keypoints if point[2] == 0)
    assert {point[2] for one in published for s in one.subjects for point in s.target_keypoints} == {0, 1}
    scenes = read_data_set(tmp_path / "set").scenes
    assert [scene.text for scene in scenes] == [one.prompt for one in published]
    assert scenes[0].keypoints == tuple(one.target_keypoints for one in published[0].subjects)
    assert scenes[0].relation == "hugging" and (tmp_path / "set" / scenes[0].subjects[1].reference).is_file()
    write_relation(tmp_path / "again", [record.triplet for record in records if record.triplet])
    again = read_relation(tmp_path / "again")
    assert [one.model_dump(exclude={"target", "subjects"}) for one in again] == [
        one.model_dump(exclude={"target", "subjects"}) for one in published
    ]


def test_what_is_rejected_is_whole_and_can_be_kept(tmp_path):
    strict = settings(check={"likeness": 1.0}, max_attempts=1)
    report = relate_set(tmp_path, strict, load, workers=1)
    assert report.accepted == 0 and len(report.records) == 2
    assert not (tmp_path / "prompts.json").exists()
    assert [one.name for one in read_relation(tmp_path / "rejects")] == ["0", "1"]
    assert "not the same individual" in (tmp_path / "rejects.jsonl").read_text()
    with pytest.raises(InputError, match="no rejected triplet '7'; there are: 0, 1"):
        relate_set(tmp_path, strict, load, keep=["7"], workers=1)
    assert relate_set(tmp_path, strict, load, keep=["1"], workers=1).accepted == 1
    assert [one.name for one in read_relation(tmp_path)] == ["1"]
    assert read_triplet_set(tmp_path)[0].kept
    assert (tmp_path / "sheets/1.jpg").is_file() and (tmp_path / "rejects/0.jpg").is_file()
    assert relate_set(tmp_path, strict, load, keep=["all"], workers=1).accepted == 2


def test_a_refusal_costs_one_attempt_and_an_outage_ends_the_run(tmp_path):
    def refusing(request):
        if request.number == 0:
            raise RefusedError("painter: no")

    report = relate_set(tmp_path / "a", settings(), lambda plan: Tools(Wrapped(refusing)), workers=1)
    assert report.accepted == 2 and report.records[0].reasons == ("painter: no",)

    def broken(request):
        raise EndpointError("painter: not there")

    with pytest.raises(EndpointError, match="not there"):
        relate_set(tmp_path / "b", settings(), lambda plan: Tools(Wrapped(broken)), workers=1)
    assert relate_set(tmp_path / "b", settings(), load, workers=1).accepted == 2


def test_two_runs_in_one_folder(tmp_path):
    def inner(request):
        with pytest.raises(StoreError, match="another run"):
            relate_set(tmp_path, settings(), load, workers=1)

    relate_set(tmp_path, settings(count=1), lambda plan: Tools(Wrapped(inner)), workers=1)


@pytest.mark.parametrize("path", ["/etc/passwd", "../outside.png"])
def test_a_list_that_leads_out_of_the_set_is_refused(tmp_path, path):
    relate_set(tmp_path, settings(count=1), load, workers=1)
    row = json.loads((tmp_path / "triplets.jsonl").read_text())
    row["triplet"]["target"] = path
    (tmp_path / "triplets.jsonl").write_text(json.dumps(row))
    with pytest.raises(StoreError, match="inside the set"):
        read_triplet_set(tmp_path)


@pytest.mark.skipif(not HUG.is_dir(), reason="the published triplets are not here")
def test_the_published_triplets_are_read_checked_and_written_again(tmp_path):
    some = tmp_path / "some"  # two of the five: they are large
    some.mkdir()
    for name in ("videos", "masks"):
        (some / name).symlink_to(HUG / name)
    entries = json.loads((HUG / "prompts.json").read_text())
    (some / "prompts.json").write_text(json.dumps({name: entries[name] for name in ("2", "3")}))
    every, out = settings(subjects=(), source="folder", folder=str(some)), tmp_path / "out"
    report = relate_set(out, every, lambda plan: Tools(FolderSource(some)), workers=1)
    assert [len(record.scores) for record in report.records] == [5, 5]
    assert "another order" in report.records[0].notes[0]
    if report.accepted < 2:
        relate_set(out, every, load, keep=["all"], workers=1)
    theirs, ours = read_relation(some), read_relation(out)
    for one, other in zip(theirs, ours, strict=True):
        assert (one.name, one.prompt, one.predicate) == (other.name, other.prompt, other.predicate)
        for a, b in zip(one.subjects, other.subjects, strict=True):
            assert (a.noun, a.box) == (b.noun, b.box)
            assert a.target_keypoints == b.target_keypoints and a.concept_keypoints == b.concept_keypoints
            for name in ("mask", "concept"):
                assert np.array_equal(pixels(getattr(a, name)), pixels(getattr(b, name)))
        assert np.array_equal(pixels(one.target), pixels(other.target))


def pixels(path: Path):
    from vivant.images import read_image

    return read_image(path)[..., :3]


def test_the_environment_does_not_reach_the_manifest(tmp_path):
    secret = settings(words={"base_url": "https://u:pw@h.test/v1", "model": "m", "api_key": "sk-hidden"})
    relate_set(tmp_path, secret.model_copy(update={"count": 1}), load, workers=1)
    for folder, _, names in os.walk(tmp_path):
        for name in names:
            data = (Path(folder) / name).read_bytes()
            assert b"sk-hidden" not in data and b"u:pw" not in data
