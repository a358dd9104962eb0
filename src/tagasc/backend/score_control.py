"""Rule score_control: controls that need no training of their own.

They show what tags tell without a network, and what they add to the codes of a network that has not seen them.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from tagasc.artifacts.codes import CODES, read_codes
from tagasc.artifacts.controls import CONTROLS, Feature
from tagasc.artifacts.predictions import CONTROL_PREDICTIONS
from tagasc.artifacts.scenes import read_clips
from tagasc.artifacts.tags import read_tags
from tagasc.backend.machine import Codes
from tagasc.backend.protocols import select_by_fusion, select_last
from tagasc.backend.svm import SvmClassifier


def score_control(
    control: str,
    seed: int,
    classifier: SvmClassifier,
    epoch: int,
    *,
    clips_path: Path,
    feature_paths: Mapping[Feature, Path],
    predictions_path: Path,
) -> None:
    """Fit the support vector machines of a control on tag vectors, the baseline's codes, or both.

    The protocol is ``last``.

    Parameters
    ----------
    control, seed
        Name of the control, which takes the place of a cell's name, and seed of the baseline.
    classifier
        The support vector machines.
    epoch
        Number of the baseline's last epoch.
    clips_path
        The table of clips.
    feature_paths
        The cache of tag vectors and the baseline's codes, as far as the control takes them.
    predictions_path
        Where to write the predictions.

    Raises
    ------
    InputError
        If a file is missing, damaged or foreign, if codes are not finite, or if a machine has to be chosen with
        training clips of a single location.
    """
    clips = read_clips(clips_path)
    values = {feature: _read_feature(feature, feature_paths[feature], clips) for feature in CONTROLS[control].features}
    if CONTROLS[control].fused:
        selections = select_by_fusion(values, epoch, clips, classifier)
    else:
        selections = select_last(np.hstack(list(values.values())), epoch, clips, classifier)
    predictions = pd.concat([selection.predictions(clips) for selection in selections])
    CONTROL_PREDICTIONS.write(predictions_path, predictions.assign(cell=control, seed=seed))


def _read_feature(feature: Feature, path: Path, clips: pd.DataFrame) -> Codes:
    """Return the tag vectors or codes of all clips (clips, values)."""
    if feature == "tags":
        return read_tags(path, clips["filename"].tolist()).vectors.astype(np.float64)
    return read_codes(CODES, path, 1, len(clips))[0].astype(np.float64)
