"""Folders of the user's: nothing in them is deleted or overwritten, whatever the configuration says."""

import shutil
from functools import partial
from pathlib import Path

import pytest

from tagasc.config.loading import load
from tagasc.corpora.receipts import check_claim, claim, events_statement, scenes_statement, update_receipt
from tests.faults.commands import snakemake, write_keys
from tests.faults.experiment import CORPORA, JOBS, TINY
from tests.faults.fault import Fault

GROUP = "the user's files"
LOST = {
    "scenes": (None, "meta.csv", "evaluation_setup/fold1_train.csv", "evaluation_setup/fold1_evaluate.csv"),
    "events": (
        None,
        "FSDKaggle2019.meta/train_curated_post_competition.csv",
        "FSDKaggle2019.meta/train_noisy_post_competition.csv",
        "FSDKaggle2019.meta/test_post_competition.csv",
    ),
}
STATEMENTS = {"scenes": scenes_statement, "events": events_statement}


def make_own(section: str, lost: str | None) -> None:
    """Turn the demo's folder into one that is not the demo's and lacks a list."""
    folder = Path(CORPORA[f"demo-{section}"])
    (folder / "synthesised.txt").unlink()
    if lost is not None:
        (folder / lost).unlink()
    (folder / "notes.txt").write_text("mine")


def download(section: str) -> None:
    """Plan what would unpack archives into the folder, and begin it."""
    experiment = load(TINY | {section: {"name": f"demo-{section}", "source": "download", "folder": f"demo-{section}"}})
    keys, folder = getattr(experiment, section), Path(CORPORA[f"demo-{section}"])
    update_receipt(keys, folder, Path(f"results/corpora/demo-{section}/unpacked.txt"))
    check_claim(folder)
    claim(folder, STATEMENTS[section](keys))


def unchanged(before: dict[str, bytes], folder: Path) -> bool:
    return before == contents(folder)


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("source", ["demo", "download"])
@pytest.mark.parametrize(("section", "lost"), [(section, lost) for section in LOST for lost in LOST[section]])
@pytest.mark.usefixtures("sandbox")
def test_a_folder_of_the_users_stays_as_it_is(expect, source, section, lost):
    make_own(section, lost)
    folder = Path(CORPORA[f"demo-{section}"])
    before = contents(folder)
    act = JOBS[f"make_demo_{section}"].run if source == "demo" else partial(download, section)
    name = f"{section}, source: {source}, a folder of the user's {f'without {lost}' if lost else 'that is complete'}"
    fault = Fault(
        name,
        GROUP,
        lambda: None,
        act,
        words=(f"demo-{section}",),
        is_same=lambda _: unchanged(before, folder),
        again=lambda: None,
    )
    expect(fault)


@pytest.mark.slow
@pytest.mark.workflow
@pytest.mark.usefixtures("empty")
@pytest.mark.parametrize("source", ["demo", "download"])
@pytest.mark.parametrize("lost", LOST["scenes"])
def test_a_run_leaves_a_folder_of_the_users_as_it_is(undisturbed, expect, source, lost):
    folder = Path(CORPORA["demo-scenes"])
    shutil.copytree(undisturbed / folder, folder)
    make_own("scenes", lost)
    before = contents(folder)
    write_keys(scenes=TINY["scenes"] | {"source": source})
    fault = Fault(
        f"snakemake with source: {source}, a folder of the user's {f'without {lost}' if lost else 'that is complete'}",
        GROUP,
        lambda: None,
        partial(snakemake, "-c1", "pack_scenes"),
        words=("demo-scenes",),
        is_same=lambda _: unchanged(before, folder),
        again=lambda: None,
    )
    expect(fault)
