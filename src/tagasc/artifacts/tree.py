"""The paths of an experiment's files in the results tree."""

from collections.abc import Collection, Sequence
from pathlib import Path

from tagasc.artifacts.controls import CONTROLS, PAIRED_CONTROLS
from tagasc.artifacts.digest import CORPUS_DIGEST, TAGS_DIGEST
from tagasc.artifacts.pictures import PICTURES
from tagasc.config import Experiment
from tagasc.paper.grid import TEST_LISTS, cells_of_table, table_name
from tagasc.runtime.errors import InputError

TABLE_SUFFIXES = ("csv", "md", "tex")
_SCORING_FILES = ("scores.csv", "predictions.csv")


class ResultsTree:
    """The paths of an experiment's files, as rules name them: with wildcards ``{cell}``, ``{seed}`` and ``{control}``.

    >>> ResultsTree(Experiment(cells=["baseline", "codecat"])).cell_files("codes.npy", ["codecat"])
    ['results/experiments/paper/cells/codecat/seed0/codes.npy']
    """

    def __init__(self, experiment: Experiment, test_lists: Sequence[str] = tuple(TEST_LISTS)) -> None:
        self._experiment = experiment
        self._test_lists = test_lists
        self.cells = [cell.name for cell in experiment.selected_cells]
        self.seeds = experiment.seeds
        self.scenes = f"results/corpora/{experiment.scenes.name}"
        self.events = f"results/corpora/{experiment.events.name}"
        self.tagger = f"results/taggers/{experiment.tagger.name}"
        self.tags = f"results/tags/{experiment.tagger.name}"
        self.tag_cache = f"{self.tags}/{experiment.scenes.name}.npz"
        self.tags_digest = f"{self.tags}/{experiment.scenes.name}.sha256"
        self.telling_tags = f"{self.tags}/{experiment.scenes.name}-telling_tags"
        self.experiment = f"results/experiments/{experiment.name}"
        scoring = experiment.backend.name
        self.scored = self.experiment if scoring is None else f"{self.experiment}/backends/{scoring}"
        self.cell = f"{self.experiment}/cells/{{cell}}/seed{{seed}}"
        self.scored_cell = f"{self.scored}/cells/{{cell}}/seed{{seed}}"
        self.control = f"{self.scored}/controls/{{control}}/seed{{seed}}"
        self.codes_by_epoch = f"{self.cell}/codes-every{experiment.backend.code_every}.npy"
        self.crop_codes = f"{self.cell}/codes-crops.npy"
        self.crop_codes_by_epoch = f"{self.cell}/codes-crops-every{experiment.backend.code_every}.npy"

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
        names = cells_of_table(number)
        if number == 6:
            names = [*names, *(cell.name for cell in self._experiment.selected_cells if cell.follows_jung2019)]
        return self.cell_files("scores.csv", names)

    def predictions(self) -> list[str]:
        """Return the predictions to compare: of all cells, and of the controls; some need the baseline."""
        controls = [name for name in CONTROLS if name not in PAIRED_CONTROLS or "baseline" in self.cells]
        return self.cell_files("predictions.csv") + [
            f"{self.control.format(control=control, seed=seed)}/predictions.csv"
            for control in controls
            for seed in self.seeds
        ]

    def check_codes(self) -> None:
        """Check that a named way of scoring finds the codes of finished trainings that it needs.

        Raises
        ------
        InputError
            If the training of a cell without scores is finished, but its codes of crops or of all epochs are gone, were
            not computed, or were not kept.
        """
        backend = self._experiment.backend
        if backend.name is None:
            return
        needed = {}
        if backend.train_codes == "crops":
            needed[self.crop_codes] = "train_codes: crops", "write train_codes: whole", ""
        if "best_on_test" in backend.protocols:
            paths = [self.codes_by_epoch, *([self.crop_codes_by_epoch] if needed else [])]
            remedies = "protocol best_on_test", "write protocols: [last]", ", with backend.keep_codes: true"
            needed |= dict.fromkeys(paths, remedies)
        for finished in map(Path, self.cell_files("codes.npy")):
            scores = Path(self.scored) / finished.relative_to(self.experiment).with_name("scores.csv")
            for codes, (purpose, remedy, keep) in needed.items():
                path = finished.with_name(Path(codes).name)
                scored = codes != self.crop_codes and scores.exists()  # the others are deleted after scoring
                if finished.exists() and not path.exists() and not scored:
                    raise InputError(
                        f"{path}: does not exist, and backend.name: {backend.name} needs it for {purpose}, but trains "
                        f"nothing again; {remedy}, or delete {finished.parent} to repeat the training{keep}"
                    )

    def check_digests(self) -> None:
        """Check the digests on which trainings depend: an edited one would repeat all of them.

        Raises
        ------
        InputError
            If one has changed since it was written.
        """
        digests = {f"{self.scenes}/digest.txt": CORPUS_DIGEST, self.tags_digest: TAGS_DIGEST}
        if self._experiment.tagger.kind == "multitask":
            digests[f"{self.events}/digest.txt"] = CORPUS_DIGEST
        for path, artifact in digests.items():
            if Path(path).exists():
                artifact.check(path)

    def tables(self, number: int) -> list[str]:
        """Return the files of a table, for each protocol and test list."""
        names = [
            table_name(number, protocol, test_list)
            for protocol in self._experiment.backend.protocols
            for test_list in self._test_lists
        ]
        return [f"{self.scored}/tables/{name}.{suffix}" for name in names for suffix in TABLE_SUFFIXES]

    def further_tables(self, number: int) -> list[str]:
        """Return the files of a table for all protocols and test lists except the headline's."""
        return [path for path in self.tables(number) if Path(path).stem != f"table{number}"]

    def all_files(self) -> list[str]:
        """Return everything that an experiment leaves behind, except large files that only other jobs read."""
        return [
            f"{self.scored}/config.yaml",
            *self._read_by_others(),
            *([f"{self.tagger}/lwlrap.md"] if self._experiment.tagger.kind == "multitask" else []),
            f"{self.telling_tags}.csv",
            f"{self.telling_tags}.svg",
            f"{self.scored}/scores.csv",
            f"{self.scored}/comparisons.csv",
            f"{self.scored}/classwise.csv",
            f"{self.scored}/breakdown.csv",
            f"{self.scored}/conclusion.md",
            *[f"{self.scored}/figures/{name}.{suffix}" for name in PICTURES for suffix in ("csv", "svg")],
            f"{self.scored}/overview.html",
            *self.cell_files("model.safetensors"),
            *[path for number in range(2, 7) for path in self.tables(number)],
        ]

    def _read_by_others(self) -> list[str]:
        """Return files that only other jobs read.

        A job that fails after a changed key deletes them. Snakemake takes the failed job for a finished one, and makes
        a missing file again only for a job that runs. Rule all misses them.
        """
        files = [f"{self.scenes}/digest.txt", self.tags_digest, *self.cell_files("scores.csv"), *self.predictions()]
        if self._experiment.tagger.kind == "multitask":
            files += [f"{self.events}/digest.txt", *self.tagging_snapshots()]
            if self._experiment.tagger.tag_with == "stage2":
                files += [f"{self.tagger}/soft_labels.npy", *self.soft_label_snapshots()]
        return files

    @property
    def _folds(self) -> range:
        return range(self._experiment.tagger.folds.n_splits)
