"""``vivant generate --tuned``: what was learned of subjects draws alone, with image prompts, and with a relation."""

import pytest

from tests.commands.test_generate_subjects import CAT, DOG, apart, family, run  # noqa: F401: fixtures
from vivant.adapters.concept_files import save_concept_tokens
from vivant.adapters.concept_tokens import new_concept_tokens
from vivant.adapters.custom_diffusion import new_key_values, save_key_values
from vivant.adapters.relation_embedding import new_relation_embedding, relation_span, save_relation_embedding
from vivant.errors import InputError, ModelError
from vivant.images import read_recipe
from vivant.models.bundle import load_bundle

PROMPT = "a <tom> cat is hugging a dog"


@pytest.fixture(scope="module")
def learned(family):  # noqa: F811
    """Runs that learned one word and every key and value; and a relation as an embedding."""
    import torch

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
    prompt = "a cat is hugging a dog"
    embedding = new_relation_embedding(bundle, prompt, relation_span(prompt, "hugging"))
    save_relation_embedding(embedding, family / "star", {})
    return family


def test_alone_and_beside_everything_else_each_part_is_seen(run, learned, tmp_path):  # noqa: F811
    own = ("--tuned", "tom")
    with_photos = (*CAT, *DOG)
    drawn = {
        "plain": ("a cat is hugging a dog",),
        "tuned": (PROMPT, *own),
        "tuned, hug": (PROMPT, *own, "--lora", "hug"),
        "tuned, R*": (PROMPT, *own, "--lora", "star"),
        "subjects": ("a cat is hugging a dog", *with_photos),
        "tuned, subjects": (PROMPT, *own, *with_photos),
        "all": (PROMPT, *own, *with_photos, "--lora", "hug"),
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


def test_what_is_not_there_or_is_known_already_is_named(run, learned, tmp_path):  # noqa: F811
    out = ("-o", tmp_path / "a.png")
    with pytest.raises(ModelError, match=r"nowhere: no such folder"):
        run(PROMPT, "--tuned", "nowhere", *out)
    with pytest.raises(ModelError, match=r"photos: nothing that was learned"):
        run(PROMPT, "--tuned", "photos", *out)
    with pytest.raises(InputError, match=r"dog"):
        run("a <tom> cat in the snow", "--tuned", "tom", *DOG, *out)


def _files(folder, *names):
    return [folder / f"{name}.png" for name in names]
