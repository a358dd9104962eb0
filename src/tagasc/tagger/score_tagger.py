"""Scores of the tagger on clips that it was not trained on: lwlrap by fold and by class."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tagasc.artifacts.events import read_events
from tagasc.artifacts.lwlrap import BY_CLASS, BY_FOLD, MARKDOWN
from tagasc.artifacts.markdown import markdown_table
from tagasc.config import Features, Folds, TaggerNetwork, Tagging
from tagasc.runtime.device import choose_device
from tagasc.tagger.ensemble import Ensemble
from tagasc.tagger.folds import split_fold
from tagasc.tagger.lwlrap import lwlrap, lwlrap_by_class
from tagasc.tagger.network import TwoHeadedResNet
from tagasc.training.precision import settle

_NOTE = """\
Label-weighted label-ranking average precision (lwlrap) is the metric of DCASE 2019 task 2. Held-out clips are the
curated clips that a fold's network was not trained on. In the row "all", each of them is tagged by the network that
held it out, and test clips are tagged by the mean of the networks. Test clips are padded, as scenes are, and held-out
clips are not. After stage 2 the held-out values are optimistic, because the soft labels come from all folds; compare
taggers on the test clips. The weight of a class is its share of all labels. The weighted sum over the classes is the
row "all".
"""


class TaggedClips(NamedTuple):
    """Targets, 0 or 1, and tag vectors of some clips, both (clips, classes)."""

    targets: NDArray[np.float32]
    tags: NDArray[np.float32]


def score_tagger(
    network: TaggerNetwork,
    features: Features,
    folds: Folds,
    tagging: Tagging,
    *,
    clips: Path,
    labels: Path,
    mel_power: Path,
    snapshots: Sequence[Path],
    by_fold: Path,
    by_class: Path,
    markdown: Path,
    threads: int,
) -> None:
    """Write the lwlrap on the held-out curated clips and on the test clips.

    Parameters
    ----------
    network, features, folds, tagging
        Sections of the tagger's configuration.
    clips, labels, mel_power
        The packed events.
    snapshots
        Weights of the network of each fold.
    by_fold, by_class
        Where to write the two tables.
    markdown
        Where to write both tables in Markdown.
    threads
        CPU threads.

    Raises
    ------
    InputError
        If there are fewer curated clips than folds, or an input is missing or damaged.
    """
    device = choose_device(threads)
    network = settle(network, device, "tagger.network.precision")
    events = read_events(clips, labels, mel_power)
    test = np.arange(len(events.clips))[events.rows("test")]
    scored = []
    for fold, path in enumerate(snapshots):
        _, held_out = split_fold(events, fold, folds)
        model = TwoHeadedResNet.load(path, network, len(events.labels), device)
        kinds = {"held_out": (held_out, 0), "test": (test, tagging.padding)}
        scored.append(
            {
                kind: TaggedClips(
                    events.targets[rows],
                    Ensemble([model], features, tagging.batch_frames, padding).tag_events(events, rows),
                )
                for kind, (rows, padding) in kinds.items()
            }
        )
    together = {
        "held_out": TaggedClips(*map(np.concatenate, zip(*(kinds["held_out"] for kinds in scored), strict=True))),
        "test": TaggedClips(events.targets[test], np.mean([kinds["test"].tags for kinds in scored], axis=0)),
    }
    rows = [*enumerate(scored), ("all", together)]
    fold_table = pd.DataFrame([{"fold": str(fold), **_overall(kinds)} for fold, kinds in rows])
    class_table = pd.DataFrame({"label": events.labels, **_by_class(together)})
    BY_FOLD.write(by_fold, fold_table)
    BY_CLASS.write(by_class, class_table)
    MARKDOWN.write_text(markdown, "\n\n".join([_markdown(fold_table), _markdown(class_table), _NOTE]))


def _overall(kinds: Mapping[str, TaggedClips]) -> dict[str, float]:
    """Return the columns of one row of the table by fold."""
    columns: dict[str, float] = {}
    for kind, (targets, tags) in kinds.items():
        columns |= {f"{kind}_clips": len(tags), f"{kind}_lwlrap": lwlrap(targets, tags)}
    return columns


def _by_class(kinds: Mapping[str, TaggedClips]) -> dict[str, NDArray[np.float64]]:
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
    """Return a table in Markdown: fractions with four decimals, and a dash for a missing value."""
    titles = [name.replace("held_out", "held-out").replace("_", " ") for name in table.columns]
    rows = [[_cell(value) for value in row] for row in table.itertuples(index=False)]
    return markdown_table(titles, rows, "l" + "r" * (len(titles) - 1))


def _cell(value: str | float) -> str:
    if isinstance(value, float):
        return "–" if np.isnan(value) else f"{value:.4f}"
    return str(value)
