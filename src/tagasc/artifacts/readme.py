"""``results/README.md``, printed from the artifacts themselves."""

from collections.abc import Iterator
from importlib import import_module
from itertools import groupby
from pkgutil import iter_modules

from tagasc import artifacts
from tagasc.artifacts.array import ArrayFile
from tagasc.artifacts.artifact import Artifact
from tagasc.artifacts.markdown import markdown_table
from tagasc.artifacts.picture import Picture
from tagasc.artifacts.table import TableFile

_HEAD = """\
# The results tree

Everything in this folder except this page is written by the workflow. It can be deleted, and the workflow writes it
again. Corpora, taggers and tags are shared by all experiments that name them; the rest is below the experiment's name.
With `backend.name`, everything that depends on scoring is in the same layout below `backends/<backend.name>/` of the
experiment: configuration, scores, predictions, controls, tables and comparisons.

Logs and benchmarks of the jobs are in `logs/` and `benchmarks/` of each corpus, tagger and experiment, those of
downloads in `downloads/`, next to Zenodo's description of the events' record. With `--profile slurm`, SLURM's own
messages about failed jobs are in `slurm/`.

Next to each file, a hidden one records its digest: `.scores.csv.digest` belongs to `scores.csv`. Jobs compare both when
they read a file, and refuse one that has changed. Of the packed recordings they compare a sample. `tagasc verify
EXPERIMENT` compares every byte of an experiment, its corpora, tagger and tags.

This page is printed from `src/tagasc/artifacts/`. After a change there, run: make generated
"""
_FOLDERS = {"corpora": "Corpora", "taggers": "Taggers", "tags": "Tag vectors", "experiments": "Experiments"}
"""The folders of the results tree, in the order in which a run fills them, and their titles."""


def all_artifacts() -> list[Artifact]:
    """Return every file of the results tree that a module of this package describes, sorted by path.

    >>> all_artifacts()[0].path
    'corpora/<corpus>/digest.txt'
    """
    named = [
        value
        for module in iter_modules(artifacts.__path__)
        for name, value in vars(import_module(f"{artifacts.__name__}.{module.name}")).items()
        if not name.startswith("_")
    ]
    pictures = [picture for picture in named if isinstance(picture, Picture)]
    files = [*named, *(file for picture in pictures for file in (picture.table, picture.image))]
    found = {file.path: file for file in files if isinstance(file, Artifact)}
    folders = list(_FOLDERS)
    return sorted(found.values(), key=lambda artifact: (folders.index(_folder(artifact)), artifact.path))


def results_readme() -> str:
    """Return ``results/README.md``: every file, which rule writes it, and what is in it.

    >>> results_readme().splitlines()[0]
    '# The results tree'
    """
    return "\n".join([_HEAD, *_lines()])


def _folder(artifact: Artifact) -> str:
    return artifact.path.partition("/")[0]


def _lines() -> Iterator[str]:
    """Yield the lines below the head."""
    for folder, group in groupby(all_artifacts(), _folder):
        yield f"## {_FOLDERS[folder]}"
        for artifact in group:
            yield f"\n### `{artifact.path}`\n\n{artifact.meaning} Written by rule {artifact.rule}."
            if isinstance(artifact, ArrayFile):
                yield f"\n{artifact.dtype.__name__} ({', '.join(artifact.axes)})."
            if isinstance(artifact, TableFile):
                rows = [[f"`{column.name}`", column.meaning] for column in artifact.columns]
                yield "\n" + markdown_table(["column", "meaning"], rows, "ll")
        yield ""
