import sys

import pytest

from tagasc.runtime import visible_gpus
from tagasc.runtime.visible_gpus import Gpu
from tagasc.runtime.visible_gpus import visible_gpus as find

A, B, C = "GPU-8f2e0c6b-0f36-9a44", "GPU-11d4e5a7-5f0c-2c7e", "GPU-11d4ffff-0000-0000"
M, N = "MIG-c6d4f1ef-42e4-5de3", "MIG-cba663e8-9bed-5b25"
SAME = f"GPU 0: NVIDIA A100-SXM4-40GB (UUID: {A})\nGPU 1: NVIDIA A100-SXM4-40GB (UUID: {B})\n"
MIXED = f"GPU 0: NVIDIA T400 4GB (UUID: {A})\nGPU 1: NVIDIA A100-SXM4-40GB (UUID: {B})\n"
PARTS = (
    f"GPU 0: NVIDIA A100-SXM4-40GB (UUID: {A})\n"
    f"  MIG 3g.20gb     Device  0: (UUID: {M})\n"
    f"  MIG 1c.3g.20gb  Device  1: (UUID: {N})\n"
    f"GPU 1: NVIDIA A100-SXM4-40GB (UUID: {B})\n"
)
OLDER = f"GPU 0: A100-SXM4-40GB (UUID: {A})\n  MIG 3g.20gb Device 0: (UUID: MIG-{A}/1/0)\n"


@pytest.fixture
def machine(monkeypatch):
    """Make up the answers of nvidia-smi and of torch, and the environment; return the GPUs found."""

    def look(listed, visible=None, torch=(), order=None):
        for name, value in (("CUDA_VISIBLE_DEVICES", visible), ("CUDA_DEVICE_ORDER", order)):
            if value is None:
                monkeypatch.delenv(name, raising=False)
            else:
                monkeypatch.setenv(name, value)
        monkeypatch.setattr("shutil.which", lambda _: "/bin/nvidia-smi" if listed else None)
        monkeypatch.setattr(visible_gpus, "_run", lambda *_: listed)
        monkeypatch.setattr(visible_gpus, "_ask_torch", lambda: list(torch))
        return find()

    return look


@pytest.mark.parametrize(
    ("listed", "visible", "expected"),
    [
        (SAME, None, [A, B]),
        (SAME, "1,0", [B, A]),
        (SAME, " 1 , 1", [B]),
        (SAME, "0,-1,1", [A]),  # CUDA stops at what names no GPU
        (SAME, "GPU-11", [B]),
        (SAME, "1,9,0", [B]),
        (PARTS, None, [M, N, B]),
        (PARTS, "0", [M, N]),
        (PARTS, f"{N},1", [N, B]),
        (PARTS, A, [M, N]),
        (OLDER, "0", [f"MIG-{A}/1/0"]),
        (MIXED, B, [B]),
    ],
)
def test_what_cuda_may_see_is_named_by_uuids(listed, visible, expected, machine):
    assert machine(listed, visible, torch=["GPU-never-asked"]) == [Gpu(name, unique=True) for name in expected]


@pytest.mark.parametrize("hidden", ["", " ", "-1", "-1,0", "NoDevFiles"])
def test_hidden_gpus_are_none(hidden, machine):
    assert machine(SAME, hidden) == []


def test_cuda_numbers_the_fastest_model_first_unless_it_is_told_to_number_by_bus(machine):
    assert machine(MIXED, "0", torch=[B]) == [Gpu(B, unique=True)]
    assert machine(MIXED, None, torch=[B, A]) == [Gpu(B, unique=True), Gpu(A, unique=True)]
    assert machine(MIXED, "0", torch=[B], order="PCI_BUS_ID") == [Gpu(A, unique=True)]


def test_torch_is_asked_where_nvidia_smi_is_missing(machine):
    assert machine("", "3", torch=[C]) == [Gpu(C, unique=True)]
    assert machine("", None, torch=[C]) == [Gpu(C, unique=True)]
    assert machine("", "0", torch=[C], order="PCI_BUS_ID") == [Gpu(C, unique=True)]


def test_without_any_answer_the_numbers_stay(machine):
    assert machine("", "3,GPU-8f,3") == [Gpu("3", unique=False), Gpu("GPU-8f", unique=False)]
    assert machine("", None) == []


def test_a_whole_uuid_needs_no_answer(machine):
    uuid = "MIG-c6d4f1ef-42e4-5de3-91c7-45d71c87eb3f"
    assert machine("", uuid, torch=["GPU-never-asked"]) == [Gpu(uuid, unique=True)]
    assert machine("", uuid[:-1]) == [Gpu(uuid[:-1], unique=False)]


def test_a_number_that_no_gpu_has_stays(machine):
    assert machine(SAME, "7") == [Gpu("7", unique=False)]


def test_a_command_that_fails_says_nothing(monkeypatch):
    run = visible_gpus._run
    assert run(sys.executable, "-c", "print('a b')") == "a b\n"
    assert run(sys.executable, "-c", "print('a b'); raise SystemExit(9)") == ""
    assert run("/no/such/program") == ""
    monkeypatch.setattr(visible_gpus, "_SECONDS", 0.2)
    assert run(sys.executable, "-c", "import time; print('a b', flush=True); time.sleep(60)") == ""
