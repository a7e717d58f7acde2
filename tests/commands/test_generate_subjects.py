"""``vivant generate`` with photos of subjects, LoRAs and tuned runs, on a tiny random base and adapter."""

from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner

from tests.generation.tiny import load_unet, save_photos, save_tiny_adapter, save_tiny_encoder, save_tiny_lora
from tests.tiny_bases import save_tiny_sd15, save_tiny_sdxl
from vivant.adapters.concept_files import save_concept_tokens
from vivant.adapters.concept_tokens import new_concept_tokens
from vivant.adapters.custom_diffusion import new_key_values, save_key_values
from vivant.adapters.relation_embedding import new_relation_embedding, relation_span, save_relation_embedding
from vivant.commands.generate import generate
from vivant.errors import InputError, ModelError, SettingsError, VivantError
from vivant.images import read_image, read_recipe, write_png
from vivant.models.bundle import load_bundle
from vivant.models.tensor_files import read_tensors, write_tensors

PROMPT, TOM = "a cat is hugging a dog", "a <tom> cat is hugging a dog"
CAT, DOG = ("--subject", "cat=photos/cat"), ("--subject", "dog=photos/dog")


@pytest.fixture(scope="module")
def family(tmp_path_factory):
    """A folder with everything, where commands run."""
    folder = tmp_path_factory.mktemp("family")
    unet = load_unet(save_tiny_sdxl(folder / "base"))
    save_tiny_encoder(folder / "clip")
    save_tiny_adapter(folder / "adapter" / "ms_adapter.safetensors", unet, 16)
    save_tiny_lora(folder / "hug", unet)
    save_photos(folder / "photos", "cat", "dog", "other_cat")
    return folder


@pytest.fixture
def run(family, monkeypatch):
    """Call the verb in that folder; the output, or the error it ends with."""
    monkeypatch.chdir(family)

    def call(*arguments, models=True):
        usual = {"--base": "base", "--sampling-steps": 2, "--device": "cpu"}
        if "--subject" in arguments:
            usual |= {"--adapter": "adapter", "--image-encoder": "clip"}
        flags = [part for flag, value in usual.items() if flag not in arguments for part in (flag, value)]
        done = CliRunner().invoke(generate, [*map(str, arguments), *map(str, flags if models else [])])
        if isinstance(done.exception, VivantError):
            raise done.exception
        assert done.exit_code == 0, (done.output, done.exception)
        return done.output

    return call


@pytest.fixture(scope="module")
def learned(family):
    """Runs that learned one word and every key and value; and a relation as an embedding."""
    bundle = load_bundle(str(family / "base"), "cpu", "float32")
    source = torch.Generator().manual_seed(5)
    tokens = new_concept_tokens(bundle, {"<tom>": None})
    for vectors in tokens.vectors:
        vectors.data.copy_(torch.randn(vectors.shape, generator=source))
    values = new_key_values(bundle.unet)
    for value in values.parameters():
        value.data.add_(0.3 * torch.randn(value.shape, generator=source))
    save_concept_tokens(tokens, family / "tom", {})
    save_key_values(values, family / "tom", {})
    place = relation_span(PROMPT, "hugging")
    assert place is not None
    embedding = new_relation_embedding(bundle, PROMPT, place)
    save_relation_embedding(embedding, family / "star", {})
    return family


def apart(one: Path, other: Path) -> int:
    return int(np.abs(read_image(one).astype(int) - read_image(other)).max())


def test_subjects_change_the_picture_and_are_in_its_recipe(run, tmp_path):
    run(PROMPT, *CAT, *DOG, "--box", "dog=.5,.2,1,.9", "--scale", "cat=0.8", "-o", tmp_path / "a.png")
    run(PROMPT, "-o", tmp_path / "plain.png")
    run(PROMPT, *CAT, *DOG, "--scale", 0, "-o", tmp_path / "off.png")
    assert apart(tmp_path / "a.png", tmp_path / "plain.png") > 20
    assert apart(tmp_path / "off.png", tmp_path / "plain.png") <= 1
    recipe, before = read_recipe(tmp_path / "a.png"), read_recipe(tmp_path / "plain.png")
    cat, dog = recipe["subjects"]["cat"], recipe["subjects"]["dog"]
    assert cat["photos"] == ["photos/cat/00.png"] and len(cat["hashes"][0]) == 16 and cat["hashes"] != dog["hashes"]
    assert (cat["scale"], cat["proposed"], dog["scale"], dog["proposed"]) == (0.8, True, 0.6, False)
    assert dog["box"] == [0.5, 0.2, 1.0, 0.9] and len(cat["box"]) == 4
    assert (recipe["layout"], recipe["adapter"], recipe["image_encoder"]) == ("boxes", "adapter", "clip")
    assert recipe["weights"].keys() - before["weights"].keys() == {"adapter", "image_encoder"}
    assert not before.keys() & {"subjects", "layout", "adapter", "loras"}


def test_flags_in_another_order_give_the_same_bytes(run, tmp_path):
    run(PROMPT, *CAT, *DOG, "-o", tmp_path / "a.png")
    run(PROMPT, *DOG, *CAT, "-o", tmp_path / "b.png")
    run(PROMPT, "--subject", "cat=photos/dog", "--subject", "dog=photos/cat", "-o", tmp_path / "c.png")
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
    assert apart(tmp_path / "a.png", tmp_path / "c.png") > 5


def test_a_batch_is_not_square_and_each_prompt_has_its_own_boxes(run, tmp_path):
    (tmp_path / "prompts.txt").write_text(f"{PROMPT}\na dog is sitting on a cat\n", encoding="utf-8")
    run("--prompts", tmp_path / "prompts.txt", *CAT, *DOG, "--width", 96, "-n", 2, "--batch", 3, "-o", tmp_path / "out")
    alone = tmp_path / "alone.png"
    run("a dog is sitting on a cat", *CAT, *DOG, "--width", 96, "--seed", 1, "-o", alone)
    assert read_image(alone).shape == (64, 96, 3) and apart(alone, tmp_path / "out" / "1-1.png") <= 1
    boxes = [read_recipe(tmp_path / "out" / name)["subjects"]["cat"]["box"] for name in ("0-0.png", "1-0.png")]
    assert boxes[0] != boxes[1]


def test_drawn_again_gives_the_same_bytes(run, tmp_path):
    more = ["--layout", "attention", "--layout-start", "0.3", "--local-encoder", "same", "--lora", "hug:0.5"]
    given = ["--subject", "cat=photos/cat", "--photos", 2, *DOG, "--box", "dog=.5,.2,1,.9", "--scale", "0.9", *more]
    run(PROMPT, *given, "--seed", 5, "-o", tmp_path / "a.png")
    said = run("--from", tmp_path / "a.png", "-o", tmp_path / "b.png", models=False)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes() and "may come out" not in said
    recipe = read_recipe(tmp_path / "a.png")
    assert recipe["subjects"]["cat"]["photos"] == ["photos/cat/00.png", "photos/cat/01.png"]
    assert (recipe["layout"], recipe["layout_start"], recipe["subjects"]["cat"]["box"]) == ("attention", 0.3, None)
    assert recipe["loras"][0]["path"] == "hug" and recipe["loras"][0]["weight"] == 0.5
    assert "is there already" in run("--from", tmp_path / "a.png", "-o", tmp_path / "b.png", models=False)


def test_flags_win_over_the_recipe_subject_by_subject(run, tmp_path):
    run(PROMPT, *CAT, *DOG, "-o", tmp_path / "a.png")
    run("--from", tmp_path / "a.png", "--scale", "cat=0.1", "-o", tmp_path / "b.png", models=False)
    before, after = (read_recipe(tmp_path / name)["subjects"] for name in ("a.png", "b.png"))
    assert after == {**before, "cat": {**before["cat"], "scale": 0.1}}
    run("--from", tmp_path / "a.png", "--subject", "cat=photos/other_cat", "-o", tmp_path / "c.png", models=False)
    assert read_recipe(tmp_path / "c.png")["subjects"]["cat"]["photos"] == ["photos/other_cat/00.png"]
    run("--from", tmp_path / "a.png", "--box", "cat=0,0,.5,1", "--width", 96, "-o", tmp_path / "d.png", models=False)
    moved = read_recipe(tmp_path / "d.png")["subjects"]
    assert moved["cat"]["box"] == [0.0, 0.0, 0.5, 1.0] and not moved["cat"]["proposed"]
    assert moved["dog"]["box"] != before["dog"]["box"] and moved["dog"]["proposed"]


def test_what_changed_since_is_told(run, tmp_path, family):
    (family / "moved").mkdir()
    for name in ("one", "two"):
        (family / "moved" / f"{name}.png").write_bytes((family / "photos" / "cat" / "00.png").read_bytes())
    lora = save_tiny_lora(family / "moved" / "hug", load_unet(family / "base"))
    run(PROMPT, "--subject", "cat=moved/one.png", "--lora", lora, "-o", tmp_path / "a.png")
    write_png(family / "moved" / "one.png", read_image(family / "photos" / "dog" / "00.png"))
    save_tiny_lora(lora, load_unet(family / "base"), seed=9)
    said = run("--from", tmp_path / "a.png", "-o", tmp_path / "b.png", models=False)
    assert "another picture in moved/one.png, of subject 'cat'; the picture may come out different" in said
    assert f"other weights in {lora}" in said
    (family / "moved" / "one.png").unlink()
    with pytest.raises(InputError, match=r"moved/one\.png: the photo of subject 'cat'.*--subject cat=PHOTO"):
        run("--from", tmp_path / "a.png", "-o", tmp_path / "c.png", models=False)
    said = run("--from", tmp_path / "a.png", "--subject", "cat=moved/two.png", "-o", tmp_path / "d.png", models=False)
    assert "another picture" not in said


def test_a_recipe_that_somebody_wrote_is_not_trusted(run, tmp_path):
    run(PROMPT, *CAT, "-o", tmp_path / "a.png")
    good = read_recipe(tmp_path / "a.png")
    cat = good["subjects"]["cat"]
    for changed, words in (
        ({"subjects": 3, "loras": [{}]}, "loras"),
        ({"subjects": {"cat": 3}}, "'cat' has no photo"),
        ({"subjects": {"cat": {**cat, "box": [0, 0, 0, 7]}}}, r"subjects\.cat\.box"),
        ({"subjects": {"cat": {**cat, "photos": [1]}}}, r"subjects\.cat\.photos"),
        ({"loras": 3, "layout": "square"}, "layout"),
    ):
        write_png(tmp_path / "b.png", read_image(tmp_path / "a.png"), {**good, **changed})
        with pytest.raises(VivantError, match=words):
            run("--from", tmp_path / "b.png", "-o", tmp_path / "c.png", models=False)


def test_loras_alone_and_several(run, tmp_path, family):
    save_tiny_lora(family / "second", load_unet(family / "base"), seed=5)
    run(PROMPT, "-o", tmp_path / "plain.png")
    run(PROMPT, "--lora", "hug", "-o", tmp_path / "one.png")
    run(PROMPT, "--lora", "hug:0", "-o", tmp_path / "off.png")
    run(PROMPT, "--lora", "hug", "--lora", "second:0.5", "-o", tmp_path / "two.png")
    assert apart(tmp_path / "plain.png", tmp_path / "one.png") > 5
    assert apart(tmp_path / "plain.png", tmp_path / "off.png") <= 1
    assert apart(tmp_path / "one.png", tmp_path / "two.png") > 5
    assert [lora["weight"] for lora in read_recipe(tmp_path / "two.png")["loras"]] == [1.0, 0.5]


@pytest.mark.parametrize(
    ("arguments", "kind", "words"),
    [
        ((*CAT, "--subject", "fox=photos/dog"), InputError, "does not name the subject 'fox'"),
        ((*CAT, "--box", "cat=0,0,1,1.5"), SettingsError, r"outside \[0, 1\]"),
        ((*CAT, "--box", "fox=0,0,1,1"), SettingsError, "no subject 'fox'"),
        ((*CAT, "--scale", "fox=1"), SettingsError, "no subject 'fox'"),
        ([part for n in range(7) for part in ("--subject", f"cat{n}=photos/cat")], SettingsError, "7 subjects"),
        ((*CAT, "--layout", "grid"), SettingsError, "'layout'"),
        ((*CAT, "--layout-start", "0.5"), SettingsError, "--layout attention"),
        (("--scale", "0.5"), SettingsError, "--scale is about subjects"),
        (("--adapter", "adapter"), SettingsError, "--adapter is about subjects"),
        ((*CAT, "--adapter", "none"), ModelError, "none: no such file or folder"),
        ((*CAT, "--image-encoder", "base"), ModelError, "base.*safetensors"),
        (("--lora", "none"), ModelError, "none: no LoRA there"),
        ((*CAT, "--width", "1024", "--height", "64"), InputError, "aspect of 16"),
    ],
)
def test_one_clear_error_before_anything_is_loaded(run, tmp_path, monkeypatch, arguments, kind, words):
    def refuse(*call, **options):
        raise AssertionError("the base was loaded")

    monkeypatch.setattr("vivant.generation.session.load_bundle", refuse)
    with pytest.raises(kind, match=words):
        run(PROMPT, *arguments, "-o", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_weights_that_do_not_fit_are_named(run, tmp_path, family):
    tensors, metadata = read_tensors(family / "adapter" / "ms_adapter.safetensors")
    del tensors["ms_adapter.1.to_k_ip.weight"]
    write_tensors(tmp_path / "ms_adapter.safetensors", tensors, metadata)
    other = save_tiny_sd15(tmp_path / "sd15")
    lora = save_tiny_lora(tmp_path / "lora", load_unet(other))
    plain = [PROMPT, "-o", tmp_path / "a.png"]
    with pytest.raises(ModelError, match=r"missing ms_adapter\.1\.to_k_ip\.weight"):
        run(*plain, *CAT, "--adapter", tmp_path)
    with pytest.raises(ModelError, match="made for another base"):
        run(*plain, "--lora", lora)
    with pytest.raises(ModelError, match=r"has no adapter of its own: name one with --adapter.*MS-Diffusion"):
        run(*plain, *CAT, "--base", "base", models=False)
    with pytest.raises(ModelError, match=r"phrases of width 16.*gives 24: made for another model"):
        run(*plain, *CAT, "--base", other)


def test_alone_and_beside_everything_else_each_part_is_seen(run, learned, tmp_path):
    own = ("--tuned", "tom")
    with_photos = (*CAT, *DOG)
    drawn = {
        "plain": (PROMPT,),
        "tuned": (TOM, *own),
        "tuned, hug": (TOM, *own, "--lora", "hug"),
        "tuned, R*": (TOM, *own, "--lora", "star"),
        "subjects": (PROMPT, *with_photos),
        "tuned, subjects": (TOM, *own, *with_photos),
        "all": (TOM, *own, *with_photos, "--lora", "hug"),
    }
    for name, flags in drawn.items():
        run(*flags, "-o", tmp_path / f"{name}.png")
    names = list(drawn)
    alike = [(a, b) for n, a in enumerate(names) for b in names[n + 1 :] if apart(*_files(tmp_path, a, b)) <= 1]
    assert alike == []
    recipe = read_recipe(tmp_path / "all.png")
    assert recipe["tuned"] == "tom" and recipe["subjects"].keys() == {"cat", "dog"} and "tuned" in recipe["weights"]
    run("--from", tmp_path / "all.png", "-o", tmp_path / "again.png", models=False)
    assert (tmp_path / "again.png").read_bytes() == (tmp_path / "all.png").read_bytes()


def test_what_is_not_there_or_is_known_already_is_named(run, learned, tmp_path):
    out = ("-o", tmp_path / "a.png")
    with pytest.raises(ModelError, match=r"nowhere: no such folder"):
        run(TOM, "--tuned", "nowhere", *out)
    with pytest.raises(ModelError, match=r"photos: nothing that was learned"):
        run(TOM, "--tuned", "photos", *out)
    with pytest.raises(InputError, match=r"dog"):
        run("a <tom> cat in the snow", "--tuned", "tom", *DOG, *out)


def _files(folder: Path, *names: str) -> list[Path]:
    return [folder / f"{name}.png" for name in names]
