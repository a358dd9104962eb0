"""Controls that need no training: what tags tell without a network, and beside one that has not seen them."""

from pathlib import Path

import numpy as np
import pandas as pd

from tagasc.backend.protocols import score_last
from tagasc.backend.scoring import clips_of, predictions_of, read_clips, read_codes
from tagasc.config import Backend
from tagasc.tagger.cache import load_tags
from tagasc.writing import written_whole


def score_control(
    *,
    clips_path: str | Path,
    tags_path: str | Path,
    codes_path: str | Path | None,
    settings: Backend,
    epoch: int,
    predictions_path: str | Path,
    threads: int,
) -> None:
    """Fit the SVM on tag vectors alone or, with ``codes_path``, on the baseline's codes with the raw tags appended.

    Parameters
    ----------
    clips_path, codes_path, settings, predictions_path, threads
        As for `tagasc.backend.scoring.score_cell`; the protocol is ``last``.
    tags_path
        The cache of tag vectors.
    epoch
        Number of the baseline's last epoch.

    Raises
    ------
    InputError
        As `score_cell`, and if tags do not belong to the clips.
    """
    table = read_clips(clips_path)
    values = load_tags(Path(tags_path), table["filename"].tolist()).vectors.astype(np.float64)
    if codes_path is not None:
        codes = read_codes(codes_path, clips_path, 1, len(table))[0].astype(np.float64)
        values = np.hstack([codes, values])
    chosen = list(score_last(values, epoch, clips_of(table), settings, threads))
    with written_whole(predictions_path) as path:
        pd.concat(predictions_of(chosen, table)).to_csv(path, index=False)
