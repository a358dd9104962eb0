"""``results/README.md``, printed from the artifacts themselves."""

from collections.abc import Iterator

from tagasc.artifacts import (
    classwise,
    codes,
    comparisons,
    configuration,
    events,
    history,
    learning,
    lwlrap,
    predictions,
    scenes,
    scores,
    soft_labels,
    tables,
    tags,
    telling_tags,
    verified,
    weights,
)
from tagasc.artifacts.array import ArrayFile
from tagasc.artifacts.artifact import Artifact
from tagasc.artifacts.markdown import markdown_table
from tagasc.artifacts.table import TableFile

STAGES: dict[str, list[Artifact]] = {
    "Corpora": [
        verified.VERIFIED,
        scenes.CLIPS,
        scenes.WAVEFORMS,
        events.CLIPS,
        events.LABELS,
        events.MEL_POWER,
    ],
    "Tagger": [
        weights.SNAPSHOTS,
        history.TAGGER_HISTORY,
        soft_labels.SOFT_LABELS,
        lwlrap.BY_FOLD,
        lwlrap.BY_CLASS,
        lwlrap.MARKDOWN,
        tags.TAGS,
        telling_tags.TELLING_TAGS,
        telling_tags.FIGURE,
    ],
    "Front-end": [weights.MODEL, history.CELL_HISTORY, codes.CODES, codes.CODES_BY_EPOCH],
    "Back-end": [scores.CELL_SCORES, predictions.PREDICTIONS, predictions.CONTROL_PREDICTIONS],
    "Tables": [
        configuration.CONFIGURATION,
        scores.SCORES,
        comparisons.COMPARISONS,
        classwise.CLASSWISE,
        learning.LEARNING,
        learning.FIGURE,
        tables.TABLES,
    ],
}
"""Every file of the results tree, by the stage that writes it."""

_HEAD = """\
# The results tree

Everything in this folder except this page is written by the workflow. It can be deleted, and the workflow writes it
again. Corpora, taggers and tags are shared by all experiments that name them; the rest is below the experiment's name.

Logs and benchmarks of the jobs are in `logs/` and `benchmarks/` of each corpus, tagger and experiment. With
`--profile slurm`, SLURM's own messages about failed jobs are in `slurm/`.

This page is printed from `src/tagasc/artifacts/`. After a change there, run: make generated
"""


def results_readme() -> str:
    """Return ``results/README.md``: every file, which rule writes it, and what is in it.

    >>> results_readme().splitlines()[0]
    '# The results tree'
    """
    return "\n".join([_HEAD, *_lines()])


def _lines() -> Iterator[str]:
    """Yield the lines below the head."""
    for stage, artifacts in STAGES.items():
        yield f"## {stage}"
        for artifact in artifacts:
            yield f"\n### `{artifact.path}`\n\n{artifact.meaning} Written by rule {artifact.rule}."
            if isinstance(artifact, ArrayFile):
                yield f"\n{artifact.dtype.__name__} ({', '.join(artifact.axes)})."
            if isinstance(artifact, TableFile):
                rows = [[f"`{column.name}`", column.meaning] for column in artifact.columns]
                yield "\n" + markdown_table(["column", "meaning"], rows, "ll")
        yield ""
