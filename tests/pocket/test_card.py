import pytest

from tests.pocket.test_check import report
from vivant.errors import StoreError
from vivant.files import write_json
from vivant.pocket.card import card, kept_report, trained_networks, training_figures, write_card

FIGURES = {
    "world": {"scenes": 400.0, "minutes": 1.0, "pictures_per_second": 900.0, "device": "NVIDIA H100 80GB HBM3"},
    "judge": {
        "minutes": 3.0,
        "scene_minutes": 2.0,
        "scene_pictures": 9e5,
        "scene_pictures_per_second": 7500.0,
        "scene_gflops_per_picture": 0.8,
        "scene_parameters": 1.8e6,
        "clip_minutes": 1.0,
        "clip_pictures": 3e5,
        "clip_pictures_per_second": 5000.0,
        "clip_gflops_per_picture": 1.0,
        "clip_parameters": 2.8e6,
        "device": "NVIDIA H100 80GB HBM3",
        "date": "2026-01-02",
    },
    "vae": {
        "minutes": 2.0,
        "pictures": 4e5,
        "pictures_per_second": 3000.0,
        "gflops_per_picture": 10.0,
        "parameters": 1.5e6,
        "device": "NVIDIA H100 80GB HBM3",
        "date": "2026-01-02",
    },
}


def test_stages_of_several_networks_are_told_apart():
    found = {one.name: one for one in trained_networks(FIGURES)}
    assert list(found) == ["judge, scene", "judge, clip", "vae"]
    assert found["judge, clip"].rate == 5000.0 and found["judge, clip"].minutes == 1.0


def test_the_card_tells_sizes_speed_and_preview(tmp_path):
    (tmp_path / "judge").mkdir()
    (tmp_path / "judge" / "model.safetensors").write_bytes(b"0" * 2_500_000)
    said = card(tmp_path, report(), FIGURES)
    assert "**CPU preview.**" in said and "CPU preview" not in card(tmp_path, report(preview=False), FIGURES)
    assert "| `judge` |" in said and "2.5 MB" in said and "`dino` |" not in said
    # 3000 pictures a second at 10 GFLOP are 30 TFLOP/s of the device's 989.
    assert "| vae | 1.5 M | 2.0 | 400,000 | 3,000 | 10.00 | 30.00 (3.0%) | NVIDIA H100 80GB HBM3, 2026-01-02 |" in said
    assert "hugging | no" in said and "98.0" in said
    assert "## Training" not in card(tmp_path, report(), {})


def test_figures_are_kept_beside_the_weights(tmp_path):
    weights = tmp_path / "run" / "weights"
    (weights / "judge").mkdir(parents=True)
    assert training_figures(weights) == {} and kept_report(weights) is None
    write_json(tmp_path / "run" / "figures.json", FIGURES)
    assert training_figures(weights) == FIGURES
    path = write_card(weights, report(), FIGURES)
    kept = kept_report(weights)
    assert path.read_text().startswith("---\nlicense") and kept is not None and kept.rows == report().rows
    (tmp_path / "run" / "figures.json").unlink()
    assert training_figures(weights) == FIGURES  # an installed family knows how it was trained


def test_a_file_of_somebody_else_is_named(tmp_path):
    write_json(tmp_path / "check.json", {"report": {"rows": 3}})
    with pytest.raises(StoreError, match=r"check.json: .*delete it"):
        kept_report(tmp_path)
