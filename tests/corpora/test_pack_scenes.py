import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import soundfile

from tagasc.artifacts.scenes import read_scenes
from tagasc.audio.file import read_audio
from tagasc.config import Audio
from tagasc.corpora import decoding
from tagasc.corpora.pack_scenes import pack_scenes
from tagasc.runtime import parallel
from tagasc.runtime.errors import InputError

UNFINISHED = {".partial-waveforms.npy", ".partial-waveforms.npy.json"}


@pytest.mark.parametrize("workers", [1, 2])
def test_packed_scenes_are_the_recordings(audio, scenes_folder, tmp_path, monkeypatch, workers):
    monkeypatch.setattr(parallel, "CHUNK", 2)
    out = tmp_path / "new" / "out"
    pack_scenes(audio, "error", scenes_folder, out / "clips.csv", out / "waveforms.npy", workers)
    packed = read_scenes(out / "clips.csv", out / "waveforms.npy")
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
    assert sorted(path.name for path in out.glob("[!.]*")) == ["clips.csv", "waveforms.npy"]


def test_duration_auto_packs_the_most_frequent_length(audio, scenes_folder, tmp_path):
    for name in ("bus-oslo-1-0", "park-oslo-3-0"):
        soundfile.write(scenes_folder / f"audio/{name}-a.wav", np.ones((500, 2)), 8000, "PCM_24")
    auto = audio.model_copy(update={"duration": "auto"})
    packed = {}
    for name, settings in (("auto", auto), ("known", audio)):
        files = [tmp_path / name / file for file in ("clips.csv", "waveforms.npy")]
        pack_scenes(settings, "convert", scenes_folder, *files, 1)
        packed[name] = [file.read_bytes() for file in files]
    assert packed["auto"] == packed["known"]
    waveforms = read_scenes(*files).waveforms
    assert waveforms.shape == (7, 2, 800)
    assert waveforms[0, 0].tolist() == [32767] * 500 + [0] * 300


def test_quiet_recordings_keep_their_precision(audio, scenes_folder, tmp_path):
    recording = np.random.default_rng(0).normal(0, 1e-4, (800, 2))  # 80 dB below full scale
    soundfile.write(scenes_folder / "audio/bus-oslo-1-0-a.wav", recording, 8000, "PCM_24")
    recording = soundfile.read(scenes_folder / "audio/bus-oslo-1-0-a.wav")[0].T
    pack_scenes(audio, "error", scenes_folder, tmp_path / "clips.csv", tmp_path / "waveforms.npy", 1)
    packed = read_scenes(tmp_path / "clips.csv", tmp_path / "waveforms.npy")
    error = np.std(packed.waveforms[0] * packed.clips["scale"][0] - recording)
    plain = np.std(np.rint(recording * 32767) / 32767 - recording)
    assert error < plain / 1000


def test_a_silent_clip_has_a_scale(audio, scenes_folder, tmp_path):
    soundfile.write(scenes_folder / "audio/bus-oslo-1-0-a.wav", np.zeros((800, 2)), 8000, "PCM_24")
    pack_scenes(audio, "error", scenes_folder, tmp_path / "clips.csv", tmp_path / "waveforms.npy", 1)
    packed = read_scenes(tmp_path / "clips.csv", tmp_path / "waveforms.npy")
    assert not packed.waveforms[0].any()
    assert packed.clips["scale"][0] == 1 / 32767


@pytest.mark.parametrize("workers", [1, 2])
def test_an_undecodable_clip_is_named_and_the_others_are_not_packed_again(
    audio, scenes_folder, tmp_path, monkeypatch, capsys, workers
):
    monkeypatch.setattr(parallel, "CHUNK", 2)
    whole = [tmp_path / "whole" / name for name in ("clips.csv", "waveforms.npy")]
    pack_scenes(audio, "error", scenes_folder, *whole, workers)
    path = scenes_folder / "audio/park-oslo-3-0-a.wav"
    recording = path.read_bytes()
    noise = np.random.default_rng(0).normal(0, 0.1, (800, 2))
    soundfile.write(path, noise, 8000, "PCM_24", format="FLAC")
    path.write_bytes(path.read_bytes()[:-1000])
    out = tmp_path / "out"
    with pytest.raises(InputError, match=r"^.+park-oslo-3-0-a.wav: cannot be decoded .+$") as caught:
        pack_scenes(audio, "error", scenes_folder, out / "clips.csv", out / "waveforms.npy", workers)
    assert "\n" not in str(caught.value)
    assert {file.name for file in out.iterdir()} == UNFINISHED
    path.write_bytes(recording)
    pack_scenes(audio, "error", scenes_folder, out / "clips.csv", out / "waveforms.npy", workers)
    if workers == 1:  # several workers end at different clips
        assert "4 of 7 clips are packed already" in capsys.readouterr().out
    assert [file.read_bytes() for file in whole] == [(out / file.name).read_bytes() for file in whole]
    assert len(list(out.glob("[!.]*"))) == 2


def test_a_full_disk_is_reported(audio, scenes_folder, tmp_path, monkeypatch, full_disk):
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=1000))
    with pytest.raises(
        InputError, match=r"0.0 MB are needed for the packed corpus, but only 0.0 MB are free; free some"
    ):
        pack_scenes(audio, "error", scenes_folder, tmp_path / "clips.csv", tmp_path / "waveforms.npy", 1)
    monkeypatch.undo()
    out = tmp_path / "out"
    with (
        full_disk(10_000),
        pytest.raises(InputError, match=r"out: the disk is full .+ link results/corpora to a larger"),
    ):
        pack_scenes(audio, "error", scenes_folder, out / "clips.csv", out / "waveforms.npy", 1)
    assert not list(out.glob("[!.]*"))


SLOW_PACKING = """
import time
from pathlib import Path
from tagasc.artifacts import resumable_array
from tagasc.config import Audio
from tagasc.corpora import decoding, pack_scenes
from tagasc.runtime import parallel

resumable_array.SAVE_EVERY, parallel.CHUNK = 0, 1
read = decoding.read_audio
decoding.read_audio = lambda *arguments: (time.sleep(0.2), read(*arguments))[1]
"""


def packed_clips(state):
    return len(json.loads(state.read_text())["clips"]) if state.exists() else 0


@pytest.mark.slow
def test_a_killed_job_is_continued(audio, scenes_folder, tmp_path, monkeypatch, capsys, killed):
    monkeypatch.setattr(parallel, "CHUNK", 1)
    whole = [tmp_path / "whole" / name for name in ("clips.csv", "waveforms.npy")]
    pack_scenes(audio, "error", scenes_folder, *whole, 1)
    out = tmp_path / "out"
    files = [out / file.name for file in whole]
    settings = f"Audio.model_validate_json({audio.model_dump_json()!r}), 'error'"
    paths = ", ".join(f"Path({str(path)!r})" for path in (scenes_folder, *files))
    state = out / ".partial-waveforms.npy.json"
    killed(f"{SLOW_PACKING}\npack_scenes.pack_scenes({settings}, {paths}, 1)", lambda: packed_clips(state) >= 3)
    assert {file.name for file in out.glob("*[!~]")} >= UNFINISHED
    assert not list(out.glob("[!.]*"))
    done = packed_clips(state)
    read = []
    monkeypatch.setattr(decoding, "read_audio", lambda *given: (read.append(given[0]), read_audio(*given))[1])
    pack_scenes(audio, "error", scenes_folder, *files, 1)
    assert f"{done} of 7 clips are packed already" in capsys.readouterr().out
    assert len(read) == 7 - done
    assert [file.read_bytes() for file in files] == [file.read_bytes() for file in whole]
    assert sorted(out.glob("[!.]*")) == sorted(files)


@pytest.mark.parametrize(
    ("changed", "kept"),
    [
        ("nothing", 4),
        ("a clip that is packed", 0),
        ("a clip that is not", 4),
        ("the rate", 0),
        ("the treatment of other formats", 0),
        ("the state is cut short", 0),
    ],
)
def test_packed_clips_are_kept_only_if_they_would_be_the_same(
    audio, scenes_folder, tmp_path, monkeypatch, capsys, changed, kept
):
    monkeypatch.setattr(parallel, "CHUNK", 2)
    files = (tmp_path / "out/clips.csv", tmp_path / "out/waveforms.npy")

    def stop_at_the_fifth(path, *given):
        if "park-oslo-3" in path.name or "bus-oslo-4" in path.name:
            raise KeyboardInterrupt
        return read_audio(path, *given)

    with monkeypatch.context() as patch:
        patch.setattr(decoding, "read_audio", stop_at_the_fifth)
        with pytest.raises(KeyboardInterrupt):
            pack_scenes(audio, "error", scenes_folder, *files, 1)
    on_mismatch = "error"
    match changed:
        case "a clip that is packed":
            soundfile.write(scenes_folder / "audio/bus-oslo-1-0-a.wav", np.zeros((800, 2)), 8000, "PCM_24")
        case "a clip that is not":
            soundfile.write(scenes_folder / "audio/bus-oslo-1-1-a.wav", np.zeros((800, 2)), 8000, "PCM_24")
        case "the rate":
            audio, on_mismatch = Audio(sample_rate=16000, channels=2, duration=0.05), "convert"
        case "the treatment of other formats":
            on_mismatch = "convert"
        case "the state is cut short":
            (tmp_path / "out/.partial-waveforms.npy.json").write_text("")
    pack_scenes(audio, on_mismatch, scenes_folder, *files, 1)
    assert (f"{kept} of 7 clips are packed already" in capsys.readouterr().out) == (kept > 0)
    pack_scenes(audio, on_mismatch, scenes_folder, tmp_path / "whole.csv", tmp_path / "whole.npy", 1)
    assert files[0].read_bytes() == (tmp_path / "whole.csv").read_bytes()
    assert files[1].read_bytes() == (tmp_path / "whole.npy").read_bytes()


@pytest.mark.usefixtures("without_records")
def test_packed_files_that_do_not_belong_together_are_recognised(audio, scenes_folder, tmp_path):
    clips, waveforms = tmp_path / "clips.csv", tmp_path / "waveforms.npy"
    pack_scenes(audio, "error", scenes_folder, clips, waveforms, 1)
    np.save(waveforms, np.zeros((3, 2, 800), np.int16))
    with pytest.raises(InputError, match=r"lists 7 clips, but waveforms.npy has 3"):
        read_scenes(clips, waveforms)
    np.save(waveforms, np.zeros((7, 2, 800), np.float32))
    with pytest.raises(InputError, match=r"expected int16 \(clips, channels, samples\)"):
        read_scenes(clips, waveforms)
    waveforms.write_bytes(waveforms.read_bytes()[:-1])
    with pytest.raises(InputError, match=r"cannot be read as an array"):
        read_scenes(clips, waveforms)
    waveforms.unlink()
    with pytest.raises(InputError, match=r"waveforms.npy: does not exist"):
        read_scenes(clips, waveforms)


def test_packing_scenes_does_not_import_torch():
    code = "import sys, tagasc.corpora.pack_scenes; sys.exit('torch' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.slow
@pytest.mark.skipif("TAGASC_REAL_CORPORA" not in os.environ, reason="TAGASC_REAL_CORPORA names no folder")
def test_real_recordings_are_packed(tmp_path):
    folder = Path(os.environ["TAGASC_REAL_CORPORA"])
    clips, waveforms = tmp_path / "clips.csv", tmp_path / "waveforms.npy"
    pack_scenes(Audio(), "error", folder / "TAU-urban-acoustic-scenes-2019-development", clips, waveforms, 2)
    scenes = read_scenes(clips, waveforms)
    assert (scenes.rows("train"), scenes.rows("evaluate")) == (slice(0, 296), slice(296, 411))
    assert len(scenes.scenes) == 9
    assert scenes.waveforms.shape == (411, 2, 480000)
