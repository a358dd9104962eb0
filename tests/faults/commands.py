"""Commands as a user types them, in the current folder."""

import os
import subprocess
import sys
from pathlib import Path

import yaml

from tests.faults.damage import obey_permissions
from tests.faults.experiment import TINY
from tests.faults.job import ROOT

KEYS = Path("tiny.yaml")
PACKED = ["results/corpora/demo-scenes/clips.csv", "results/corpora/demo-scenes/waveforms.npy"]
"""What `pack` writes."""
SNAKEMAKE = [sys.executable, "-m", "snakemake", "-s", str(ROOT / "Snakefile"), "--nocolor"]


def write_keys(**changes: object) -> None:
    """Write the tiny experiment into a file of keys."""
    KEYS.write_text(yaml.safe_dump(TINY | changes))


def snakemake(*arguments: str, keys: bool = True, **environment: str) -> None:
    """Run snakemake with the file of keys."""
    given = ["--configfile", str(KEYS)] if keys else []
    _finish([*SNAKEMAKE, *arguments, *given], env=os.environ | environment, preexec_fn=obey_permissions)


def pack(**environment: str) -> None:
    """Synthesise and pack the scenes."""
    snakemake("-c1", "pack_scenes", **environment)


def tagasc(*arguments: str, stdout: object = subprocess.PIPE) -> None:
    """Run a command of the package."""
    _finish([sys.executable, "-m", "tagasc", *arguments], stdout=stdout)


def _finish(command: list[str], **keys: object) -> None:
    """Run a program, show what it says, and end as it ends."""
    keys = {"stdout": subprocess.PIPE} | keys
    process = subprocess.run(command, stderr=subprocess.PIPE, text=True, check=False, timeout=300, **keys)
    print(process.stdout or "", process.stderr, sep="\n")
    sys.exit(process.returncode)
