"""Finished experiments, as the results tree has them: what `tagasc compare` reads."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tqdm import tqdm

from tagasc.artifacts.configuration import CONFIGURATION, read_configuration
from tagasc.artifacts.controls import CONTROLS, PAIRED_CONTROLS
from tagasc.artifacts.scenes import read_clips
from tagasc.paper.grid import CELLS, HEADLINE
from tagasc.runtime.errors import InputError, nearest
from tagasc.tables.estimates import BASELINE
from tagasc.tables.evaluation import Evaluation, read_evaluations

_BACKENDS = "backends"


@dataclass(frozen=True)
class FinishedExperiment:
    """An experiment, or one of its named ways of scoring, and what it predicts.

    Parameters
    ----------
    name
        ``<name>``, or ``<name>/<backend.name>``.
    configuration
        All its keys, nested.
    evaluation
        The runs of one protocol on one test list.
    missing
        Number of configured runs that have no predictions.
    """

    name: str
    configuration: Mapping[str, Any]
    evaluation: Evaluation
    missing: int = 0

    @property
    def trainings(self) -> str:
        """Name of the experiment with the trainings, which several ways of scoring share."""
        return self.name.partition("/")[0]


def read_experiments(names: Sequence[str], results: Path) -> list[FinishedExperiment]:
    """Return experiments with their predictions on the official test list.

    The protocol is ``last`` if all of them have it, and otherwise the other one.

    Parameters
    ----------
    names
        Names of experiments, each ``<name>`` or ``<name>/<backend.name>``.
    results
        The folder ``results``.

    Raises
    ------
    InputError
        If there are fewer than two names, if a name is repeated or unknown, if an experiment has no predictions, if the
        experiments have no protocol in common, or if a file is damaged or foreign.
    """
    for name in names:
        experiment_folder(name, results)
        if names.count(name) > 1:
            raise InputError(f"{name}: is named twice; name different experiments")
    if len(names) < 2:
        raise InputError("experiments: name at least two of them to compare")
    read = [_read(name, results) for name in names]
    protocol = _common_protocol({name: list(evaluations) for name, _, evaluations, _ in read})
    return [
        FinishedExperiment(name, configuration, evaluations[protocol], missing)
        for name, configuration, evaluations, missing in read
    ]


def experiment_folder(name: str, results: Path) -> Path:
    """Return the folder of an experiment, or of one of its named ways of scoring.

    Raises
    ------
    InputError
        If there is none.
    """
    known = _names(results)
    if name not in known:
        listed = f"; there are {', '.join(known)}" if known else ""
        raise InputError(
            f"{name}: there is no such experiment in {results / 'experiments'}{nearest(name, known) or listed}"
        )
    return results / "experiments" / name.replace("/", f"/{_BACKENDS}/")


def _names(results: Path) -> list[str]:
    """Return the names of all experiments, each followed by its named ways of scoring."""
    root = results / "experiments"
    paths = [*root.glob("*/config.yaml"), *root.glob(f"*/{_BACKENDS}/*/config.yaml")]
    return sorted(path.parent.relative_to(root).as_posix().replace(f"/{_BACKENDS}/", "/") for path in paths)


def _read(name: str, results: Path) -> tuple[str, dict[str, Any], dict[str, Evaluation], int]:
    """Return name, configuration, evaluations on the official test list by protocol, and the number of missing runs."""
    folder = experiment_folder(name, results)
    configuration = read_configuration(folder / "config.yaml")
    try:
        scenes = str(configuration["scenes"]["name"])
        configured = _prediction_paths(folder, configuration["cells"], configuration["seeds"])
    except (KeyError, TypeError):
        raise CONFIGURATION.error(folder / "config.yaml", "is no configuration") from None
    paths = [path for path in configured if path.exists()]
    if not paths:
        raise InputError(f"{folder}: has no predictions yet; run the experiment, and compare it when it has finished")
    clips = read_clips(results / "corpora" / scenes / "clips.csv")
    progress = tqdm(paths, desc=f"reading {name}", unit=" files", delay=1, mininterval=1)
    evaluations = {it.protocol: it for it in read_evaluations(progress, clips) if it.test_list == HEADLINE[1]}
    return name, configuration, evaluations, len(configured) - len(paths)


def _prediction_paths(folder: Path, cells: str | Sequence[str], seeds: Sequence[int]) -> list[Path]:
    """Return the predictions of the configured cells and seeds. Others that are there may be of an earlier recipe."""
    given = [cells] if isinstance(cells, str) else cells
    names = [cell for name in given for cell in (CELLS if name == "all" else [name])]
    controls = [name for name in CONTROLS if name not in PAIRED_CONTROLS or BASELINE in names]
    runs = [f"cells/{name}" for name in dict.fromkeys(names)] + [f"controls/{name}" for name in controls]
    return [folder / run / f"seed{seed}" / "predictions.csv" for run in runs for seed in seeds]


def _common_protocol(protocols: Mapping[str, Sequence[str]]) -> str:
    """Return the protocol to compare, given the protocols of each experiment."""
    common = set.intersection(*map(set, protocols.values()))
    if not common:
        listed = ", ".join(f"{name} has {' and '.join(its)}" for name, its in protocols.items())
        raise InputError(
            f"protocols: the experiments have none in common ({listed}); score one of them again with another "
            "backend.name and backend.protocols"
        )
    return HEADLINE[0] if HEADLINE[0] in common else min(common)
