"""Plans by a language model that answers well, badly, or not at all."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import httpx
import numpy as np
import pytest

from vivant.data.plan import prompts
from vivant.data.plan.boxes import to_placements
from vivant.data.plan.knowledge import Knowledge, scene_indoors, scene_places, scene_prompt
from vivant.data.plan.language_planner import GIVE_UP_AFTER, LanguagePlanner
from vivant.data.plan.layout import LayoutItem, layout_faults, plan_layout
from vivant.data.plan.replies import Unusable, find_json, read_boxes, read_ratios
from vivant.errors import EndpointError
from vivant.models.language import ChatEndpoint, Message
from vivant.settings.plan import AssociateSettings, EndpointSettings, LayoutSettings
from vivant.types import Background, Layout, Subject

KNOWLEDGE = Knowledge.load()
ASPECTS = {"cat": 0.6, "dog": 0.8, "teapot": 1.0}
RATIOS = '{"ratios": {"cat": 0.6, "dog": 1.0, "teapot": 0.3}}'
GOOD = (
    '{"objects": [{"name": "dog", "box": [80, 300, 440, 550], "on": "ground"},'
    ' {"name": "cat", "box": [560, 560, 200, 320], "on": "ground"},'
    ' {"name": "teapot", "box": [780, 760, 170, 170], "on": "ground"}]}'
)


def background(scene: str = "garden") -> Background:
    return Background(scene=scene, prompt=scene_prompt(scene), places=scene_places(scene), indoors=scene_indoors(scene))


def subjects(*names: str) -> list[Subject]:
    return [Subject(name, name.rstrip("0123456789"), ()) for name in names]


def items() -> list[LayoutItem]:
    return [LayoutItem(name, KNOWLEDGE.thing(Subject(name, name, ())), aspect) for name, aspect in ASPECTS.items()]


class Script:
    """A model that gives its lines one after another, the last one for ever."""

    def __init__(self, *lines: str | Exception) -> None:
        self.lines = list(lines)
        self.asked: list[list[Message]] = []

    def complete(self, messages: Sequence[Message]) -> str:
        self.asked.append(list(messages))
        line = self.lines.pop(0) if len(self.lines) > 1 else self.lines[0]
        if isinstance(line, Exception):
            raise line
        return line


def plan(script: Script, corrections: int = 2) -> Layout:
    planner = LanguagePlanner(script, corrections=corrections)
    layout = planner.plan_layout(items(), background(), LayoutSettings(), np.random.default_rng(0))
    assert layout_faults(layout, items(), background(), LayoutSettings()) == []
    return layout


def test_a_good_layout_is_taken():
    script = Script(RATIOS, GOOD)
    layout = plan(script)
    assert layout.source == "language model" and layout.note == ""
    assert layout["dog"].box.centre[0] < layout["cat"].box.centre[0] < layout["teapot"].box.centre[0]
    for placement in layout.placements:
        assert placement.box.width / placement.box.height == pytest.approx(ASPECTS[placement.subject], rel=0.02)
    assert len(script.asked) == 2
    question = json.loads(script.asked[1][-1]["content"])
    assert question["canvas"] == [1000, 1000] and question["ground_from"] == 600


@pytest.mark.parametrize(
    "wrapped",
    [
        f"Sure! Here it is:\n```json\n{GOOD}\n```\nEnjoy.",
        f"<think>maybe {{'a': 1}} or {RATIOS}</think>{GOOD}",
        f"{{broken {GOOD}",
        GOOD.replace('"objects"', '"thoughts": "…", "objects"'),
    ],
)
def test_json_is_found_in_prose(wrapped):
    assert plan(Script(RATIOS, wrapped)).source == "language model"


BAD_LAYOUTS = {
    "nonsense": "I like turtles.",
    "code": "__import__('os').system('touch /tmp/owned')",
    "python": "[('dog', (1, 2, 3, 4))]",
    "half a JSON": GOOD[: len(GOOD) // 2],
    "empty object": "{}",
    "a list": "[1, 2, 3]",
    "one subject less": '{"objects": [{"name": "dog", "box": [80, 300, 440, 550]}]}',
    "another subject": GOOD.replace('"cat"', '"elephant"'),
    "a subject twice": GOOD.replace('"cat"', '"dog"'),
    "huge numbers": GOOD.replace("440", "1e300"),
    "overflow": GOOD.replace("440", "1e999"),
    "many digits": GOOD.replace("440", "9" * 5000),
    "NaN": GOOD.replace("440", "NaN"),
    "Infinity": GOOD.replace("440", "Infinity"),
    "text for a number": GOOD.replace("440", '"wide"'),
    "null": GOOD.replace("440", "null"),
    "three numbers": GOOD.replace("440, ", ""),
    "no size": GOOD.replace("440", "0"),
    "negative size": GOOD.replace("440", "-440"),
    "outside": GOOD.replace("[80,", "[-700,"),
    "floating": GOOD.replace("560, 200, 320", "20, 200, 320"),
    "on a cloud": GOOD.replace('"on": "ground"', '"on": "cloud"', 1),
    "on itself": GOOD.replace('"on": "ground"', '"on": "dog"', 1),
    "on each other": GOOD.replace('"on": "ground"', '"on": "cat"', 1).replace('"on": "ground"', '"on": "dog"', 1),
    "covered": GOOD.replace("[560,", "[200,"),
    "HTML": "<html><body>502 Bad Gateway</body></html>",
    "refusal": "I'm sorry, but I can't help with that.",
    "deep": '{"objects": ' + "[" * 50_000,
    "many braces": "{" * 100_000,
    "too long": " " * 300_000 + GOOD,
}


@pytest.mark.parametrize("reply", BAD_LAYOUTS.values(), ids=BAD_LAYOUTS.keys())
def test_a_bad_layout_is_answered_then_replaced(reply):
    script = Script(RATIOS, reply)
    layout = plan(script)
    assert layout.source == "rules"
    assert layout.note.startswith("by the rules") and len(layout.note) < 1500
    assert len(script.asked) == 1 + 3
    assert "cannot be used" in script.asked[-1][-1]["content"]


@pytest.mark.parametrize("reply", BAD_LAYOUTS.values(), ids=BAD_LAYOUTS.keys())
def test_a_bad_layout_can_be_mended(reply):
    assert plan(Script(RATIOS, reply, GOOD)).source == "language model"


@pytest.mark.parametrize(
    "ratios",
    [
        "nonsense",
        '{"ratios": {"cat": 1.0}}',
        '{"ratios": {"cat": 0, "dog": 1, "teapot": 1}}',
        '{"ratios": {"cat": 7, "dog": 1, "teapot": 1}}',
        '{"ratios": {"cat": NaN, "dog": 1, "teapot": 1}}',
        '{"ratios": [1, 1, 1]}',
    ],
)
def test_bad_ratios(ratios):
    assert plan(Script(ratios)).source == "rules"
    assert plan(Script(ratios, RATIOS, GOOD)).source == "language model"


def test_ratios_set_the_scale():
    giant_cat = (
        GOOD.replace("[560, 560, 200, 320]", "[520, 320, 340, 560]")
        .replace("[780, 760,", "[830, 760,")
        .replace("[80, 300", "[40, 300")
    )
    layout = plan(Script(RATIOS, giant_cat))
    assert layout.source == "language model"
    assert layout["cat"].box.height < 0.85 * layout["dog"].box.height


def test_ratios_are_brought_to_one_and_asked_once():
    assert read_ratios({"ratios": {"cat": 0.2, "dog": 0.4, "teapot": 0.1}}, items()) == {
        "cat": 0.5,
        "dog": 1.0,
        "teapot": 0.25,
    }
    script = Script(RATIOS, GOOD)
    planner = LanguagePlanner(script)
    for _ in range(3):
        planner.plan_layout(items(), background(), LayoutSettings(), np.random.default_rng(0))
    assert len(script.asked) == 4


def test_the_rules_are_the_same_as_without_a_model():
    layout = plan(Script(EndpointError("down")))
    rng = np.random.default_rng(0)
    rng.random(len(ASPECTS))
    assert layout.placements == plan_layout(items(), background(), LayoutSettings(), rng).placements
    assert "down" in layout.note


def test_an_endpoint_that_is_down_is_given_up():
    script = Script(EndpointError("down"))
    planner = LanguagePlanner(script)
    notes = [
        planner.plan_layout(items(), background(), LayoutSettings(), np.random.default_rng(0)).note for _ in range(6)
    ]
    assert len(script.asked) == GIVE_UP_AFTER
    assert "no longer asked" in notes[-1]


def test_things_on_things():
    on_table = (
        '{"objects": [{"name": "table", "box": [200, 450, 600, 400], "on": "ground"},'
        ' {"name": "cup", "box": [450, 400, 80, 90], "on": "table"}]}'
    )
    pair = [LayoutItem(n, KNOWLEDGE.thing(Subject(n, n, ())), a) for n, a in (("table", 1.5), ("cup", 1.0))]
    planner = LanguagePlanner(Script('{"ratios": {"table": 1, "cup": 0.1}}', on_table))
    layout = planner.plan_layout(pair, background("living room"), LayoutSettings(), np.random.default_rng(0))
    assert layout.source == "language model"
    assert layout["cup"].rests_on == "table" and layout["cup"].depth < layout["table"].depth


@pytest.mark.parametrize("word", ["table", "wall", "ground", "air"])
def test_a_subject_may_be_called_like_a_support(word):
    named = [
        LayoutItem(word, KNOWLEDGE.thing(Subject(word, "chair", ())), 0.7),
        LayoutItem("cup", KNOWLEDGE.thing(Subject("cup", "cup", ())), 1.0),
        LayoutItem("painting", KNOWLEDGE.thing(Subject("painting", "painting", ())), 1.0),
    ]
    for seed in range(10):
        layout = plan_layout(named, background("living room"), LayoutSettings(), np.random.default_rng(seed))
        assert layout.note == ""


def test_cut_sides_are_put_to_the_frame():
    cut = [LayoutItem("dog", KNOWLEDGE.thing(Subject("dog", "dog", ())), 0.8, frozenset({"bottom"}))]
    script = Script('{"objects": [{"name": "dog", "box": [300, 300, 400, 550], "on": "ground"}]}')
    layout = LanguagePlanner(script).plan_layout(cut, background(), LayoutSettings(), np.random.default_rng(0))
    assert layout.source == "language model" and layout["dog"].box.y1 == 1.0


def test_the_examples_in_the_question_pass_our_own_check():
    messages = prompts.layout_messages(items(), background(), LayoutSettings(), 1.0)
    for asked, answered in zip(messages[1:-1:2], messages[2:-1:2], strict=True):
        question: dict[str, Any] = json.loads(asked["content"])
        width, height = question["canvas"]
        scene = Background(
            scene="example",
            prompt=question["background"],
            horizon=question["horizon"] / height,
            ground_top=question["ground_from"] / height,
        )
        named = [
            LayoutItem(s["name"], KNOWLEDGE.thing(Subject(s["name"], s["what"], ())), s["width_to_height"])
            for s in question["subjects"]
        ]
        boxes = read_boxes(find_json(answered["content"]), named)
        tallest = max(item.thing.height_m for item in named)
        placements = to_placements(
            boxes,
            named,
            {item.name: item.thing.height_m / tallest for item in named},
            dict.fromkeys((item.name for item in named), False),
            scene,
            LayoutSettings(),
            width / height,
        )
        layout = Layout(placements=placements, source="example")
        assert layout_faults(layout, named, scene, LayoutSettings()) == []


GROUPS = json.dumps(
    {
        "combinations": [
            {"subjects": ["cat", "dog"], "backgrounds": ["in the garden", "on the lawn", "in a park"]},
            {"subjects": ["dog", "teapot"], "backgrounds": ["on a porch", "in the garden", "at a picnic"]},
        ]
    }
)


def combine(script: Script, names: Sequence[str] = ("cat", "dog", "teapot"), scenes: Sequence[str] = ("garden",)):
    return LanguagePlanner(script).associate(
        subjects(*names),
        [background(scene) for scene in scenes],
        KNOWLEDGE,
        AssociateSettings(combinations=8),
        np.random.default_rng(0),
    )


def test_good_combinations_are_taken():
    found, notes = combine(Script(GROUPS))
    assert [c.subjects for c in found] == [("cat", "dog"), ("dog", "teapot")]
    assert found[0].prompts == ("in the garden", "on the lawn", "in a park")
    assert found[0].scenes == ("garden",)
    assert notes == []


def test_subjects_that_the_model_forgets_get_combinations_by_rule():
    found, _ = combine(Script(GROUPS), ("cat", "dog", "teapot", "puppy"))
    assert any("puppy" in c.subjects for c in found)
    assert found[0].subjects == ("cat", "dog")


@pytest.mark.parametrize(
    "reply",
    [
        "no",
        "{}",
        GROUPS[:-9],
        '{"combinations": []}',
        GROUPS.replace('"cat"', '"whale"').replace('"teapot"', '"whale"'),
        GROUPS.replace('"cat", ', "").replace(', "teapot"', ""),
        GROUPS.replace("on the lawn", "in the garden").replace("at a picnic", "on a porch"),
        GROUPS.replace("on the lawn", "x" * 500),
        GROUPS.replace("on the lawn", "<script>alert(1)</script>"),
        GROUPS.replace("on the lawn", "   "),
    ],
)
def test_bad_combinations_are_replaced_by_the_rules(reply):
    found, notes = combine(Script(reply))
    assert len(found) >= 3
    assert any(note.startswith("combinations by the rules") for note in notes)


def test_combinations_that_no_background_suits_are_dropped():
    reply = GROUPS.replace("in the garden", "in the kitchen")
    found, notes = combine(Script(reply), ("cat", "dog", "teapot"), ("sea",))
    assert found == []
    assert any("suit no available background" in note for note in notes)


@pytest.mark.parametrize(
    "reply",
    ["", "{", "}{", "[[[", '{"a": NaN}', '{"a": -Infinity}', "null", "42", '"text"', "<think>{}", "\x00", "{" * 10**5],
)
def test_find_json_refuses_or_gives_an_object(reply):
    if reply == "<think>{}":
        assert find_json(reply) == {}
        return
    with pytest.raises(Unusable):
        find_json(reply)


@pytest.mark.parametrize(
    "handler",
    [
        lambda request: httpx.Response(500),
        lambda request: httpx.Response(200, text="<html>login</html>"),
        lambda request: httpx.Response(200, json={"choices": [{"message": {"content": None, "refusal": "no"}}]}),
        lambda request: (_ for _ in ()).throw(httpx.ReadTimeout("slow")),
    ],
    ids=["500", "html", "refusal", "timeout"],
)
def test_with_a_real_client_on_a_broken_network(handler):
    chat = ChatEndpoint(
        EndpointSettings(base_url="http://localhost/v1", model="m", retries=1),
        rng=np.random.default_rng(0),
        transport=httpx.MockTransport(handler),
        sleep=lambda _: None,
    )
    planner = LanguagePlanner(chat)
    layout = planner.plan_layout(items(), background(), LayoutSettings(), np.random.default_rng(0))
    assert layout.source == "rules" and "m at localhost" in layout.note
