import numpy as np
import pytest
import torch

from tests.pocket.little import little_feed, noise
from vivant.errors import ModelError
from vivant.pocket.feed import Feed
from vivant.pocket.judge import Judge, JudgeConfig, JudgeNetworks, clip, identity, save_judge, scene, training
from vivant.pocket.judge.clip import build as build_clip
from vivant.pocket.judge.clip import picture_features, text_features
from vivant.pocket.judge.identity import KINDS_A_BATCH, IdentityTraining, Pairs, crops_of
from vivant.pocket.judge.model import SceneNetwork
from vivant.pocket.judge.scene import SceneTraining, at_noses, moved, present, whole_loss
from vivant.pocket.run import Run
from vivant.pocket.save import save_half
from vivant.pocket.tokenizer import build as build_tokenizers
from vivant.world import BACKDROPS, KINDS, RELATIONS

CONFIG = JudgeConfig(
    ("fox", "cat"), ("dancing", "hugging", "skiing"), ("park",), scene_widths=(8, 8, 8, 8), features=16
)
PICTURES = np.random.default_rng(0).integers(0, 256, (5, 128, 128, 3), dtype=np.uint8)
BOXES = np.array([[0.1, 0.1, 0.6, 0.9]] * 5, np.float32)


@pytest.fixture
def networks():
    torch.manual_seed(0)
    networks = JudgeNetworks(CONFIG)
    with torch.no_grad():  # norms as after some training
        for name, buffer in networks.named_buffers():
            if name.endswith("running_mean"):
                buffer.normal_(std=0.1)
    return networks.eval()


def test_saved_and_loaded_reads_the_same(networks, tmp_path):
    save_judge(networks, tmp_path)
    judge, again = Judge(networks, torch.device("cpu")), Judge.load(tmp_path)
    assert again.config == CONFIG
    first, second = judge.read(PICTURES), again.read(PICTURES)
    assert first.kinds.shape == (5, 2) and first.relation.shape == (5, 3) and first.count.shape == (5, 5)
    np.testing.assert_allclose(first.relation.sum(axis=1), 1.0, rtol=1e-5)
    np.testing.assert_allclose(second.relation, first.relation, atol=5e-3)
    np.testing.assert_allclose(again.identities(PICTURES, BOXES), judge.identities(PICTURES, BOXES), atol=5e-3)
    assert set(first.subjects()) <= {1, 2, 3, 4, 5}


def test_any_batch_reads_the_same(networks):
    judge = Judge(networks, torch.device("cpu"))
    singly = [judge.read(PICTURES[i : i + 1]).kinds[0] for i in range(5)]
    np.testing.assert_allclose(judge.read(PICTURES).kinds, singly, atol=1e-5)
    assert judge.read(PICTURES).at(np.array([3])).kinds[0] == pytest.approx(singly[3], abs=1e-5)
    alone = judge.identities(PICTURES[4:], BOXES[4:])[0]
    np.testing.assert_allclose(judge.identities(PICTURES, BOXES)[4], alone, atol=1e-5)
    assert np.linalg.norm(alone) == pytest.approx(1.0, abs=1e-5)


def test_identity_looks_only_around_the_box(networks):
    judge = Judge(networks, torch.device("cpu"))
    box = np.array([[0.0, 0.0, 0.4, 0.4]], np.float32)
    other = PICTURES[:1].copy()
    other[:, 80:, 80:] = 0
    np.testing.assert_allclose(judge.identities(other, box), judge.identities(PICTURES[:1], box), atol=1e-5)
    assert np.abs(judge.identities(PICTURES[:1], box) - judge.identities(PICTURES[:1], BOXES[:1])).max() > 1e-3


def test_larger_pictures_are_read_at_128(networks):
    judge = Judge(networks, torch.device("cpu"))
    large = PICTURES.repeat(2, axis=1).repeat(2, axis=2)
    np.testing.assert_allclose(judge.read(large).background, judge.read(PICTURES).background, atol=0.05)


def test_a_broken_judge_is_named(networks, tmp_path):
    with pytest.raises(ModelError, match="no judge can be read here"):
        Judge.load(tmp_path)
    save_judge(networks, tmp_path)
    (tmp_path / "model.safetensors").write_bytes(b"nothing")
    with pytest.raises(ModelError, match=str(tmp_path)):
        Judge.load(tmp_path)
    with pytest.raises(ModelError, match="CLIP is not there"):
        Judge(networks, torch.device("cpu")).clip_texts(["a fox"])


def test_present_kinds():
    marks = present(torch.tensor([[1, 3, -1, -1, -1], [0, -1, -1, -1, -1]]), 4)
    assert marks.tolist() == [[0, 1, 0, 1], [1, 0, 0, 0]]


def test_faces_are_asked_where_their_noses_are():
    feed = little_feed()
    scenes = feed.scenes_at(torch.arange(6))
    cells = torch.zeros(6, len(KINDS), 8, 8)
    for picture, place in torch.nonzero(scenes.kinds >= 0).tolist():
        x, y, _ = scenes.keypoints[picture, place, 2].tolist()
        cells[picture, :, int(y * 8), int(x * 8)] = 0.0  # two noses in one part: the last one's kind
        cells[picture, scenes.kinds[picture, place], int(y * 8), int(x * 8)] = 1.0
    told = at_noses(cells, scenes)
    there = scenes.kinds.flatten() >= 0
    assert told.shape == (30, len(KINDS)) and (told[there].sum(dim=1) == 1.0).all()
    assert (told.argmax(dim=1) == scenes.kinds.flatten())[there].float().mean() > 0.8


def test_only_faces_that_are_seen_count():
    feed = little_feed()
    network = SceneNetwork(JudgeConfig(tuple(KINDS), tuple(RELATIONS), tuple(BACKDROPS))).eval()
    scenes, hidden = feed.scenes_at(torch.arange(6)), feed.scenes_at(torch.arange(6))
    hidden.keypoints[..., 2] = 0.0
    training = SceneTraining(network, feed.looks)
    with torch.no_grad():
        logits = network(scenes.unit())
        whole = whole_loss(logits.kinds, logits.relation, logits.background, logits.count, scenes)
        assert training.loss(logits, hidden) == whole < training.loss(logits, scenes) - 1.0


def test_moved_by_at_most_four_pixels():
    unit = torch.zeros(1, 1, 32, 32)
    unit[0, 0, 16, 16] = 1.0
    places = set()
    for seed in range(200):
        place = divmod(int(moved(unit, noise(seed)).argmax()), 32)
        places.add(place)
        assert abs(place[0] - 16) <= 4 and abs(place[1] - 16) <= 4
    assert len(places) > 40


def test_pairs_are_two_pictures_of_one_individual():
    feed = little_feed()
    # Every picture tells its individual by its value.
    feed.portrait_pictures.stored[:] = np.arange(12).repeat(2)[:, None, None, None]
    for row, place in zip(feed.subject_rows.tolist(), feed.subject_places.tolist(), strict=True):
        if feed.people[row, place] >= 0:
            feed.scene_pictures.stored[row] = 100  # a scene may show several; told by the boxes below
    pairs = Pairs(feed)
    scenes = 0
    for seed in range(10):
        first, second, looks = pairs.draw(8, noise(seed))
        who = first.pictures[:, 0, 0, 0].long()
        assert len(set(who.tolist())) == len(who) <= 8
        assert (looks == feed.looks[who]).all()
        for person, other, box in zip(who.tolist(), second.pictures[:, 0, 0, 0].tolist(), second.boxes, strict=True):
            if other == 100:
                scenes += 1
                shown = [(r, p) for r, p in zip(*np.nonzero(feed.people == person), strict=True) if r < 20]
                assert any(torch.equal(feed.boxes[r, p], box) for r, p in shown)
            else:
                assert other == person
        kinds = {tuple(line) for line in looks[:, : len(pairs.by_kind)].tolist()}
        assert len(kinds) <= KINDS_A_BATCH + 8
    assert scenes > 5


def test_the_right_partner_costs_less(networks):
    features = torch.nn.functional.normalize(torch.randn(8, 16, generator=noise()), dim=1)
    looks = torch.zeros(8, 6)
    training = IdentityTraining(networks.identity, looks)
    same, shuffled = training.loss(features, features, looks), training.loss(features, features.roll(1, 0), looks)
    assert same < shuffled - 1.0


def test_identity_crops_are_disturbed_but_alike():
    feed = little_feed()
    subjects = feed.views_of(torch.tensor([0, 1]), torch.tensor([0, 1]))
    unit, within = crops_of(subjects, noise())
    assert unit.shape == (2, 3, 64, 64) and within.shape == (2, 1, 64, 64) and 0.3 < within.mean() < 0.95


def test_a_few_steps_lower_the_loss():
    torch.manual_seed(0)
    feed, network = little_feed(), SceneNetwork(JudgeConfig(tuple(KINDS), tuple(RELATIONS), tuple(BACKDROPS)))
    scenes = feed.scenes_at(torch.arange(8))
    scene_training = SceneTraining(network, feed.looks)
    optimiser, losses = torch.optim.AdamW(scene_training.parameters(), lr=1e-3), []
    for _ in range(6):
        loss = scene_training.loss(network(scenes.unit()), scenes)
        loss.backward()
        optimiser.step()
        optimiser.zero_grad()
        losses.append(float(loss.detach()))
    assert losses[-1] < 0.8 * losses[0]


def test_every_part_trains_and_is_saved(tmp_path, monkeypatch):
    monkeypatch.setattr(Feed, "open", lambda run: little_feed())
    for module in (scene, identity, clip):
        for name in ("CPU_BATCH", "CPU_PAIRS"):
            monkeypatch.setattr(module, name, 4, raising=False)
    run = Run(tmp_path, torch.device("cpu"), 0, 0.001)
    figures = training.train(run)
    assert all(figures[f"{part}_steps"] >= 1 for part in ("scene", "identity", "clip"))
    judge = Judge.load(run.weights / "judge")
    assert judge.config.kinds == tuple(KINDS) and judge.read(PICTURES).kinds.shape == (5, len(KINDS))
    assert judge.clip_texts(["a fox"]).shape == (1, 128)


def test_the_clip_has_features_of_length_one(tmp_path, networks):
    tokenizer = build_tokenizers(["a fox is dancing in the park"])["tokenizer_2"]
    torch.manual_seed(0)
    model = build_clip(tokenizer).eval()
    save_judge(networks, tmp_path)
    save_half(model, tmp_path / "clip", tokenizer)
    judge = Judge.load(tmp_path)
    texts = ["a fox", "a fox is dancing in the park"]
    read, seen = judge.clip_texts(texts), judge.clip_pictures(PICTURES)
    assert read.shape == (2, 128) and seen.shape == (5, 128)
    with torch.no_grad():
        unit = torch.from_numpy(PICTURES).permute(0, 3, 1, 2) / 255.0
        np.testing.assert_allclose(seen, picture_features(model, unit).numpy(), atol=5e-3)
        np.testing.assert_allclose(judge.clip_texts(texts[:1]), text_features(model, tokenizer, texts)[:1], atol=5e-3)
