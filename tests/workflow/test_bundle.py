"""A trained cell of a finished run, collected and used: with the run's own results to compare with."""

import json
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

import tagasc
from tagasc.artifacts.bundle import CARD, read_manifest
from tagasc.artifacts.tags import read_npz, write_tags
from tagasc.cli import main

pytestmark = pytest.mark.workflow

ROOT = Path(__file__).parents[2]
CELL = "shared-heads4-layers3"


@pytest.fixture(scope="module")
def bundle(tiny, tmp_path_factory):
    """Collect a cell of the run, and return the folder."""
    folder = tmp_path_factory.mktemp("bundle") / "system"
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tiny[0])
        assert main(["bundle", "tiny", CELL, "-o", str(folder), "--licence", "CC0"]) == 0
    return folder


def test_predictions_for_its_own_clips_are_those_of_the_run_bit_for_bit(bundle, tiny):
    torch.set_num_threads(1)  # as in the run
    results = tiny[0] / "results"
    clips = pd.read_csv(results / "corpora/demo-scenes/clips.csv")
    codes = np.load(results / f"experiments/tiny/cells/{CELL}/seed0/codes.npy")[0]
    tags = read_npz(results / "tags/demo-tagger/demo-scenes.npz").vectors
    table = pd.read_csv(results / f"experiments/tiny/cells/{CELL}/seed0/predictions.csv")
    last = table[(table["protocol"] == "last") & (table["test_list"] == table["test_list"].iloc[-1])]
    known = last.set_index("filename")["predicted"]
    system = tagasc.load(bundle)
    for row, name in enumerate(clips["filename"]):
        prediction = system.predict_file(tiny[0] / "data/demo-scenes" / name)
        assert (prediction.heard.tags == tags[row]).all(), name
        assert (prediction.heard.codes.astype(np.float16) == codes[row]).all(), name
        assert prediction.scene == known.get(name, prediction.scene), name
    assert len(known) == (clips["split"] != "train").sum()


def test_the_card_has_the_scores_of_the_run(bundle, tiny):
    results = tiny[0] / "results/experiments/tiny"
    scores = pd.read_csv(results / f"cells/{CELL}/seed0/scores.csv").query("protocol == 'last'")
    own = scores[scores["test_list"] == "official"].iloc[0]
    compared = pd.read_csv(results / "comparisons.csv").set_index(["cell", "protocol", "test_list"])
    row = compared.loc[(CELL, "last", "official")]
    manifest, card = read_manifest(bundle), (bundle / CARD).read_text()
    assert manifest.scores.accuracy == own["accuracy"]
    assert (manifest.scores.low, manifest.scores.high) == (row["low"], row["high"])
    assert f"| this system | {100 * own['accuracy']:.2f} |" in card
    assert f"{100 * row['low']:.2f} to {100 * row['high']:.2f}" in card
    assert "synthesised recordings" in card
    assert "Licence of this bundle: **CC0**" in card
    assert f"| Input | 2 channels at {manifest.audio.sample_rate} Hz, in windows of 2 s;" in card


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["tinny", CELL], "tinny: there is no such experiment in results/experiments; did you mean 'tiny'?"),
        (["tiny", "codecta"], "codecta: is no cell of experiment tiny; did you mean 'codecat'?"),
        (["tiny", CELL, "--seed", "7"], "--seed 7: experiment tiny has the seeds 0"),
    ],
)
def test_what_was_not_trained_is_one_line(arguments, problem, tiny, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tiny[0])
    assert main(["bundle", *arguments, "-o", str(tmp_path / "new")]) == 1
    assert capsys.readouterr().err == f"tagasc: error: {problem}\n"
    assert not (tmp_path / "new").exists()


def test_nothing_is_overwritten(bundle, tiny, monkeypatch, capsys):
    monkeypatch.chdir(tiny[0])
    assert main(["bundle", "tiny", CELL, "-o", str(bundle)]) == 1
    assert "is a folder that is not empty, and nothing is overwritten" in capsys.readouterr().err


def test_a_changed_prediction_is_found(tiny, tmp_path, monkeypatch, capsys):
    copy = shutil.copytree(tiny[0] / "results", tmp_path / "results", symlinks=True)
    path = copy / f"experiments/tiny/cells/{CELL}/seed0/predictions.csv"
    table = pd.read_csv(path)
    table.loc[(table["protocol"] == "last").idxmax(), "predicted"] = "nowhere"
    table.to_csv(path, index=False)
    path.with_name(".predictions.csv.digest").unlink()
    monkeypatch.chdir(tmp_path)
    assert main(["bundle", "tiny", CELL, "-o", "new"]) == 1
    assert "predicts another scene for 1 of" in capsys.readouterr().err


def change_precision(history, precision):
    """Write another precision into a history, or none, as before it was recorded."""
    rows = [json.loads(line) for line in history.read_text().splitlines()]
    kept = [{key: value for key, value in row.items() if key != "precision"} for row in rows]
    given = {} if precision is None else {"precision": precision}
    history.write_text("".join(f"{json.dumps(row | given)}\n" for row in kept))
    history.with_name(f".{history.name}.digest").unlink(missing_ok=True)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("of_cell", "of_tags", "expected"),
    [
        ("bfloat16", "bfloat16", ("bfloat16", "bfloat16")),
        ("tf32", "float32", ("tf32", "float32")),
        (None, None, ("float32", "float32")),
    ],
)
def test_a_bundle_has_the_precision_of_the_training_and_the_tagging(
    tiny, tmp_path, monkeypatch, of_cell, of_tags, expected
):
    copy = shutil.copytree(tiny[0] / "results", tmp_path / "results", symlinks=True)
    change_precision(copy / f"experiments/tiny/cells/{CELL}/seed0/history.jsonl", of_cell)
    tags = copy / "tags/demo-tagger/demo-scenes.npz"
    write_tags(tags, replace(read_npz(tags), precision=of_tags))
    monkeypatch.chdir(tmp_path)
    assert main(["bundle", "tiny", CELL, "-o", "new"]) == 0
    manifest = read_manifest(Path("new"))
    assert (manifest.network.precision, manifest.tagger.network.precision) == expected


def test_the_clip_that_the_demo_names_is_there(tiny):
    """The last line of ``make demo``."""
    recipe = (ROOT / "Makefile").read_text()
    (command,) = re.findall(r"\$\$\((sed .+?fold1_evaluate\.csv)\)", recipe)
    done = subprocess.run(["sh", "-c", command], cwd=tiny[0], capture_output=True, text=True, check=True)
    assert (tiny[0] / "data/demo-scenes" / done.stdout.strip()).is_file()


def planned(again, **keys):
    done = again("-n", "--quiet", "rules", **keys)
    assert done.returncode == 0, done.stderr
    return {rule: int(count) for rule, count in re.findall(r"^(\w+) +(\d+)$", done.stdout, re.MULTILINE)}


@pytest.mark.slow
def test_trainings_start_from_a_bundle_and_its_content_decides_what_runs_again(bundle, tiny, tmp_path):
    folder, again = tiny
    start = shutil.copytree(bundle, tmp_path / "start")
    keys = tmp_path / "start.yaml"
    keys.write_text(f"name: started\ncells: [baseline, {CELL}]\nfrontend: {{training: {{start: {start}}}}}\n")
    done = again(configfiles=[keys])
    assert done.returncode == 0, done.stderr
    logs = folder / "results/experiments/started/logs/train_cell"
    assert f"starts from {start} ({CELL}): trunk; new: code, output" in (logs / "baseline-seed0.log").read_text()
    whole = "attention, code, concat_transform, output, trunk"
    assert f"starts from {start} ({CELL}): {whole}; new: standardise" in (logs / f"{CELL}-seed0.log").read_text()
    assert planned(again, configfiles=[keys]) == {}
    moved = start.rename(tmp_path / "moved")
    keys.write_text(keys.read_text().replace(str(start), str(moved)))
    # These show all keys.
    assert set(planned(again, configfiles=[keys])) == {"write_config", "write_overview", "everything", "total"}
    other = tmp_path / "other"
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        assert main(["bundle", "tiny", "codecat", "-o", str(other)]) == 0
    keys.write_text(keys.read_text().replace(str(moved), str(other)))
    assert planned(again, configfiles=[keys])["train_cell"] == 2
    keys.write_text(keys.read_text().replace(str(other), str(tmp_path / "nowhere")))
    done = again("-n", configfiles=[keys])
    assert done.returncode == 1
    assert f"frontend.training.start: {tmp_path / 'nowhere'}: does not exist" in done.stderr
