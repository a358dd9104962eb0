import os
import subprocess
import sys
from pathlib import Path

import pytest

from tagasc.runtime import gpu
from tagasc.runtime.errors import InputError

HOLD = """
import sys
from tagasc.runtime.gpu import claim_gpu
print(claim_gpu(int(sys.argv[1])), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def hold(tmp_path):
    """Start a process that claims a GPU, prints it, and holds it until its input is closed."""
    started = []

    def start(count=0, **environment):
        given = {
            name: value for name, value in os.environ.items() if name not in ("CUDA_VISIBLE_DEVICES", "SLURM_JOB_ID")
        }
        process = subprocess.Popen(
            [sys.executable, "-c", HOLD, str(count)],
            env=given | {"TMPDIR": str(tmp_path)} | environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        with process:
            process.kill()


def test_jobs_hold_different_gpus_and_the_next_one_waits_for_the_first_that_ends(hold):
    first, second = hold(2), hold(2)
    assert {first.stdout.readline(), second.stdout.readline()} == {"0\n", "1\n"}
    third = hold(2)
    assert third.stderr.readline().startswith("waiting for a GPU: other jobs hold all of 0, 1 ")
    second.kill()  # a killed process releases its GPU, too
    left = third.stdout.readline()
    fourth = hold(2)
    first.stdin.close()
    assert {left, fourth.stdout.readline()} == {"0\n", "1\n"}


def test_only_visible_gpus_are_taken(hold):
    names = ["5", "GPU-8f2e"]
    taken = {hold(8, CUDA_VISIBLE_DEVICES="5, GPU-8f2e").stdout.readline().strip() for _ in range(2)}
    assert taken == set(names)


@pytest.mark.parametrize("hidden", ["", "-1", "NoDevFiles"])
def test_hidden_gpus_are_not_taken(hold, hidden):
    assert hold(8, CUDA_VISIBLE_DEVICES=hidden).stdout.readline() == "None\n"


def test_a_machine_without_gpus(hold):
    assert hold(0).stdout.readline() == "None\n"


def test_slurm_jobs_number_their_gpus_on_their_own(hold):
    for job in ("11", "12"):
        assert hold(CUDA_VISIBLE_DEVICES="0", SLURM_JOB_ID=job).stdout.readline() == "0\n"
    both = {hold(CUDA_VISIBLE_DEVICES="0,1", SLURM_JOB_ID="13").stdout.readline() for _ in range(2)}
    assert both == {"0\n", "1\n"}  # two of a group in one SLURM job


def test_a_claim_is_kept(monkeypatch, tmp_path):
    monkeypatch.setattr(gpu, "_held", [])
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path))
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "2,3")
    assert gpu.claim_gpu(0) == gpu.claim_gpu(0) == "2"
    gpu._held[0].release()


def test_a_lock_folder_of_another_user(monkeypatch, tmp_path):
    monkeypatch.setattr(gpu, "_held", [])
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path))
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0")
    monkeypatch.setattr("os.getuid", lambda: Path(tmp_path).stat().st_uid + 1)
    with pytest.raises(InputError, match="belongs to another user; ask its owner"):
        gpu.claim_gpu(0)
