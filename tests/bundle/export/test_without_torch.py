"""The program of README and page runs where neither tagasc nor PyTorch can be imported."""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tagasc.audio.windows import WindowFormat
from tagasc.bundle.export.usage import PROGRAM

PAGE = (Path(__file__).parents[3] / "docs/export.md").read_text()
BLOCKED_IMPORTS = "import sys; sys.modules |= dict.fromkeys(('torch', 'torchaudio', 'tagasc', 'sklearn', 'onnx'))\n"


@pytest.fixture(params=["readme", "page"])
def program(request, exported):
    if request.param == "page":
        (block,) = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
        return block
    return re.search(r"^```python\n(.*?)^```", (exported()[1] / "README.md").read_text(), re.MULTILINE | re.DOTALL)[1]


def run(program, folder):
    return subprocess.run(
        [sys.executable, "-c", BLOCKED_IMPORTS + program], cwd=folder, capture_output=True, text=True, check=False
    )


def test_the_page_has_the_program_of_the_readme(program):
    assert program == PROGRAM


@pytest.mark.parametrize("length", [1500, 4000, 8000, 9000])
def test_the_program_classifies_a_recording(exported, tmp_path, length):
    system, folder, _ = exported()
    (tmp_path / "model.onnx").symlink_to(folder / "model.onnx")
    audio = np.random.default_rng(3).uniform(-0.5, 0.5, (length, 2)).astype(np.float32)
    soundfile.write(tmp_path / "recording.wav", audio, 8000, "FLOAT")
    done = run(PROGRAM, tmp_path)
    assert done.stderr == ""
    rows = [line.split() for line in done.stdout.splitlines()]
    starts = WindowFormat(8000, 2, samples=4000, hop=4000).starts(length)
    assert [row[0] for row in rows] == [f"{start / 8000:.1f}" for start in starts]
    padded = np.pad(audio, ((0, max(0, 4000 - length)), (0, 0)))
    windows = np.stack([padded[start : start + 4000].T for start in starts])
    heard = system.hear(windows)
    for row, predicted, margins in zip(rows, heard.predicted, heard.margins, strict=True):
        assert row[2] == system.machine.scenes[predicted]
        assert float(row[4]) == pytest.approx(margins[predicted], abs=0.02)


def test_a_recording_of_another_rate_is_refused(exported, tmp_path):
    (tmp_path / "model.onnx").symlink_to(exported()[1] / "model.onnx")
    soundfile.write(tmp_path / "recording.wav", np.zeros((9000, 2)), 44_100)
    assert "convert the file to 8000 Hz and 2 channel(s)" in run(PROGRAM, tmp_path).stderr
