"""The stage `judge`: its scene network, its identity network and its own CLIP, one after the other."""

from __future__ import annotations

import torch

from vivant.pocket.feed import Feed
from vivant.pocket.judge.clip import train_clip
from vivant.pocket.judge.identity import train_identity
from vivant.pocket.judge.judge import CLIP, save_judge
from vivant.pocket.judge.model import JudgeConfig, JudgeNetworks
from vivant.pocket.judge.scene import train_scene
from vivant.pocket.run import Figures, Run
from vivant.pocket.save import save_half
from vivant.pocket.tokenizer import load_tokenizer
from vivant.world import BACKDROPS, KINDS, RELATIONS

SHARES = {"scene": 0.5, "identity": 0.25, "clip": 0.25}
"""Parts of the stage's time."""


def build() -> JudgeNetworks:
    """Both networks, 3.2 million parameters together, for the world as it is now."""
    return JudgeNetworks(JudgeConfig(tuple(KINDS), tuple(RELATIONS), tuple(BACKDROPS)))


def train(run: Run) -> Figures:
    """Train and save all of the judge. Figures are named by part, as `scene_train_loss`."""
    feed, whole = Feed.open(run), run.seconds("judge")
    torch.manual_seed(run.seed_of("judge", -1))
    networks = build().to(device=run.device, memory_format=torch.channels_last)
    tokenizer = load_tokenizer(run)
    parts = {
        "scene": train_scene(run, feed, networks.scene, whole * SHARES["scene"]),
        "identity": train_identity(run, feed, networks.identity, whole * SHARES["identity"]),
    }
    clip, parts["clip"] = train_clip(run, feed, tokenizer, whole * SHARES["clip"])
    save_judge(networks, run.weights / "judge")
    save_half(clip, run.weights / "judge" / CLIP, tokenizer)
    total = {"minutes": sum(part["minutes"] for part in parts.values())}
    return total | {f"{name}_{key}": value for name, part in parts.items() for key, value in part.items()}
