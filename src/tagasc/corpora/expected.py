"""What an experiment's scenes decide about its tables, known before they are packed."""

from dataclasses import dataclass

from tagasc.config import PUBLISHED_SOURCES, Experiment
from tagasc.corpora.tau2019 import is_published, list_scenes
from tagasc.paper.grid import TEST_LISTS, test_lists
from tagasc.runtime.errors import InputError


@dataclass(frozen=True)
class Expected:
    """The test lists of the scenes, and whether the tables show the paper's numbers."""

    test_lists: list[str]
    shows_paper: bool


def expect(experiment: Experiment) -> Expected:
    """Return what the scenes of an experiment decide.

    Only the lists of a folder of recordings have to be read: all other corpora have unused clips, and their source says
    whether they are published. Lists that cannot be read count as such a corpus; they stop the run elsewhere.

    >>> expect(Experiment())
    Expected(test_lists=['official', 'all_but_train'], shows_paper=True)
    """
    lists, published = list(TEST_LISTS), experiment.scenes.source in PUBLISHED_SOURCES
    if experiment.scenes.source == "folder":
        try:
            clips = list_scenes(experiment.scenes_folder)
        except InputError:
            pass
        else:
            lists, published = test_lists(clips["split"]), is_published(clips)
    setting = experiment.compare_with_paper
    return Expected(lists, published if setting == "auto" else setting)
