"""The paths of an experiment's files in the results tree."""

from collections.abc import Collection
from pathlib import Path

from tagasc.config import Experiment
from tagasc.paper.grid import TEST_LISTS, cells_of_table, table_name

CONTROLS = ("tags_alone", "baseline_with_tags")
"""Controls that need no training: a support vector machine on tags alone, and on the baseline's codes and tags."""
TABLE_SUFFIXES = ("csv", "md", "tex")
_SCORING_FILES = ("scores.csv", "predictions.csv")


class ResultsTree:
    """The paths of an experiment's files, as rules name them: with wildcards ``{cell}``, ``{seed}`` and ``{control}``.

    >>> ResultsTree(Experiment(cells=["baseline", "codecat"])).cell_files("codes.npy", ["codecat"])
    ['results/experiments/paper/cells/codecat/seed0/codes.npy']
    """

    def __init__(self, experiment: Experiment) -> None:
        self._experiment = experiment
        self.cells = [cell.name for cell in experiment.selected_cells]
        self.seeds = list(dict.fromkeys(experiment.seeds))
        self.scenes = f"results/corpora/{experiment.scenes.name}"
        self.events = f"results/corpora/{experiment.events.name}"
        self.tagger = f"results/taggers/{experiment.tagger.name}"
        self.tags = f"results/tags/{experiment.tagger.name}"
        self.tag_cache = f"{self.tags}/{experiment.scenes.name}.npz"
        self.telling_tags = f"{self.tags}/{experiment.scenes.name}-telling_tags"
        self.experiment = f"results/experiments/{experiment.name}"
        self.scored = self.experiment
        self.cell = f"{self.experiment}/cells/{{cell}}/seed{{seed}}"
        self.scored_cell = f"{self.scored}/cells/{{cell}}/seed{{seed}}"
        self.control = f"{self.scored}/controls/{{control}}/seed{{seed}}"
        self.codes_by_epoch = f"{self.cell}/codes-every{experiment.backend.code_every}.npy"

    def snapshots(self, stage: str, fold: int | str) -> list[str]:
        """Return the weights of one fold's network at the end of each cycle; ``fold`` can be a wildcard."""
        tagger = self._experiment.tagger
        cycles = tagger.stage1_cycles if stage == "stage1" else tagger.stage2_cycles
        return [f"{self.tagger}/{stage}/fold{fold}/snapshot{cycle}.safetensors" for cycle in range(1, cycles + 1)]

    def soft_label_snapshots(self) -> list[str]:
        """Return every snapshot of every fold of stage 1: together, they predict the soft labels."""
        return [path for fold in self._folds for path in self.snapshots("stage1", fold)]

    def tagging_snapshots(self) -> list[str]:
        """Return the last snapshot of each fold: together, they compute the tag vectors."""
        return [self.snapshots(self._experiment.tagger.tag_with, fold)[-1] for fold in self._folds]

    def cell_files(self, name: str, cells: Collection[str] | None = None) -> list[str]:
        """Return a file of every selected cell and seed, or of those of the given cells that are selected."""
        chosen = [cell for cell in self.cells if cells is None or cell in cells]
        folder = self.scored_cell if name in _SCORING_FILES else self.cell
        return [f"{folder.format(cell=cell, seed=seed)}/{name}" for cell in chosen for seed in self.seeds]

    def table_scores(self, number: int) -> list[str]:
        """Return the scores of the cells that a table shows."""
        return self.cell_files("scores.csv", cells_of_table(number))

    def predictions(self) -> list[str]:
        """Return the predictions to compare: of all cells, and of the controls that need no training."""
        controls = [control for control in CONTROLS if control == "tags_alone" or "baseline" in self.cells]
        return self.cell_files("predictions.csv") + [
            f"{self.control.format(control=control, seed=seed)}/predictions.csv"
            for control in controls
            for seed in self.seeds
        ]

    def tables(self, number: int) -> list[str]:
        """Return the files of a table, for each protocol and test list."""
        names = [
            table_name(number, protocol, test_list)
            for protocol in self._experiment.backend.protocols
            for test_list in TEST_LISTS
        ]
        return [f"{self.scored}/tables/{name}.{suffix}" for name in names for suffix in TABLE_SUFFIXES]

    def further_tables(self, number: int) -> list[str]:
        """Return the files of a table for all protocols and test lists except the headline's."""
        return [path for path in self.tables(number) if Path(path).stem != f"table{number}"]

    def all_files(self) -> list[str]:
        """Return everything that an experiment leaves behind."""
        return [
            f"{self.experiment}/config.yaml",
            *([f"{self.tagger}/lwlrap.md"] if self._experiment.tagger.kind == "multitask" else []),
            f"{self.telling_tags}.csv",
            f"{self.telling_tags}.svg",
            f"{self.scored}/scores.csv",
            f"{self.scored}/comparisons.csv",
            f"{self.scored}/classwise.csv",
            f"{self.experiment}/learning.csv",
            *self.cell_files("model.safetensors"),
            *[path for number in range(2, 7) for path in self.tables(number)],
        ]

    @property
    def _folds(self) -> range:
        return range(self._experiment.tagger.folds.n_splits)
