"""The command `tagasc bundle`: everything that a trained system needs, collected from the results tree."""

import shutil
from pathlib import Path
from typing import TypeVar

import pandas as pd
from pydantic import ValidationError

from tagasc import __version__
from tagasc.artifacts.bundle import (
    CARD,
    CONFIGURATION,
    FORMAT,
    NETWORK,
    SVM,
    BundledAudio,
    BundledScores,
    BundledTagger,
    Manifest,
    snapshot,
    write_manifest,
)
from tagasc.artifacts.comparisons import COMPARISONS
from tagasc.artifacts.configuration import CONFIGURATION as RUN_CONFIGURATION
from tagasc.artifacts.configuration import read_configuration
from tagasc.artifacts.history import CELL_HISTORY, read_history
from tagasc.artifacts.scenes import WAVEFORMS, read_clips
from tagasc.artifacts.scores import CELL_SCORES, headline_rows
from tagasc.artifacts.tags import TAGS, Tags, read_npz
from tagasc.artifacts.tree import ResultsTree
from tagasc.artifacts.weights import MODEL, SNAPSHOTS
from tagasc.backend.refit import refit
from tagasc.bundle.card import write_card
from tagasc.config import Experiment, Network, TaggerNetwork
from tagasc.paper.grid import Cell
from tagasc.runtime.errors import InputError, nearest
from tagasc.runtime.new_folder import check_new, new_folder
from tagasc.tables.overview.experiments import experiment_folder
from tagasc.tables.overview.provenance import commit, versions

T = TypeVar("T", Network, TaggerNetwork)

_NOT_STATED = "not stated"


def write_bundle(name: str, cell: str, seed: int | None, output: Path, licence: str = _NOT_STATED) -> Manifest:
    """Write a trained system into a folder of its own.

    The current folder holds ``results``. The support vector machine is fitted again, and its predictions for all test
    clips are compared with those of the run.

    Parameters
    ----------
    name
        Name of the experiment, ``<name>`` or ``<name>/<backend.name>``.
    cell, seed
        The training. None is the first seed of the configuration.
    output
        The folder to write.
    licence
        Under which the bundle is given to others.

    Raises
    ------
    InputError
        If ``output`` exists, if there is no such experiment, cell or seed, if the training is not finished or scored,
        or if a file is damaged or foreign.
    """
    check_new(output)
    folder = experiment_folder(name, Path("results"))
    experiment = _experiment(folder / CONFIGURATION)
    chosen, seed = _training(experiment, name, cell, seed)
    paths = _Paths(experiment, chosen, seed)
    clips = read_clips(paths.clips)
    kernel, machine = refit(
        experiment.backend,
        clips_path=paths.clips,
        codes_path=paths.codes,
        scores_path=paths.scores,
        predictions_path=paths.predictions,
        crop_codes_path=paths.crop_codes,
    )
    MODEL.check(paths.model)
    for path in paths.snapshots:
        SNAPSHOTS.check(path)
    history, tags = read_history(CELL_HISTORY, paths.history), paths.read_tags()
    recipe, audio = experiment.frontend.used_by(chosen).recipe(chosen), experiment.scenes.audio
    tagger = experiment.tagger
    manifest = Manifest(
        format=FORMAT,
        version=__version__,
        experiment=name,
        cell=chosen.name,
        seed=seed,
        audio=BundledAudio(
            sample_rate=audio.sample_rate,
            channels=audio.channels,
            samples=WAVEFORMS.read(paths.waveforms).shape[2],
        ),
        scenes=sorted(clips["scene"].unique()),
        tags=tags.labels,
        network=_with_precision(recipe.network, history[-1].get("precision")),
        preemphasis=recipe.training.preemphasis,
        gain=recipe.training.gain,
        tagger_name=tagger.name,
        tagger=None
        if tagger.kind == "file"
        else BundledTagger(
            folds=len(paths.snapshots),
            network=_with_precision(tagger.network, tags.precision),
            features=tagger.features,
            tagging=tagger.tagging,
            mel=experiment.events.mel,
        ),
        kernel=kernel,
        scores=_scores(paths, float(history[-1]["evaluate_accuracy"])),
        versions=versions(),
        commit=commit(Path.cwd()),
        device=str(history[-1].get("device", "not recorded")),
        licence=licence,
    )
    with new_folder(output) as partial:
        shutil.copyfile(paths.model, partial / NETWORK)
        for fold, path in enumerate(paths.snapshots):
            (partial / snapshot(fold)).parent.mkdir(exist_ok=True)
            shutil.copyfile(path, partial / snapshot(fold))
        machine.write(partial / SVM)
        shutil.copyfile(folder / CONFIGURATION, partial / CONFIGURATION)
        write_card(partial / CARD, manifest, experiment, clips)
        write_manifest(partial, manifest)
    return manifest


class _Paths:
    """The files of a training in the results tree."""

    def __init__(self, experiment: Experiment, cell: Cell, seed: int) -> None:
        tree = ResultsTree(experiment)
        trained, scored = (Path(each.format(cell=cell.name, seed=seed)) for each in (tree.cell, tree.scored_cell))
        multitask = experiment.tagger.kind == "multitask"
        self.clips, self.waveforms = Path(tree.scenes, "clips.csv"), Path(tree.scenes, "waveforms.npy")
        self.model, self.history, self.codes = (
            trained / file for file in ("model.safetensors", "history.jsonl", "codes.npy")
        )
        crops = experiment.backend.train_codes == "crops"
        self.crop_codes = Path(tree.crop_codes.format(cell=cell.name, seed=seed)) if crops else None
        self.scores, self.predictions = scored / "scores.csv", scored / "predictions.csv"
        self.comparisons = Path(tree.scored, "comparisons.csv")
        self.snapshots = [Path(path) for path in tree.tagging_snapshots()] if multitask else []
        self._tags = Path(tree.tag_cache)

    def read_tags(self) -> Tags:
        """Return the tag vectors of all clips."""
        TAGS.check(self._tags)
        return read_npz(self._tags)


def _with_precision(network: T, recorded: str | None) -> T:
    """Return a section of the configuration with the precision that a run has recorded.

    A run that has recorded none is older than auto, and computed in float32 by default.
    """
    configured = "float32" if network.precision == "auto" else network.precision
    return network.model_copy(update={"precision": recorded or configured})


def _experiment(path: Path) -> Experiment:
    try:
        return Experiment.model_validate(read_configuration(path))
    except ValidationError as error:
        key = ".".join(map(str, error.errors()[0]["loc"]))
        raise RUN_CONFIGURATION.error(path, f"has a key of another version of tagasc ({key})") from None


def _training(experiment: Experiment, name: str, cell: str, seed: int | None) -> tuple[Cell, int]:
    """Return the cell of a name and the seed, if the experiment has trained them."""
    cells = {each.name: each for each in experiment.selected_cells}
    if cell not in cells:
        listed = ", ".join(list(cells)[:5]) + (f" and {len(cells) - 5} others" if len(cells) > 5 else "")
        raise InputError(f"{cell}: is no cell of experiment {name}{nearest(cell, cells) or f'; it has {listed}'}")
    if cells[cell].shuffled:
        raise InputError(
            f"{cell}: is a control, trained with the tags of other clips; bundle {cell.removesuffix('-shuffled')}"
        )
    if seed is not None and seed not in experiment.seeds:
        raise InputError(f"--seed {seed}: experiment {name} has the seeds {', '.join(map(str, experiment.seeds))}")
    return cells[cell], experiment.seeds[0] if seed is None else seed


def _scores(paths: _Paths, output_layer_accuracy: float) -> BundledScores:
    """Return the accuracy of the training, and that of its cell if the experiment has been compared."""
    own = headline_rows(CELL_SCORES.read(paths.scores)).iloc[0]
    scores = BundledScores(
        clips=int(own["clips"]), accuracy=float(own["accuracy"]), output_layer_accuracy=output_layer_accuracy
    )
    if not paths.comparisons.exists():
        return scores
    table = headline_rows(COMPARISONS.read(paths.comparisons))
    of_cell = table[table["cell"] == own["cell"]]
    if of_cell.empty:
        return scores
    row = of_cell.iloc[0]
    known = {key: None if pd.isna(row[key]) else float(row[key]) for key in ("low", "high")}
    return scores.model_copy(update={"seeds": int(row["seeds"]), "mean_accuracy": float(row["accuracy"]), **known})
