"""Rule score_control: controls that need no training.

They show what tags tell without a network, and what they add to the codes of a network that has not seen them.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from tagasc.artifacts.codes import CODES, read_codes
from tagasc.artifacts.predictions import CONTROL_PREDICTIONS
from tagasc.artifacts.scenes import read_clips
from tagasc.artifacts.tags import read_tags
from tagasc.backend.protocols import select_last
from tagasc.backend.svm import SvmClassifier


def score_control(
    control: str,
    seed: int,
    classifier: SvmClassifier,
    epoch: int,
    *,
    clips_path: Path,
    tags_path: Path,
    codes_path: Path | None,
    predictions_path: Path,
) -> None:
    """Fit support vector machines on tag vectors, or on the baseline's codes with tag vectors appended.

    The protocol is ``last``.

    Parameters
    ----------
    control, seed
        Name of the control, which takes the place of a cell's name, and seed of the baseline.
    classifier
        The support vector machines.
    epoch
        Number of the baseline's last epoch.
    clips_path, tags_path
        The table of clips and the cache of tag vectors.
    codes_path
        The baseline's codes. If they are given, tag vectors are appended to them.
    predictions_path
        Where to write the predictions.

    Raises
    ------
    InputError
        If a file is missing, damaged or foreign, if codes are not finite, or if a kernel has to be chosen with
        training clips of a single location.
    """
    clips = read_clips(clips_path)
    values = read_tags(tags_path, clips["filename"].tolist()).vectors.astype(np.float64)
    if codes_path is not None:
        codes = read_codes(CODES, codes_path, 1, len(clips))[0].astype(np.float64)
        values = np.hstack([codes, values])
    selections = select_last(values, epoch, clips, classifier)
    predictions = pd.concat([selection.predictions(clips) for selection in selections])
    CONTROL_PREDICTIONS.write(predictions_path, predictions.assign(cell=control, seed=seed))
