import errno
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tagasc.config import Audio, Events, Mel, Scenes
from tagasc.corpora import tau2019


@pytest.fixture
def audio():
    return Audio(sample_rate=8000, channels=2, duration=0.1)


@pytest.fixture
def scenes(audio):
    return Scenes(audio=audio)


@pytest.fixture
def scenes_folder(tmp_path):
    """Write two scenes in the layout of TAU 2019: 4 training clips, 2 evaluation clips and 1 clip in neither list."""
    folder = tmp_path / "TAU"
    (folder / "audio").mkdir(parents=True)
    (folder / "evaluation_setup").mkdir()
    lists = {
        "train": ["park-oslo-0-1-a", "park-oslo-0-0-a", "bus-oslo-1-0-a", "bus-tel-aviv-2-0-a"],
        "evaluate": ["park-oslo-3-0-a", "bus-oslo-4-0-a"],
        "unused": ["bus-oslo-1-1-a"],
    }
    noise = np.random.default_rng(0)
    meta = "filename\tscene_label\tidentifier\tsource_label\n"
    for split, names in lists.items():
        rows = "filename\tscene_label\n"
        for name in names:
            scene, place = name.split("-", 1)
            soundfile.write(folder / f"audio/{name}.wav", noise.normal(0, 0.1, (800, 2)), 8000, "PCM_24")
            meta += f"audio/{name}.wav\t{scene}\t{place[:-4]}\ta\n"
            rows += f"audio/{name}.wav\t{scene}\n"
        if split != "unused":
            (folder / f"evaluation_setup/fold1_{split}.csv").write_text(rows)
    (folder / "meta.csv").write_text(meta)
    return folder


@pytest.fixture
def mel():
    return Mel(sample_rate=8000, n_fft=256, hop_length=80, n_mels=16, f_min=20, f_max=4000)


@pytest.fixture
def events(mel):
    return Events(drop=["0c.wav"], mel=mel)


@pytest.fixture
def events_folder(tmp_path):
    """Write the three subsets of FSDKaggle2019: clips of 100 to 400 samples at 8 kHz."""
    folder = tmp_path / "FSD"
    (folder / "FSDKaggle2019.meta").mkdir(parents=True)
    subsets = {
        "train_curated": {"0c.wav": "Silence", "b.wav": "Bark", "a.wav": '"Rain,NA"'},
        "train_noisy": {"b.wav": "NA", "c.wav": "Rain"},
        "test": {"d.wav": '"Bark, Rain"'},
    }
    noise = np.random.default_rng(0)
    for subset, clips in subsets.items():
        (folder / f"FSDKaggle2019.audio_{subset}").mkdir()
        rows = "fname,labels,license\n"
        for length, (name, labels) in enumerate(clips.items(), start=1):
            path = folder / f"FSDKaggle2019.audio_{subset}/{name}"
            soundfile.write(path, noise.normal(0, 0.1, 100 * length), 8000, "PCM_16")
            rows += f"{name},{labels},CC-BY\n"
        (folder / f"FSDKaggle2019.meta/{subset}_post_competition.csv").write_text(rows)
    return folder


@pytest.fixture
def full_disk(monkeypatch):
    """Return a context manager in which temporary files can hold this many bytes until the disk is full."""

    @contextmanager
    def fill(space):
        opened, left = Path.open, [space]

        def limited(path, mode="r", *arguments, **named):
            file = opened(path, mode, *arguments, **named)
            writes = path.name.startswith(".partial-") and set(mode) & set("wa+")
            return Limited(file, left) if writes else file

        with monkeypatch.context() as patch:
            patch.setattr(Path, "open", limited)
            yield

    return fill


class Limited:
    """A file on a disk with this many bytes left for all its files."""

    def __init__(self, file, left):
        self.file, self.left = file, left

    def __getattr__(self, name):
        return getattr(self.file, name)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()

    def write(self, data):
        self.left[0] -= len(data) if isinstance(data, str | bytes) else data.nbytes
        if self.left[0] < 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return self.file.write(data)

    def writelines(self, chunks):
        for chunk in chunks:
            self.write(chunk)


@pytest.fixture
def killed():
    """Run Python code in a new process, and kill it (SIGKILL) as soon as a condition holds."""

    def run(code, condition):
        process = subprocess.Popen([sys.executable, "-c", code], start_new_session=True)
        try:
            while not condition():
                assert process.poll() is None, "ended before it could be killed"
                time.sleep(0.002)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL

    return run


CITIES = ("barcelona", "helsinki", "lisbon", "london", "lyon", "paris", "prague", "stockholm", "vienna", "milan")


@pytest.fixture(scope="module")
def tau_stand_in(tmp_path_factory):
    """Write a folder with as many clips and locations as TAU 2019, and 100 samples per clip."""
    folder = tmp_path_factory.mktemp("scale") / "TAU"
    (folder / "audio").mkdir(parents=True)
    (folder / "evaluation_setup").mkdir()
    noise = np.random.default_rng(0)
    soundfile.write(folder / "clip.wav", np.zeros((100, 2)), 48000, "PCM_24")
    header = (folder / "clip.wav").read_bytes()[:-600]
    (folder / "clip.wav").unlink()
    lists = {"train": [], "evaluate": [], "unused": []}
    first = 0
    for place, (split, locations) in enumerate(tau2019.LOCATIONS.items()):
        scenes = sorted(tau2019.CLIPS_BY_SCENE)
        for index, scene in enumerate(scenes):
            own = range(first + index, first + locations, len(scenes))  # each scene has locations of its own
            for number in range(tau2019.CLIPS_BY_SCENE[scene][place]):
                location = own[number % len(own)]
                # Milan has no training clips.
                city = CITIES[location % 9] if split == "train" else CITIES[location % 10]
                name = f"audio/{scene}-{city}-{location}-{number}-a.wav"
                (folder / name).write_bytes(header + noise.bytes(600))
                lists[split].append(f"{name}\t{scene}\t{city}-{location}\ta\n")
        first += locations
    rows = [row for split in lists.values() for row in split]
    noise.shuffle(rows)
    (folder / "meta.csv").write_text("filename\tscene_label\tidentifier\tsource_label\n" + "".join(rows))
    for split in ("train", "evaluate"):
        rows = ["\t".join(row.split("\t")[:2]) + "\n" for row in lists[split]]
        (folder / f"evaluation_setup/fold1_{split}.csv").write_text("filename\tscene_label\n" + "".join(rows))
    return folder
