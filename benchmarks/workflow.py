"""The workflow in benchmarks: a fresh clone of the last commit, run in the present environment."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]


@contextmanager
def fresh_clone() -> Iterator[Path]:
    """Yield a temporary clone of the last commit."""
    with tempfile.TemporaryDirectory() as clone:
        subprocess.run(["git", "clone", "--quiet", ROOT, clone], check=True)  # noqa: S603, S607 - the user's git
        yield Path(clone)


def snakemake(folder: Path, *arguments: str | Path) -> None:
    """Run Snakemake in a folder without output. If it fails, an exception is raised."""
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    command = ["snakemake", *map(str, arguments)]
    subprocess.run(command, check=True, cwd=folder, env=environment, capture_output=True)  # noqa: S603
