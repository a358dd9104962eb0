"""Where figures go: to the terminal and, on request, as a dated line with the hardware into RECORD.md."""

import argparse
import os
import platform
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import torch

RECORD = Path(__file__).with_name("RECORD.md")
END_OF_FIGURES = "\n## What did not help"


def arguments(description: str | None) -> argparse.ArgumentParser:
    """Return a parser of what every benchmark understands."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--record", action="store_true", help="append the figures to benchmarks/RECORD.md")
    parser.add_argument("--threads", type=int, default=len(cores()), help="CPU threads (default: all cores)")
    return parser


def cores() -> list[int]:
    """Return the cores that this process may use."""
    return sorted(os.sched_getaffinity(0))


def device() -> torch.device:
    """Return the GPU if there is one."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def machine() -> str:
    """Describe hardware and versions in a line."""
    if torch.cuda.is_available():
        hardware = torch.cuda.get_device_name()
    else:
        capability = torch.backends.cpu.get_cpu_capability()
        hardware = f"{len(cores())} cores of {_processor()}, {capability}"
    return f"{hardware}; Python {platform.python_version()}, torch {torch.__version__}"


def report(benchmark: str, figures: str, *, record: bool) -> None:
    """Print figures and, if wanted, put them at the end of the record's figures."""
    print(f"{benchmark}: {figures}", flush=True)
    if not record:
        return
    commit = subprocess.run(
        ["git", "describe", "--always", "--dirty"],  # noqa: S607 - whichever git there is
        capture_output=True,
        text=True,
        check=False,
    ).stdout.strip()
    row = f"| {datetime.now(UTC):%Y-%m-%d} | {benchmark} | {figures} | {machine()} | {commit or 'no commit'} |"
    text = RECORD.read_text()
    before, after = text.split(END_OF_FIGURES)
    RECORD.write_text(f"{before.rstrip()}\n{row}\n{END_OF_FIGURES}{after}")


def _processor() -> str:
    """Return the processor's name as Linux gives it."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.machine()
    return next((line.partition(": ")[2] for line in lines if line.startswith("model name")), platform.machine())
