"""The configuration's one definition: typed, validated, and the source of ``config.yaml`` and of its schema.

Defaults are the paper's experiment. What the paper leaves open follows the released code of its references: Jung et al.
(2019) [22] for the scene network, Akiyama and Sato (2019) [14] for the tagger. If neither decides a value, the key's
docstring says so. A section belongs to its consumer: a rule's parameters are whole sections, with unused keys at their
defaults, so that a changed key re-runs what depends on it and nothing else.
"""

from tagasc.config.backend import Backend, Controls, Kernel, Protocol, Svm
from tagasc.config.distillation import Distillation, Jung2019, Specialist, Student
from tagasc.config.download import Download
from tagasc.config.events import DemoEvents, Events, Mel
from tagasc.config.experiment import Experiment
from tagasc.config.figures import BEST, Figures
from tagasc.config.frontend import Frontend, training_key
from tagasc.config.network import Architecture, Network
from tagasc.config.scenes import Audio, DemoScenes, Scenes
from tagasc.config.section import (
    PUBLISHED_SOURCES,
    READ_ONLY_SOURCES,
    WRITTEN_SOURCES,
    CompareWithPaper,
    OnMismatch,
    Section,
)
from tagasc.config.tagger import Features, Folds, SoftLabels, Stage2, Tagger, TaggerNetwork, TaggerTraining, Tagging
from tagasc.config.training import Training
from tagasc.runtime.precision import Precision

__all__ = [
    "BEST",
    "PUBLISHED_SOURCES",
    "READ_ONLY_SOURCES",
    "WRITTEN_SOURCES",
    "Architecture",
    "Audio",
    "Backend",
    "CompareWithPaper",
    "Controls",
    "DemoEvents",
    "DemoScenes",
    "Distillation",
    "Download",
    "Events",
    "Experiment",
    "Features",
    "Figures",
    "Folds",
    "Frontend",
    "Jung2019",
    "Kernel",
    "Mel",
    "Network",
    "OnMismatch",
    "Precision",
    "Protocol",
    "Scenes",
    "Section",
    "SoftLabels",
    "Specialist",
    "Stage2",
    "Student",
    "Svm",
    "Tagger",
    "TaggerNetwork",
    "TaggerTraining",
    "Tagging",
    "Training",
    "training_key",
]
