import platform
import subprocess

import numpy as np
import pytest

import tagasc
from tagasc.artifacts.history import CELL_HISTORY, write_history
from tagasc.runtime.errors import InputError
from tagasc.tables.overview import provenance
from tagasc.tables.overview.provenance import commit, count_devices, versions

GIT = ["git", "-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false"]


@pytest.fixture
def repository(tmp_path):
    """Return a folder of a repository with one commit."""
    folder = tmp_path / "workflow"
    folder.mkdir()
    (folder / "Snakefile").write_text("rule all:\n")
    for command in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "first"]):
        subprocess.run([*GIT, *command], cwd=tmp_path, check=True)
    return folder


def head(folder):
    return subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=folder, check=True, capture_output=True, text=True
    ).stdout.strip()


def test_a_clean_repository_gives_its_commit(repository):
    assert commit(repository) == head(repository)
    assert len(commit(repository)) == 40


def test_changes_are_mentioned_and_new_files_are_not_changes(repository):
    (repository / "notes.txt").write_text("")
    assert commit(repository) == head(repository)
    (repository / "Snakefile").write_text("rule other:\n")
    assert commit(repository) == f"{head(repository)}, with uncommitted changes"


def test_a_repository_without_a_commit_says_so(tmp_path):
    (tmp_path / "Snakefile").write_text("")
    for command in (["init", "-q"], ["add", "."]):
        subprocess.run([*GIT, *command], cwd=tmp_path, check=True)
    assert commit(tmp_path).startswith("no commit yet")


def test_a_folder_outside_a_repository_has_no_commit(tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert commit(tmp_path) == "not a git repository"
    assert commit(tmp_path / "missing") == "not a git repository"


def test_an_installed_copy_within_another_repository_has_no_commit(repository):
    installed = repository / "site-packages"
    installed.mkdir()
    (installed / "Snakefile").write_text("")
    assert commit(installed) == "not a git repository"


def test_a_machine_without_git_says_so(repository, monkeypatch):
    monkeypatch.setattr(provenance.shutil, "which", lambda name: None)  # noqa: ARG005
    assert commit(repository) == "git is not installed"


def test_versions_are_those_of_this_process():
    found = versions()
    assert found["Python"] == platform.python_version()
    assert found["tagasc"] == tagasc.__version__
    assert found["numpy"] == np.__version__


def test_a_package_that_is_missing_is_said_to_be_missing(monkeypatch):
    monkeypatch.setattr(provenance, "_PACKAGES", ("no-such-package",))
    assert versions()["no-such-package"] == "not installed"


def write(folder, seed, devices):
    rows = [
        {"cell": "codecat", "seed": seed, "epoch": epoch, "loss": 1.0, "train_accuracy": 0.5}
        | (dict(zip(("device", "precision"), device.split(", "), strict=False)) if device else {})
        for epoch, device in enumerate(devices, start=1)
    ]
    rows[-1]["evaluate_accuracy"] = 0.5
    path = folder / "codecat" / f"seed{seed}" / "history.jsonl"
    write_history(CELL_HISTORY, path, rows)
    return path


def test_trainings_are_counted_by_device_and_precision(tmp_path):
    devices = [["H100"], ["CPU", "CPU"], ["CPU"], ["CPU", "H100", "H100"], [None], ["H100, bfloat16"]]
    paths = [write(tmp_path, seed, of_training) for seed, of_training in enumerate(devices)]
    assert count_devices(paths) == {
        "CPU": 2,
        "H100": 1,
        "CPU, then H100": 1,
        "a device that is not recorded": 1,
        "H100, bfloat16": 1,
    }
    assert next(iter(count_devices(paths))) == "CPU"


def test_a_missing_history_is_named(tmp_path):
    with pytest.raises(InputError, match=r"history\.jsonl: does not exist"):
        count_devices([tmp_path / "history.jsonl"])
