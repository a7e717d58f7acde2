"""Preset < file < flags, and mistakes are named."""

import pytest
from pydantic import Field

from vivant.errors import SettingsError
from vivant.settings.base import Settings, load_settings


class Inner(Settings):
    strength: float = Field(0.5, ge=0, le=1)
    window: int = 5


class Outer(Settings):
    count: int = 12
    seed: int = 0
    inner: Inner = Inner()
    other: Inner | None = None


def test_later_sources_win(tmp_path):
    (tmp_path / "a.yaml").write_text("count: 2\ninner: {strength: 0.2}\n")
    preset = {"count": 1, "seed": 1, "inner": {"window": 7, "strength": 0.1}}
    settings = load_settings(Outer, preset=preset, file=tmp_path / "a.yaml", flags={"count": 3})
    assert (settings.count, settings.seed) == (3, 1)
    assert settings.inner == Inner(strength=0.2, window=7)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"cuont": 1}, "did you mean 'count'"),
        ({"inner": {"strenght": 1}}, "did you mean 'inner.strength'"),
        ({"other": {"windw": 1}}, "did you mean 'other.window'"),
        ({"zzz": 1}, "known: count"),
        ({"inner": {"strength": 2}}, "'inner.strength'.*got 2"),
        ({"count": "many"}, "'count'.*got 'many'"),
    ],
)
def test_mistakes_are_named(values, words):
    with pytest.raises(SettingsError, match=words):
        load_settings(Outer, flags=values)


@pytest.mark.parametrize("text", ["- a\n- b\n", "a: [", "1: 2\n", "\x00"])
def test_a_file_that_is_no_table_is_refused(tmp_path, text):
    (tmp_path / "a.yaml").write_text(text)
    with pytest.raises(SettingsError, match=r"a\.yaml"):
        load_settings(Outer, file=tmp_path / "a.yaml")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(SettingsError, match=r"none\.yaml"):
        load_settings(Outer, file=tmp_path / "none.yaml")


def test_a_yaml_file_runs_no_code(tmp_path):
    (tmp_path / "a.yaml").write_text("count: !!python/object/apply:os.getpid []\n")
    with pytest.raises(SettingsError, match="not valid YAML"):
        load_settings(Outer, file=tmp_path / "a.yaml")
