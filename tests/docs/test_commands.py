"""Commands that the documentation shows can be run."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tagasc.cli import main

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]


def commands(program):
    """Return the commands of all pages that start with a program: in fences, and in code that is longer than it."""
    found = {}
    for page in PAGES:
        text = page.read_text()
        fences = re.findall(r"^```(?:shell)?\n(.+?)^```", text, re.MULTILINE | re.DOTALL)
        code = re.findall(r"`([^`\n]+)`", re.sub(r"^```.+?^```", "", text, flags=re.MULTILINE | re.DOTALL))
        for line in [*"\n".join(fences).splitlines(), *code]:
            words = shlex.split(line, comments=True)
            if words[:1] == [program] and len(words) > 1:
                found.setdefault(shlex.join(words), words[1:])
    return found


SNAKEMAKE, TAGASC, MAKE = commands("snakemake"), commands("tagasc"), commands("make")
OWN_FILES = {
    "my-tags.csv": "filename,Bark\n",
    "my.yaml": "seeds: [0, 1]\n",
    "my-tagger.yaml": "name: my-tagger\ntagger: {name: my-tagger, kind: file, path: my-tags.csv}\n",
    "my-data/experiment.yaml": "name: own\ndata: my-data\n"
    "scenes: {name: own, source: folder}\nevents: {name: own-events, source: folder}\n"
    "tagger: {name: own, folds: {n_splits: 2}}\n",
    "scaling.yaml": "name: scaling\ncells: [baseline, codecat]\n",
}


def write_lists(folder):
    """Write the lists of recordings in both layouts; planning reads no audio."""
    scenes, events = folder / "TAU-urban-acoustic-scenes-2019-development", folder / "FSDKaggle2019/FSDKaggle2019.meta"
    (scenes / "evaluation_setup").mkdir(parents=True)
    events.mkdir(parents=True)
    clips = [(f"audio/{scene}-{place}.wav", scene, f"oslo-{place}") for scene in ("bus", "park") for place in range(13)]
    rows = ["\t".join(clip) for clip in clips]
    (scenes / "meta.csv").write_text("\n".join(["filename\tscene_label\tidentifier", *rows, ""]))
    for name, chosen in (("train", [*range(12), *range(13, 25)]), ("evaluate", [12, 25])):
        listed = ["\t".join(clips[row][:2]) for row in chosen]
        (scenes / f"evaluation_setup/fold1_{name}.csv").write_text("\n".join(["filename\tscene_label", *listed, ""]))
    for subset in ("train_curated", "train_noisy", "test"):
        (events / f"{subset}_post_competition.csv").write_text("fname,labels\na.wav,Bark\nb.wav,Rain\n")


def test_commands_are_found():
    assert len(SNAKEMAKE) > 10
    assert len(TAGASC) >= 6
    assert {"demo", "test", "generated", "docs"} <= {words[0] for words in MAKE.values()}


@pytest.mark.slow
@pytest.mark.workflow
@pytest.mark.parametrize("command", [pytest.param(words, id=name) for name, words in SNAKEMAKE.items()])
def test_snakemake_plans_the_command(command, tmp_path):
    for name in ("demo", "slurm"):
        shutil.copytree(ROOT / name, tmp_path / name)
    for name, text in OWN_FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    if "--report" in command:  # needs results, so only the words can be checked
        command = ["--help"]
    write_lists(tmp_path / "my-data")
    program = [sys.executable, "-m", "snakemake", "-s", ROOT / "Snakefile", "-n"]
    done = subprocess.run([*program, *command], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("command", [pytest.param(words, id=name) for name, words in TAGASC.items()])
def test_tagasc_knows_the_command(command, capsys):
    assert main([*command, "--help"]) == 0
    assert "Usage: tagasc" in capsys.readouterr().out


@pytest.mark.parametrize("target", sorted({word for words in MAKE.values() for word in words[:1]}))
def test_make_knows_the_target(target):
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE)
