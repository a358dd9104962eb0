"""Rule find_confused_scenes: the pairs of scenes that a trained cell confuses, for its specialists.

Jung et al. (2019) [22] take the pairs that are confused most on the test clips. By default, test clips decide nothing
here: the confusion is that of a cross-validation on the training clips, in which locations are held out.
"""

import sys
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
from sklearn.metrics import confusion_matrix

from tagasc.artifacts.codes import CODES, read_codes
from tagasc.artifacts.confused_scenes import CONFUSED_SCENES
from tagasc.artifacts.scenes import read_clips
from tagasc.backend.fitted_machine import Codes, Labels
from tagasc.backend.svm import SvmClassifier
from tagasc.config import Backend
from tagasc.runtime.errors import InputError


def find_confused_scenes(
    confusion_of: Literal["train", "test"], specialists: int, *, clips_path: Path, codes_path: Path, output: Path
) -> None:
    """Write the pairs of scenes, the most confused one first.

    Machines are those of [22], whatever section ``backend`` says, so that another way of scoring trains nothing again.

    Parameters
    ----------
    confusion_of
        train: cross-validated predictions of the training clips. test: predictions of all other clips.
    specialists
        Number of pairs that are needed.
    clips_path, codes_path
        The table of clips, and the codes of the cell's last epoch.
    output
        Where to write the pairs.

    Raises
    ------
    InputError
        If a file is missing, damaged or foreign, if there are fewer than three scenes, too few pairs of them, or too
        few locations.
    """
    clips = read_clips(clips_path)
    codes = read_codes(CODES, codes_path, 1, len(clips))[0].astype(np.float64)
    train = (clips["split"] == "train").to_numpy()
    scenes, locations = clips["scene"].to_numpy(str), clips["location"].to_numpy(str)
    pairs = list(combinations(np.unique(scenes[train]).tolist(), 2))
    if len(pairs) < max(3, specialists):
        raise InputError(
            f"frontend.distillation.specialists: {specialists} specialists need {specialists} pairs of scenes and a "
            f"third scene, and the training clips have {len(pairs)} pairs; choose fewer, or record more scenes"
        )
    classifier = SvmClassifier.of_cells(Backend())
    if confusion_of == "train":
        truth = scenes[train]
        if len(np.unique(locations[train])) < 2:
            raise InputError(
                "frontend.distillation.confusion_of: train needs training clips from at least 2 locations, and there "
                "is 1; record at more locations"
            )
        predictions = classifier.cross_predict(codes[train], truth, locations[train])
    else:
        truth = scenes[~train]
        predictions = [machine.predict(codes[train], scenes[train], codes[~train]) for machine in classifier.machines]
    predicted = max(predictions, key=lambda each: np.count_nonzero(each == truth))  # of equals the first
    rows = sorted(_rows(pairs, truth, predicted, codes[train], scenes[train]), key=lambda row: (-row[2], row[3]))
    table = pd.DataFrame(rows, columns=CONFUSED_SCENES.names[1:])
    CONFUSED_SCENES.write(output, table.assign(rank=np.arange(1, len(table) + 1)))
    for scene, other, confused, _ in rows[:specialists]:
        print(f"{confused} of {len(truth)} clips confuse {scene} and {other}", file=sys.stderr)


def _rows(
    pairs: list[tuple[str, str]], truth: Labels, predicted: Labels, codes: Codes, scenes: Labels
) -> Iterator[tuple[str, str, int, float]]:
    """Yield each pair with its number of confused clips and the distance between its mean codes."""
    names = np.unique(scenes).tolist()
    counts = confusion_matrix(truth, predicted, labels=names)
    means = {name: codes[scenes == name].mean(axis=0) for name in names}
    for scene, other in pairs:
        one, two = names.index(scene), names.index(other)
        confused = int(counts[one, two] + counts[two, one])
        yield scene, other, confused, float(np.linalg.norm(means[scene] - means[other]))
