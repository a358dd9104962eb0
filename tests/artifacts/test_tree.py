from pathlib import Path

import pytest

from tagasc.artifacts.controls import CONTROLS, PAIRED_CONTROLS
from tagasc.artifacts.tree import ResultsTree
from tagasc.config import Backend, Experiment
from tagasc.runtime.errors import InputError

FOLDER = "results/experiments/paper"
CELL = f"{FOLDER}/cells/baseline/seed0"


def tree(cells=("baseline", "codecat"), **backend):
    return ResultsTree(Experiment(cells=list(cells), backend=Backend(**backend)))


def test_a_named_way_of_scoring_has_a_folder_of_its_own_and_shares_the_trainings():
    unnamed, named = tree(), tree(name="C2")
    moved = set(named.all_files() + named.predictions()) - set(unnamed.all_files() + unnamed.predictions())
    assert all(path.startswith(f"{FOLDER}/backends/C2/") for path in moved)
    shared = set(named.all_files()) & set(unnamed.all_files())
    assert {Path(path).name for path in shared if path.startswith(FOLDER)} == {"model.safetensors"}
    assert len(set(unnamed.all_files())) == len(set(named.all_files()))
    for name in ("codes.npy", "history.jsonl", "model.safetensors"):
        assert named.cell_files(name) == unnamed.cell_files(name)
    for name in ("scores.csv", "predictions.csv"):
        assert named.cell_files(name)[0] == f"{FOLDER}/backends/C2/cells/baseline/seed0/{name}"


def test_controls_of_the_baseline_need_the_baseline():
    def controls(cells):
        return [Path(path).parts[4] for path in tree(cells).predictions() if "/controls/" in path]

    assert controls(["baseline", "codecat"]) == list(CONTROLS)
    assert controls(["codecat"]) == ["tags_alone", "tuned_tags"]
    assert set(CONTROLS) - set(PAIRED_CONTROLS) == {"tags_alone", "tuned_tags"}


@pytest.fixture
def trained(tmp_path, monkeypatch):
    """The files of a finished training whose codes of all epochs were deleted after scoring."""
    monkeypatch.chdir(tmp_path)
    Path(CELL).mkdir(parents=True)
    for name in ("codes.npy", "scores.csv"):
        Path(CELL, name).touch()


@pytest.mark.usefixtures("trained")
def test_a_named_way_of_scoring_without_the_codes_of_all_epochs_is_refused():
    problem = f"^{CELL}/codes-every1.npy: does not exist, and backend.name: C2 needs it .* delete {CELL} to repeat"
    with pytest.raises(InputError, match=problem):
        tree(name="C2", protocols=["last", "best_on_test"]).check_codes()
    tree(name="C2").check_codes()
    tree(protocols=["last", "best_on_test"]).check_codes()
    tree(["codecat"], name="C2", protocols=["last", "best_on_test"]).check_codes()


@pytest.mark.usefixtures("trained")
@pytest.mark.parametrize("path", [f"{CELL}/codes-every1.npy", f"{FOLDER}/backends/C2/cells/baseline/seed0/scores.csv"])
def test_a_named_way_of_scoring_with_the_codes_of_all_epochs_or_with_scores_is_planned(path):
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).touch()
    tree(name="C2", protocols=["last", "best_on_test"]).check_codes()


@pytest.mark.usefixtures("trained")
def test_a_named_way_of_scoring_without_the_codes_of_crops_is_refused():
    problem = (
        f"^{CELL}/codes-crops.npy: does not exist, and backend.name: C2 needs it for train_codes: crops, but trains "
        f"nothing again; write train_codes: whole, or delete {CELL} to repeat the training$"
    )
    scores = Path(f"{FOLDER}/backends/C2/cells/baseline/seed0/scores.csv")
    scores.parent.mkdir(parents=True)
    for both in (["last"], ["last", "best_on_test"]):
        for _ in range(2):  # the scores of another choice under the same name change nothing
            with pytest.raises(InputError, match=problem):
                tree(name="C2", train_codes="crops", protocols=both).check_codes()
            scores.touch()
        scores.unlink()
    tree(train_codes="crops").check_codes()
    Path(CELL, "codes-crops.npy").touch()
    tree(name="C2", train_codes="crops").check_codes()


@pytest.mark.usefixtures("trained")
def test_best_on_test_with_crops_needs_both_kinds_of_codes_of_all_epochs():
    named = tree(name="C2", train_codes="crops", protocols=["last", "best_on_test"])
    Path(CELL, "codes-crops.npy").touch()
    for name in ("codes-every1.npy", "codes-crops-every1.npy"):
        problem = (
            f"^{CELL}/{name}: .* for protocol best_on_test, .* repeat the training, with backend.keep_codes: true$"
        )
        with pytest.raises(InputError, match=problem):
            named.check_codes()
        Path(CELL, name).touch()
    named.check_codes()
