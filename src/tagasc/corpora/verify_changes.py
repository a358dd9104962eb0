"""Verification before a corpus is packed again, while the former one still exists: Snakemake deletes it before the job.

Everything that could stop the packing is checked, except the disk: lists, counts, headers, and the decoding of those
recordings that have changed.
"""

import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from tempfile import TemporaryDirectory

import joblib

from tagasc.config import Events, Scenes
from tagasc.corpora.decoding import decode_event, decode_scene
from tagasc.corpora.verify import verify_events, verify_scenes
from tagasc.runtime.parallel import map_chunks

_WORKERS = 8


def verify_changed_scenes(scenes: Scenes, folder: Path, paths: Sequence[Path]) -> list[str]:
    """Verify a folder of scenes as its packing will; decode some recordings and return their digests.

    Raises
    ------
    InputError
        As `verify_scenes` and `decode_scene`.
    """
    with _without_output() as report:
        samples = verify_scenes(scenes.model_copy(update={"verify": "quick"}), folder, report, 1)
        audio = scenes.audio.with_samples(samples)
        return _in_threads(lambda path: decode_scene(audio, scenes.on_mismatch, path).source, paths)


def verify_changed_events(events: Events, folder: Path, paths: Sequence[Path]) -> list[str]:
    """Verify a folder of events, as `verify_changed_scenes` does.

    Raises
    ------
    InputError
        As `verify_events` and `decode_event`.
    """
    with _without_output() as report:
        verify_events(events.model_copy(update={"verify": "quick"}), folder, report, 1)
        return _in_threads(lambda path: decode_event(events.mel, events.on_mismatch, path)[1], paths)


def _in_threads(digest: Callable[[Path], str], paths: Sequence[Path]) -> list[str]:
    """Return the digests of files; decoding releases Python's lock."""
    with joblib.parallel_config("threading"):
        chunks = map_chunks(
            lambda chunk: [digest(path) for path in chunk], paths, workers=_WORKERS, description="decoding"
        )
        return [found for chunk in chunks for found in chunk]


@contextmanager
def _without_output() -> Iterator[Path]:
    """Yield a path for a report that nobody reads; counts, bars and warnings are printed when the job runs."""
    with TemporaryDirectory() as folder, redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        yield Path(folder) / "verified.csv"
