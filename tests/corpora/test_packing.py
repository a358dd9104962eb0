import json
import os
from pathlib import Path
from types import SimpleNamespace

import librosa
import numpy as np
import pytest
import soundfile

from tagasc.config import Events, Scenes
from tagasc.corpora import filling, packing, parallel
from tagasc.corpora.audio import read_audio
from tagasc.corpora.events import event_path
from tagasc.corpora.packed import load_events, load_scenes
from tagasc.corpora.packing import pack_events, pack_scenes
from tagasc.errors import InputError

UNFINISHED = {".partial-waveforms.npy", ".partial-waveforms.npy.json"}


@pytest.mark.parametrize("workers", [1, 2])
def test_scenes(scenes, scenes_folder, tmp_path, monkeypatch, workers):
    monkeypatch.setattr(parallel, "CHUNK", 2)
    out = tmp_path / "new" / "out"
    pack_scenes(scenes, scenes_folder, out / "clips.csv", out / "waveforms.npy", workers)
    packed = load_scenes(out / "clips.csv", out / "waveforms.npy")
    assert packed.waveforms.shape == (7, 2, 800)
    assert packed.waveforms.dtype == np.int16
    for clip, waveform in zip(packed.clips.itertuples(), packed.waveforms, strict=True):
        recording = soundfile.read(scenes_folder / clip.filename)[0].T
        assert abs(waveform.astype(int)).max() == 32767
        assert clip.scale == abs(recording).max() / 32767
        np.testing.assert_allclose(waveform * clip.scale, recording, atol=clip.scale * 0.503)
    assert packed.scenes == ["bus", "park"]
    assert packed.labels.tolist() == [0, 0, 1, 1, 0, 1, 0]
    assert [packed.rows(split) for split in ("train", "evaluate", "unused")] == [slice(0, 4), slice(4, 6), slice(6, 7)]
    assert packed.rows("elsewhere") == slice(7, 7)
    assert sorted(path.name for path in out.iterdir()) == ["clips.csv", "waveforms.npy"]


def test_quiet_recordings_keep_their_precision(scenes, scenes_folder, tmp_path):
    recording = np.random.default_rng(0).normal(0, 1e-4, (800, 2))  # 80 dB below full scale
    soundfile.write(scenes_folder / "audio/bus-oslo-1-0-a.wav", recording, 8000, "PCM_24")
    recording = soundfile.read(scenes_folder / "audio/bus-oslo-1-0-a.wav")[0].T
    pack_scenes(scenes, scenes_folder, tmp_path / "clips.csv", tmp_path / "waveforms.npy", 1)
    packed = load_scenes(tmp_path / "clips.csv", tmp_path / "waveforms.npy")
    error = np.std(packed.waveforms[0] * packed.clips["scale"][0] - recording)
    plain = np.std(np.rint(recording * 32767) / 32767 - recording)
    assert error < plain / 1000


def test_silent_clip(scenes, scenes_folder, tmp_path):
    soundfile.write(scenes_folder / "audio/bus-oslo-1-0-a.wav", np.zeros((800, 2)), 8000, "PCM_24")
    pack_scenes(scenes, scenes_folder, tmp_path / "clips.csv", tmp_path / "waveforms.npy", 1)
    packed = load_scenes(tmp_path / "clips.csv", tmp_path / "waveforms.npy")
    assert not packed.waveforms[0].any()
    assert packed.clips["scale"][0] == 1 / 32767


@pytest.mark.parametrize("workers", [1, 2])
def test_an_undecodable_clip_is_named_and_the_others_are_not_packed_again(
    scenes, scenes_folder, tmp_path, monkeypatch, capsys, workers
):
    monkeypatch.setattr(parallel, "CHUNK", 2)
    whole = [tmp_path / "whole" / name for name in ("clips.csv", "waveforms.npy")]
    pack_scenes(scenes, scenes_folder, *whole, workers)
    path = scenes_folder / "audio/park-oslo-3-0-a.wav"
    recording = path.read_bytes()
    noise = np.random.default_rng(0).normal(0, 0.1, (800, 2))
    soundfile.write(path, noise, 8000, "PCM_24", format="FLAC")
    path.write_bytes(path.read_bytes()[:-1000])
    out = tmp_path / "out"
    with pytest.raises(InputError, match=r"^.+park-oslo-3-0-a.wav: cannot be decoded .+$") as caught:
        pack_scenes(scenes, scenes_folder, out / "clips.csv", out / "waveforms.npy", workers)
    assert "\n" not in str(caught.value)
    assert {file.name for file in out.iterdir()} == UNFINISHED
    path.write_bytes(recording)
    pack_scenes(scenes, scenes_folder, out / "clips.csv", out / "waveforms.npy", workers)
    if workers == 1:  # several end at once, with what has been noted by then
        assert "4 of 7 clips are packed already" in capsys.readouterr().out
    assert [file.read_bytes() for file in whole] == [(out / file.name).read_bytes() for file in whole]
    assert len(list(out.iterdir())) == 2


def test_full_disk(scenes, scenes_folder, tmp_path, monkeypatch, full_disk):
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=1000))
    with pytest.raises(InputError, match=r"0.0 MB are free and 0.0 MB are needed for the packed corpus; make room"):
        pack_scenes(scenes, scenes_folder, tmp_path / "clips.csv", tmp_path / "waveforms.npy", 1)
    monkeypatch.undo()
    out = tmp_path / "out"
    with (
        full_disk(10_000),
        pytest.raises(InputError, match=r"out: no room is left .+ link results/corpora to a larger"),
    ):
        pack_scenes(scenes, scenes_folder, out / "clips.csv", out / "waveforms.npy", 1)
    assert not list(out.glob("[!.]*"))


@pytest.mark.parametrize("workers", [1, 2])
def test_events(events, events_folder, tmp_path, monkeypatch, workers):
    monkeypatch.setattr(parallel, "CHUNK", 2)
    soundfile.write(event_path(events_folder, "noisy", "c.wav"), np.zeros(2400), 8000, "PCM_16")
    files = (tmp_path / "clips.csv", tmp_path / "labels.csv", tmp_path / "mel_power.npy")
    pack_events(events, events_folder, *files, workers)
    packed = load_events(*files)
    assert packed.labels == ["Bark", "NA", "Rain"]
    assert packed.targets.tolist() == [[0, 1, 1], [1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 0, 1]]
    assert [packed.rows(subset) for subset in ("curated", "noisy", "test")] == [slice(0, 2), slice(2, 4), slice(4, 5)]
    assert packed.clips["frames"].tolist() == [4, 3, 4, 31, 4]  # 100 samples are padded to a window of 256
    assert packed.mel.dtype == np.float16
    assert not packed.power(3).any()
    waveform = soundfile.read(event_path(events_folder, "curated", "a.wav"))[0]
    expected = librosa.feature.melspectrogram(
        y=waveform, sr=8000, n_fft=256, hop_length=80, pad_mode="reflect", n_mels=16, fmin=20, fmax=4000
    )
    np.testing.assert_allclose(packed.power(0), expected.T, rtol=1e-3)
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == [path.name for path in files]


@pytest.mark.parametrize("workers", [1, 2])
def test_events_do_not_depend_on_workers_and_batches(events, events_folder, tmp_path, monkeypatch, workers):
    packed = []
    for chunk in (1, 3):
        monkeypatch.setattr(parallel, "CHUNK", chunk)
        files = [tmp_path / str(chunk) / name for name in ("clips.csv", "labels.csv", "mel_power.npy")]
        pack_events(events, events_folder, *files, workers)
        packed.append(load_events(*files))
    for row in range(5):
        np.testing.assert_allclose(packed[0].power(row), packed[1].power(row), rtol=2e-3)


@pytest.mark.parametrize("workers", [1, 2])
def test_an_undecodable_event_is_named_and_nothing_is_taken_for_whole(events, events_folder, tmp_path, workers):
    path = event_path(events_folder, "noisy", "c.wav")
    soundfile.write(path, np.random.default_rng(0).normal(0, 0.1, 800), 8000, "PCM_16", format="FLAC")
    path.write_bytes(path.read_bytes()[:-1000])
    out = tmp_path / "out"
    with pytest.raises(InputError, match=r"^.+audio_train_noisy/c.wav: cannot be decoded .+$"):
        pack_events(events, events_folder, out / "clips.csv", out / "labels.csv", out / "mel_power.npy", workers)
    assert not list(out.glob("[!.]*"))


SLOWLY = """
import time
from pathlib import Path
from tagasc.config import Events, Scenes
from tagasc.corpora import filling, packing, parallel

filling.SAVE_EVERY, parallel.CHUNK = 0, 1
read = packing.read_audio
packing.read_audio = lambda *arguments: (time.sleep(0.2), read(*arguments))[1]
"""


def packed_clips(state):
    return len(json.loads(state.read_text())["scales"]) if state.exists() else 0


def test_killed_while_scenes_are_packed_and_completed(scenes, scenes_folder, tmp_path, monkeypatch, capsys, killed):
    monkeypatch.setattr(parallel, "CHUNK", 1)
    whole = [tmp_path / "whole" / name for name in ("clips.csv", "waveforms.npy")]
    pack_scenes(scenes, scenes_folder, *whole, 1)
    out = tmp_path / "out"
    files = [out / file.name for file in whole]
    settings = f"Scenes.model_validate_json({scenes.model_dump_json()!r})"
    paths = ", ".join(f"Path({str(path)!r})" for path in (scenes_folder, *files))
    state = out / ".partial-waveforms.npy.json"
    killed(f"{SLOWLY}\npacking.pack_scenes({settings}, {paths}, 1)", lambda: packed_clips(state) >= 3)
    assert {file.name for file in out.glob("*[!~]")} >= UNFINISHED
    assert not list(out.glob("[!.]*"))
    done = packed_clips(state)
    read = []
    monkeypatch.setattr(packing, "read_audio", lambda *given: (read.append(given[0]), read_audio(*given))[1])
    pack_scenes(scenes, scenes_folder, *files, 1)
    assert f"{done} of 7 clips are packed already" in capsys.readouterr().out
    assert len(read) == 7 - done
    assert [file.read_bytes() for file in files] == [file.read_bytes() for file in whole]
    assert sorted(out.iterdir()) == sorted(files)


def test_killed_while_events_are_packed_and_completed(events, events_folder, tmp_path, monkeypatch, capsys, killed):
    monkeypatch.setattr(parallel, "CHUNK", 1)
    whole = [tmp_path / "whole" / name for name in ("clips.csv", "labels.csv", "mel_power.npy")]
    pack_events(events, events_folder, *whole, 1)
    out = tmp_path / "out"
    files = [out / file.name for file in whole]
    settings = f"Events.model_validate_json({events.model_dump_json()!r})"
    paths = ", ".join(f"Path({str(path)!r})" for path in (events_folder, *files))
    state = out / ".partial-mel_power.npy.json"
    killed(f"{SLOWLY}\npacking.pack_events({settings}, {paths}, 2)", lambda: packed_clips(state) >= 2)
    assert not list(out.glob("[!.]*"))
    pack_events(events, events_folder, *files, 1)
    assert "of 5 clips are packed already" in capsys.readouterr().out
    assert [file.read_bytes() for file in files] == [file.read_bytes() for file in whole]
    assert sorted(out.iterdir()) == sorted(files)


@pytest.mark.parametrize(
    ("changed", "kept"),
    [
        ("nothing", 4),
        ("a clip that is packed", 0),
        ("a clip that is not", 4),
        ("the rate", 0),
        ("what is verified", 4),
        ("the state is cut short", 0),
    ],
)
def test_what_was_packed_is_kept_as_long_as_it_is_the_same(
    scenes, scenes_folder, tmp_path, monkeypatch, capsys, changed, kept
):
    monkeypatch.setattr(parallel, "CHUNK", 2)
    files = (tmp_path / "out/clips.csv", tmp_path / "out/waveforms.npy")

    def stop_at_the_fifth(path, *given):
        if "park-oslo-3" in path.name or "bus-oslo-4" in path.name:
            raise KeyboardInterrupt
        return read_audio(path, *given)

    with monkeypatch.context() as patch:
        patch.setattr(packing, "read_audio", stop_at_the_fifth)
        with pytest.raises(KeyboardInterrupt):
            pack_scenes(scenes, scenes_folder, *files, 1)
    match changed:
        case "a clip that is packed":
            soundfile.write(scenes_folder / "audio/bus-oslo-1-0-a.wav", np.zeros((800, 2)), 8000, "PCM_24")
        case "a clip that is not":
            soundfile.write(scenes_folder / "audio/bus-oslo-1-1-a.wav", np.zeros((800, 2)), 8000, "PCM_24")
        case "the rate":
            scenes = scenes.model_copy(update={"sample_rate": 16000, "duration": 0.05, "on_mismatch": "convert"})
        case "the state is cut short":
            (tmp_path / "out/.partial-waveforms.npy.json").write_text("")
        case "what is verified":
            scenes = scenes.model_copy(update={"verify": "full", "source": "copy"})
    pack_scenes(scenes, scenes_folder, *files, 1)
    assert (f"{kept} of 7 clips are packed already" in capsys.readouterr().out) == (kept > 0)
    pack_scenes(scenes, scenes_folder, tmp_path / "whole.csv", tmp_path / "whole.npy", 1)
    assert files[0].read_bytes() == (tmp_path / "whole.csv").read_bytes()
    assert files[1].read_bytes() == (tmp_path / "whole.npy").read_bytes()


def test_data_are_on_the_disk_before_they_are_said_to_be(scenes, scenes_folder, tmp_path, monkeypatch):
    """After a power failure, a state may say too little but never too much."""
    monkeypatch.setattr(parallel, "CHUNK", 1)
    monkeypatch.setattr(filling, "SAVE_EVERY", 0)
    state = tmp_path / ".partial-waveforms.npy.json"
    said, synced = [], os.fsync
    monkeypatch.setattr(os, "fsync", lambda number: (said.append(packed_clips(state)), synced(number)))
    pack_scenes(scenes, scenes_folder, tmp_path / "clips.csv", tmp_path / "waveforms.npy", 1)
    assert said == [0, 1, 2, 3, 4, 5, 6, 7]


def test_float16_keeps_what_is_87_db_below_the_maximum(events, events_folder, tmp_path):
    tone = 0.9 * np.sin(2 * np.pi * 1000 * np.arange(8000) / 8000)
    tone[:4000] *= 10 ** (-85 / 20)
    soundfile.write(event_path(events_folder, "curated", "a.wav"), tone, 8000, "FLOAT")
    files = (tmp_path / "clips.csv", tmp_path / "labels.csv", tmp_path / "mel_power.npy")
    pack_events(events, events_folder, *files, 1)
    power = load_events(*files).power(0).max(1)
    assert 10 * np.log10(power[80] / power[20]) == pytest.approx(85, abs=0.01)


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("clips.csv", "a.wav,curated", "a.wav,test", "not sorted by subset"),
        ("clips.csv", ",0,4,", ",0,5,", "do not add up to the 18 frames of mel_power.npy"),
        ("clips.csv", "start", "begin", "is not a table|expected the columns"),
        ("clips.csv", ",0,4,", ",x,4,", "is not a table"),
        ("labels.csv", "NA\n", "", "label 'NA' is not in labels.csv"),
    ],
)
def test_packed_files_that_do_not_belong_together(events, events_folder, tmp_path, file, old, new, message):
    files = (tmp_path / "clips.csv", tmp_path / "labels.csv", tmp_path / "mel_power.npy")
    pack_events(events, events_folder, *files, 1)
    (tmp_path / file).write_text((tmp_path / file).read_text().replace(old, new))
    with pytest.raises(InputError, match=message):
        load_events(*files)


def test_packed_scenes_of_another_corpus(scenes, scenes_folder, tmp_path):
    clips, waveforms = tmp_path / "clips.csv", tmp_path / "waveforms.npy"
    pack_scenes(scenes, scenes_folder, clips, waveforms, 1)
    np.save(waveforms, np.zeros((3, 2, 800), np.int16))
    with pytest.raises(InputError, match=r"7 clips, but 3 rows in waveforms.npy"):
        load_scenes(clips, waveforms)
    np.save(waveforms, np.zeros((7, 2, 800), np.float32))
    with pytest.raises(InputError, match=r"expected 3 dimensions of int16"):
        load_scenes(clips, waveforms)
    waveforms.write_bytes(waveforms.read_bytes()[:-1])
    with pytest.raises(InputError, match=r"is not an array"):
        load_scenes(clips, waveforms)
    waveforms.unlink()
    with pytest.raises(InputError, match=r"waveforms.npy: no such file"):
        load_scenes(clips, waveforms)


@pytest.mark.real
@pytest.mark.skipif("TAGASC_REAL_CORPORA" not in os.environ, reason="TAGASC_REAL_CORPORA names no folder")
def test_real_recordings(tmp_path):
    folder = Path(os.environ["TAGASC_REAL_CORPORA"])
    clips, waveforms = tmp_path / "clips.csv", tmp_path / "waveforms.npy"
    pack_scenes(Scenes(), folder / "TAU-urban-acoustic-scenes-2019-development", clips, waveforms, 2)
    scenes = load_scenes(clips, waveforms)
    assert (scenes.rows("train"), scenes.rows("evaluate")) == (slice(0, 296), slice(296, 411))
    assert len(scenes.scenes) == 9
    assert scenes.waveforms.shape == (411, 2, 480000)
    waveforms.unlink()  # 0.8 GB
    files = (tmp_path / "events.csv", tmp_path / "labels.csv", tmp_path / "mel_power.npy")
    pack_events(Events(), folder / "FSDKaggle2019", *files, 2)
    events = load_events(*files)
    assert [events.rows(subset) for subset in ("curated", "noisy", "test")] == [
        slice(0, 240),
        slice(240, 320),
        slice(320, 400),
    ]
    assert len(events.labels) == 10
