import os
import subprocess
import sys
from pathlib import Path

import pytest

from tagasc.runtime import gpu
from tagasc.runtime.errors import InputError

HOLD = """
import sys
from tagasc.runtime import visible_gpus
visible_gpus._ask_torch = list
from tagasc.runtime.gpu import claim_gpu
print(claim_gpu(), flush=True)
assert "torch" not in sys.modules
sys.stdin.read()
"""
A, B = "GPU-8f2e0c6b-0f36-9a44-3a0b-6a2a2f5b7a01", "GPU-11d4e5a7-5f0c-2c7e-9d5e-0e4b1c9d2b02"
TWO = f"GPU 0: NVIDIA Example (UUID: {A})\nGPU 1: NVIDIA Example (UUID: {B})\n"


@pytest.fixture
def hold(tmp_path):
    """Start a process that claims a GPU, prints it, and holds it until its input is closed.

    Its nvidia-smi lists these GPUs; without them, it fails.
    """
    started = []

    def start(listed="", **environment):
        folder = tmp_path / f"bin{len(started)}"
        folder.mkdir()
        program = folder / "nvidia-smi"
        program.write_text(f"#!/bin/sh\n[ $1 = -L ] || exit 2\nprintf '{listed}'\n{'' if listed else 'exit 9'}\n")
        program.chmod(0o755)
        given = {
            name: value for name, value in os.environ.items() if name not in ("CUDA_VISIBLE_DEVICES", "SLURM_JOB_ID")
        }
        process = subprocess.Popen(
            [sys.executable, "-c", HOLD],
            env=given | {"TMPDIR": str(tmp_path), "PATH": f"{folder}:{os.environ['PATH']}"} | environment,
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
    first, second = hold(TWO), hold(TWO)
    assert {first.stdout.readline(), second.stdout.readline()} == {f"{A}\n", f"{B}\n"}
    third = hold(TWO)
    assert third.stderr.readline().startswith(f"waiting for a GPU: other jobs hold all of {A}, {B} ")
    second.kill()  # a killed process releases its GPU, too
    left = third.stdout.readline()
    fourth = hold(TWO)
    first.stdin.close()
    assert {left, fourth.stdout.readline()} == {f"{A}\n", f"{B}\n"}


def test_jobs_that_number_the_gpus_differently_do_not_take_the_same_one(hold):
    """The second one is in a container, in which the second GPU is number 0; the third is another SLURM job."""
    taken = [
        hold(TWO, CUDA_VISIBLE_DEVICES="1").stdout.readline(),
        hold(TWO.replace("GPU 0", "GPU 2").replace("GPU 1", "GPU 0")).stdout.readline(),
    ]
    assert taken == [f"{B}\n", f"{A}\n"]
    third = hold(f"GPU 0: NVIDIA Example (UUID: {B})\n", CUDA_VISIBLE_DEVICES="0", SLURM_JOB_ID="12")
    assert third.stderr.readline().startswith(f"waiting for a GPU: other jobs hold all of {B} ")


@pytest.mark.parametrize("hidden", ["", "-1", "NoDevFiles"])
def test_hidden_gpus_are_not_taken(hold, hidden):
    assert hold(TWO, CUDA_VISIBLE_DEVICES=hidden).stdout.readline() == "None\n"


def test_a_machine_without_gpus(hold):
    assert hold().stdout.readline() == "None\n"


def test_numbers_without_uuids_are_taken_as_they_are(hold):
    taken = {hold(CUDA_VISIBLE_DEVICES="5, GPU-8f2e").stdout.readline() for _ in range(2)}
    assert taken == {"5\n", "GPU-8f2e\n"}


def test_numbers_without_uuids_belong_to_a_slurm_job(hold):
    for job in ("11", "12"):
        assert hold(CUDA_VISIBLE_DEVICES="0", SLURM_JOB_ID=job).stdout.readline() == "0\n"
    both = {hold(CUDA_VISIBLE_DEVICES="0,1", SLURM_JOB_ID="13").stdout.readline() for _ in range(2)}
    assert both == {"0\n", "1\n"}  # two of a group in one SLURM job


@pytest.fixture
def alone(monkeypatch, tmp_path):
    """Claim in this process, under a lock folder of its own, with numbers 2 and 3."""
    monkeypatch.setattr(gpu, "_held", [])
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path))
    monkeypatch.setattr("tagasc.runtime.visible_gpus._ask_nvidia_smi", list)
    monkeypatch.setattr("tagasc.runtime.visible_gpus._ask_torch", list)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "2,3")
    yield
    for lock in gpu._held:
        lock.release()


@pytest.mark.usefixtures("alone")
def test_a_claim_is_kept():
    assert gpu.claim_gpu() == gpu.claim_gpu() == os.environ["CUDA_VISIBLE_DEVICES"] == "2"


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize("driver", [True, False])
def test_numbers_without_uuids_are_warned_of_where_there_is_a_driver(monkeypatch, tmp_path, capsys, driver):
    (tmp_path / "driver").touch()
    monkeypatch.setattr(gpu, "DRIVER", tmp_path / ("driver" if driver else "none"))
    gpu.claim_gpu()
    warning = capsys.readouterr().err
    assert bool(warning) == driver
    page = (Path(__file__).parents[2] / "docs/troubleshooting.md").read_text(encoding="utf-8")
    assert warning.replace("2, 3", "0, 1") in page


@pytest.mark.usefixtures("alone")
def test_a_lock_folder_of_another_user(monkeypatch, tmp_path):
    monkeypatch.setattr("os.getuid", lambda: Path(tmp_path).stat().st_uid + 1)
    with pytest.raises(InputError, match="belongs to another user; ask its owner"):
        gpu.claim_gpu()
