import json
import os
import shutil
import time
from collections import Counter
from contextlib import chdir

import pytest
import torch
from filelock import FileLock

from tagasc.artifacts.artifact import Artifact
from tests.faults.damage import obeyed_permissions
from tests.faults.experiment import run_everything
from tests.faults.fault import OUTCOMES, classify
from tests.faults.tree import link_tree

STARTED = time.monotonic()


@pytest.fixture(scope="session", autouse=True)
def one_cpu_thread():
    """Use one CPU thread: on the CPU, the same number of threads gives the same result bit for bit."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("torch.cuda.is_available", lambda: False)
        patch.setenv("CUDA_VISIBLE_DEVICES", "")
        torch.set_num_threads(1)
        yield


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory):
    """Run the tiny experiment once for all workers; return its folder, which nobody may change."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    folder = shared / "undisturbed"
    with FileLock(shared / "undisturbed.lock"):
        if not (folder / "done").exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            with chdir(folder), pytest.MonkeyPatch.context() as patch:
                reads = note_reads(patch)
                run_everything(lambda job: reads.setdefault(job.rule, []))
            (folder / "done").write_text(json.dumps(reads))
    return folder


def note_reads(patch):
    """Note which artifacts are read, as lists of paths by the rule of the last job."""
    reads = {}
    check = Artifact.check

    def noted(self, path, **keys):
        reads[list(reads)[-1]].append(str(path))
        check(self, path, **keys)

    patch.setattr(Artifact, "check", noted)
    return reads


@pytest.fixture(scope="session")
def reads(undisturbed):
    """Return the artifacts that each job has read."""
    return json.loads((undisturbed / "done").read_text())


@pytest.fixture
def sandbox(undisturbed, tmp_path):
    """Enter a copy of the experiment whose files are links to the undisturbed ones.

    Logs are left out: they are written in place, so a job would change those of the undisturbed experiment.
    """
    link_tree(undisturbed, tmp_path)
    shutil.rmtree(tmp_path / "logs")
    with chdir(tmp_path), obeyed_permissions():
        yield tmp_path


@pytest.fixture
def empty(tmp_path):
    """Enter an empty folder."""
    with chdir(tmp_path), obeyed_permissions():
        yield tmp_path


@pytest.fixture
def expect(request):
    """Return a function that injects a fault, counts what is seen, and compares it with what is expected."""

    def check(fault):
        undisturbed = request.getfixturevalue("undisturbed") if fault.expected == "same" or fault.again else None
        seen = classify(fault, undisturbed)
        request.node.user_properties.append(("fault", (fault.group, seen.outcome, fault.name)))
        assert seen.outcome == fault.expected, f"{OUTCOMES[seen.outcome]}; expected {fault.words}:\n{seen.said}"

    return check


def pytest_terminal_summary(terminalreporter):
    """Print how many faults of each group had which outcome."""
    reports = [report for kind in ("passed", "failed") for report in terminalreporter.stats.get(kind, [])]
    faults = [tuple(value) for report in reports for name, value in report.user_properties if name == "fault"]
    if not faults:
        return
    counts = Counter((group, outcome) for group, outcome, _ in faults)
    terminalreporter.section("faults")
    lines = [["", *OUTCOMES, "all"]]
    for group in [*dict.fromkeys(group for group, _, _ in faults), "all groups"]:
        row = [
            sum(n for (g, o), n in counts.items() if o == outcome and group in (g, "all groups"))
            for outcome in OUTCOMES
        ]
        lines.append([group, *map(str, row), str(sum(row))])
    for line in lines:
        terminalreporter.write_line(f"{line[0]:24}" + "".join(f"{value:>9}" for value in line[1:]))
    terminalreporter.write_line(f"{time.monotonic() - STARTED:.0f} s")
