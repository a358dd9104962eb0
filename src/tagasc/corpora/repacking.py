"""Whether a corpus has to be packed again: a number that rises when the content of its recordings changes.

The number is a parameter of the packing rules. The process that plans a run finds it. If it differs from the recorded
one, that process leaves it in a file, because the packing job has to record the same number, whatever happens to the
recordings in between.
"""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Literal, NamedTuple

from tagasc.artifacts.digest import CORPUS_DIGEST, write_digest
from tagasc.artifacts.settings import find_shared, other_name, read_settings, write_settings
from tagasc.artifacts.sources import SOURCES
from tagasc.config import Events, Experiment, Scenes
from tagasc.corpora.receipts import is_current
from tagasc.corpora.sources import (
    FileStats,
    Recordings,
    Revision,
    compare_sources,
    event_recordings,
    scene_recordings,
    write_sources,
)
from tagasc.runtime.errors import InputError

Section = Literal["scenes", "events"]

_PLANNED, _FAILED = ".revision", ".failed"


class _Corpus(NamedTuple):
    """A corpus of an experiment: its section, the raw recordings, the packed corpus, and its large array."""

    settings: Scenes | Events
    folder: Path
    packed: Path
    array: Path


def plan_revision(experiment: Experiment, section: Section, results: Path) -> int:
    """Return the number of the recordings' content, after verifying what would be packed again.

    Recordings that a rule is going to write are not looked at.

    Raises
    ------
    InputError
        If the lists are malformed. If recordings or settings have changed: if the data set cannot be packed, or if
        another experiment has packed the former recordings under the same name.
    """
    corpus = _corpus(experiment, section, results)
    sources = corpus.packed / "sources.csv"
    number = recorded = _recorded(sources)
    if is_current(corpus.settings, corpus.packed / "unpacked.txt"):
        number = _verified_number(experiment, section, corpus, results)
    if not sources.exists() and corpus.array.exists():  # nobody knows what it was packed from
        number = int(corpus.array.stat().st_mtime)
    planned = planned_revision(experiment, section, results)
    if (corpus.packed / _FAILED).exists():  # Snakemake would take the failed job for a finished one
        number = max(number, planned) + 1
    if number != planned:
        (corpus.packed / _PLANNED).write_text(f"{number}\n")
    if number == recorded and (corpus.packed / _PLANNED).exists():  # a shared corpus may be read-only
        (corpus.packed / _PLANNED).unlink()
    return number


def planned_revision(experiment: Experiment, section: Section, results: Path) -> int:
    """Return the number that the process that planned the run has found."""
    packed = _corpus(experiment, section, results).packed
    try:
        return int((packed / _PLANNED).read_text())
    except (OSError, ValueError):
        return _recorded(packed / "sources.csv")


@contextmanager
def marked_failure(experiment: Experiment, section: Section, results: Path) -> Iterator[None]:
    """Leave a file if the block fails, so that the packing is planned again."""
    failed = _corpus(experiment, section, results).packed / _FAILED
    failed.unlink(missing_ok=True)
    try:
        yield
    except BaseException:
        failed.touch()
        raise


def record_packing(
    experiment: Experiment,
    section: Section,
    recordings: Recordings,
    stats: FileStats,
    digests: Sequence[str],
    revision: int,
    results: Path,
) -> None:
    """Write what a corpus was packed from, its digest, and the settings that made it.

    Parameters
    ----------
    experiment, section
        Which corpus.
    recordings, stats
        Its recordings, and their sizes and times before packing.
    digests
        Digest of each packed recording.
    revision
        The planned number.
    results
        The results tree.
    """
    packed = _corpus(experiment, section, results).packed
    scenes, events = experiment.scenes, experiment.events
    settings = str(scenes.audio.sample_rate) if section == "scenes" else events.mel.model_dump_json()
    write_sources(packed / "sources.csv", recordings, stats, digests, revision)
    parts = [settings.encode(), (packed / "clips.csv").read_bytes(), *(digest.encode() for digest in digests)]
    write_digest(CORPUS_DIGEST, packed / "digest.txt", parts)
    write_settings(experiment, f"{section}.name", results)
    (packed / _PLANNED).unlink(missing_ok=True)


def _corpus(experiment: Experiment, section: Section, results: Path) -> _Corpus:
    if section == "scenes":
        packed = results / "corpora" / experiment.scenes.name
        return _Corpus(experiment.scenes, experiment.scenes_folder, packed, packed / "waveforms.npy")
    packed = results / "corpora" / experiment.events.name
    return _Corpus(experiment.events, experiment.events_folder, packed, packed / "mel_power.npy")


def _verified_number(experiment: Experiment, section: Section, corpus: _Corpus, results: Path) -> int:
    """Return the number of recordings that exist. If they would be packed again, verify them."""
    recordings = _recordings(corpus)
    sources = corpus.packed / "sources.csv"
    revision = compare_sources(sources, recordings, partial(_verify_changes, corpus))
    wanted = find_shared(experiment, f"{section}.name")
    made = read_settings(wanted, results)
    if revision.changed or revision.lists:
        change = _change(corpus.folder, revision, len(recordings.paths))
        if made is not None and made.experiment != experiment.name:
            raise InputError(
                f"{change} since experiment '{made.experiment}' packed the corpus {wanted.name}; "
                f"{other_name(wanted, results)}, or delete {made.place} to pack it again for both"
            )
        print(f"tagasc: {change}; the corpus is packed again", file=sys.stderr)
    elif corpus.array.exists() and (not sources.exists() or (made is not None and made.settings != wanted.settings)):
        _verify_changes(corpus, [])
    return revision.number


def _recordings(corpus: _Corpus) -> Recordings:
    if isinstance(corpus.settings, Scenes):
        return scene_recordings(corpus.folder)
    return event_recordings(corpus.settings, corpus.folder)


def _verify_changes(corpus: _Corpus, paths: Sequence[Path]) -> list[str]:
    """Verify what would be packed, and return the digests of some recordings."""
    # Decoding needs libraries that a plan without changes need not load.
    from tagasc.corpora.verify_changes import verify_changed_events, verify_changed_scenes  # noqa: PLC0415

    if isinstance(corpus.settings, Scenes):
        return verify_changed_scenes(corpus.settings, corpus.folder, paths)
    return verify_changed_events(corpus.settings, corpus.folder, paths)


def _change(folder: Path, revision: Revision, total: int) -> str:
    """Say what has changed."""
    if not revision.changed:
        return f"{folder}: what the lists say has changed"
    count = len(revision.changed)
    have = "have" if count > 1 else "has"
    return f"{folder}: {count} of {total} recordings {have} changed, for instance {revision.changed[0]}"


def _recorded(sources: Path) -> int:
    return int(SOURCES.read(sources)["revision"].iloc[0]) if sources.exists() else 1
