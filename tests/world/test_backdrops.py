"""The sets: what a plate promises to the scenes before it."""

import cv2
import numpy as np
import pytest

from vivant.errors import InputError
from vivant.world.backdrops import BACKDROPS, MARGIN, VARIANTS, plate
from vivant.world.backdrops.plates import PlateShelf, painted

NAMES = list(BACKDROPS)


def test_there_are_24_places_each_with_a_phrase_of_its_own():
    assert len(NAMES) == 24
    assert NAMES[0] == "park" and NAMES[-1] == "bedroom"
    assert len({backdrop.phrase for backdrop in BACKDROPS.values()}) == 24
    for name, backdrop in BACKDROPS.items():
        assert name == backdrop.name
        assert backdrop.phrase.split()[0] in {"in", "on", "by"}
        assert 0.8 <= backdrop.ground[0] < backdrop.ground[1] <= 1.0


@pytest.mark.parametrize("size", [64, 128, 300])
def test_a_plate_is_larger_than_its_picture_by_the_margin(size):
    picture = plate("beach", 3, size)
    assert picture.shape == (round(size * MARGIN), round(size * MARGIN), 3)
    assert picture.dtype == np.uint8
    with pytest.raises(ValueError, match="read-only"):
        picture[0, 0] = 0


@pytest.mark.parametrize("name", NAMES)
def test_the_whole_plate_is_painted(name):
    for variant in range(0, VARIANTS, 6):
        picture = plate(name, variant, 64)
        assert picture.max(axis=2).min() > 30, f"a hole in variant {variant} of {name}"


def test_variants_differ_and_come_out_the_same_again():
    for name, backdrop in BACKDROPS.items():
        one, other = plate(name, 0, 48), plate(name, 1, 48)
        assert np.abs(one.astype(int) - other).mean() > 2.0, name
        np.testing.assert_array_equal(one, painted(backdrop, 0, 48))
    large = plate("village", 2, 260)  # too large to be kept, so drawn twice
    again = plate("village", 2, 260)
    assert large is not again
    np.testing.assert_array_equal(large, again)


@pytest.mark.parametrize("side", ["left", "right"])
def test_a_place_is_known_by_one_third_of_it(side):
    """Figures hide the middle: the nearest of eight variants, by a thumbnail of one side, is of the same place."""

    def third(name: str, variant: int) -> np.ndarray:
        picture = plate(name, variant, 64)
        columns = picture.shape[1] // 3
        shown = picture[:, :columns] if side == "left" else picture[:, -columns:]
        return cv2.resize(shown, (8, 24), interpolation=cv2.INTER_AREA).astype(np.float64).ravel()

    known = {(name, variant): third(name, variant) for name in NAMES for variant in range(8)}
    hits = 0
    for name in NAMES:
        asked = third(name, 9)
        hits += min(known, key=lambda key: float(np.square(known[key] - asked).sum()))[0] == name
    assert hits >= 22  # by chance: 1


def test_the_shelf_lets_go_of_what_was_not_used_for_longest():
    shelf = PlateShelf(capacity=3 * 12)
    plates = [np.full((2, 2, 3), number, dtype=np.uint8) for number in range(4)]
    for number in range(3):
        shelf.put(("park", number, 2), plates[number])
    assert shelf.get(("park", 0, 2)) is plates[0]
    shelf.put(("park", 3, 2), plates[3])
    assert shelf.get(("park", 1, 2)) is None
    assert shelf.get(("park", 0, 2)) is plates[0]
    assert shelf.nbytes == 3 * 12


@pytest.mark.parametrize(("name", "variant"), [("moon", 0), ("park", VARIANTS), ("park", -1)])
def test_what_does_not_exist_is_refused_by_name(name, variant):
    with pytest.raises(InputError, match="moon" if name == "moon" else str(variant)):
        plate(name, variant, 64)
