"""The GPUs that this process may use, by names that are the same in all processes of the machine."""

import os
import re
import shutil
import subprocess
import sys
from ctypes import CDLL
from pathlib import Path
from typing import NamedTuple

DRIVER = Path("/proc/driver/nvidia/version")
"""Exists where NVIDIA's driver is loaded."""

_SECONDS = 120
_LINE = re.compile(r"^ *(?P<kind>GPU|MIG) (?P<model>.+?) *\(UUID: (?P<uuid>\S+)\)$", re.MULTILINE)
_UUID = re.compile(r"(GPU|MIG)-[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}")
_ASK_TORCH = """
import torch
for number in range(torch.cuda.device_count()):
    print(f"GPU-{torch.cuda.get_device_properties(number).uuid}")
"""
_HIDDEN = ("", "-1", "NoDevFiles")
"""Values of ``CUDA_VISIBLE_DEVICES`` that hide all GPUs from CUDA."""


class Gpu(NamedTuple):
    """A GPU, or one of its instances (MIG).

    Parameters
    ----------
    name
        What ``CUDA_VISIBLE_DEVICES`` has to be for this GPU alone: its UUID, or its number if the UUID is unknown.
    unique
        Whether all processes of the machine know it by this name.
    """

    name: str
    unique: bool


class _Listed(NamedTuple):
    """A GPU as ``nvidia-smi -L`` lists it, with the UUIDs of its MIG instances."""

    model: str
    uuid: str
    instances: list[str]

    @property
    def names(self) -> list[str]:
        """UUIDs of what a process can hold of it."""
        return self.instances or [self.uuid]


def visible_gpus() -> list[Gpu]:
    """Return the GPUs that ``CUDA_VISIBLE_DEVICES`` names, or all GPUs if it is not set. CUDA is not initialised.

    Processes number GPUs differently: in a container, in a SLURM job, or with another ``CUDA_DEVICE_ORDER``. So each
    number is replaced by a UUID, and a GPU in MIG mode by those of its instances. A number that has no UUID is kept.
    """
    value = os.environ.get("CUDA_VISIBLE_DEVICES")
    entries = None if value is None else [entry.strip() for entry in value.split(",")]
    if entries is not None and entries[0] in _HIDDEN:
        return []
    listed = _ask_nvidia_smi()
    numbers = entries is None or any(entry.isdigit() for entry in entries)
    if numbers and not _in_order_of_cuda(listed) and (uuids := _ask_torch()):
        return [Gpu(uuid, unique=True) for uuid in uuids]
    if entries is None:
        return [Gpu(name, unique=True) for gpu in listed for name in gpu.names]
    if not listed:
        return [Gpu(entry, unique=bool(_UUID.fullmatch(entry))) for entry in dict.fromkeys(entries) if entry]
    found: list[str] = []
    for entry in entries:
        if not (names := _resolve(entry, listed)):
            break  # CUDA ignores what follows an entry that names no GPU
        found += names
    return [Gpu(name, unique=True) for name in dict.fromkeys(found)] or [Gpu(entries[0], unique=False)]


def _in_order_of_cuda(listed: list[_Listed]) -> bool:
    """Return whether CUDA numbers the GPUs as they are listed, by bus; unless told to, it puts fast models first."""
    one_model = len({gpu.model for gpu in listed}) == 1  # and not 0: then nothing is known
    in_parts = any(gpu.instances for gpu in listed)  # torch would see one part only
    return one_model or in_parts or (bool(listed) and os.environ.get("CUDA_DEVICE_ORDER") == "PCI_BUS_ID")


def _resolve(entry: str, listed: list[_Listed]) -> list[str]:
    """Return the UUIDs that an entry names: a number, or a UUID or its beginning."""
    if entry.isdigit():
        return listed[int(entry)].names if int(entry) < len(listed) else []
    return [
        name for gpu in listed for name in gpu.names if entry and (gpu.uuid.startswith(entry) or name.startswith(entry))
    ]


def _ask_nvidia_smi() -> list[_Listed]:
    """Return the GPUs that ``nvidia-smi -L`` lists, by bus; none if it fails."""
    program = shutil.which("nvidia-smi")
    listed: list[_Listed] = []
    for line in _LINE.finditer(_run(program, "-L") if program else ""):
        if line["kind"] == "MIG":
            listed[-1].instances.append(line["uuid"])
        else:
            listed.append(_Listed(line["model"].partition(": ")[2], line["uuid"], []))
    return listed


def _ask_torch() -> list[str]:
    """Return the UUIDs of the GPUs that torch sees, from another process, because asking initialises CUDA."""
    try:
        CDLL("libcuda.so.1")
    except OSError:  # without it torch sees none, and starting torch takes seconds
        return []
    return _run(sys.executable, "-c", _ASK_TORCH).split()


def _run(*command: str) -> str:
    """Return what a command prints; nothing if it fails."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=False)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout if done.returncode == 0 else ""
