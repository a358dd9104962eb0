"""The support vector machine of a scored training, fitted again: scoring keeps predictions and no machine."""

from pathlib import Path

import numpy as np
import pandas as pd

from tagasc.artifacts.codes import CODES, CROP_CODES, read_codes, read_crop_codes
from tagasc.artifacts.predictions import PREDICTIONS
from tagasc.artifacts.scenes import read_clips
from tagasc.artifacts.scores import CELL_SCORES, headline_rows
from tagasc.backend.fitted_machine import FittedMachine
from tagasc.backend.protocols import ClipCodes, training_clips
from tagasc.backend.svm import SvmClassifier
from tagasc.config import Backend
from tagasc.paper.grid import HEADLINE
from tagasc.runtime.errors import InputError


def refit(
    backend: Backend,
    *,
    clips_path: Path,
    codes_path: Path,
    scores_path: Path,
    predictions_path: Path,
    crop_codes_path: Path | None = None,
) -> tuple[str, FittedMachine]:
    """Fit the machine that protocol ``last`` has chosen, and check that it predicts what it has predicted before.

    Parameters
    ----------
    backend
        Section of the configuration.
    clips_path, codes_path, scores_path, predictions_path
        Files of the results tree.
    crop_codes_path
        Codes of crops, if machines are fitted on them.

    Returns
    -------
    name : str
        What the column ``kernel`` of the scores calls the machine.
    machine : FittedMachine
        The machine.

    Raises
    ------
    InputError
        If a file is missing, damaged or foreign, if the training was not scored under protocol ``last``, or if the
        predictions differ.
    """
    clips = read_clips(clips_path)
    chosen = headline_rows(CELL_SCORES.read(scores_path))["kernel"].tolist()
    machines = [machine for machine in SvmClassifier.of_cells(backend).machines if machine.name in chosen]
    if not machines:
        raise InputError(
            f"{scores_path}: has no score of protocol {HEADLINE[0]} for a kernel of backend.svm.kernels; add "
            f"{HEADLINE[0]} to backend.protocols, and run the workflow again"
        )
    machine = machines[0]
    whole = read_codes(CODES, codes_path, 1, len(clips))[0].astype(np.float64)
    fitted = whole[: int((clips["split"] == "train").sum())]
    if crop_codes_path is not None:
        shape = 1, *fitted.shape
        fitted = read_crop_codes(CROP_CODES, crop_codes_path, shape)[0].astype(np.float64)
    codes = ClipCodes(whole, fitted)
    used, scenes, _ = training_clips(clips, [codes])
    train, _, others = codes.split(used)
    found = machine.fit(train, scenes)
    _check(predictions_path, clips, [found.scenes[index] for index in found.predict(found.decide(others))])
    return machine.name, found


def _check(path: Path, clips: pd.DataFrame, predicted: list[str]) -> None:
    """Check that predictions of all clips but the training clips are those of a file."""
    found = dict(zip(clips.loc[clips["split"] != "train", "filename"], predicted, strict=True))
    known = headline_rows(PREDICTIONS.read(path))
    different = int((known["filename"].map(found) != known["predicted"]).sum())
    if different:
        raise InputError(
            f"{path}: the support vector machine, fitted again, predicts another scene for {different} of {len(known)} "
            f"clips, as after an update of scikit-learn; delete the file, and run the workflow again"
        )
