"""`judge`: recognisers that only score. The models under test never see them, nor they those models' pictures."""

from vivant.pocket.judge.judge import Judge, Reading, save_judge
from vivant.pocket.judge.model import JudgeConfig, JudgeNetworks
from vivant.pocket.judge.training import build, train

__all__ = ["Judge", "JudgeConfig", "JudgeNetworks", "Reading", "build", "save_judge", "train"]
