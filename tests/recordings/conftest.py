from pathlib import Path

import numpy as np
import pytest
import soundfile

from tagasc.recordings.init import Options, init_recordings
from tagasc.recordings.run_time import Timing


@pytest.fixture
def write(tmp_path):
    """Return a function that writes noise to a file below the folder of the recordings, and returns its path."""
    noise = np.random.default_rng(0)

    def write(name, seconds=1.0, rate=8000, channels=1, subtype=None):
        path = tmp_path / "mine" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        samples = noise.uniform(-0.9, 0.9, (round(seconds * rate), channels))
        kind = ("OGG", "OPUS") if path.suffix == ".opus" else (None, subtype)
        soundfile.write(path, samples, rate, format=kind[0], subtype=kind[1])
        return path

    return write


@pytest.fixture
def plain(write):
    """Write two scenes at three locations each, with two files of 1 s at each location, and return the folder."""
    for scene, first in (("park", 0), ("tram", 3)):
        for place in range(first, first + 3):
            for name in "ab":
                path = write(f"{scene}/oslo-{place}/{name}.wav")
    return path.parents[2]


@pytest.fixture
def init(tmp_path, monkeypatch):
    """Return a function that runs the command on the recordings; it returns the written folder and all lines."""

    timing = Timing(0.1, 3, None, "this machine's 2 cores")
    monkeypatch.setattr("tagasc.recordings.run_time.measure_step", lambda *_: timing)
    monkeypatch.chdir(tmp_path)  # without the project's config.yaml

    def run(output="new", folder="mine", **options):
        lines = []
        init_recordings(Path(folder), Path(output), Options(**options), lines.append)
        return tmp_path / output, lines

    return run
