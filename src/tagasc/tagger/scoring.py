"""How well the tagger tags clips that it has not learned from: lwlrap by fold and by class."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tagasc.config import Tagger
from tagasc.corpora.device import choose_device
from tagasc.corpora.packed import load_events
from tagasc.tagger.folds import split_fold
from tagasc.tagger.lwlrap import lwlrap, lwlrap_by_class
from tagasc.tagger.network import TwoHeadedResNet
from tagasc.tagger.prediction import tag_events
from tagasc.writing import written_whole

_NOTE = """\
Label-weighted label-ranking average precision (lwlrap), the metric of DCASE 2019 task 2. Held-out clips are the curated
clips that a fold's network was not trained on; fold "all" takes each of them from the network that held it out, and
tags test clips with the mean of the networks. After stage 2 the held-out figures are optimistic, since the soft labels
come from all folds: the test clips decide. A class weighs as much as it has labels, and the weighted sum over the
classes is the row "all".
"""


class Tagged(NamedTuple):
    """Some clips' targets, 0 or 1, and tag vectors, both (clips, classes)."""

    targets: NDArray[np.float32]
    tags: NDArray[np.float32]


def score_tagger(
    settings: Tagger,
    *,
    clips: Path,
    labels: Path,
    mel: Path,
    snapshots: Sequence[Path],
    by_fold: Path,
    by_class: Path,
    markdown: Path,
    threads: int,
) -> None:
    """Write the lwlrap on the held-out curated clips and on the test clips.

    Parameters
    ----------
    settings
        The tagger's section of the configuration.
    clips, labels, mel
        The packed events.
    snapshots
        The weights of each fold's network.
    by_fold
        csv with a row a fold and one for all: fold, held_out_clips, held_out_lwlrap, test_clips, test_lwlrap.
    by_class
        csv with a row a class: label and, for both kinds of clips, how many have the label, the class's weight and its
        lwlrap (empty where no clip has the label).
    markdown
        Both tables, to read.
    threads
        CPU threads.

    Raises
    ------
    InputError
        If there are fewer curated clips than folds.
    """
    device = choose_device(threads)
    events = load_events(clips, labels, mel)
    test = np.arange(len(events.clips))[events.rows("test")]
    parts = []
    for fold, path in enumerate(snapshots):
        _, held_out = split_fold(events, fold, settings)
        network = TwoHeadedResNet.load(path, settings, len(events.labels), device)
        tags = tag_events([network], events, np.concatenate([held_out, test]), settings, device)
        parts.append(
            {
                "held_out": Tagged(events.targets[held_out], tags[: len(held_out)]),
                "test": Tagged(events.targets[test], tags[len(held_out) :]),
            }
        )
    together = {
        "held_out": Tagged(*map(np.concatenate, zip(*(part["held_out"] for part in parts), strict=True))),
        "test": Tagged(events.targets[test], np.mean([part["test"].tags for part in parts], axis=0)),
    }
    rows = [*enumerate(parts), ("all", together)]
    folds = pd.DataFrame([{"fold": str(fold), **_overall(kinds)} for fold, kinds in rows])
    classes = pd.DataFrame({"label": events.labels, **_by_class(together)})
    for path, table in ((by_fold, folds), (by_class, classes)):
        with written_whole(path) as partial:
            table.to_csv(partial, index=False)
    with written_whole(markdown) as partial:
        partial.write_text("\n\n".join([_markdown(folds), _markdown(classes), _NOTE]), encoding="utf-8")


def _overall(kinds: Mapping[str, Tagged]) -> dict[str, float]:
    """Return the columns of one row of the table by fold."""
    columns: dict[str, float] = {}
    for kind, (targets, tags) in kinds.items():
        columns |= {f"{kind}_clips": len(tags), f"{kind}_lwlrap": lwlrap(targets, tags)}
    return columns


def _by_class(kinds: Mapping[str, Tagged]) -> dict[str, NDArray[np.float64]]:
    """Return the columns of the table by class."""
    columns: dict[str, NDArray[np.float64]] = {}
    for kind, (targets, tags) in kinds.items():
        precision, weight = lwlrap_by_class(targets, tags)
        columns |= {
            f"{kind}_clips": targets.sum(axis=0).astype(int),
            f"{kind}_weight": weight,
            f"{kind}_lwlrap": precision,
        }
    return columns


def _markdown(table: pd.DataFrame) -> str:
    """Return a table as Markdown: fractions with four decimals, and a dash where there is no figure."""
    titles = [name.replace("held_out", "held-out").replace("_", " ") for name in table.columns]
    shown = table.astype(object).where(table.notna(), None).set_axis(titles, axis=1)
    return shown.to_markdown(index=False, floatfmt=".4f", missingval="–")
