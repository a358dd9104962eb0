"""How an experiment was made: versions, hardware and commit."""

import platform
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from tagasc import __version__
from tagasc.artifacts.history import CELL_HISTORY, read_history

_PACKAGES = ("snakemake", "torch", "torchaudio", "numpy", "scipy", "scikit-learn", "pandas", "matplotlib")
_SECONDS = 60
_NO_REPOSITORY = "not a git repository"


def versions() -> dict[str, str]:
    """Return the versions of Python, tagasc and the packages that numbers depend on, by name."""
    return {"Python": platform.python_version(), "tagasc": __version__} | {name: _version(name) for name in _PACKAGES}


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def count_devices(history_paths: Iterable[Path]) -> dict[str, int]:
    """Return the number of trainings on each device and in each precision, most frequent first.

    A training that was continued on another device names both.

    Raises
    ------
    InputError
        If a history is missing, damaged or foreign.
    """
    devices = (
        dict.fromkeys(
            ", ".join([row.get("device", "a device that is not recorded"), *filter(None, [row.get("precision")])])
            for row in read_history(CELL_HISTORY, path)
        )
        for path in history_paths
    )
    return dict(Counter(", then ".join(of_training) for of_training in devices).most_common())


def commit(folder: Path) -> str:
    """Return the commit of the workflow in a folder, and whether its files have changed since.

    Parameters
    ----------
    folder
        The folder of the workflow.

    Returns
    -------
    str
        A commit, or why there is none.
    """
    git = shutil.which("git")
    if git is None:
        return "git is not installed"
    if not folder.is_dir():
        return _NO_REPOSITORY
    # An installed copy can lie within the repository of something else.
    if not _run(git, folder, "ls-files", "--", "."):
        return _NO_REPOSITORY
    head = _run(git, folder, "rev-parse", "HEAD")
    changed = _run(git, folder, "status", "--porcelain", "--untracked-files=no")
    return (head or "no commit yet") + (", with uncommitted changes" if changed else "")


def _run(git: str, folder: Path, *arguments: str) -> str:
    """Return what git prints; nothing if it fails, as it does outside a repository."""
    command = [git, "-C", str(folder), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=False)  # noqa: S603
    return done.stdout.strip() if done.returncode == 0 else ""
