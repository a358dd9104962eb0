"""What make does in a clone that has been moved."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize(
    ("recorded", "installs"), [("{folder}", False), ("", False), ("/another/folder", True), ("/with a/space", True)]
)
def test_a_moved_clone_is_installed_again(tmp_path, recorded, installs):
    shutil.copy(ROOT / "Makefile", tmp_path)
    for name in ("requirements.lock", "pyproject.toml"):
        (tmp_path / name).touch()
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv/.installed").write_text(recorded.format(folder=tmp_path))
    command = ["make", "--dry-run", "install"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert ("venv --clear .venv" in done.stdout) == installs
    assert (f"This clone was in {recorded} before" in done.stdout) == installs
