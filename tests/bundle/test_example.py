"""The Python example of docs/trained.md and of every model card."""

import re
from pathlib import Path

import soundfile

from tagasc.bundle import card
from tests.bundle.conftest import RATE, SCENES, write_audio

ROOT = Path(__file__).parents[2]


def test_the_example_of_the_page_runs(made_up, tmp_path, monkeypatch, capsys):
    (tmp_path / "my-system").symlink_to(made_up)
    write_audio(tmp_path / "recording.wav")
    monkeypatch.chdir(tmp_path)
    (program,) = re.findall(r"```python\n(.+?)```", (ROOT / "docs/trained.md").read_text(), re.DOTALL)
    exec(program, {})  # noqa: S102 - the page's own program
    scene, *windows = capsys.readouterr().out.splitlines()
    assert scene.split()[0] in SCENES
    assert [line.split()[:2] for line in windows] == [["0.0", "1.0"], ["1.0", "2.0"], ["1.5", "2.5"]]


def test_the_example_of_the_card_runs(made_up, tmp_path, capsys):
    template = (Path(card.__file__).parent / "card.md.jinja").read_text()
    (program,) = re.findall(r"```python\n(.+?)```", template, re.DOTALL)
    waveform, rate = soundfile.read(write_audio(tmp_path / "a.wav"))
    exec(program.replace("FOLDER", str(made_up)), {"waveform": waveform.T, "sample_rate": rate})  # noqa: S102 - the card's own
    assert capsys.readouterr().out.strip() in SCENES
    assert rate == RATE
