"""Rule score_control: controls that need no training of their own.

They show what tags tell without a network, and what they add to the codes of a network that has not seen them.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from tagasc.artifacts.codes import CODES, CROP_CODES, read_codes, read_crop_codes
from tagasc.artifacts.controls import CONTROLS, Feature
from tagasc.artifacts.predictions import CONTROL_PREDICTIONS
from tagasc.artifacts.scenes import read_clips
from tagasc.artifacts.tags import read_tags
from tagasc.backend.protocols import ClipCodes, select_by_fusion, select_last
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
    crop_codes_path: Path | None = None,
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
    crop_codes_path
        The baseline's codes of crops of the training clips. If they are given, machines are fitted on them and on the
        tags of the same clips.

    Raises
    ------
    InputError
        If a file is missing, damaged or foreign, if codes are not finite, or if a machine has to be chosen with
        training clips of a single location.
    """
    clips = read_clips(clips_path)
    values = {
        feature: _read_feature(feature, feature_paths[feature], crop_codes_path, clips)
        for feature in CONTROLS[control].features
    }
    if CONTROLS[control].fused:
        selections = select_by_fusion(values, epoch, clips, classifier)
    else:
        whole = np.hstack([of_feature.whole for of_feature in values.values()])
        fitted = np.hstack([of_feature.fitted for of_feature in values.values()])
        selections = select_last(ClipCodes(whole, fitted), epoch, clips, classifier)
    predictions = pd.concat([selection.predictions(clips) for selection in selections])
    CONTROL_PREDICTIONS.write(predictions_path, predictions.assign(cell=control, seed=seed))


def _read_feature(feature: Feature, path: Path, crop_codes: Path | None, clips: pd.DataFrame) -> ClipCodes:
    """Return the tag vectors or codes of all clips."""
    train = int((clips["split"] == "train").sum())
    if feature == "tags":
        tags = read_tags(path, clips["filename"].tolist()).vectors.astype(np.float64)
        return ClipCodes(tags, tags[:train])
    codes = fitted = read_codes(CODES, path, 1, len(clips))[0]
    if crop_codes is not None:
        fitted = read_crop_codes(CROP_CODES, crop_codes, (1, train, codes.shape[1]))[0]
    return ClipCodes(codes.astype(np.float64), fitted[:train].astype(np.float64))
