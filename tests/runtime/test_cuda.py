"""What a job does with a GPU before it computes; torch and the driver are made up."""

from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from tagasc.runtime import cuda, gpu, visible_gpus
from tagasc.runtime.cuda import has_code, require_code
from tagasc.runtime.device import choose_device
from tagasc.runtime.errors import InputError

TOO_OLD = (
    "The NVIDIA driver on your system is too old (found version 11040). Please update your GPU driver by downloading "
    "and installing a new version from the URL: http://www.nvidia.com/Download/index.aspx Alternatively, go to: "
    "https://pytorch.org"
)
NO_DRIVER = "Found no NVIDIA driver on your system. Please check that you have an NVIDIA GPU and installed a driver"
MISMATCH = (
    "Unexpected error from cudaGetDeviceCount(). Did you run some cuda functions before calling NumCudaDevices() that "
    "might have already set an error? Error 803: system has unsupported display driver / cuda driver combination"
)
PAGE = (Path(__file__).parents[2] / "docs/troubleshooting.md").read_text(encoding="utf-8")
VERSIONS = [
    ("NVRM version: NVIDIA UNIX x86_64 Kernel Module  470.82.01  Wed Oct 27 21:21:55 UTC 2021\n", "470.82.01"),
    ("NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  570.86.15  Release Build  (dvs)\n", "570.86.15"),
    ("something else\n", "of an unknown version"),
]
PYTORCH = ["sm_75", "sm_80", "sm_86", "sm_90", "sm_100", "sm_120", "compute_120"]


@pytest.mark.parametrize(
    ("capability", "built", "expected"),
    [
        ((8, 0), ["sm_80"], True),
        ((8, 9), ["sm_80", "sm_90"], True),
        ((8, 0), ["sm_86"], False),
        ((9, 0), ["sm_80"], False),
        ((7, 0), ["compute_75"], False),
        ((7, 5), ["compute_75"], True),
        ((12, 0), ["compute_75"], True),
        ((9, 0), ["sm_90a"], True),
        ((9, 1), ["sm_90a"], False),
        ((10, 0), ["compute_90a"], False),
        ((10, 3), ["sm_100f"], True),
        ((11, 0), ["compute_100f"], False),
        ((6, 1), PYTORCH, False),
        ((7, 0), PYTORCH, False),
        ((13, 0), PYTORCH, True),
    ],
)
def test_which_gpus_run_which_code(capability, built, expected):
    assert has_code(capability, built) == expected


@pytest.fixture
def pretend(monkeypatch, tmp_path):
    """Pretend a driver of some version text, an error of torch or a GPU of some capability, and GPUs to take."""
    monkeypatch.setattr(gpu, "_held", [])
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path))
    monkeypatch.setattr("tagasc.runtime.device.keep_freed_memory", lambda: None)  # it lasts until the process ends
    monkeypatch.setattr(visible_gpus, "_ask_nvidia_smi", list)
    monkeypatch.setattr(visible_gpus, "_ask_torch", list)
    threads = torch.get_num_threads()

    def make(visible, error=None, driver=None, capability=(8, 0)):
        path = tmp_path / "driver"
        if driver is not None:
            path.write_text(driver)
        for module in (cuda, gpu, visible_gpus):
            monkeypatch.setattr(module, "DRIVER", path)
        if visible is None:
            monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
        else:
            monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
        monkeypatch.setattr("torch.cuda.is_available", lambda: error is None)
        monkeypatch.setattr("torch.cuda.get_device_name", lambda _: "NVIDIA Example")
        monkeypatch.setattr("torch.cuda.get_device_capability", lambda _: capability)
        monkeypatch.setattr("torch.cuda.get_arch_list", lambda: PYTORCH)

        def init():
            if error is not None:
                raise error

        monkeypatch.setattr("torch.cuda.init", init)

    yield make
    torch.set_num_threads(threads)
    for lock in gpu._held:
        lock.release()


def test_a_gpu_that_torch_has_code_for_is_used(pretend, capsys):
    pretend("GPU-8f2e", driver=VERSIONS[0][0])
    assert choose_device(1) == torch.device("cuda")
    assert "computing on GPU GPU-8f2e, NVIDIA Example of " in capsys.readouterr().err


def test_a_gpu_that_torch_has_no_code_for_is_refused(pretend):
    pretend("0", driver=VERSIONS[0][0], capability=(6, 1))
    message = (
        r"^NVIDIA Example: has compute capability 6\.1, and torch .+ was built for sm_75, sm_80, .+; install a torch "
        r"that was built for it, request another type of GPU \(on SLURM with constraint\), or set CUDA_VISIBLE_DEVICES="
    )
    with pytest.raises(InputError, match=message):
        choose_device(1)
    with pytest.raises(InputError, match=message):
        require_code(torch.device("cuda"))


@pytest.mark.parametrize(("text", "version"), VERSIONS)
@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (RuntimeError(TOO_OLD), r"The NVIDIA driver on your system is too old \(found version 11040\)"),
        (RuntimeError(MISMATCH), "Error 803: system has unsupported display driver / cuda driver combination"),
    ],
)
def test_a_driver_that_does_not_serve_torch_is_refused(pretend, text, version, error, reason):
    pretend("0", error, text)
    message = (
        rf"^GPU 0, which this job was given: torch .+ for CUDA .+ cannot use it with NVIDIA's driver {version} "
        rf"\({reason}\); install a newer driver, or a torch that was built for an older CUDA, or set CUDA_VIS"
    )
    with pytest.raises(InputError, match=message):
        choose_device(1)


def test_a_driver_that_is_too_old_is_refused_where_nothing_lists_the_gpus(pretend):
    pretend(None, RuntimeError(TOO_OLD))
    with pytest.raises(InputError, match=r"^the GPU of this machine: torch .+ driver of an unknown version \(The NV"):
        choose_device(1)


def test_a_number_that_no_gpu_has_is_refused(pretend):
    pretend("7", RuntimeError("No CUDA GPUs are available"), VERSIONS[0][0])
    with pytest.raises(InputError, match=r"^GPU 7, .+ \(No CUDA GPUs are available\); name a GPU that 'nvidia-smi -L'"):
        choose_device(1)


def test_a_torch_without_cuda_is_refused(pretend, monkeypatch):
    pretend("0", AssertionError("Torch not compiled with CUDA enabled"), VERSIONS[0][0])
    monkeypatch.setattr("torch.version.cuda", None)
    with pytest.raises(InputError, match=r"^GPU 0, .+: torch .+ is built without CUDA; install one with CUDA, or set "):
        choose_device(1)


@pytest.mark.parametrize(
    ("visible", "error", "driver"),
    [
        ("", RuntimeError(TOO_OLD), VERSIONS[0][0]),  # on the CPU by wish
        ("-1", RuntimeError(TOO_OLD), VERSIONS[0][0]),
        (None, RuntimeError("No CUDA GPUs are available"), VERSIONS[0][0]),  # a login node
        (None, RuntimeError(NO_DRIVER), None),
    ],
)
def test_a_job_without_a_gpu_computes_on_the_cpu_and_does_not_warn(pretend, capsys, visible, error, driver):
    pretend(visible, error, driver)
    assert choose_device(2) == torch.device("cpu")
    assert capsys.readouterr().err.startswith("computing on the CPU with 2 threads of ")


def test_a_job_with_a_gpu_on_a_machine_without_a_driver_warns(pretend, capsys):
    pretend("3", RuntimeError(NO_DRIVER))
    assert choose_device(1) == torch.device("cpu")
    warning, line = capsys.readouterr().err.splitlines()
    assert warning.startswith(
        "tagasc: warning: GPU 3, which this job was given: torch cannot use it (Found no NVIDIA driver on your "
        "system), so the job computes on the CPU of "
    )
    assert line.startswith("computing on the CPU with 1 thread of ")


@pytest.mark.parametrize(
    ("visible", "error", "driver", "version"),
    [
        ("0", RuntimeError(TOO_OLD), VERSIONS[0][0], "2.14.1+cu130"),
        ("7", RuntimeError("No CUDA GPUs are available"), VERSIONS[1][0], "2.14.1+cu130"),
        ("0", AssertionError("Torch not compiled with CUDA enabled"), VERSIONS[0][0], "2.14.1+cpu"),
        ("0", None, VERSIONS[0][0], "2.14.1+cu130"),
        ("3", RuntimeError(NO_DRIVER), None, "2.14.1+cu130"),
    ],
)
def test_the_page_about_troubleshooting_shows_these_lines(
    pretend, monkeypatch, capsys, visible, error, driver, version
):
    pretend(visible, error, driver, capability=(6, 0))
    monkeypatch.setattr("torch.__version__", version)
    monkeypatch.setattr("torch.version.cuda", "13.0" if "cu" in version else None)
    monkeypatch.setattr("torch.cuda.get_device_name", lambda _: "Tesla P100-PCIE-16GB")
    monkeypatch.setattr("torch.cuda.get_arch_list", lambda: PYTORCH[:-1])
    monkeypatch.setattr("os.uname", lambda: SimpleNamespace(nodename="node7"))
    try:
        choose_device(1)
    except InputError as refused:
        line = f"tagasc: error: {refused}"
    else:
        line = capsys.readouterr().err.splitlines()[0]
    assert line in PAGE.splitlines()


def test_torch_says_why_it_sees_no_gpu(monkeypatch):
    """Its messages are those of the installed version, where this machine has no driver."""
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    if not torch.cuda.is_available():
        assert cuda.why_on_the_cpu(None) in (NO_DRIVER.partition(". ")[0], "No CUDA GPUs are available")
