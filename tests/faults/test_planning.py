"""Files of the results tree that planning reads, in every damaged state."""

from functools import partial
from pathlib import Path

import pytest

from tagasc.artifacts.settings import check_shared
from tagasc.corpora.receipts import update_receipt
from tagasc.corpora.repacking import plan_revision
from tagasc.runtime.system_errors import one_line_exit
from tests.faults.damage import DAMAGES
from tests.faults.experiment import EXPERIMENT, TREE
from tests.faults.fault import Fault, params
from tests.faults.tree import same_results

GROUP = "artifacts"
READ = (f"{TREE.scenes}/sources.csv", f"{TREE.scenes}/settings.yaml", f"{TREE.tagger}/settings.yaml")
RECEIPT = f"{TREE.scenes}/unpacked.txt"


def plan() -> None:
    """Do what a run does before its first job."""
    results = Path("results")
    with one_line_exit():
        check_shared(EXPERIMENT, results)
        update_receipt(EXPERIMENT.scenes, EXPERIMENT.scenes_folder, Path(RECEIPT))
        plan_revision(EXPERIMENT, "scenes", results)


def faults():
    yield Fault("planning: nothing is damaged", GROUP, lambda: None, plan, "same", (), same_results)
    for name, damage in DAMAGES.items():
        for path in READ:
            if name not in ("missing", "a dangling link"):  # nobody knows then who made it
                fault = f"planning: {path.removeprefix('results/')} is {name}"
                yield Fault(fault, GROUP, partial(damage, Path(path)), plan, words=(path,))
        fault = f"planning: {RECEIPT.removeprefix('results/')} is {name}"
        if name == "a folder":
            yield Fault(fault, GROUP, partial(damage, Path(RECEIPT)), plan, words=(RECEIPT,))
        else:  # it is a copy of what the folder of the recordings says
            yield Fault(fault, GROUP, partial(damage, Path(RECEIPT)), plan, "same", (), same_results)


@pytest.mark.parametrize("fault", params(faults()))
@pytest.mark.usefixtures("sandbox")
def test_a_plan_names_a_damaged_file(expect, fault):
    expect(fault)
