"""The table of nouns, the table of scenes, and how names are looked up in them."""

from __future__ import annotations

from pathlib import Path

import pytest

from vivant.data.plan.knowledge import (
    PLACES,
    Knowledge,
    scene_indoors,
    scene_kinds,
    scene_places,
    scene_prompt,
    scene_surface,
)
from vivant.data.plan.tables import SUPPORTS, asset
from vivant.errors import InputError
from vivant.types import Subject

HEADER = "noun,height_m,rests_on,found\n"


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return Knowledge.load()


def test_table_is_large_and_within_its_vocabulary(knowledge):
    things = list(knowledge)
    assert len(things) >= 400
    for thing in things:
        assert set(thing.found) <= set(PLACES), thing
        assert set(thing.rests_on) <= set(SUPPORTS), thing
        assert len(set(thing.found)) == len(thing.found) and len(set(thing.rests_on)) == len(thing.rests_on), thing
        assert 0.001 <= thing.height_m <= 400, thing
        assert thing.known
    for place in PLACES:
        assert any(place in thing.found for thing in things), place


def test_no_noun_twice():
    rows = [row for row in asset("nouns.csv").splitlines() if row and not row.startswith("#")]
    nouns = [row.split(",")[0] for row in rows[1:]]
    assert len(nouns) == len(set(nouns)) == len(Knowledge.load())


@pytest.mark.parametrize(
    "order",
    [
        "ant mouse cat dog horse elephant giraffe house skyscraper",
        "cup chair car house church",
        "puppy dog man",
        "kitten cat tiger",
        "strawberry apple watermelon",
        "toddler child woman",
        "motorcycle car van truck ship",
        "sparrow seagull eagle ostrich",
        "teacup teapot bucket barrel",
        "violin guitar cello",
        "flower bush tree",
        "stool table wardrobe",
        "goldfish dolphin whale",
        "tulip sunflower tree",
        "phone laptop television refrigerator",
    ],
)
def test_known_orders(knowledge, order):
    heights = [knowledge.look_up(noun).height_m for noun in order.split()]
    assert heights == sorted(heights)
    assert len(set(heights)) == len(heights)


def test_toys_have_the_height_of_toys(knowledge):
    for toy in ("elephant plushie", "toy elephant", "stuffed elephant", "toy car", "duck toy", "plush whale"):
        assert knowledge.look_up(toy).height_m < 0.5, toy
    assert knowledge.look_up("rubber duck").height_m < knowledge.look_up("duck").height_m


@pytest.mark.parametrize(
    ("noun", "row"),
    [
        ("cat", "cat"),
        ("Cats", "cat"),
        ("cat2", "cat"),
        ("red backpack", "backpack"),
        ("sloth plushie", "plushie"),
        ("rubber duck", "rubber duck"),
        ("duck toy", "duck toy"),
        ("penguin toy", "toy"),
        ("teddybear", "teddy bear"),
        ("tea pot", "teapot"),
        ("Mice", "mouse"),
        ("strawberries", "strawberry"),
        ("glasses", "glasses"),
        ("bus", "bus"),
        ("vase of flowers", "vase"),
        ("toy_boat", "toy boat"),
        ("alarm clock", "alarm clock"),
    ],
)
def test_lookup(knowledge, noun, row):
    assert knowledge.look_up(noun).noun == row


@pytest.mark.parametrize("noun", ["flibbertigibbet", "", "  ", "123", "库", "🦄", "of of of"])
def test_unknown_nouns_get_the_default(knowledge, noun):
    assert knowledge.look_up(noun) is None
    thing = knowledge.thing(Subject("x", noun, ()))
    assert not thing.known
    assert thing.height_m == 0.5 and thing.rests_on[0] == "ground"


def test_the_subjects_own_notes_win(knowledge):
    told = Subject("blob", "blob", (), height_m=2.5, rests_on="water", found=("sea", "My_Yard"))
    thing = knowledge.thing(told)
    assert (thing.height_m, thing.rests_on, thing.found) == (2.5, ("water",), ("sea", "my yard"))
    assert thing.known
    assert knowledge.thing(Subject("cat", "cat", (), height_m=0.9)).found == knowledge.look_up("cat").found


def test_user_rows_go_first(tmp_path: Path):
    table = tmp_path / "mine.csv"
    table.write_text("# my things\n" + HEADER + "Cat,0.6,table,kitchen|sky\nblob, 3 ,air|water,underwater\n", "utf-8")
    mine = Knowledge.load(table)
    assert mine.thing(Subject("a", "cats", ())).height_m == 0.6
    assert mine.thing(Subject("a", "blob", ())).rests_on == ("air", "water")
    assert mine.look_up("dog") is not None


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("blob,tall,ground,street", "'tall'"),
        ("blob,nan,ground,street", "'nan'"),
        ("blob,-1,ground,street", "'-1'"),
        ("blob,1e9,ground,street", "'1e9'"),
        ("blob,1,floor,street", "'floor'"),
        ("blob,1,ground,mars", "'mars'"),
        ("blob,1,,street", "rests_on"),
        ("blob,1,ground", "found"),
        ("42,1,ground,street", "'42'"),
        ("blob,1,ground,street,extra", "5 values"),
    ],
)
def test_a_bad_row_is_named(tmp_path: Path, row, told):
    table = tmp_path / "mine.csv"
    table.write_text(HEADER + "good,1,ground,street\n" + row + "\n", "utf-8")
    with pytest.raises(InputError) as error:
        Knowledge.load(table)
    assert "mine.csv" in str(error.value) and "line 3" in str(error.value) and told in str(error.value)


@pytest.mark.parametrize("content", [b"", b"noun,height_m\ncat,1\n", b"\xff\xfe\x00binary"])
def test_a_bad_file_is_named(tmp_path: Path, content):
    table = tmp_path / "mine.csv"
    table.write_bytes(content)
    with pytest.raises(InputError, match=r"mine\.csv"):
        Knowledge.load(table)
    with pytest.raises(InputError, match=r"absent\.csv"):
        Knowledge.load(tmp_path / "absent.csv")


@pytest.mark.parametrize(
    ("name", "prompt", "place", "surface", "indoors"),
    [
        ("garden", "in the garden", "garden", "ground", False),
        ("Garden_2", "in the garden", "garden", "ground", False),
        ("beach", "on the beach", "beach", "ground", False),
        ("my yard", "in my yard", "garden", "ground", False),
        ("winter forest", "in the winter forest", "forest", "ground", False),
        ("beach at dusk", "on the beach at dusk", "beach", "ground", False),
        ("living-room", "in the living room", "living room", "ground", True),
        ("kitchen table", "on the kitchen table", "kitchen", "table", True),
        ("on the moon", "on the moon", "outdoors", "ground", False),
        ("volcano", "in the volcano", "outdoors", "ground", False),
        ("sea", "on the sea", "sea", "water", False),
        ("sky", "in the sky", "sky", "air", False),
        ("underwater", "underwater", "underwater", "water", False),
    ],
)
def test_scenes(name, prompt, place, surface, indoors):
    assert scene_prompt(name) == prompt
    assert place in scene_places(name)
    assert scene_surface(name) == surface
    assert scene_indoors(name) is indoors


def test_scene_table_keeps_to_the_vocabulary_and_covers_it():
    for kind in scene_kinds().values():
        assert set(kind.places) <= set(PLACES), kind
        assert kind.template.count("{}") == 1, kind
    for place in PLACES:
        assert any(place in kind.places for kind in scene_kinds().values()), place
