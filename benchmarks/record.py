"""Results go to the terminal and, on request, into RECORD.md: one dated line with the hardware."""

import argparse
import os
import platform
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

RECORD = Path(__file__).with_name("RECORD.md")
END_OF_RESULTS = "\n## What did not help"


def arguments(description: str | None) -> argparse.ArgumentParser:
    """Return a parser of the options that all benchmarks have."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--record", action="store_true", help="append the results to benchmarks/RECORD.md")
    parser.add_argument("--threads", type=int, default=len(cores()), help="CPU threads (default: all cores)")
    return parser


def cores() -> list[int]:
    """Return the cores that this process may use."""
    return sorted(os.sched_getaffinity(0))


def device() -> "torch.device":
    """Return the GPU if there is one, otherwise the CPU."""
    import torch  # noqa: PLC0415 - some tasks of the memory benchmark do without torch

    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def machine() -> str:
    """Return hardware and versions in one line."""
    import torch  # noqa: PLC0415

    from tagasc.runtime.precision import multiplies_in_bfloat16  # noqa: PLC0415

    if torch.cuda.is_available():
        hardware = torch.cuda.get_device_name()
    else:
        capability = torch.backends.cpu.get_cpu_capability()
        products = "with" if multiplies_in_bfloat16(torch.device("cpu")) else "without"
        hardware = f"{len(cores())} cores of {_processor()}, {capability} {products} products in bfloat16"
    return f"{hardware}; Python {platform.python_version()}, torch {torch.__version__}"


def report(benchmark: str, results: str, *, record: bool) -> None:
    """Print results and, if wanted, append them to the results in the record."""
    print(f"{benchmark}: {results}", flush=True)
    if record:
        record_result(benchmark, results)


def record_result(benchmark: str, results: str) -> None:
    """Append results to those in the record."""
    row = f"| {datetime.now(UTC):%Y-%m-%d} | {benchmark} | {results} | {machine()} | {_commit()} |"
    text = RECORD.read_text()
    before, after = text.split(END_OF_RESULTS)
    RECORD.write_text(f"{before.rstrip()}\n{row}\n{END_OF_RESULTS}{after}")


def _commit() -> str:
    """Return the commit, with a + if the measured code has changed since."""
    git = ["git", "-C", str(RECORD.parent)]
    found = subprocess.run([*git, "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)  # noqa: S603
    changed = subprocess.run([*git, "diff", "--quiet", "HEAD", "--", "../src", "../workflow"], check=False).returncode  # noqa: S603
    return f"{found.stdout.strip() or 'none'}{'+' if changed else ''}"


def _processor() -> str:
    """Return the processor's name as Linux reports it."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.machine()
    return next((line.partition(": ")[2] for line in lines if line.startswith("model name")), platform.machine())
