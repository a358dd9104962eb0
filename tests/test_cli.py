import csv
import functools
import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile
import yaml

from tagasc import __version__, cli
from tagasc.artifacts.configuration import write_configuration
from tagasc.artifacts.predictions import PREDICTIONS
from tagasc.artifacts.scenes import CLIPS as CLIPS_TABLE
from tagasc.config import Experiment, export
from tagasc.paper.grid import CELLS
from tagasc.runtime.errors import InputError
from tagasc.tables import list_cells

# Trainable parameters, counted by hand from Table 1 and section 3 of the paper, and Jung et al. (2019) [22]'s 636,736.
TABLE1 = {
    "baseline": 714_058,
    "codecat": 714_858,
    **{f"before_code-layers{n}": 719_178 + 6_480 * n for n in range(6)},
    **{f"attention-heads{h}-layers{n}": 724_426 + 6_480 * n for h in (2, 4, 8, 16, 32) for n in range(4)},
    **{
        f"separate-heads{h}-concat{a}-attention{b}": 729_546 + 6_480 * (a + b)
        for h in (2, 4)
        for a in (3, 4)
        for b in (3, 4)
    },
    **{f"shared-heads{h}-layers{n}": 729_546 + 6_480 * n for h in (2, 4, 8, 16, 32) for n in range(4)},
}
TABLE6 = {
    "baseline": 636_736,
    "codecat": 637_536,
    "before_code-layers0": 646_976,
    "before_code-layers5": 679_376,
    "attention-heads2-layers0": 647_104,
    "attention-heads32-layers3": 666_544,
    "separate-heads2-concat3-attention3": 696_224,
    "separate-heads4-concat3-attention4": 702_704,
    "separate-heads4-concat4-attention3": 702_704,
    "separate-heads4-concat4-attention4": 709_184,
    "shared-heads2-layers0": 657_344,
    "shared-heads4-layers3": 676_784,
}


@pytest.fixture(autouse=True, scope="module")
def counted_once():
    """Count parameters and MACs once per architecture, because counting takes seconds."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(list_cells, "list_cells", functools.cache(list_cells.list_cells))
        yield


def listed(capsys, *arguments):
    assert cli.main(["cells", *arguments]) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize(("architecture", "counts"), [("table1", TABLE1), ("table6", TABLE6)])
def test_cells_have_the_known_numbers_of_parameters(architecture, counts, capsys):
    rows = list(csv.DictReader(io.StringIO(listed(capsys, "--architecture", architecture, "--format", "csv"))))
    assert [row["cell"] for row in rows] == list(CELLS)
    found = {row["cell"]: int(row["parameters"]) for row in rows}
    assert counts == {name: found[name] for name in counts}


def test_the_formats_tell_the_same(capsys):
    rows = json.loads(listed(capsys, "--format", "json"))
    best = next(row for row in rows if row["cell"] == "shared-heads4-layers3")
    assert best == {
        "cell": "shared-heads4-layers3",
        "tables": [5, 6],
        "parameters": 748_986,
        "macs": best["macs"],
        "paper_accuracy": 76.75,
    }
    table = listed(capsys).splitlines()
    assert table[0].split() == list(best)
    assert len({len(line) for line in table}) == 1
    assert f"shared-heads4-layers3  5 6  748,986  {best['macs']:,}  76.75".split() in [line.split() for line in table]
    markdown = listed(capsys, "--format", "markdown").splitlines()
    assert len(markdown) == len(table) + 1 == 58
    assert f"| shared-heads4-layers3 | 5 6 | 748,986 | {best['macs']:,} | 76.75 |" in markdown


def test_macs_are_those_of_the_layers(capsys):
    """The baseline of Table 1: a strided convolution, seven blocks of two convolutions, and two matrices."""
    frames, macs = 479_999 // 12, 0
    macs += frames * 12 * 2 * 128
    for _ in range(7):
        macs += 2 * frames * 3 * 128 * 128
        frames //= 3
    macs += 256 * 64 + 64 * 10
    rows = list(csv.DictReader(io.StringIO(listed(capsys, "--format", "csv"))))
    assert int(rows[0]["macs"]) == macs


def test_config_prints_the_defaults_and_the_schema(capsys):
    assert cli.main(["config"]) == 0
    assert yaml.safe_load(capsys.readouterr().out) == Experiment().model_dump(mode="json")
    assert cli.main(["config", "--schema"]) == 0
    assert json.loads(capsys.readouterr().out)["properties"].keys() == Experiment.model_fields.keys()


def test_a_wrong_input_is_one_line_and_status_1(capsys, monkeypatch):
    def fail():
        raise InputError("file: expected this; do that")

    monkeypatch.setattr(export, "config_yaml", fail)
    assert cli.main(["config"]) == 1
    assert capsys.readouterr() == ("", "tagasc: error: file: expected this; do that\n")


@pytest.mark.parametrize(("arguments", "status"), [(["--help"], 0), (["cells", "--help"], 0), ([], 2), (["cell"], 2)])
def test_usage(arguments, status, capsys):
    assert cli.main(arguments) == status
    assert "Usage: tagasc" in "".join(capsys.readouterr())


CLIPS = [f"{n}.wav\t{scene}" for n, scene in enumerate(["bus", "park"] * 3)]
LISTS = {
    "meta.csv": ["filename\tscene_label\tidentifier", *(f"{clip}\toslo-{n}" for n, clip in enumerate(CLIPS))],
    "evaluation_setup/fold1_train.csv": ["filename\tscene_label", *CLIPS[:4]],
    "evaluation_setup/fold1_evaluate.csv": ["filename\tscene_label", *CLIPS[4:]],
}


@pytest.fixture
def recordings(tmp_path, monkeypatch):
    """Return the options of an experiment on six recordings with tags from a file."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine/evaluation_setup").mkdir(parents=True)
    for name, lines in LISTS.items():
        (tmp_path / "mine" / name).write_text("\n".join(lines) + "\n")
    for number in range(6):
        soundfile.write(tmp_path / f"mine/{number}.wav", np.zeros((48000, 2)), 48000)
    (tmp_path / "tags.csv").write_text("filename,Bark\n" + "".join(f"{n}.wav,0.{n}\n" for n in range(6)))
    (tmp_path / "a.yaml").write_text("tagger: {kind: file, path: tags.csv}")
    (tmp_path / "b.yaml").write_text("scenes: {source: folder, folder: mine, audio: {duration: auto}}")
    pairs = ["data=.", "frontend={network: {blocks: 5}, training: {batch_size: 4}}"]
    return ["check", "--configfile", "a.yaml", "b.yaml", "--config", *pairs]


def test_check_tells_that_nothing_stops_a_run(recordings, capsys):
    assert cli.main(recordings) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "Scenes in mine"
    assert "6 clips with 1 tags, 0 of the listed clips missing" in lines
    assert lines[-1] == "Nothing will stop a run."


def test_check_lists_all_problems_and_fails(recordings, capsys):
    Path("mine/5.wav").unlink()
    Path("tags.csv").write_text("filename,Bark\n0.wav,0.1\n")
    assert cli.main(recordings) == 1
    lines = capsys.readouterr().out.splitlines()
    where = lines.index("Will stop a run:")
    assert lines[where + 1].startswith("- mine/5.wav: does not exist")
    assert lines[where + 2].startswith("- tagger.path: tags.csv: 1.wav has no tag vector (5 clips lack one)")
    assert lines[where + 3 :] == ["", "2 problems will stop a run."]


def test_check_reports_a_wrong_configuration_in_one_line(recordings, capsys):
    assert cli.main([*recordings, "sedes=[0]"]) == 1
    assert capsys.readouterr() == ("", "tagasc: error: configuration: unknown key 'sedes'; did you mean 'seeds'?\n")


def test_results_explains_the_tree(capsys):
    assert cli.main(["results"]) == 0
    assert "`experiments/<name>/scores.csv`" in capsys.readouterr().out


@pytest.fixture
def finished(tmp_path, monkeypatch):
    """Make the experiments first and second in the current folder, with one cell and one seed."""
    monkeypatch.chdir(tmp_path)
    clips = [
        (f"{n}.wav", scene, "oslo", f"oslo-{n}", "evaluate", 1.0, "a") for n, scene in enumerate(["bus", "park"] * 2)
    ]
    CLIPS_TABLE.write("results/corpora/mine/clips.csv", pd.DataFrame(clips, columns=CLIPS_TABLE.names))
    for name, predicted in (("first", ["bus"] * 4), ("second", ["bus", "park"] * 2)):
        folder = Path("results/experiments") / name
        write_configuration(folder / "config.yaml", {"cells": ["codecat"], "seeds": [0], "scenes": {"name": "mine"}})
        rows = [
            ("codecat", 0, clip[0], clip[1], "evaluate", "last", "rbf", answer, "official")
            for clip, answer in zip(clips, predicted, strict=True)
        ]
        table = pd.DataFrame(rows, columns=PREDICTIONS.names)
        PREDICTIONS.write(folder / "cells/codecat/seed0/predictions.csv", table)


@pytest.mark.usefixtures("finished")
def test_compare_writes_a_page_and_prints_what_was_found(capsys):
    assert cli.main(["compare", "first", "second", "-o", "page.html"]) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first == "page.html: 1 cell or control of 2 experiments"
    assert "The largest difference is +50.00 points (95 % interval " in second
    assert second.endswith("of codecat.")
    assert "100.00" in Path("page.html").read_text()


@pytest.mark.usefixtures("finished")
def test_compare_reports_a_wrong_name_in_one_line(capsys):
    assert cli.main(["compare", "first", "secund"]) == 1
    expected = "tagasc: error: secund: there is no such experiment in results/experiments; did you mean 'second'?\n"
    assert capsys.readouterr() == ("", expected)
    assert not Path("comparison.html").exists()


def test_the_module_runs_like_the_command():
    done = subprocess.run([sys.executable, "-m", "tagasc", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout == f"tagasc {__version__}\n"


def test_a_reader_that_leaves_early_gets_no_traceback():
    program = subprocess.Popen(
        [sys.executable, "-m", "tagasc", "config"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    program.stdout.close()
    assert program.stderr.read() == b""
    program.stderr.close()
    assert program.wait() == 1


def print_into(stdout):
    """Print the configuration into a file, and return the finished process."""
    command = [sys.executable, "-m", "tagasc", "config"]
    return subprocess.run(command, stdout=stdout, stderr=subprocess.PIPE, text=True, check=False)


def test_output_into_a_full_disk_ends_in_one_line():
    with Path("/dev/full").open("w") as full:
        done = print_into(full)
    assert done.returncode == 1
    assert re.fullmatch(r"tagasc: error: standard output .*: the disk is full .*\n", done.stderr)


def test_output_into_a_closed_pipe_ends_quietly():
    reader, writer = os.pipe()
    os.close(reader)
    done = print_into(writer)
    os.close(writer)
    assert done.stderr == ""
