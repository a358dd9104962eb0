import json
import os
from pathlib import Path

import librosa
import numpy as np
import pytest
import soundfile

from tagasc.artifacts.events import read_events
from tagasc.config import Events
from tagasc.corpora.fsdkaggle2019 import event_path
from tagasc.corpora.pack_events import pack_events
from tagasc.runtime import parallel
from tagasc.runtime.errors import InputError

NAMES = ("clips.csv", "labels.csv", "mel_power.npy")
DROP = ["0c.wav"]


@pytest.mark.parametrize("workers", [1, 2])
def test_packed_events_are_their_mel_power(mel, events_folder, tmp_path, monkeypatch, workers):
    monkeypatch.setattr(parallel, "CHUNK", 2)
    soundfile.write(event_path(events_folder, "noisy", "c.wav"), np.zeros(2400), 8000, "PCM_16")
    files = [tmp_path / name for name in NAMES]
    pack_events(mel, "error", DROP, events_folder, *files, workers)
    packed = read_events(*files)
    assert packed.labels == ["Bark", "NA", "Rain"]
    assert packed.targets.tolist() == [[0, 1, 1], [1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 0, 1]]
    assert [packed.rows(subset) for subset in ("curated", "noisy", "test")] == [slice(0, 2), slice(2, 4), slice(4, 5)]
    assert packed.clips["frames"].tolist() == [4, 3, 4, 31, 4]  # 100 samples are padded to a window of 256
    assert packed.mel_power.dtype == np.float16
    assert not packed.power(3).any()
    waveform = soundfile.read(event_path(events_folder, "curated", "a.wav"))[0]
    expected = librosa.feature.melspectrogram(
        y=waveform, sr=8000, n_fft=256, hop_length=80, pad_mode="reflect", n_mels=16, fmin=20, fmax=4000
    )
    np.testing.assert_allclose(packed.power(0), expected.T, rtol=1e-3)
    assert sorted(path.name for path in tmp_path.glob("[!.]*") if path.is_file()) == list(NAMES)


@pytest.mark.parametrize("workers", [1, 2])
def test_mel_power_does_not_depend_on_workers_and_chunks(mel, events_folder, tmp_path, monkeypatch, workers):
    packed = []
    for chunk in (1, 3):
        monkeypatch.setattr(parallel, "CHUNK", chunk)
        files = [tmp_path / str(chunk) / name for name in NAMES]
        pack_events(mel, "error", DROP, events_folder, *files, workers)
        packed.append(read_events(*files))
    for row in range(5):
        np.testing.assert_allclose(packed[0].power(row), packed[1].power(row), rtol=2e-3)


@pytest.mark.parametrize("workers", [1, 2])
def test_an_undecodable_event_is_named_and_no_file_is_written(mel, events_folder, tmp_path, workers):
    path = event_path(events_folder, "noisy", "c.wav")
    soundfile.write(path, np.random.default_rng(0).normal(0, 0.1, 800), 8000, "PCM_16", format="FLAC")
    path.write_bytes(path.read_bytes()[:-1000])
    out = tmp_path / "out"
    with pytest.raises(InputError, match=r"^.+audio_train_noisy/c.wav: cannot be decoded .+$"):
        pack_events(mel, "error", DROP, events_folder, *(out / name for name in NAMES), workers)
    assert not list(out.glob("[!.]*"))


SLOW_PACKING = """
import time
from pathlib import Path
from tagasc.artifacts import resumable_array
from tagasc.config import Mel
from tagasc.corpora import decoding, pack_events
from tagasc.runtime import parallel

resumable_array.SAVE_EVERY, parallel.CHUNK = 0, 1
read = decoding.read_audio
decoding.read_audio = lambda *arguments: (time.sleep(0.2), read(*arguments))[1]
"""


def packed_clips(state):
    return len(json.loads(state.read_text())["clips"]) if state.exists() else 0


@pytest.mark.slow
def test_a_killed_job_is_continued(mel, events_folder, tmp_path, monkeypatch, capsys, killed):
    monkeypatch.setattr(parallel, "CHUNK", 1)
    whole = [tmp_path / "whole" / name for name in NAMES]
    pack_events(mel, "error", DROP, events_folder, *whole, 1)
    out = tmp_path / "out"
    files = [out / file.name for file in whole]
    settings = f"Mel.model_validate_json({mel.model_dump_json()!r}), 'error', {DROP}"
    paths = ", ".join(f"Path({str(path)!r})" for path in (events_folder, *files))
    state = out / ".partial-mel_power.npy.json"
    killed(f"{SLOW_PACKING}\npack_events.pack_events({settings}, {paths}, 2)", lambda: packed_clips(state) >= 2)
    assert not list(out.glob("[!.]*"))
    pack_events(mel, "error", DROP, events_folder, *files, 1)
    assert "of 5 clips are packed already" in capsys.readouterr().out
    assert [file.read_bytes() for file in files] == [file.read_bytes() for file in whole]
    assert sorted(out.glob("[!.]*")) == sorted(files)


def test_float16_keeps_what_is_87_db_below_the_maximum(mel, events_folder, tmp_path):
    tone = 0.9 * np.sin(2 * np.pi * 1000 * np.arange(8000) / 8000)
    tone[:4000] *= 10 ** (-85 / 20)
    soundfile.write(event_path(events_folder, "curated", "a.wav"), tone, 8000, "FLOAT")
    files = [tmp_path / name for name in NAMES]
    pack_events(mel, "error", DROP, events_folder, *files, 1)
    power = read_events(*files).power(0).max(1)
    assert 10 * np.log10(power[80] / power[20]) == pytest.approx(85, abs=0.01)


@pytest.mark.usefixtures("without_records")
@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("clips.csv", "a.wav,curated", "a.wav,test", "is not sorted by subset"),
        ("clips.csv", ",0,4,", ",0,5,", "do not add up to the 18 frames of mel_power.npy"),
        ("clips.csv", "start", "begin", "expected the columns"),
        ("clips.csv", ",0,4,", ",x,4,", "column start"),
        ("labels.csv", "NA\n", "", "label 'NA' is not in labels.csv"),
    ],
)
def test_packed_files_that_do_not_belong_together_are_recognised(mel, events_folder, tmp_path, file, old, new, message):
    files = [tmp_path / name for name in NAMES]
    pack_events(mel, "error", DROP, events_folder, *files, 1)
    (tmp_path / file).write_text((tmp_path / file).read_text().replace(old, new))
    with pytest.raises(InputError, match=message):
        read_events(*files)


@pytest.mark.slow
@pytest.mark.skipif("TAGASC_REAL_CORPORA" not in os.environ, reason="TAGASC_REAL_CORPORA names no folder")
def test_real_recordings_are_packed(tmp_path):
    files, events = [tmp_path / name for name in NAMES], Events()
    pack_events(events.mel, "error", events.drop, Path(os.environ["TAGASC_REAL_CORPORA"]) / "FSDKaggle2019", *files, 2)
    packed = read_events(*files)
    rows = [packed.rows(subset) for subset in ("curated", "noisy", "test")]
    assert rows == [slice(0, 240), slice(240, 320), slice(320, 400)]
    assert len(packed.labels) == 10
