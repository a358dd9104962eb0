"""Commands that are mistyped or killed: one line, and the next command goes on."""

import os
import signal
import subprocess
import time
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest

from tests.faults.commands import KEYS, PACKED, SNAKEMAKE, pack, snakemake, tagasc, write_keys
from tests.faults.fault import Fault, params, run_frame
from tests.faults.job import ROOT
from tests.faults.tree import same_files

GROUP = "commands and disks"

pytestmark = [pytest.mark.slow, pytest.mark.workflow, pytest.mark.usefixtures("empty")]


def without_slurm() -> None:
    """Use the profile of a cluster where SLURM has no programs."""
    Path("bin").mkdir()
    for folder in os.environ["PATH"].split(os.pathsep):
        for program in Path(folder).glob("*"):
            if not program.name.startswith(("sbatch", "squeue", "sacct", "sinfo", "scancel", "srun")):
                with suppress(FileExistsError):
                    Path("bin", program.name).symlink_to(program)
    snakemake("--profile", str(ROOT / "slurm"), PATH=str(Path("bin").absolute()))


def kill_run(number: signal.Signals) -> None:
    """Kill the main process of a run while a job runs, and then the job."""
    write_keys()
    command = [*SNAKEMAKE, "-c1", "pack_scenes", "--configfile", str(KEYS)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    log = Path("results/corpora/demo-scenes/logs/make_demo_scenes.log")
    while not log.exists() and process.poll() is None:
        time.sleep(0.05)
    process.send_signal(number)
    assert process.wait() != 0
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


MISTYPED = {
    "a typo in a target": (("-n", "tabel3"), "tabel3", "table3"),
    "a typo in a file": (("-n", "results/x.csv"), "results/x.csv"),
    "a typo after --until": (("-n", "--until", "tabel3"), "tabel3", "table3"),
    "-c 0": (("-c", "0", "table3"), "cores", "0"),
    "-j 0": (("-j", "0", "table3"), "jobs", "0"),
    "--report before a run": (("--report", "x.html"), "report"),
}
"""Arguments of snakemake, and what the line must say."""
KEY_FILES = {
    "a repeated key": ("name: a\nname: b\n", "tiny.yaml", "line 2"),
    "an unknown key": ("sedes: [0]\n", "seeds"),
    "Python code in a file of keys": ("__use_yte__: true\nname: ?open('x', 'w').name\n", "__use_yte__"),
}
"""What a file of keys holds, and what the line must say."""
NEVER_REACHED = {
    "a target after --config": (write_keys, partial(snakemake, "-n", "--config", "name=x", "table3")),
    "a target after --configfile": (
        write_keys,
        partial(snakemake, "-n", "--configfile", str(KEYS), "table3", keys=False),
    ),
    "a malformed file of keys": (partial(KEYS.write_text, "name: [\n"), partial(snakemake, "-n")),
    "a file of keys with one word": (partial(KEYS.write_text, "seeds\n"), partial(snakemake, "-n")),
    "a file of keys in another encoding": (partial(KEYS.write_bytes, b"name: \xe9\n"), partial(snakemake, "-n")),
    "a missing file of keys": (lambda: None, partial(snakemake, "-n")),
}
"""Snakemake ends before it reads the Snakefile. The page docs/troubleshooting.md says what to type."""


def faults():
    for name, (arguments, *words) in MISTYPED.items():
        yield Fault(name, GROUP, write_keys, partial(snakemake, *arguments), words=tuple(words))
    for name, (text, *words) in KEY_FILES.items():
        yield Fault(name, GROUP, partial(KEYS.write_text, text), partial(snakemake, "-n"), words=tuple(words))
    for name, (inject, act) in NEVER_REACHED.items():
        yield Fault(name, GROUP, inject, act, "poor")
    yield Fault("--profile slurm without SLURM", GROUP, write_keys, without_slurm, words=("SLURM",))
    for name, words in (("verify", ("tiny",)), ("plan", ("Snakefile",))):
        yield Fault(f"tagasc {name} in an empty folder", GROUP, write_keys, partial(tagasc, name, "tiny"), words=words)
    for number in (signal.SIGKILL, signal.SIGHUP, signal.SIGTERM):
        inject = partial(kill_run, number)
        yield Fault(f"a run ends by {number.name}", GROUP, inject, pack, "same", (), partial(same_files, paths=PACKED))


@pytest.mark.parametrize("fault", params(faults()))
def test_a_command_ends_in_one_line_or_goes_on(expect, fault):
    expect(fault)


def test_a_closed_pipe_ends_quietly():
    reader, writer = os.pipe()
    os.close(reader)
    status, said = run_frame(partial(tagasc, "config", stdout=writer))
    os.close(writer)
    assert isinstance(status, int)
    assert not said.strip()
