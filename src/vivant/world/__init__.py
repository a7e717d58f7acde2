"""A storybook world that knows its own truth: who is where, doing what, and what of them can be seen."""

from vivant.world.backdrops import BACKDROPS, Backdrop
from vivant.world.cast import Individual, sample_individual
from vivant.world.kinds import KINDS, Kind
from vivant.world.puppet import KEYPOINTS
from vivant.world.relations import RELATIONS, SEEN, TOGETHER, UNSEEN, Relation
from vivant.world.script import Script, sample_script, sentence
from vivant.world.tableau import Tableau, perform, portrait

__all__ = [
    "BACKDROPS",
    "KEYPOINTS",
    "KINDS",
    "RELATIONS",
    "SEEN",
    "TOGETHER",
    "UNSEEN",
    "Backdrop",
    "Individual",
    "Kind",
    "Relation",
    "Script",
    "Tableau",
    "perform",
    "portrait",
    "sample_individual",
    "sample_script",
    "sentence",
]
