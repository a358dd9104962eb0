import csv

import numpy as np
import pytest

import tagasc
from tagasc.artifacts.tags import read_npz
from tagasc.bundle.recordings import Recordings
from tagasc.tagger.import_tags import import_tags
from tests.bundle.conftest import TAGS
from tests.bundle.test_predict import run


def test_tag_vectors_are_what_another_experiment_imports(made_up, recordings, capsys, tmp_path):
    output = tmp_path / "tags.csv"
    status, _, _ = run(capsys, "tag", made_up, recordings, "--relative-to", recordings, "-o", output)
    assert status == 0
    meta = tmp_path / "meta.csv"
    names = ["deep/d.mp3", "a.wav", "deep/e.wav"]
    meta.write_text("filename\tscene_label\tidentifier\n" + "".join(f"{name}\tbus\toslo-1\n" for name in names))
    import_tags(output, meta, tmp_path / "imported.npz")
    tags = read_npz(tmp_path / "imported.npz")
    assert tags.labels == TAGS
    assert tags.filenames == names
    system = tagasc.load(made_up)
    for name, vector in zip(names, tags.vectors, strict=True):
        assert (system.predict_file(recordings / name).heard.tags.mean(axis=0) == vector).all()


def test_npz_and_csv_have_the_same_bits(made_up, recordings, capsys, tmp_path):
    for suffix in ("csv", "npz"):
        assert run(capsys, "tag", made_up, recordings, "-o", tmp_path / f"tags.{suffix}")[0] == 0
    arrays = read_npz(tmp_path / "tags.npz")
    rows = list(csv.reader((tmp_path / "tags.csv").open()))
    assert rows[0] == ["filename", *TAGS]
    assert [row[0] for row in rows[1:]] == arrays.filenames
    assert (np.array([row[1:] for row in rows[1:]], np.float32) == arrays.vectors).all()


def test_what_is_wrong_with_the_output_is_one_line(made_up, recordings, capsys, tmp_path):
    for arguments, problem in [
        (["-o", tmp_path / "tags.txt"], "is neither csv nor npz"),
        (["-o", recordings / "a.wav"], "is there already, and nothing is overwritten"),
        (["--relative-to", tmp_path], f"is not in {tmp_path}, to which filenames are relative"),
    ]:
        status, text, lines = run(capsys, "tag", made_up, recordings, *arguments)
        assert (status, text) == (1, "")
        assert problem in lines[-1]


@pytest.mark.parametrize(("seconds", "count"), [(1.0, 3), (0.5, 5), (5.0, 2)])
def test_windows_follow_the_hop(made_up, recordings, seconds, count):
    system = tagasc.load(made_up)
    found = Recordings.find([recordings / "a.wav"], system.window_format(seconds))
    assert found.windows == len(system.predict_file(recordings / "a.wav", seconds).starts)
    assert found.windows == {1.0: 3, 0.5: 4, 5.0: 2}[seconds] == min(count, 4)
