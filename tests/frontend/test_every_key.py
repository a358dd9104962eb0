"""Every key of a scene network and of its training reaches every table: training, scoring and Tables 2-6 in process."""

import math

import numpy as np
import pandas as pd
import pytest
import torch
from safetensors.torch import load_file

from tagasc.artifacts.history import CELL_HISTORY, read_history
from tagasc.backend.score_cell import score_cell
from tagasc.backend.svm import SvmClassifier
from tagasc.config import Backend, Frontend, Network, Svm, Training
from tagasc.frontend.train_cell import train_cell
from tagasc.paper.grid import TABLES, parse
from tagasc.tables.write_table import write_cell_table, write_table6

TRAINED = {
    2: ["baseline", "before_code-layers0"],
    3: ["attention-heads2-layers1"],
    4: ["separate-heads2-concat3-attention3"],
    5: ["shared-heads2-layers1"],
}
"""By table. All of them together enter the network in each way, except codecat."""
SMALL = {
    "network": {"filters": 8, "blocks": 3, "code_size": 4, "precision": "float32"},
    "training": {"epochs": 2, "batch_size": 5, "learning_rate": 1e-3, "mixup_from_epoch": 2, "mixup_alpha": 1.0},
}
NETWORK = {
    "architecture": "table6",
    "filters": 16,
    "blocks": 4,
    "code_size": 6,
    "negative_slope": 0.1,
    "attention_site": "before_last_conv",
    "attention_rescale": True,
    "standardise_tags": True,
    "concat_after_code": True,
    "precision": "bfloat16",
    "compile": True,
}
TRAINING = {
    "epochs": 3,
    "batch_size": 6,
    "learning_rate": 1e-2,
    "milestones": [1],
    "decay": 0.5,
    "amsgrad": False,
    "weight_decay": 0.1,
    "preemphasis": 0.5,
    "gain": 1.0,
    "crop": 0.25,
    "mixup_alpha": 0.3,
    "mixup_from_epoch": 1,
    "mixup_tags": False,
    "centre_loss_weight": 0.1,
}
ELSEWHERE = ["start"]
NEEDED = {"attention_site": {"architecture": "table6"}, "decay": {"milestones": [1]}}
"""Without these, a key has another value only, and no other effect."""
SLOW = pytest.mark.slow
QUICK = {"architecture", "precision", "crop"}
CASES = [
    pytest.param(section, key, value, id=f"{section}.{key}", marks=[] if key in QUICK else SLOW)
    for section, values in (("network", NETWORK), ("training", TRAINING))
    for key, value in values.items()
    if key != "compile"
]


def settings(section, **keys):
    """Return the small settings with some keys of a section changed."""
    sections = SMALL | {section: SMALL[section] | keys}
    return Frontend(network=Network(**sections["network"]), training=Training(**sections["training"]))


def accuracies(scores):
    """Return the accuracies of an official test list as tables print them: in per cent, with two decimals."""
    table = pd.read_csv(scores).query("test_list == 'official' and protocol == 'last'")
    return [f"{100 * accuracy:.2f}" for accuracy in table["accuracy"]]


def count(weights):
    """Count what is learned among the weights of a file."""
    statistics = ("running_mean", "running_var", "num_batches_tracked", "standardise.mean", "standardise.deviation")
    return sum(values.numel() for name, values in weights.items() if not name.endswith(statistics))


@pytest.fixture(scope="module")
def known():
    """Keep outcomes by settings, so that settings with which several tests compare are trained once."""
    return {}


@pytest.fixture
def outcome(known, pack, outputs, tmp_path, monkeypatch):
    """Train and score the cells, write the tables and check what they show.

    Return losses, number of parameters and codes by cell.
    """
    monkeypatch.setattr("os.fsync", lambda _: None)  # hundreds of small files

    def run(frontend):
        key = frontend.model_dump_json()
        if key not in known:
            folder = tmp_path / str(len(known))
            folder.mkdir()
            known[key] = reach_tables(frontend, folder)
        return known[key]

    def reach_tables(frontend, folder):
        packed = pack(folder, 1200)
        scores, learned, found = {}, {}, {}
        for cell in [cell for cells in TRAINED.values() for cell in cells]:
            files = outputs(folder / cell)
            train_cell(parse(cell), 0, frontend, 4000, **packed, **files, threads=1)
            scores[cell] = folder / cell / "scores.csv"
            score_cell(
                cell,
                0,
                SvmClassifier.of_cells(Backend(svm=Svm(kernels=["rbf"]))),
                [frontend.training.epochs],
                clips_path=packed["clips"],
                codes_path=files["codes"],
                codes_by_epoch_path=None,
                scores_path=scores[cell],
                predictions_path=folder / cell / "predictions.csv",
            )
            learned[cell] = count(load_file(files["model"]))
            losses = [row["loss"] for row in read_history(CELL_HISTORY, files["history"])]
            found[cell] = (losses, learned[cell], np.load(files["codes"]).tolist())
        check_tables(frontend, folder, packed, scores, learned)
        return found

    def check_tables(frontend, folder, packed, scores, learned):
        for number, cells in TRAINED.items():
            of_table = {"score_paths": [scores[cell] for cell in cells], "clips_path": packed["clips"]}
            write_cell_table(number, ["last"], "auto", **of_table, folder=folder)
            table = pd.read_csv(folder / f"table{number}.csv", dtype=str, keep_default_na=False)
            shown = [text for text in table[list(TABLES[number].columns)].to_numpy().flat if text]
            assert shown == [text for cell in cells for text in accuracies(scores[cell])]
        cells = ["baseline", *TRAINED[5]]
        of_table = {"score_paths": [scores[cell] for cell in cells], "clips_path": packed["clips"]}
        write_table6(["last"], "auto", frontend, 2, **of_table, tags_path=packed["tags"], folder=folder)
        table = pd.read_csv(folder / "table6.csv", dtype=str).query("Source == 'this run'")
        assert table["System"].tolist() == [f"{cell}, {frontend.network.architecture}" for cell in cells]
        assert table["# Param"].tolist() == [str(learned[cell]) for cell in cells]
        assert table["Acc (%)"].tolist() == [text for cell in cells for text in accuracies(scores[cell])]

    return run


def test_every_key_is_tried_with_a_value_of_its_own():
    for section, tried in ((Network, NETWORK), (Training, TRAINING)):
        # Where a training starts is in test_start.py.
        assert {*tried, *ELSEWHERE} == {*ELSEWHERE, *section.model_fields}
        assert not [key for key, value in tried.items() if value == section.model_fields[key].default]


@pytest.mark.parametrize(("section", "key", "value"), CASES)
def test_a_key_reaches_every_table_and_changes_the_cells_that_use_it(section, key, value, outcome):
    needed = NEEDED.get(key, {})
    default, changed = settings(section, **needed), settings(section, **needed | {key: value})
    one, other = outcome(default), outcome(changed)
    for cell in one:
        uses = default.used_by(parse(cell)) != changed.used_by(parse(cell))
        assert (one[cell] != other[cell]) == uses, cell
    assert any(one[cell] != other[cell] for cell in one)
    assert all(math.isfinite(loss) for losses, *_ in other.values() for loss in losses)


@pytest.mark.slow
def test_compiled_networks_reach_every_table(outcome, monkeypatch):
    """The backend aot_eager needs no C++ compiler."""
    compile_network, compiled = torch.compile, []

    def compile_eagerly(network):
        compiled.append(network.cell.name)
        return compile_network(network, backend="aot_eager")

    monkeypatch.setattr(torch, "compile", compile_eagerly)
    default, changed = outcome(settings("network")), outcome(settings("network", compile=True))
    assert compiled == list(default)
    for cell, (losses, parameters, codes) in changed.items():
        assert parameters == default[cell][1]
        np.testing.assert_allclose(losses, default[cell][0], rtol=1e-3)
        np.testing.assert_allclose(codes, default[cell][2], atol=0.05)
