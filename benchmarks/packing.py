"""Speed of packing scenes, compared with only decoding the same files on as many cores.

For comparison, the packed array alone is also written to the disk.
"""

import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
import soundfile

from benchmarks.record import arguments, report
from tagasc.config import Audio
from tagasc.corpora.pack_scenes import pack_scenes


def write_corpus(folder: Path, clips: int) -> None:
    """Write clips in TAU's format (48 kHz, 24 bits, stereo, 10 s) and layout; half of them are for training."""
    random = np.random.default_rng(0)
    (folder / "audio").mkdir(parents=True)
    (folder / "evaluation_setup").mkdir()
    names = [f"audio/{'park' if n % 2 else 'bus'}-city-{n // 4}-{n}-a.wav" for n in range(clips)]
    for name in names:
        soundfile.write(folder / name, random.normal(0, 0.02, (480_000, 2)), 48_000, subtype="PCM_24")
    table = pd.DataFrame({"filename": names})
    table["scene_label"] = ["park" if n % 2 else "bus" for n in range(clips)]
    table["identifier"] = [f"city-{n // 4}" for n in range(clips)]
    table["source_label"] = "a"
    table.to_csv(folder / "meta.csv", sep="\t", index=False)
    half = clips // 8 * 4
    lists = folder / "evaluation_setup"
    table[["filename", "scene_label"]][:half].to_csv(lists / "fold1_train.csv", sep="\t", index=False)
    table[["filename", "scene_label"]][half:].to_csv(lists / "fold1_evaluate.csv", sep="\t", index=False)
    table[["filename"]][half:].to_csv(lists / "fold1_test.csv", sep="\t", index=False)


def decode(paths: list[Path]) -> int:
    """Decode files, and return their total number of samples."""
    return sum(len(soundfile.read(path, dtype="float32")[0]) for path in paths)


def seconds_of(task: Callable[[], object]) -> float:
    """Return how long a call takes, in s."""
    started = time.perf_counter()
    task()
    return time.perf_counter() - started


def main() -> None:
    """Measure in turns. The first turn starts the workers and fills the file cache, and does not count."""
    parser = arguments(__doc__)
    parser.add_argument("--clips", type=int, default=160)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name, "corpus")
        write_corpus(folder, given.clips)
        paths = sorted(folder.glob("audio/*.wav"))
        chunks = [paths[first : first + 16] for first in range(0, len(paths), 16)]

        def decoding() -> None:
            with joblib.parallel_config("loky", inner_max_num_threads=1):
                joblib.Parallel(given.threads, batch_size=1)(joblib.delayed(decode)(chunk) for chunk in chunks)

        def packing() -> None:
            pack_scenes(Audio(), "error", folder, Path(name, "clips.csv"), Path(name, "waveforms.npy"), given.threads)

        def writing() -> None:
            row = bytes(Audio().samples * 2 * 2)
            with Path(name, "copy.npy").open("wb") as file:
                for _ in paths:
                    file.write(row)
                os.fsync(file.fileno())

        turns = [(seconds_of(packing), seconds_of(decoding), seconds_of(writing)) for _ in range(6)]
        packed, bare, written = (given.clips / min(seconds) for seconds in zip(*turns[1:], strict=True))
    report(
        "packing",
        f"{given.clips} clips in TAU's format on {given.threads} cores: {packed / given.threads:.0f} clips/s per core, "
        f"including lists, headers and the disk; decoding alone {bare / given.threads:.0f} clips/s per core; writing "
        f"alone {written:.0f} clips/s; ratio to decoding {packed / bare:.2f}",
        record=given.record,
    )


if __name__ == "__main__":
    main()
