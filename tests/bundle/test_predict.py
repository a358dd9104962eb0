import csv
import io
import json

import numpy as np
import pytest
import soundfile
import torch

import tagasc
from tagasc.bundle.formats import as_label_track
from tagasc.bundle.prediction import Heard, Prediction
from tagasc.cli import main
from tagasc.runtime.errors import InputError
from tests.bundle.conftest import RATE, SAMPLES, SCENES, TAGS, write_audio


def run(capsys, *arguments):
    """Run tagasc and return its exit status, what it prints, and the lines on stderr that are not about the device."""
    status = main([str(argument) for argument in arguments])
    printed = capsys.readouterr()
    lines = [line for line in printed.err.splitlines() if line.startswith("tagasc:")]
    return status, printed.out, lines


def test_every_format_rate_and_length_is_predicted(made_up, recordings, capsys):
    status, text, lines = run(capsys, "predict", made_up, recordings, "--format", "csv", "--windows")
    assert status == 0
    rows = list(csv.DictReader(io.StringIO(text)))
    starts = {}
    for row in rows:
        starts.setdefault(row["file"].removeprefix(f"{recordings}/"), []).append((row["start"], row["end"]))
        assert row["scene"] in SCENES
        assert row["margin"] == row[f"margin {row['scene']}"]
        assert row["tags"].count(";") == 2
    halves = [("0.000", "1.000"), ("1.000", "2.000"), ("1.500", "2.500")]
    assert starts == {
        "a.wav": halves,
        "b.flac": halves,
        "deep/c.ogg": halves,
        "deep/d.mp3": [*halves[:2], ("2.000", "3.000")],
        "deep/e.wav": [("0.000", "0.500")],
    }
    assert lines == [
        "tagasc: warning: 1 of the files in these folders: left out, because their suffix is not that of audio",
        "tagasc: 2 of 5 recordings: resampled to 8000 Hz",
        "tagasc: 1 of 5 recordings: doubled from one channel to two",
        "tagasc: 1 of 5 recordings: shorter than a window, and filled up with silence to 1 s",
    ]


def test_json_has_everything_and_agrees_with_python(made_up, recordings, capsys):
    _, text, _ = run(capsys, "predict", made_up, recordings / "a.wav", "--format", "jsonl", "--windows")
    found = json.loads(text)
    waveform, rate = soundfile.read(recordings / "a.wav", dtype="float32")
    prediction = tagasc.load(made_up).predict(waveform.T, rate)
    assert found["scene"] == prediction.scene
    assert found["margins"] == prediction.margins
    assert found["tags"] == prediction.tags
    assert found["duration"] == prediction.duration == 2.5
    assert [window["margins"] for window in found["windows"]] == [window.margins for window in prediction.windows]
    assert prediction.tags == pytest.approx(
        {tag: np.mean([window.tags[tag] for window in prediction.windows]) for tag in TAGS}
    )


def test_a_table_is_aligned_and_a_file_that_exists_is_not_overwritten(made_up, recordings, capsys, tmp_path):
    output = tmp_path / "table.txt"
    assert run(capsys, "predict", made_up, recordings, "-o", output)[0] == 0
    lines = output.read_text().splitlines()
    assert len(lines) == 6
    assert len({line.index("  0.000") for line in lines[1:]}) == 1
    status, _, errors = run(capsys, "predict", made_up, recordings, "-o", output)
    assert status == 1
    assert errors[-1].startswith(f"tagasc: error: {output}: is there already, and nothing is overwritten")
    assert output.read_text().splitlines() == lines


def test_label_tracks_are_one_file_per_recording(made_up, recordings, capsys, tmp_path):
    assert run(capsys, "predict", made_up, recordings, "--format", "audacity", "-o", tmp_path / "tracks")[0] == 0
    tracks = {path.name: path.read_text() for path in (tmp_path / "tracks").iterdir()}
    assert sorted(tracks) == ["a.wav.txt", "b.flac.txt", "c.ogg.txt", "d.mp3.txt", "e.wav.txt"]
    for text in tracks.values():
        for line in text.splitlines():
            start, end, scene = line.split("\t")
            assert float(start) < float(end)
            assert scene in SCENES
    status, _, errors = run(capsys, "predict", made_up, recordings, "--format", "audacity")
    assert status == 1
    assert "several recordings need a folder" in errors[-1]


def test_labels_of_one_scene_are_joined_and_never_overlap():
    margins = np.zeros((5, 3))
    heard = Heard(np.zeros((5, 0), np.float32), np.zeros((5, 1), np.float32), margins, np.array([0, 0, 1, 1, 0]))
    starts = np.array([0.0, 1.0, 2.0, 3.0, 3.5])
    prediction = Prediction(SCENES, TAGS, starts, starts + 1, heard)
    assert as_label_track(prediction) == (
        "0.000000\t2.000000\tbus\n2.000000\t3.500000\tpark\n3.500000\t4.500000\tbus\n"
    )


BAD = {
    "text.wav": "is not audio that libsndfile can read",
    "empty.wav": "is empty (0 bytes)",
    "nosamples.wav": "holds no samples",
    "onehz.wav": "has a sample rate of 1 Hz, expected at least 1000 Hz",
    "nan.wav": "holds samples that are not finite numbers",
    "cut.mp3": "samples in its header",
    "cut.wav": "is cut short",
}


@pytest.fixture
def bad(tmp_path):
    folder = tmp_path / "bad"
    folder.mkdir()
    (folder / "text.wav").write_text("this is no sound " * 100)
    (folder / "empty.wav").touch()
    write_audio(folder / "nosamples.wav", 0)
    write_audio(folder / "onehz.wav", 100, rate=1)
    soundfile.write(folder / "nan.wav", np.full((SAMPLES, 1), np.nan), RATE, subtype="FLOAT")
    for name in ("cut.mp3", "cut.wav"):
        content = write_audio(folder / name, 5.0, rate=44100).read_bytes()
        (folder / name).write_bytes(content[: len(content) // 2])
    write_audio(folder / "good.wav")
    return folder


def test_each_bad_recording_is_one_line_and_the_others_are_predicted(made_up, bad, capsys):
    status, text, lines = run(capsys, "predict", made_up, bad, "--format", "csv")
    assert status == 1
    (row,) = csv.DictReader(io.StringIO(text))
    assert row["file"] == str(bad / "good.wav")
    for name, problem in BAD.items():
        (line,) = [line for line in lines if f"{bad / name}: " in line]
        assert problem in line
        assert line.startswith("tagasc: error: ")
        assert line.endswith("(skipped)")
    assert lines[-1] == "tagasc: 7 of 8 recordings could not be read and were skipped"


def test_a_recording_without_permission_is_one_line(made_up, bad, monkeypatch):
    def refuse(path, _flags):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("tagasc.runtime.paths.os.open", refuse)  # root may read everything
    with pytest.raises(InputError, match="cannot be read, because you lack the permission"):
        tagasc.load(made_up).predict_file(bad / "good.wav")


def test_places_without_recordings_are_one_line(made_up, tmp_path, capsys):
    (tmp_path / "empty").mkdir()
    (tmp_path / "text").mkdir()
    (tmp_path / "text/a.txt").touch()
    for place, problem in [
        ("empty", "holds no audio files, it is empty; name"),
        ("text", "holds no audio files; its only file has another suffix; name"),
        ("nowhere.wav", "does not exist"),
    ]:
        status, text, lines = run(capsys, "predict", made_up, tmp_path / place)
        assert (status, text) == (1, "")
        assert f"{tmp_path / place}: {problem}" in lines[0]


def test_arrays_in_memory_are_checked(made_up):
    system = tagasc.load(made_up)
    sound = 0.1 * np.random.default_rng(0).standard_normal(SAMPLES)
    assert system.predict(sound, RATE).margins == system.predict(np.stack([sound, sound]), RATE).margins
    for waveform, rate, problem in [
        (sound.reshape(-1, 2), RATE, r"has the shape \(4000, 2\), expected \(channels, samples\)"),
        (np.zeros((2, 0)), RATE, "has the shape"),
        (np.full(SAMPLES, np.nan), RATE, "not finite"),
        ((32767 * sound).astype(np.int16), RATE, "expected samples within -1 and 1"),
        (sound, 1, "a sample rate of 1 Hz"),
    ]:
        with pytest.raises(InputError, match=problem):
            system.predict(waveform, rate)


def test_a_system_without_its_tagger_needs_tag_vectors(make, recordings, capsys, tmp_path):
    folder = make("imported", tagger=False)
    clip = recordings / "a.wav"
    status, _, lines = run(capsys, "predict", folder, clip)
    assert status == 1
    assert "needs tag vectors, and its tagger, made-up, is not in the bundle" in lines[-2]
    vectors = tmp_path / "tags.csv"
    vectors.write_text(f"filename,{','.join(TAGS)}\n{clip},0.1,0.2,0.3,0.4\n")
    status, text, _ = run(capsys, "predict", folder, clip, "--tags", vectors, "--format", "jsonl")
    assert status == 0
    assert json.loads(text)["tags"] == pytest.approx(dict(zip(TAGS, [0.1, 0.2, 0.3, 0.4], strict=True)))
    vectors.write_text(f"filename,{','.join(reversed(TAGS))}\n{clip},0.1,0.2,0.3,0.4\n")
    assert "expected those of the training" in run(capsys, "predict", folder, clip, "--tags", vectors)[2][-1]
    assert "is not in the bundle, because" in run(capsys, "tag", folder, clip)[2][-1]


def test_a_baseline_without_a_tagger_predicts_without_tags(make, recordings, capsys):
    folder = make("imported", tagger=False, cell="baseline", channels=1)
    status, text, lines = run(capsys, "predict", folder, recordings / "a.wav", "--format", "jsonl")
    assert status == 0
    assert json.loads(text)["tags"] == {}
    assert "tagasc: 1 of 1 recordings: averaged to 1 channel" in lines


def test_windows_are_heard_alike_in_batches_and_one_by_one(made_up, monkeypatch):
    system = tagasc.load(made_up)
    waveforms = 0.1 * np.random.default_rng(0).standard_normal((5, 2, SAMPLES)).astype(np.float32)
    alone = system.hear(waveforms)
    monkeypatch.setattr(type(system), "batch_size", 3)
    together = system.hear(waveforms)
    assert together.tags == pytest.approx(alone.tags, abs=1e-6)
    assert together.codes == pytest.approx(alone.codes, abs=1e-5)


def test_memory_does_not_grow_with_the_recording(made_up, tmp_path):
    """Hours are not needed to see it: a window of the recording is a view of one block."""
    system = tagasc.load(made_up)
    path = write_audio(tmp_path / "long.flac", 200, rate=44100)
    with torch.inference_mode():
        prediction = system.predict_file(path, hop=20)
    assert len(prediction.starts) == 11
    assert prediction.duration == 200
