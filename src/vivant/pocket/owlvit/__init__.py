"""`owlvit`: open-vocabulary detection, in OWL-ViT's layout."""

from vivant.pocket.owlvit.model import Detections, build, detect, processor
from vivant.pocket.owlvit.queries import query
from vivant.pocket.owlvit.training import train

__all__ = ["Detections", "build", "detect", "processor", "query", "train"]
