import random

import numpy as np
import pytest
import torch

from tests.pocket.little import little_feed, noise
from vivant.pocket.owlvit.model import build, detect, outputs_of, processor, text_embeddings
from vivant.pocket.owlvit.queries import Looks, batch_queries, description, looks_of, query
from vivant.pocket.owlvit.training import OwlTraining, assign, corners, detection_loss, focal, generalised_iou
from vivant.pocket.save import save_half
from vivant.pocket.tokenizer import build as build_tokenizers
from vivant.world import KINDS

FIXED = np.random.default_rng(0).integers(0, 256, (3, 128, 128, 3), dtype=np.uint8)


@pytest.fixture(scope="module")
def tokenizer():
    return build_tokenizers(["a photo of the fox cat dog with blue scarf"], length=24)["tokenizer_2"]


@pytest.fixture
def model(tokenizer):
    torch.manual_seed(0)
    model = build(tokenizer).eval()
    torch.nn.init.normal_(model.box_head.dense2.weight, std=0.02, generator=noise())
    return model


def test_each_subject_gets_the_patch_at_its_centre():
    boxes = torch.zeros(2, 5, 4)
    boxes[0, 0] = torch.tensor([0.5, 0.25, 0.75, 0.5])  # centre 0.625, 0.375: column 5, row 3, just at the border
    boxes[0, 1] = torch.tensor([0.0, 0.0, 0.1, 0.1])
    boxes[1, 0] = boxes[1, 1] = torch.tensor([0.4, 0.4, 0.6, 0.62])
    cells = assign(boxes, torch.tensor([2, 2]), 8)
    assert cells[0, 0] % 8 in (4, 5) and cells[0, 0] // 8 in (2, 3) and cells[0, 1] == 0
    assert cells[1, 0] != cells[1, 1]
    assert {int(cell) % 8 for cell in cells[1, :2]} <= {3, 4} and {int(cell) // 8 for cell in cells[1, :2]} <= {3, 4}


def test_the_order_of_the_cast_does_not_matter():
    boxes = torch.rand(4, 5, 2, generator=noise()) * 0.5
    boxes = torch.cat([boxes, boxes + 0.3], dim=2)
    count = torch.full((4,), 5)
    flipped = assign(boxes.flip(1), count, 8).flip(1)
    assert (assign(boxes, count, 8) == flipped).all()


def test_generalised_iou_by_hand():
    one = torch.tensor([[0.0, 0.0, 2.0, 2.0]])
    others = torch.tensor([[0.0, 0.0, 2.0, 2.0], [1.0, 1.0, 3.0, 3.0], [3.0, 0.0, 4.0, 2.0]])
    expected = torch.tensor([1.0, 1 / 7 - 2 / 9, 0.0 - 2 / 8])
    torch.testing.assert_close(generalised_iou(one.expand(3, 4), others), expected)


def test_sure_right_answers_weigh_next_to_nothing():
    loss = focal(torch.tensor([5.0, 0.0, -5.0]), torch.tensor([1.0, 1.0, 1.0]))
    assert loss[0] < 1e-5 and loss[1] == pytest.approx(0.3 * 0.25 * 0.6931, rel=1e-3) and loss[2] > 1.4


def test_queries_are_true_of_whom_they_describe():
    looks = [
        Looks("fox", ("grey", "a blue scarf"), frozenset(("grey",))),
        Looks("fox", ("grey", "a red hat"), frozenset(("grey",))),
        Looks("cat", ("grey", "a blue scarf"), frozenset(("grey",))),
    ]
    nouns = list(KINDS)
    kinds = np.array([nouns.index(kind) for kind in ("fox", "fox", "cat", "fox")])
    people = np.array([0, 1, 2, -1])
    rng = random.Random(0)
    for _ in range(20):
        texts, truth = batch_queries(kinds, people, looks, 3, rng)
        assert truth.shape == (len(texts), 4) and len(texts) == len(nouns) + 3
        assert truth[nouns.index("fox")].tolist() == [1, 1, 0, 1]
        for text, row in zip(texts[len(nouns) :], truth[len(nouns) :], strict=True):
            assert row[3] == (-1 if "fox" in text else 0)
            if "scarf" in text:
                assert row[:3].tolist() == ([1, 0, 0] if "fox" in text else [0, 0, 1])
            elif text == "a grey fox":
                assert row[:3].tolist() == [1, 1, 0]


def test_descriptions_read_as_english():
    looks = Looks("alien", ("grey", "a blue scarf"), frozenset(("grey",)))
    said = {description(looks, random.Random(seed))[0] for seed in range(30)}
    assert said == {"a grey alien", "an alien with a blue scarf", "a grey alien with a blue scarf"}
    assert query("alien") == "an alien" and query("fox", "a photo of a {}") == "a photo of a fox"
    assert looks_of(np.array([3, 4]))[0].kind in KINDS


def test_queries_embedded_once_give_what_the_model_gives(model, tokenizer):
    queries = ["a fox", "a cat with a blue scarf"]
    inputs = processor(tokenizer)(text=[queries], images=list(FIXED[:1]), return_tensors="pt")
    with torch.inference_mode():
        whole = model(**inputs)
        unit = torch.from_numpy(FIXED[:1]).permute(0, 3, 1, 2) / 255.0
        shared = outputs_of(model, unit, text_embeddings(model, tokenizer, queries))
    torch.testing.assert_close(shared.logits, whole.logits, atol=1e-3, rtol=1e-3)
    torch.testing.assert_close(shared.pred_boxes, whole.pred_boxes, atol=1e-4, rtol=1e-3)


def test_saved_and_loaded_finds_the_same(model, tokenizer, tmp_path):
    from transformers import OwlViTForObjectDetection, OwlViTProcessor

    save_half(model, tmp_path / "owlvit", processor(tokenizer))
    again = OwlViTForObjectDetection.from_pretrained(tmp_path / "owlvit", dtype=torch.float32).eval()
    read = OwlViTProcessor.from_pretrained(tmp_path / "owlvit")
    found, other = (
        detect(network, tools, FIXED, ["a fox", "a dog"], threshold=0.0)
        for network, tools in ((model, processor(tokenizer)), (again, read))
    )
    assert len(found) == 3 and found[0].boxes.min() >= 0.0 and found[0].boxes.max() <= 1.0
    assert (np.diff(found[0].scores) <= 0).all()
    np.testing.assert_allclose(other[0].scores[:3], found[0].scores[:3], rtol=0.02)
    singly = [detect(model, read, FIXED[i : i + 1], ["a fox", "a dog"], threshold=0.0)[0] for i in range(3)]
    np.testing.assert_allclose(singly[2].boxes, found[2].boxes, atol=1e-5)


def test_a_few_steps_lower_the_loss(tokenizer):
    torch.manual_seed(0)
    model, feed = build(tokenizer).train(), little_feed()
    scenes = feed.scenes_at(torch.arange(4))
    owners = torch.nonzero(scenes.kinds >= 0).T
    truth = (scenes.kinds[tuple(owners)] == torch.arange(len(KINDS))[:, None]).to(torch.int8)
    training, texts = OwlTraining(model, len(KINDS), feed.looks), [query(kind) for kind in KINDS]
    optimiser, losses = torch.optim.AdamW(training.parameters(), lr=2e-4), []
    for _ in range(10):
        outputs = outputs_of(model, scenes.unit(), text_embeddings(model, tokenizer, texts))
        loss = training.loss(outputs, scenes, owners, truth)
        loss.backward()
        optimiser.step()
        optimiser.zero_grad()
        losses.append(float(loss.detach()))
    assert losses[-1] < 0.8 * losses[0]
    found = corners(outputs.pred_boxes)
    assert (found[..., 2:] >= found[..., :2]).all()


def test_an_unknown_truth_does_not_count(tokenizer):
    feed = little_feed()
    scenes = feed.scenes_at(torch.arange(2))
    owners = torch.nonzero(scenes.kinds >= 0).T
    model = build(tokenizer).eval()
    with torch.no_grad():
        outputs = outputs_of(model, scenes.unit(), text_embeddings(model, tokenizer, ["a fox", "a cat"]))
        truth = torch.tensor([[1, 0, 1], [0, 1, 0]], dtype=torch.int8)
        unknown = torch.tensor([[1, -1, 1], [0, 1, 0]], dtype=torch.int8)
        cells = assign(scenes.boxes, scenes.count, 8)[tuple(owners)]
        before = [detection_loss(outputs, scenes, owners, cells, told) for told in (truth, unknown)]
        outputs.logits[owners[0, 1], cells[1], 0] = 9.0  # surely yes: wrong by the first, nobody knows by the second
        after = [detection_loss(outputs, scenes, owners, cells, told) for told in (truth, unknown)]
    assert after[0] > before[0] + 1.0 and after[1] == before[1]
